"""The columns in which a ledger keeps its facts: arrays that only grow, some 100 bytes a frame. Pure."""

from array import array
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any, Final, Self

from wireglass.protocol.messages import RequestId

__all__ = ["NONE", "REMEMBERED", "Columns", "ExchangeColumns", "Remembered", "Rows", "Words"]

NONE: Final = -1
"""No frame, no exchange, no time."""
REMEMBERED = 10_000
"""Answered requests, open rounds and progress tokens that late frames are still paired with."""


def _longs() -> "array[int]":
    return array("q")


def _shorts() -> "array[int]":
    return array("i")


def _bytes() -> "array[int]":
    return array("b")


class Rows:
    """Columns whose first row has the number `first`. Never shortened in place, so that readers may hold them."""

    __slots__ = ("first",)
    first: int

    def row(self, number: int) -> int:
        """Where a number stands. Raises LookupError when it was forgotten or never was."""
        row = number - self.first
        if row < 0:
            raise LookupError(f"{number} is not in the recording any more")
        return row

    def without(self, rows: int, end: int | None = None) -> Self:
        """A copy that lacks the first `rows`, and those from `end` on."""
        kept = type(self)()
        for column in self.__slots__:
            setattr(kept, column, getattr(self, column)[rows:end])
        kept.first = self.first + rows
        return kept


@dataclass(slots=True)
class Columns(Rows):
    """One row for each frame."""

    at_ns: "array[int]" = field(default_factory=_longs)
    queued_ns: "array[int]" = field(default_factory=_longs)
    first_byte_ns: "array[int]" = field(default_factory=_longs)
    place: "array[int]" = field(default_factory=_longs)
    size: "array[int]" = field(default_factory=_shorts)
    connection: "array[int]" = field(default_factory=_shorts)
    channel: "array[int]" = field(default_factory=_shorts)
    method: "array[int]" = field(default_factory=_shorts)
    exchange: "array[int]" = field(default_factory=_longs)
    kind: "array[int]" = field(default_factory=_bytes)
    from_server: "array[int]" = field(default_factory=_bytes)
    id: list[RequestId | None] = field(default_factory=list[RequestId | None])
    name: list[str] = field(default_factory=list[str])

    def __post_init__(self) -> None:
        self.first = 0


@dataclass(slots=True)
class ExchangeColumns(Rows):
    """One row for each request."""

    request: "array[int]" = field(default_factory=_longs)
    answer: "array[int]" = field(default_factory=_longs)
    cancel: "array[int]" = field(default_factory=_longs)
    previous: "array[int]" = field(default_factory=_longs)
    following: "array[int]" = field(default_factory=_longs)
    during: "array[int]" = field(default_factory=_longs)
    method: "array[int]" = field(default_factory=_shorts)
    status: "array[int]" = field(default_factory=_bytes)
    id: list[RequestId] = field(default_factory=list[RequestId])
    name: list[str] = field(default_factory=list[str])

    def __post_init__(self) -> None:
        self.first = 0


class Remembered(OrderedDict[Any, int]):
    """A bounded memory: the oldest goes first."""

    def __setitem__(self, key: Any, value: int) -> None:
        super().__setitem__(key, value)
        if len(self) > REMEMBERED:
            self.popitem(last=False)


class Words:
    """Texts that repeat, each kept once."""

    def __init__(self) -> None:
        self._number: dict[str, int] = {"": 0}
        self._text = [""]

    def __getitem__(self, number: int) -> str:
        return self._text[number]

    def __len__(self) -> int:
        return len(self._text)

    def texts(self) -> list[str]:
        """All texts by number."""
        return list(self._text)

    def restore(self, texts: list[str]) -> None:
        """Takes over the texts of a saved session. The first must be empty."""
        if not texts or texts[0]:
            raise ValueError("the first word is not the empty one")
        self._text = texts
        self._number = {text: number for number, text in enumerate(texts)}

    def number(self, text: str) -> int:
        """The number of a text, which is kept if it is new."""
        known = self._number.get(text)
        if known is None:
            if len(self._text) >= 100_000:  # a peer that invents methods must not fill the memory
                return 0
            known = self._number[text] = len(self._text)
            self._text.append(text)
        return known
