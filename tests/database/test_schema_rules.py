"""What must hold for every table, view, key and function, read from the catalog."""

from __future__ import annotations

import pytest

from tests.database.schema_world import TABLES, VIEWS, Session

pytestmark = pytest.mark.database


def test_every_table_and_view_of_the_files_is_there(phase_7d: Session) -> None:
    tables = phase_7d.rows("select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'")
    views = phase_7d.rows("select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'v'")
    assert {name for (name,) in tables} == set(TABLES)
    assert {name for (name,) in views} == set(VIEWS)
    assert len(TABLES) == 34
    assert len(VIEWS) == 6


def test_row_level_security_is_forced_everywhere(phase_7d: Session) -> None:
    assert not phase_7d.rows(
        "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'"
        " and not (relrowsecurity and relforcerowsecurity)"
    )


def test_every_table_has_a_policy_for_each_verb_that_users_are_granted(phase_7d: Session) -> None:
    assert not phase_7d.rows(
        """
        select c.relname, v.verb
        from pg_class c
        cross join (values ('SELECT', 'r'), ('INSERT', 'a'), ('UPDATE', 'w'), ('DELETE', 'd')) v(verb, cmd)
        where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'
          and has_table_privilege('authenticated', c.oid, v.verb)
            <> exists (select from pg_policy p where p.polrelid = c.oid and p.polcmd::text = v.cmd)
        """
    )


def test_policies_are_for_signed_in_users_only(phase_7d: Session) -> None:
    assert not phase_7d.rows("select polname from pg_policy where polroles <> array['authenticated'::regrole::oid]")


@pytest.mark.parametrize("kind", ["r", "v"])
def test_anonymous_visitors_have_no_privilege(phase_7d: Session, kind: str) -> None:
    assert not phase_7d.rows(
        """
        select c.relname, v.verb
        from pg_class c
        cross join unnest('{SELECT,INSERT,UPDATE,DELETE,TRUNCATE,REFERENCES,TRIGGER}'::text[]) v(verb)
        where c.relnamespace = 'public'::regnamespace and c.relkind = %s and has_table_privilege('anon', c.oid, v.verb)
        """,
        kind,
    )


def test_signed_in_users_cannot_truncate(phase_7d: Session) -> None:
    # TRUNCATE does not ask row-level security.
    assert not phase_7d.rows(
        "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'"
        " and has_table_privilege('authenticated', oid, 'TRUNCATE')"
    )


def test_functions_pin_their_search_path_and_are_not_for_everyone(phase_7d: Session) -> None:
    assert not phase_7d.rows(
        """
        select p.proname from pg_proc p
        where p.pronamespace in ('public'::regnamespace, 'private'::regnamespace)
          and (not coalesce(p.proconfig @> array['search_path=""'], false)
            or has_function_privilege('anon', p.oid, 'EXECUTE'))
        """
    )


def test_every_foreign_key_stays_inside_its_tenant(phase_7d: Session) -> None:
    keys = phase_7d.rows(
        """
        select k.conname,
          exists (
            select from unnest(k.conkey, k.confkey) pair(child, parent)
            join pg_attribute a on a.attrelid = k.conrelid and a.attnum = pair.child and a.attname = 'company_id'
            join pg_attribute b on b.attrelid = k.confrelid and b.attnum = pair.parent and b.attname = 'company_id'
          )
        from pg_constraint k
        where k.contype = 'f'
          and exists (select from pg_attribute where attrelid = k.conrelid and attname = 'company_id')
          and exists (select from pg_attribute where attrelid = k.confrelid and attname = 'company_id')
        """
    )
    assert len(keys) > 40
    assert [name for name, scoped in keys if not scoped] == []


def test_every_foreign_key_has_an_index_that_covers_it(phase_7d: Session) -> None:
    assert not phase_7d.rows(
        """
        select k.conrelid::regclass, k.conname
        from pg_constraint k
        where k.contype = 'f' and not exists (
          select from pg_index i
          where i.indrelid = k.conrelid and i.indisvalid and i.indpred is null
            and (string_to_array(i.indkey::text, ' ')::smallint[])[1:cardinality(k.conkey)] @> k.conkey
        )
        """
    )


def test_views_read_as_the_user_who_asks(phase_7d: Session) -> None:
    assert not phase_7d.rows(
        "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'v'"
        " and not coalesce(reloptions @> '{security_invoker=true}', false)"
    )


def test_tables_and_views_say_what_they_hold(phase_7d: Session) -> None:
    assert not phase_7d.rows(
        "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'v')"
        " and obj_description(oid, 'pg_class') is null"
    )


def test_updated_at_is_kept_by_a_trigger(phase_7d: Session) -> None:
    assert not phase_7d.rows(
        """
        select c.relname from pg_class c
        join pg_attribute a on a.attrelid = c.oid and a.attname = 'updated_at'
        where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and not exists (
          select from pg_trigger t where t.tgrelid = c.oid and t.tgfoid = 'private.set_updated_at'::regproc
        )
        """
    )
