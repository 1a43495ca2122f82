"""What release phase-7c shows: vehicles, properties, products, orders, customers, the plain list of vendors.

These queries name only columns that both schemas have, so the release before keeps working on the schema after.
"""

from __future__ import annotations

from typing import Final

from rehearsal.app_server.endpoints import Page, reading

_SUMMARY: Final = """
  select s.key, s.value from jsonb_each(public.dashboard_summary((auth.jwt() #>> '{app_metadata,company_id}')::uuid)) s
"""
_VEHICLES: Final = """
  select id, plate_number, make, model, model_year, status, daily_rate, odometer_km from public.vehicles
  where plate_number ilike %(search)s or make || ' ' || model ilike %(search)s
  order by plate_number
"""
_PROPERTIES: Final = """
  select
    p.id, p.code, p.name, p.name_ar, p.city, p.property_type,
    count(u.id) as units, count(u.id) filter (where u.status = 'occupied') as occupied,
    coalesce(sum(u.monthly_rent) filter (where u.status = 'occupied'), 0) as monthly_rent
  from public.properties p
  left join public.property_units u on u.company_id = p.company_id and u.property_id = p.id
  where p.name ilike %(search)s or p.name_ar ilike %(search)s or p.code ilike %(search)s
  group by p.id
  order by p.code
"""
_PRODUCTS: Final = """
  select id, sku, name, name_ar, unit, cost, price, is_active from public.products
  where name ilike %(search)s or name_ar ilike %(search)s or sku ilike %(search)s
  order by sku
"""
_ORDERS: Final = """
  select o.id, o.order_number, o.ordered_at, o.status, o.total_amount, c.name as customer, c.name_ar as customer_ar
  from public.orders o join public.customers c on c.company_id = o.company_id and c.id = o.customer_id
  where o.order_number ilike %(search)s or c.name ilike %(search)s or c.name_ar ilike %(search)s
  order by o.ordered_at desc, o.id
"""
_CUSTOMERS: Final = """
  select id, code, name, name_ar, phone, email from public.customers
  where name ilike %(search)s or name_ar ilike %(search)s or code ilike %(search)s
  order by code
"""
_VENDORS: Final = """
  select id, code, name, name_ar, category, contact_name, phone, email, is_active from public.vendors
  where name ilike %(search)s or name_ar ilike %(search)s or code ilike %(search)s
  order by code
"""

ROUTES: Final = [
    reading("/api/summary", _SUMMARY),
    reading("/api/vehicles", _VEHICLES, takes=Page),
    reading("/api/properties", _PROPERTIES, takes=Page),
    reading("/api/products", _PRODUCTS, takes=Page),
    reading("/api/orders", _ORDERS, takes=Page),
    reading("/api/customers", _CUSTOMERS, takes=Page),
    reading("/api/vendors", _VENDORS, takes=Page),
]
