-- Sales pipeline: leads, opportunities with their stage history, activities, quotes.
-- Only adds tables: the application of the release before does not notice. Foreign keys carry company_id, so a row can
-- only ever point into its own tenant, whoever writes it.

create table public.sales_leads (
  id uuid primary key default gen_random_uuid(),
  company_id uuid not null references public.companies (id),
  name text not null,
  name_ar text,
  organisation text,
  phone text,
  email text,
  source text not null default 'other'
    check (source in ('website', 'referral', 'walk_in', 'phone', 'campaign', 'other')),
  status text not null default 'new' check (status in ('new', 'contacted', 'qualified', 'converted', 'lost')),
  assigned_to uuid,
  customer_id uuid,
  notes text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (company_id, id),
  check (status <> 'converted' or customer_id is not null),
  foreign key (company_id, assigned_to) references public.user_companies (company_id, user_id)
    on delete set null (assigned_to),
  foreign key (company_id, customer_id) references public.customers (company_id, id)
);
comment on column public.sales_leads.customer_id is 'The customer that the lead became';
create index sales_leads_status_idx on public.sales_leads (company_id, status, created_at);
create index sales_leads_assigned_to_idx on public.sales_leads (company_id, assigned_to);
create index sales_leads_customer_idx on public.sales_leads (company_id, customer_id);
comment on table public.sales_leads is
  'People and firms that showed interest but are not customers yet';
alter table public.sales_leads enable row level security;
alter table public.sales_leads force row level security;
revoke all on table public.sales_leads from anon, authenticated, service_role;
grant select, insert, update, delete on table public.sales_leads to authenticated, service_role;
create policy sales_leads_select on public.sales_leads for select to authenticated
  using (company_id = any ((select private.readable_companies())::uuid[]));
create policy sales_leads_insert on public.sales_leads for insert to authenticated
  with check (company_id = any ((select private.writable_companies())::uuid[]));
create policy sales_leads_update on public.sales_leads for update to authenticated
  using (company_id = any ((select private.writable_companies())::uuid[]))
  with check (company_id = any ((select private.writable_companies())::uuid[]));
create policy sales_leads_delete on public.sales_leads for delete to authenticated
  using (company_id = any ((select private.administered_companies())::uuid[]));
create trigger sales_leads_updated_at before update on public.sales_leads
  for each row execute function private.set_updated_at();

create table public.sales_opportunities (
  id uuid primary key default gen_random_uuid(),
  company_id uuid not null references public.companies (id),
  title text not null,
  customer_id uuid,
  lead_id uuid,
  stage text not null default 'qualification'
    check (stage in ('qualification', 'proposal', 'negotiation', 'won', 'lost')),
  amount numeric(14, 3) not null default 0 check (amount >= 0),
  currency text not null default 'KWD' check (currency ~ '^[A-Z]{3}$'),
  probability numeric(5, 2) not null default 10 check (probability between 0 and 100),
  expected_close_on date,
  closed_at timestamptz,
  lost_reason text,
  assigned_to uuid,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (company_id, id),
  check (customer_id is not null or lead_id is not null),
  check ((closed_at is not null) = (stage in ('won', 'lost'))),
  foreign key (company_id, customer_id) references public.customers (company_id, id),
  foreign key (company_id, lead_id) references public.sales_leads (company_id, id),
  foreign key (company_id, assigned_to) references public.user_companies (company_id, user_id)
    on delete set null (assigned_to)
);
create index sales_opportunities_stage_idx on public.sales_opportunities (company_id, stage, expected_close_on);
create index sales_opportunities_customer_idx on public.sales_opportunities (company_id, customer_id);
create index sales_opportunities_lead_idx on public.sales_opportunities (company_id, lead_id);
create index sales_opportunities_assigned_to_idx on public.sales_opportunities (company_id, assigned_to);
comment on table public.sales_opportunities is
  'Possible deals on their way through the pipeline';
alter table public.sales_opportunities enable row level security;
alter table public.sales_opportunities force row level security;
revoke all on table public.sales_opportunities from anon, authenticated, service_role;
grant select, insert, update, delete on table public.sales_opportunities to authenticated, service_role;
create policy sales_opportunities_select on public.sales_opportunities for select to authenticated
  using (company_id = any ((select private.readable_companies())::uuid[]));
create policy sales_opportunities_insert on public.sales_opportunities for insert to authenticated
  with check (company_id = any ((select private.writable_companies())::uuid[]));
create policy sales_opportunities_update on public.sales_opportunities for update to authenticated
  using (company_id = any ((select private.writable_companies())::uuid[]))
  with check (company_id = any ((select private.writable_companies())::uuid[]));
create policy sales_opportunities_delete on public.sales_opportunities for delete to authenticated
  using (company_id = any ((select private.administered_companies())::uuid[]));
create trigger sales_opportunities_updated_at before update on public.sales_opportunities
  for each row execute function private.set_updated_at();

create table public.sales_opportunity_events (
  id uuid primary key default gen_random_uuid(),
  company_id uuid not null references public.companies (id),
  opportunity_id uuid not null,
  from_stage text,
  to_stage text not null,
  amount numeric(14, 3) not null,
  changed_by uuid,
  changed_at timestamptz not null default now(),
  foreign key (company_id, opportunity_id) references public.sales_opportunities (company_id, id) on delete cascade,
  foreign key (company_id, changed_by) references public.user_companies (company_id, user_id)
    on delete set null (changed_by)
);
create index sales_opportunity_events_opportunity_idx
  on public.sales_opportunity_events (company_id, opportunity_id, changed_at);
create index sales_opportunity_events_changed_by_idx on public.sales_opportunity_events (company_id, changed_by);
comment on table public.sales_opportunity_events is
  'Stage history of opportunities, written by a trigger only: the basis of conversion and duration figures';
alter table public.sales_opportunity_events enable row level security;
alter table public.sales_opportunity_events force row level security;
revoke all on table public.sales_opportunity_events from anon, authenticated, service_role;
grant select on table public.sales_opportunity_events to authenticated, service_role;
create policy sales_opportunity_events_select on public.sales_opportunity_events for select to authenticated
  using (company_id = any ((select private.readable_companies())::uuid[]));

create function private.close_opportunity() returns trigger
language plpgsql set search_path = '' as $$
begin
  if new.stage not in ('won', 'lost') then
    new.closed_at := null;
  elsif new.closed_at is null then
    new.closed_at := now();
  end if;
  return new;
end
$$;
revoke all on function private.close_opportunity() from public;
create trigger sales_opportunities_close before insert or update of stage, closed_at on public.sales_opportunities
  for each row execute function private.close_opportunity();

-- Security definer: nobody may write history by hand. An after trigger, so the policies have agreed to the row.
create function private.record_opportunity_stage() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  insert into public.sales_opportunity_events (company_id, opportunity_id, from_stage, to_stage, amount, changed_by)
  values (
    new.company_id, new.id, case when tg_op = 'UPDATE' then old.stage end, new.stage, new.amount,
    (select m.user_id from public.user_companies m where m.company_id = new.company_id and m.user_id = auth.uid())
  );
  return null;
end
$$;
revoke all on function private.record_opportunity_stage() from public;
create trigger sales_opportunities_created after insert on public.sales_opportunities
  for each row execute function private.record_opportunity_stage();
create trigger sales_opportunities_stage_changed after update of stage on public.sales_opportunities
  for each row when (old.stage is distinct from new.stage) execute function private.record_opportunity_stage();

create table public.sales_activities (
  id uuid primary key default gen_random_uuid(),
  company_id uuid not null references public.companies (id),
  lead_id uuid,
  opportunity_id uuid,
  kind text not null check (kind in ('call', 'meeting', 'email', 'visit', 'task', 'note')),
  subject text not null,
  due_at timestamptz,
  done_at timestamptz,
  assigned_to uuid,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  check (num_nonnulls(lead_id, opportunity_id) = 1),
  foreign key (company_id, lead_id) references public.sales_leads (company_id, id) on delete cascade,
  foreign key (company_id, opportunity_id) references public.sales_opportunities (company_id, id) on delete cascade,
  foreign key (company_id, assigned_to) references public.user_companies (company_id, user_id)
    on delete set null (assigned_to)
);
create index sales_activities_lead_idx on public.sales_activities (company_id, lead_id);
create index sales_activities_opportunity_idx on public.sales_activities (company_id, opportunity_id);
create index sales_activities_assigned_to_idx on public.sales_activities (company_id, assigned_to);
create index sales_activities_open_idx on public.sales_activities (company_id, due_at) where done_at is null;
comment on table public.sales_activities is
  'Calls, meetings and tasks about one lead or one opportunity';
alter table public.sales_activities enable row level security;
alter table public.sales_activities force row level security;
revoke all on table public.sales_activities from anon, authenticated, service_role;
grant select, insert, update, delete on table public.sales_activities to authenticated, service_role;
create policy sales_activities_select on public.sales_activities for select to authenticated
  using (company_id = any ((select private.readable_companies())::uuid[]));
create policy sales_activities_insert on public.sales_activities for insert to authenticated
  with check (company_id = any ((select private.writable_companies())::uuid[]));
create policy sales_activities_update on public.sales_activities for update to authenticated
  using (company_id = any ((select private.writable_companies())::uuid[]))
  with check (company_id = any ((select private.writable_companies())::uuid[]));
create policy sales_activities_delete on public.sales_activities for delete to authenticated
  using (company_id = any ((select private.administered_companies())::uuid[]));
create trigger sales_activities_updated_at before update on public.sales_activities
  for each row execute function private.set_updated_at();

create table public.sales_quotes (
  id uuid primary key default gen_random_uuid(),
  company_id uuid not null references public.companies (id),
  quote_number text not null,
  customer_id uuid not null,
  opportunity_id uuid,
  order_id uuid,
  status text not null default 'draft' check (status in ('draft', 'sent', 'accepted', 'rejected', 'expired')),
  issued_on date not null default current_date,
  valid_until date not null,
  currency text not null default 'KWD' check (currency ~ '^[A-Z]{3}$'),
  subtotal numeric(14, 3) not null default 0,
  tax_percent numeric(5, 2) not null default 0 check (tax_percent between 0 and 100),
  total numeric(14, 3) generated always as (round(subtotal * (1 + tax_percent / 100), 3)) stored,
  notes text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (company_id, id),
  unique (company_id, quote_number),
  check (valid_until >= issued_on),
  foreign key (company_id, customer_id) references public.customers (company_id, id),
  foreign key (company_id, opportunity_id) references public.sales_opportunities (company_id, id)
    on delete set null (opportunity_id),
  foreign key (company_id, order_id) references public.orders (company_id, id) on delete set null (order_id)
);
comment on column public.sales_quotes.subtotal is 'Sum of the lines, kept by a trigger on sales_quote_items';
comment on column public.sales_quotes.order_id is 'The order that an accepted quote became';
create index sales_quotes_status_idx on public.sales_quotes (company_id, status, valid_until);
create index sales_quotes_customer_idx on public.sales_quotes (company_id, customer_id);
create index sales_quotes_opportunity_idx on public.sales_quotes (company_id, opportunity_id);
create index sales_quotes_order_idx on public.sales_quotes (company_id, order_id);
comment on table public.sales_quotes is
  'Offers to customers';
alter table public.sales_quotes enable row level security;
alter table public.sales_quotes force row level security;
revoke all on table public.sales_quotes from anon, authenticated, service_role;
grant select, insert, update, delete on table public.sales_quotes to authenticated, service_role;
create policy sales_quotes_select on public.sales_quotes for select to authenticated
  using (company_id = any ((select private.readable_companies())::uuid[]));
create policy sales_quotes_insert on public.sales_quotes for insert to authenticated
  with check (company_id = any ((select private.writable_companies())::uuid[]));
create policy sales_quotes_update on public.sales_quotes for update to authenticated
  using (company_id = any ((select private.writable_companies())::uuid[]))
  with check (company_id = any ((select private.writable_companies())::uuid[]));
create policy sales_quotes_delete on public.sales_quotes for delete to authenticated
  using (company_id = any ((select private.administered_companies())::uuid[]));
create trigger sales_quotes_updated_at before update on public.sales_quotes
  for each row execute function private.set_updated_at();

create table public.sales_quote_items (
  id uuid primary key default gen_random_uuid(),
  company_id uuid not null references public.companies (id),
  quote_id uuid not null,
  line_number bigint not null check (line_number > 0),
  product_id uuid,
  description text not null,
  quantity numeric(12, 3) not null check (quantity > 0),
  unit_price numeric(12, 3) not null check (unit_price >= 0),
  discount_percent numeric(5, 2) not null default 0 check (discount_percent between 0 and 100),
  line_total numeric(14, 3)
    generated always as (round(quantity * unit_price * (1 - discount_percent / 100), 3)) stored,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (company_id, quote_id, line_number),
  foreign key (company_id, quote_id) references public.sales_quotes (company_id, id) on delete cascade,
  foreign key (company_id, product_id) references public.products (company_id, id)
);
create index sales_quote_items_product_idx on public.sales_quote_items (company_id, product_id);
comment on table public.sales_quote_items is
  'Lines of a quote: a product, or free text for services';
alter table public.sales_quote_items enable row level security;
alter table public.sales_quote_items force row level security;
revoke all on table public.sales_quote_items from anon, authenticated, service_role;
grant select, insert, update, delete on table public.sales_quote_items to authenticated, service_role;
create policy sales_quote_items_select on public.sales_quote_items for select to authenticated
  using (company_id = any ((select private.readable_companies())::uuid[]));
create policy sales_quote_items_insert on public.sales_quote_items for insert to authenticated
  with check (company_id = any ((select private.writable_companies())::uuid[]));
create policy sales_quote_items_update on public.sales_quote_items for update to authenticated
  using (company_id = any ((select private.writable_companies())::uuid[]))
  with check (company_id = any ((select private.writable_companies())::uuid[]));
create policy sales_quote_items_delete on public.sales_quote_items for delete to authenticated
  using (company_id = any ((select private.administered_companies())::uuid[]));
create trigger sales_quote_items_updated_at before update on public.sales_quote_items
  for each row execute function private.set_updated_at();

-- As the user who writes the line: who may write lines may write the quote.
create function private.refresh_quote_subtotal() returns trigger
language plpgsql set search_path = '' as $$
begin
  if tg_op in ('UPDATE', 'DELETE') then
    update public.sales_quotes q
    set subtotal = (
      select coalesce(sum(i.line_total), 0) from public.sales_quote_items i
      where i.company_id = q.company_id and i.quote_id = q.id
    )
    where q.company_id = old.company_id and q.id = old.quote_id;
  end if;
  if tg_op = 'INSERT' or (tg_op = 'UPDATE' and new.quote_id is distinct from old.quote_id) then
    update public.sales_quotes q
    set subtotal = (
      select coalesce(sum(i.line_total), 0) from public.sales_quote_items i
      where i.company_id = q.company_id and i.quote_id = q.id
    )
    where q.company_id = new.company_id and q.id = new.quote_id;
  end if;
  return null;
end
$$;
revoke all on function private.refresh_quote_subtotal() from public;
create trigger sales_quote_items_subtotal after insert or update or delete on public.sales_quote_items
  for each row execute function private.refresh_quote_subtotal();
