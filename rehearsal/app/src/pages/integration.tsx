import { type KeyboardEvent, type ReactNode, useState } from 'react';
import { useApi } from '../api/hooks.ts';
import type { Health } from '../api/types.ts';
import { Page } from '../components/page.tsx';
import { Badge, Loaded } from '../components/states.tsx';
import { type Column, Table } from '../components/table.tsx';
import { Headline, Widget } from '../components/widget.tsx';
import { type MessageKey, useLanguage } from '../i18n/context.ts';

const TABS: readonly { id: string; title: MessageKey; content: () => ReactNode }[] = [
  { id: 'inventory', title: 'integration.inventory', content: () => <InventoryTab /> },
  { id: 'sales', title: 'integration.sales', content: () => <SalesTab /> },
  { id: 'customers', title: 'integration.customers', content: () => <CustomersTab /> },
  { id: 'health', title: 'integration.health', content: () => <HealthTab /> },
];

export default function Integration() {
  const { t, language } = useLanguage();
  const [active, setActive] = useState('inventory');
  const move = (event: KeyboardEvent) => {
    const forward = language === 'ar' ? 'ArrowLeft' : 'ArrowRight';
    const back = language === 'ar' ? 'ArrowRight' : 'ArrowLeft';
    const step = event.key === forward ? 1 : event.key === back ? -1 : 0;
    const next = TABS[(TABS.findIndex((tab) => tab.id === active) + step + TABS.length) % TABS.length];
    if (step === 0 || next === undefined) return;
    setActive(next.id);
    document.getElementById(`tab-${next.id}`)?.focus();
  };
  const shown = TABS.find((tab) => tab.id === active);
  return (
    <Page title={t('integration.title')} intro={t('integration.intro')}>
      <div className="tabs" role="tablist" aria-label={t('integration.title')}>
        {TABS.map((tab) => (
          <button
            key={tab.id}
            type="button"
            role="tab"
            id={`tab-${tab.id}`}
            aria-selected={tab.id === active}
            aria-controls="tab-panel"
            tabIndex={tab.id === active ? 0 : -1}
            onKeyDown={move}
            onClick={() => {
              setActive(tab.id);
            }}
          >
            {t(tab.title)}
          </button>
        ))}
      </div>
      <div role="tabpanel" id="tab-panel" aria-labelledby={`tab-${active}`} className="grid grid-wide">
        {shown?.content()}
      </div>
    </Page>
  );
}

function List<T>({
  id,
  title,
  columns,
  rowKey,
}: {
  id: string;
  title: string;
  columns: readonly Column<T>[];
  rowKey: (row: T) => string;
}) {
  return (
    <Widget<T> dashboard="integration" id={id} title={title} width="wide">
      {(rows) => <Table caption={title} rows={rows} rowKey={rowKey} columns={columns} />}
    </Widget>
  );
}

interface Stock {
  readonly item_id: string;
  readonly sku: string;
  readonly name: string;
  readonly name_ar: string | null;
  readonly quantity_on_hand: number;
  readonly quantity_reserved: number;
  readonly quantity_available: number;
  readonly stock_value: number;
  readonly warehouses_to_reorder: number;
}

function InventoryTab() {
  const { t, number, money, name } = useLanguage();
  return (
    <List<Stock>
      id="inventory"
      title={t('integration.stock')}
      rowKey={(row) => row.item_id}
      columns={[
        { title: t('column.sku'), cell: (row) => row.sku },
        { title: t('column.name'), cell: (row) => <strong>{name(row.name, row.name_ar)}</strong> },
        { title: t('column.onHand'), cell: (row) => number(row.quantity_on_hand, 3), numeric: true },
        { title: t('column.reserved'), cell: (row) => number(row.quantity_reserved, 3), numeric: true },
        { title: t('column.available'), cell: (row) => number(row.quantity_available, 3), numeric: true },
        { title: t('column.value'), cell: (row) => money(row.stock_value), numeric: true },
        {
          title: t('column.reorder'),
          cell: (row) => <Badge value={row.warehouses_to_reorder > 0 ? 'reorder' : 'enough'} />,
        },
      ]}
    />
  );
}

interface Stage {
  readonly stage: string;
  readonly currency: string;
  readonly opportunities: number;
  readonly amount: number;
  readonly weighted_amount: number;
  readonly next_close_on: string | null;
}
interface LineStock {
  readonly quote_id: string;
  readonly quote_number: string;
  readonly status: string;
  readonly line_number: number;
  readonly quantity_quoted: number;
  readonly quantity_available: number;
  readonly stock_status: string;
}

function SalesTab() {
  const { t, number, money, date } = useLanguage();
  return (
    <>
      <List<Stage>
        id="pipeline"
        title={t('analytics.pipeline')}
        rowKey={(row) => row.stage + row.currency}
        columns={[
          { title: t('column.stage'), cell: (row) => <Badge value={row.stage} /> },
          { title: t('column.count'), cell: (row) => number(row.opportunities), numeric: true },
          { title: t('column.amount'), cell: (row) => money(row.amount, row.currency), numeric: true },
          { title: t('column.weighted'), cell: (row) => money(row.weighted_amount, row.currency), numeric: true },
          { title: t('column.closes'), cell: (row) => date(row.next_close_on) },
        ]}
      />
      <List<LineStock>
        id="quote-stock"
        title={t('integration.quoteStock')}
        rowKey={(row) => `${row.quote_id}-${row.line_number}`}
        columns={[
          { title: t('column.number'), cell: (row) => <strong>{row.quote_number}</strong> },
          { title: t('column.status'), cell: (row) => <Badge value={row.status} /> },
          { title: t('column.line'), cell: (row) => number(row.line_number), numeric: true },
          { title: t('column.quantity'), cell: (row) => number(row.quantity_quoted, 3), numeric: true },
          { title: t('column.available'), cell: (row) => number(row.quantity_available, 3), numeric: true },
          { title: t('column.stock'), cell: (row) => <Badge value={row.stock_status} /> },
        ]}
      />
    </>
  );
}

interface Overview {
  readonly customer_id: string;
  readonly code: string;
  readonly name: string;
  readonly name_ar: string | null;
  readonly orders: number;
  readonly orders_amount: number;
  readonly last_ordered_at: string | null;
  readonly open_opportunities: number;
  readonly open_amount: number;
  readonly open_quotes: number;
}

function CustomersTab() {
  const { t, number, money, name, date } = useLanguage();
  return (
    <List<Overview>
      id="customers"
      title={t('integration.customers')}
      rowKey={(row) => row.customer_id}
      columns={[
        { title: t('column.code'), cell: (row) => row.code },
        { title: t('column.name'), cell: (row) => <strong>{name(row.name, row.name_ar)}</strong> },
        { title: t('column.orders'), cell: (row) => number(row.orders), numeric: true },
        { title: t('column.amount'), cell: (row) => money(row.orders_amount), numeric: true },
        { title: t('column.lastOrder'), cell: (row) => date(row.last_ordered_at) },
        { title: t('column.opportunities'), cell: (row) => number(row.open_opportunities), numeric: true },
        { title: t('column.quotes'), cell: (row) => number(row.open_quotes), numeric: true },
      ]}
    />
  );
}

interface Module {
  readonly module: string;
  readonly records: number;
  readonly last_activity_at: string | null;
}

function HealthTab() {
  const { t, number, word, date } = useLanguage();
  const health = useApi<Health>('dashboards', '/health');
  return (
    <>
      <section className="card" data-testid="health-monitor" aria-label={t('integration.monitor')}>
        <header className="card-head">
          <h2>{t('integration.monitor')}</h2>
        </header>
        <Loaded query={health} height={90}>
          {(found) => (
            <>
              <Headline
                figure={t(found.status === 'ok' ? 'integration.healthy' : 'integration.unhealthy')}
                note={t('integration.answer', { ms: number(found.database_ms, 1) })}
              />
              <p className="facts">
                <span>
                  {t('integration.schema')}: {found.schema.version ?? found.schema.release}
                </span>
                <Badge value={found.live_updates ? 'live' : 'offline'} />
              </p>
            </>
          )}
        </Loaded>
      </section>
      <List<Module>
        id="health"
        title={t('integration.modules')}
        rowKey={(row) => row.module}
        columns={[
          { title: t('column.module'), cell: (row) => <strong>{word(row.module)}</strong> },
          { title: t('column.records'), cell: (row) => number(row.records), numeric: true },
          { title: t('column.lastActivity'), cell: (row) => date(row.last_activity_at) },
          { title: t('column.status'), cell: (row) => <Badge value={row.records > 0 ? 'healthy' : 'idle'} /> },
        ]}
      />
    </>
  );
}
