"""The environment variables a server gets: the safe ones that every child gets, plus what the user chose."""

import os
from collections.abc import Iterable, Mapping

from wireglass.wire.child import SAFE_VARIABLES, safe_environment

__all__ = ["SAFE_VARIABLES", "child_environment"]


def child_environment(
    chosen: Iterable[str] = (), added: Mapping[str, str] | None = None, *, environ: Mapping[str, str] | None = None
) -> dict[str, str]:
    """The safe variables, those of ours that the user `chosen` by name, and those that were `added` with a value."""
    given = os.environ if environ is None else environ
    return safe_environment(given) | {name: given[name] for name in chosen if name in given} | dict(added or {})
