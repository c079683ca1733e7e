"""Where things are in JSON that somebody is still typing: the place of the caret, and the place of each value. Pure.

The text need not be JSON yet: what stands before the caret decides, and a missing end is no fault.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from wireglass.protocol.schema import UNSET, Node
from wireglass_app.payloads.json_text import escape_token

__all__ = ["Caret", "Suggestion", "caret_in", "places", "suggestions"]

_TOKEN = re.compile(r'"(?:[^"\\\n]|\\.)*"?|[{}\[\],:]|[^\s{}\[\],:"]+')
_DEPTH = 200
_SHOWN = 200


@dataclass(slots=True)
class _Level:
    """One open object or array."""

    closes: Literal["}", "]"]
    index: int = 0
    key: str = ""
    wants: Literal["key", "colon", "value", "comma"] = "key"
    keys: list[str] = field(default_factory=list)

    @property
    def token(self) -> str:
        return self.key if self.closes == "}" else str(self.index)


@dataclass(frozen=True, slots=True)
class Caret:
    """What belongs where the caret is."""

    path: tuple[str, ...]
    """Of the object when a member's name belongs here, of the value when a value does."""
    wants: Literal["key", "value", ""]
    start: int
    """Where the piece begins that is being typed."""
    typed: str
    """That piece, up to the caret."""
    present: frozenset[str] = frozenset()
    """Names that the object has already."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A text to put in place of what was typed."""

    text: str
    detail: str = ""


def caret_in(text: str, at: int) -> Caret:
    """What belongs at position `at`."""
    levels: list[_Level] = []
    start, typed = at, ""
    for begin, token in _tokens(text[:at]):
        if begin + len(token) >= at and token[0] not in "{}[],:" and not _complete(token, begin, at):
            start, typed = begin, token
            break
        _step(levels, token)
    path = tuple(level.token for level in levels[:-1])
    if not levels:
        return Caret((), "" if typed or _tokens_before(text[:start]) else "value", start, typed)
    here = levels[-1]
    if here.wants == "key" and here.closes == "}":
        present = frozenset(here.keys) | _later_keys(text, at, len(levels))
        return Caret(path, "key", start, typed, present)
    if here.wants == "value" or (here.closes == "]" and here.wants == "key"):
        return Caret((*path, here.token), "value", start, typed)
    return Caret((), "", start, typed)


def places(text: str) -> dict[str, tuple[int, int]]:
    """The stretch of text of every value, by JSON Pointer, for text that is JSON."""
    found: dict[str, tuple[int, int]] = {}
    levels: list[_Level] = []
    begun: list[int] = []

    def pointer() -> str:
        return "".join(f"/{escape_token(level.token)}" for level in levels)

    for begin, token in _tokens(text):
        value = not levels or levels[-1].wants == "value" or (levels[-1].closes == "]" and levels[-1].wants == "key")
        if token in "{[":
            begun.append(begin)
        elif token in "}]":
            if levels:
                levels.pop()
                found[pointer()] = (begun.pop() if begun else begin, begin + 1)
                if levels:
                    levels[-1].wants = "comma"
            continue
        elif value and token not in ",:":
            found[pointer()] = (begin, begin + len(token))
        _step(levels, token)
        if len(levels) > _DEPTH:
            break
    return found


def suggestions(root: Node, caret: Caret) -> list[Suggestion]:
    """What the schema allows at the caret, best first."""
    nodes = _nodes_at(root, caret.path)
    if caret.wants == "key":
        found = [_name(name, node) for one in nodes for name, node in _members(one) if name not in caret.present]
    elif caret.wants == "value":
        found = [one for node in nodes for one in _values(node)]
    else:
        found = []
    typed = caret.typed.strip('"').lower()
    fitting = [one for one in dict.fromkeys(found) if typed in one.text.lower()]
    fitting.sort(key=lambda one: not one.text.strip('"').lower().startswith(typed))
    return fitting[:_SHOWN]


def _tokens(text: str) -> Iterator[tuple[int, str]]:
    return ((match.start(), match.group()) for match in _TOKEN.finditer(text))


def _tokens_before(text: str) -> bool:
    return _TOKEN.search(text) is not None


def _complete(token: str, begin: int, at: int) -> bool:
    """A string that was closed before the caret is not being typed any more."""
    return (
        token[0] == '"'
        and len(token) > 1
        and token[-1] == '"'
        and not token.endswith('\\"')
        and begin + len(token) <= at
    )


def _step(levels: list[_Level], token: str) -> None:
    here = levels[-1] if levels else None
    if token in "{[":
        levels.append(_Level("}" if token == "{" else "]"))
    elif token in "}]":
        if levels:
            levels.pop()
        if levels:
            levels[-1].wants = "comma"
    elif here is None:
        return
    elif token == ",":
        here.index += 1
        here.wants = "key"
    elif token == ":":
        here.wants = "value"
    elif here.closes == "}" and here.wants == "key":
        here.key = _unquoted(token)
        here.keys.append(here.key)
        here.wants = "colon"
    else:
        here.wants = "comma"


def _later_keys(text: str, at: int, depth: int) -> frozenset[str]:
    """Names that follow the caret in the same object."""
    found: list[str] = []
    level, before = 0, ""
    for _, token in _tokens(text[at : at + 20_000]):
        if token in "{[":
            level += 1
        elif token in "}]":
            level -= 1
            if level < 0:
                break
        elif token == ":" and level == 0:
            found.append(_unquoted(before))
        before = token
    return frozenset(found)


def _unquoted(token: str) -> str:
    try:
        found = json.loads(token)
    except ValueError:
        return token.strip('"')
    return found if isinstance(found, str) else token


def _nodes_at(root: Node, path: tuple[str, ...]) -> list[Node]:
    nodes = [root]
    for token in path:
        nodes = [inner for node in nodes for inner in _children(node, token)][:50]
    return nodes


def _children(node: Node, token: str) -> list[Node]:
    if node.kind == "union":
        return [inner for branch in node.branches for inner in _children(branch, token)]
    if node.kind == "object":
        named = dict(node.properties).get(token)
        return [named] if named is not None else [node.additional] if node.additional is not None else []
    if node.kind == "array" and token.isdigit():
        at = int(token)
        if at < len(node.prefix_items):
            return [node.prefix_items[at]]
        return [node.items] if node.items is not None else []
    return []


def _members(node: Node) -> list[tuple[str, Node]]:
    if node.kind == "union":
        return [pair for branch in node.branches for pair in _members(branch)]
    return sorted(node.properties, key=lambda pair: not pair[1].required) if node.kind == "object" else []


def _name(name: str, node: Node) -> Suggestion:
    words = [node.kind if node.kind != "json" else "any", "needed" if node.required else "", node.title or ""]
    return Suggestion(json.dumps(name, ensure_ascii=False), " · ".join(word for word in words if word))


def _values(node: Node) -> list[Suggestion]:
    if node.kind == "union":
        return [one for branch in node.branches for one in _values(branch)]
    found: list[tuple[Any, str]] = [(choice.value, choice.title or "") for choice in node.choices]
    if node.default is not UNSET:
        found.append((node.default, "default"))
    found += [(example, "example") for example in node.examples]
    if node.kind == "boolean":
        found += [(True, ""), (False, "")]
    texts = [Suggestion(json.dumps(value, ensure_ascii=False), detail) for value, detail in found]
    empty = {"object": "{}", "array": "[]", "string": '""'}.get(node.kind)
    if empty is not None and not node.choices:
        texts.append(Suggestion(empty, node.kind))
    if node.nullable or node.kind == "null":
        texts.append(Suggestion("null", ""))
    return texts
