"""The sales pipeline: opportunities on their way, and what it adds up to."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from pydantic import Field

from rehearsal.app_server.endpoints import Call, Input, Name, Note, Page, reading, writing
from rehearsal.app_server.inventory import Money

_OPPORTUNITIES: Final = """
  select
    o.id, o.title, o.stage, o.amount, o.currency, o.probability, o.expected_close_on, o.closed_at, o.created_at,
    c.name as customer, c.name_ar as customer_ar, p.full_name as assigned_to, p.full_name_ar as assigned_to_ar
  from public.sales_opportunities o
  left join public.customers c on c.company_id = o.company_id and c.id = o.customer_id
  left join public.profiles p on p.id = o.assigned_to
  where o.title ilike %(search)s or c.name ilike %(search)s or c.name_ar ilike %(search)s
  order by o.created_at desc, o.title
"""
_PIPELINE: Final = """
  select s.stage, coalesce(p.opportunities, 0) as opportunities, coalesce(p.amount, 0) as amount,
    coalesce(p.weighted, 0) as weighted_amount, p.next_close_on
  from unnest('{qualification,proposal,negotiation,won,lost}'::text[]) with ordinality s(stage, n)
  left join (
    select stage, sum(opportunities) as opportunities, sum(amount) as amount, sum(weighted_amount) as weighted,
      min(next_close_on) as next_close_on
    from public.integration_sales_pipeline group by stage
  ) p on p.stage = s.stage
  order by s.n
"""
_QUOTES_BY_STATUS: Final = """
  select s.status, count(q.id) as quotes, coalesce(sum(q.total), 0) as total
  from unnest('{draft,sent,accepted,rejected,expired}'::text[]) with ordinality s(status, n)
  left join public.sales_quotes q on q.status = s.status
  group by s.status, s.n
  order by s.n
"""
_CONVERSION: Final = """
  select
    count(*) as opportunities,
    count(*) filter (where stage = 'won') as won,
    count(*) filter (where stage = 'lost') as lost,
    round(
      100.0 * count(*) filter (where stage = 'won') / nullif(count(*) filter (where stage in ('won', 'lost')), 0), 1
    ) as win_percent,
    coalesce(round(avg(amount), 3), 0) as average_amount,
    (select count(*) from public.sales_leads) as leads,
    (select count(*) from public.sales_leads where status = 'converted') as leads_converted
  from public.sales_opportunities
"""
Stage = Literal["qualification", "proposal", "negotiation", "won", "lost"]


class NewOpportunity(Input):
    """A possible deal with a customer."""

    title: Name
    customer_id: UUID
    amount: Money
    probability: Annotated[int, Field(ge=0, le=100)] = 10
    expected_close_on: date | None = None


class Move(Input):
    """An opportunity's next stage."""

    id: UUID
    stage: Stage
    lost_reason: Note | None = None


async def create(call: Call, given: NewOpportunity) -> dict[str, Any]:
    """Add an opportunity, assigned to who creates it."""
    return await call.created(
        "sales",
        "insert into public.sales_opportunities"
        " (company_id, title, customer_id, amount, probability, expected_close_on, assigned_to)"
        " values (%(company)s, %(title)s, %(customer_id)s, %(amount)s, %(probability)s, %(expected_close_on)s,"
        " auth.uid()) returning id",
        given.model_dump(),
    )


async def move(call: Call, given: Move) -> dict[str, Any]:
    """Put an opportunity into another stage; a trigger keeps the history."""
    cursor = await call.connection.execute(
        "update public.sales_opportunities set stage = %(stage)s, lost_reason = %(lost_reason)s where id = %(id)s"
        " returning id, stage",
        given.model_dump(),
    )
    row = await cursor.fetchone()
    if row is None:
        raise await call.refusal("opportunity", "select from public.sales_opportunities where id = %(id)s", given.id)
    await call.announce("sales")
    return {"id": str(row[0]), "stage": row[1]}


ROUTES: Final = [
    reading("/api/sales/opportunities", _OPPORTUNITIES, takes=Page),
    reading("/api/sales/analytics/pipeline", _PIPELINE),
    reading("/api/sales/analytics/quotes", _QUOTES_BY_STATUS),
    reading("/api/sales/analytics/conversion", _CONVERSION, one="analysis"),
    writing("POST", "/api/sales/opportunities", NewOpportunity, create),
    writing("PATCH", "/api/sales/opportunities/{id:uuid}", Move, move, status=200),
]
