"""Versions of components: how they compare, and which of several a request means."""

import re
from functools import lru_cache
from typing import Any, TypeVar

from wireglass.records import record

__all__ = ["VersionSpec", "newest", "sort_key", "version_key"]

_PEP440 = r"""v?(?:(?P<epoch>\d+)!)?(?P<release>\d+(?:\.\d+)*)
    (?:[-_.]?(?P<pre>a|b|c|rc|alpha|beta|pre|preview)[-_.]?(?P<pre_number>\d*))?
    (?:-(?P<post_bare>\d+)|[-_.]?(?P<post>post|rev|r)[-_.]?(?P<post_number>\d*))?
    (?:[-_.]?(?P<dev>dev)[-_.]?(?P<dev_number>\d*))?
    (?:\+(?P<local>[a-z0-9]+(?:[-_.][a-z0-9]+)*))?"""
_PRE = {"a": 0, "alpha": 0, "b": 1, "beta": 1, "c": 2, "rc": 2, "pre": 2, "preview": 2}
_FINAL = 3
T = TypeVar("T")

Key = tuple[int, tuple[Any, ...]]


@lru_cache(maxsize=1024)
def version_key(version: str | None) -> Key:
    """A key to sort by: no version first, then versions as Python packages order them (PEP 440), then all others as
    text. Spellings of the same version (1 and 1.0) have the same key."""
    if version is None:
        return (0, ())
    found = re.fullmatch(_PEP440, version.strip(), re.VERBOSE | re.IGNORECASE)
    if found is None:
        return (2, (version,))
    part = found.groupdict()
    release = [int(number) for number in part["release"].split(".")]
    while len(release) > 1 and release[-1] == 0:
        release.pop()
    post = part["post_bare"] or ((part["post_number"] or "0") if part["post"] else None)
    dev = int(part["dev_number"] or 0) if part["dev"] else None
    pre = (_PRE[part["pre"].lower()], int(part["pre_number"] or 0)) if part["pre"] else (_FINAL, 0)
    if part["pre"] is None and post is None and dev is not None:
        pre = (-1, 0)  # 1.0.dev1 comes before 1.0a1
    local = tuple((word.isdigit(), int(word) if word.isdigit() else 0, word.lower()) for word in _words(part["local"]))
    unfinished = (0, dev) if dev is not None else (1, 0)
    return (1, (int(part["epoch"] or 0), tuple(release), pre, -1 if post is None else int(post), unfinished, local))


def _words(local: str | None) -> list[str]:
    return re.split(r"[-_.]", local) if local else []


def sort_key(version: str | None) -> tuple[Key, str]:
    """As `version_key`, but spellings of the same version have an order too."""
    return version_key(version), version or ""


@record(frozen=True)
class VersionSpec:
    """Which versions are meant: exactly `eq`, or from `gte` up to but not including `lt`. Nothing set: any.

    A component without version is always meant, unless `match_none` is False: there is no other to be had.
    """

    gte: str | None = None
    lt: str | None = None
    eq: str | None = None

    def matches(self, version: str | None, *, match_none: bool = True) -> bool:
        """Whether `version` is meant."""
        if version is None:
            return match_none
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
    return max(chosen, key=lambda pair: sort_key(pair[0]))[1] if chosen else None
