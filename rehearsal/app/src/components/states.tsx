import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { ApiError } from '../api/client.ts';
import { type MessageKey, useLanguage } from '../i18n/context.ts';

const MESSAGES: Readonly<Record<string, MessageKey>> = {
  schema_behind: 'problem.schemaBehind',
  forbidden: 'problem.forbidden',
  duplicate: 'problem.duplicate',
  insufficient_stock: 'problem.insufficientStock',
  unknown_reference: 'problem.unknownReference',
  invalid_input: 'problem.invalid',
  unauthorized: 'problem.unauthorized',
  too_many_attempts: 'problem.tooMany',
  offline: 'problem.offline',
  busy: 'problem.busy',
  database_unavailable: 'problem.busy',
};

/** What went wrong, for people. */
export function Problem({ error }: { error: Error | null }) {
  const { t } = useLanguage();
  if (error === null) return null;
  const code = error instanceof ApiError ? error.code : 'unknown';
  return (
    <p className="problem" role="alert" data-code={code}>
      {t(MESSAGES[code] ?? 'problem.unknown')}
    </p>
  );
}

/** Rows once they are there; before that a placeholder of the same height, so that nothing jumps. */
export function Loaded<T>({
  query,
  height = 160,
  children,
}: {
  query: UseQueryResult<T>;
  height?: number;
  children: (data: T) => ReactNode;
}) {
  const { t } = useLanguage();
  if (query.data !== undefined) return children(query.data);
  if (query.error) return <Problem error={query.error} />;
  return (
    <div className="skeleton" style={{ minHeight: height }} role="status">
      <span className="hidden">{t('state.loading')}</span>
    </div>
  );
}

export function Empty() {
  const { t } = useLanguage();
  return <p className="empty">{t('state.empty')}</p>;
}

const TONES: Readonly<Record<string, string>> = {
  available: 'good',
  occupied: 'good',
  paid: 'good',
  delivered: 'good',
  won: 'good',
  accepted: 'good',
  reserved: 'good',
  healthy: 'good',
  rented: 'info',
  sent: 'info',
  proposal: 'info',
  negotiation: 'info',
  qualification: 'info',
  open: 'info',
  draft: 'plain',
  maintenance: 'warn',
  vacant: 'warn',
  not_stocked: 'plain',
  expired: 'warn',
  short: 'bad',
  lost: 'bad',
  rejected: 'bad',
  cancelled: 'bad',
};

export function Badge({ value }: { value: string | null }) {
  const { word } = useLanguage();
  return <span className={`badge badge-${TONES[value ?? ''] ?? 'plain'}`}>{word(value)}</span>;
}
