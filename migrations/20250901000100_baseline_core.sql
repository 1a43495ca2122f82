-- Companies, their people, and who may see and change what. Every later table asks the functions below.
-- The owner of these objects must bypass row-level security (Supabase's postgres role and superusers do): the functions
-- read memberships on behalf of users who may not.

-- Not among the schemas that the API exposes.
create schema private;
comment on schema private is 'Helpers of policies and triggers; not reachable through the API';
grant usage on schema private to authenticated, service_role;

create function private.set_updated_at() returns trigger
language plpgsql set search_path = '' as $$
begin
  new.updated_at := now();
  return new;
end
$$;
revoke all on function private.set_updated_at() from public;

create table public.companies (
  id uuid primary key default gen_random_uuid(),
  name text not null,
  name_ar text,
  business_type text not null check (business_type in ('car_rental', 'real_estate', 'retail')),
  country text not null default 'KW' check (country ~ '^[A-Z]{2}$'),
  currency text not null default 'KWD' check (currency ~ '^[A-Z]{3}$'),
  is_active boolean not null default true,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

create table public.user_companies (
  company_id uuid not null references public.companies (id),
  user_id uuid not null references auth.users (id) on delete cascade,
  role text not null check (role in ('owner', 'admin', 'manager', 'viewer')),
  is_active boolean not null default true,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (company_id, user_id)
);
create index user_companies_user_id_idx on public.user_companies (user_id);

-- Security definer: a policy on user_companies that read user_companies as the user would ask itself.
create function private.companies_as(variadic p_roles text[]) returns uuid[]
language sql stable security definer set search_path = '' as $$
  select coalesce(array_agg(m.company_id), '{}')
  from public.user_companies m
  where m.user_id = auth.uid()
    and m.is_active
    and m.role = any (p_roles)
    and coalesce(m.company_id = (auth.jwt() #>> '{app_metadata,company_id}')::uuid, true)
$$;
comment on function private.companies_as(text[]) is
  'Companies in which the current user has one of the roles; only the active one where the token names it (company switch)';

create function private.readable_companies() returns uuid[]
language sql stable set search_path = '' as $$ select private.companies_as('owner', 'admin', 'manager', 'viewer') $$;
create function private.writable_companies() returns uuid[]
language sql stable set search_path = '' as $$ select private.companies_as('owner', 'admin', 'manager') $$;
create function private.administered_companies() returns uuid[]
language sql stable set search_path = '' as $$ select private.companies_as('owner', 'admin') $$;
create function private.owned_companies() returns uuid[]
language sql stable set search_path = '' as $$ select private.companies_as('owner') $$;

revoke all on function private.companies_as(text[]), private.readable_companies(), private.writable_companies(),
  private.administered_companies(), private.owned_companies() from public;
grant execute on function private.companies_as(text[]), private.readable_companies(), private.writable_companies(),
  private.administered_companies(), private.owned_companies() to authenticated, service_role;

-- companies: created and closed by the back office (service_role), described by their admins.
comment on table public.companies is 'Tenants; every other table belongs to one through company_id';
alter table public.companies enable row level security;
alter table public.companies force row level security;
revoke all on table public.companies from anon, authenticated, service_role;
grant select, update on table public.companies to authenticated;
grant select, insert, update, delete on table public.companies to service_role;
create policy companies_select on public.companies for select to authenticated
  using (id = any ((select private.readable_companies())::uuid[]));
create policy companies_update on public.companies for update to authenticated
  using (id = any ((select private.administered_companies())::uuid[]))
  with check (id = any ((select private.administered_companies())::uuid[]));
create trigger companies_updated_at before update on public.companies
  for each row execute function private.set_updated_at();

-- user_companies: everyone sees their own memberships, whichever company is active; only owners make owners.
comment on table public.user_companies is 'Membership of users in companies, with the role that decides what they may do';
alter table public.user_companies enable row level security;
alter table public.user_companies force row level security;
revoke all on table public.user_companies from anon, authenticated, service_role;
grant select, insert, update, delete on table public.user_companies to authenticated, service_role;
create policy user_companies_select on public.user_companies for select to authenticated
  using (user_id = (select auth.uid()) or company_id = any ((select private.readable_companies())::uuid[]));
create policy user_companies_insert on public.user_companies for insert to authenticated
  with check (
    company_id = any ((select private.administered_companies())::uuid[])
    and (role <> 'owner' or company_id = any ((select private.owned_companies())::uuid[]))
  );
create policy user_companies_update on public.user_companies for update to authenticated
  using (
    company_id = any ((select private.administered_companies())::uuid[])
    and (role <> 'owner' or company_id = any ((select private.owned_companies())::uuid[]))
  )
  with check (
    company_id = any ((select private.administered_companies())::uuid[])
    and (role <> 'owner' or company_id = any ((select private.owned_companies())::uuid[]))
  );
create policy user_companies_delete on public.user_companies for delete to authenticated
  using (
    company_id = any ((select private.administered_companies())::uuid[])
    and (role <> 'owner' or company_id = any ((select private.owned_companies())::uuid[]))
  );
create trigger user_companies_updated_at before update on public.user_companies
  for each row execute function private.set_updated_at();

create table public.profiles (
  id uuid primary key references auth.users (id) on delete cascade,
  company_id uuid not null references public.companies (id),
  email text not null,
  full_name text not null,
  full_name_ar text,
  language text not null default 'ar' check (language in ('ar', 'en')),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index profiles_company_id_idx on public.profiles (company_id);
comment on table public.profiles is 'One row per user: name, language and the company the app opens first';
alter table public.profiles enable row level security;
alter table public.profiles force row level security;
revoke all on table public.profiles from anon, authenticated, service_role;
grant select, insert, update, delete on table public.profiles to authenticated, service_role;
create policy profiles_select on public.profiles for select to authenticated
  using (id = (select auth.uid()) or company_id = any ((select private.readable_companies())::uuid[]));
create policy profiles_insert on public.profiles for insert to authenticated
  with check (id = (select auth.uid()) and company_id = any ((select private.readable_companies())::uuid[]));
create policy profiles_update on public.profiles for update to authenticated
  using (id = (select auth.uid()))
  with check (id = (select auth.uid()) and company_id = any ((select private.readable_companies())::uuid[]));
create policy profiles_delete on public.profiles for delete to authenticated
  using (id = (select auth.uid()));
create trigger profiles_updated_at before update on public.profiles
  for each row execute function private.set_updated_at();

create table public.role_permissions (
  company_id uuid not null references public.companies (id),
  role text not null check (role in ('owner', 'admin', 'manager', 'viewer')),
  permission text not null check (permission ~ '^[a-z_]+\.[a-z_]+$'),
  created_at timestamptz not null default now(),
  primary key (company_id, role, permission)
);
comment on table public.role_permissions is
  'What the app offers each role of a company (module.action); the policies decide what is allowed';
alter table public.role_permissions enable row level security;
alter table public.role_permissions force row level security;
revoke all on table public.role_permissions from anon, authenticated, service_role;
grant select, insert, update, delete on table public.role_permissions to authenticated, service_role;
create policy role_permissions_select on public.role_permissions for select to authenticated
  using (company_id = any ((select private.readable_companies())::uuid[]));
create policy role_permissions_insert on public.role_permissions for insert to authenticated
  with check (company_id = any ((select private.administered_companies())::uuid[]));
create policy role_permissions_update on public.role_permissions for update to authenticated
  using (company_id = any ((select private.administered_companies())::uuid[]))
  with check (company_id = any ((select private.administered_companies())::uuid[]));
create policy role_permissions_delete on public.role_permissions for delete to authenticated
  using (company_id = any ((select private.administered_companies())::uuid[]));

create table public.customers (
  id uuid primary key default gen_random_uuid(),
  company_id uuid not null references public.companies (id),
  code text not null,
  name text not null,
  name_ar text,
  phone text,
  email text,
  is_active boolean not null default true,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (company_id, id),
  unique (company_id, code)
);
create index customers_company_id_name_idx on public.customers (company_id, name);
comment on table public.customers is
  'Customers of every line of business: renters, tenants, shoppers';
alter table public.customers enable row level security;
alter table public.customers force row level security;
revoke all on table public.customers from anon, authenticated, service_role;
grant select, insert, update, delete on table public.customers to authenticated, service_role;
create policy customers_select on public.customers for select to authenticated
  using (company_id = any ((select private.readable_companies())::uuid[]));
create policy customers_insert on public.customers for insert to authenticated
  with check (company_id = any ((select private.writable_companies())::uuid[]));
create policy customers_update on public.customers for update to authenticated
  using (company_id = any ((select private.writable_companies())::uuid[]))
  with check (company_id = any ((select private.writable_companies())::uuid[]));
create policy customers_delete on public.customers for delete to authenticated
  using (company_id = any ((select private.administered_companies())::uuid[]));
create trigger customers_updated_at before update on public.customers
  for each row execute function private.set_updated_at();

create table public.vendors (
  id uuid primary key default gen_random_uuid(),
  company_id uuid not null references public.companies (id),
  code text not null,
  name text not null,
  name_ar text,
  category text,
  contact_name text,
  phone text,
  email text,
  is_active boolean not null default true,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (company_id, code)
);
comment on table public.vendors is
  'Suppliers and contractors of a company';
alter table public.vendors enable row level security;
alter table public.vendors force row level security;
revoke all on table public.vendors from anon, authenticated, service_role;
grant select, insert, update, delete on table public.vendors to authenticated, service_role;
create policy vendors_select on public.vendors for select to authenticated
  using (company_id = any ((select private.readable_companies())::uuid[]));
create policy vendors_insert on public.vendors for insert to authenticated
  with check (company_id = any ((select private.writable_companies())::uuid[]));
create policy vendors_update on public.vendors for update to authenticated
  using (company_id = any ((select private.writable_companies())::uuid[]))
  with check (company_id = any ((select private.writable_companies())::uuid[]));
create policy vendors_delete on public.vendors for delete to authenticated
  using (company_id = any ((select private.administered_companies())::uuid[]));
create trigger vendors_updated_at before update on public.vendors
  for each row execute function private.set_updated_at();
