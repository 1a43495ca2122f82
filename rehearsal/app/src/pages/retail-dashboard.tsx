import type { Point } from '../api/types.ts';
import { Bars, Columns, Donut, Line } from '../components/charts.tsx';
import { Page } from '../components/page.tsx';
import { Headline, Rows, Widget } from '../components/widget.tsx';
import { useLanguage } from '../i18n/context.ts';

interface Reorder {
  readonly id: string;
  readonly sku: string;
  readonly name: string;
  readonly name_ar: string | null;
  readonly warehouse: string;
  readonly warehouse_ar: string | null;
  readonly quantity_available: number;
  readonly reorder_point: number;
  readonly reorder_quantity: number;
  readonly items: number;
}
interface Buyer {
  readonly id: string;
  readonly customer: string;
  readonly customer_ar: string | null;
  readonly orders: number;
  readonly amount: number;
  readonly last_ordered_at: string;
}

const DASHBOARD = 'retail';

export default function RetailDashboard() {
  const { t, number, money, word, month, name, date } = useLanguage();
  return (
    <Page title={t('retailDashboard.title')} intro={t('retailDashboard.intro')}>
      <div className="grid">
        <Widget<Point> dashboard={DASHBOARD} id="sales" title={t('retailDashboard.sales')}>
          {(rows) => (
            <Columns
              title={t('retailDashboard.sales')}
              data={rows.map((row) => ({ label: month(row.label), value: row.value, text: money(row.value) }))}
            />
          )}
        </Widget>
        <Widget<Point & { forecast: boolean }>
          dashboard={DASHBOARD}
          id="forecast"
          width="double"
          title={t('retailDashboard.forecast')}
        >
          {(rows) => (
            <Line
              title={t('retailDashboard.forecast')}
              data={rows.map((row) => ({
                label: month(row.label),
                value: row.value,
                text: money(row.value),
                dashed: row.forecast,
              }))}
            />
          )}
        </Widget>
        <Widget<Point & { reserved: number }>
          dashboard={DASHBOARD}
          id="stock-levels"
          title={t('retailDashboard.stock')}
        >
          {(rows) => (
            <Bars
              title={t('retailDashboard.stock')}
              data={rows.map((row) => ({
                label: name(row.label, row.label_ar),
                value: row.value,
                text: number(row.value, 3),
              }))}
            />
          )}
        </Widget>
        <Widget<Reorder> dashboard={DASHBOARD} id="reorder" title={t('retailDashboard.reorder')}>
          {(rows) => (
            <>
              <Headline figure={number(rows[0]?.items)} note={t('retailDashboard.below')} />
              <Rows
                rows={rows.map((row) => ({
                  key: `${row.id}-${row.warehouse}`,
                  title: name(row.name, row.name_ar),
                  note: `${name(row.warehouse, row.warehouse_ar)} · ${t('properties.of', { occupied: number(row.quantity_available, 3), units: number(row.reorder_point, 3) })}`,
                  figure: `+${number(row.reorder_quantity, 3)}`,
                }))}
              />
            </>
          )}
        </Widget>
        <Widget<Point> dashboard={DASHBOARD} id="top-products" title={t('retailDashboard.products')}>
          {(rows) => (
            <Bars
              title={t('retailDashboard.products')}
              data={rows.map((row) => ({
                label: name(row.label, row.label_ar),
                value: row.value,
                text: money(row.value),
              }))}
            />
          )}
        </Widget>
        <Widget<Point> dashboard={DASHBOARD} id="order-status" title={t('retailDashboard.orders')}>
          {(rows) => (
            <Donut
              title={t('retailDashboard.orders')}
              total={number(rows.reduce((sum, row) => sum + row.value, 0))}
              data={rows.map((row) => ({ label: word(row.label), value: row.value, text: number(row.value) }))}
            />
          )}
        </Widget>
        <Widget<Buyer> dashboard={DASHBOARD} id="top-customers" width="double" title={t('retailDashboard.customers')}>
          {(rows) => (
            <Rows
              rows={rows.map((row) => ({
                key: row.id,
                title: name(row.customer, row.customer_ar),
                note: t('retailDashboard.bought', { orders: number(row.orders), date: date(row.last_ordered_at) }),
                figure: money(row.amount),
              }))}
            />
          )}
        </Widget>
      </div>
    </Page>
  );
}
