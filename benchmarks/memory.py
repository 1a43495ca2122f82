"""Peak memory of this process."""

from __future__ import annotations

import re
import resource
from pathlib import Path


def peak_megabytes() -> float:
    """Largest resident set since the program's start, in MB (10**6 bytes).

    Read where Linux keeps it for the program alone: ``getrusage`` passes on the peak of whoever started it.
    """
    try:
        match = re.search(r"^VmHWM:\s*(\d+) kB$", Path("/proc/self/status").read_text(), re.MULTILINE)
    except OSError:
        match = None
    kibibytes = int(match[1]) if match else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return kibibytes * 1024 / 1e6
