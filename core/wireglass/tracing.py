"""Measures where a request's time goes, when the request asked for it; costs one context-variable look-up otherwise.

`with span("carrier API"):` opens a stretch inside the one that is open where it runs: tasks and worker threads that the
request starts carry it on. `note(cache="hit")` adds facts to the stretch in hand. The finished list is what
`protocol.spans` puts on the response.
"""

from collections.abc import Callable, Sequence
from contextvars import ContextVar, Token
from time import perf_counter_ns
from types import TracebackType
from typing import Any, Self

from wireglass.protocol.messages import WAITS, JsonObject, Span, SpanKind
from wireglass.protocol.spans import MOST_SPANS, decode_spans, encode_spans
from wireglass.records import field, record

__all__ = ["Stretch", "Trace", "active", "current_trace", "graft", "look_for", "note", "place", "span"]


class Stretch:
    """One stretch of a trace; it ends when `end_ns` is set. Plain and small: several are made in each traced call."""

    __slots__ = ("begin_ns", "end_ns", "facts", "inside", "kind", "name", "parent", "place")

    def __init__(self, name: str, kind: SpanKind, parent: "Stretch | None", facts: dict[str, Any]) -> None:
        self.name = name
        self.kind: SpanKind = kind
        self.parent = parent
        self.facts = facts
        self.inside: tuple[Span, ...] = ()
        """Spans that another server reported for what happened in here."""
        self.place = 0
        """Where it stands in the list that is written."""
        self.end_ns: int | None = None
        self.begin_ns = perf_counter_ns()


@record(eq=False)
class Trace:
    """The stretches of one request, in the order in which they began."""

    begin_ns: int = field(default_factory=perf_counter_ns)
    hooks: bool = False
    """Whether middleware is to tell which hooks it overrides."""
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
        stretch = Stretch(name, kind, parent, facts)
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
        return list(decode_spans(self.encoded())[0])

    def encoded(self) -> list[JsonObject]:
        """The same in the form of `protocol.spans`, made at once: this is on the way of every traced answer."""
        found: list[JsonObject] = []
        self._write(found, perf_counter_ns(), None)
        return found[:MOST_SPANS]

    def _write(self, found: list[JsonObject], now: int, above: int | None) -> None:
        zero = self.begin_ns
        for stretch in self._stretches:
            end = stretch.end_ns
            if end is None:
                # An open wait has not begun for this request: its question leaves with the answer being written.
                end = stretch.begin_ns if stretch.kind in WAITS else now
            start = (stretch.begin_ns - zero) // 1000
            length = (end - zero) // 1000 - start
            stretch.place = len(found)
            parent = above if stretch.parent is None else stretch.parent.place
            written: JsonObject = {"name": stretch.name, "kind": stretch.kind, "start": start, "dur": length}
            if parent is not None:
                written["parent"] = parent
            if stretch.facts:
                written["facts"] = stretch.facts
            found.append(written)
            if stretch.inside:
                found += encode_spans(_moved_inside(stretch.inside, start, length, stretch.place, len(found)))
        if self._adopted is not None:
            self._adopted._write(found, now, 0 if found else None)


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


class span(Stretch):
    """A stretch of the running request, as a context manager. Does nothing when the request did not ask.

    It is the stretch itself: most calls that are traced make nine of them, and one object each is half the cost of two.
    """

    __slots__ = ("_token",)

    def __init__(self, name: str, kind: SpanKind = "user", **facts: Any) -> None:
        # The rest of a stretch is set when it begins: most spans are made by requests that did not ask.
        self.name = name
        self.kind: SpanKind = kind
        self.facts = facts
        self._token: Token[_Place | None] | None = None

    def __enter__(self) -> Self:
        here = _place.get() if _foreign is None else place()
        if here is None:
            return self
        trace, self.parent = here
        self.inside = ()
        self.end_ns = None
        stretches = trace._stretches
        if len(stretches) < MOST_SPANS:
            stretches.append(self)
        self._token = _place.set((trace, self))
        self.begin_ns = perf_counter_ns()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._token is None:
            return
        self.end_ns = perf_counter_ns()
        if error is not None:
            self.facts["error"] = type(error).__name__
        _place.reset(self._token)


def _moved_inside(inside: Sequence[Span], begin: int, length: int, parent: int, first: int) -> list[Span]:
    """Another server's clock is not ours: its spans keep their lengths and are centred, as the wire takes both ways."""
    reach = max(span.start_us + span.duration_us for span in inside)
    shift = begin + max(0, length - reach) // 2
    return [
        Span(
            child.name,
            child.kind,
            child.start_us + shift,
            child.duration_us,
            parent if child.parent is None else first + child.parent,
            child.facts,
        )
        for child in inside
    ]
