import type { Order, Product } from '../api/types.ts';
import { Page, SearchList } from '../components/page.tsx';
import { Badge } from '../components/states.tsx';
import { Table } from '../components/table.tsx';
import { useLanguage } from '../i18n/context.ts';

export default function Retail() {
  const { t, money, name, date, word } = useLanguage();
  return (
    <Page title={t('retail.title')} intro={t('retail.intro')}>
      <SearchList<Order> title={t('retail.orders')} topic="basics" path="/orders">
        {(rows) => (
          <Table
            caption={t('retail.orders')}
            rows={rows}
            rowKey={(row) => row.id}
            columns={[
              { title: t('column.number'), cell: (row) => <strong>{row.order_number}</strong> },
              { title: t('column.customer'), cell: (row) => name(row.customer, row.customer_ar) },
              { title: t('column.date'), cell: (row) => date(row.ordered_at) },
              { title: t('column.status'), cell: (row) => <Badge value={row.status} /> },
              { title: t('column.total'), cell: (row) => money(row.total_amount), numeric: true },
            ]}
          />
        )}
      </SearchList>
      <SearchList<Product> title={t('retail.products')} topic="basics" path="/products">
        {(rows) => (
          <Table
            caption={t('retail.products')}
            rows={rows}
            rowKey={(row) => row.id}
            columns={[
              { title: t('column.sku'), cell: (row) => row.sku },
              { title: t('column.name'), cell: (row) => <strong>{name(row.name, row.name_ar)}</strong> },
              { title: t('column.unit'), cell: (row) => word(row.unit) },
              { title: t('column.cost'), cell: (row) => money(row.cost), numeric: true },
              { title: t('column.price'), cell: (row) => money(row.price), numeric: true },
            ]}
          />
        )}
      </SearchList>
    </Page>
  );
}
