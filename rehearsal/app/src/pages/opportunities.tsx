import { useState } from 'react';
import { useApi, type Paged, useChange } from '../api/hooks.ts';
import type { Customer, Opportunity } from '../api/types.ts';
import { Dialog } from '../components/dialog.tsx';
import { Choice, Field, Form, optional } from '../components/form.tsx';
import { Page, SearchList } from '../components/page.tsx';
import { Badge, Problem } from '../components/states.tsx';
import { Table } from '../components/table.tsx';
import { useLanguage } from '../i18n/context.ts';
import { useMay } from '../session.ts';

const STAGES = ['qualification', 'proposal', 'negotiation', 'won', 'lost'];

export default function Opportunities() {
  const { t, money, name, percent, date } = useLanguage();
  const [creating, setCreating] = useState(false);
  const mayWrite = useMay('sales.create');
  return (
    <Page
      title={t('opportunities.title')}
      intro={t('opportunities.intro')}
      actions={
        mayWrite ? (
          <button
            type="button"
            className="button"
            onClick={() => {
              setCreating(true);
            }}
          >
            {t('opportunities.new')}
          </button>
        ) : null
      }
    >
      <SearchList<Opportunity> title={t('opportunities.list')} topic="sales" path="/sales/opportunities">
        {(rows) => (
          <Table
            caption={t('opportunities.list')}
            rows={rows}
            rowKey={(row) => row.id}
            columns={[
              { title: t('column.title'), cell: (row) => <strong>{row.title}</strong> },
              { title: t('column.customer'), cell: (row) => name(row.customer, row.customer_ar) },
              {
                title: t('column.stage'),
                cell: (row) => (mayWrite ? <StageChoice opportunity={row} /> : <Badge value={row.stage} />),
              },
              { title: t('column.amount'), cell: (row) => money(row.amount, row.currency), numeric: true },
              { title: t('column.probability'), cell: (row) => percent(row.probability), numeric: true },
              { title: t('column.closes'), cell: (row) => date(row.expected_close_on) },
              { title: t('column.assigned'), cell: (row) => name(row.assigned_to, row.assigned_to_ar) },
            ]}
          />
        )}
      </SearchList>
      {creating ? (
        <NewOpportunity
          onClose={() => {
            setCreating(false);
          }}
        />
      ) : null}
    </Page>
  );
}

function StageChoice({ opportunity }: { opportunity: Opportunity }) {
  const { t, word } = useLanguage();
  const change = useChange<{ stage: string }>('sales');
  return (
    <>
      <select
        className="inline-select"
        aria-label={`${t('column.stage')}: ${opportunity.title}`}
        value={opportunity.stage}
        disabled={change.isPending}
        onChange={(event) => {
          change.mutate({
            method: 'PATCH',
            path: `/sales/opportunities/${opportunity.id}`,
            body: { stage: event.target.value },
          });
        }}
      >
        {STAGES.map((stage) => (
          <option key={stage} value={stage}>
            {word(stage)}
          </option>
        ))}
      </select>
      <Problem error={change.error} />
    </>
  );
}

function NewOpportunity({ onClose }: { onClose: () => void }) {
  const { t, name } = useLanguage();
  const change = useChange('sales');
  const customers = useApi<Paged<Customer>>('basics', '/customers', { limit: 200 });
  return (
    <Dialog title={t('opportunities.new')} onClose={onClose}>
      <Form
        submit={t('action.create')}
        busy={change.isPending}
        error={change.error}
        onSubmit={(values) => {
          const body = {
            title: values.title,
            customer_id: values.customer,
            amount: values.amount,
            probability: Number(values.probability),
            expected_close_on: optional(values.closes),
          };
          change.mutate({ path: '/sales/opportunities', body }, { onSuccess: onClose });
        }}
      >
        <Field label={t('column.title')} name="title" required maxLength={200} />
        <Choice
          label={t('column.customer')}
          name="customer"
          required
          options={(customers.data?.rows ?? []).map((one) => ({
            value: one.id,
            label: `${one.code} · ${name(one.name, one.name_ar)}`,
          }))}
        />
        <Field label={t('column.amount')} name="amount" type="number" min="0" step="0.001" required />
        <Field
          label={t('field.probability')}
          name="probability"
          type="number"
          min="0"
          max="100"
          step="1"
          defaultValue="10"
          required
        />
        <Field label={t('column.closes')} name="closes" type="date" />
      </Form>
    </Dialog>
  );
}
