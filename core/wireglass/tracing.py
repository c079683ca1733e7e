"""Measures where a request's time goes, when the request asked for it; costs one context-variable look-up otherwise.

`with span("carrier API"):` opens a stretch inside the one that is open where it runs: tasks and worker threads that the
request starts carry it on. `note(cache="hit")` adds facts to the stretch in hand. What is noted is what
`protocol.spans` puts on the response: nine stretches in every traced call leave no time to build it later.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Sequence
from contextvars import ContextVar, Token
from time import perf_counter_ns
from types import TracebackType
from typing import Any, NamedTuple, Self, TypeVar

from wireglass.protocol.messages import JsonObject, Span, SpanKind
from wireglass.protocol.spans import MOST_SPANS, SPAN_WIDTH, label
from wireglass.trace_log import TraceLog

__all__ = [
    "Place",
    "Trace",
    "active",
    "current_trace",
    "graft",
    "in_steps",
    "look_for",
    "note",
    "place",
    "span",
    "within",
]

T = TypeVar("T")
R = TypeVar("R")
A = TypeVar("A")

_MOST_IN_LOG = MOST_SPANS * 3
_MOST_ASIDE = MOST_SPANS * SPAN_WIDTH

if sys.version_info >= (3, 12):
    _task_in = asyncio.current_task
else:  # written in Python there, and as long as a third of a stretch; 3.11 gets no changes any more
    _task_in: Callable[[Any], Any] = getattr(asyncio.tasks, "_current_tasks").get  # noqa: B009 - no checker knows it


class Trace(TraceLog):
    """The log of a request that is worked on. As a context manager it is the running one."""

    __slots__ = ("_token", "loop", "task")
    loop: asyncio.AbstractEventLoop | None
    task: "asyncio.Task[Any] | None"
    """The one that works on the request."""
    _token: "Token[Trace | Place | None]"

    def __enter__(self) -> Self:
        try:
            self.loop = loop = asyncio.get_running_loop()
        except RuntimeError:
            self._token = _here.set(Place(self, 0))
            return self
        self.task = _task_in(loop)
        self._token = _here.set(self if _foreign is None else Place(self, 0))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.ended = perf_counter_ns()
        _here.reset(self._token)
        if error is not None:
            self.tell(0, {"error": type(error).__name__})

    def follow(self) -> None:
        """The running task is the one that works on the request from here on."""
        self.task = asyncio.current_task()


class Place(NamedTuple):
    """A trace and the place of a stretch in it."""

    trace: Trace
    row: int

    @property
    def loop(self) -> None:
        """No task is that of a place: `within` asks both alike."""

    @property
    def task(self) -> "Place":
        """See `loop`."""
        return self


_here: ContextVar[Trace | Place | None] = ContextVar("wireglass_span", default=None)
"""The trace itself in the task that works on the request: what is open there its log tells, and a stretch in it needs
no context of its own, which would cost as much as all the rest. A place anywhere else."""


_foreign: Callable[[], Place | None] | None = None


def look_for(innermost: Callable[[], Place | None]) -> None:
    """Has every span ask what open stretch another library's span made around it, so that it is hung below that one."""
    global _foreign
    _foreign = innermost


def place() -> Place | None:
    """Where the running request is; None when it did not ask."""
    here = _here.get()
    if here is None:
        return None
    found = Place(here, here.open_places()[-1]) if isinstance(here, Trace) else here
    if _foreign is None:
        return found
    other = _foreign()
    if other is None or other.trace is not found.trace:
        return found
    return other if other.trace.began(other.row) > found.trace.began(found.row) else found


def active() -> bool:
    """Whether the running request asked for its spans."""
    return _here.get() is not None


def current_trace() -> Trace | None:
    """The running request's trace, or None when it did not ask."""
    here = _here.get()
    return here.trace if isinstance(here, Place) else here


def note(**facts: Any) -> None:
    """Adds facts (JSON values) to the stretch in hand."""
    here = place() if facts else None
    if here is not None:
        here.trace.tell(here.row, facts)


def graft(spans: Sequence[Span]) -> None:
    """Hangs what another server has just reported below the stretch in hand, which began with the request to it.

    Its clock is not ours: its spans keep their lengths and are centred, as the wire takes both ways.
    """
    here = place()
    if here is None or not spans:
        return
    trace, around = here
    sent, now = trace.began(around), perf_counter_ns()
    reach = max(span.start_us + span.duration_us for span in spans) * 1000
    zero = sent + max(0, now - sent - reach) // 2
    rows: list[int] = []
    for span in spans[: MOST_SPANS - len(trace.aside or ()) // SPAN_WIDTH]:
        begin = zero + span.start_us * 1000
        inside = around if span.parent is None else rows[span.parent]
        rows.append(trace.begin(label(span.kind, span.name), inside, begin, begin + span.duration_us * 1000))
        if span.facts:
            trace.tell(rows[-1], span.facts)


async def within(named: str, facts: JsonObject | None, work: Callable[[T], Awaitable[R]], given: T) -> R:
    """What `work` makes of `given`, in a stretch with this label.

    As `span` does it, in one piece: each traced call passes five of these, and half a microsecond each is the budget.
    """
    here: Any = _here.get()  # a place has no task: what it is need not be asked
    if here is None:
        return await work(given)
    if _task_in(here.loop) is not here.task or len(here) > _MOST_IN_LOG:
        with span(named, None, **(facts or {})):
            return await work(given)
    here += (named, perf_counter_ns())
    if facts is not None:
        note(**facts)
    try:
        result = await work(given)
    except BaseException as error:
        here.fail(error)
        raise
    here.append(perf_counter_ns())
    return result


_CHECK = "validation validate arguments"
_CONVERT = "serialisation serialise result"


async def in_steps(
    named: str,
    check: Callable[[T, A], Any],
    work: Callable[[Any, A], Awaitable[Any]],
    convert: Callable[[Any], R],
    given: T,
    about: A,
) -> R:
    """What a tool makes of `given`, knowing `about`: a stretch with this label, which the check begins and the
    conversion ends. Where a part begins or ends with the whole, one look at the clock does for both."""
    here: Any = _here.get()
    if here is None or _task_in(here.loop) is not here.task or len(here) > _MOST_IN_LOG:
        return await _in_spans(named, check, work, convert, given, about)
    begin = perf_counter_ns()
    here += (named, begin, _CHECK, begin)
    many = 2
    try:
        checked = check(given, about)
        here.append(perf_counter_ns())
        many = 1
        raw = await work(checked, about)
        here += (_CONVERT, perf_counter_ns())
        many = 2
        result = convert(raw)
    except BaseException as error:
        here.fail(error, many)
        raise
    end = perf_counter_ns()
    here += (end, end)
    return result


async def _in_spans(
    named: str,
    check: Callable[[T, A], Any],
    work: Callable[[Any, A], Awaitable[Any]],
    convert: Callable[[Any], R],
    given: T,
    about: A,
) -> R:
    """The same for any task."""
    with span(named, None):
        with span(_CHECK, None):
            checked = check(given, about)
        raw = await work(checked, about)
        with span(_CONVERT, None):
            return convert(raw)


class span:
    """A stretch of the running request, as a context manager. Does nothing when the request did not ask."""

    __slots__ = ("_facts", "_kind", "_name", "_place", "_token")
    _token: "Token[Trace | Place | None]"

    def __init__(self, name: str, kind: SpanKind | None = "user", **facts: Any) -> None:
        """`name` without a kind is a label already."""
        self._name = name
        self._kind: SpanKind | None = kind
        self._facts = facts

    def __enter__(self) -> Self:
        here = place()
        if here is None or len(here.trace.aside or ()) >= _MOST_ASIDE:
            self._place: Place | None = None
            return self
        trace, around = here
        named = self._name if self._kind is None else label(self._kind, self._name)
        row = trace.begin(named, around, perf_counter_ns())
        if self._facts:
            trace.tell(row, self._facts)
        self._place = Place(trace, row)
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
