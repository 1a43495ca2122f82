"""Run a command that dies with the one who started it. Executed as a script, imports nothing of ours.

``python -I -S tether.py <pid of the parent> <command> …`` asks Linux to kill this process when its parent dies, even by
``kill -9``, then becomes the command. A function run between fork and exec in the parent could do the same, but is not
safe in a program with threads.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def main() -> None:
    """Set the parent-death signal, then become the command."""
    parent, *command = sys.argv[1:]
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != int(parent):
        sys.exit("the parent is gone")
    os.execv(command[0], command)  # noqa: S606  # no shell on purpose


if __name__ == "__main__":
    main()
