"""Which stretch of a line is what: JSON by one expression, other languages through pygments, a block at a time.

pygments takes its time, the first time above all, when it compiles a hundred expressions: who paints asks `wants`,
and has `block` run elsewhere.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Literal

__all__ = ["HIDDEN", "Highlighter", "Kind", "Stretch", "json_stretches", "reveal", "utf16"]

Kind = Literal["key", "str", "num", "literal", "punct", "comment"]
Stretch = tuple[int, int, Kind]
"""Start, length, kind; in characters."""

_JSON = re.compile(
    r"""(?P<key>"(?:[^"\\]|\\.)*"(?=\s*:))|(?P<str>"(?:[^"\\]|\\.)*"?)|(?P<num>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)"""
    r"""|(?P<literal>\b(?:true|false|null|NaN|Infinity)\b)|(?P<punct>[{}\[\],:]+)"""
)
_QUICK = ("text", "json", "hex")
_BLOCK, _KEPT = 40, 50
"""Rows that are coloured at once, and how many such blocks are kept."""
_SPLITTABLE = 2_000

_MARK = "\ufffd"
HIDDEN: dict[int, str] = dict.fromkeys(
    (
        *range(9),
        *range(11, 32),
        *range(127, 160),
        *(173, 847, 1564, 6158, 8232, 8233, 65279),
        *range(8203, 8208),
        *range(8234, 8239),
        *range(8288, 8304),
        *range(65529, 65532),
        *range(917504, 917632),
    ),
    _MARK,
)
"""Characters that would change how their neighbours are drawn (controls, bidi overrides, zero width, tags), each
replaced by a visible mark, one for one."""


def reveal(text: str) -> str:
    """`text` with every character of `HIDDEN` made visible."""
    if text.isascii() and text.isprintable():
        return text
    return text.translate(HIDDEN)


def utf16(text: str, index: int) -> int:
    """The position that Qt, which counts UTF-16 units, gives to character `index`."""
    if text.isascii():
        return index
    return len(text[:index].encode("utf-16-le", "surrogatepass")) // 2


class Highlighter:
    """Colours for lines of one language. `language` is "json", "text", or any name that pygments knows.

    "json@12" leaves the first 12 characters of each line alone: a margin that is part of the text.
    """

    def __init__(self, language: str = "text") -> None:
        self.language, _, margin = language.partition("@")
        self._margin = int(margin or 0)
        self._blocks: dict[int, list[list[Stretch]]] = {}

    def wants(self, rows: Sequence[str], number: int) -> bool:
        """Whether `stretches` of row `number` would have to ask pygments, which may take 50 ms."""
        if self.language in _QUICK or len(rows[number]) - self._margin > _SPLITTABLE:
            return False
        return len(self._blocks.get(number // _BLOCK, ())) <= number % _BLOCK

    def block(self, rows: Sequence[str], number: int) -> tuple[int, list[list[Stretch]]]:
        """The number of the block that row `number` is in, and its colours, for `learn`. Safe in any thread."""
        start = number // _BLOCK * _BLOCK
        cut = [row[self._margin :] for row in rows[start : start + _BLOCK]]
        return number // _BLOCK, [self._moved(found) for found in _pygments_stretches(self.language, cut)]

    def learn(self, block: int, colours: list[list[Stretch]]) -> None:
        """Keeps what `block` gave."""
        if len(self._blocks) > _KEPT:
            self._blocks.clear()
        self._blocks[block] = colours

    def stretches(self, rows: Sequence[str], number: int) -> list[Stretch]:
        """The coloured stretches of row `number`."""
        row = rows[number][self._margin :]
        if self.language == "text" or len(row) > _SPLITTABLE:
            return []
        if self.language == "json":
            return self._moved(json_stretches(row))
        if self.language == "hex":
            return self._moved([(0, 8, "comment"), (len(row.rstrip()) - 16, 16, "str")]) if row else []
        if self.wants(rows, number):
            self.learn(*self.block(rows, number))
        return self._blocks[number // _BLOCK][number % _BLOCK]

    def _moved(self, found: list[Stretch]) -> list[Stretch]:
        margin = self._margin
        return [(start + margin, length, kind) for start, length, kind in found] if margin else found


def json_stretches(line: str) -> list[Stretch]:
    """The coloured stretches of one line of JSON; strings never span lines there."""
    return [(m.start(), m.end() - m.start(), m.lastgroup) for m in _JSON.finditer(line)]  # type: ignore[misc]  # the group names are the kinds


@lru_cache(maxsize=16)
def _lexer(language: str) -> Any:
    from pygments.lexers import get_lexer_by_name
    from pygments.util import ClassNotFound

    try:
        return get_lexer_by_name(language, stripnl=False, ensurenl=False)
    except ClassNotFound:
        return None


def _kind(token: Any) -> Kind | None:
    from pygments.token import Comment, Keyword, Name, Number, Operator, Punctuation, String

    table: tuple[tuple[Any, Kind], ...] = (
        (Comment, "comment"),
        (String, "str"),
        (Number, "num"),
        (Keyword, "literal"),
        (Name.Tag, "key"),
        (Name.Attribute, "key"),
        (Name.Function, "key"),
        (Name.Class, "key"),
        (Operator, "punct"),
        (Punctuation, "punct"),
    )
    return next((kind for base, kind in table if token in base), None)


def _pygments_stretches(language: str, rows: Sequence[str]) -> list[list[Stretch]]:
    found: list[list[Stretch]] = [[] for _ in rows]
    lexer = _lexer(language)
    if lexer is None:
        return found
    row, column = 0, 0
    for token, text in lexer.get_tokens("\n".join(line[:_SPLITTABLE] for line in rows)):
        kind = _kind(token)
        for index, part in enumerate(text.split("\n")):
            if index:
                row, column = row + 1, 0
            if kind and part and row < len(found):
                found[row].append((column, len(part), kind))
            column += len(part)
    return found
