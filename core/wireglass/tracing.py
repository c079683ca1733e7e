"""Measures where a request's time goes, when the request asked for it; costs one context-variable look-up otherwise.

`with span("carrier API"):` opens a stretch inside the one that is open where it runs: tasks and worker threads that the
request starts carry it on. `note(cache="hit")` adds facts to the stretch in hand. What is noted is what
`protocol.spans` puts on the response: nine stretches in every traced call leave no time to build it later.
"""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextvars import ContextVar, Token
from time import perf_counter_ns
from types import TracebackType
from typing import Any, Self, TypeVar

from wireglass.protocol.messages import JsonObject, Span, SpanKind
from wireglass.protocol.spans import MOST_SPANS, SPAN_WIDTH, decode_spans, label, written

__all__ = ["Place", "Trace", "active", "current_trace", "graft", "look_for", "note", "place", "span", "timed", "within"]

T = TypeVar("T")
R = TypeVar("R")

_MOST_ENTRIES = MOST_SPANS * SPAN_WIDTH


class Trace(list[Any]):
    """The stretches of one request, in the order in which they began, the first around all others. As a context manager
    it is the running one.

    Four entries each, as `protocol.spans` wants them: label, row of the one around it, begin, end (None while open). A
    list itself and bare of all that few traces have, since every traced call makes one.
    """

    __slots__ = ("_token", "adopted", "facts", "hooks")
    hooks: bool
    """Whether middleware is to tell which hooks it overrides."""
    facts: dict[str, JsonObject] | None
    """By row as text."""
    adopted: "Trace | None"
    _token: "Token[Place | None]"

    def __init__(self, title: str, hooks: bool = False) -> None:
        self.hooks = hooks
        self.facts = self.adopted = None
        self += (label("server", title), -1, perf_counter_ns(), None)

    def __enter__(self) -> Self:
        self._token = _here.set((self, 0))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self[3] = perf_counter_ns()
        _here.reset(self._token)
        if error is not None:
            self.tell(0, {"error": type(error).__name__})

    def begin(self, named: str, around: int, at_ns: int, end_ns: int | None = None) -> int:
        """Notes a stretch; its row, for `end` and for what is inside."""
        row = len(self) // SPAN_WIDTH
        self += (named, around, at_ns, end_ns)
        return row if len(self) == (row + 1) * SPAN_WIDTH else self.row_of(at_ns)

    def row_of(self, at_ns: int) -> int:
        """The row of what began at this moment, the very object: a worker thread has begun another meanwhile."""
        return next(at for at in range(2, len(self), SPAN_WIDTH) if self[at] is at_ns) // SPAN_WIDTH

    def end(self, row: int) -> None:
        """Ends a stretch now."""
        self[row * SPAN_WIDTH + 3] = perf_counter_ns()

    def tell(self, row: int, facts: JsonObject) -> None:
        """Adds facts to a stretch."""
        if self.facts is None:
            self.facts = {}
        self.facts.setdefault(str(row), {}).update(facts)

    def rename(self, row: int, named: str) -> None:
        """Gives a stretch its final label."""
        self[row * SPAN_WIDTH] = named

    def adopt(self, other: "Trace") -> None:
        """Goes on with the trace of a call that an earlier request began and that waited meanwhile.

        What had ended is left to that request; what is still open begins anew with this one, below its outermost. The
        call goes on in its own trace: it knows where it is by the rows in there.
        """
        if other is self:
            return
        for at in range(0, len(other), SPAN_WIDTH):
            if other[at + 3] is None:
                other[at + 2] = self[2]
            else:
                other[at] = None
        self.adopted = other

    def spans(self) -> list[Span]:
        """What was measured so far; a stretch that is still open ends now."""
        encoded = self.encoded()
        if encoded["times"][2] is None:
            encoded["times"][2] = perf_counter_ns()
        return list(decode_spans(encoded)[0])

    def encoded(self) -> JsonObject:
        """The same in the form of `protocol.spans`, once the trace is over."""
        if self.adopted is None:
            return written(self, self.facts)
        rows, facts = [*self], {**(self.facts or {})}
        moved = {-1: 0}
        for row, (named, around, begin, end) in enumerate(_rows(self.adopted)):
            moved[row] = 0 if named is None else len(rows) // SPAN_WIDTH
            if named is not None:
                told = (self.adopted.facts or {}).get(str(row))
                facts |= {} if told is None else {str(moved[row]): told}
                rows += (named, moved[around], begin, end)
        return written(rows, facts)


def _rows(trace: Trace) -> Iterable[tuple[Any, ...]]:
    return zip(*(trace[column::SPAN_WIDTH] for column in range(SPAN_WIDTH)), strict=True)


Place = tuple[Trace, int]
"""A trace and the row of a stretch in it."""
_here: ContextVar[Place | None] = ContextVar("wireglass_span", default=None)


_foreign: Callable[[], Place | None] | None = None


def look_for(innermost: Callable[[], Place | None]) -> None:
    """Has every span ask what open stretch another library's span made around it, so that it is hung below that one."""
    global _foreign
    _foreign = innermost


def place() -> Place | None:
    """Where the running request is; None when it did not ask."""
    found = _here.get()
    if found is None or _foreign is None:
        return found
    other = _foreign()
    return other if other is not None and other[0] is found[0] and other[1] > found[1] else found


def active() -> bool:
    """Whether the running request asked for its spans."""
    return _here.get() is not None


def current_trace() -> Trace | None:
    """The running request's trace, or None when it did not ask."""
    here = _here.get()
    return None if here is None else here[0]


def note(**facts: Any) -> None:
    """Adds facts (JSON values) to the stretch in hand."""
    here = _here.get()
    if here is not None and facts:
        here[0].tell(here[1], facts)


def graft(spans: Sequence[Span]) -> None:
    """Hangs what another server has just reported below the stretch in hand, which began with the request to it.

    Its clock is not ours: its spans keep their lengths and are centred, as the wire takes both ways.
    """
    here = _here.get()
    if here is None or not spans:
        return
    trace, around = here
    sent, now = trace[around * SPAN_WIDTH + 2], perf_counter_ns()
    reach = max(span.start_us + span.duration_us for span in spans) * 1000
    zero = sent + max(0, now - sent - reach) // 2
    rows: list[int] = []
    for span in spans[: MOST_SPANS - len(trace) // SPAN_WIDTH]:
        begin = zero + span.start_us * 1000
        inside = around if span.parent is None else rows[span.parent]
        rows.append(trace.begin(label(span.kind, span.name), inside, begin, begin + span.duration_us * 1000))
        if span.facts:
            trace.tell(rows[-1], span.facts)


async def within(named: str, facts: JsonObject | None, work: Callable[[T], Awaitable[R]], given: T) -> R:
    """What `work` makes of `given`, in a stretch with this label.

    As `span` does it, in one piece: each traced call passes six of these, and half a microsecond each is the budget.
    """
    here = _here.get() if _foreign is None else place()
    if here is None:
        return await work(given)
    trace, around = here
    row = len(trace) // SPAN_WIDTH
    if row >= MOST_SPANS:
        return await work(given)
    begin = perf_counter_ns()
    trace += (named, around, begin, None)
    if trace[-2] is not begin:
        row = trace.row_of(begin)
    token = _here.set((trace, row))
    if facts is not None:
        trace.tell(row, facts)
    try:
        return await work(given)
    except BaseException as error:
        trace.tell(row, {"error": type(error).__name__})
        raise
    finally:
        trace[row * SPAN_WIDTH + 3] = perf_counter_ns()
        _here.reset(token)


def timed(named: str, work: Callable[..., R], *given: Any) -> R:
    """What `work`, which does not wait, makes of `given`, in a stretch with this label."""
    here = _here.get() if _foreign is None else place()
    if here is None:
        return work(*given)
    trace, around = here
    row = len(trace) // SPAN_WIDTH
    if row >= MOST_SPANS:
        return work(*given)
    begin = perf_counter_ns()
    trace += (named, around, begin, None)
    if trace[-2] is not begin:
        row = trace.row_of(begin)
    try:
        return work(*given)
    except BaseException as error:
        trace.tell(row, {"error": type(error).__name__})
        raise
    finally:
        trace[row * SPAN_WIDTH + 3] = perf_counter_ns()
        if trace[-2] is not begin:
            _move_inside(trace, (row + 1) * SPAN_WIDTH, around, row)


def _move_inside(trace: Trace, start: int, around: int, row: int) -> None:
    """What hangs below `around` from `start` on began inside the stretch at `row`. To be the stretch in hand would have
    cost that one as much as all the rest, and hardly any validator measures itself."""
    for at in range(start + 1, len(trace), SPAN_WIDTH):
        if trace[at] == around:
            trace[at] = row


class span:
    """A stretch of the running request, as a context manager. Does nothing when the request did not ask."""

    __slots__ = ("_facts", "_kind", "_name", "_place", "_token")
    _token: Token[Place | None]

    def __init__(self, name: str, kind: SpanKind = "user", **facts: Any) -> None:
        self._name = name
        self._kind: SpanKind = kind
        self._facts = facts

    def __enter__(self) -> Self:
        here = _here.get() if _foreign is None else place()
        if here is None or len(here[0]) >= _MOST_ENTRIES:
            self._place: tuple[Trace, int] | None = None
            return self
        trace, around = here
        row = trace.begin(label(self._kind, self._name), around, perf_counter_ns())
        if self._facts:
            trace.tell(row, self._facts)
        self._place = trace, row
        self._token = _here.set(self._place)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._place is None:
            return
        trace, row = self._place
        trace.end(row)
        if error is not None:
            trace.tell(row, {"error": type(error).__name__})
        _here.reset(self._token)
