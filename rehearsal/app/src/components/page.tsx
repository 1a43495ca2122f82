import { type ReactNode, useDeferredValue, useId, useState } from 'react';
import { type Topic, type Paged, useApi } from '../api/hooks.ts';
import { useLanguage } from '../i18n/context.ts';
import { Loaded } from './states.tsx';

export function Page({
  title,
  intro,
  actions,
  children,
}: {
  title: string;
  intro?: string;
  actions?: ReactNode;
  children: ReactNode;
}) {
  return (
    <>
      <header className="page-head">
        <div>
          <h1>{title}</h1>
          {intro === undefined ? null : <p>{intro}</p>}
        </div>
        {actions == null ? null : <div className="page-actions">{actions}</div>}
      </header>
      {children}
    </>
  );
}

export function Card({ title, children, actions }: { title: string; children: ReactNode; actions?: ReactNode }) {
  const heading = useId();
  return (
    <section className="card" aria-labelledby={heading}>
      <header className="card-head">
        <h2 id={heading}>{title}</h2>
        {actions}
      </header>
      {children}
    </section>
  );
}

const STEP = 25;

/** A card with a list that is searched and paged by the server. */
export function SearchList<T>({
  title,
  topic,
  path,
  actions,
  children,
}: {
  title: string;
  topic: Topic;
  path: string;
  actions?: ReactNode;
  children: (rows: readonly T[]) => ReactNode;
}) {
  const { t, number } = useLanguage();
  const [search, setSearch] = useState('');
  const [offset, setOffset] = useState(0);
  const asked = useDeferredValue(search);
  const query = useApi<Paged<T>>(topic, path, { search: asked, limit: STEP, offset });
  return (
    <Card
      title={title}
      actions={
        <div className="card-tools">
          <input
            type="search"
            className="search"
            aria-label={`${t('action.search')}: ${title}`}
            placeholder={t('action.search')}
            value={search}
            maxLength={100}
            onChange={(event) => {
              setSearch(event.target.value);
              setOffset(0);
            }}
          />
          {actions}
        </div>
      }
    >
      <Loaded query={query} height={420}>
        {(page) => (
          <>
            {children(page.rows)}
            {page.total > STEP ? (
              <nav className="pager" aria-label={`${t('pager.label')}: ${title}`}>
                <button
                  type="button"
                  className="button button-quiet"
                  disabled={offset === 0}
                  onClick={() => {
                    setOffset(Math.max(0, offset - STEP));
                  }}
                >
                  {t('pager.previous')}
                </button>
                <span>
                  {t('pager.range', {
                    first: number(page.total === 0 ? 0 : offset + 1),
                    last: number(Math.min(offset + STEP, page.total)),
                    total: number(page.total),
                  })}
                </span>
                <button
                  type="button"
                  className="button button-quiet"
                  disabled={offset + STEP >= page.total}
                  onClick={() => {
                    setOffset(offset + STEP);
                  }}
                >
                  {t('pager.next')}
                </button>
              </nav>
            ) : null}
          </>
        )}
      </Loaded>
    </Card>
  );
}
