"""Crush's crushrc: servers are `mcp add NAME --flags` lines of a Bash script; one line changes at a time. Pure."""

import copy
from collections.abc import Mapping, Sequence
from typing import Any

from wireglass.targets.crushrc_scan import Line, quoted, scan
from wireglass.targets.splice import DocumentError, Splice, apply_splices, newline_of

__all__ = ["CrushrcText", "as_read"]

_LISTS = {"args": "args", "disabled_tools": "disabled-tools", "enabled_tools": "enabled-tools"}
_MAPS = {"env": "env", "headers": "header"}
_VALUES = {
    "type": "type", "command": "command", "url": "url", "timeout": "timeout", "disabled": "disabled", "oauth": "oauth",
    "oauth_client_id": "oauth-client-id", "oauth_client_secret": "oauth-client-secret",
    "oauth_callback_port": "oauth-callback-port",
}  # fmt: skip
_ORDER = ("type", "command", "url", "args", "env", "headers")
_WIDE = 100
_TRUE, _FALSE = ("true", "1", "yes"), ("false", "0", "no")


class CrushrcText:
    """One script. Every edit returns the new text and leaves this one alone."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.newline = newline_of(text)

    def data(self) -> Any:
        """The servers under "mcp", as crush.json would hold them. Raises DocumentError with the position."""
        return {"mcp": {name: entry for name, (entry, _) in self._servers().items()}}

    def insert(self, path: Sequence[str | int], key: str | None, value: Any) -> str:
        """A new server as a line at the end, or a new key of one."""
        if len(path) > 1:
            return self._changed(
                path, lambda node: node.insert(len(node), value) if key is None else _set(node, key, value)
            )
        if key is None or len(path) != 1:
            raise DocumentError("A crushrc holds servers and nothing else for us.")
        end = "" if not self.text or self.text.endswith("\n") else self.newline
        return f"{self.text}{end}{self._line(key, value)}{self.newline}"

    def replace(self, path: Sequence[str | int], value: Any) -> str:
        """Another value of one server's key, or another server under the same name."""
        if len(path) == 2:
            return self._rendered(str(path[1]), str(path[1]), value)
        return self._changed(path[:-1], lambda node: _set(node, path[-1], value))

    def rename(self, path: Sequence[str | int], to: str) -> str:
        """Another name; the line keeps its place."""
        if len(path) == 2:
            return self._rendered(str(path[1]), to, self.data()["mcp"][path[1]])
        return self._changed(path[:-1], lambda node: _set(node, to, node.pop(path[-1])))

    def remove(self, path: Sequence[str | int]) -> str:
        """The server's line goes, or a key of it."""
        if len(path) > 2:
            return self._changed(path[:-1], lambda node: node.pop(path[-1]))
        line = self._only(str(path[1]))
        start = self.text.rfind("\n", 0, line.start) + 1
        end = self.text.find("\n", line.end)
        return apply_splices(self.text, [Splice(start, len(self.text) if end < 0 else end + 1, "")])

    def _servers(self) -> dict[str, tuple[dict[str, Any], list[Line]]]:
        found: dict[str, tuple[dict[str, Any], list[Line]]] = {}
        for line in scan(self.text):
            words = line.words
            if not line.is_outer or words is None or words[:1] != ("mcp",) or len(words) < 3:
                continue
            if words[1] in ("remove", "rm"):
                found.pop(words[2], None)
            elif words[1] == "add" and (entry := _entry(words[3:])) is not None:
                before, lines = found.get(words[2], ({}, []))
                found[words[2]] = (as_read({**before, **entry}), [*lines, line])
        return found

    def _only(self, name: str) -> Line:
        lines = self._servers()[name][1]
        if len(lines) != 1:
            raise DocumentError.at(
                self.text, lines[-1].start, f'"{name}" is set in {len(lines)} places.', next_step="Edit it by hand."
            )
        return lines[0]

    def _changed(self, path: Sequence[str | int], change: Any) -> str:
        name = str(path[1])
        entry = copy.deepcopy(self.data()["mcp"][name])
        node: Any = entry
        for key in path[2:]:
            node = node[key]
        change(node)
        return self._rendered(name, name, entry)

    def _rendered(self, name: str, to: str, entry: Mapping[str, Any]) -> str:
        line = self._only(name)
        many = "\n" in self.text[line.start : line.end]
        return apply_splices(self.text, [Splice(line.start, line.end, self._line(to, entry, many=many))])

    def _line(self, name: str, entry: Mapping[str, Any], *, many: bool | None = None) -> str:
        """`many`: over several lines; None lets the length decide."""
        parts = [f"mcp add {quoted(name)}", *_flags(entry)]
        line = " ".join(parts)
        return f" \\{self.newline}  ".join(parts) if many or (many is None and len(line) > _WIDE) else line


def as_read(entry: Mapping[str, Any]) -> dict[str, Any]:
    """An entry as it comes back from a line: without what is the same as not being there."""
    return {key: value for key, value in entry.items() if value not in ([], {}) and (key, value) != ("type", "stdio")}


def _entry(words: Sequence[str]) -> dict[str, Any] | None:
    """The flags of one line as keys; None when one of them is not known."""
    entry: dict[str, Any] = {}
    rest = [part for word in words for part in _split(word)]
    while rest:
        flag = rest.pop(0)
        if not flag.startswith("--") or not rest:
            return None
        name, value = flag.removeprefix("--"), rest.pop(0)
        if (key := _key(_LISTS, name)) is not None:
            entry.setdefault(key, []).append(value)
        elif (key := _key(_MAPS, name)) is not None and rest:
            entry.setdefault(key, {})[value] = rest.pop(0)
        elif (key := _key(_VALUES, name)) is not None:
            entry[key] = _value(key, value)
        else:
            return None
    return entry


def _split(word: str) -> tuple[str, ...]:
    flag, equals, value = word.partition("=")
    return (flag, value) if equals and flag.startswith("--") else (word,)


def _key(table: Mapping[str, str], flag: str) -> str | None:
    return next((key for key, name in table.items() if name == flag), None)


def _value(key: str, text: str) -> Any:
    if key in ("disabled", "oauth") and text.lower() in _TRUE + _FALSE:
        return text.lower() in _TRUE
    if key in ("timeout", "oauth_callback_port") and text.isdecimal():
        return int(text)
    return text


def _flags(entry: Mapping[str, Any]) -> list[str]:
    parts: list[str] = []
    for key in sorted(entry, key=lambda one: _ORDER.index(one) if one in _ORDER else len(_ORDER)):
        value = entry[key]
        if key in _LISTS:
            parts += [f"--{_LISTS[key]} {quoted(str(one))}" for one in value]
        elif key in _MAPS:
            parts += [f"--{_MAPS[key]} {quoted(str(name))} {quoted(str(one))}" for name, one in value.items()]
        elif key in _VALUES:
            text = str(value).lower() if isinstance(value, bool) else str(value)
            parts += [] if (key, value) == ("type", "stdio") else [f"--{_VALUES[key]} {quoted(text)}"]
        else:
            raise DocumentError(f"`mcp add` has no flag for {key}.", next_step="Leave this key out.")
    return parts


def _set(node: Any, key: Any, value: Any) -> None:
    node[key] = value
