"""Whether the server can serve, and what it serves from; needs no token and tells no tenant's data."""

from __future__ import annotations

import time
from typing import Final

from psycopg import errors
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from rehearsal.app_server import schema
from rehearsal.app_server.database import READER_OF_ACCOUNTS
from rehearsal.app_server.endpoints import services

_VERSION: Final = "select max(version) from supabase_migrations.schema_migrations"


async def health(request: Request) -> JSONResponse:
    """``GET /api/health``: 200 when the database answers, with the schema it holds.

    ``schema.version`` is the highest applied migration (null where none is recorded), ``schema.release`` the release
    whose objects are there.
    """
    began = time.perf_counter()
    async with services(request).database.acting_as(None, role=READER_OF_ACCOUNTS) as connection:
        missing = await schema.absent(connection)
        version = None
        try:
            async with connection.transaction():
                row = await (await connection.execute(_VERSION)).fetchone()
                version = row[0] if row else None
        except (errors.UndefinedTable, errors.InvalidSchemaName):
            pass  # migrations were applied without a ledger
    body = {
        "status": "ok",
        "database_ms": round((time.perf_counter() - began) * 1000, 2),
        "live_updates": request.app.state.hub.listening.is_set(),
        "schema": {"version": version, "release": schema.name_of(missing), "missing": missing},
    }
    return JSONResponse(body, headers={"Cache-Control": "no-store"})


ROUTES: Final = [Route("/api/health", health, methods=["GET"])]
