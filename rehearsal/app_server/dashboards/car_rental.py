"""The car-rental dashboard's six widgets."""

from __future__ import annotations

from typing import Final, LiteralString

_FLEET_AVAILABILITY: Final = """
  select s.status as label, count(v.id) as value
  from unnest('{available,rented,maintenance,retired}'::text[]) with ordinality s(status, n)
  left join public.vehicles v on v.status = s.status
  group by s.status, s.n
  order by s.n
"""
_MAINTENANCE: Final = """
  with newest as (select max(performed_on) as at from public.vehicle_maintenance)
  select m.kind as label, count(*) as jobs, sum(m.cost) as value
  from public.vehicle_maintenance m, newest
  where m.performed_on > newest.at - interval '12 months'
  group by m.kind
  order by value desc
"""
_REVENUE: Final = """
  with newest as (select date_trunc('month', max(starts_on)) as month from public.rental_contracts)
  select to_char(date_trunc('month', c.starts_on), 'YYYY-MM') as label, sum(c.total_amount) as value
  from public.rental_contracts c, newest
  where c.status <> 'cancelled' and c.starts_on >= newest.month - interval '11 months'
  group by date_trunc('month', c.starts_on)
  order by date_trunc('month', c.starts_on)
"""
_UTILISATION: Final = """
  with newest as (select date_trunc('month', max(starts_on)) as month from public.rental_contracts),
  months as (
    select generate_series(newest.month - interval '11 months', newest.month, '1 month')::date as first from newest
  ),
  spans as (select first, (first + interval '1 month' - interval '1 day')::date as last from months),
  fleet as (select count(*) as vehicles from public.vehicles where status <> 'retired')
  select
    to_char(s.first, 'YYYY-MM') as label,
    coalesce(round(
      100.0 * sum(least(c.ends_on, s.last) - greatest(c.starts_on, s.first) + 1) filter (where c.id is not null)
      / nullif(f.vehicles * (s.last - s.first + 1), 0), 1), 0) as value
  from spans s
  cross join fleet f
  left join public.rental_contracts c
    on c.status in ('active', 'closed') and c.starts_on <= s.last and c.ends_on >= s.first
  group by s.first, s.last, f.vehicles
  order by s.first
"""
_CONTRACTS: Final = """
  select c.id, c.contract_number, c.ends_on, c.total_amount, v.plate_number, v.make || ' ' || v.model as vehicle,
    cu.name as customer, cu.name_ar as customer_ar, count(*) over () as active
  from public.rental_contracts c
  join public.vehicles v on v.company_id = c.company_id and v.id = c.vehicle_id
  join public.customers cu on cu.company_id = c.company_id and cu.id = c.customer_id
  where c.status = 'active'
  order by c.ends_on, c.contract_number
  limit 6
"""
_TOP_VEHICLES: Final = """
  select v.make || ' ' || v.model as label, sum(c.total_amount) as value, count(*) as contracts
  from public.rental_contracts c
  join public.vehicles v on v.company_id = c.company_id and v.id = c.vehicle_id
  where c.status <> 'cancelled'
  group by v.make, v.model
  order by value desc
  limit 8
"""

WIDGETS: Final[dict[str, LiteralString]] = {
    "fleet-availability": _FLEET_AVAILABILITY,
    "maintenance": _MAINTENANCE,
    "revenue": _REVENUE,
    "utilisation": _UTILISATION,
    "contracts": _CONTRACTS,
    "top-vehicles": _TOP_VEHICLES,
}
