"""Vendor management of release phase-7d: categories, the full directory, one vendor's details, performance."""

from __future__ import annotations

from typing import Annotated, Any, Final
from uuid import UUID

from pydantic import Field, StringConstraints

from rehearsal.app_server.endpoints import Call, Code, Input, Name, Note, Page, reading, writing

_DIRECTORY: Final = """
  select
    v.id, v.code, v.name, v.name_ar, v.contact_name, v.phone, v.email, v.is_active, v.rating, v.payment_terms_days,
    v.category_id, coalesce(c.name, v.category) as category, coalesce(c.name_ar, v.category) as category_ar
  from public.vendors v
  left join public.vendor_categories c on c.company_id = v.company_id and c.id = v.category_id
  where v.name ilike %(search)s or v.name_ar ilike %(search)s or v.code ilike %(search)s
  order by v.code
"""
_DETAILS: Final = """
  select
    v.id, v.code, v.name, v.name_ar, v.phone, v.email, v.is_active, v.rating, v.payment_terms_days, v.tax_number,
    v.website, p.category, p.deliveries, p.on_time_percent, p.quality_score, p.items_supplied, p.next_expiry_on,
    (
      select coalesce(json_agg(c order by c.is_primary desc, c.name), '[]') from (
        select id, name, name_ar, position, phone, email, is_primary from public.vendor_contacts c
        where c.company_id = v.company_id and c.vendor_id = v.id
      ) c
    ) as contacts,
    (
      select coalesce(json_agg(d order by d.expires_on), '[]') from (
        select id, kind, title, issued_on, expires_on from public.vendor_documents d
        where d.company_id = v.company_id and d.vendor_id = v.id
      ) d
    ) as documents,
    (
      select coalesce(json_agg(s order by s.name), '[]') from (
        select vi.id, i.name, i.name_ar, vi.vendor_sku, vi.unit_price, vi.lead_time_days, vi.is_preferred
        from public.vendor_items vi
        join public.inventory_items i on i.company_id = vi.company_id and i.id = vi.item_id
        where vi.company_id = v.company_id and vi.vendor_id = v.id
      ) s
    ) as items
  from public.vendors v
  join public.vendor_performance p on p.company_id = v.company_id and p.vendor_id = v.id
  where v.id = %(id)s
"""
_CATEGORIES: Final = """
  select
    c.id, c.code, c.name, c.name_ar, c.description,
    (select count(*) from public.vendors v where v.company_id = c.company_id and v.category_id = c.id) as vendors
  from public.vendor_categories c
  order by c.name
"""
_PERFORMANCE: Final = """
  select
    vendor_id, name, name_ar, category, rating, deliveries, on_time_percent, quality_score, items_supplied,
    next_expiry_on
  from public.vendor_performance
  where is_active and deliveries > 0 and (name ilike %(search)s or name_ar ilike %(search)s)
  order by on_time_percent desc, quality_score desc nulls last, name
"""


class NewCategory(Input):
    """A kind of vendors."""

    code: Code
    name: Name
    name_ar: Name | None = None
    description: Note | None = None


class NewVendor(Input):
    """A supplier or contractor."""

    code: Code
    name: Name
    name_ar: Name | None = None
    category_id: UUID | None = None
    contact_name: Name | None = None
    phone: Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[+0-9 ()-]{3,40}$")] | None = None
    email: Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[^@\s]{1,64}@[^@\s]{1,180}$")] | None = (
        None
    )
    payment_terms_days: Annotated[int, Field(ge=0, le=365)] | None = None


async def create_category(call: Call, given: NewCategory) -> dict[str, Any]:
    """Add a category."""
    return await call.created(
        "vendors",
        "insert into public.vendor_categories (company_id, code, name, name_ar, description)"
        " values (%(company)s, %(code)s, %(name)s, %(name_ar)s, %(description)s) returning id",
        given.model_dump(),
    )


async def create_vendor(call: Call, given: NewVendor) -> dict[str, Any]:
    """Add a vendor; its contact person becomes the first contact."""
    values = given.model_dump()
    vendor = await call.created(
        "vendors",
        "insert into public.vendors"
        " (company_id, code, name, name_ar, category_id, contact_name, phone, email, payment_terms_days)"
        " values (%(company)s, %(code)s, %(name)s, %(name_ar)s, %(category_id)s, %(contact_name)s, %(phone)s,"
        " %(email)s, %(payment_terms_days)s) returning id",
        values,
    )
    if given.contact_name:
        await call.connection.execute(
            "insert into public.vendor_contacts (company_id, vendor_id, name, phone, email, is_primary)"
            " values (%(company)s, %(vendor)s, %(contact_name)s, %(phone)s, %(email)s, true)",
            values | {"company": call.company, "vendor": vendor["id"]},
        )
    return vendor


ROUTES: Final = [
    reading("/api/vendor-directory", _DIRECTORY, takes=Page),
    reading("/api/vendor-directory/{id:uuid}", _DETAILS, one="vendor"),
    reading("/api/vendor-categories", _CATEGORIES),
    reading("/api/vendor-performance", _PERFORMANCE, takes=Page),
    writing("POST", "/api/vendor-categories", NewCategory, create_category),
    writing("POST", "/api/vendors", NewVendor, create_vendor),
]
