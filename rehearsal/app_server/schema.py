"""Which parts of a release the database holds, read from its catalog: true at every moment of a release."""

from __future__ import annotations

from typing import Any, Final

from psycopg import AsyncConnection, errors

from rehearsal.app_server.errors import ApiError

# One relation that each migration of the release creates; the modules that endpoints name as needed.
MODULES: Final = {
    "sales": "public.sales_quotes",
    "inventory": "public.inventory_stock_levels",
    "integration": "public.integration_module_health",
    "vendor_management": "public.vendor_performance",
}
RELEASE: Final = "phase-7d"
MISSING: Final = (errors.UndefinedTable, errors.UndefinedColumn, errors.UndefinedFunction)

_ASK: Final = "select name from unnest(%s::text[], %s::text[]) as m(name, relation) where to_regclass(relation) is null"


async def absent(connection: AsyncConnection[Any]) -> list[str]:
    """Modules whose migration is not in, in the order of :data:`MODULES`."""
    cursor = await connection.execute(_ASK, [list(MODULES), list(MODULES.values())])
    gone = {row[0] for row in await cursor.fetchall()}
    return [name for name in MODULES if name in gone]


def behind(missing: list[str]) -> ApiError:
    """The answer of an endpoint whose part of the schema is not there (yet, or any more)."""
    return ApiError(
        503,
        "schema_behind",
        f"The database's schema is behind {RELEASE}: {', '.join(missing)} missing. "
        "Apply the release's migrations, or use the release that fits the schema.",
        details={"release": RELEASE, "missing": missing},
        retry_after=5,
    )


def name_of(missing: list[str]) -> str:
    """The release that a schema with these modules missing belongs to; ``between`` while migrations run."""
    if not missing:
        return RELEASE
    return "phase-7c" if len(missing) == len(MODULES) else "between"
