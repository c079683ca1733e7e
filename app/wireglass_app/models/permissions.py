"""The time in which a server waited for a person on a permission page: hatched in the bars of its requests."""

from collections.abc import Sequence

__all__ = ["PermissionWaits"]

_KEPT = 200
Stretch = tuple[int, int]


class PermissionWaits:
    """Stretches of time by server, none over another, in order. Nanoseconds on the frames' clock."""

    def __init__(self) -> None:
        self._of: dict[str, list[Stretch]] = {}

    def add(self, server: str, begin: int, until: int) -> None:
        """One more; what of it was known before is not kept twice."""
        known = self._of.setdefault(server, [])
        known += _without(known, begin, until)
        known.sort()
        del known[:-_KEPT]

    def within(self, server: str, begin: int, until: int) -> list[Stretch]:
        """The parts of a stretch of time that were such waits."""
        return _common(self._of.get(server, ()), begin, until)

    def __contains__(self, server: str) -> bool:
        return bool(self._of.get(server))


def _common(stretches: Sequence[Stretch], begin: int, until: int) -> list[Stretch]:
    return [(max(a, begin), min(b, until)) for a, b in stretches if a < until and b > begin]


def _without(known: Sequence[Stretch], begin: int, until: int) -> list[Stretch]:
    found: list[Stretch] = []
    for first, last in _common(known, begin, until):
        if first > begin:
            found.append((begin, first))
        begin = last
    return [*found, (begin, until)] if begin < until else found
