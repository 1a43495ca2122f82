"""The retail dashboard's seven widgets."""

from __future__ import annotations

from typing import Final, LiteralString

_SALES: Final = """
  with newest as (select date_trunc('month', max(ordered_at)) as month from public.orders)
  select to_char(date_trunc('month', o.ordered_at), 'YYYY-MM') as label, sum(o.total_amount) as value
  from public.orders o, newest
  where o.status <> 'cancelled' and o.ordered_at >= newest.month - interval '11 months'
  group by date_trunc('month', o.ordered_at)
  order by date_trunc('month', o.ordered_at)
"""
# A straight line through the last twelve whole months, carried on for three: the newest month is mostly half over.
_FORECAST: Final = """
  with newest as (select date_trunc('month', max(ordered_at)) as month from public.orders),
  months as (
    select date_trunc('month', o.ordered_at) as month, sum(o.total_amount) as amount,
      row_number() over (order by date_trunc('month', o.ordered_at)) as n
    from public.orders o, newest
    where o.status <> 'cancelled' and o.ordered_at >= newest.month - interval '12 months'
      and o.ordered_at < newest.month
    group by date_trunc('month', o.ordered_at)
  ),
  line as (
    select coalesce(regr_slope(amount, n), 0) as slope, coalesce(regr_intercept(amount, n), avg(amount)) as base,
      count(*) as n, max(month) as last
    from months having count(*) > 0
  )
  select to_char(month, 'YYYY-MM') as label, round(amount, 3) as value, false as forecast from months
  union all
  select to_char(line.last + make_interval(months => ahead), 'YYYY-MM'),
    round(greatest(line.base + line.slope * (line.n + ahead), 0)::numeric, 3), true
  from line, generate_series(1, 3) ahead
  order by label
"""
_STOCK_LEVELS: Final = """
  select i.name as label, i.name_ar as label_ar, sum(l.quantity_available) as value,
    sum(l.quantity_reserved) as reserved
  from public.inventory_stock_levels l
  join public.inventory_items i on i.company_id = l.company_id and i.id = l.item_id
  group by i.id
  order by value, i.name
  limit 8
"""
_REORDER: Final = """
  select i.id, i.sku, i.name, i.name_ar, w.name as warehouse, w.name_ar as warehouse_ar,
    coalesce(l.quantity_available, 0) as quantity_available, r.reorder_point, r.reorder_quantity,
    count(*) over () as items
  from public.inventory_reorder_rules r
  join public.inventory_items i on i.company_id = r.company_id and i.id = r.item_id
  join public.inventory_warehouses w on w.company_id = r.company_id and w.id = r.warehouse_id
  left join public.inventory_stock_levels l
    on l.company_id = r.company_id and l.item_id = r.item_id and l.warehouse_id = r.warehouse_id
  where coalesce(l.quantity_available, 0) <= r.reorder_point
  order by r.reorder_point - coalesce(l.quantity_available, 0) desc, i.sku
  limit 6
"""
_TOP_PRODUCTS: Final = """
  select p.name as label, p.name_ar as label_ar, sum(oi.quantity * oi.unit_price) as value, sum(oi.quantity) as sold
  from public.order_items oi
  join public.products p on p.company_id = oi.company_id and p.id = oi.product_id
  group by p.id
  order by value desc
  limit 8
"""
_ORDER_STATUS: Final = """
  select s.status as label, count(o.id) as value, coalesce(sum(o.total_amount), 0) as amount
  from unnest('{open,paid,delivered,cancelled}'::text[]) with ordinality s(status, n)
  left join public.orders o on o.status = s.status
  group by s.status, s.n
  order by s.n
"""
_TOP_CUSTOMERS: Final = """
  select c.id, c.name as customer, c.name_ar as customer_ar, count(*) as orders, sum(o.total_amount) as amount,
    max(o.ordered_at) as last_ordered_at
  from public.orders o
  join public.customers c on c.company_id = o.company_id and c.id = o.customer_id
  where o.status <> 'cancelled'
  group by c.id
  order by amount desc
  limit 6
"""

WIDGETS: Final[dict[str, LiteralString]] = {
    "sales": _SALES,
    "forecast": _FORECAST,
    "stock-levels": _STOCK_LEVELS,
    "reorder": _REORDER,
    "top-products": _TOP_PRODUCTS,
    "order-status": _ORDER_STATUS,
    "top-customers": _TOP_CUSTOMERS,
}
