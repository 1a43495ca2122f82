import { createContext, useContext, useSyncExternalStore } from 'react';
import { currentToken, watchToken } from './api/client.ts';
import type { LiveState } from './api/live.ts';
import type { Session } from './api/types.ts';

export interface Signed {
  readonly session: Session;
  readonly live: LiveState;
  readonly switchCompany: (id: string) => Promise<void>;
  readonly signOut: () => void;
}

export const SessionContext = createContext<Signed | null>(null);

export function useToken(): string | null {
  return useSyncExternalStore(watchToken, currentToken);
}

export function useSigned(): Signed {
  const found = useContext(SessionContext);
  if (found === null) throw new Error('useSigned needs a signed-in user');
  return found;
}

/**
 * Whether the user's role in the company offers an action. Modules without permissions of their own follow the
 * right to write. The database decides again on each request.
 */
export function offers(session: Session, permission: string): boolean {
  const module = permission.split('.')[0] ?? '';
  const named = session.permissions.some((one) => one.startsWith(`${module}.`));
  return session.can_write && (!named || session.permissions.includes(permission));
}

export function useMay(permission: string): boolean {
  return offers(useSigned().session, permission);
}
