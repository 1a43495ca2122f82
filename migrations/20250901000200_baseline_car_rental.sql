-- Car rental: the fleet, its contracts, its maintenance.

create table public.vehicles (
  id uuid primary key default gen_random_uuid(),
  company_id uuid not null references public.companies (id),
  plate_number text not null,
  make text not null,
  model text not null,
  model_year integer not null check (model_year between 1980 and 2100),
  status text not null default 'available' check (status in ('available', 'rented', 'maintenance', 'retired')),
  daily_rate numeric(12, 3) not null check (daily_rate >= 0),
  odometer_km integer not null default 0 check (odometer_km >= 0),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (company_id, id),
  unique (company_id, plate_number)
);
create index vehicles_company_id_status_idx on public.vehicles (company_id, status);
comment on table public.vehicles is
  'The fleet';
alter table public.vehicles enable row level security;
alter table public.vehicles force row level security;
revoke all on table public.vehicles from anon, authenticated, service_role;
grant select, insert, update, delete on table public.vehicles to authenticated, service_role;
create policy vehicles_select on public.vehicles for select to authenticated
  using (company_id = any ((select private.readable_companies())::uuid[]));
create policy vehicles_insert on public.vehicles for insert to authenticated
  with check (company_id = any ((select private.writable_companies())::uuid[]));
create policy vehicles_update on public.vehicles for update to authenticated
  using (company_id = any ((select private.writable_companies())::uuid[]))
  with check (company_id = any ((select private.writable_companies())::uuid[]));
create policy vehicles_delete on public.vehicles for delete to authenticated
  using (company_id = any ((select private.administered_companies())::uuid[]));
create trigger vehicles_updated_at before update on public.vehicles
  for each row execute function private.set_updated_at();

create table public.rental_contracts (
  id uuid primary key default gen_random_uuid(),
  company_id uuid not null references public.companies (id),
  contract_number text not null,
  vehicle_id uuid not null,
  customer_id uuid not null,
  starts_on date not null,
  ends_on date not null,
  daily_rate numeric(12, 3) not null check (daily_rate >= 0),
  total_amount numeric(12, 3) not null check (total_amount >= 0),
  status text not null default 'active' check (status in ('draft', 'active', 'closed', 'cancelled')),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (company_id, id),
  unique (company_id, contract_number),
  check (ends_on >= starts_on),
  foreign key (company_id, vehicle_id) references public.vehicles (company_id, id),
  foreign key (company_id, customer_id) references public.customers (company_id, id)
);
create index rental_contracts_vehicle_idx on public.rental_contracts (company_id, vehicle_id, starts_on);
create index rental_contracts_customer_idx on public.rental_contracts (company_id, customer_id);
create index rental_contracts_status_idx on public.rental_contracts (company_id, status);
comment on table public.rental_contracts is
  'Who has which vehicle from when to when, at which rate';
alter table public.rental_contracts enable row level security;
alter table public.rental_contracts force row level security;
revoke all on table public.rental_contracts from anon, authenticated, service_role;
grant select, insert, update, delete on table public.rental_contracts to authenticated, service_role;
create policy rental_contracts_select on public.rental_contracts for select to authenticated
  using (company_id = any ((select private.readable_companies())::uuid[]));
create policy rental_contracts_insert on public.rental_contracts for insert to authenticated
  with check (company_id = any ((select private.writable_companies())::uuid[]));
create policy rental_contracts_update on public.rental_contracts for update to authenticated
  using (company_id = any ((select private.writable_companies())::uuid[]))
  with check (company_id = any ((select private.writable_companies())::uuid[]));
create policy rental_contracts_delete on public.rental_contracts for delete to authenticated
  using (company_id = any ((select private.administered_companies())::uuid[]));
create trigger rental_contracts_updated_at before update on public.rental_contracts
  for each row execute function private.set_updated_at();

create table public.vehicle_maintenance (
  id uuid primary key default gen_random_uuid(),
  company_id uuid not null references public.companies (id),
  vehicle_id uuid not null,
  performed_on date not null,
  kind text not null check (kind in ('oil', 'tyres', 'brakes', 'inspection', 'accident', 'other')),
  description text,
  cost numeric(12, 3) not null default 0 check (cost >= 0),
  status text not null default 'done' check (status in ('planned', 'in_progress', 'done')),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  foreign key (company_id, vehicle_id) references public.vehicles (company_id, id) on delete cascade
);
create index vehicle_maintenance_vehicle_idx on public.vehicle_maintenance (company_id, vehicle_id, performed_on);
comment on table public.vehicle_maintenance is
  'Work done or planned on a vehicle';
alter table public.vehicle_maintenance enable row level security;
alter table public.vehicle_maintenance force row level security;
revoke all on table public.vehicle_maintenance from anon, authenticated, service_role;
grant select, insert, update, delete on table public.vehicle_maintenance to authenticated, service_role;
create policy vehicle_maintenance_select on public.vehicle_maintenance for select to authenticated
  using (company_id = any ((select private.readable_companies())::uuid[]));
create policy vehicle_maintenance_insert on public.vehicle_maintenance for insert to authenticated
  with check (company_id = any ((select private.writable_companies())::uuid[]));
create policy vehicle_maintenance_update on public.vehicle_maintenance for update to authenticated
  using (company_id = any ((select private.writable_companies())::uuid[]))
  with check (company_id = any ((select private.writable_companies())::uuid[]));
create policy vehicle_maintenance_delete on public.vehicle_maintenance for delete to authenticated
  using (company_id = any ((select private.administered_companies())::uuid[]));
create trigger vehicle_maintenance_updated_at before update on public.vehicle_maintenance
  for each row execute function private.set_updated_at();
