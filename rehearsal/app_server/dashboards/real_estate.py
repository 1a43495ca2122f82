"""The real-estate dashboard's seven widgets."""

from __future__ import annotations

from typing import Final, LiteralString

_OCCUPANCY: Final = """
  select s.status as label, count(u.id) as value
  from unnest('{occupied,vacant,maintenance}'::text[]) with ordinality s(status, n)
  left join public.property_units u on u.status = s.status
  group by s.status, s.n
  order by s.n
"""
_RENT_COLLECTION: Final = """
  with newest as (select date_trunc('month', max(due_on)) as month from public.rent_payments)
  select
    to_char(date_trunc('month', p.due_on), 'YYYY-MM') as label,
    sum(p.amount) as due,
    coalesce(sum(p.amount) filter (where p.paid_on is not null), 0) as value
  from public.rent_payments p, newest
  where p.due_on >= newest.month - interval '11 months'
  group by date_trunc('month', p.due_on)
  order by date_trunc('month', p.due_on)
"""
_OVERDUE: Final = """
  select p.id, l.lease_number, c.name as customer, c.name_ar as customer_ar, p.due_on, p.amount,
    count(*) over () as payments, sum(p.amount) over () as total
  from public.rent_payments p
  join public.leases l on l.company_id = p.company_id and l.id = p.lease_id
  join public.customers c on c.company_id = l.company_id and c.id = l.customer_id
  where p.paid_on is null and p.due_on <= current_date
  order by p.due_on, p.id
  limit 6
"""
_EXPIRING_LEASES: Final = """
  select to_char(date_trunc('month', ends_on), 'YYYY-MM') as label, count(*) as value
  from public.leases
  where status = 'active'
  group by date_trunc('month', ends_on)
  order by date_trunc('month', ends_on)
  limit 12
"""
_INCOME_BY_PROPERTY: Final = """
  select p.name as label, p.name_ar as label_ar, coalesce(sum(u.monthly_rent) filter (where u.status = 'occupied'), 0)
    as value
  from public.properties p
  left join public.property_units u on u.company_id = p.company_id and u.property_id = p.id
  group by p.id
  order by value desc, p.name
  limit 8
"""
_VACANT_UNITS: Final = """
  select u.id, u.unit_number, u.floor, u.area_sqm, u.monthly_rent, p.name as property, p.name_ar as property_ar,
    count(*) over () as vacant
  from public.property_units u
  join public.properties p on p.company_id = u.company_id and p.id = u.property_id
  where u.status = 'vacant'
  order by u.monthly_rent desc, u.id
  limit 6
"""
_PAYMENT_METHODS: Final = """
  select method as label, count(*) as payments, sum(amount) as value
  from public.rent_payments
  where paid_on is not null
  group by method
  order by value desc
"""

WIDGETS: Final[dict[str, LiteralString]] = {
    "occupancy": _OCCUPANCY,
    "rent-collection": _RENT_COLLECTION,
    "overdue": _OVERDUE,
    "expiring-leases": _EXPIRING_LEASES,
    "income-by-property": _INCOME_BY_PROPERTY,
    "vacant-units": _VACANT_UNITS,
    "payment-methods": _PAYMENT_METHODS,
}
