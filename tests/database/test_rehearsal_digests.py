"""Digests of a database: equal for equal content, different for any difference that counts."""

from __future__ import annotations

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from rehearsal.digests import data_digest, schema_digest, schema_of, tables
from rehearsal.postgres import Server

pytestmark = pytest.mark.database
BASE = "CREATE TABLE a (id int PRIMARY KEY, t text); INSERT INTO a SELECT i, 'row ' || i FROM generate_series(1, 50) i"


def change(url: str, statement: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement)


@pytest.fixture
def filled(database: str) -> str:
    change(database, BASE)
    return database


def test_same_content_same_digests(filled: str, server: Server) -> None:
    before = schema_digest(filled, server.bindir), data_digest(filled, ["public.a"])
    change(filled, "UPDATE a SET t = t")  # other places on disk, the same rows
    change(filled, "CREATE TABLE b (); DROP TABLE b")
    change(filled, "CREATE SCHEMA fleetify CREATE TABLE ledger (id int)")
    assert (schema_digest(filled, server.bindir), data_digest(filled, ["public.a"])) == before
    assert tables(filled) == ["public.a"]


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE a ADD COLUMN n int",
        "ALTER TABLE a ENABLE ROW LEVEL SECURITY",
        "COMMENT ON TABLE a IS 'other'",
        "CREATE INDEX ON a (t)",
        "CREATE VIEW v AS SELECT 1 AS one",
    ],
)
def test_each_difference_of_the_schema_counts(statement: str, filled: str, server: Server) -> None:
    before = schema_digest(filled, server.bindir)
    change(filled, statement)
    assert schema_digest(filled, server.bindir) != before


@pytest.mark.parametrize(
    "statement",
    ["UPDATE a SET t = 'x' WHERE id = 7", "DELETE FROM a WHERE id = 7", "INSERT INTO a VALUES (0)", "DROP TABLE a"],
)
def test_each_difference_of_the_rows_counts(statement: str, filled: str) -> None:
    before = data_digest(filled, ["public.a"])
    change(filled, statement)
    assert data_digest(filled, ["public.a"]) != before


def test_password_is_not_in_the_dump(filled: str, server: Server) -> None:
    assert b"CREATE TABLE public.a" in schema_of(filled, server.bindir)
    password = str(conninfo_to_dict(filled)["password"])
    assert password.encode() not in schema_of(filled, server.bindir)
