"""What the times of many calls mean, in words and percentiles. Pure: knows no clock, no wire and no window."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from wireglass.protocol.messages import WAITS, Span
from wireglass.recording.timing import Percentiles, percentiles, self_times

__all__ = [
    "CallTime",
    "Chain",
    "Finding",
    "Link",
    "Statistic",
    "cache_hits",
    "chains_of",
    "findings",
    "order_warnings",
    "statistics",
]

Grouping = Literal["layer", "name", "method", "server"]

HELD_US = 50_000
"""A middleware that keeps a call longer than this by itself is worth a sentence."""
FEW_LOOKUPS = 10
SERIAL_GAP_NS = 5_000_000
SERIAL_CALL_NS = 50_000_000
SLOWER_THAN_USUAL = 3.0
SLOW_HANDLER_US = 100_000
"""A handler that works this long by itself, and longer than everything around it, is worth a sentence."""
SERIAL_SPAN_US = 20_000
_ONE_LAYER = frozenset({"handler", "server", "validation", "serialisation", "human", "model"})
"""Kinds of spans that are one layer, whatever each is called."""
_OUTSIDE = frozenset({"user", "storage", "server", "dependency"})
"""Kinds of spans that wait for something else, so that several could run side by side."""


@dataclass(frozen=True, slots=True)
class CallTime:
    """One call as the wire saw it, with the spans its server reported. Times are monotonic nanoseconds."""

    key: int
    server: str
    method: str
    name: str
    """The tool, prompt or URI, or the method when it names nothing."""
    begin_ns: int
    end_ns: int | None
    failed: bool = False
    human_ns: int = 0
    spans: tuple[Span, ...] = ()

    @property
    def work_ns(self) -> int | None:
        """Its latency without the time a human took; None while it runs."""
        return None if self.end_ns is None else max(0, self.end_ns - self.begin_ns - self.human_ns)


@dataclass(frozen=True, slots=True)
class Statistic:
    """Milliseconds of one layer, name, method or server."""

    label: str
    kind: str
    times: Percentiles


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing worth knowing: a title, a sentence or two, and the calls it is about."""

    rule: str
    title: str
    text: str
    calls: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Link:
    """One middleware of a chain and the hooks that it overrides, as far as the server tells."""

    name: str
    hooks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Chain:
    """The middleware of one server as it ran, outermost first; mounted and proxied servers have chains of their own."""

    owner: str
    """The request, or the name of the mounted server."""
    links: tuple[Link, ...]


def chains_of(spans: Sequence[Span]) -> list[Chain]:
    """The chains that a call passed, the outermost server's first."""
    owners: list[int | None] = []
    links: dict[int | None, list[Link]] = {}
    for index, span in enumerate(spans):
        above = None if span.parent is None else owners[span.parent]
        owners.append(index if span.kind == "server" else above)
        if span.kind == "middleware":
            hooks = span.facts.get("hooks")
            told = tuple(str(hook) for hook in hooks) if isinstance(hooks, list) else ()
            links.setdefault(above, []).append(Link(span.name, told))
    return [Chain("" if owner is None else spans[owner].name, tuple(chain)) for owner, chain in links.items()]


def statistics(calls: Iterable[CallTime], by: Grouping) -> list[Statistic]:
    """Percentiles, the group with the most time first. By "layer" it ranks self times of spans, else work times."""
    groups: dict[tuple[str, str], list[float]] = defaultdict(list)
    for call in calls:
        if by == "layer":
            for span, own in zip(call.spans, self_times(call.spans), strict=True):
                label = span.kind if span.kind in _ONE_LAYER else span.name
                groups[label, span.kind].append(own / 1000)
        elif (work := call.work_ns) is not None:
            groups[getattr(call, by), by].append(work / 1e6)
    ranked = sorted(groups.items(), key=lambda item: -sum(item[1]))
    return [Statistic(label, kind, ranks) for (label, kind), times in ranked if (ranks := percentiles(times))]


def cache_hits(calls: Iterable[CallTime]) -> tuple[int, int]:
    """How many cache look-ups hit, of how many (spans say so in `facts["cache"]`)."""
    outcomes = [span.facts["cache"] for call in calls for span in call.spans if span.facts.get("cache")]
    return outcomes.count("hit"), len(outcomes)


def findings(selected: CallTime | None, calls: Sequence[CallTime], most: int = 3) -> list[Finding]:
    """At most `most` findings about the selected call first, then about the range it lies in."""
    found: list[Finding] = []
    if selected is not None:
        found += _held(selected, calls)
        found += _refused(selected, calls)
        found += _slow_handler(selected)
        found += _serial_inside(selected)
        found += _slower_than_usual(selected, calls)
        for chain in chains_of(selected.spans):
            found += order_warnings([link.name for link in chain.links])
    found += _cache_never_hits(calls)
    found += _serial(calls)
    return found[:most]


ORDER_RULES: tuple[tuple[str, str, str], ...] = (
    ("ErrorHandling", "*", "Errors raised outside of it reach the client as they are, unmapped and uncounted."),
    ("Logging", "Caching", "Calls answered from the cache are not logged."),
    ("Timing", "Caching", "Calls answered from the cache are not timed."),
    ("RateLimiting", "Caching", "Calls answered from the cache are not counted against the limit."),
)
"""(what belongs outside, of what, what goes wrong otherwise); "*" is every other middleware."""


def order_warnings(chain: Sequence[str]) -> list[Finding]:
    """Warnings for a chain of middleware names, outermost first, whose order is known to be wrong."""
    warnings: list[Finding] = []
    for outer, inner, consequence in ORDER_RULES:
        at = next((index for index, name in enumerate(chain) if outer in name), None)
        before = [name for name in chain[:at] if inner == "*" or inner in name] if at else []
        if at is not None and before:
            title = f"{_short(chain[at])} runs inside {_short(before[0])}"
            text = f"{consequence} Add {_short(chain[at])} before {_short(before[0])} to have it outside."
            warnings.append(Finding("order", title, text))
    return warnings


def _short(name: str) -> str:
    """All middleware is called Middleware; a sentence is easier to read without."""
    return name.removesuffix("Middleware") or name


def _held(selected: CallTime, calls: Sequence[CallTime]) -> list[Finding]:
    held = _held_by(selected)
    if held is None:
        return []
    span, own_us = held
    others = [call.key for call in calls if (other := _held_by(call)) and other[0].name == span.name]
    why = span.facts.get("reason")
    said = f"{why} " if isinstance(why, str) else ""
    text = f"{said}{len(others)} of {len(calls)} calls in range waited there for more than {HELD_US // 1000} ms."
    return [Finding("held", f"{_short(span.name)} held this call for {own_us / 1000:,.0f} ms", text, tuple(others))]


def _held_by(call: CallTime) -> tuple[Span, float] | None:
    own = zip(call.spans, self_times(call.spans), strict=True)
    slow = [(span, time) for span, time in own if span.kind == "middleware" and time >= HELD_US]
    return max(slow, key=lambda pair: pair[1], default=None)


def _refused(selected: CallTime, calls: Sequence[CallTime]) -> list[Finding]:
    own = _refusal(selected)
    if own is None:
        return []
    others = tuple(call.key for call in calls if _refusal(call) is not None)
    reason = own.facts.get("reason")
    said = f"{reason} " if isinstance(reason, str) else ""
    text = f"{said}{len(others)} of {len(calls)} calls in range were refused there."
    return [Finding("refused", f"{_short(own.name)} refused this call", text, others)]


def _refusal(call: CallTime) -> Span | None:
    return next((span for span in call.spans if span.kind == "middleware" and span.facts.get("refused") is True), None)


def _slow_handler(selected: CallTime) -> list[Finding]:
    own = list(zip(selected.spans, self_times(selected.spans), strict=True))
    work = sum(time for span, time in own if span.kind not in WAITS)
    found = max((pair for pair in own if pair[0].kind == "handler"), key=lambda pair: pair[1], default=None)
    if found is None or found[1] < SLOW_HANDLER_US or found[1] * 2 < work:
        return []
    span, time = found
    text = (
        f"It worked by itself for {time / 1000:,.0f} of {work / 1000:,.0f} ms. Name its parts with "
        '`with ctx.span("…"):` to see which one it is.'
    )
    return [Finding("handler", f"The handler {span.name} is the slow part", text, (selected.key,))]


def _serial_inside(selected: CallTime) -> list[Finding]:
    """Waits of one handler that came one after the other."""
    siblings: dict[int | None, list[Span]] = defaultdict(list)
    for span in selected.spans:
        if span.kind in _OUTSIDE and span.duration_us >= SERIAL_SPAN_US and span.parent is not None:
            siblings[span.parent].append(span)
    for parent, group in siblings.items():
        group.sort(key=lambda span: span.start_us)
        apart = all(before.start_us + before.duration_us <= after.start_us for before, after in pairwise(group))
        if len(group) >= 3 and apart and parent is not None:
            total, longest = sum(span.duration_us for span in group), max(span.duration_us for span in group)
            text = (
                f"{len(group)} waits ran one after the other and took {total / 1000:,.0f} ms; side by side they would "
                f"take about {longest / 1000:,.0f} ms. If none needs the other's result, gather them."
            )
            title = f"{selected.spans[parent].name} waits {len(group)} times in a row"
            return [Finding("serial", title, text, (selected.key,))]
    return []


def _slower_than_usual(selected: CallTime, calls: Sequence[CallTime]) -> list[Finding]:
    same = [work for call in calls if call.name == selected.name and (work := call.work_ns) is not None]
    usual, work = percentiles(same), selected.work_ns
    if (
        usual is None
        or work is None
        or usual.count < 5
        or work < SLOWER_THAN_USUAL * usual.p50
        or work < SERIAL_CALL_NS
    ):
        return []
    title = f"{selected.name} took {work / usual.p50:.1f} times as long as usual"
    text = (
        f"It worked for {work / 1e6:,.0f} ms; half of its {usual.count} calls in range need {usual.p50 / 1e6:,.0f} ms."
    )
    return [Finding("slow", title, text, (selected.key,))]


def _cache_never_hits(calls: Sequence[CallTime]) -> list[Finding]:
    hits, lookups = cache_hits(calls)
    if hits or lookups < FEW_LOOKUPS:
        return []
    text = (
        f"None of {lookups} look-ups found an entry: the time to live may be too short, or the arguments always differ."
    )
    return [Finding("cache", "The cache never hits", text)]


def _serial(calls: Sequence[CallTime]) -> list[Finding]:
    by_name: dict[tuple[str, str], list[CallTime]] = defaultdict(list)
    for call in calls:
        if call.method == "tools/call" and call.end_ns is not None:
            by_name[call.server, call.name].append(call)
    for (_, name), group in by_name.items():
        run = _longest_serial_run(sorted(group, key=lambda call: call.begin_ns))
        if len(run) >= 3:
            total = sum((call.end_ns or 0) - call.begin_ns for call in run) / 1e6
            text = f"{len(run)} calls came one right after the other and took {total:,.0f} ms. They could overlap."
            keys = tuple(call.key for call in run)
            return [Finding("serial", f"Calls of {name} wait for each other", text, keys)]
    return []


def _longest_serial_run(calls: Sequence[CallTime]) -> list[CallTime]:
    best: list[CallTime] = []
    run = list(calls[:1])
    for earlier, later in pairwise(calls):
        gap = later.begin_ns - (earlier.end_ns or 0)
        long_enough = (earlier.work_ns or 0) >= SERIAL_CALL_NS
        run = [*run, later] if 0 <= gap <= SERIAL_GAP_NS and long_enough else [later]
        best = max(best, run, key=len)
    return best
