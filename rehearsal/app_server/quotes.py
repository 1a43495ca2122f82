"""Quotes: generated from products, checked against the stock, and their stock reserved."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated, Any, Final
from uuid import UUID

from pydantic import Field

from rehearsal.app_server.endpoints import Call, Input, Note, Page, reading, writing
from rehearsal.app_server.errors import ApiError, invalid
from rehearsal.app_server.inventory import Money

_QUOTES: Final = """
  select
    q.id, q.quote_number, q.status, q.issued_on, q.valid_until, q.currency, q.subtotal, q.total,
    c.name as customer, c.name_ar as customer_ar,
    (select count(*) from public.sales_quote_items i where i.company_id = q.company_id and i.quote_id = q.id) as lines
  from public.sales_quotes q
  join public.customers c on c.company_id = q.company_id and c.id = q.customer_id
  where q.quote_number ilike %(search)s or c.name ilike %(search)s or c.name_ar ilike %(search)s
  order by q.issued_on desc, q.created_at desc, q.quote_number desc
"""
_QUOTE: Final = """
  select
    q.id, q.quote_number, q.status, q.issued_on, q.valid_until, q.currency, q.subtotal, q.tax_percent, q.total, q.notes,
    c.name as customer, c.name_ar as customer_ar,
    (
      select coalesce(json_agg(l order by l.line_number), '[]') from (
        select
          i.line_number, i.description, i.quantity, i.unit_price, i.discount_percent, i.line_total,
          s.stock_status, s.quantity_available, s.quantity_reserved_for_quote
        from public.sales_quote_items i
        left join public.integration_quote_stock s
          on s.company_id = i.company_id and s.quote_id = i.quote_id and s.line_number = i.line_number
        where i.company_id = q.company_id and i.quote_id = q.id
      ) l
    ) as lines
  from public.sales_quotes q
  join public.customers c on c.company_id = q.company_id and c.id = q.customer_id
  where q.id = %(id)s
"""
# Stock is counted per item, whatever warehouse holds it; a reservation is of one warehouse: the fullest that can serve.
_OPEN_LINES: Final = """
  select s.line_number, s.stock_status, s.item_id, s.quantity_quoted - s.quantity_reserved_for_quote as missing,
    (
      select l.warehouse_id from public.inventory_stock_levels l
      where l.company_id = s.company_id and l.item_id = s.item_id
      order by l.quantity_available desc, l.warehouse_id
      limit 1
    ) as warehouse_id
  from public.integration_quote_stock s
  where s.quote_id = %(id)s and s.item_id is not null and s.quantity_quoted > s.quantity_reserved_for_quote
  order by s.line_number
"""


class Line(Input):
    """A product at a price; the product's own price and name where none is given."""

    product_id: UUID
    quantity: Annotated[Decimal, Field(gt=0, max_digits=12, decimal_places=3, allow_inf_nan=False)]
    unit_price: Money | None = None
    discount_percent: Annotated[Decimal, Field(ge=0, le=100, max_digits=5, decimal_places=2)] = Decimal(0)


class NewQuote(Input):
    """What a customer is offered."""

    customer_id: UUID
    opportunity_id: UUID | None = None
    valid_days: Annotated[int, Field(ge=1, le=365)] = 30
    tax_percent: Annotated[Decimal, Field(ge=0, le=100, max_digits=5, decimal_places=2)] = Decimal(0)
    notes: Note | None = None
    lines: Annotated[list[Line], Field(min_length=1, max_length=50)]


class Reserve(Input):
    """Reserve what a quote needs."""

    id: UUID


async def generate(call: Call, given: NewQuote) -> dict[str, Any]:
    """Write the quote with its lines under the company's next number."""
    today = date.today()  # noqa: DTZ011 - a quote is dated by the day where the server stands
    values = given.model_dump(exclude={"lines"}) | {"today": today, "until": today + timedelta(given.valid_days)}
    quote = await _insert_quote(call, values)
    for number, line in enumerate(given.lines, start=1):
        cursor = await call.connection.execute(
            "insert into public.sales_quote_items"
            " (company_id, quote_id, line_number, product_id, description, quantity, unit_price, discount_percent)"
            " select p.company_id, %(quote)s, %(number)s, p.id, p.name, %(quantity)s,"
            " coalesce(%(unit_price)s, p.price), %(discount_percent)s from public.products p"
            " where p.id = %(product_id)s",
            line.model_dump() | {"quote": quote["id"], "number": number},
        )
        if cursor.rowcount != 1:
            raise invalid("A line names a product that is not in your company.", [_line_problem(number)])
    await call.announce("sales")
    return quote


async def _insert_quote(call: Call, values: dict[str, Any]) -> dict[str, Any]:
    # Whoever quotes for the same company at this moment waits for its turn, so that each gets a number of its own.
    await call.connection.execute(
        "select pg_advisory_xact_lock(hashtextextended('quote_number', hashtextextended(%s, 0)))", [str(call.company)]
    )
    cursor = await call.connection.execute(
        "insert into public.sales_quotes"
        " (company_id, quote_number, customer_id, opportunity_id, issued_on, valid_until, tax_percent, notes)"
        " select %(company)s, 'Q-' || lpad(n::text, greatest(4, length(n::text)), '0'), %(customer_id)s,"
        " %(opportunity_id)s, %(today)s, %(until)s, %(tax_percent)s, %(notes)s"
        " from (select 1 + coalesce(max(substr(quote_number, 3)::bigint), 0) as n"
        " from public.sales_quotes where quote_number ~ '^Q-[0-9]{1,12}$') q"
        " returning id, quote_number",
        {**values, "company": call.company},
    )
    identity, number = await cursor.fetchone() or ("", "")
    return {"id": str(identity), "quote_number": number}


async def reserve(call: Call, given: Reserve) -> dict[str, Any]:
    """Reserve the stock that the quote's lines still need: all of it or nothing."""
    values = given.model_dump()
    # Locked, so that two people cannot reserve the same lines twice; also asks whether the caller may change it.
    cursor = await call.connection.execute(
        "select id, valid_until from public.sales_quotes where id = %(id)s for update", values
    )
    quote = await cursor.fetchone()
    if quote is None:
        raise await call.refusal("quote", "select from public.sales_quotes where id = %(id)s", given.id)
    lines = await call.rows(_OPEN_LINES, values)
    short = [line["line_number"] for line in lines if line["stock_status"] == "short"]
    if short:
        raise ApiError(
            409, "insufficient_stock", "There is not enough stock for the whole quote.", details={"lines": short}
        )
    for line in lines:
        await call.connection.execute(
            "insert into public.inventory_reservations"
            " (company_id, item_id, warehouse_id, quote_id, quantity, expires_at)"
            " values (%(company)s, %(item)s, %(warehouse)s, %(quote)s, %(quantity)s, %(until)s::date + 1)",
            {
                "company": call.company,
                "item": line["item_id"],
                "warehouse": line["warehouse_id"],
                "quote": given.id,
                "quantity": Decimal(str(line["missing"])),
                "until": quote[1],
            },
        )
    await call.announce("sales")
    await call.announce("inventory")
    return {"id": str(given.id), "reserved_lines": [line["line_number"] for line in lines]}


def _line_problem(number: int) -> dict[str, str]:
    return {"field": f"lines.{number - 1}.product_id", "problem": "unknown product"}


ROUTES: Final = [
    reading("/api/sales/quotes", _QUOTES, takes=Page),
    reading("/api/sales/quotes/{id:uuid}", _QUOTE, one="quote"),
    writing("POST", "/api/sales/quotes", NewQuote, generate),
    writing("POST", "/api/sales/quotes/{id:uuid}/reservations", Reserve, reserve),
]
