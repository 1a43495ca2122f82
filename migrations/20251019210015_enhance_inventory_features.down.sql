-- Everything below is new in this migration. Children first; no CASCADE, so that anything added since stops the way back
-- instead of vanishing with it.
drop table public.inventory_reorder_rules;
drop table public.inventory_reservations;
drop table public.inventory_movements;
drop table public.inventory_stock_levels;
drop table public.inventory_items;
drop table public.inventory_warehouses;
drop table public.inventory_categories;

drop function private.apply_stock_reservation();
drop function private.apply_stock_movement();
