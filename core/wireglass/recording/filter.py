"""The filter language of the frame table: `method:tools/* or verdict:fail server:shop`. Pure: text in, predicate out.

    KEY     = method name server id status verdict dir kind size dur time text

The language is that of `filter_grammar`. A word alone looks in method, name and server. Sizes take B, KB, MB; durations
us, ms, s.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from operator import attrgetter
from typing import Any, Final, Protocol

from wireglass.recording.entries import KINDS, STATUSES
from wireglass.recording.filter_grammar import FilterError, Token, matching, one_of, parse, quantity, tokens
from wireglass.recording.ledger import Ledger

__all__ = ["KEYS", "Matcher", "compile_filter", "compile_terms", "suggest"]

KEYS: Final[dict[str, str]] = {
    "method": "method of the message, or of the request it answers",
    "name": "tool, prompt, URI, task or log level",
    "server": "name of the server",
    "id": "JSON-RPC id",
    "status": "how the request stands: " + ", ".join(STATUSES),
    "verdict": "ok, warn or fail",
    "dir": "out (to the server) or in",
    "kind": ", ".join(KINDS),
    "size": "bytes, for example >10KB",
    "dur": "time to the answer, for example >=500ms",
    "time": "when it crossed, UTC, for example 14:02:10-14:02:12.5",
    "text": "anything in the raw text",
}
"""Each key with what it looks at."""

_VALUES: Final[dict[str, tuple[str, ...]]] = {
    "status": tuple(f'"{status}"' if " " in status else status for status in STATUSES),
    "verdict": ("ok", "warn", "fail"),
    "dir": ("out", "in"),
    "kind": KINDS,
}
_UNITS: Final = {
    "size": {"": 1, "b": 1, "kb": 1_000, "mb": 1_000_000},
    "dur": {"us": 1e3, "ms": 1e6, "": 1e6, "s": 1e9},
}
_CLOCK: Final = r"(\d{1,2}):(\d{2})(?::(\d{2}(?:\.\d{1,9})?))?"
_STRETCH: Final = re.compile(rf"{_CLOCK}-{_CLOCK}")
_DAY_NS: Final = 86_400 * 10**9

Test = Callable[[int], bool]
"""Whether the frame with this number passes."""


class Matcher(Protocol):
    """A compiled filter. Raises LookupError for a frame that is not in the recording any more."""

    def __call__(self, seq: int, /) -> bool: ...


def compile_filter(text: str, ledger: Ledger, *, server: Callable[[str], str] = str) -> Matcher | None:
    """A predicate over frame numbers of `ledger`; None for an empty filter, which everything passes.

    `server` gives the shown name of a connection. Raises FilterError.
    """
    return compile_terms(text, _Tests(ledger, server).of)


def compile_terms(text: str, of: Callable[[Token], Callable[[Any], bool]]) -> Callable[[Any], bool] | None:
    """The same language over something else than frames: `of` makes the predicate of one term or word, and raises
    FilterError where there is none. None for an empty filter."""
    return parse(text, _Predicates(of))


_Test = Callable[[Any], bool]


class _Predicates:
    """Terms become predicates."""

    def __init__(self, of: Callable[[Token], _Test]) -> None:
        self.of = of

    def either(self, parts: Sequence[_Test], /) -> _Test:
        return lambda seq: any(test(seq) for test in parts)

    def every(self, parts: Sequence[_Test], /) -> _Test:
        return lambda seq: all(test(seq) for test in parts)

    def inverse(self, part: _Test, /) -> _Test:
        return lambda seq: not part(seq)


class _Tests:
    """Predicates over the columns of a ledger. Texts that repeat are matched once."""

    def __init__(self, ledger: Ledger, server: Callable[[str], str]) -> None:
        self._ledger = ledger
        self._shown = server
        self._tied = self._column("exchange")
        self._at = self._column("at_ns")

    def of(self, piece: Token) -> Test:
        if piece.kind == "word":
            return self._anywhere(piece.value)
        if piece.key not in KEYS:
            raise FilterError(f"There is no {piece.key}:. There are {', '.join(KEYS)}.", piece.start, piece.end)
        if not piece.value:
            raise FilterError(f"{piece.key}: needs a value: {KEYS[piece.key]}.", piece.start, piece.end)
        if piece.key in _UNITS:
            return self._quantity(piece)
        if piece.op and piece.op != "=":
            raise FilterError(f"{piece.key}: cannot be compared; only size: and dur: can.", piece.start, piece.end)
        make: Callable[[Token], Test] = getattr(self, f"_{piece.key}")
        return make(piece)

    # --- texts ---

    def _anywhere(self, text: str) -> Test:
        pattern = matching(f"*{text}*")
        method = self._words("method", pattern)
        place = self._connections(pattern)
        name = self._column("name")
        return lambda seq: method(seq) or place(seq) or pattern(name(seq))

    def _method(self, piece: Token) -> Test:
        return self._words("method", matching(piece.value))

    def _server(self, piece: Token) -> Test:
        return self._connections(matching(piece.value))

    def _name(self, piece: Token) -> Test:
        pattern, name = matching(piece.value), self._column("name")
        return lambda seq: pattern(name(seq))

    def _words(self, column: str, pattern: Callable[[str], bool]) -> Test:
        known: dict[int, bool] = {}
        words, cell = self._ledger.words, self._column(column)

        def test(seq: int) -> bool:
            number = cell(seq)
            found = known.get(number)
            if found is None:
                found = known[number] = pattern(words[number])
            return found

        return test

    def _connections(self, pattern: Callable[[str], bool]) -> Test:
        return self._words("connection", lambda name: pattern(name) or pattern(self._shown(name)))

    def _id(self, piece: Token) -> Test:
        pattern, cell = matching(piece.value), self._column("id")
        return lambda seq: (found := cell(seq)) is not None and pattern(str(found))

    def _text(self, piece: Token) -> Test:
        wanted = piece.value.lower()
        if "*" in wanted:
            pattern = matching(f"*{wanted}*")
            return lambda seq: pattern(self._raw(seq))
        return lambda seq: wanted in self._raw(seq).lower()

    def _raw(self, seq: int) -> str:
        try:
            return self._ledger.raw(seq)
        except LookupError:
            return ""

    # --- words of a list ---

    def _kind(self, piece: Token) -> Test:
        number, cell = KINDS.index(one_of(piece, KINDS)), self._column("kind")
        return lambda seq: cell(seq) == number

    def _dir(self, piece: Token) -> Test:
        incoming = one_of(piece, ("out", "in", "client", "server")) in ("in", "server")
        cell = self._column("from_server")
        return lambda seq: bool(cell(seq)) == incoming

    def _verdict(self, piece: Token) -> Test:
        wanted = one_of(piece, ("ok", "warn", "fail"))
        return lambda seq: self._judged(seq) == wanted

    def _judged(self, seq: int) -> str:
        found = self._ledger.violations.get(seq)
        if found:
            return "fail" if any(one.severity == "error" for one in found) else "warn"
        return "fail" if seq in self._ledger.errors else "ok"

    def _status(self, piece: Token) -> Test:
        pattern = matching(piece.value.replace("-", " ").replace("_", " "))
        numbers = {number for number, status in enumerate(STATUSES) if pattern(status)}
        if not numbers:
            raise FilterError(f"There is no such status: {KEYS['status']}.", piece.start, piece.end)

        def test(seq: int) -> bool:
            exchange = self._exchange(seq)
            return exchange is not None and self._ledger.exchange_columns.status[exchange] in numbers

        return test

    # --- quantities ---

    def _quantity(self, piece: Token) -> Test:
        compare, bound = quantity(piece, _UNITS[piece.key], KEYS[piece.key])
        if piece.key == "size":
            cell = self._column("size")
            return lambda seq: compare(cell(seq), bound)

        def test(seq: int) -> bool:
            taken = self._duration(seq)
            return taken is not None and compare(taken, bound)

        return test

    def _time(self, piece: Token) -> Test:
        """A stretch of the day, from and to; one that ends before it begins goes over midnight."""
        match = _STRETCH.fullmatch(piece.value)
        if match is None:
            raise FilterError(f"“{piece.value}” is no stretch of time: {KEYS['time']}.", piece.start, piece.end)
        begin, until = _of_day(*match.groups()[:3]), _of_day(*match.groups()[3:])
        ledger = self._ledger

        def test(seq: int) -> bool:
            at = ledger.wall_time_ns(self._at(seq)) % _DAY_NS
            return begin <= at <= until if begin <= until else at >= begin or at <= until

        return test

    def _duration(self, seq: int) -> int | None:
        row = self._exchange(seq)
        if row is None:
            return None
        columns = self._ledger.exchange_columns
        asked, answered = columns.request[row], columns.answer[row]
        return None if answered < 0 else self._at(answered) - self._at(asked)

    # --- columns ---

    def _column(self, name: str) -> Callable[[int], Any]:
        """Reads one column by frame number. The columns are asked for anew each time: `forget` replaces them."""
        ledger, read = self._ledger, attrgetter(name)

        def cell(seq: int) -> Any:
            columns = ledger.columns
            row = seq - columns.first
            if row < 0:
                raise LookupError(f"frame {seq} is not in the recording any more")
            return read(columns)[row]

        return cell

    def _exchange(self, seq: int) -> int | None:
        number = self._tied(seq)
        columns = self._ledger.exchange_columns
        row = number - columns.first
        return row if 0 <= row < len(columns.request) and number >= 0 else None


def _of_day(hours: str, minutes: str, seconds: str | None) -> int:
    whole, _, part = (seconds or "0").partition(".")
    return (int(hours) * 3600 + int(minutes) * 60 + int(whole)) * 10**9 + int(part.ljust(9, "0") or 0)


def suggest(text: str, cursor: int, ledger: Ledger) -> list[str]:
    """What could stand in place of the piece at `cursor`, best first, at most a dozen."""
    piece = next((one for one in tokens(text) if one.start < cursor <= one.end), None)
    if piece is None or piece.kind != "term":
        start = piece.value.lower() if piece is not None else ""
        return [f"{key}:" for key in KEYS if key.startswith(start)][:12]
    return [f"{piece.key}:{value}" for value in _values(piece, ledger)][:12]


def _values(piece: Token, ledger: Ledger) -> Iterator[str]:
    wanted = piece.value.lower()
    if piece.key in _VALUES:
        yield from (value for value in _VALUES[piece.key] if value.strip('"').startswith(wanted))
    elif piece.key == "method":
        numbers = dict.fromkeys(ledger.columns.method)
        names = sorted({ledger.words[number] for number in numbers} - {""})
        yield from (name for name in names if wanted in name.lower() and name.lower() != wanted)
