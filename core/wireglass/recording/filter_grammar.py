"""The language of all filters: how a text falls into terms, and how those are joined. Pure; knows no term's meaning.

    filter  = or ;  or = and {"or" and} ;  and = not {["and"] not} ;  not = ["not"] primary
    primary = "(" or ")" | KEY ":" [">" | ">=" | "<" | "<=" | "="] VALUE | WORD

What is compared, `dur` and `size`, needs no colon: dur>5 is dur:>5, and not a word that nothing holds.
Values may be quoted. `*` stands for anything. Case does not matter. What terms become is up to who parses: predicates
over frames, or columns of bytes for half a million calls.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import translate
from typing import Final, Generic, Protocol, TypeVar

__all__ = ["Algebra", "FilterError", "Token", "matching", "one_of", "parse", "quantity", "tokens"]

T = TypeVar("T")

_TOKEN: Final = re.compile(
    r"""(?P<space>\s+)|(?P<open>\()|(?P<close>\))"""
    r"""|(?P<term>(?P<key>[A-Za-z]+)(?::|(?i:(?<=dur)|(?<=size))(?=[<>=]))(?P<op>>=|<=|>|<|=)?(?P<value>"[^"]*"?|[^\s()"]*))"""
    r"""|(?P<word>"[^"]*"?|[^\s()"]+)"""
)
_DEEPEST: Final = 50
_QUANTITY: Final = re.compile(r"(\d+(?:\.\d+)?)\s*([a-z]*)")
_COMPARE: Final[dict[str, Callable[[float, float], bool]]] = {
    "": lambda one, other: one == other,
    "=": lambda one, other: one == other,
    ">": lambda one, other: one > other,
    ">=": lambda one, other: one >= other,
    "<": lambda one, other: one < other,
    "<=": lambda one, other: one <= other,
}


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


class Algebra(Protocol[T]):
    """What terms become, and how several become one. `of` raises FilterError for a term without meaning."""

    def of(self, piece: Token, /) -> T:
        """What one term means. Raises FilterError."""
        ...

    def either(self, parts: Sequence[T], /) -> T:
        """Passes what passes any of them."""
        ...

    def every(self, parts: Sequence[T], /) -> T:
        """Passes what passes all of them."""
        ...

    def inverse(self, part: T, /) -> T:
        """Passes what it does not pass."""
        ...


def parse(text: str, algebra: Algebra[T]) -> T | None:
    """What a filter becomes; None for an empty one, which everything passes. Raises FilterError."""
    pieces = tokens(text)
    return _Parser(pieces, len(text), algebra).whole() if pieces else None


class _Parser(Generic[T]):
    def __init__(self, pieces: Sequence[Token], length: int, algebra: Algebra[T]) -> None:
        self._pieces = pieces
        self._length = length
        self._algebra = algebra
        self._at = 0
        self._depth = 0

    def whole(self) -> T:
        found = self._either()
        left = self._peek()
        if left is not None:
            raise FilterError("This closing bracket has no opening one.", left.start, left.end)
        return found

    def _peek(self) -> Token | None:
        return self._pieces[self._at] if self._at < len(self._pieces) else None

    def _take(self, kind: str) -> bool:
        piece = self._peek()
        if piece is None or piece.kind != kind:
            return False
        self._at += 1
        return True

    def _either(self) -> T:
        parts = [self._every()]
        while self._take("or"):
            parts.append(self._every())
        return parts[0] if len(parts) == 1 else self._algebra.either(parts)

    def _every(self) -> T:
        parts = [self._inverse()]
        while (piece := self._peek()) is not None and piece.kind not in ("or", "close"):
            self._take("and")
            parts.append(self._inverse())
        return parts[0] if len(parts) == 1 else self._algebra.every(parts)

    def _inverse(self) -> T:
        if self._take("not"):
            self._deeper(0, self._length)
            inner = self._inverse()
            self._depth -= 1
            return self._algebra.inverse(inner)
        return self._primary()

    def _primary(self) -> T:
        piece = self._peek()
        if piece is None:
            raise FilterError("Something is missing at the end.", max(0, self._length - 1), self._length)
        self._at += 1
        if piece.kind == "open":
            self._deeper(piece.start, piece.end)
            inner = self._either()
            self._depth -= 1
            if not self._take("close"):
                raise FilterError("This bracket is not closed.", piece.start, piece.end)
            return inner
        if piece.kind not in ("term", "word"):
            raise FilterError("Something is missing before this.", piece.start, piece.end)
        return self._algebra.of(piece)

    def _deeper(self, start: int, end: int) -> None:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise FilterError("This is nested too deep.", start, end)


def matching(text: str) -> Callable[[str], bool]:
    """Whether a whole text fits, with `*` for anything."""
    lowered = text.lower()
    if "*" not in lowered:
        return lambda one: one.lower() == lowered
    escaped = lowered.replace("[", "[[]").replace("?", "[?]")
    match = re.compile(translate(re.sub(r"\*+", "*", escaped)), re.DOTALL).match
    return lambda one: match(one.lower()) is not None


def one_of(piece: Token, values: Sequence[str]) -> str:
    """The value of a term that takes one of a few. Raises FilterError."""
    wanted = piece.value.lower()
    if wanted not in values:
        raise FilterError(f"{piece.key}: takes {', '.join(values)}.", piece.start, piece.end)
    return wanted


def quantity(piece: Token, units: Mapping[str, float], meaning: str) -> tuple[Callable[[float, float], bool], float]:
    """How a term such as `>=500ms` compares, and with what. `units` are factors by their names; `meaning` is what
    people are told about the key, with an example as its last word. Raises FilterError."""
    match = _QUANTITY.fullmatch(piece.value.lower())
    unit = units.get(match[2]) if match else None
    if match is None or unit is None:
        example = meaning.rpartition(" ")[2]
        raise FilterError(f"“{piece.value}” is no {piece.key}; write it like {example}.", piece.start, piece.end)
    return _COMPARE[piece.op], float(match[1]) * unit
