import type { Point } from '../api/types.ts';
import { Bars, Columns, Donut } from '../components/charts.tsx';
import { Page } from '../components/page.tsx';
import { Headline, Rows, Widget } from '../components/widget.tsx';
import { useLanguage } from '../i18n/context.ts';

interface Overdue {
  readonly id: string;
  readonly lease_number: string;
  readonly customer: string;
  readonly customer_ar: string | null;
  readonly due_on: string;
  readonly amount: number;
  readonly payments: number;
  readonly total: number;
}
interface Vacant {
  readonly id: string;
  readonly unit_number: string;
  readonly area_sqm: number | null;
  readonly monthly_rent: number;
  readonly property: string;
  readonly property_ar: string | null;
  readonly vacant: number;
}

const DASHBOARD = 'real-estate';

export default function RealEstate() {
  const { t, number, money, percent, word, month, name, date } = useLanguage();
  return (
    <Page title={t('realEstate.title')} intro={t('realEstate.intro')}>
      <div className="grid">
        <Widget<Point> dashboard={DASHBOARD} id="occupancy" title={t('realEstate.occupancy')}>
          {(rows) => {
            const total = rows.reduce((sum, row) => sum + row.value, 0);
            const occupied = rows.find((row) => row.label === 'occupied')?.value ?? 0;
            return (
              <Donut
                title={t('realEstate.occupancy')}
                total={total > 0 ? percent((100 * occupied) / total) : '–'}
                data={rows.map((row) => ({ label: word(row.label), value: row.value, text: number(row.value) }))}
              />
            );
          }}
        </Widget>
        <Widget<Point & { due: number }>
          dashboard={DASHBOARD}
          id="rent-collection"
          width="double"
          title={t('realEstate.collection')}
        >
          {(rows) => {
            const due = rows.reduce((sum, row) => sum + row.due, 0);
            const paid = rows.reduce((sum, row) => sum + row.value, 0);
            return (
              <>
                <Headline
                  figure={due > 0 ? percent((100 * paid) / due) : '–'}
                  note={t('realEstate.collected', { paid: money(paid), due: money(due) })}
                />
                <Columns
                  title={t('realEstate.collection')}
                  data={rows.map((row) => ({
                    label: month(row.label),
                    value: row.value,
                    behind: row.due,
                    text: money(row.value),
                  }))}
                />
              </>
            );
          }}
        </Widget>
        <Widget<Overdue> dashboard={DASHBOARD} id="overdue" title={t('realEstate.overdue')}>
          {(rows) => (
            <>
              <Headline
                figure={money(rows[0]?.total)}
                note={t('realEstate.payments', { count: number(rows[0]?.payments) })}
              />
              <Rows
                rows={rows.map((row) => ({
                  key: row.id,
                  title: name(row.customer, row.customer_ar),
                  note: `${row.lease_number} · ${date(row.due_on)}`,
                  figure: money(row.amount),
                }))}
              />
            </>
          )}
        </Widget>
        <Widget<Point> dashboard={DASHBOARD} id="expiring-leases" title={t('realEstate.expiring')}>
          {(rows) => (
            <>
              <Headline figure={number(rows.reduce((sum, row) => sum + row.value, 0))} note={t('realEstate.leases')} />
              <Bars
                title={t('realEstate.expiring')}
                data={rows.map((row) => ({ label: month(row.label), value: row.value, text: number(row.value) }))}
              />
            </>
          )}
        </Widget>
        <Widget<Point> dashboard={DASHBOARD} id="income-by-property" title={t('realEstate.income')}>
          {(rows) => (
            <Bars
              title={t('realEstate.income')}
              data={rows.map((row) => ({
                label: name(row.label, row.label_ar),
                value: row.value,
                text: money(row.value),
              }))}
            />
          )}
        </Widget>
        <Widget<Vacant> dashboard={DASHBOARD} id="vacant-units" title={t('realEstate.vacant')}>
          {(rows) => (
            <>
              <Headline figure={number(rows[0]?.vacant)} note={t('realEstate.units')} />
              <Rows
                rows={rows.map((row) => ({
                  key: row.id,
                  title: `${name(row.property, row.property_ar)} · ${row.unit_number}`,
                  note: t('realEstate.area', { area: number(row.area_sqm) }),
                  figure: money(row.monthly_rent),
                }))}
              />
            </>
          )}
        </Widget>
        <Widget<Point & { payments: number }>
          dashboard={DASHBOARD}
          id="payment-methods"
          width="double"
          title={t('realEstate.methods')}
        >
          {(rows) => (
            <Donut
              title={t('realEstate.methods')}
              total={number(rows.reduce((sum, row) => sum + row.payments, 0))}
              data={rows.map((row) => ({ label: word(row.label), value: row.value, text: money(row.value) }))}
            />
          )}
        </Widget>
      </div>
    </Page>
  );
}
