"""Screens the values that a URI gives to a template's variables, before the author's function sees them."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, cast

from wireglass.errors import NotFoundError
from wireglass.records import record

__all__ = [
    "DEFAULT_RESOURCE_SECURITY",
    "INHERIT_SECURITY",
    "PathEscapeError",
    "ResourceSecurity",
    "ResourceSecurityError",
    "contains_path_traversal",
    "inside",
    "is_absolute_path",
    "safe_join",
]

_DRIVE = r"[A-Za-z]:"


class ResourceSecurityError(NotFoundError):
    """A value was refused. The text says "not found", so that a prober learns nothing about the policy."""


@record(frozen=True)
class ResourceSecurity:
    """What a value must not be. Values of the variables in `exempt_params` are not looked at."""

    reject_path_traversal: bool = True
    """Refuses paths whose `..` segments lead out of where they start."""
    reject_absolute_paths: bool = True
    """Refuses `/x`, `\\\\x` and `C:x`."""
    reject_null_bytes: bool = True
    exempt_params: Iterable[str] = ()

    def validate(self, params: Mapping[str, Any]) -> str | None:
        """The name of the first variable whose value is refused, or None."""
        exempt = {name.replace("-", "_") for name in self.exempt_params}
        for name, value in params.items():
            if name.replace("-", "_") not in exempt and not self._allows(value):
                return name
        return None

    def _allows(self, value: Any) -> bool:
        if isinstance(value, (list, tuple)):
            parts = [part for part in cast("list[Any]", value) if isinstance(part, str)]
            return all(map(self._allows_text, parts)) and not (
                self.reject_path_traversal and contains_path_traversal("/".join(parts))
            )
        return not isinstance(value, str) or self._allows_text(value)

    def _allows_text(self, value: str) -> bool:
        if self.reject_null_bytes and "\x00" in value:
            return False
        if self.reject_absolute_paths and is_absolute_path(value):
            return False
        return not (self.reject_path_traversal and contains_path_traversal(value))


def is_absolute_path(value: str) -> bool:
    """Whether a text is a path from a root, on any system."""
    return value.startswith(("/", "\\")) or bool(re.match(_DRIVE, value))


def contains_path_traversal(path: str) -> bool:
    """Whether a path leaves its start at any point: only segments that are exactly `..` count."""
    depth = 0
    for segment in re.split(r"[/\\]", path):
        if segment == "..":
            depth -= 1
            if depth < 0:
                return True
        elif segment not in ("", "."):
            depth += 1
    return False


class _Inherit:
    def __repr__(self) -> str:
        return "INHERIT_SECURITY"


INHERIT_SECURITY = _Inherit()
"""A template's `security`: whatever its server has."""

DEFAULT_RESOURCE_SECURITY = ResourceSecurity()
"""All checks, no exemptions."""


class PathEscapeError(ValueError):
    """A path leads out of the folder it has to stay in."""


def safe_join(base: str | Path, *parts: str) -> Path:
    """`base` and the parts, links followed. Raises PathEscapeError when that is outside `base`."""
    joined = "/".join(parts)
    if "\x00" in joined or any(map(is_absolute_path, parts)):
        raise PathEscapeError(f"{joined!r} escapes {base}: it is no relative path.")
    return inside(Path(base).resolve(), joined)


def inside(folder: Path, relative: str) -> Path:
    """As `safe_join`, for a folder that is resolved already: one that became a link since then is outside itself."""
    found = (folder / relative).resolve()
    if not found.is_relative_to(folder):
        raise PathEscapeError(f"{relative!r} escapes {folder}.")
    return found
