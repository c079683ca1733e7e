"""`fastmcp.utilities.versions`: our order of versions under the names and shapes code for FastMCP knows."""

from collections.abc import Callable, Sequence
from functools import total_ordering
from typing import Any

from wireglass.server.finding import newest_by
from wireglass.server.versions import sort_key, version_key

__all__ = [
    "VersionKey",
    "compare_versions",
    "dedupe_with_versions",
    "is_version_greater",
    "max_version",
    "min_version",
    "parse_version_key",
    "version_sort_key",
]


@total_ordering
class VersionKey:
    """A version that compares as versions do; no version is lower than any."""

    def __init__(self, version: str | None) -> None:
        self._version = version
        self._key = version_key(version)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, VersionKey) and self._key == other._key

    def __lt__(self, other: "VersionKey") -> bool:
        return self._key < other._key

    def __hash__(self) -> int:
        return hash(self._key)

    def __repr__(self) -> str:
        return f"VersionKey({self._version!r})"


def parse_version_key(version: str | None) -> VersionKey:
    """The version as something that compares."""
    return VersionKey(version)


def version_sort_key(component: Any) -> tuple[VersionKey, str]:
    """A key to sort components by; spellings of one version have an order too."""
    return VersionKey(component.version), component.version or ""


def compare_versions(a: str | None, b: str | None) -> int:
    """-1, 0 or 1."""
    first, second = version_key(a), version_key(b)
    return (first > second) - (first < second)


def is_version_greater(a: str | None, b: str | None) -> bool:
    """Whether `a` is newer than `b`."""
    return compare_versions(a, b) > 0


def max_version(a: str | None, b: str | None) -> str | None:
    """The newer one."""
    return max(a, b, key=sort_key)


def min_version(a: str | None, b: str | None) -> str | None:
    """The older one; none if either is none."""
    return min(a, b, key=sort_key)


def dedupe_with_versions(components: Sequence[Any], key_fn: Callable[[Any], str]) -> list[Any]:
    """The newest of each name, which tells the others in its `meta`."""
    return newest_by(components, key_fn)
