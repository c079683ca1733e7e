"""The filter language of the frame table: `method:tools/* or verdict:fail server:shop`. Pure: text in, predicate out.

    filter  = or ;  or = and {"or" and} ;  and = not {["and"] not} ;  not = ["not"] primary
    primary = "(" or ")" | KEY ":" [">" | ">=" | "<" | "<=" | "="] VALUE | WORD
    KEY     = method name server id status verdict dir kind size dur time text

Values may be quoted. `*` stands for anything. A word alone looks in method, name and server. Sizes take B, KB, MB;
durations us, ms, s. Case does not matter.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import translate
from operator import attrgetter
from typing import Any, Final, Protocol

from wireglass.recording.entries import KINDS, STATUSES
from wireglass.recording.ledger import Ledger

__all__ = ["KEYS", "FilterError", "Matcher", "Token", "compile_filter", "compile_terms", "suggest", "tokens"]

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
_TOKEN: Final = re.compile(
    r"""(?P<space>\s+)|(?P<open>\()|(?P<close>\))"""
    r"""|(?P<term>(?P<key>[A-Za-z]+):(?P<op>>=|<=|>|<|=)?(?P<value>"[^"]*"?|[^\s()"]*))"""
    r"""|(?P<word>"[^"]*"?|[^\s()"]+)"""
)
_UNITS: Final = {
    "size": {"": 1, "b": 1, "kb": 1_000, "mb": 1_000_000},
    "dur": {"us": 1e3, "ms": 1e6, "": 1e6, "s": 1e9},
}
_QUANTITY: Final = re.compile(r"(\d+(?:\.\d+)?)\s*([a-z]*)")
_CLOCK: Final = r"(\d{1,2}):(\d{2})(?::(\d{2}(?:\.\d{1,9})?))?"
_STRETCH: Final = re.compile(rf"{_CLOCK}-{_CLOCK}")
_DAY_NS: Final = 86_400 * 10**9
_DEEPEST: Final = 50

Test = Callable[[int], bool]
"""Whether the frame with this number passes."""


class FilterError(ValueError):
    """A filter that cannot be read: what is wrong, and where it stands in the text."""

    def __init__(self, message: str, start: int, end: int) -> None:
        super().__init__(message)
        self.message = message
        self.start = start
        self.end = end


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a filter and where it stands; `kind` is open, close, term, word, and, or, not."""

    kind: str
    start: int
    end: int
    key: str = ""
    op: str = ""
    value: str = ""


class Matcher(Protocol):
    """A compiled filter. Raises LookupError for a frame that is not in the recording any more."""

    def __call__(self, seq: int, /) -> bool: ...


def tokens(text: str) -> list[Token]:
    """The pieces of a filter, for parsing and for colouring. Never raises."""
    found: list[Token] = []
    for match in _TOKEN.finditer(text):
        kind = "term" if match["term"] is not None else match.lastgroup or "word"
        if kind == "space":
            continue
        if kind == "word" and match["word"].lower() in ("and", "or", "not"):
            kind = match["word"].lower()
        found.append(
            Token(
                kind,
                match.start(),
                match.end(),
                (match["key"] or "").lower(),
                match["op"] or "",
                (match["value"] or match["word"] or "").strip('"'),
            )
        )
    return found


def compile_filter(text: str, ledger: Ledger, *, server: Callable[[str], str] = str) -> Matcher | None:
    """A predicate over frame numbers of `ledger`; None for an empty filter, which everything passes.

    `server` gives the shown name of a connection. Raises FilterError.
    """
    return compile_terms(text, _Tests(ledger, server).of)


def compile_terms(text: str, of: Callable[[Token], Callable[[Any], bool]]) -> Callable[[Any], bool] | None:
    """The same language over something else than frames: `of` makes the predicate of one term or word, and raises
    FilterError where there is none. None for an empty filter."""
    pieces = tokens(text)
    return _Parser(pieces, len(text), of).whole() if pieces else None


class _Parser:
    def __init__(self, pieces: Sequence[Token], length: int, of: Callable[[Token], Callable[[Any], bool]]) -> None:
        self._pieces = pieces
        self._length = length
        self._of = of
        self._at = 0
        self._depth = 0

    def whole(self) -> Callable[[Any], bool]:
        test = self._either()
        left = self._peek()
        if left is not None:
            raise FilterError("This closing bracket has no opening one.", left.start, left.end)
        return test

    def _peek(self) -> Token | None:
        return self._pieces[self._at] if self._at < len(self._pieces) else None

    def _take(self, kind: str) -> bool:
        piece = self._peek()
        if piece is None or piece.kind != kind:
            return False
        self._at += 1
        return True

    def _either(self) -> Callable[[Any], bool]:
        tests = [self._all()]
        while self._take("or"):
            tests.append(self._all())
        return tests[0] if len(tests) == 1 else lambda seq: any(test(seq) for test in tests)

    def _all(self) -> Callable[[Any], bool]:
        tests = [self._not()]
        while True:
            piece = self._peek()
            if piece is None or piece.kind in ("or", "close"):
                break
            self._take("and")
            tests.append(self._not())
        return tests[0] if len(tests) == 1 else lambda seq: all(test(seq) for test in tests)

    def _not(self) -> Callable[[Any], bool]:
        if self._take("not"):
            self._depth += 1
            if self._depth > _DEEPEST:
                raise FilterError("This is nested too deep.", 0, self._length)
            inner = self._not()
            self._depth -= 1
            return lambda seq: not inner(seq)
        return self._primary()

    def _primary(self) -> Callable[[Any], bool]:
        piece = self._peek()
        if piece is None:
            raise FilterError("Something is missing at the end.", max(0, self._length - 1), self._length)
        self._at += 1
        if piece.kind == "open":
            self._depth += 1
            if self._depth > _DEEPEST:
                raise FilterError("This is nested too deep.", piece.start, piece.end)
            inner = self._either()
            self._depth -= 1
            if not self._take("close"):
                raise FilterError("This bracket is not closed.", piece.start, piece.end)
            return inner
        if piece.kind not in ("term", "word"):
            raise FilterError("Something is missing before this.", piece.start, piece.end)
        return self._of(piece)


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
        pattern = _pattern(f"*{text}*")
        method = self._words("method", pattern)
        place = self._connections(pattern)
        name = self._column("name")
        return lambda seq: method(seq) or place(seq) or pattern(name(seq))

    def _method(self, piece: Token) -> Test:
        return self._words("method", _pattern(piece.value))

    def _server(self, piece: Token) -> Test:
        return self._connections(_pattern(piece.value))

    def _name(self, piece: Token) -> Test:
        pattern, name = _pattern(piece.value), self._column("name")
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
        pattern, cell = _pattern(piece.value), self._column("id")
        return lambda seq: (found := cell(seq)) is not None and pattern(str(found))

    def _text(self, piece: Token) -> Test:
        wanted = piece.value.lower()
        if "*" in wanted:
            pattern = _pattern(f"*{wanted}*")
            return lambda seq: pattern(self._raw(seq))
        return lambda seq: wanted in self._raw(seq).lower()

    def _raw(self, seq: int) -> str:
        try:
            return self._ledger.raw(seq)
        except LookupError:
            return ""

    # --- words of a list ---

    def _kind(self, piece: Token) -> Test:
        number, cell = KINDS.index(_one_of(piece, KINDS)), self._column("kind")
        return lambda seq: cell(seq) == number

    def _dir(self, piece: Token) -> Test:
        incoming = _one_of(piece, ("out", "in", "client", "server")) in ("in", "server")
        cell = self._column("from_server")
        return lambda seq: bool(cell(seq)) == incoming

    def _verdict(self, piece: Token) -> Test:
        wanted = _one_of(piece, ("ok", "warn", "fail"))
        return lambda seq: self._judged(seq) == wanted

    def _judged(self, seq: int) -> str:
        found = self._ledger.violations.get(seq)
        if found:
            return "fail" if any(one.severity == "error" for one in found) else "warn"
        return "fail" if seq in self._ledger.errors else "ok"

    def _status(self, piece: Token) -> Test:
        pattern = _pattern(piece.value.replace("-", " ").replace("_", " "))
        numbers = {number for number, status in enumerate(STATUSES) if pattern(status)}
        if not numbers:
            raise FilterError(f"There is no such status: {KEYS['status']}.", piece.start, piece.end)

        def test(seq: int) -> bool:
            exchange = self._exchange(seq)
            return exchange is not None and self._ledger.exchange_columns.status[exchange] in numbers

        return test

    # --- quantities ---

    def _quantity(self, piece: Token) -> Test:
        match = _QUANTITY.fullmatch(piece.value.lower())
        unit = _UNITS[piece.key].get(match[2]) if match else None
        if match is None or unit is None:
            example = KEYS[piece.key].rpartition(" ")[2]
            raise FilterError(f"“{piece.value}” is no {piece.key}; write it like {example}.", piece.start, piece.end)
        compare = _COMPARE[piece.op]
        bound = float(match[1]) * unit
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


_COMPARE: Final[dict[str, Callable[[float, float], bool]]] = {
    "": lambda one, other: one == other,
    "=": lambda one, other: one == other,
    ">": lambda one, other: one > other,
    ">=": lambda one, other: one >= other,
    "<": lambda one, other: one < other,
    "<=": lambda one, other: one <= other,
}


def _pattern(text: str) -> Callable[[str], bool]:
    """Whether a whole text fits, with `*` for anything."""
    lowered = text.lower()
    if "*" not in lowered:
        return lambda one: one.lower() == lowered
    escaped = lowered.replace("[", "[[]").replace("?", "[?]")
    match = re.compile(translate(re.sub(r"\*+", "*", escaped)), re.DOTALL).match
    return lambda one: match(one.lower()) is not None


def _one_of(piece: Token, values: Sequence[str]) -> str:
    wanted = piece.value.lower()
    if wanted not in values:
        raise FilterError(f"{piece.key}: takes {', '.join(values)}.", piece.start, piece.end)
    return wanted


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
