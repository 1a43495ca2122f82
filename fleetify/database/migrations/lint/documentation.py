"""Writes ``docs/lint.md`` from the rules: ``python -m fleetify.database.migrations.lint.documentation``."""

from __future__ import annotations

import sys

from fleetify.database.migrations import validate
from fleetify.database.migrations.lint.registry import RULES
from fleetify.database.migrations.lint.rule import Rule
from fleetify.database.migrations.lint.squawk import BREAKS_THE_PREVIOUS_RELEASE, SET_BY_THE_PROGRAM

_HEAD = """\
# Lint rules of migrations

<!-- Generated: python -m fleetify.database.migrations.lint.documentation > docs/lint.md -->

`fleetify migrations lint` judges every migration above the baseline, and so does the release itself. An **error** stops
the release; a **warning** is reported. Rules look at the up script; that a file can run at all is judged for the down
script as well.

## Ignoring a rule

```sql
-- fleetify-ignore require-rls: filled by the billing job only, no client role may read it
create table public.billing_runs (id bigint primary key);
```

The comment stands directly above the statement, or in it. It needs a reason. Several rules are joined by commas;
`-- fleetify-ignore-file rule: reason` covers the whole file. An ignore that keeps nothing back is a warning. squawk's
rules are ignored its own way: `-- squawk-ignore <rule>`.

## What keeps a file from running

These are errors and cannot be ignored.

| rule | what must be so |
|---|---|
"""

_SQUAWK = """\
## squawk

[squawk](https://squawkhq.com/docs/rules) looks for long locks, rewrites of whole tables and breaking changes. It is
told which files run in a transaction.

- Switched off, because the program sets both timeouts itself: {off}.
- Errors, because the previous release keeps running on the new schema until the traffic has moved, and again after a
  rollback of the code: {errors}.
- The rest are warnings.
"""


def render() -> str:
    """The page, as Markdown."""
    parts = [_HEAD]
    parts += [f"| `{rule}` | {statement} |\n" for rule, statement in validate.RULES.items()]
    parts.append("\n## Our rules\n\n")
    parts += ["\n".join([*_page(rule), ""]) for rule in RULES]
    off = ", ".join(f"`{rule}`" for rule in SET_BY_THE_PROGRAM)
    errors = ", ".join(f"`{rule}`" for rule in sorted(BREAKS_THE_PREVIOUS_RELEASE))
    parts.append(_SQUAWK.format(off=off, errors=errors))
    return "".join(parts)


def _page(rule: Rule) -> list[str]:
    return [
        f"### {rule.id} ({rule.level})",
        "",
        rule.statement,
        "",
        f"**Why.** {rule.why}",
        "",
        f"**Remedy.** {rule.remedy[0].upper()}{rule.remedy[1:]}.",
        "",
        "```sql",
        "-- bad",
        rule.bad,
        "",
        "-- good",
        rule.good,
        "```",
        "",
    ]


if __name__ == "__main__":
    sys.stdout.write(render())
