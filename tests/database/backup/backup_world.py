"""What the backup tests share: awkward contents, tools that misbehave, processes looked at from outside."""

from __future__ import annotations

import os
import stat
import textwrap
from dataclasses import dataclass
from pathlib import Path

import psycopg

from fleetify.storage.object_store import ObjectStore

AWKWARD = r"""
CREATE SCHEMA "Odd ""Schema";
CREATE TYPE mood AS ENUM ('sad', 'glad');
CREATE DOMAIN short AS varchar(20) CHECK (length(value) > 0);
CREATE TYPE pair AS (a int, b json);
CREATE COLLATION folded (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
CREATE TABLE things (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, mood mood, moods mood[], short short, j json, jb jsonb, x xml,
    p point, r regclass, b bytea, i inet, n numeric, f float8, t timestamptz, iv interval, u uuid, arr text[],
    pair pair, bits bit(4), rng int4range, ts tsvector, c char(5), twice int GENERATED ALWAYS AS (7 * 2) STORED,
    dropped int, folded text COLLATE folded
);
ALTER TABLE things DROP COLUMN dropped;
INSERT INTO things (mood, moods, short, j, jb, x, p, r, b, i, n, f, t, iv, u, arr, pair, bits, rng, ts, c, folded)
SELECT CASE WHEN i % 3 = 0 THEN 'sad'::mood END, ARRAY['glad', 'sad']::mood[], 's' || i, '{"a": 1}', '{"b": [1, null]}',
       '<a>x</a>', point(i, 1.5), 'things', decode(md5(i::text), 'hex'),
       '10.0.0.1', i / 7.0, 'NaN', 'epoch', '1 day 2 h',
       md5(i::text)::uuid, ARRAY['a', NULL, 'c,"'], ROW(i, '{"k": 0}'::json)::pair,
       B'1010', int4range(1, i), to_tsvector('simple', 'a b'),
       'ab', 'Straße ' || i
FROM generate_series(1, 2000) i;
INSERT INTO things DEFAULT VALUES;
CREATE TABLE "Odd ""Schema"."Odd Table" ("Odd ""Column" text, "%s {}" int);
INSERT INTO "Odd ""Schema"."Odd Table" SELECT E'tab\t newline\n back\\slash ' || i, i FROM generate_series(1, 50) i;
CREATE TABLE wide AS SELECT i, repeat(md5(i::text), 30) AS filler FROM generate_series(1, 3000) i;
CREATE TABLE parts (k int, v text) PARTITION BY LIST (k);
CREATE TABLE parts_1 PARTITION OF parts FOR VALUES IN (1);
CREATE TABLE parts_rest PARTITION OF parts DEFAULT;
INSERT INTO parts SELECT i % 3, md5(i::text) FROM generate_series(1, 300) i;
CREATE TABLE parent (a int);
CREATE TABLE child (b int) INHERITS (parent);
INSERT INTO parent VALUES (1), (2);
INSERT INTO child VALUES (3, 4);
CREATE TABLE nothing ();
INSERT INTO nothing DEFAULT VALUES;
CREATE TABLE secret (company int, v text);
ALTER TABLE secret ENABLE ROW LEVEL SECURITY;
ALTER TABLE secret FORCE ROW LEVEL SECURITY;
INSERT INTO secret SELECT i, 'row ' || i FROM generate_series(1, 10) i;
CREATE POLICY partly ON secret USING (company = 1);
CREATE SEQUENCE downwards INCREMENT -1;
SELECT nextval('downwards'), nextval('downwards');
CREATE VIEW seen AS SELECT * FROM parts;
CREATE MATERIALIZED VIEW kept AS SELECT count(*) FROM wide;
SELECT lo_from_bytea(0, decode(repeat('ab', 5000), 'hex'));
"""

FILLER = "CREATE TABLE filler AS SELECT i, repeat(md5(i::text), 20) AS text FROM generate_series(1, {rows}) i"


@dataclass(frozen=True)
class Bucket:
    """A bucket with object lock on the stand-in store, and the environment that reaches it."""

    name: str
    kms_key: str
    environment: dict[str, str]

    def store(self) -> ObjectStore:
        return ObjectStore(self.name, kms_key_id=self.kms_key)


def execute(url: str, statements: str) -> None:
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute(statements.encode())


def scalar(url: str, query: str) -> object:
    with psycopg.connect(url, autocommit=True) as conn:
        row = conn.execute(query.encode()).fetchone()
        return row[0] if row else None


def fake_tools(directory: Path, script: str, *, version: str = "99.1") -> Path:
    """A pg_dump whose behaviour is a shell script, with a pg_restore beside it; the path of pg_dump."""
    directory.mkdir(parents=True, exist_ok=True)
    for name, body in (("pg_dump", script), ("pg_restore", "exit 1")):
        tool = directory / name
        tool.write_text(
            f'#!/bin/sh\nif [ "$1" = --version ]; then echo "{name} (PostgreSQL) {version}"; exit 0; fi\n'
            + textwrap.dedent(body)
        )
        tool.chmod(tool.stat().st_mode | stat.S_IXUSR)
    return directory / "pg_dump"


def command_lines() -> dict[int, str]:
    """Every process's arguments, by process id, as any user of the machine can read them."""
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                found[int(entry.name)] = (
                    (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
                )
            except OSError:
                continue  # it ended meanwhile
    return found
