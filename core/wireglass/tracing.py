"""Measures where a request's time goes, when the request asked for it; costs one context-variable look-up otherwise.

`with span("carrier API"):` opens a stretch inside the one that is open where it runs: tasks and worker threads that the
request starts carry it on. `note(cache="hit")` adds facts to the stretch in hand. The finished list is what
`protocol.spans` puts on the response.
"""

from collections.abc import Callable, Sequence
from contextvars import ContextVar, Token
from dataclasses import dataclass, field
from time import perf_counter_ns
from types import TracebackType
from typing import Any, Self

from wireglass.protocol.messages import WAITS, Span, SpanKind
from wireglass.protocol.spans import MOST_SPANS

__all__ = ["Stretch", "Trace", "active", "current_trace", "graft", "look_for", "note", "place", "span"]


@dataclass(slots=True, eq=False)
class Stretch:
    """One stretch of a trace; it ends when `end_ns` is set."""

    name: str
    kind: SpanKind
    begin_ns: int
    parent: "Stretch | None"
    facts: dict[str, Any]
    end_ns: int | None = None
    inside: tuple[Span, ...] = ()
    """Spans that another server reported for what happened in here."""


@dataclass(slots=True, eq=False)
class Trace:
    """The stretches of one request, in the order in which they began."""

    begin_ns: int = field(default_factory=perf_counter_ns)
    _stretches: list[Stretch] = field(default_factory=list[Stretch])
    _adopted: "Trace | None" = None
    _token: "Token[_Place | None] | None" = None

    def __enter__(self) -> Self:
        self._token = _place.set((self, None))
        return self

    def __exit__(self, *_: object) -> None:
        if self._token is not None:
            _place.reset(self._token)

    def open(self, name: str, kind: SpanKind, parent: Stretch | None, facts: dict[str, Any]) -> Stretch:
        """Begins a stretch now."""
        stretch = Stretch(name, kind, perf_counter_ns(), parent, facts)
        if len(self._stretches) < MOST_SPANS:
            self._stretches.append(stretch)
        return stretch

    def has(self, stretch: Stretch | None) -> bool:
        """Whether a stretch is one of this trace's."""
        return any(one is stretch for one in reversed(self._stretches))

    def adopt(self, other: "Trace") -> None:
        """Goes on with the trace of a call that an earlier request began and that waited meanwhile.

        What had ended is left to that request; what is still open begins anew with this one.
        """
        if other is self:
            return
        other.begin_ns = self.begin_ns
        other._stretches = [stretch for stretch in other._stretches if stretch.end_ns is None]
        for stretch in other._stretches:
            stretch.begin_ns = self.begin_ns
        self._adopted = other

    def spans(self) -> list[Span]:
        """What was measured so far; a stretch that is still open ends now."""
        now = perf_counter_ns()
        found: list[Span] = []
        self._collect(found, now, None)
        return found

    def _collect(self, found: list[Span], now: int, above: int | None) -> None:
        place: dict[int, int] = {}
        for stretch in self._stretches:
            parent = place.get(id(stretch.parent)) if stretch.parent is not None else above
            place[id(stretch)] = len(found)
            begin = (stretch.begin_ns - self.begin_ns) // 1000
            end = (_end(stretch, now) - self.begin_ns) // 1000
            found.append(Span(stretch.name, stretch.kind, begin, end - begin, parent, stretch.facts))
            _add_inside(found, stretch.inside, begin, end, place[id(stretch)])
        if self._adopted is not None:
            outermost = 0 if found else None
            self._adopted._collect(found, now, outermost)


_Place = tuple[Trace, Stretch | None]
_place: ContextVar[_Place | None] = ContextVar("wireglass_span", default=None)


_foreign: Callable[[], Stretch | None] | None = None


def look_for(innermost: Callable[[], Stretch | None]) -> None:
    """Has every span ask what stretch another library's span opened around it, so that it is hung below that one."""
    global _foreign
    _foreign = innermost


def place() -> "tuple[Trace, Stretch | None] | None":
    """The running request's trace and the stretch in hand; None when it did not ask."""
    found = _place.get()
    if found is None or _foreign is None:
        return found
    trace, own = found
    other = _foreign()
    inside = other is not None and other.end_ns is None and (own is None or other.begin_ns >= own.begin_ns)
    return (trace, other) if inside and trace.has(other) else found


def active() -> bool:
    """Whether the running request asked for its spans."""
    return _place.get() is not None


def current_trace() -> Trace | None:
    """The running request's trace, or None when it did not ask."""
    place = _place.get()
    return None if place is None else place[0]


def note(**facts: Any) -> None:
    """Adds facts (JSON values) to the stretch in hand."""
    place = _place.get()
    if place is not None and place[1] is not None:
        place[1].facts.update(facts)


def graft(spans: Sequence[Span]) -> None:
    """Hangs what another server reported below the stretch in hand."""
    place = _place.get()
    if place is not None and place[1] is not None:
        place[1].inside = tuple(spans)


class span:
    """A stretch of the running request, as a context manager. Does nothing when the request did not ask."""

    __slots__ = ("_facts", "_kind", "_name", "_stretch", "_token")

    def __init__(self, name: str, kind: SpanKind = "user", **facts: Any) -> None:
        self._name = name
        self._kind: SpanKind = kind
        self._facts = facts
        self._token: Token[_Place | None] | None = None

    def __enter__(self) -> Self:
        if _place.get() is None:
            return self
        here = place()
        if here is not None:
            trace, parent = here
            self._stretch = trace.open(self._name, self._kind, parent, self._facts)
            self._token = _place.set((trace, self._stretch))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._token is None:
            return
        self._stretch.end_ns = perf_counter_ns()
        if error is not None:
            self._facts["error"] = type(error).__name__
        _place.reset(self._token)


def _end(stretch: Stretch, now: int) -> int:
    """An open wait has not begun for this request: its question leaves with the answer that is being written."""
    if stretch.end_ns is not None:
        return stretch.end_ns
    return stretch.begin_ns if stretch.kind in WAITS else now


def _add_inside(found: list[Span], inside: Sequence[Span], begin: int, end: int, parent: int) -> None:
    """Another server's clock is not ours: its spans keep their lengths and are centred, as the wire takes both ways."""
    if not inside:
        return
    reach = max(span.start_us + span.duration_us for span in inside)
    shift = begin + max(0, end - begin - reach) // 2
    first = len(found)
    for child in inside[: MOST_SPANS - first]:
        above = parent if child.parent is None else first + child.parent
        found.append(Span(child.name, child.kind, child.start_us + shift, child.duration_us, above, child.facts))
