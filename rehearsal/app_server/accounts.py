"""Login, company switch, and what the app needs to know about its user."""

from __future__ import annotations

import asyncio
import json
from typing import Annotated, Any, Final
from uuid import UUID

from psycopg import AsyncConnection
from pydantic import StringConstraints
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from rehearsal.app_server.database import READER_OF_ACCOUNTS, Database
from rehearsal.app_server.endpoints import Input, caller_of, json_object, services, text_response, validated
from rehearsal.app_server.errors import ApiError, unauthorized
from rehearsal.app_server.passwords import verify
from rehearsal.app_server.throttle import Throttle
from rehearsal.app_server.tokens import LIFETIME_SECONDS, Caller

# scrypt takes 8 MB and some milliseconds of a processor each.
_HASHING = asyncio.Semaphore(4)
_THROTTLE = Throttle()

_ACCOUNT: Final = "select id, encrypted_password from auth.users where email = %s"
_HOME: Final = """
  select m.company_id
  from public.user_companies m left join public.profiles p on p.id = m.user_id
  where m.user_id = %(user)s and m.is_active and m.company_id = any (private.readable_companies())
    and coalesce(m.company_id = %(wanted)s, true)
  order by m.company_id is not distinct from p.company_id desc, m.company_id
  limit 1
"""
_COMPANIES: Final = """
  select coalesce(json_agg(t order by name), '[]')::text from (
    select c.id, c.name, c.name_ar, c.business_type, c.currency, m.role
    from public.user_companies m join public.companies c on c.id = m.company_id
    where m.user_id = %(user)s and m.is_active
  ) t
"""
_PROFILE: Final = """
  select row_to_json(t)::text from (
    select id, email, full_name, full_name_ar, language from public.profiles where id = %(user)s
  ) t
"""
_RIGHTS: Final = """
  select row_to_json(t)::text from (
    select
      %(company)s = any (private.readable_companies()) as can_read,
      %(company)s = any (private.writable_companies()) as can_write,
      %(company)s = any (private.administered_companies()) as can_administer,
      coalesce((
        select json_agg(p.permission order by p.permission)
        from public.role_permissions p
        join public.user_companies m on m.company_id = p.company_id and m.role = p.role
        where p.company_id = %(company)s and m.user_id = %(user)s and m.is_active
      ), '[]') as permissions
  ) t
"""


class Credentials(Input):
    """Who signs in."""

    email: Annotated[str, StringConstraints(min_length=3, max_length=254, to_lower=True)]
    password: Annotated[str, StringConstraints(strip_whitespace=False, min_length=1, max_length=200)]


class Choice(Input):
    """The company to switch to."""

    company_id: UUID


async def login(request: Request) -> Response:
    """``POST /api/auth/login``: a token for the right password."""
    given = validated(Credentials, await json_object(request))
    seconds = _THROTTLE.wait(given.email)
    if seconds:
        message = "Too many wrong passwords for this account; wait a minute."
        raise ApiError(429, "too_many_attempts", message, retry_after=seconds)
    database = services(request).database
    async with database.acting_as(None, role=READER_OF_ACCOUNTS) as connection:
        found = await (await connection.execute(_ACCOUNT, [given.email])).fetchone()
    user, stored = found or (None, None)
    async with _HASHING:
        right = await asyncio.to_thread(verify, given.password, stored)
    if not right or user is None:
        _THROTTLE.failed(given.email)
        raise unauthorized("Email or password is wrong.")
    return await _token(request, user, None)


async def switch(request: Request) -> Response:
    """``POST /api/auth/company``: a token with another of the caller's companies active."""
    caller = caller_of(request)
    wanted = validated(Choice, await json_object(request)).company_id
    return await _token(request, caller.user_id, wanted)


async def session(request: Request) -> Response:
    """``GET /api/session``: the user, their companies, and what the app may offer in the active one."""
    caller = caller_of(request)
    database = services(request).database
    values = {"user": caller.user_id, "company": caller.company_id}
    everywhere = Caller(caller.user_id, None, caller.expires)
    async with database.acting_as(everywhere) as connection:
        companies = json.loads(await _text(connection, _COMPANIES, values) or "[]")
    async with database.acting_as(caller) as connection:
        rights = json.loads(await _text(connection, _RIGHTS, values) or "{}")
        profile = json.loads(await _text(connection, _PROFILE, values) or "null")
    active = next((one for one in companies if one["id"] == str(caller.company_id)), None)
    if not rights.get("can_read") or active is None or profile is None:
        raise ApiError(403, "no_company", "You are not a member of this company any more; sign in again.")
    return text_response(json.dumps({"user": profile, "company": active, "companies": companies, **rights}))


async def is_member(database: Database, caller: Caller) -> bool:
    """Whether the caller may still read the token's company."""
    async with database.acting_as(caller) as connection:
        cursor = await connection.execute("select %s = any (private.readable_companies())", [caller.company_id])
        row = await cursor.fetchone()
    return bool(row and row[0])


async def _token(request: Request, user: UUID, wanted: UUID | None) -> Response:
    database, tokens = services(request).database, services(request).tokens
    async with database.acting_as(Caller(user, None, 0)) as connection:
        found = await (await connection.execute(_HOME, {"user": user, "wanted": wanted})).fetchone()
    if found is None:
        raise ApiError(403, "no_company", "You are not a member of this company.")
    answer = {"token": tokens.issue(user, found[0]), "expires_in": LIFETIME_SECONDS, "company_id": str(found[0])}
    return text_response(json.dumps(answer))


async def _text(connection: AsyncConnection[Any], query: str, values: dict[str, Any]) -> str | None:
    row = await (await connection.execute(query.encode(), values)).fetchone()
    return row[0] if row else None


ROUTES: Final = [
    Route("/api/auth/login", login, methods=["POST"]),
    Route("/api/auth/company", switch, methods=["POST"]),
    Route("/api/session", session, methods=["GET"]),
]
