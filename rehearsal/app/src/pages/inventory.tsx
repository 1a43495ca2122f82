import { useState } from 'react';
import { type Paged, useApi, useChange } from '../api/hooks.ts';
import type { Item, ItemDetails, Warehouse } from '../api/types.ts';
import { Dialog } from '../components/dialog.tsx';
import { Choice, Field, Form, optional } from '../components/form.tsx';
import { Card, Page, SearchList } from '../components/page.tsx';
import { Badge, Loaded } from '../components/states.tsx';
import { Table } from '../components/table.tsx';
import { useLanguage } from '../i18n/context.ts';
import { useMay } from '../session.ts';

type Open =
  { kind: 'warehouse' } | { kind: 'new-item' } | { kind: 'item'; id: string } | { kind: 'adjust'; item: string } | null;

export default function Inventory() {
  const { t, number, money, name } = useLanguage();
  const [open, setOpen] = useState<Open>(null);
  const mayWrite = useMay('inventory.create');
  const warehouses = useApi<readonly Warehouse[]>('inventory', '/inventory/warehouses');
  const close = () => {
    setOpen(null);
  };
  return (
    <Page
      title={t('inventory.title')}
      intro={t('inventory.intro')}
      actions={
        mayWrite ? (
          <>
            <button
              type="button"
              className="button button-quiet"
              onClick={() => {
                setOpen({ kind: 'warehouse' });
              }}
            >
              {t('inventory.newWarehouse')}
            </button>
            <button
              type="button"
              className="button button-quiet"
              onClick={() => {
                setOpen({ kind: 'adjust', item: '' });
              }}
            >
              {t('inventory.adjust')}
            </button>
            <button
              type="button"
              className="button"
              onClick={() => {
                setOpen({ kind: 'new-item' });
              }}
            >
              {t('inventory.newItem')}
            </button>
          </>
        ) : null
      }
    >
      <Card title={t('inventory.warehouses')}>
        <Loaded query={warehouses} height={140}>
          {(rows) => (
            <Table
              caption={t('inventory.warehouses')}
              rows={rows}
              rowKey={(row) => row.id}
              columns={[
                { title: t('column.code'), cell: (row) => row.code },
                { title: t('column.name'), cell: (row) => <strong>{name(row.name, row.name_ar)}</strong> },
                { title: t('column.city'), cell: (row) => row.city ?? '–' },
                { title: t('column.items'), cell: (row) => number(row.items), numeric: true },
                { title: t('column.onHand'), cell: (row) => number(row.quantity_on_hand), numeric: true },
                { title: t('column.value'), cell: (row) => money(row.stock_value), numeric: true },
              ]}
            />
          )}
        </Loaded>
      </Card>
      <SearchList<Item> title={t('inventory.items')} topic="inventory" path="/inventory/items">
        {(rows) => (
          <Table
            caption={t('inventory.items')}
            rows={rows}
            rowKey={(row) => row.id}
            columns={[
              { title: t('column.sku'), cell: (row) => row.sku },
              {
                title: t('column.name'),
                cell: (row) => (
                  <button
                    type="button"
                    className="link"
                    onClick={() => {
                      setOpen({ kind: 'item', id: row.id });
                    }}
                  >
                    {name(row.name, row.name_ar)}
                  </button>
                ),
              },
              { title: t('column.category'), cell: (row) => name(row.category, row.category_ar) },
              { title: t('column.onHand'), cell: (row) => number(row.quantity_on_hand, 3), numeric: true },
              { title: t('column.reserved'), cell: (row) => number(row.quantity_reserved, 3), numeric: true },
              {
                title: t('column.available'),
                cell: (row) => <strong>{number(row.quantity_available, 3)}</strong>,
                numeric: true,
              },
            ]}
          />
        )}
      </SearchList>
      {open?.kind === 'warehouse' ? <NewWarehouse onClose={close} /> : null}
      {open?.kind === 'new-item' ? <NewItem onClose={close} /> : null}
      {open?.kind === 'item' ? (
        <ItemDialog
          id={open.id}
          onClose={close}
          onAdjust={
            mayWrite
              ? () => {
                  setOpen({ kind: 'adjust', item: open.id });
                }
              : null
          }
        />
      ) : null}
      {open?.kind === 'adjust' ? <Adjust item={open.item} warehouses={warehouses.data ?? []} onClose={close} /> : null}
    </Page>
  );
}

function NewWarehouse({ onClose }: { onClose: () => void }) {
  const { t } = useLanguage();
  const change = useChange('inventory');
  return (
    <Dialog title={t('inventory.newWarehouse')} onClose={onClose}>
      <Form
        submit={t('action.create')}
        busy={change.isPending}
        error={change.error}
        onSubmit={(values) => {
          change.mutate(
            {
              path: '/inventory/warehouses',
              body: {
                code: values.code,
                name: values.name,
                name_ar: optional(values.name_ar),
                city: optional(values.city),
              },
            },
            { onSuccess: onClose },
          );
        }}
      >
        <Field label={t('column.code')} name="code" required maxLength={40} pattern="[A-Za-z0-9_\-]+" />
        <Field label={t('field.name')} name="name" required maxLength={200} />
        <Field label={t('field.nameArabic')} name="name_ar" maxLength={200} dir="rtl" />
        <Field label={t('column.city')} name="city" maxLength={200} />
      </Form>
    </Dialog>
  );
}

function NewItem({ onClose }: { onClose: () => void }) {
  const { t, name } = useLanguage();
  const change = useChange('inventory');
  const categories = useApi<readonly { id: string; name: string; name_ar: string | null }[]>(
    'inventory',
    '/inventory/categories',
  );
  return (
    <Dialog title={t('inventory.newItem')} onClose={onClose}>
      <Form
        submit={t('action.create')}
        busy={change.isPending}
        error={change.error}
        onSubmit={(values) => {
          const body = {
            sku: values.sku,
            name: values.name,
            name_ar: optional(values.name_ar),
            category_id: optional(values.category),
            unit_cost: values.unit_cost,
          };
          change.mutate({ path: '/inventory/items', body }, { onSuccess: onClose });
        }}
      >
        <Field label={t('column.sku')} name="sku" required maxLength={40} pattern="[A-Za-z0-9_\-]+" />
        <Field label={t('field.name')} name="name" required maxLength={200} />
        <Field label={t('field.nameArabic')} name="name_ar" maxLength={200} dir="rtl" />
        <Choice
          label={t('column.category')}
          name="category"
          options={(categories.data ?? []).map((one) => ({ value: one.id, label: name(one.name, one.name_ar) }))}
        />
        <Field
          label={t('field.unitCost')}
          name="unit_cost"
          type="number"
          min="0"
          step="0.001"
          defaultValue="0"
          required
        />
      </Form>
    </Dialog>
  );
}

function ItemDialog({ id, onClose, onAdjust }: { id: string; onClose: () => void; onAdjust: (() => void) | null }) {
  const { t, number, money, name, word, date } = useLanguage();
  const query = useApi<ItemDetails>('inventory', `/inventory/items/${id}`);
  return (
    <Dialog title={query.data ? name(query.data.name, query.data.name_ar) : t('inventory.item')} onClose={onClose} wide>
      <Loaded query={query} height={300}>
        {(item) => (
          <>
            <p className="facts">
              <span>{item.sku}</span>
              <span>{item.barcode}</span>
              <span>{word(item.unit)}</span>
              <span>
                {t('field.unitCost')}: {money(item.unit_cost)}
              </span>
            </p>
            <h3>{t('inventory.levels')}</h3>
            <Table
              caption={t('inventory.levels')}
              rows={item.levels}
              rowKey={(row) => row.warehouse_id}
              columns={[
                { title: t('column.warehouse'), cell: (row) => name(row.warehouse, row.warehouse_ar) },
                { title: t('column.onHand'), cell: (row) => number(row.quantity_on_hand, 3), numeric: true },
                { title: t('column.reserved'), cell: (row) => number(row.quantity_reserved, 3), numeric: true },
                {
                  title: t('column.available'),
                  cell: (row) => <strong>{number(row.quantity_available, 3)}</strong>,
                  numeric: true,
                },
              ]}
            />
            <h3>{t('inventory.movements')}</h3>
            <Table
              caption={t('inventory.movements')}
              rows={item.movements}
              rowKey={(row) => row.id}
              columns={[
                { title: t('column.date'), cell: (row) => date(row.moved_at) },
                { title: t('column.kind'), cell: (row) => <Badge value={row.kind} /> },
                { title: t('column.warehouse'), cell: (row) => name(row.warehouse, row.warehouse_ar) },
                { title: t('column.quantity'), cell: (row) => number(row.quantity, 3), numeric: true },
                { title: t('column.reference'), cell: (row) => row.reference ?? '–' },
              ]}
            />
            {onAdjust === null ? null : (
              <div className="form-actions">
                <button type="button" className="button" onClick={onAdjust}>
                  {t('inventory.adjust')}
                </button>
              </div>
            )}
          </>
        )}
      </Loaded>
    </Dialog>
  );
}

function Adjust({
  item,
  warehouses,
  onClose,
}: {
  item: string;
  warehouses: readonly Warehouse[];
  onClose: () => void;
}) {
  const { t, name } = useLanguage();
  const change = useChange('inventory');
  const items = useApi<Paged<Item>>('inventory', '/inventory/items', { limit: 200 });
  const chosen = items.data?.rows.find((one) => one.id === item);
  return (
    <Dialog title={t('inventory.adjust')} onClose={onClose}>
      <Form
        submit={t('action.save')}
        busy={change.isPending}
        error={change.error}
        onSubmit={(values) => {
          const body = {
            item_id: item === '' ? values.item : item,
            warehouse_id: values.warehouse,
            quantity: values.quantity,
            reason: values.reason,
          };
          change.mutate({ path: '/inventory/adjustments', body }, { onSuccess: onClose });
        }}
      >
        {item === '' ? (
          <Choice
            label={t('inventory.item')}
            name="item"
            required
            options={(items.data?.rows ?? []).map((one) => ({
              value: one.id,
              label: `${one.sku} · ${name(one.name, one.name_ar)}`,
            }))}
          />
        ) : (
          <p className="facts">
            <span>{chosen?.sku}</span>
            <strong>{name(chosen?.name, chosen?.name_ar)}</strong>
          </p>
        )}
        <Choice
          label={t('column.warehouse')}
          name="warehouse"
          required
          options={warehouses.map((one) => ({ value: one.id, label: name(one.name, one.name_ar) }))}
        />
        <Field label={t('field.adjustBy')} name="quantity" type="number" step="0.001" required />
        <Field label={t('field.reason')} name="reason" required maxLength={1000} />
      </Form>
    </Dialog>
  );
}
