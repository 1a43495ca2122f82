"""Prepares a database for the API: the roles it connects as, and passwords for the seed's users.

Only roles (of the cluster) and rows are touched, no object of the database: its schema stays byte for byte what the
migrations made it.
"""

from __future__ import annotations

import secrets
from typing import Any, Final

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from rehearsal.app_server.database import READER_OF_ACCOUNTS
from rehearsal.app_server.passwords import hash_password

AUTHENTICATOR: Final = "authenticator"
_CONNECT_TIMEOUT_SECONDS: Final = 10
# Roles belong to the cluster; two databases may be prepared at the same moment.
_LOCK: Final = 7_250_902


def provision(url: str, *, app_password: str, role_password: str | None = None) -> str:
    """Create or renew the API's roles and set the users' password. May be run again at any time.

    Args:
        url: a superuser's URL of the database, with the baseline's roles and the seed's users in it.
        app_password: with which every user of ``auth.users`` can sign in.
        role_password: of the login role; a new one by default. Give the same for several databases of one cluster.

    Returns:
        The URL with which the API connects: role ``authenticator``, which may become ``anon``, ``authenticated`` and
        ``service_role``, and owns no right itself.

    Raises:
        psycopg.Error: the database cannot be reached, or has not got the baseline's roles and tables.
    """
    role_password = role_password or secrets.token_urlsafe(24)
    with psycopg.connect(url, connect_timeout=_CONNECT_TIMEOUT_SECONDS, application_name="fleetify provision") as admin:
        admin.execute("select pg_advisory_xact_lock(%s)", [_LOCK])
        # Statements of roles take no parameters, and the password must not reach the server's statement log.
        admin.execute("set local log_statement = 'none'")
        admin.execute("set local log_min_duration_statement = -1")
        _role(admin, AUTHENTICATOR, "login noinherit nosuperuser nocreatedb nocreaterole nobypassrls")
        verifier = admin.pgconn.encrypt_password(role_password.encode(), AUTHENTICATOR.encode(), b"scram-sha-256")
        admin.execute(
            sql.SQL("alter role {} password {}").format(sql.Identifier(AUTHENTICATOR), sql.Literal(verifier.decode()))
        )
        _role(admin, READER_OF_ACCOUNTS, "nologin inherit nosuperuser nocreatedb nocreaterole bypassrls")
        _grant(admin, "pg_read_all_data", READER_OF_ACCOUNTS, inherit=True)
        for role in ("anon", "authenticated", "service_role", READER_OF_ACCOUNTS):
            _grant(admin, role, AUTHENTICATOR, inherit=False)
        users = admin.execute("select id from auth.users").fetchall()
        hashes = [hash_password(app_password, user[0].bytes) for user in users]
        admin.execute(
            "update auth.users u set encrypted_password = n.hash"
            " from unnest(%s::uuid[], %s::text[]) n(id, hash)"
            " where u.id = n.id and u.encrypted_password is distinct from n.hash",
            [[user[0] for user in users], hashes],
        )
    return _url(url, role_password)


def _role(admin: psycopg.Connection[Any], name: str, attributes: str) -> None:
    found = admin.execute("select from pg_catalog.pg_roles where rolname = %s", [name]).fetchone()
    verb = "create" if found is None else "alter"
    admin.execute(sql.SQL(f"{verb} role {{}} {attributes}").format(sql.Identifier(name)))


def _grant(admin: psycopg.Connection[Any], role: str, member: str, *, inherit: bool) -> None:
    query = sql.SQL("grant {} to {}").format(sql.Identifier(role), sql.Identifier(member))
    if admin.info.server_version >= 160000:  # noqa: PLR2004 - PostgreSQL 16 decides inheritance per grant
        query += sql.SQL(f" with inherit {'true' if inherit else 'false'}")
    admin.execute(query)


def _url(url: str, password: str) -> str:
    parts = {**conninfo_to_dict(url), "user": AUTHENTICATOR, "password": password}
    return make_conninfo("", **{name: str(value) for name, value in parts.items()})
