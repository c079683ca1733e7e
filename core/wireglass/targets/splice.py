"""Edits as replaced ranges of a text, and where in a text something is. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from wireglass.errors import ConfigError

__all__ = ["DocumentError", "Splice", "apply_splices", "line_column", "line_indent", "newline_of", "same_data"]


class DocumentError(ConfigError):
    """A file that cannot be read or edited as text: `reason` in words; `line`, `column` from 1, 0 when unknown."""

    def __init__(self, reason: str, *, line: int = 0, column: int = 0, next_step: str = "") -> None:
        where = f"Line {line}, column {column}: " if line else ""
        super().__init__(where + reason, next_step=next_step)
        self.reason = reason
        self.line = line
        self.column = column

    @classmethod
    def at(cls, text: str, index: int, reason: str, *, next_step: str = "") -> "DocumentError":
        """The error at a character index of the text."""
        line, column = line_column(text, index)
        return cls(reason, line=line, column=column, next_step=next_step)


@dataclass(frozen=True)
class Splice:
    """Characters from `start` to `end` (not included) become `text`."""

    start: int
    end: int
    text: str


def apply_splices(text: str, splices: Sequence[Splice]) -> str:
    """The text with every range replaced. Ranges must not overlap; two insertions at one place keep their order."""
    parts: list[str] = []
    done = 0
    for splice in sorted(splices, key=lambda one: one.start):
        if splice.start < done:
            raise ValueError("two edits overlap")
        parts += [text[done : splice.start], splice.text]
        done = splice.end
    parts.append(text[done:])
    return "".join(parts)


def line_column(text: str, index: int) -> tuple[int, int]:
    """Line and column of a character index, both from 1."""
    index = max(0, min(index, len(text)))
    start = text.rfind("\n", 0, index) + 1
    return text.count("\n", 0, index) + 1, index - start + 1


def line_indent(text: str, index: int) -> str:
    """The blanks and tabs that the line of `index` starts with."""
    start = text.rfind("\n", 0, index) + 1
    found = re.compile(r"[ \t]*").match(text, start)
    return found.group() if found else ""


def newline_of(text: str) -> str:
    """The line end the text uses most; a plain line feed when it has none."""
    windows = text.count("\r\n")
    return "\r\n" if windows * 2 > text.count("\n") else "\n"


def same_data(one: Any, other: Any) -> bool:
    """Equal as configuration: like `==`, but true is not 1, 1 is not 1.0, and nan equals nan."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same_data(value, other[key]) for key, value in one.items())
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same_data, one, other))
    return bool(one == other) or (one != one and other != other)
