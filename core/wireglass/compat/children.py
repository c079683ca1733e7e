"""The environment that carries the aliases into child processes started with the same interpreter."""

import os
import sys
from collections.abc import MutableMapping
from pathlib import Path

__all__ = ["carry_to_children"]

_HOOK = Path(__file__).parent / "hook"


def carry_to_children(dialect: str, *, first: bool, environ: MutableMapping[str, str] | None = None) -> None:
    """Sets PYTHONPATH and WIREGLASS_* so that `hook/sitecustomize.py` is found. Frozen builds have no such children."""
    if getattr(sys, "frozen", False):
        return
    environ = os.environ if environ is None else environ
    environ["WIREGLASS_COMPAT"] = "first" if first else "on"
    environ["WIREGLASS_COMPAT_PREFIX"] = sys.prefix
    environ["WIREGLASS_COMPAT_HOME"] = str(Path(__file__).resolve().parents[2])
    environ["WIREGLASS_DIALECT"] = dialect
    entries = [entry for entry in environ.get("PYTHONPATH", "").split(os.pathsep) if entry]
    if str(_HOOK) not in entries:
        environ["PYTHONPATH"] = os.pathsep.join([str(_HOOK), *entries])
