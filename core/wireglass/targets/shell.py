"""A command as one line to paste into a shell, and a link handed to the program that it belongs to."""

import os
import shlex
import subprocess
import sys
from collections.abc import Sequence

from wireglass.errors import ConfigError

__all__ = ["command_text", "open_link"]


def command_text(argv: Sequence[str], *, windows: bool = False) -> str:
    """The arguments quoted for the shell of the system."""
    return subprocess.list2cmdline(argv) if windows else shlex.join(argv)


def open_link(link: str) -> None:
    """Hands the link to the system, which knows whose it is. Raises ConfigError when it cannot; nobody tells more."""
    try:
        if sys.platform == "win32":
            os.startfile(link)
        else:
            subprocess.Popen(["open" if sys.platform == "darwin" else "xdg-open", link], start_new_session=True)
    except OSError as error:
        raise ConfigError("The system cannot open links.", next_step="Copy the link into a browser.") from error
