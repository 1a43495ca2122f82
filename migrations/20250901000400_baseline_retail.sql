-- Retail: products and orders; and the figures that the app's first page shows for every line of business.

create table public.products (
  id uuid primary key default gen_random_uuid(),
  company_id uuid not null references public.companies (id),
  sku text not null,
  name text not null,
  name_ar text,
  unit text not null default 'piece',
  cost numeric(12, 3) not null default 0 check (cost >= 0),
  price numeric(12, 3) not null check (price >= 0),
  is_active boolean not null default true,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (company_id, id),
  unique (company_id, sku)
);
comment on table public.products is
  'What a company sells';
alter table public.products enable row level security;
alter table public.products force row level security;
revoke all on table public.products from anon, authenticated, service_role;
grant select, insert, update, delete on table public.products to authenticated, service_role;
create policy products_select on public.products for select to authenticated
  using (company_id = any ((select private.readable_companies())::uuid[]));
create policy products_insert on public.products for insert to authenticated
  with check (company_id = any ((select private.writable_companies())::uuid[]));
create policy products_update on public.products for update to authenticated
  using (company_id = any ((select private.writable_companies())::uuid[]))
  with check (company_id = any ((select private.writable_companies())::uuid[]));
create policy products_delete on public.products for delete to authenticated
  using (company_id = any ((select private.administered_companies())::uuid[]));
create trigger products_updated_at before update on public.products
  for each row execute function private.set_updated_at();

create table public.orders (
  id uuid primary key default gen_random_uuid(),
  company_id uuid not null references public.companies (id),
  order_number text not null,
  customer_id uuid not null,
  ordered_at timestamptz not null,
  status text not null default 'open' check (status in ('open', 'paid', 'delivered', 'cancelled')),
  total_amount numeric(14, 3) not null default 0 check (total_amount >= 0),
  notes text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (company_id, id),
  unique (company_id, order_number),
  foreign key (company_id, customer_id) references public.customers (company_id, id)
);
create index orders_customer_idx on public.orders (company_id, customer_id);
create index orders_ordered_at_idx on public.orders (company_id, ordered_at);
comment on table public.orders is
  'Sales orders';
alter table public.orders enable row level security;
alter table public.orders force row level security;
revoke all on table public.orders from anon, authenticated, service_role;
grant select, insert, update, delete on table public.orders to authenticated, service_role;
create policy orders_select on public.orders for select to authenticated
  using (company_id = any ((select private.readable_companies())::uuid[]));
create policy orders_insert on public.orders for insert to authenticated
  with check (company_id = any ((select private.writable_companies())::uuid[]));
create policy orders_update on public.orders for update to authenticated
  using (company_id = any ((select private.writable_companies())::uuid[]))
  with check (company_id = any ((select private.writable_companies())::uuid[]));
create policy orders_delete on public.orders for delete to authenticated
  using (company_id = any ((select private.administered_companies())::uuid[]));
create trigger orders_updated_at before update on public.orders
  for each row execute function private.set_updated_at();

create table public.order_items (
  id uuid primary key default gen_random_uuid(),
  company_id uuid not null references public.companies (id),
  order_id uuid not null,
  line_number integer not null check (line_number > 0),
  product_id uuid not null,
  quantity numeric(12, 3) not null check (quantity > 0),
  unit_price numeric(12, 3) not null check (unit_price >= 0),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (company_id, order_id, line_number),
  foreign key (company_id, order_id) references public.orders (company_id, id) on delete cascade,
  foreign key (company_id, product_id) references public.products (company_id, id)
);
create index order_items_product_idx on public.order_items (company_id, product_id);
comment on table public.order_items is
  'Lines of an order';
alter table public.order_items enable row level security;
alter table public.order_items force row level security;
revoke all on table public.order_items from anon, authenticated, service_role;
grant select, insert, update, delete on table public.order_items to authenticated, service_role;
create policy order_items_select on public.order_items for select to authenticated
  using (company_id = any ((select private.readable_companies())::uuid[]));
create policy order_items_insert on public.order_items for insert to authenticated
  with check (company_id = any ((select private.writable_companies())::uuid[]));
create policy order_items_update on public.order_items for update to authenticated
  using (company_id = any ((select private.writable_companies())::uuid[]))
  with check (company_id = any ((select private.writable_companies())::uuid[]));
create policy order_items_delete on public.order_items for delete to authenticated
  using (company_id = any ((select private.administered_companies())::uuid[]));
create trigger order_items_updated_at before update on public.order_items
  for each row execute function private.set_updated_at();

create function public.dashboard_summary(p_company_id uuid) returns jsonb
language sql stable set search_path = '' as $$
  select jsonb_build_object(
    'vehicles', (select count(*) from public.vehicles where company_id = p_company_id),
    'vehicles_available',
      (select count(*) from public.vehicles where company_id = p_company_id and status = 'available'),
    'units', (select count(*) from public.property_units where company_id = p_company_id),
    'units_occupied',
      (select count(*) from public.property_units where company_id = p_company_id and status = 'occupied'),
    'orders', (select count(*) from public.orders where company_id = p_company_id),
    'orders_amount',
      (select coalesce(sum(total_amount), 0) from public.orders where company_id = p_company_id)
  )
$$;
comment on function public.dashboard_summary(uuid) is 'Figures of the app''s first page for one company';
revoke all on function public.dashboard_summary(uuid) from public, anon;
grant execute on function public.dashboard_summary(uuid) to authenticated, service_role;
