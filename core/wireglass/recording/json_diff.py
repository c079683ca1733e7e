"""Two JSON values side by side: rows of equal number, what differs and where. Pure.

Objects are compared by name, whatever their order; arrays by their longest common run of items, where an item is known
by a member that names it (`id`, `name`, …) if it has one: one inserted item does not make all that follow differ.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

__all__ = ["ABSENT", "Absent", "Difference", "Place", "Row", "difference", "same"]


class Absent:
    """A side that has no value at all, which is not null."""


ABSENT = Absent()

Kind = Literal["same", "changed", "gone", "new", "fold"]
_NAMES = ("id", "uri", "key", "name", "uuid", "path", "uriTemplate", "sku", "code")
_ARRAY_LIMIT = 4_000
"""Items up to which an array without naming members is aligned by content; longer ones go by position."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of each side; the side that has no such line is empty."""

    left: str
    right: str
    kind: Kind
    folded: int = 0
    """Equal lines that this row stands for."""


@dataclass(frozen=True, slots=True)
class Place:
    """One thing that differs: a JSON Pointer in the side that has it, and the rows it takes."""

    path: str
    kind: Kind
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Difference:
    """All rows, and the places where the sides differ, from top to bottom."""

    rows: tuple[Row, ...]
    places: tuple[Place, ...]

    def folded(self, context: int = 3) -> "Difference":
        """The same with long stretches of equal rows reduced to one row that counts them."""
        near = [False] * len(self.rows)
        for place in self.places:
            for at in range(max(0, place.first - context), min(len(near), place.last + context + 1)):
                near[at] = True
        rows: list[Row] = []
        moved: dict[int, int] = {}
        at = 0
        while at < len(self.rows):
            end = at
            while end < len(self.rows) and not near[end]:
                end += 1
            if end - at > 2:
                words = f"… {end - at} equal lines"
                rows.append(Row(words, words, "fold", end - at))
                at = end
                continue
            moved[at] = len(rows)
            rows.append(self.rows[at])
            at += 1
        places = tuple(Place(one.path, one.kind, moved[one.first], moved[one.last]) for one in self.places)
        return Difference(tuple(rows), places)


def same(left: Any, right: Any) -> bool:
    """Equal as JSON: 1 and 1.0 are the same number, 1 and true are not the same value."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(value, right[name]) for name, value in left.items())
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    return bool(left == right)


def difference(left: Any, right: Any) -> Difference:
    """Compares two JSON values, or one with `ABSENT`; two that are absent have no rows. Takes time proportional to
    their size; not meant for a thread that paints."""
    walk = _Walk()
    if isinstance(left, Absent):
        if not isinstance(right, Absent):
            walk.one("new", right)
    elif isinstance(right, Absent):
        walk.one("gone", left)
    else:
        walk.pair("", left, right, 0, "", "", ("", ""))
    return Difference(tuple(walk.rows), tuple(walk.places))


class _Walk:
    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.places: list[Place] = []

    def pair(
        self, path: str, left: Any, right: Any, depth: int, name: str, name_right: str, ends: tuple[str, str]
    ) -> None:
        """Rows for two values that stand at the same place. `name` and `ends` are what stands before and after."""
        if same(left, right):
            tops = _lines(left, depth, name, ends[0])
            if name == name_right and ends[0] == ends[1]:
                self.rows += [Row(line, line, "same") for line in tops]
            else:
                others = _lines(left, depth, name_right, ends[1])
                self.rows += [Row(a, b, "same") for a, b in zip(tops, others, strict=True)]
        elif isinstance(left, dict) and isinstance(right, dict):
            self._objects(path, left, right, depth, name, name_right, ends)
        elif isinstance(left, list) and isinstance(right, list):
            self._arrays(path, left, right, depth, name, name_right, ends)
        else:
            self._put(path, "changed", _lines(left, depth, name, ends[0]), _lines(right, depth, name_right, ends[1]))

    def one(self, kind: Literal["gone", "new"], value: Any) -> None:
        """Rows for a value that only one side has."""
        lines = _lines(value, 0, "", "")
        self._put("", kind, *((lines, []) if kind == "gone" else ([], lines)))

    def _objects(
        self,
        path: str,
        left: dict[str, Any],
        right: dict[str, Any],
        depth: int,
        name: str,
        name_right: str,
        ends: tuple[str, str],
    ) -> None:
        self._frame(depth, name + "{", name_right + "{")
        merged = _merged(list(left), list(right))
        last_left = next((key for key in reversed(merged) if key in left), None)
        last_right = next((key for key in reversed(merged) if key in right), None)
        for key in merged:
            at, label = f"{path}/{_escaped(key)}", f"{json.dumps(key, ensure_ascii=False)}: "
            commas = ("" if key == last_left else ",", "" if key == last_right else ",")
            self._item(at, key in left, key in right, left.get(key), right.get(key), depth + 1, label, commas)
        self._frame(depth, "}" + ends[0], "}" + ends[1])

    def _arrays(
        self,
        path: str,
        left: list[Any],
        right: list[Any],
        depth: int,
        name: str,
        name_right: str,
        ends: tuple[str, str],
    ) -> None:
        self._frame(depth, name + "[", name_right + "[")
        for a, b in _aligned(left, right):
            at = f"{path}/{b if b is not None else a}"
            commas = ("" if a == len(left) - 1 else ",", "" if b == len(right) - 1 else ",")
            old = left[a] if a is not None else None
            new = right[b] if b is not None else None
            self._item(at, a is not None, b is not None, old, new, depth + 1, "", commas)
        self._frame(depth, "]" + ends[0], "]" + ends[1])

    def _item(
        self,
        path: str,
        on_left: bool,
        on_right: bool,
        left: Any,
        right: Any,
        depth: int,
        label: str,
        commas: tuple[str, str],
    ) -> None:
        if on_left and on_right:
            self.pair(path, left, right, depth, label, label, commas)
        elif on_left:
            self._put(path, "gone", _lines(left, depth, label, commas[0]), [])
        else:
            self._put(path, "new", [], _lines(right, depth, label, commas[1]))

    def _frame(self, depth: int, left: str, right: str) -> None:
        self.rows.append(Row("  " * depth + left, "  " * depth + right, "same"))

    def _put(self, path: str, kind: Kind, left: Sequence[str], right: Sequence[str]) -> None:
        first = len(self.rows)
        for at in range(max(len(left), len(right))):
            a = left[at] if at < len(left) else ""
            b = right[at] if at < len(right) else ""
            self.rows.append(Row(a, b, kind))
        self.places.append(Place(path, kind, first, len(self.rows) - 1))


def _lines(value: Any, depth: int, before: str, after: str) -> list[str]:
    lines = json.dumps(value, ensure_ascii=False, indent=2).split("\n")
    lines[0] = before + lines[0]
    lines[-1] += after
    return ["  " * depth + line for line in lines]


def _escaped(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")


def _merged(left: list[str], right: list[str]) -> list[str]:
    """The names of both in an order that keeps each side's own."""
    known, rest = set(left), set(right)
    found: list[str] = []
    put: set[str] = set()
    coming = iter(right)
    for key in left:
        if key in rest and key not in put:
            for other in coming:
                if other not in put and other not in known:
                    found.append(other)
                    put.add(other)
                if other == key:
                    break
        if key not in put:
            found.append(key)
            put.add(key)
    found += [key for key in right if key not in put]
    return found


def _aligned(left: list[Any], right: list[Any]) -> Iterator[tuple[int | None, int | None]]:
    """Which item stands beside which."""
    name = _naming(left, right)
    if not name and max(len(left), len(right)) > _ARRAY_LIMIT:
        for at in range(max(len(left), len(right))):
            yield (at if at < len(left) else None), (at if at < len(right) else None)
        return
    from difflib import SequenceMatcher  # late: most values are never compared

    before = [json.dumps(item[name] if name else item, sort_keys=True) for item in left]
    after = [json.dumps(item[name] if name else item, sort_keys=True) for item in right]
    for tag, a, a_end, b, b_end in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        # Items with other names are other items; without names, what stands in the same place is compared.
        beside = tag == "equal" or (tag == "replace" and not name)
        shared = min(a_end - a, b_end - b) if beside else 0
        yield from ((a + at, b + at) for at in range(shared))
        yield from ((at, None) for at in range(a + shared, a_end))
        yield from ((None, at) for at in range(b + shared, b_end))


def _naming(left: list[Any], right: list[Any]) -> str:
    """The member that names the items on both sides: there, plain, and never twice."""
    items = [*left, *right]
    if not left or not right or not all(isinstance(item, dict) for item in items):
        return ""
    for name in _NAMES:
        if all(isinstance(item.get(name), str | int) for item in items):
            unique = all(len({json.dumps(item[name]) for item in side}) == len(side) for side in (left, right))
            if unique:
                return name
    return ""
