"""Links between the project's own pages lead somewhere."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
_LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#]+)(?:#[^)]*)?\)")


def pages() -> list[str]:
    """The Markdown files that git knows or would add."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"]
    return sorted(set(subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()))


@pytest.mark.parametrize("page", pages())
def test_links_lead_somewhere(page: str) -> None:
    path = ROOT / page
    missing = [target for target in _LINK.findall(path.read_text()) if not (path.parent / target).exists()]
    assert not missing
