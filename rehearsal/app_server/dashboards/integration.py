"""The integration dashboard: what its four tabs show, from the release's views."""

from __future__ import annotations

from typing import Final, LiteralString

_INVENTORY: Final = """
  select item_id, sku, name, name_ar, category, quantity_on_hand, quantity_reserved, quantity_available, stock_value,
    warehouses_to_reorder
  from public.integration_inventory_status
  order by warehouses_to_reorder desc, sku
  limit 100
"""
_PIPELINE: Final = """
  select stage, currency, opportunities, amount, weighted_amount, next_close_on
  from public.integration_sales_pipeline
  order by array_position('{qualification,proposal,negotiation,won,lost}'::text[], stage), currency
"""
_QUOTE_STOCK: Final = """
  select quote_id, quote_number, status, line_number, quantity_quoted, quantity_available, quantity_reserved_for_quote,
    stock_status
  from public.integration_quote_stock
  order by quote_number desc, line_number
  limit 100
"""
_CUSTOMERS: Final = """
  select customer_id, code, name, name_ar, orders, orders_amount, last_ordered_at, open_opportunities, open_amount,
    open_quotes
  from public.integration_customer_overview
  order by open_opportunities desc, orders_amount desc, code
  limit 50
"""
_HEALTH: Final = """
  select module, records, last_activity_at from public.integration_module_health order by module
"""

WIDGETS: Final[dict[str, LiteralString]] = {
    "inventory": _INVENTORY,
    "pipeline": _PIPELINE,
    "quote-stock": _QUOTE_STOCK,
    "customers": _CUSTOMERS,
    "health": _HEALTH,
}
