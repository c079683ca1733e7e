"""The calls of a range in numbers: percentiles by layer, tool, method or server, the cache's share, the slowest."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from heapq import nlargest
from typing import Literal

from wireglass.recording.insights import CallTime, Finding, Statistic, cache_hits, findings, statistics
from wireglass.recording.timing import percentiles
from wireglass_app.models.call_columns import LISTENING, CallColumns

__all__ = ["AT_ONCE", "MOST_SPANS_READ", "Grouping", "RangeNumbers", "measure"]

Grouping = Literal["layer", "name", "method", "server"]
MOST_SPANS_READ = 1_000
"""Newest calls of a range whose spans are looked at."""
AT_ONCE = 400
"""So many calls are counted without leaving the window's thread."""
_SLOWEST = 5
_COLUMNS = 32


@dataclass(frozen=True, slots=True)
class RangeNumbers:
    """Everything the pane beside the waterfall shows."""

    count: int = 0
    """Calls that have ended. Streams are none: how long they were open is no latency, here and below."""
    statistics: tuple[Statistic, ...] = ()
    hits: int = 0
    lookups: int = 0
    histogram: tuple[int, ...] = ()
    failed: tuple[int, ...] = ()
    """How many of each column of the histogram failed."""
    longest_ms: float = 0.0
    slowest: tuple[CallTime, ...] = ()
    findings: tuple[Finding, ...] = field(default=())


def measure(calls: CallColumns, rows: Sequence[int], by: Grouping, selected: int | None, most: int) -> RangeNumbers:
    """Counts the calls of `rows`; `selected` is the key of the call that findings begin with. For any thread."""
    rows = calls.timed(rows)
    ended = [(work, row) for row in rows if (work := calls.work_ns(row)) is not None]
    newest = [calls.at(row, spans=True) for row in rows[-MOST_SPANS_READ:]]
    told = [call for call in newest if call.spans]
    hits, lookups = cache_hits(newest)
    longest = max((work for work, _ in ended), default=0)
    counts, failed = [0] * _COLUMNS, [0] * _COLUMNS
    for work, row in ended:
        at = min(_COLUMNS - 1, work * _COLUMNS // (longest or 1))
        counts[at] += 1
        failed[at] += calls.failed(row)
    chosen = None if selected is None or selected not in calls else calls[selected]
    if chosen is not None and chosen.method == LISTENING:
        chosen = None
    return RangeNumbers(
        count=len(ended),
        statistics=tuple(statistics(told, "layer") if by == "layer" else _grouped(calls, ended, by)),
        hits=hits,
        lookups=lookups,
        histogram=tuple(counts),
        failed=tuple(failed),
        longest_ms=longest / 1e6,
        slowest=tuple(calls.at(row) for _, row in nlargest(_SLOWEST, ended)),
        findings=tuple(findings(chosen, newest, most)),
    )


def _grouped(calls: CallColumns, ended: Sequence[tuple[int, int]], by: Grouping) -> list[Statistic]:
    column = {"name": calls.names, "method": calls.methods, "server": calls.servers}[by]
    groups: dict[int, list[float]] = defaultdict(list)
    for work, row in ended:
        groups[column[row]].append(work / 1e6)
    found = [
        Statistic(calls.texts[number], "group", times)
        for number, durations in groups.items()
        if (times := percentiles(durations)) is not None
    ]
    return sorted(found, key=lambda one: -one.times.p50 * one.times.count)
