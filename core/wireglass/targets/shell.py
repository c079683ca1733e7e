"""A command as one line to paste into a shell."""

import shlex
import subprocess
from collections.abc import Sequence

__all__ = ["command_text"]


def command_text(argv: Sequence[str], *, windows: bool = False) -> str:
    """The arguments quoted for the shell of the system."""
    return subprocess.list2cmdline(argv) if windows else shlex.join(argv)
