"""The environment variables a server gets: a short safe list, plus what the user chose."""

import os
import sys
from collections.abc import Iterable, Mapping

__all__ = ["SAFE_VARIABLES", "child_environment", "safe_variables"]

_POSIX = ("PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "LOGNAME", "SHELL", "TERM", "TMPDIR", "TZ", "USER")
_DESKTOP = ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR")
_WINDOWS = (
    "PATH",
    "PATHEXT",
    "SYSTEMROOT",
    "SYSTEMDRIVE",
    "COMSPEC",
    "TEMP",
    "TMP",
    "USERNAME",
    "USERPROFILE",
    "HOMEDRIVE",
    "HOMEPATH",
    "APPDATA",
    "LOCALAPPDATA",
    "PROGRAMDATA",
    "PROGRAMFILES",
    "PROCESSOR_ARCHITECTURE",
)

SAFE_VARIABLES: tuple[str, ...] = _WINDOWS if sys.platform == "win32" else _POSIX + _DESKTOP
"""What a program needs to start and find its files. Nothing here usually holds a secret."""


def safe_variables(environ: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """The names of `SAFE_VARIABLES` that are set, in that order. A value that is a shell function is left out."""
    environ = os.environ if environ is None else environ
    return tuple(name for name in SAFE_VARIABLES if name in environ and not environ[name].startswith("()"))


def child_environment(
    chosen: Iterable[str] = (), added: Mapping[str, str] | None = None, *, environ: Mapping[str, str] | None = None
) -> dict[str, str]:
    """The safe variables, those of ours that the user `chosen` by name, and those that were `added` with a value."""
    environ = os.environ if environ is None else environ
    names = dict.fromkeys((*safe_variables(environ), *chosen))
    return {name: environ[name] for name in names if name in environ} | dict(added or {})
