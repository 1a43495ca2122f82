-- Everything below is new in this migration. Children first; no CASCADE, so that anything added since stops the way back
-- instead of vanishing with it.
drop table public.sales_quote_items;
drop table public.sales_quotes;
drop table public.sales_activities;
drop table public.sales_opportunity_events;
drop table public.sales_opportunities;
drop table public.sales_leads;

drop function private.refresh_quote_subtotal();
drop function private.record_opportunity_stage();
drop function private.close_opportunity();
