"""The report as plain text, and the config as YAML."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import yaml

from fleetify.database.migrations.adopt.report import Adoption

SHOWN_AT_MOST = 20


def config_yaml(adoption: Adoption) -> str:
    """The lines for ``Pulumi.<stack>.yaml``, below ``config:``."""
    rules: dict[str, object] = {"folder": adoption.folder, "layout": adoption.layout}
    if adoption.ignore:
        rules["ignore"] = list(adoption.ignore)
    if adoption.through:
        rules["baseline"] = {"through": adoption.through, "trust": "live"}
    text = yaml.safe_dump({"fleetify:migrations": rules}, sort_keys=False, allow_unicode=True, width=200)
    return "".join(f"  {line}\n" for line in text.splitlines())


def render(adoption: Adoption, *, everything: bool = False) -> str:
    """The report.

    Args:
        adoption: what was found.
        everything: show long lists in full.
    """
    limit = None if everything else SHOWN_AT_MOST
    lines = [*_summary(adoption)]
    for title, items in _sections(adoption):
        if items:
            lines += ["", f"{title} ({len(items)})", *(f"  {item}" for item in items[:limit])]
            if limit is not None and len(items) > limit:
                lines.append(f"  … and {len(items) - limit} more (--all shows them)")
    lines += ["", "Config: paste this below 'config:' in Pulumi.<stack>.yaml", "", config_yaml(adoption).rstrip("\n")]
    lines += ["", _verdict(adoption)]
    return "\n".join(lines) + "\n"


def _summary(adoption: Adoption) -> Iterator[str]:
    yield f"folder    {adoption.folder} (layout {adoption.layout})"
    record = f"{adoption.ledger}: {adoption.applied} versions" if adoption.ledger else "no record of what ran"
    yield f"database  {record}"
    if adoption.through:
        yield f"baseline  trust the live database through version {adoption.through}"
    else:
        yield "baseline  none needed: nothing has run yet"
    yield f"pending   {len(adoption.pending)} files above the baseline"


def _sections(adoption: Adoption) -> Iterator[tuple[str, Sequence[str]]]:
    yield (
        "Left out of the folder",
        [f"{item.file}: {item.reason}{_state(item.recorded)}" for item in adoption.left_out],
    )
    yield "In the database without a file", adoption.only_in_database
    yield "Below the baseline and not recorded: these will never run", adoption.unrecorded
    yield "Pending", adoption.pending
    yield "Pending without a down script: write one, or mark it irreversible", adoption.without_down
    yield (
        "History that would not run any more; the baseline covers it",
        [f"{item.path}:{item.line}: {item.message}" for item in adoption.history_faults],
    )
    yield (
        "Tables that files change and no file creates: the history is pruned, the baseline covers it",
        [f"{table} at {place}" for table, place in adoption.pruned],
    )
    yield (
        "Statements about what the platform owns: the rehearsal's scratch database needs it too",
        [f"{use.path}:{use.line}: {use.what}: {use.statement}" for use in adoption.platform],
    )
    yield "Extensions that this server does not offer", adoption.missing_extensions
    yield "Tables of the database that no file creates", adoption.tables_without_file
    yield "Tables that recorded files create and the database does not have", adoption.tables_missing
    yield "To decide before the first release", adoption.problems


def _state(recorded: bool | None) -> str:
    if recorded is None:
        return ""
    return " (recorded)" if recorded else " (NOT recorded)"


def _verdict(adoption: Adoption) -> str:
    if adoption.problems:
        return f"{len(adoption.problems)} points to decide; see above. Nothing was changed."
    return "Ready. Nothing was changed."
