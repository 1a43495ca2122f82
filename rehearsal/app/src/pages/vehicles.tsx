import type { Vehicle } from '../api/types.ts';
import { Page, SearchList } from '../components/page.tsx';
import { Badge } from '../components/states.tsx';
import { Table } from '../components/table.tsx';
import { useLanguage } from '../i18n/context.ts';

export default function Vehicles() {
  const { t, number, money } = useLanguage();
  return (
    <Page title={t('vehicles.title')} intro={t('vehicles.intro')}>
      <SearchList<Vehicle> title={t('vehicles.list')} topic="basics" path="/vehicles">
        {(rows) => (
          <Table
            caption={t('vehicles.list')}
            rows={rows}
            rowKey={(row) => row.id}
            columns={[
              { title: t('column.plate'), cell: (row) => <strong>{row.plate_number}</strong> },
              { title: t('column.vehicle'), cell: (row) => `${row.make} ${row.model}` },
              { title: t('column.year'), cell: (row) => row.model_year, numeric: true },
              { title: t('column.status'), cell: (row) => <Badge value={row.status} /> },
              { title: t('column.dailyRate'), cell: (row) => money(row.daily_rate), numeric: true },
              { title: t('column.odometer'), cell: (row) => number(row.odometer_km), numeric: true },
            ]}
          />
        )}
      </SearchList>
    </Page>
  );
}
