"""Which statements cannot run inside a transaction, and which ones begin or end one."""

from __future__ import annotations

from typing import Any, cast

from pglast import ast
from pglast.enums import AlterTableType, ReindexObjectType, TransactionStmtKind

_ALWAYS: dict[type[ast.Node], str] = {
    ast.AlterSystemStmt: "ALTER SYSTEM",
    ast.CreatedbStmt: "CREATE DATABASE",
    ast.DropdbStmt: "DROP DATABASE",
    ast.CreateTableSpaceStmt: "CREATE TABLESPACE",
    ast.DropTableSpaceStmt: "DROP TABLESPACE",
    ast.DropSubscriptionStmt: "DROP SUBSCRIPTION",
}
_REINDEX_MANY = {
    ReindexObjectType.REINDEX_OBJECT_SCHEMA: "REINDEX SCHEMA",
    ReindexObjectType.REINDEX_OBJECT_SYSTEM: "REINDEX SYSTEM",
    ReindexObjectType.REINDEX_OBJECT_DATABASE: "REINDEX DATABASE",
}
_BEGINS = {TransactionStmtKind.TRANS_STMT_BEGIN, TransactionStmtKind.TRANS_STMT_START}
_ENDS = {
    TransactionStmtKind.TRANS_STMT_COMMIT,
    TransactionStmtKind.TRANS_STMT_ROLLBACK,
    TransactionStmtKind.TRANS_STMT_PREPARE,
}
_OF_TWO_PHASES = {TransactionStmtKind.TRANS_STMT_COMMIT_PREPARED, TransactionStmtKind.TRANS_STMT_ROLLBACK_PREPARED}


def refuses_transaction(node: Any) -> str | None:
    """The name of the statement if PostgreSQL refuses it inside a transaction block; None if it is fine there.

    Source: the callers of ``PreventInTransactionBlock`` in PostgreSQL. What only the catalogue can tell (REINDEX of a
    partitioned table) is left to the server.
    """
    name = _ALWAYS.get(type(node))
    if name is None and isinstance(node, ast.IndexStmt) and node.concurrent:
        name = "CREATE INDEX CONCURRENTLY"
    elif name is None and isinstance(node, ast.DropStmt) and node.concurrent:
        name = "DROP INDEX CONCURRENTLY"
    elif isinstance(node, ast.VacuumStmt) and node.is_vacuumcmd:
        name = "VACUUM"
    elif isinstance(node, ast.ClusterStmt) and node.relation is None:
        name = "CLUSTER without a table"
    elif isinstance(node, ast.ReindexStmt):
        concurrently = any(option.defname == "concurrently" and _is_on(option) for option in node.params or ())
        name = "REINDEX CONCURRENTLY" if concurrently else _REINDEX_MANY.get(cast("ReindexObjectType", node.kind))
    elif isinstance(node, ast.AlterTableStmt):
        detached = (cmd for cmd in node.cmds or () if cmd.subtype == AlterTableType.AT_DetachPartition)
        name = "DETACH PARTITION CONCURRENTLY" if any(cmd.def_.concurrent for cmd in detached) else None
    elif isinstance(node, ast.CreateSubscriptionStmt):
        options = {option.defname: option for option in node.options or ()}
        makes_slot = all(_is_on(options[key]) for key in ("create_slot", "connect") if key in options)
        name = "CREATE SUBSCRIPTION with a replication slot" if makes_slot else None
    elif isinstance(node, ast.AlterDatabaseStmt):
        moves = any(option.defname == "tablespace" for option in node.options or ())
        name = "ALTER DATABASE SET TABLESPACE" if moves else None
    elif isinstance(node, ast.TransactionStmt) and node.kind in _OF_TWO_PHASES:
        name = "COMMIT PREPARED and ROLLBACK PREPARED"
    return name


def _is_on(option: Any) -> bool:
    """Whether a DefElem's value means true, as ``defGetBoolean`` reads it."""
    value = option.arg
    if value is None:
        return True
    text = getattr(value, "sval", None)
    if text is not None:
        return str(text).lower() in {"true", "on"}
    return bool(getattr(value, "boolval", None) or getattr(value, "ival", None))


def begins_transaction(node: Any) -> bool:
    """BEGIN or START TRANSACTION."""
    return isinstance(node, ast.TransactionStmt) and node.kind in _BEGINS


def ends_transaction(node: Any) -> bool:
    """COMMIT, END, ROLLBACK, ABORT or PREPARE TRANSACTION; not ROLLBACK TO a savepoint."""
    return isinstance(node, ast.TransactionStmt) and node.kind in _ENDS
