-- Real estate: properties, their units, leases and the rent that comes in.

create table public.properties (
  id uuid primary key default gen_random_uuid(),
  company_id uuid not null references public.companies (id),
  code text not null,
  name text not null,
  name_ar text,
  city text not null,
  address text,
  property_type text not null check (property_type in ('residential', 'commercial', 'mixed')),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (company_id, id),
  unique (company_id, code)
);
comment on table public.properties is
  'Buildings';
alter table public.properties enable row level security;
alter table public.properties force row level security;
revoke all on table public.properties from anon, authenticated, service_role;
grant select, insert, update, delete on table public.properties to authenticated, service_role;
create policy properties_select on public.properties for select to authenticated
  using (company_id = any ((select private.readable_companies())::uuid[]));
create policy properties_insert on public.properties for insert to authenticated
  with check (company_id = any ((select private.writable_companies())::uuid[]));
create policy properties_update on public.properties for update to authenticated
  using (company_id = any ((select private.writable_companies())::uuid[]))
  with check (company_id = any ((select private.writable_companies())::uuid[]));
create policy properties_delete on public.properties for delete to authenticated
  using (company_id = any ((select private.administered_companies())::uuid[]));
create trigger properties_updated_at before update on public.properties
  for each row execute function private.set_updated_at();

create table public.property_units (
  id uuid primary key default gen_random_uuid(),
  company_id uuid not null references public.companies (id),
  property_id uuid not null,
  unit_number text not null,
  floor integer,
  area_sqm numeric(10, 2) check (area_sqm > 0),
  monthly_rent numeric(12, 3) not null check (monthly_rent >= 0),
  status text not null default 'vacant' check (status in ('vacant', 'occupied', 'maintenance')),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (company_id, id),
  unique (company_id, property_id, unit_number),
  foreign key (company_id, property_id) references public.properties (company_id, id) on delete cascade
);
create index property_units_status_idx on public.property_units (company_id, status);
comment on table public.property_units is
  'Flats, shops and offices of a property';
alter table public.property_units enable row level security;
alter table public.property_units force row level security;
revoke all on table public.property_units from anon, authenticated, service_role;
grant select, insert, update, delete on table public.property_units to authenticated, service_role;
create policy property_units_select on public.property_units for select to authenticated
  using (company_id = any ((select private.readable_companies())::uuid[]));
create policy property_units_insert on public.property_units for insert to authenticated
  with check (company_id = any ((select private.writable_companies())::uuid[]));
create policy property_units_update on public.property_units for update to authenticated
  using (company_id = any ((select private.writable_companies())::uuid[]))
  with check (company_id = any ((select private.writable_companies())::uuid[]));
create policy property_units_delete on public.property_units for delete to authenticated
  using (company_id = any ((select private.administered_companies())::uuid[]));
create trigger property_units_updated_at before update on public.property_units
  for each row execute function private.set_updated_at();

create table public.leases (
  id uuid primary key default gen_random_uuid(),
  company_id uuid not null references public.companies (id),
  lease_number text not null,
  unit_id uuid not null,
  customer_id uuid not null,
  starts_on date not null,
  ends_on date not null,
  monthly_rent numeric(12, 3) not null check (monthly_rent >= 0),
  deposit numeric(12, 3) not null default 0 check (deposit >= 0),
  status text not null default 'active' check (status in ('draft', 'active', 'ended', 'terminated')),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (company_id, id),
  unique (company_id, lease_number),
  check (ends_on > starts_on),
  foreign key (company_id, unit_id) references public.property_units (company_id, id),
  foreign key (company_id, customer_id) references public.customers (company_id, id)
);
create index leases_unit_idx on public.leases (company_id, unit_id);
create index leases_customer_idx on public.leases (company_id, customer_id);
create index leases_ends_on_idx on public.leases (company_id, ends_on) where status = 'active';
comment on table public.leases is
  'Who rents which unit from when to when';
alter table public.leases enable row level security;
alter table public.leases force row level security;
revoke all on table public.leases from anon, authenticated, service_role;
grant select, insert, update, delete on table public.leases to authenticated, service_role;
create policy leases_select on public.leases for select to authenticated
  using (company_id = any ((select private.readable_companies())::uuid[]));
create policy leases_insert on public.leases for insert to authenticated
  with check (company_id = any ((select private.writable_companies())::uuid[]));
create policy leases_update on public.leases for update to authenticated
  using (company_id = any ((select private.writable_companies())::uuid[]))
  with check (company_id = any ((select private.writable_companies())::uuid[]));
create policy leases_delete on public.leases for delete to authenticated
  using (company_id = any ((select private.administered_companies())::uuid[]));
create trigger leases_updated_at before update on public.leases
  for each row execute function private.set_updated_at();

create table public.rent_payments (
  id uuid primary key default gen_random_uuid(),
  company_id uuid not null references public.companies (id),
  lease_id uuid not null,
  due_on date not null,
  amount numeric(12, 3) not null check (amount >= 0),
  paid_on date,
  method text check (method in ('cash', 'bank_transfer', 'knet', 'cheque')),
  reference text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (company_id, lease_id, due_on),
  foreign key (company_id, lease_id) references public.leases (company_id, id)
);
create index rent_payments_due_idx on public.rent_payments (company_id, due_on) where paid_on is null;
comment on table public.rent_payments is
  'Rent due and received, one row per lease and month';
alter table public.rent_payments enable row level security;
alter table public.rent_payments force row level security;
revoke all on table public.rent_payments from anon, authenticated, service_role;
grant select, insert, update, delete on table public.rent_payments to authenticated, service_role;
create policy rent_payments_select on public.rent_payments for select to authenticated
  using (company_id = any ((select private.readable_companies())::uuid[]));
create policy rent_payments_insert on public.rent_payments for insert to authenticated
  with check (company_id = any ((select private.writable_companies())::uuid[]));
create policy rent_payments_update on public.rent_payments for update to authenticated
  using (company_id = any ((select private.writable_companies())::uuid[]))
  with check (company_id = any ((select private.writable_companies())::uuid[]));
create policy rent_payments_delete on public.rent_payments for delete to authenticated
  using (company_id = any ((select private.administered_companies())::uuid[]));
create trigger rent_payments_updated_at before update on public.rent_payments
  for each row execute function private.set_updated_at();
