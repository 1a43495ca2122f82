-- Views over sales and inventory for the integration dashboard, and the first page's figures with the new modules.
-- security_invoker: a view reads as the user who asks, so the policies of its tables apply.

create view public.integration_inventory_status with (security_invoker = true) as
select
  i.company_id,
  i.id as item_id,
  i.sku,
  i.name,
  i.name_ar,
  c.name as category,
  i.product_id,
  coalesce(s.on_hand, 0) as quantity_on_hand,
  coalesce(s.reserved, 0) as quantity_reserved,
  coalesce(s.available, 0) as quantity_available,
  coalesce(s.on_hand, 0) * i.unit_cost as stock_value,
  coalesce(r.warehouses_to_reorder, 0) as warehouses_to_reorder
from public.inventory_items i
left join public.inventory_categories c on c.company_id = i.company_id and c.id = i.category_id
left join (
  select
    company_id, item_id,
    sum(quantity_on_hand) as on_hand, sum(quantity_reserved) as reserved, sum(quantity_available) as available
  from public.inventory_stock_levels
  group by company_id, item_id
) s on s.company_id = i.company_id and s.item_id = i.id
left join (
  select rule.company_id, rule.item_id, count(*) as warehouses_to_reorder
  from public.inventory_reorder_rules rule
  left join public.inventory_stock_levels l
    on l.company_id = rule.company_id and l.item_id = rule.item_id and l.warehouse_id = rule.warehouse_id
  where coalesce(l.quantity_available, 0) <= rule.reorder_point
  group by rule.company_id, rule.item_id
) r on r.company_id = i.company_id and r.item_id = i.id
where i.is_active;
comment on view public.integration_inventory_status is 'Stock per item over all warehouses, with what has to be ordered';

create view public.integration_quote_stock with (security_invoker = true) as
select
  q.company_id,
  q.id as quote_id,
  q.quote_number,
  q.status,
  qi.line_number,
  qi.product_id,
  qi.quantity as quantity_quoted,
  st.item_id,
  coalesce(st.quantity_available, 0) as quantity_available,
  coalesce(res.quantity, 0) as quantity_reserved_for_quote,
  case
    when st.item_id is null then 'not_stocked'
    when coalesce(res.quantity, 0) >= qi.quantity then 'reserved'
    when st.quantity_available + coalesce(res.quantity, 0) >= qi.quantity then 'available'
    else 'short'
  end as stock_status
from public.sales_quotes q
join public.sales_quote_items qi on qi.company_id = q.company_id and qi.quote_id = q.id
left join public.integration_inventory_status st
  on st.company_id = qi.company_id and st.product_id = qi.product_id
left join (
  select company_id, quote_id, item_id, sum(quantity) as quantity
  from public.inventory_reservations
  where status = 'active'
  group by company_id, quote_id, item_id
) res on res.company_id = q.company_id and res.quote_id = q.id and res.item_id = st.item_id;
comment on view public.integration_quote_stock is 'Each line of each quote against the stock that could serve it';

create view public.integration_sales_pipeline with (security_invoker = true) as
select
  company_id,
  stage,
  currency,
  count(*) as opportunities,
  sum(amount) as amount,
  round(sum(amount * probability / 100), 3) as weighted_amount,
  min(expected_close_on) as next_close_on
from public.sales_opportunities
group by company_id, stage, currency;
comment on view public.integration_sales_pipeline is 'Number and value of opportunities per stage';

create view public.integration_customer_overview with (security_invoker = true) as
select
  c.company_id,
  c.id as customer_id,
  c.code,
  c.name,
  c.name_ar,
  coalesce(o.orders, 0) as orders,
  coalesce(o.amount, 0) as orders_amount,
  o.last_ordered_at,
  coalesce(p.open_opportunities, 0) as open_opportunities,
  coalesce(p.amount, 0) as open_amount,
  coalesce(q.open_quotes, 0) as open_quotes
from public.customers c
left join (
  select
    company_id, customer_id,
    count(*) as orders, sum(total_amount) as amount, max(ordered_at) as last_ordered_at
  from public.orders
  where status <> 'cancelled'
  group by company_id, customer_id
) o on o.company_id = c.company_id and o.customer_id = c.id
left join (
  select company_id, customer_id, count(*) as open_opportunities, sum(amount) as amount
  from public.sales_opportunities
  where stage not in ('won', 'lost')
  group by company_id, customer_id
) p on p.company_id = c.company_id and p.customer_id = c.id
left join (
  select company_id, customer_id, count(*) as open_quotes
  from public.sales_quotes
  where status in ('draft', 'sent')
  group by company_id, customer_id
) q on q.company_id = c.company_id and q.customer_id = c.id;
comment on view public.integration_customer_overview is 'What a customer bought and what is on its way';

create view public.integration_module_health with (security_invoker = true) as
select company_id, 'sales.leads' as module, count(*) as records, max(updated_at) as last_activity_at
from public.sales_leads group by company_id
union all
select company_id, 'sales.opportunities', count(*), max(updated_at)
from public.sales_opportunities group by company_id
union all
select company_id, 'sales.quotes', count(*), max(updated_at)
from public.sales_quotes group by company_id
union all
select company_id, 'inventory.items', count(*), max(updated_at)
from public.inventory_items group by company_id
union all
select company_id, 'inventory.movements', count(*), max(created_at)
from public.inventory_movements group by company_id
union all
select company_id, 'inventory.reservations', count(*), max(updated_at)
from public.inventory_reservations group by company_id;
comment on view public.integration_module_health is 'How much each module holds and when it was last used, for the health monitor';

revoke all on table
  public.integration_inventory_status, public.integration_quote_stock, public.integration_sales_pipeline,
  public.integration_customer_overview, public.integration_module_health
from anon, authenticated, service_role;
grant select on table
  public.integration_inventory_status, public.integration_quote_stock, public.integration_sales_pipeline,
  public.integration_customer_overview, public.integration_module_health
to authenticated, service_role;

-- Same signature, more keys: the application of the release before reads the ones it knows. Privileges stay.
create or replace function public.dashboard_summary(p_company_id uuid) returns jsonb
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
      (select coalesce(sum(total_amount), 0) from public.orders where company_id = p_company_id),
    'open_opportunities',
      (select count(*) from public.sales_opportunities
       where company_id = p_company_id and stage not in ('won', 'lost')),
    'pipeline_amount',
      (select coalesce(sum(weighted_amount), 0) from public.integration_sales_pipeline
       where company_id = p_company_id and stage not in ('won', 'lost')),
    'items_to_reorder',
      (select count(*) from public.integration_inventory_status
       where company_id = p_company_id and warehouses_to_reorder > 0)
  )
$$;
comment on function public.dashboard_summary(uuid) is
  'Figures of the app''s first page for one company, sales and inventory included';
