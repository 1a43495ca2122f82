import { meta } from '../lib/release.ts';

const TOKEN = 'fleetify.token';

/** An answer other than success; `code` is the server's, or `offline` when there was none. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
    this.name = 'ApiError';
  }
}

interface Problem {
  error?: { code?: string; message?: string };
}

let token = sessionStorage.getItem(TOKEN);
const watchers = new Set<() => void>();

export function currentToken(): string | null {
  return token;
}

export function setToken(next: string | null): void {
  token = next;
  if (next === null) sessionStorage.removeItem(TOKEN);
  else sessionStorage.setItem(TOKEN, next);
  for (const watcher of watchers) watcher();
}

export function watchToken(watcher: () => void): () => void {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}

export type Query = Readonly<Record<string, string | number>>;

/** Asks the API; a 401 signs the user out. */
export async function request<T>(
  path: string,
  options: { method?: string; body?: unknown; query?: Query; signal?: AbortSignal } = {},
): Promise<T> {
  const response = await send(path, options);
  if (!response.ok) {
    const problem = (await response.json().catch(() => ({}))) as Problem;
    if (response.status === 401 && path !== '/auth/login') setToken(null);
    throw new ApiError(
      response.status,
      problem.error?.code ?? 'unknown',
      problem.error?.message ?? response.statusText,
    );
  }
  return (await response.json()) as T;
}

async function send(
  path: string,
  options: { method?: string; body?: unknown; query?: Query; signal?: AbortSignal },
): Promise<Response> {
  const headers = new Headers({ Accept: 'application/json' });
  if (token !== null) headers.set('Authorization', `Bearer ${token}`);
  const init: RequestInit = { method: options.method ?? 'GET', headers };
  if (options.signal) init.signal = options.signal;
  if (options.body !== undefined) {
    headers.set('Content-Type', 'application/json');
    init.body = JSON.stringify(options.body);
  }
  const query = new URLSearchParams(Object.entries(options.query ?? {}).map(([name, value]) => [name, String(value)]));
  const url = `${meta('api-base') ?? '/api'}${path}${query.size > 0 ? `?${query.toString()}` : ''}`;
  try {
    return await fetch(url, init);
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new ApiError(0, 'offline', 'offline');
  }
}
