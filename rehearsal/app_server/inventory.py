"""Warehouses, items and stock. Stock changes by movements only; the database's triggers keep the levels."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Final
from uuid import UUID

from pydantic import Field

from rehearsal.app_server.endpoints import Call, Code, Input, Name, Note, Page, reading, writing

_WAREHOUSES: Final = """
  select
    w.id, w.code, w.name, w.name_ar, w.city, w.is_active,
    count(l.id) filter (where l.quantity_on_hand > 0) as items,
    coalesce(sum(l.quantity_on_hand), 0) as quantity_on_hand,
    coalesce(sum(l.quantity_on_hand * i.unit_cost), 0) as stock_value
  from public.inventory_warehouses w
  left join public.inventory_stock_levels l on l.company_id = w.company_id and l.warehouse_id = w.id
  left join public.inventory_items i on i.company_id = l.company_id and i.id = l.item_id
  group by w.id
  order by w.name
"""
_ITEMS: Final = """
  select
    i.id, i.sku, i.barcode, i.name, i.name_ar, i.unit, i.unit_cost, i.is_active, c.name as category,
    c.name_ar as category_ar, coalesce(s.on_hand, 0) as quantity_on_hand, coalesce(s.reserved, 0) as quantity_reserved,
    coalesce(s.available, 0) as quantity_available
  from public.inventory_items i
  left join public.inventory_categories c on c.company_id = i.company_id and c.id = i.category_id
  left join (
    select
      company_id, item_id,
      sum(quantity_on_hand) as on_hand, sum(quantity_reserved) as reserved, sum(quantity_available) as available
    from public.inventory_stock_levels
    group by company_id, item_id
  ) s on s.company_id = i.company_id and s.item_id = i.id
  where i.name ilike %(search)s or i.name_ar ilike %(search)s or i.sku ilike %(search)s or i.barcode ilike %(search)s
  order by i.sku
"""
_ITEM: Final = """
  select
    i.id, i.sku, i.barcode, i.name, i.name_ar, i.unit, i.unit_cost, i.is_active,
    (
      select coalesce(json_agg(l order by l.warehouse), '[]') from (
        select
          w.id as warehouse_id, w.name as warehouse, w.name_ar as warehouse_ar,
          l.quantity_on_hand, l.quantity_reserved, l.quantity_available
        from public.inventory_stock_levels l
        join public.inventory_warehouses w on w.company_id = l.company_id and w.id = l.warehouse_id
        where l.company_id = i.company_id and l.item_id = i.id
      ) l
    ) as levels,
    (
      select coalesce(json_agg(m), '[]') from (
        select m.id, m.kind, m.quantity, m.reference, m.moved_at, w.name as warehouse, w.name_ar as warehouse_ar
        from public.inventory_movements m
        join public.inventory_warehouses w on w.company_id = m.company_id and w.id = m.warehouse_id
        where m.company_id = i.company_id and m.item_id = i.id
        order by m.moved_at desc, m.id
        limit 20
      ) m
    ) as movements
  from public.inventory_items i
  where i.id = %(id)s
"""
_CATEGORIES: Final = "select id, parent_id, code, name, name_ar from public.inventory_categories order by name"

Quantity = Annotated[Decimal, Field(max_digits=14, decimal_places=3, allow_inf_nan=False)]
Money = Annotated[Decimal, Field(ge=0, max_digits=12, decimal_places=3, allow_inf_nan=False)]


class NewWarehouse(Input):
    """A place where stock is kept."""

    code: Code
    name: Name
    name_ar: Name | None = None
    city: Name | None = None


class NewItem(Input):
    """Something that is stocked."""

    sku: Code
    name: Name
    name_ar: Name | None = None
    barcode: Code | None = None
    category_id: UUID | None = None
    product_id: UUID | None = None
    unit: Name = "piece"
    unit_cost: Money = Decimal(0)


class Adjustment(Input):
    """A correction of the stock of one item in one warehouse; positive adds."""

    item_id: UUID
    warehouse_id: UUID
    quantity: Quantity
    reason: Note = ""


async def create_warehouse(call: Call, given: NewWarehouse) -> dict[str, Any]:
    """Add a warehouse."""
    return await call.created(
        "inventory",
        "insert into public.inventory_warehouses (company_id, code, name, name_ar, city)"
        " values (%(company)s, %(code)s, %(name)s, %(name_ar)s, %(city)s) returning id",
        given.model_dump(),
    )


async def create_item(call: Call, given: NewItem) -> dict[str, Any]:
    """Add an item, without stock."""
    return await call.created(
        "inventory",
        "insert into public.inventory_items"
        " (company_id, sku, name, name_ar, barcode, category_id, product_id, unit, unit_cost)"
        " values (%(company)s, %(sku)s, %(name)s, %(name_ar)s, %(barcode)s, %(category_id)s, %(product_id)s, %(unit)s,"
        " %(unit_cost)s) returning id",
        given.model_dump(),
    )


async def adjust(call: Call, given: Adjustment) -> dict[str, Any]:
    """Write an adjustment into the journal and say what the stock is then."""
    movement = await call.created(
        "inventory",
        "insert into public.inventory_movements (company_id, item_id, warehouse_id, kind, quantity, reference)"
        " values (%(company)s, %(item_id)s, %(warehouse_id)s, 'adjustment', %(quantity)s, %(reason)s) returning id",
        given.model_dump(),
    )
    level = await call.row(
        "select quantity_on_hand, quantity_reserved, quantity_available from public.inventory_stock_levels"
        " where item_id = %(item_id)s and warehouse_id = %(warehouse_id)s",
        given.model_dump(),
    )
    return movement | {"level": level}


ROUTES: Final = [
    reading("/api/inventory/warehouses", _WAREHOUSES),
    reading("/api/inventory/categories", _CATEGORIES),
    reading("/api/inventory/items", _ITEMS, takes=Page),
    reading("/api/inventory/items/{id:uuid}", _ITEM, one="item"),
    writing("POST", "/api/inventory/warehouses", NewWarehouse, create_warehouse),
    writing("POST", "/api/inventory/items", NewItem, create_item),
    writing("POST", "/api/inventory/adjustments", Adjustment, adjust),
]
