"""Where the tables, keys and values of a TOML text lie, as character ranges. Pure.

It expects a text that `tomllib` has accepted, so it looks only for the ends of things, never for mistakes.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["Assignment", "Key", "Statement", "inline_items", "list_items", "scan"]

_KEY_PART = re.compile(r"""[ \t]*("(?:[^"\\]|\\.)*"|'[^']*'|[A-Za-z0-9_-]+)[ \t]*""")
_STRING = re.compile(
    r"""\"{3}(?:[^\\]|\\[\s\S])*?\"{3}(?:"{0,2}(?!"))|'{3}[\s\S]*?'{3}(?:'{0,2}(?!'))|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'"""
)
_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_LINE = re.compile(r"[^\n]*\n?")


@dataclass(frozen=True)
class Key:
    """One part of a dotted key: its text and its range, quotes included."""

    name: str
    start: int
    end: int


@dataclass(frozen=True)
class Assignment:
    """`keys = value`. The value's range holds neither blanks nor comment."""

    keys: tuple[Key, ...]
    value: int
    end: int


@dataclass(frozen=True)
class Statement:
    """A table header with `item` None, or an assignment; `path` is the whole path from the root.

    `start` and `line_end` enclose the whole lines, the line end included; `header` holds the keys of the table that an
    assignment stands in.
    """

    path: tuple[str, ...]
    start: int
    line_end: int
    header: tuple[Key, ...]
    item: Assignment | None
    is_list: bool = False


def scan(text: str) -> list[Statement]:
    """Every header and assignment of the text in order."""
    return list(_statements(text))


def inline_items(text: str, start: int, end: int) -> list[Assignment]:
    """The assignments inside the inline table `{...}` that spans the range."""
    items: list[Assignment] = []
    index = _skip(text, start + 1)
    while index < end - 1 and text[index] != "}":
        item = _assignment(text, index)
        items.append(item)
        index = _skip(text, item.end)
        if text[index] == ",":
            index = _skip(text, index + 1)
    return items


def list_items(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """The ranges of the values inside the list `[...]` that spans the range."""
    items: list[tuple[int, int]] = []
    index = _skip(text, start + 1)
    while index < end - 1 and text[index] != "]":
        items.append((index, _value_end(text, index)))
        index = _skip(text, items[-1][1])
        if text[index] == ",":
            index = _skip(text, index + 1)
    return items


def _statements(text: str) -> Iterator[Statement]:
    header: tuple[Key, ...] = ()
    index = 0
    while index < len(text):
        index = _skip(text, index)
        if index >= len(text):
            return
        start = text.rfind("\n", 0, index) + 1
        if text[index] == "[":
            is_list = text.startswith("[[", index)
            header, index = _keys(text, index + (2 if is_list else 1))
            end = _line_end(text, index)
            yield Statement(_names(header), start, end, header, None, is_list)
        else:
            item = _assignment(text, index)
            end = _line_end(text, item.end)
            yield Statement(_names(header) + _names(item.keys), start, end, header, item)
        index = end


def _names(keys: tuple[Key, ...]) -> tuple[str, ...]:
    return tuple(key.name for key in keys)


def _skip(text: str, index: int) -> int:
    found = _BLANK.match(text, index)
    return found.end() if found else index


def _line_end(text: str, index: int) -> int:
    found = _LINE.match(text, index)
    return found.end() if found else index


def _assignment(text: str, index: int) -> Assignment:
    keys, index = _keys(text, index)
    value = _skip(text, index + 1)
    return Assignment(keys, value, _value_end(text, value))


def _keys(text: str, index: int) -> tuple[tuple[Key, ...], int]:
    import tomllib  # late: half a megabyte, for the few hosts that write TOML

    keys: list[Key] = []
    while found := _KEY_PART.match(text, index):
        raw = found.group(1)
        name = next(iter(tomllib.loads(f"{raw} = 0"))) if raw[0] in "\"'" else raw
        keys.append(Key(name, found.start(1), found.end(1)))
        index = found.end()
        if text[index : index + 1] != ".":
            break
        index += 1
    return tuple(keys), index


def _value_end(text: str, index: int) -> int:
    if found := _STRING.match(text, index):
        return found.end()
    if text[index] in "[{":
        return _closing(text, index)
    found = re.compile(r"[^,\]}#\r\n]*").match(text, index)
    end = found.end() if found else index
    return index + len(text[index:end].rstrip())


def _closing(text: str, index: int) -> int:
    depth = 0
    while True:
        index = _skip(text, index)
        if found := _STRING.match(text, index):
            index = found.end()
            continue
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(text[index], 0)
        index += 1
        if depth == 0:
            return index
