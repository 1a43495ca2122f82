-- The first page's figures as they were in the release before, word for word; then the views, users first.
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
      (select coalesce(sum(total_amount), 0) from public.orders where company_id = p_company_id)
  )
$$;
comment on function public.dashboard_summary(uuid) is 'Figures of the app''s first page for one company';

drop view public.integration_module_health;
drop view public.integration_customer_overview;
drop view public.integration_sales_pipeline;
drop view public.integration_quote_stock;
drop view public.integration_inventory_status;
