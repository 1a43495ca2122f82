import type { Property } from '../api/types.ts';
import { Page, SearchList } from '../components/page.tsx';
import { Table } from '../components/table.tsx';
import { useLanguage } from '../i18n/context.ts';

export default function Properties() {
  const { t, number, money, name, word } = useLanguage();
  return (
    <Page title={t('properties.title')} intro={t('properties.intro')}>
      <SearchList<Property> title={t('properties.list')} topic="basics" path="/properties">
        {(rows) => (
          <Table
            caption={t('properties.list')}
            rows={rows}
            rowKey={(row) => row.id}
            columns={[
              { title: t('column.code'), cell: (row) => row.code },
              { title: t('column.name'), cell: (row) => <strong>{name(row.name, row.name_ar)}</strong> },
              { title: t('column.city'), cell: (row) => row.city },
              { title: t('column.kind'), cell: (row) => word(row.property_type) },
              {
                title: t('column.occupied'),
                cell: (row) => t('properties.of', { occupied: number(row.occupied), units: number(row.units) }),
                numeric: true,
              },
              { title: t('column.monthlyRent'), cell: (row) => money(row.monthly_rent), numeric: true },
            ]}
          />
        )}
      </SearchList>
    </Page>
  );
}
