"""What was measured of one request: its stretches, as they begin and end, and how they go on the response.

Which of them the running code is in, `tracing` knows.
"""

from threading import Lock
from time import perf_counter_ns
from typing import Any

from wireglass.protocol.messages import JsonObject, Span
from wireglass.protocol.spans import SPAN_WIDTH, Stretch, decode_spans, label, unrolled, written

__all__ = ["TraceLog"]

_reading = Lock()


class TraceLog(list[Any]):
    """The stretches of one request, the first around all others.

    The list itself is the log of the task that works on the request, as `protocol.spans` has it: label and begin of
    what begins there, a number alone for the end of what began last. That is all that most stretches cost. What other
    tasks and threads do, and every `span`, stands aside with the place of what is around it. A place is a count: of
    what began in the log, from 0; of what stands aside, from -1 down.
    """

    __slots__ = ("_read", "adopted", "aside", "ended", "facts", "hooks")
    hooks: bool
    """Whether middleware is to tell which hooks it overrides."""
    facts: dict[int, JsonObject] | None
    """By place."""
    aside: list[Any] | None
    """Four entries for each: label (None once left to an earlier request), place around it, begin, end or None."""
    ended: int | None
    """When it was over, in nanoseconds of `perf_counter_ns`."""
    adopted: "TraceLog | None"
    """The log of an earlier request, which goes on in this one."""
    _read: "_Read | None"

    def __init__(self, title: str, hooks: bool = False) -> None:
        self.hooks = hooks
        self.facts = self.aside = self.ended = self.adopted = self._read = None
        self += (label("server", title), perf_counter_ns())

    def open_places(self) -> list[int]:
        """The places of what is open in the log, the innermost last."""
        with _reading:
            if self._read is None:
                self._read = _Read()
            return self._read.on(self)

    def begin(self, named: str, around: int, at_ns: int, end_ns: int | None = None) -> int:
        """Notes a stretch aside; its place, for `end` and for what is inside."""
        aside = self.aside
        if aside is None:
            with _reading:
                aside = self.aside = [] if self.aside is None else self.aside
        at = len(aside)
        aside += (named, around, at_ns, end_ns)
        if aside[at + 2] is not at_ns:  # the very object: a worker thread has begun another meanwhile
            at = next(at for at in range(2, len(aside), SPAN_WIDTH) if aside[at] is at_ns)
        return ~(at // SPAN_WIDTH)

    def end(self, place: int) -> None:
        """Ends a stretch aside now."""
        if self.aside is not None:
            self.aside[~place * SPAN_WIDTH + 3] = perf_counter_ns()

    def fail(self, error: BaseException, many: int = 1) -> None:
        """Ends the innermost of the log with this error."""
        for place in self.open_places()[-many:]:
            self.tell(place, {"error": type(error).__name__})
        self += (perf_counter_ns(),) * many

    def tell(self, place: int, facts: JsonObject) -> None:
        """Adds facts to a stretch."""
        if self.facts is None:
            self.facts = {}
        self.facts.setdefault(place, {}).update(facts)

    def rename(self, place: int, named: str) -> None:
        """Gives a stretch aside its final label."""
        if self.aside is not None:
            self.aside[~place * SPAN_WIDTH] = named

    def began(self, place: int) -> int:
        """When a stretch began."""
        if place < 0:
            return self.aside[~place * SPAN_WIDTH + 2] if self.aside is not None else 0
        return unrolled(self)[place].begin

    def adopt(self, other: "TraceLog") -> None:
        """Goes on with the trace of a call that an earlier request began and that waited meanwhile.

        What had ended is left to that request; what is still open begins anew with this one, below its outermost. The
        call goes on in its own trace: it knows where it is by the places in there.
        """
        if other is self:
            return
        begin, still = self[1], other.open_places()
        moved = {place: at for at, place in enumerate(still)}
        log = unrolled(other)
        other[:] = [entry for place in still for entry in (log[place].label, begin)]
        other._read = None
        aside = other.aside or []
        for at in range(0, len(aside), SPAN_WIDTH):
            if aside[at + 3] is None:
                around = aside[at + 1]
                aside[at + 1 : at + 3] = around if around < 0 else moved.get(around, 0), begin
            else:
                aside[at] = None
        if other.facts is not None:
            other.facts = {moved.get(at, at): told for at, told in other.facts.items() if at < 0 or at in moved}
        self.adopted = other

    def spans(self) -> list[Span]:
        """What was measured so far; a stretch that is still open ends now."""
        return list(decode_spans(self.encoded())[0])

    def encoded(self) -> JsonObject:
        """The same in the form of `protocol.spans`, once the trace is over."""
        end = perf_counter_ns() if self.ended is None else self.ended
        if self.aside is not None or self.adopted is not None:
            return self._as_rows(end)
        if self.facts is None:
            return {"log": self[:], "end": end}
        return {"log": self[:], "end": end, "facts": {str(place): told for place, told in self.facts.items()}}

    def _as_rows(self, end: int) -> JsonObject:
        """The log, what stands aside, and what goes on of an earlier request, in the order in which they began."""
        found = [(self, place, one) for place, one in self._places()]
        if self.adopted is not None:
            found += [(self.adopted, place, one) for place, one in self.adopted._places() if place != 0]
        found.sort(key=lambda one: one[2].begin)
        rows = {(id(trace), place): row for row, (trace, place, _) in enumerate(found)}
        noted: list[Any] = []
        facts: dict[str, JsonObject] = {}
        for row, (trace, place, one) in enumerate(found):
            noted += (one.label, rows.get((id(trace), one.around), 0), one.begin, one.end)
            told = (trace.facts or {}).get(place)
            if told:
                facts[str(row)] = told
        noted[1], noted[3] = -1, end
        return written(noted, facts)

    def _places(self) -> list[tuple[int, Stretch]]:
        aside = self.aside or []
        rows = (Stretch(*aside[at : at + SPAN_WIDTH]) for at in range(0, len(aside), SPAN_WIDTH))
        return [*enumerate(unrolled(self)), *((~row, one) for row, one in enumerate(rows) if one.label is not None)]


class _Read:
    """How far a log was read, and what was open there: so that to ask often costs no more than to ask once."""

    def __init__(self) -> None:
        self._at = self._begun = 0
        self._open: list[int] = []

    def on(self, log: list[Any]) -> list[int]:
        """Reads what was added since."""
        while self._at < len(log):
            if type(log[self._at]) is str:
                self._open.append(self._begun)
                self._begun += 1
                self._at += 2
            else:
                self._at += 1
                if len(self._open) > 1:
                    self._open.pop()
        return self._open[:]
