import { useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useEffect, useMemo, useState } from 'react';
import { request, setToken } from '../api/client.ts';
import { CONCERNS, useApi } from '../api/hooks.ts';
import { listen, type LiveState } from '../api/live.ts';
import type { Session } from '../api/types.ts';
import { useLanguage } from '../i18n/context.ts';
import { SessionContext } from '../session.ts';
import { Problem } from './states.tsx';

/** Loads who is signed in and keeps their data fresh while others change it. */
export function SignedIn({ token, children }: { token: string; children: ReactNode }) {
  const { t } = useLanguage();
  const client = useQueryClient();
  const [live, setLive] = useState<LiveState>('connecting');
  const query = useApi<Session>('session', '/session');

  useEffect(
    () =>
      listen(
        token,
        (topic) => {
          for (const one of CONCERNS[topic] ?? []) void client.invalidateQueries({ queryKey: [one] });
        },
        setLive,
      ),
    [token, client],
  );

  const session = query.data;
  const value = useMemo(() => {
    if (session === undefined) return null;
    const leave = (next: string | null) => {
      // Nothing of one company may be seen in another.
      client.clear();
      setToken(next);
    };
    return {
      session,
      live,
      signOut: () => {
        leave(null);
      },
      switchCompany: async (id: string) => {
        const answer = await request<{ token: string }>('/auth/company', { method: 'POST', body: { company_id: id } });
        leave(answer.token);
      },
    };
  }, [session, live, client]);

  if (value === null) {
    return (
      <main className="starting">
        {query.error ? (
          <>
            <Problem error={query.error} />
            <button
              type="button"
              className="button"
              onClick={() => {
                setToken(null);
              }}
            >
              {t('action.signOut')}
            </button>
          </>
        ) : (
          <p role="status">{t('state.loading')}</p>
        )}
      </main>
    );
  }
  return <SessionContext value={value}>{children}</SessionContext>;
}
