import { useState } from 'react';
import { type Paged, useApi, useChange } from '../api/hooks.ts';
import type { Vendor, VendorCategory, VendorDetails, VendorPerformance } from '../api/types.ts';
import { Dialog } from '../components/dialog.tsx';
import { Choice, Field, Form, optional } from '../components/form.tsx';
import { Card, Page, SearchList } from '../components/page.tsx';
import { Loaded } from '../components/states.tsx';
import { Table } from '../components/table.tsx';
import { useLanguage } from '../i18n/context.ts';
import { useMay } from '../session.ts';

export default function Vendors() {
  const { t, name, word, number, percent, date } = useLanguage();
  const [open, setOpen] = useState<string | null>(null);
  const mayCreate = useMay('vendors.create');
  const categories = useApi<readonly VendorCategory[]>('vendors', '/vendor-categories');
  const performance = useApi<Paged<VendorPerformance>>('vendors', '/vendor-performance', { limit: 10 });
  const close = () => {
    setOpen(null);
  };
  return (
    <Page
      title={t('vendors.title')}
      intro={t('vendors.intro')}
      actions={
        mayCreate ? (
          <>
            <button
              type="button"
              className="button button-quiet"
              onClick={() => {
                setOpen('category');
              }}
            >
              {t('vendors.newCategory')}
            </button>
            <button
              type="button"
              className="button"
              onClick={() => {
                setOpen('vendor');
              }}
            >
              {t('vendors.new')}
            </button>
          </>
        ) : null
      }
    >
      <SearchList<Vendor> title={t('vendors.list')} topic="vendors" path="/vendor-directory">
        {(rows) => (
          <Table
            caption={t('vendors.list')}
            rows={rows}
            rowKey={(row) => row.id}
            columns={[
              { title: t('column.code'), cell: (row) => row.code },
              {
                title: t('column.name'),
                cell: (row) => (
                  <button
                    type="button"
                    className="link"
                    onClick={() => {
                      setOpen(row.id);
                    }}
                  >
                    {name(row.name, row.name_ar)}
                  </button>
                ),
              },
              { title: t('column.category'), cell: (row) => word(name(row.category, row.category_ar)) },
              { title: t('column.contact'), cell: (row) => row.contact_name ?? '–' },
              { title: t('column.phone'), cell: (row) => <bdi dir="ltr">{row.phone}</bdi> },
              { title: t('column.terms'), cell: (row) => number(row.payment_terms_days), numeric: true },
            ]}
          />
        )}
      </SearchList>
      <div className="grid grid-wide">
        <Card title={t('vendors.performance')}>
          <Loaded query={performance} height={300}>
            {(page) => (
              <Table
                caption={t('vendors.performance')}
                rows={page.rows}
                rowKey={(row) => row.vendor_id}
                columns={[
                  {
                    title: t('column.name'),
                    cell: (row) => (
                      <button
                        type="button"
                        className="link"
                        onClick={() => {
                          setOpen(row.vendor_id);
                        }}
                      >
                        {name(row.name, row.name_ar)}
                      </button>
                    ),
                  },
                  { title: t('column.deliveries'), cell: (row) => number(row.deliveries), numeric: true },
                  { title: t('column.onTime'), cell: (row) => percent(row.on_time_percent), numeric: true },
                  { title: t('column.quality'), cell: (row) => number(row.quality_score, 2), numeric: true },
                  { title: t('column.nextExpiry'), cell: (row) => date(row.next_expiry_on) },
                ]}
              />
            )}
          </Loaded>
        </Card>
        <Card title={t('vendors.categories')}>
          <Loaded query={categories} height={300}>
            {(rows) => (
              <Table
                caption={t('vendors.categories')}
                rows={rows}
                rowKey={(row) => row.id}
                columns={[
                  { title: t('column.code'), cell: (row) => row.code },
                  { title: t('column.name'), cell: (row) => <strong>{name(row.name, row.name_ar)}</strong> },
                  { title: t('column.vendors'), cell: (row) => number(row.vendors), numeric: true },
                ]}
              />
            )}
          </Loaded>
        </Card>
      </div>
      {open === 'category' ? <NewCategory onClose={close} /> : null}
      {open === 'vendor' ? <NewVendor categories={categories.data ?? []} onClose={close} /> : null}
      {open !== null && open !== 'category' && open !== 'vendor' ? <Details id={open} onClose={close} /> : null}
    </Page>
  );
}

function NewCategory({ onClose }: { onClose: () => void }) {
  const { t } = useLanguage();
  const change = useChange('vendors');
  return (
    <Dialog title={t('vendors.newCategory')} onClose={onClose}>
      <Form
        submit={t('action.create')}
        busy={change.isPending}
        error={change.error}
        onSubmit={(values) => {
          change.mutate(
            {
              path: '/vendor-categories',
              body: {
                code: values.code,
                name: values.name,
                name_ar: optional(values.name_ar),
                description: optional(values.description),
              },
            },
            { onSuccess: onClose },
          );
        }}
      >
        <Field label={t('column.code')} name="code" required maxLength={40} pattern="[A-Za-z0-9_\-]+" />
        <Field label={t('field.name')} name="name" required maxLength={200} />
        <Field label={t('field.nameArabic')} name="name_ar" maxLength={200} dir="rtl" />
        <Field label={t('column.description')} name="description" maxLength={1000} />
      </Form>
    </Dialog>
  );
}

function NewVendor({ categories, onClose }: { categories: readonly VendorCategory[]; onClose: () => void }) {
  const { t, name } = useLanguage();
  const change = useChange('vendors');
  return (
    <Dialog title={t('vendors.new')} onClose={onClose}>
      <Form
        submit={t('action.create')}
        busy={change.isPending}
        error={change.error}
        onSubmit={(values) => {
          const terms = optional(values.terms);
          const body = {
            code: values.code,
            name: values.name,
            name_ar: optional(values.name_ar),
            category_id: optional(values.category),
            contact_name: optional(values.contact),
            phone: optional(values.phone),
            email: optional(values.email),
            payment_terms_days: terms === null ? null : Number(terms),
          };
          change.mutate({ path: '/vendors', body }, { onSuccess: onClose });
        }}
      >
        <Field label={t('column.code')} name="code" required maxLength={40} pattern="[A-Za-z0-9_\-]+" />
        <Field label={t('field.name')} name="name" required maxLength={200} />
        <Field label={t('field.nameArabic')} name="name_ar" maxLength={200} dir="rtl" />
        <Choice
          label={t('column.category')}
          name="category"
          options={categories.map((one) => ({ value: one.id, label: name(one.name, one.name_ar) }))}
        />
        <Field label={t('column.contact')} name="contact" maxLength={200} />
        <Field label={t('column.phone')} name="phone" type="tel" maxLength={40} dir="ltr" />
        <Field label={t('login.email')} name="email" type="email" maxLength={200} dir="ltr" />
        <Field label={t('column.terms')} name="terms" type="number" min="0" max="365" step="1" />
      </Form>
    </Dialog>
  );
}

function Details({ id, onClose }: { id: string; onClose: () => void }) {
  const { t, name, word, number, money, percent, date } = useLanguage();
  const query = useApi<VendorDetails>('vendors', `/vendor-directory/${id}`);
  return (
    <Dialog
      title={query.data ? name(query.data.name, query.data.name_ar) : t('vendors.details')}
      onClose={onClose}
      wide
    >
      <Loaded query={query} height={400}>
        {(vendor) => (
          <>
            <p className="facts">
              <span>{vendor.code}</span>
              <span>{word(vendor.category)}</span>
              <bdi dir="ltr">{vendor.phone}</bdi>
              <bdi dir="ltr">{vendor.email}</bdi>
            </p>
            <dl className="figures figures-small">
              <div className="figure">
                <dt>{t('column.deliveries')}</dt>
                <dd>{number(vendor.deliveries)}</dd>
              </div>
              <div className="figure">
                <dt>{t('column.onTime')}</dt>
                <dd>{percent(vendor.on_time_percent)}</dd>
              </div>
              <div className="figure">
                <dt>{t('column.quality')}</dt>
                <dd>{number(vendor.quality_score, 2)}</dd>
              </div>
              <div className="figure">
                <dt>{t('column.items')}</dt>
                <dd>{number(vendor.items_supplied)}</dd>
              </div>
            </dl>
            <h3>{t('vendors.contacts')}</h3>
            <Table
              caption={t('vendors.contacts')}
              rows={vendor.contacts}
              rowKey={(row) => row.id}
              columns={[
                { title: t('column.name'), cell: (row) => <strong>{name(row.name, row.name_ar)}</strong> },
                { title: t('column.position'), cell: (row) => row.position ?? '–' },
                { title: t('column.phone'), cell: (row) => <bdi dir="ltr">{row.phone}</bdi> },
              ]}
            />
            <h3>{t('vendors.documents')}</h3>
            <Table
              caption={t('vendors.documents')}
              rows={vendor.documents}
              rowKey={(row) => row.id}
              columns={[
                { title: t('column.title'), cell: (row) => row.title },
                { title: t('column.kind'), cell: (row) => word(row.kind) },
                { title: t('column.nextExpiry'), cell: (row) => date(row.expires_on) },
              ]}
            />
            <h3>{t('vendors.items')}</h3>
            <Table
              caption={t('vendors.items')}
              rows={vendor.items}
              rowKey={(row) => row.id}
              columns={[
                { title: t('column.name'), cell: (row) => name(row.name, row.name_ar) },
                { title: t('column.price'), cell: (row) => money(row.unit_price), numeric: true },
                { title: t('column.leadTime'), cell: (row) => number(row.lead_time_days), numeric: true },
              ]}
            />
          </>
        )}
      </Loaded>
    </Dialog>
  );
}
