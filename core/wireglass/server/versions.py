"""Versions of components: how they compare, and which of several a request means."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

__all__ = ["VersionSpec", "newest", "version_key"]

_PART = re.compile(r"(\d+)|([A-Za-z]+)")
T = TypeVar("T")


@lru_cache(maxsize=1024)
def version_key(version: str | None) -> tuple[int, tuple[tuple[int, int, str], ...]]:
    """A key to sort by: no version first; numbers as numbers, and a pre-release before its release."""
    if version is None:
        return (0, ())
    parts: list[tuple[int, int, str]] = []
    for number, word in _PART.findall(version.removeprefix("v")):
        # A word such as "rc" sorts below the end of the version, a number above it.
        parts.append((2, int(number), "") if number else (0, 0, word.lower()))
    while parts and parts[-1] == (2, 0, ""):
        parts.pop()  # 1 and 1.0 are the same version
    return (1, (*parts, (1, 0, "")))


@dataclass(frozen=True, slots=True)
class VersionSpec:
    """Which versions are meant: exactly `eq`, or from `gte` up to but not including `lt`. Nothing set: any."""

    gte: str | None = None
    lt: str | None = None
    eq: str | None = None

    def matches(self, version: str | None, *, match_none: bool = True) -> bool:
        """Whether `version` is meant; a component without version is by default, unless `eq` asks for one."""
        if version is None:
            return match_none and self.eq is None
        key = version_key(version)
        if self.eq is not None:
            return key == version_key(self.eq)
        if self.gte is not None and key < version_key(self.gte):
            return False
        return self.lt is None or key < version_key(self.lt)

    def intersect(self, other: "VersionSpec | None") -> "VersionSpec":
        """What both mean."""
        if other is None:
            return self
        if self.eq is not None:
            return self
        if other.eq is not None:
            return other
        gte = max((v for v in (self.gte, other.gte) if v is not None), key=version_key, default=None)
        lt = min((v for v in (self.lt, other.lt) if v is not None), key=version_key, default=None)
        return VersionSpec(gte=gte, lt=lt)


def newest(versions: "list[tuple[str | None, T]]", spec: VersionSpec | None = None) -> T | None:
    """The item with the highest version that `spec` means, or None."""
    chosen = [pair for pair in versions if spec is None or spec.matches(pair[0])]
    return max(chosen, key=lambda pair: version_key(pair[0]))[1] if chosen else None
