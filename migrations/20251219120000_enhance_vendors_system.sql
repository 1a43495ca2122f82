-- Vendors: categories, contacts, documents, what they supply and how well.
-- Expand only: public.vendors gets nullable columns that the application of the release before never names. Its text
-- column category stays the truth for vendors without category_id; a later release moves them over and drops it.

-- A company has hundreds of vendors, not millions: the index is built in milliseconds, so the plain form in one
-- transaction is safer than a concurrent build that can fail half-way and leave an invalid index behind.
-- squawk-ignore constraint-missing-not-valid, disallowed-unique-constraint
alter table public.vendors add constraint vendors_company_id_id_key unique (company_id, id);

create table public.vendor_categories (
  id uuid primary key default gen_random_uuid(),
  company_id uuid not null references public.companies (id),
  code text not null,
  name text not null,
  name_ar text,
  description text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (company_id, id),
  unique (company_id, code)
);
comment on table public.vendor_categories is
  'Kinds of vendors, named by each company';
alter table public.vendor_categories enable row level security;
alter table public.vendor_categories force row level security;
revoke all on table public.vendor_categories from anon, authenticated, service_role;
grant select, insert, update, delete on table public.vendor_categories to authenticated, service_role;
create policy vendor_categories_select on public.vendor_categories for select to authenticated
  using (company_id = any ((select private.readable_companies())::uuid[]));
create policy vendor_categories_insert on public.vendor_categories for insert to authenticated
  with check (company_id = any ((select private.writable_companies())::uuid[]));
create policy vendor_categories_update on public.vendor_categories for update to authenticated
  using (company_id = any ((select private.writable_companies())::uuid[]))
  with check (company_id = any ((select private.writable_companies())::uuid[]));
create policy vendor_categories_delete on public.vendor_categories for delete to authenticated
  using (company_id = any ((select private.administered_companies())::uuid[]));
create trigger vendor_categories_updated_at before update on public.vendor_categories
  for each row execute function private.set_updated_at();

alter table public.vendors
  add column category_id uuid,
  add column rating numeric(3, 2) check (rating between 0 and 5),
  add column payment_terms_days bigint check (payment_terms_days between 0 and 365),
  add column tax_number text,
  add column website text;
comment on column public.vendors.category_id is 'Replaces the text in category, which stays until every vendor has one';
comment on column public.vendors.rating is 'Stars, 0 to 5; empty until the first evaluation';

-- The column is new and empty and the table small: there is nothing to validate and nothing to wait for.
-- squawk-ignore constraint-missing-not-valid, adding-foreign-key-constraint
alter table public.vendors add constraint vendors_company_id_category_id_fkey
  foreign key (company_id, category_id) references public.vendor_categories (company_id, id)
  on delete set null (category_id);
-- As above: small table, and CONCURRENTLY cannot be part of the migration's transaction.
-- squawk-ignore require-concurrent-index-creation
create index vendors_category_idx on public.vendors (company_id, category_id);

create table public.vendor_contacts (
  id uuid primary key default gen_random_uuid(),
  company_id uuid not null references public.companies (id),
  vendor_id uuid not null,
  name text not null,
  name_ar text,
  position text,
  phone text,
  email text,
  is_primary boolean not null default false,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  foreign key (company_id, vendor_id) references public.vendors (company_id, id) on delete cascade
);
create index vendor_contacts_vendor_idx on public.vendor_contacts (company_id, vendor_id);
create unique index vendor_contacts_one_primary_idx on public.vendor_contacts (company_id, vendor_id)
  where is_primary;
comment on table public.vendor_contacts is
  'People to talk to at a vendor; one of them is the first';
alter table public.vendor_contacts enable row level security;
alter table public.vendor_contacts force row level security;
revoke all on table public.vendor_contacts from anon, authenticated, service_role;
grant select, insert, update, delete on table public.vendor_contacts to authenticated, service_role;
create policy vendor_contacts_select on public.vendor_contacts for select to authenticated
  using (company_id = any ((select private.readable_companies())::uuid[]));
create policy vendor_contacts_insert on public.vendor_contacts for insert to authenticated
  with check (company_id = any ((select private.writable_companies())::uuid[]));
create policy vendor_contacts_update on public.vendor_contacts for update to authenticated
  using (company_id = any ((select private.writable_companies())::uuid[]))
  with check (company_id = any ((select private.writable_companies())::uuid[]));
create policy vendor_contacts_delete on public.vendor_contacts for delete to authenticated
  using (company_id = any ((select private.administered_companies())::uuid[]));
create trigger vendor_contacts_updated_at before update on public.vendor_contacts
  for each row execute function private.set_updated_at();

create table public.vendor_documents (
  id uuid primary key default gen_random_uuid(),
  company_id uuid not null references public.companies (id),
  vendor_id uuid not null,
  kind text not null check (kind in ('contract', 'licence', 'certificate', 'insurance', 'other')),
  title text not null,
  storage_path text not null,
  issued_on date,
  expires_on date,
  uploaded_by uuid default auth.uid(),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  check (expires_on is null or issued_on is null or expires_on >= issued_on),
  check (storage_path like company_id::text || '/%'),
  foreign key (company_id, vendor_id) references public.vendors (company_id, id) on delete cascade,
  foreign key (company_id, uploaded_by) references public.user_companies (company_id, user_id)
    on delete set null (uploaded_by)
);
comment on column public.vendor_documents.storage_path is 'Object in the bucket; starts with the company''s id';
create index vendor_documents_vendor_idx on public.vendor_documents (company_id, vendor_id);
create index vendor_documents_uploaded_by_idx on public.vendor_documents (company_id, uploaded_by);
create index vendor_documents_expiry_idx on public.vendor_documents (company_id, expires_on)
  where expires_on is not null;
comment on table public.vendor_documents is
  'Contracts, licences and certificates of vendors; the files lie in storage';
alter table public.vendor_documents enable row level security;
alter table public.vendor_documents force row level security;
revoke all on table public.vendor_documents from anon, authenticated, service_role;
grant select, insert, update, delete on table public.vendor_documents to authenticated, service_role;
create policy vendor_documents_select on public.vendor_documents for select to authenticated
  using (company_id = any ((select private.readable_companies())::uuid[]));
create policy vendor_documents_insert on public.vendor_documents for insert to authenticated
  with check (company_id = any ((select private.writable_companies())::uuid[]));
create policy vendor_documents_update on public.vendor_documents for update to authenticated
  using (company_id = any ((select private.writable_companies())::uuid[]))
  with check (company_id = any ((select private.writable_companies())::uuid[]));
create policy vendor_documents_delete on public.vendor_documents for delete to authenticated
  using (company_id = any ((select private.administered_companies())::uuid[]));
create trigger vendor_documents_updated_at before update on public.vendor_documents
  for each row execute function private.set_updated_at();

create table public.vendor_items (
  id uuid primary key default gen_random_uuid(),
  company_id uuid not null references public.companies (id),
  vendor_id uuid not null,
  item_id uuid not null,
  vendor_sku text,
  unit_price numeric(12, 3) not null check (unit_price >= 0),
  lead_time_days bigint not null default 7 check (lead_time_days >= 0),
  is_preferred boolean not null default false,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (company_id, vendor_id, item_id),
  foreign key (company_id, vendor_id) references public.vendors (company_id, id) on delete cascade,
  foreign key (company_id, item_id) references public.inventory_items (company_id, id) on delete cascade
);
create index vendor_items_item_idx on public.vendor_items (company_id, item_id);
create unique index vendor_items_one_preferred_idx on public.vendor_items (company_id, item_id) where is_preferred;
comment on table public.vendor_items is
  'Which vendor supplies which item, at what price and how fast';
alter table public.vendor_items enable row level security;
alter table public.vendor_items force row level security;
revoke all on table public.vendor_items from anon, authenticated, service_role;
grant select, insert, update, delete on table public.vendor_items to authenticated, service_role;
create policy vendor_items_select on public.vendor_items for select to authenticated
  using (company_id = any ((select private.readable_companies())::uuid[]));
create policy vendor_items_insert on public.vendor_items for insert to authenticated
  with check (company_id = any ((select private.writable_companies())::uuid[]));
create policy vendor_items_update on public.vendor_items for update to authenticated
  using (company_id = any ((select private.writable_companies())::uuid[]))
  with check (company_id = any ((select private.writable_companies())::uuid[]));
create policy vendor_items_delete on public.vendor_items for delete to authenticated
  using (company_id = any ((select private.administered_companies())::uuid[]));
create trigger vendor_items_updated_at before update on public.vendor_items
  for each row execute function private.set_updated_at();

create table public.vendor_evaluations (
  id uuid primary key default gen_random_uuid(),
  company_id uuid not null references public.companies (id),
  vendor_id uuid not null,
  period_start date not null,
  period_end date not null,
  deliveries bigint not null default 0 check (deliveries >= 0),
  deliveries_on_time bigint not null default 0 check (deliveries_on_time >= 0),
  quality_score numeric(3, 2) check (quality_score between 0 and 5),
  notes text,
  evaluated_by uuid default auth.uid(),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (company_id, vendor_id, period_start),
  check (period_end > period_start),
  check (deliveries_on_time <= deliveries),
  foreign key (company_id, vendor_id) references public.vendors (company_id, id) on delete cascade,
  foreign key (company_id, evaluated_by) references public.user_companies (company_id, user_id)
    on delete set null (evaluated_by)
);
create index vendor_evaluations_evaluated_by_idx on public.vendor_evaluations (company_id, evaluated_by);
comment on table public.vendor_evaluations is
  'How a vendor did in a period: deliveries and quality';
alter table public.vendor_evaluations enable row level security;
alter table public.vendor_evaluations force row level security;
revoke all on table public.vendor_evaluations from anon, authenticated, service_role;
grant select, insert, update, delete on table public.vendor_evaluations to authenticated, service_role;
create policy vendor_evaluations_select on public.vendor_evaluations for select to authenticated
  using (company_id = any ((select private.readable_companies())::uuid[]));
create policy vendor_evaluations_insert on public.vendor_evaluations for insert to authenticated
  with check (company_id = any ((select private.writable_companies())::uuid[]));
create policy vendor_evaluations_update on public.vendor_evaluations for update to authenticated
  using (company_id = any ((select private.writable_companies())::uuid[]))
  with check (company_id = any ((select private.writable_companies())::uuid[]));
create policy vendor_evaluations_delete on public.vendor_evaluations for delete to authenticated
  using (company_id = any ((select private.administered_companies())::uuid[]));
create trigger vendor_evaluations_updated_at before update on public.vendor_evaluations
  for each row execute function private.set_updated_at();

create view public.vendor_performance with (security_invoker = true) as
select
  v.company_id,
  v.id as vendor_id,
  v.name,
  v.name_ar,
  coalesce(c.name, v.category) as category,
  v.is_active,
  v.rating,
  coalesce(e.deliveries, 0) as deliveries,
  round(100.0 * e.deliveries_on_time / nullif(e.deliveries, 0), 2) as on_time_percent,
  e.quality_score,
  coalesce(i.items, 0) as items_supplied,
  d.next_expiry_on
from public.vendors v
left join public.vendor_categories c on c.company_id = v.company_id and c.id = v.category_id
left join (
  select
    company_id, vendor_id,
    sum(deliveries) as deliveries, sum(deliveries_on_time) as deliveries_on_time,
    round(avg(quality_score), 2) as quality_score
  from public.vendor_evaluations
  group by company_id, vendor_id
) e on e.company_id = v.company_id and e.vendor_id = v.id
left join (
  select company_id, vendor_id, count(*) as items from public.vendor_items group by company_id, vendor_id
) i on i.company_id = v.company_id and i.vendor_id = v.id
left join (
  select company_id, vendor_id, min(expires_on) as next_expiry_on
  from public.vendor_documents
  group by company_id, vendor_id
) d on d.company_id = v.company_id and d.vendor_id = v.id;
comment on view public.vendor_performance is 'Vendors with their deliveries, quality, range and next document to expire';
revoke all on table public.vendor_performance from anon, authenticated, service_role;
grant select on table public.vendor_performance to authenticated, service_role;
