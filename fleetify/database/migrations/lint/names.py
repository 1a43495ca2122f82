"""Names in syntax trees."""

from __future__ import annotations

from typing import Any

from fleetify.database.migrations.lint.catalogue import TableName

DEFAULT_SCHEMA = "public"


def table_name(relation: Any, default_schema: str = DEFAULT_SCHEMA) -> TableName:
    """Schema and name of a RangeVar."""
    return (relation.schemaname or default_schema, relation.relname)


def listed_name(parts: Any, default_schema: str = DEFAULT_SCHEMA) -> TableName:
    """Schema and name of a list of strings, as DROP and functions have it."""
    texts = strings(parts)
    return (texts[-2] if len(texts) > 1 else default_schema, texts[-1])


def strings(parts: Any) -> tuple[str, ...]:
    """The texts of a list of String nodes."""
    return tuple(str(part.sval) for part in parts or ())


def search_path_of(node: Any) -> str | None:
    """The schema in which ``SET search_path`` puts new tables; None where it names none."""
    for argument in node.args or ():
        text = getattr(getattr(argument, "val", None), "sval", None)
        if text and text not in {"pg_catalog", '"$user"', "$user"}:
            return str(text)
    return None
