import { type ReactNode, useEffect, useId, useState } from 'react';
import { useApi } from '../api/hooks.ts';
import { useLanguage } from '../i18n/context.ts';
import { Empty, Loaded } from './states.tsx';

/** One card of a dashboard: asks for its own rows, and measures how long it took to show them. */
export function Widget<T>({
  dashboard,
  id,
  title,
  width = 'single',
  children,
}: {
  dashboard: string;
  id: string;
  title: string;
  width?: 'single' | 'double' | 'wide';
  children: (rows: readonly T[]) => ReactNode;
}) {
  const heading = useId();
  const [mounted] = useState(() => performance.now());
  const query = useApi<readonly T[]>('dashboards', `/dashboards/${dashboard}/${id}`);
  const state = query.data !== undefined ? 'ready' : query.error ? 'error' : 'loading';
  useEffect(() => {
    if (state === 'ready') performance.measure(`widget:${id}`, { start: mounted, end: performance.now() });
  }, [state, id, mounted]);
  return (
    <section className={`card widget widget-${width}`} aria-labelledby={heading} data-widget={id} data-state={state}>
      <header className="card-head">
        <h2 id={heading}>{title}</h2>
      </header>
      <Loaded query={query} height={190}>
        {(rows) => (rows.length === 0 ? <Empty /> : children(rows))}
      </Loaded>
    </section>
  );
}

/** A list of a few rows: what, a note, a figure. */
export function Rows({ rows }: { rows: readonly { key: string; title: string; note: string; figure: string }[] }) {
  const { language } = useLanguage();
  return (
    <ul className="rows" lang={language}>
      {rows.map((row) => (
        <li key={row.key}>
          <span>
            <strong>{row.title}</strong>
            <small>{row.note}</small>
          </span>
          <span className="rows-figure">{row.figure}</span>
        </li>
      ))}
    </ul>
  );
}

export function Headline({ figure, note }: { figure: string; note: string }) {
  return (
    <p className="headline">
      <strong>{figure}</strong> {note}
    </p>
  );
}
