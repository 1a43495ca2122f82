"""Applies statements to the catalogue."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pglast import ast
from pglast.enums import AlterTableType, ConstrType, ObjectType

from fleetify.database.migrations.lint.catalogue import Catalogue, ForeignKey, Key, Table
from fleetify.database.migrations.lint.names import DEFAULT_SCHEMA, listed_name, search_path_of, strings, table_name
from fleetify.database.migrations.sql import Statement

_KEYS = {ConstrType.CONSTR_PRIMARY, ConstrType.CONSTR_UNIQUE}
_TABLES = {ObjectType.OBJECT_TABLE, ObjectType.OBJECT_FOREIGN_TABLE}


class Replay:
    """Applies one script to a catalogue.

    Args:
        catalogue: changed in place.
        path: the script's file.
    """

    def __init__(self, catalogue: Catalogue, path: str) -> None:
        self.catalogue = catalogue
        self.path = path
        self.schema = DEFAULT_SCHEMA
        self._line = 1

    def run(self, statements: Iterable[Statement]) -> None:
        """Apply statements in order."""
        for statement in statements:
            self._line = statement.line
            self._apply(statement.node)

    def _apply(self, node: Any) -> None:
        match node:
            case ast.CreateSchemaStmt():
                self._create_schema(node)
            case ast.CreateStmt():
                self._create_table(node)
            case ast.CreateTableAsStmt(objtype=ObjectType.OBJECT_TABLE) | ast.SelectStmt(intoClause=ast.IntoClause()):
                into: Any = node.into if isinstance(node, ast.CreateTableAsStmt) else node.intoClause
                self._add(into.rel, open_columns=True)
            case ast.AlterTableStmt() if node.objtype in _TABLES:
                table = self._find(node.relation)
                for command in node.cmds or ():
                    self._alter(table, command)
            case ast.IndexStmt():
                self._find(node.relation).keys.append(_index(node))
            case ast.CreatePolicyStmt():
                self._find(node.table).policies.add(str(node.policy_name))
            case ast.DropStmt():
                self._drop(node)
            case ast.RenameStmt():
                self._rename(node)
            case ast.AlterObjectSchemaStmt() if node.objectType in _TABLES:
                table = self._find(node.relation)
                self._move(table, (str(node.newschema), table.name[1]), exposed_anew=True)
            case ast.VariableSetStmt(name="search_path"):
                self.schema = search_path_of(node) or DEFAULT_SCHEMA
            case _:
                pass

    def _create_schema(self, node: Any) -> None:
        outer, self.schema = self.schema, node.schemaname or self.schema
        for element in node.schemaElts or ():
            self._apply(element)
        self.schema = outer

    def _find(self, relation: Any) -> Table:
        """The table; one that no migration created stands for a table of the live database."""
        name = table_name(relation, self.schema)
        unknown = Table(name, path="", line=0, open_columns=True, first_changed=(self.path, self._line))
        return self.catalogue.tables.setdefault(name, unknown)

    def _add(self, relation: Any, *, open_columns: bool = False) -> Table | None:
        """A new table; None for a temporary one and for one that IF NOT EXISTS leaves alone."""
        name = table_name(relation, self.schema)
        known = self.catalogue.get(name)
        if relation.relpersistence == "t" or (known is not None and known.path):
            return None
        table = Table(name, self.path, self._line, open_columns=open_columns)
        self.catalogue.tables[name] = table
        return table

    def _create_table(self, node: Any) -> None:
        table = self._add(node.relation)
        if table is None:
            return
        table.partition = node.partbound is not None
        for parent in node.inhRelations or ():
            self._copy_columns(table, parent)
            if table.partition:  # a partition gets its parent's keys
                table.keys += self._find(parent).keys
        for element in node.tableElts or ():
            match element:
                case ast.ColumnDef():
                    self._add_column(table, element)
                case ast.Constraint():
                    self._add_constraint(table, element, ())
                case ast.TableLikeClause():
                    self._copy_columns(table, element.relation)

    def _copy_columns(self, table: Table, relation: Any) -> None:
        source = self._find(relation)
        table.columns += source.columns
        table.open_columns |= source.open_columns

    def _add_column(self, table: Table, column: Any) -> None:
        if column.colname not in table.columns:
            table.columns.append(column.colname)
        for constraint in column.constraints or ():
            self._add_constraint(table, constraint, (column.colname,))

    def _add_constraint(self, table: Table, constraint: Any, column: tuple[str, ...]) -> None:
        if constraint.contype in _KEYS:
            primary = constraint.contype == ConstrType.CONSTR_PRIMARY
            if constraint.indexname is None:
                columns = strings(constraint.keys) or column
                table.keys.append(Key(constraint.conname, columns, primary=primary))
        elif constraint.contype == ConstrType.CONSTR_FOREIGN:
            columns = strings(constraint.fk_attrs) or column
            target, target_columns = table_name(constraint.pktable, self.schema), strings(constraint.pk_attrs)
            table.foreign_keys.append(
                ForeignKey(constraint.conname, columns, target, target_columns, self.path, self._line)
            )

    def _alter(self, table: Table, command: Any) -> None:
        match command.subtype:
            case AlterTableType.AT_AddColumn:
                self._add_column(table, command.def_)
            case AlterTableType.AT_DropColumn:
                _drop_column(table, command.name)
            case AlterTableType.AT_AddConstraint:
                self._add_constraint(table, command.def_, ())
            case AlterTableType.AT_DropConstraint:
                table.keys = [key for key in table.keys if key.name != command.name]
                table.foreign_keys = [key for key in table.foreign_keys if key.name != command.name]
            case AlterTableType.AT_EnableRowSecurity:
                table.row_security = True
            case AlterTableType.AT_ForceRowSecurity:
                table.row_security_forced = True
            case AlterTableType.AT_DisableRowSecurity:
                table.row_security, table.weakened_at = False, (self.path, self._line)
            case AlterTableType.AT_NoForceRowSecurity:
                table.row_security_forced, table.weakened_at = False, (self.path, self._line)
            case _:
                pass

    def _drop(self, node: Any) -> None:
        for item in node.objects or ():
            if node.removeType in _TABLES:
                self.catalogue.tables.pop(listed_name(item, self.schema), None)
            elif node.removeType == ObjectType.OBJECT_INDEX:
                _, name = listed_name(item)
                for table in self.catalogue.tables.values():
                    table.keys = [key for key in table.keys if key.name != name]
            elif node.removeType == ObjectType.OBJECT_POLICY:
                *relation, policy = item
                table_or_none = self.catalogue.get(listed_name(relation, self.schema))
                if table_or_none is not None:
                    table_or_none.policies.discard(policy.sval)
                    table_or_none.weakened_at = (self.path, self._line)
            elif node.removeType == ObjectType.OBJECT_SCHEMA:
                for gone in [key for key in self.catalogue.tables if key[0] == item.sval]:
                    del self.catalogue.tables[gone]

    def _rename(self, node: Any) -> None:
        if node.relation is None:
            return
        if node.renameType in _TABLES:
            table = self._find(node.relation)
            self._move(table, (table.name[0], node.newname), exposed_anew=False)
        elif node.renameType == ObjectType.OBJECT_COLUMN:
            _rename_column(self._find(node.relation), node.subname, node.newname)

    def _move(self, table: Table, name: tuple[str, str], *, exposed_anew: bool) -> None:
        old = table.name
        self.catalogue.tables.pop(old, None)
        table.name = name
        if exposed_anew:
            table.path, table.line = self.path, self._line
        self.catalogue.tables[name] = table
        for other in self.catalogue.tables.values():
            for foreign_key in other.foreign_keys:
                if foreign_key.target == old:
                    foreign_key.target = name


def _index(node: Any) -> Key:
    columns: list[str] = []
    for element in node.indexParams or ():
        if element.name is None:
            break
        columns.append(element.name)
    # GIN, GiST and BRIN do not answer the equality look-up of a foreign key.
    usable = columns if (node.accessMethod or "btree") in {"btree", "hash"} else []
    partial = node.whereClause is not None and not _only_leaves_out_nulls(node.whereClause, columns)
    return Key(node.idxname, tuple(usable), partial)


def _only_leaves_out_nulls(where: Any, columns: list[str]) -> bool:
    """``WHERE x IS NOT NULL`` on an indexed column: a foreign key never looks for NULL."""
    if not isinstance(where, ast.NullTest) or where.nulltesttype is None or where.nulltesttype.name != "IS_NOT_NULL":
        return False
    column: Any = where.arg
    return isinstance(column, ast.ColumnRef) and strings(column.fields)[-1:] <= tuple(columns)[:1]


def _drop_column(table: Table, column: str) -> None:
    if column in table.columns:
        table.columns.remove(column)
    table.keys = [key for key in table.keys if column not in key.columns]
    table.foreign_keys = [key for key in table.foreign_keys if column not in key.columns]


def _rename_column(table: Table, old: str, new: str) -> None:
    table.columns = [new if column == old else column for column in table.columns]
    for key in table.keys:
        key.columns = tuple(new if column == old else column for column in key.columns)
    for foreign_key in table.foreign_keys:
        foreign_key.columns = tuple(new if column == old else column for column in foreign_key.columns)
