import type { PlainVendor } from '../api/types.ts';
import { Page, SearchList } from '../components/page.tsx';
import { Table } from '../components/table.tsx';
import { useLanguage } from '../i18n/context.ts';

export default function VendorsList() {
  const { t, name, word } = useLanguage();
  return (
    <Page title={t('vendors.title')} intro={t('vendors.introList')}>
      <SearchList<PlainVendor> title={t('vendors.list')} topic="vendors" path="/vendors">
        {(rows) => (
          <Table
            caption={t('vendors.list')}
            rows={rows}
            rowKey={(row) => row.id}
            columns={[
              { title: t('column.code'), cell: (row) => row.code },
              { title: t('column.name'), cell: (row) => <strong>{name(row.name, row.name_ar)}</strong> },
              { title: t('column.category'), cell: (row) => word(row.category) },
              { title: t('column.contact'), cell: (row) => row.contact_name },
              { title: t('column.phone'), cell: (row) => <bdi dir="ltr">{row.phone}</bdi> },
            ]}
          />
        )}
      </SearchList>
    </Page>
  );
}
