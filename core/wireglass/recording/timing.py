"""Where the time of a call went: self times, the waterfall's rows, percentiles. Pure: spans in, numbers out.

Self times add up: at each instant the time belongs to the deepest spans that are open then, in equal parts when
several run side by side. The sum over all spans is therefore exactly the time that some span covers.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil

from wireglass.protocol.messages import Span

__all__ = ["Percentiles", "Row", "Share", "median", "percentiles", "self_times", "shares", "waterfall"]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the waterfall, parents before children."""

    span: Span
    index: int
    depth: int
    self_us: float
    own: tuple[tuple[int, int], ...]
    """Stretches (start, end in microseconds) in which no child ran: drawn solid."""


@dataclass(frozen=True, slots=True)
class Share:
    """A part of the one-line bar."""

    name: str
    kind: str
    microseconds: float


@dataclass(frozen=True, slots=True)
class Percentiles:
    """Nearest-rank percentiles of a set of durations, in the unit they came in."""

    count: int
    p50: float
    p95: float
    p99: float
    worst: float


def self_times(spans: Sequence[Span]) -> list[float]:
    """Microseconds of each span that no span inside it covers."""
    boundaries = sorted({edge for span in spans for edge in (span.start_us, _end(span))})
    starting: dict[int, list[int]] = defaultdict(list)
    ending: dict[int, list[int]] = defaultdict(list)
    for index, span in enumerate(spans):
        if span.duration_us > 0:
            starting[span.start_us].append(index)
            ending[_end(span)].append(index)
    own = [0.0] * len(spans)
    open_children = [0] * len(spans)
    active: set[int] = set()
    for here, after in pairwise(boundaries):
        for index in ending[here]:
            active.discard(index)
            _count_child(spans, open_children, index, -1)
        for index in starting[here]:
            active.add(index)
            _count_child(spans, open_children, index, +1)
        deepest = [index for index in active if not open_children[index]]
        for index in deepest:
            own[index] += (after - here) / len(deepest)
    return own


def waterfall(spans: Sequence[Span]) -> list[Row]:
    """The spans as tree rows: children under their parent in order of start."""
    children: dict[int | None, list[int]] = defaultdict(list)
    for index, span in enumerate(spans):
        children[span.parent].append(index)
    for siblings in children.values():
        siblings.sort(key=lambda index: (spans[index].start_us, index))
    own = self_times(spans)
    rows: list[Row] = []
    pending = [(index, 0) for index in reversed(children[None])]
    while pending:
        index, depth = pending.pop()
        below = children[index]
        rows.append(Row(spans[index], index, depth, own[index], _gaps(spans[index], [spans[i] for i in below])))
        pending.extend((child, depth + 1) for child in reversed(below))
    return rows


def shares(spans: Sequence[Span], most: int = 5) -> list[Share]:
    """The one-line bar: self time per name, largest first, what is left over as "Other"."""
    totals: dict[tuple[str, str], float] = defaultdict(float)
    for span, time in zip(spans, self_times(spans), strict=True):
        totals[span.name, span.kind] += time
    ranked = [Share(name, kind, time) for (name, kind), time in sorted(totals.items(), key=lambda item: -item[1])]
    if len(ranked) <= most:
        return ranked
    rest = sum(share.microseconds for share in ranked[most - 1 :])
    return [*ranked[: most - 1], Share("Other", "other", rest)]


def median(durations: Iterable[float]) -> float | None:
    """The one in the middle, or between the two there; None of nothing. As in `statistics`, which takes a moment and
    half a megabyte to load."""
    ranked = sorted(durations)
    middle = len(ranked) // 2
    if not ranked:
        return None
    return ranked[middle] if len(ranked) % 2 else (ranked[middle - 1] + ranked[middle]) / 2


def percentiles(durations: Iterable[float]) -> Percentiles | None:
    """None when there is nothing to rank."""
    ranked = sorted(durations)
    if not ranked:
        return None
    return Percentiles(
        count=len(ranked),
        p50=_rank(ranked, 0.50),
        p95=_rank(ranked, 0.95),
        p99=_rank(ranked, 0.99),
        worst=ranked[-1],
    )


def _rank(ranked: Sequence[float], share: float) -> float:
    return ranked[max(0, ceil(share * len(ranked)) - 1)]


def _end(span: Span) -> int:
    return span.start_us + span.duration_us


def _count_child(spans: Sequence[Span], open_children: list[int], index: int, step: int) -> None:
    parent = spans[index].parent
    if parent is not None:
        open_children[parent] += step


def _gaps(span: Span, children: Sequence[Span]) -> tuple[tuple[int, int], ...]:
    gaps: list[tuple[int, int]] = []
    here = span.start_us
    for child in children:
        if child.start_us > here:
            gaps.append((here, min(child.start_us, _end(span))))
        here = max(here, _end(child))
    if here < _end(span):
        gaps.append((here, _end(span)))
    return tuple(gaps)
