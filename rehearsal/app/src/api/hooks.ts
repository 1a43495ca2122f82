import {
  keepPreviousData,
  useMutation,
  type UseMutationResult,
  useQuery,
  useQueryClient,
  type UseQueryResult,
} from '@tanstack/react-query';
import { ApiError, type Query, request } from './client.ts';

/** What rows a query shows; a live message about the topic makes it ask again. */
export type Topic = 'session' | 'basics' | 'inventory' | 'sales' | 'vendors' | 'dashboards';

/** Which queries a change concerns: dashboards show a bit of everything. */
export const CONCERNS: Readonly<Record<string, readonly Topic[]>> = {
  inventory: ['inventory', 'sales', 'dashboards', 'vendors'],
  sales: ['sales', 'inventory', 'dashboards', 'basics'],
  vendors: ['vendors', 'dashboards', 'basics'],
  '*': ['basics', 'inventory', 'sales', 'vendors', 'dashboards'],
};

export interface Paged<T> {
  readonly total: number;
  readonly rows: readonly T[];
}

export function useApi<T>(topic: Topic, path: string | null, query: Query = {}): UseQueryResult<T> {
  return useQuery<T>({
    queryKey: [topic, path, query],
    queryFn: ({ signal }) => request<T>(path ?? '', { query, signal }),
    enabled: path !== null,
    placeholderData: keepPreviousData,
  });
}

export interface Change<T> {
  readonly method?: 'POST' | 'PATCH';
  readonly path: string;
  readonly body: T;
}

export function useChange<T, R = { id: string }>(topic: string): UseMutationResult<R, Error, Change<T>> {
  const client = useQueryClient();
  return useMutation<R, Error, Change<T>>({
    mutationFn: (change) => request<R>(change.path, { method: change.method ?? 'POST', body: change.body }),
    onSuccess: () => Promise.all((CONCERNS[topic] ?? []).map((one) => client.invalidateQueries({ queryKey: [one] }))),
  });
}

export function mayRetry(failures: number, error: Error): boolean {
  if (!(error instanceof ApiError)) return false;
  return (
    failures < 3 &&
    (error.status === 0 || error.status === 504 || (error.status === 503 && error.code !== 'schema_behind'))
  );
}
