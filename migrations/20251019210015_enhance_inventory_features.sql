-- Inventory: categories, items, warehouses; stock that changes only through movements and reservations; reorder rules.
-- Only adds tables. public.products stays as it is: an item may say which product it is stock of.

create table public.inventory_categories (
  id uuid primary key default gen_random_uuid(),
  company_id uuid not null references public.companies (id),
  parent_id uuid,
  code text not null,
  name text not null,
  name_ar text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (company_id, id),
  unique (company_id, code),
  check (parent_id is distinct from id),
  foreign key (company_id, parent_id) references public.inventory_categories (company_id, id)
);
create index inventory_categories_parent_idx on public.inventory_categories (company_id, parent_id);
comment on table public.inventory_categories is
  'Tree of item categories';
alter table public.inventory_categories enable row level security;
alter table public.inventory_categories force row level security;
revoke all on table public.inventory_categories from anon, authenticated, service_role;
grant select, insert, update, delete on table public.inventory_categories to authenticated, service_role;
create policy inventory_categories_select on public.inventory_categories for select to authenticated
  using (company_id = any ((select private.readable_companies())::uuid[]));
create policy inventory_categories_insert on public.inventory_categories for insert to authenticated
  with check (company_id = any ((select private.writable_companies())::uuid[]));
create policy inventory_categories_update on public.inventory_categories for update to authenticated
  using (company_id = any ((select private.writable_companies())::uuid[]))
  with check (company_id = any ((select private.writable_companies())::uuid[]));
create policy inventory_categories_delete on public.inventory_categories for delete to authenticated
  using (company_id = any ((select private.administered_companies())::uuid[]));
create trigger inventory_categories_updated_at before update on public.inventory_categories
  for each row execute function private.set_updated_at();

create table public.inventory_warehouses (
  id uuid primary key default gen_random_uuid(),
  company_id uuid not null references public.companies (id),
  code text not null,
  name text not null,
  name_ar text,
  city text,
  is_active boolean not null default true,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (company_id, id),
  unique (company_id, code)
);
comment on table public.inventory_warehouses is
  'Places where stock is kept';
alter table public.inventory_warehouses enable row level security;
alter table public.inventory_warehouses force row level security;
revoke all on table public.inventory_warehouses from anon, authenticated, service_role;
grant select, insert, update, delete on table public.inventory_warehouses to authenticated, service_role;
create policy inventory_warehouses_select on public.inventory_warehouses for select to authenticated
  using (company_id = any ((select private.readable_companies())::uuid[]));
create policy inventory_warehouses_insert on public.inventory_warehouses for insert to authenticated
  with check (company_id = any ((select private.writable_companies())::uuid[]));
create policy inventory_warehouses_update on public.inventory_warehouses for update to authenticated
  using (company_id = any ((select private.writable_companies())::uuid[]))
  with check (company_id = any ((select private.writable_companies())::uuid[]));
create policy inventory_warehouses_delete on public.inventory_warehouses for delete to authenticated
  using (company_id = any ((select private.administered_companies())::uuid[]));
create trigger inventory_warehouses_updated_at before update on public.inventory_warehouses
  for each row execute function private.set_updated_at();

create table public.inventory_items (
  id uuid primary key default gen_random_uuid(),
  company_id uuid not null references public.companies (id),
  category_id uuid,
  product_id uuid,
  sku text not null,
  barcode text,
  name text not null,
  name_ar text,
  unit text not null default 'piece',
  unit_cost numeric(12, 3) not null default 0 check (unit_cost >= 0),
  is_active boolean not null default true,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (company_id, id),
  unique (company_id, sku),
  unique (company_id, product_id),
  foreign key (company_id, category_id) references public.inventory_categories (company_id, id)
    on delete set null (category_id),
  foreign key (company_id, product_id) references public.products (company_id, id)
);
create index inventory_items_category_idx on public.inventory_items (company_id, category_id);
create unique index inventory_items_barcode_idx on public.inventory_items (company_id, barcode)
  where barcode is not null;
comment on table public.inventory_items is
  'Things that are stocked: spare parts, building supplies, or a product for sale';
alter table public.inventory_items enable row level security;
alter table public.inventory_items force row level security;
revoke all on table public.inventory_items from anon, authenticated, service_role;
grant select, insert, update, delete on table public.inventory_items to authenticated, service_role;
create policy inventory_items_select on public.inventory_items for select to authenticated
  using (company_id = any ((select private.readable_companies())::uuid[]));
create policy inventory_items_insert on public.inventory_items for insert to authenticated
  with check (company_id = any ((select private.writable_companies())::uuid[]));
create policy inventory_items_update on public.inventory_items for update to authenticated
  using (company_id = any ((select private.writable_companies())::uuid[]))
  with check (company_id = any ((select private.writable_companies())::uuid[]));
create policy inventory_items_delete on public.inventory_items for delete to authenticated
  using (company_id = any ((select private.administered_companies())::uuid[]));
create trigger inventory_items_updated_at before update on public.inventory_items
  for each row execute function private.set_updated_at();

create table public.inventory_stock_levels (
  id uuid primary key default gen_random_uuid(),
  company_id uuid not null references public.companies (id),
  item_id uuid not null,
  warehouse_id uuid not null,
  quantity_on_hand numeric(14, 3) not null default 0 check (quantity_on_hand >= 0),
  quantity_reserved numeric(14, 3) not null default 0 check (quantity_reserved >= 0),
  quantity_available numeric(14, 3) generated always as (quantity_on_hand - quantity_reserved) stored,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (company_id, item_id, warehouse_id),
  constraint inventory_stock_levels_reserved_in_stock check (quantity_reserved <= quantity_on_hand),
  foreign key (company_id, item_id) references public.inventory_items (company_id, id),
  foreign key (company_id, warehouse_id) references public.inventory_warehouses (company_id, id)
);
create index inventory_stock_levels_warehouse_idx on public.inventory_stock_levels (company_id, warehouse_id);
create trigger inventory_stock_levels_updated_at before update on public.inventory_stock_levels
  for each row execute function private.set_updated_at();
comment on table public.inventory_stock_levels is
  'Stock of an item in a warehouse, kept by the triggers on movements and reservations; nobody writes it';
alter table public.inventory_stock_levels enable row level security;
alter table public.inventory_stock_levels force row level security;
revoke all on table public.inventory_stock_levels from anon, authenticated, service_role;
grant select on table public.inventory_stock_levels to authenticated, service_role;
create policy inventory_stock_levels_select on public.inventory_stock_levels for select to authenticated
  using (company_id = any ((select private.readable_companies())::uuid[]));

create table public.inventory_movements (
  id uuid primary key default gen_random_uuid(),
  company_id uuid not null references public.companies (id),
  item_id uuid not null,
  warehouse_id uuid not null,
  kind text not null
    check (kind in ('receipt', 'issue', 'return', 'adjustment', 'transfer_in', 'transfer_out')),
  quantity numeric(14, 3) not null,
  unit_cost numeric(12, 3) check (unit_cost >= 0),
  reference text,
  transfer_id uuid,
  created_by uuid default auth.uid(),
  moved_at timestamptz not null default now(),
  created_at timestamptz not null default now(),
  check (
    case
      when kind in ('receipt', 'return', 'transfer_in') then quantity > 0
      when kind in ('issue', 'transfer_out') then quantity < 0
      else quantity <> 0
    end
  ),
  check ((kind in ('transfer_in', 'transfer_out')) = (transfer_id is not null)),
  foreign key (company_id, item_id) references public.inventory_items (company_id, id),
  foreign key (company_id, warehouse_id) references public.inventory_warehouses (company_id, id),
  foreign key (company_id, created_by) references public.user_companies (company_id, user_id)
    on delete set null (created_by)
);
comment on column public.inventory_movements.quantity is 'What is added to the stock; negative for what leaves';
comment on column public.inventory_movements.transfer_id is 'Ties the two movements of a transfer together';
create index inventory_movements_item_idx on public.inventory_movements (company_id, item_id, moved_at);
create index inventory_movements_warehouse_idx on public.inventory_movements (company_id, warehouse_id, moved_at);
create index inventory_movements_created_by_idx on public.inventory_movements (company_id, created_by);
comment on table public.inventory_movements is
  'Journal of stock: rows are added, never changed; a mistake is mended by an adjustment';
alter table public.inventory_movements enable row level security;
alter table public.inventory_movements force row level security;
revoke all on table public.inventory_movements from anon, authenticated, service_role;
grant select, insert on table public.inventory_movements to authenticated, service_role;
create policy inventory_movements_select on public.inventory_movements for select to authenticated
  using (company_id = any ((select private.readable_companies())::uuid[]));
create policy inventory_movements_insert on public.inventory_movements for insert to authenticated
  with check (company_id = any ((select private.writable_companies())::uuid[]));

-- Security definer: users write movements, the levels follow. An after trigger, so the policies have agreed to the row.
create function private.apply_stock_movement() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  insert into public.inventory_stock_levels (company_id, item_id, warehouse_id)
  values (new.company_id, new.item_id, new.warehouse_id)
  on conflict (company_id, item_id, warehouse_id) do nothing;

  update public.inventory_stock_levels
  set quantity_on_hand = quantity_on_hand + new.quantity
  where company_id = new.company_id and item_id = new.item_id and warehouse_id = new.warehouse_id;
  return null;
end
$$;
revoke all on function private.apply_stock_movement() from public;
create trigger inventory_movements_apply after insert on public.inventory_movements
  for each row execute function private.apply_stock_movement();

create table public.inventory_reservations (
  id uuid primary key default gen_random_uuid(),
  company_id uuid not null references public.companies (id),
  item_id uuid not null,
  warehouse_id uuid not null,
  quote_id uuid,
  quantity numeric(14, 3) not null check (quantity > 0),
  status text not null default 'active' check (status in ('active', 'fulfilled', 'released', 'expired')),
  expires_at timestamptz,
  created_by uuid default auth.uid(),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  foreign key (company_id, item_id) references public.inventory_items (company_id, id),
  foreign key (company_id, warehouse_id) references public.inventory_warehouses (company_id, id),
  foreign key (company_id, quote_id) references public.sales_quotes (company_id, id) on delete cascade,
  foreign key (company_id, created_by) references public.user_companies (company_id, user_id)
    on delete set null (created_by)
);
create index inventory_reservations_item_idx on public.inventory_reservations (company_id, item_id);
create index inventory_reservations_warehouse_idx on public.inventory_reservations (company_id, warehouse_id);
create index inventory_reservations_quote_idx on public.inventory_reservations (company_id, quote_id);
create index inventory_reservations_created_by_idx on public.inventory_reservations (company_id, created_by);
create index inventory_reservations_expiry_idx on public.inventory_reservations (company_id, expires_at)
  where status = 'active';
comment on table public.inventory_reservations is
  'Stock promised, mostly to a quote; active ones are taken off what is available';
alter table public.inventory_reservations enable row level security;
alter table public.inventory_reservations force row level security;
revoke all on table public.inventory_reservations from anon, authenticated, service_role;
grant select, insert, update, delete on table public.inventory_reservations to authenticated, service_role;
create policy inventory_reservations_select on public.inventory_reservations for select to authenticated
  using (company_id = any ((select private.readable_companies())::uuid[]));
create policy inventory_reservations_insert on public.inventory_reservations for insert to authenticated
  with check (company_id = any ((select private.writable_companies())::uuid[]));
create policy inventory_reservations_update on public.inventory_reservations for update to authenticated
  using (company_id = any ((select private.writable_companies())::uuid[]))
  with check (company_id = any ((select private.writable_companies())::uuid[]));
create policy inventory_reservations_delete on public.inventory_reservations for delete to authenticated
  using (company_id = any ((select private.administered_companies())::uuid[]));
create trigger inventory_reservations_updated_at before update on public.inventory_reservations
  for each row execute function private.set_updated_at();

create function private.apply_stock_reservation() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if tg_op <> 'INSERT' and old.status = 'active' then
    update public.inventory_stock_levels
    set quantity_reserved = quantity_reserved - old.quantity
    where company_id = old.company_id and item_id = old.item_id and warehouse_id = old.warehouse_id;
  end if;

  if tg_op <> 'DELETE' and new.status = 'active' then
    update public.inventory_stock_levels
    set quantity_reserved = quantity_reserved + new.quantity
    where company_id = new.company_id and item_id = new.item_id and warehouse_id = new.warehouse_id;
    if not found then
      raise exception 'Item % has never been in warehouse %, so nothing can be reserved', new.item_id, new.warehouse_id
        using errcode = 'check_violation', hint = 'Record a receipt first, or reserve in another warehouse.';
    end if;
  end if;
  return null;
end
$$;
revoke all on function private.apply_stock_reservation() from public;
create trigger inventory_reservations_apply
  after insert or delete or update of company_id, item_id, warehouse_id, quantity, status
  on public.inventory_reservations
  for each row execute function private.apply_stock_reservation();

create table public.inventory_reorder_rules (
  id uuid primary key default gen_random_uuid(),
  company_id uuid not null references public.companies (id),
  item_id uuid not null,
  warehouse_id uuid not null,
  reorder_point numeric(14, 3) not null check (reorder_point >= 0),
  reorder_quantity numeric(14, 3) not null check (reorder_quantity > 0),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (company_id, item_id, warehouse_id),
  foreign key (company_id, item_id) references public.inventory_items (company_id, id) on delete cascade,
  foreign key (company_id, warehouse_id) references public.inventory_warehouses (company_id, id) on delete cascade
);
create index inventory_reorder_rules_warehouse_idx on public.inventory_reorder_rules (company_id, warehouse_id);
comment on table public.inventory_reorder_rules is
  'When to order an item for a warehouse again, and how much';
alter table public.inventory_reorder_rules enable row level security;
alter table public.inventory_reorder_rules force row level security;
revoke all on table public.inventory_reorder_rules from anon, authenticated, service_role;
grant select, insert, update, delete on table public.inventory_reorder_rules to authenticated, service_role;
create policy inventory_reorder_rules_select on public.inventory_reorder_rules for select to authenticated
  using (company_id = any ((select private.readable_companies())::uuid[]));
create policy inventory_reorder_rules_insert on public.inventory_reorder_rules for insert to authenticated
  with check (company_id = any ((select private.writable_companies())::uuid[]));
create policy inventory_reorder_rules_update on public.inventory_reorder_rules for update to authenticated
  using (company_id = any ((select private.writable_companies())::uuid[]))
  with check (company_id = any ((select private.writable_companies())::uuid[]));
create policy inventory_reorder_rules_delete on public.inventory_reorder_rules for delete to authenticated
  using (company_id = any ((select private.administered_companies())::uuid[]));
create trigger inventory_reorder_rules_updated_at before update on public.inventory_reorder_rules
  for each row execute function private.set_updated_at();
