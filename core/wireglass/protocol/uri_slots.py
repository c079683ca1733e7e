"""Which values of a URI template's variables lead to a URI: its path cut into slots, in time linear in its length."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

from wireglass.protocol.uri_grammar import OPERATORS, Expression, Variable

__all__ = ["MAX_URI", "Slot", "assign", "decoded", "slots_of"]

MAX_URI: Final = 65_536
"""Characters of a URI that a template looks at; longer ones match nothing."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A stretch of the path: fixed text, then, if there is a variable, characters that are not in `excluded`."""

    lead: str
    variable: Variable | None = None
    operator: str = ""
    excluded: str = ""
    minimum: int = 0
    optional: bool = False

    @property
    def longest(self) -> int:
        """In characters of the URI, where one of the value may take twelve (four bytes, each percent-encoded)."""
        if self.variable is None or self.variable.prefix is None:
            return MAX_URI
        return 12 * self.variable.prefix


def slots_of(parts: Iterable[str | Expression]) -> Iterable[Slot]:
    """The stretches of the path; query expressions are none of it."""
    for part in parts:
        if isinstance(part, str):
            yield Slot(part)
        elif part.operator not in ("?", "&"):
            for index, variable in enumerate(part.variables):
                yield _slot(part, index, variable)


def _slot(expression: Expression, index: int, variable: Variable) -> Slot:
    operator = OPERATORS[expression.operator]
    lead = operator.first if index == 0 else operator.separator
    several = len(expression.variables) > 1
    match expression.operator:
        case "+" | "#":
            excluded, minimum = ("," if several else ""), 0 if several or lead == "#" else 1
        case ";":
            lead, excluded, minimum = f";{variable.name}", "/?#" if variable.explode else "/?#;", 0
        case "/":
            excluded, minimum = ("" if variable.explode else "/?#"), 1
        case ".":
            excluded, minimum = ("/?#" if variable.explode else "/?#."), 1
        case _ if variable.explode:
            excluded, minimum = "", 1
        case _:
            excluded, minimum = ("/?#," if several else "/?#"), 1
    return Slot(lead, variable, expression.operator, excluded, minimum, optional=bool(operator.first))


def assign(slots: tuple[Slot, ...], text: str) -> list[str | None] | None:
    """What each slot takes, every one as much as leaves the rest a match; None when nothing fits.

    Two passes, linear in the length for each slot: templates come from servers, and a regular expression of many
    variables would take exponential time on the wrong text.
    """
    reaches: list[array[int]] = []
    finish = array("i", [-1]) * len(text) + array("i", [len(text)])
    for slot in reversed(slots):
        finish = _starts(slot, text, finish)
        reaches.append(finish)
    reaches.reverse()
    position = 0
    taken: list[str | None] = []
    for slot, reach in zip(slots, reaches, strict=True):
        end = reach[position]
        if end < 0:
            return None
        skipped = slot.optional and end == position and not text.startswith(slot.lead, position)
        taken.append(None if skipped else text[position + len(slot.lead) : end])
        position = end
    return taken


def _starts(slot: Slot, text: str, finish: array[int]) -> array[int]:
    """For each position the furthest end of the slot from which the rest still matches, or -1."""
    size = len(text)
    begins = array("i", [-1]) * (size + 1)
    furthest = -1
    lead = len(slot.lead)
    for position in range(size, -1, -1):
        stops = slot.variable is None or position == size or text[position] in slot.excluded
        if stops or furthest < 0:
            furthest = position if finish[position] >= 0 else -1
        start = position - lead
        if start >= 0 and text.startswith(slot.lead, start):
            begins[start] = _end(slot, position, furthest, finish)
        if slot.optional and begins[position] < 0 and finish[position] >= 0:
            begins[position] = position
    return begins


def _end(slot: Slot, position: int, furthest: int, finish: array[int]) -> int:
    if furthest - position > slot.longest:
        shorter = range(position + slot.longest, position + slot.minimum - 1, -1)
        return next((end for end in shorter if finish[end] >= 0), -1)
    return furthest if furthest >= position + slot.minimum else -1


def decoded(raw: str, slot: Slot, variable: Variable) -> str | list[str] | None:
    """The value in a slot; None when the text cannot be one."""
    if slot.operator == ";":
        pieces = [piece.removeprefix(variable.name) for piece in raw.split(";")] if variable.explode else [raw]
        if any(piece and not piece.startswith("=") for piece in pieces):
            return None
        values = [unquote(piece[1:]) for piece in pieces]
        return values if variable.explode else values[0]
    if variable.explode and slot.operator not in ("", "+", "#"):
        return [unquote(piece) for piece in raw.split(OPERATORS[slot.operator].separator)]
    value = unquote(raw)
    return None if variable.prefix is not None and len(value) > variable.prefix else value
