"""FleetifyApp's data for the laptop environment: three companies, the same rows every time.

The rows come from plain SQL (``generate_series`` and hashes of keys), so every database seeded with the same scale
holds the same content, whatever its version, and a backup can be compared with it.
"""

from __future__ import annotations

import hashlib
import uuid
from pathlib import Path
from typing import Final

import psycopg

_HERE: Final = Path(__file__).parent
_CONNECT_TIMEOUT_SECONDS: Final = 10
# Two commands that seed the same database wait for each other; any constant does.
_LOCK: Final = 7_250_901


def uid(key: str) -> uuid.UUID:
    """The id of the row with this key, as ``helpers.sql`` computes it (``uid("company-1")``, ``uid("user-1-owner")``).

    Keys: ``company-<1..3>``; ``user-<company>-<role>`` with role owner, admin, manager, viewer, manager2, viewer2;
    ``user-both`` (manager in company 1, viewer in company 3); ``<row>-<company>-<number>`` for customer, vendor,
    vehicle, contract, property, unit, lease, payment, product, order.
    """
    digest = hashlib.md5(key.encode(), usedforsecurity=False).hexdigest()
    return uuid.UUID(f"{digest[:12]}4{digest[13:16]}a{digest[17:]}")


def seed(url: str, *, scale: int = 1) -> None:
    """Fill a database at release phase-7c; do nothing where that was done before.

    Args:
        url: a PostgreSQL URL whose user bypasses row-level security.
        scale: multiplies every table but companies and users; 1 gives some 62,000 rows.

    Raises:
        ValueError: scale is below 1.
        psycopg.Error: the database cannot be reached, or has not got the baseline's tables.
    """
    if scale < 1:
        raise ValueError(f"scale is {scale}; it multiplies rows, so give 1 or more")
    _fill(url, "phase_7c.sql", marker="select exists (select from public.companies where id = %s)", scale=scale)


def seed_release(url: str) -> None:
    """Fill the tables of release phase-7d with a few hundred rows; do nothing where that was done before.

    Args:
        url: a PostgreSQL URL whose user bypasses row-level security; the database holds :func:`seed`'s rows and the
            release's migrations.

    Raises:
        psycopg.Error: the database cannot be reached, or has not got the release's tables or the seed's rows.
    """
    _fill(
        url,
        "phase_7d.sql",
        marker="select exists (select from public.inventory_warehouses where company_id = %s)",
        scale=1,
    )


def _fill(url: str, script: str, *, marker: str, scale: int) -> None:
    helpers = (_HERE / "helpers.sql").read_bytes()
    rows = (_HERE / script).read_bytes()
    with psycopg.connect(url, connect_timeout=_CONNECT_TIMEOUT_SECONDS, application_name="fleetify seed") as connection:
        connection.execute("select pg_advisory_xact_lock(%s)", [_LOCK])
        done = connection.execute(marker, [uid("company-1")]).fetchone()
        if done is not None and done[0]:
            return
        connection.execute("select set_config('seed.scale', %s, true)", [str(scale)])
        connection.execute(helpers)
        connection.execute(rows)
    # Outside the transaction above: vacuum cannot run in one. Plans and visibility like those of a database in use.
    with psycopg.connect(url, connect_timeout=_CONNECT_TIMEOUT_SECONDS, autocommit=True) as connection:
        connection.execute("vacuum (analyze)")
