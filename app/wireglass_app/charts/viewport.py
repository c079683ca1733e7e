"""The stretch of time that is shown, and the ruler's marks. Pure arithmetic in nanoseconds."""

from collections.abc import Iterator
from dataclasses import dataclass

from wireglass_app.moments import clock

__all__ = ["SHORTEST_NS", "Viewport", "ruler_marks"]

SHORTEST_NS = 10_000
"""No closer than 10 µs."""
_STEPS = (1, 2, 5)
_CLOCK_STEPS = tuple(seconds * 1_000_000_000 for seconds in (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600))


@dataclass(frozen=True, slots=True)
class Viewport:
    """A half-open range [begin, until) drawn over `width` pixels."""

    begin: int
    until: int
    width: int

    @property
    def span(self) -> int:
        return self.until - self.begin

    def x(self, at: int) -> float:
        """Pixels from the left edge; may lie outside."""
        return (at - self.begin) * self.width / self.span

    def at(self, x: float) -> int:
        """The time under a pixel."""
        return self.begin + int(x * self.span / max(1, self.width))

    def zoomed(self, factor: float, around: int, extent: tuple[int, int]) -> "Viewport":
        """`factor` above 1 shows more detail; the time `around` keeps its place."""
        longest = max(SHORTEST_NS, extent[1] - extent[0])
        span = min(longest, max(SHORTEST_NS, int(self.span / factor)))
        share = (around - self.begin) / self.span
        begin = around - int(span * share)
        return Viewport(begin, begin + span, self.width).inside(extent)

    def moved(self, by: int, extent: tuple[int, int]) -> "Viewport":
        return Viewport(self.begin + by, self.until + by, self.width).inside(extent)

    def inside(self, extent: tuple[int, int]) -> "Viewport":
        """The same length, pushed back into the extent where it reached outside of it."""
        begin = max(extent[0], min(self.begin, extent[1] - self.span))
        return Viewport(begin, begin + self.span, self.width)


def ruler_marks(view: Viewport, wall_offset_ns: int, *, apart: int = 90) -> Iterator[tuple[float, str]]:
    """(x, label) at round times at least `apart` pixels from each other: clock times, or "+ 1.5 ms" within a second."""
    step = _step(view.span * apart // max(1, view.width))
    if step >= 1_000_000_000:
        first = -(-(view.begin + wall_offset_ns) // step) * step - wall_offset_ns
        marks = range(first, view.until, step)
        yield from ((view.x(mark), _clock(mark + wall_offset_ns)) for mark in marks)
    else:
        origin = (view.begin + wall_offset_ns) // 1_000_000_000 * 1_000_000_000 - wall_offset_ns
        first = origin + -(-(view.begin - origin) // step) * step
        marks = range(first, view.until, step)
        yield from ((view.x(mark), _within_second(mark - origin, mark + wall_offset_ns)) for mark in marks)


def _step(least: int) -> int:
    for step in _CLOCK_STEPS:
        if 1_000_000_000 <= least <= step:
            return step
    if least > _CLOCK_STEPS[-1]:
        return -(-least // _CLOCK_STEPS[-1]) * _CLOCK_STEPS[-1]
    power = 1
    while True:
        for factor in _STEPS:
            if factor * power >= least:
                return min(factor * power, 1_000_000_000)
        power *= 10


def _clock(wall_ns: int) -> str:
    return clock(wall_ns // 1_000_000_000)


def _within_second(since_ns: int, wall_ns: int) -> str:
    since_ns %= 1_000_000_000
    if since_ns == 0:
        return _clock(wall_ns)
    return f"+ {since_ns / 1e6:g} ms" if since_ns >= 1_000_000 else f"+ {since_ns / 1e3:g} µs"
