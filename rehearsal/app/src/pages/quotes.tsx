import { useState } from 'react';
import { type Paged, useApi, useChange } from '../api/hooks.ts';
import type { Customer, Product, Quote, QuoteDetails } from '../api/types.ts';
import { Dialog } from '../components/dialog.tsx';
import { Choice, Field, Form } from '../components/form.tsx';
import { Page, SearchList } from '../components/page.tsx';
import { Badge, Loaded, Problem } from '../components/states.tsx';
import { Table } from '../components/table.tsx';
import { useLanguage } from '../i18n/context.ts';
import { useMay } from '../session.ts';

const LINES = [1, 2, 3] as const;

export default function Quotes() {
  const { t, money, name, date, number } = useLanguage();
  const [open, setOpen] = useState<string | null>(null);
  const mayWrite = useMay('sales.create');
  return (
    <Page
      title={t('quotes.title')}
      intro={t('quotes.intro')}
      actions={
        mayWrite ? (
          <button
            type="button"
            className="button"
            onClick={() => {
              setOpen('new');
            }}
          >
            {t('quotes.new')}
          </button>
        ) : null
      }
    >
      <SearchList<Quote> title={t('quotes.list')} topic="sales" path="/sales/quotes">
        {(rows) => {
          if (__BROKEN__) throw new Error('This release fails on purpose: the page of quotes has loaded its rows.');
          return (
            <Table
              caption={t('quotes.list')}
              rows={rows}
              rowKey={(row) => row.id}
              columns={[
                {
                  title: t('column.number'),
                  cell: (row) => (
                    <button
                      type="button"
                      className="link"
                      onClick={() => {
                        setOpen(row.id);
                      }}
                    >
                      {row.quote_number}
                    </button>
                  ),
                },
                { title: t('column.customer'), cell: (row) => name(row.customer, row.customer_ar) },
                { title: t('column.status'), cell: (row) => <Badge value={row.status} /> },
                { title: t('column.lines'), cell: (row) => number(row.lines), numeric: true },
                { title: t('column.total'), cell: (row) => money(row.total), numeric: true },
                { title: t('column.validUntil'), cell: (row) => date(row.valid_until) },
              ]}
            />
          );
        }}
      </SearchList>
      {open === 'new' ? (
        <NewQuote
          onClose={() => {
            setOpen(null);
          }}
          onCreated={setOpen}
        />
      ) : null}
      {open !== null && open !== 'new' ? (
        <QuoteDialog
          key={open}
          id={open}
          mayWrite={mayWrite}
          onClose={() => {
            setOpen(null);
          }}
        />
      ) : null}
    </Page>
  );
}

function NewQuote({ onClose, onCreated }: { onClose: () => void; onCreated: (id: string) => void }) {
  const { t, name, money } = useLanguage();
  const change = useChange('sales');
  const customers = useApi<Paged<Customer>>('basics', '/customers', { limit: 200 });
  const products = useApi<Paged<Product>>('basics', '/products', { limit: 200 });
  const options = (products.data?.rows ?? []).map((one) => ({
    value: one.id,
    label: `${one.sku} · ${name(one.name, one.name_ar)} · ${money(one.price)}`,
  }));
  return (
    <Dialog title={t('quotes.new')} onClose={onClose} wide>
      <Form
        submit={t('quotes.generate')}
        busy={change.isPending}
        error={change.error}
        onSubmit={(values) => {
          const lines = LINES.filter((line) => values[`product-${line}`]).map((line) => ({
            product_id: values[`product-${line}`],
            quantity: values[`quantity-${line}`],
          }));
          change.mutate(
            { path: '/sales/quotes', body: { customer_id: values.customer, valid_days: Number(values.days), lines } },
            {
              onSuccess: (made) => {
                onCreated(made.id);
              },
            },
          );
        }}
      >
        <Choice
          label={t('column.customer')}
          name="customer"
          required
          options={(customers.data?.rows ?? []).map((one) => ({
            value: one.id,
            label: `${one.code} · ${name(one.name, one.name_ar)}`,
          }))}
        />
        <Field label={t('field.validDays')} name="days" type="number" min="1" max="365" defaultValue="30" required />
        {LINES.map((line) => (
          <div key={line} className="form-row">
            <Choice
              label={t('field.product', { line })}
              name={`product-${line}`}
              required={line === 1}
              options={options}
            />
            <Field
              label={t('field.quantity', { line })}
              name={`quantity-${line}`}
              type="number"
              min="0.001"
              step="0.001"
              defaultValue="1"
              required
            />
          </div>
        ))}
      </Form>
    </Dialog>
  );
}

function QuoteDialog({ id, mayWrite, onClose }: { id: string; mayWrite: boolean; onClose: () => void }) {
  const { t, money, name, number, date } = useLanguage();
  const query = useApi<QuoteDetails>('sales', `/sales/quotes/${id}`);
  const reserve = useChange<Record<string, never>, { reserved_lines: readonly number[] }>('sales');
  return (
    <Dialog title={query.data?.quote_number ?? t('quotes.title')} onClose={onClose} wide>
      <Loaded query={query} height={300}>
        {(quote) => (
          <>
            <p className="facts">
              <strong>{name(quote.customer, quote.customer_ar)}</strong>
              <Badge value={quote.status} />
              <span>
                {t('column.validUntil')}: {date(quote.valid_until)}
              </span>
            </p>
            <h3>{t('quotes.stockCheck')}</h3>
            <Table
              caption={t('quotes.stockCheck')}
              rows={quote.lines}
              rowKey={(row) => String(row.line_number)}
              columns={[
                { title: t('column.description'), cell: (row) => row.description },
                { title: t('column.quantity'), cell: (row) => number(row.quantity, 3), numeric: true },
                { title: t('column.price'), cell: (row) => money(row.unit_price), numeric: true },
                { title: t('column.total'), cell: (row) => money(row.line_total), numeric: true },
                { title: t('column.available'), cell: (row) => number(row.quantity_available, 3), numeric: true },
                { title: t('column.stock'), cell: (row) => <Badge value={row.stock_status} /> },
              ]}
            />
            <p className="sum">
              <span>{t('column.total')}</span>
              <strong>{money(quote.total)}</strong>
            </p>
            <Problem error={reserve.error} />
            {reserve.isSuccess ? (
              <p role="status" className="success">
                {t('quotes.reserved', { lines: number(reserve.data.reserved_lines.length) })}
              </p>
            ) : null}
            {mayWrite && quote.lines.some((line) => line.stock_status === 'available') ? (
              <div className="form-actions">
                <button
                  type="button"
                  className="button"
                  disabled={reserve.isPending}
                  onClick={() => {
                    reserve.mutate({ path: `/sales/quotes/${id}/reservations`, body: {} });
                  }}
                >
                  {t('quotes.reserve')}
                </button>
              </div>
            ) : null}
          </>
        )}
      </Loaded>
    </Dialog>
  );
}
