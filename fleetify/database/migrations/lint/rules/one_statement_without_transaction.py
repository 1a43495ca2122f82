"""one-statement-without-transaction."""

from __future__ import annotations

from collections.abc import Iterator

from fleetify.database.migrations.lint.rule import Hit, Rule, Subject
from fleetify.database.migrations.transactions import begins_transaction


def _find(subject: Subject) -> Iterator[Hit]:
    if subject.migration.transactional or len(subject.statements) < 2:  # noqa: PLR2004 (two is "more than one")
        return
    if not any(begins_transaction(statement.node) for statement in subject.statements):
        count = len(subject.statements)
        yield Hit(subject.statements[1].line, f"{count} statements run without a transaction around them")


RULE = Rule(
    id="one-statement-without-transaction",
    level="warning",
    statement="A file with `transaction=off` holds one statement.",
    why="When the second fails, the first stays: the database is in a state that no file describes.",
    remedy="split the file, one statement each",
    bad="""-- fleetify: transaction=off
create index concurrently a on app.orders (id);
create index concurrently b on app.orders (number);""",
    good="""-- fleetify: transaction=off
create index concurrently a on app.orders (id);""",
    find=_find,
)
