"""Which stretch of a line is what: JSON by one expression, other languages through pygments, a block at a time."""

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
_BLOCK = 40
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

    def clear(self) -> None:
        """Forgets what was coloured: the lines have changed."""
        self._blocks.clear()

    def stretches(self, rows: Sequence[str], number: int) -> list[Stretch]:
        """The coloured stretches of row `number`."""
        if not self._margin:
            return self._plain_stretches(rows, number)
        if self.language == "json":  # one line is enough there
            rows, number = (rows[number],), 0
        cut = [row[self._margin :] for row in rows]
        return [(start + self._margin, length, kind) for start, length, kind in self._plain_stretches(cut, number)]

    def _plain_stretches(self, rows: Sequence[str], number: int) -> list[Stretch]:
        if self.language == "text" or len(rows[number]) > _SPLITTABLE:
            return []
        if self.language == "json":
            return json_stretches(rows[number])
        if self.language == "hex":
            return [(0, 8, "comment"), (len(rows[number].rstrip()) - 16, 16, "str")] if rows[number] else []
        block = number // _BLOCK
        if block not in self._blocks:
            if len(self._blocks) > 50:
                self._blocks.clear()
            start = block * _BLOCK
            self._blocks[block] = _pygments_stretches(self.language, rows[start : start + _BLOCK])
        return self._blocks[block][number % _BLOCK]


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
