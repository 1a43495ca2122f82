import type { Point } from '../api/types.ts';
import { Bars, Columns, Donut, Line } from '../components/charts.tsx';
import { Page } from '../components/page.tsx';
import { Headline, Rows, Widget } from '../components/widget.tsx';
import { useLanguage } from '../i18n/context.ts';

interface Contract {
  readonly id: string;
  readonly contract_number: string;
  readonly ends_on: string;
  readonly total_amount: number;
  readonly plate_number: string;
  readonly vehicle: string;
  readonly customer: string;
  readonly customer_ar: string | null;
  readonly active: number;
}

const DASHBOARD = 'car-rental';

export default function CarRental() {
  const { t, number, money, percent, word, month, name, date } = useLanguage();
  return (
    <Page title={t('carRental.title')} intro={t('carRental.intro')}>
      <div className="grid">
        <Widget<Point> dashboard={DASHBOARD} id="fleet-availability" title={t('carRental.availability')}>
          {(rows) => (
            <Donut
              title={t('carRental.availability')}
              total={number(rows.reduce((sum, row) => sum + row.value, 0))}
              data={rows.map((row) => ({ label: word(row.label), value: row.value, text: number(row.value) }))}
            />
          )}
        </Widget>
        <Widget<Point & { jobs: number }> dashboard={DASHBOARD} id="maintenance" title={t('carRental.maintenance')}>
          {(rows) => (
            <Bars
              title={t('carRental.maintenance')}
              data={rows.map((row) => ({
                label: `${word(row.label)} (${number(row.jobs)})`,
                value: row.value,
                text: money(row.value),
              }))}
            />
          )}
        </Widget>
        <Widget<Point> dashboard={DASHBOARD} id="revenue" title={t('carRental.revenue')}>
          {(rows) => (
            <Columns
              title={t('carRental.revenue')}
              data={rows.map((row) => ({ label: month(row.label), value: row.value, text: money(row.value) }))}
            />
          )}
        </Widget>
        <Widget<Point> dashboard={DASHBOARD} id="utilisation" title={t('carRental.utilisation')}>
          {(rows) => (
            <Line
              title={t('carRental.utilisation')}
              data={rows.map((row) => ({ label: month(row.label), value: row.value, text: percent(row.value) }))}
            />
          )}
        </Widget>
        <Widget<Contract> dashboard={DASHBOARD} id="contracts" title={t('carRental.contracts')}>
          {(rows) => (
            <>
              <Headline figure={number(rows[0]?.active)} note={t('carRental.active')} />
              <Rows
                rows={rows.map((row) => ({
                  key: row.id,
                  title: `${row.vehicle} · ${row.plate_number}`,
                  note: `${name(row.customer, row.customer_ar)} · ${date(row.ends_on)}`,
                  figure: money(row.total_amount),
                }))}
              />
            </>
          )}
        </Widget>
        <Widget<Point & { contracts: number }> dashboard={DASHBOARD} id="top-vehicles" title={t('carRental.top')}>
          {(rows) => (
            <Bars
              title={t('carRental.top')}
              data={rows.map((row) => ({
                label: `${row.label} (${number(row.contracts)})`,
                value: row.value,
                text: money(row.value),
              }))}
            />
          )}
        </Widget>
      </div>
    </Page>
  );
}
