"""YAML edited as text: `yaml-edit` says where every node lies, the edits are ranges of the original bytes. Pure.

`ruamel.yaml` reads the same text as a second opinion, because two parsers rarely share a mistake.
"""

import json
import re
from collections.abc import Sequence
from typing import Any

from wireglass.targets.splice import DocumentError, newline_of

__all__ = ["YamlText"]

_SECOND_OPINION = 100_000
"""Bytes up to which ruamel.yaml reads the text too: it needs some eight seconds for a megabyte."""
_PLAIN = re.compile(r"[A-Za-z0-9_./@][A-Za-z0-9_./@ +-]*")
_WORDS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null", "~", "nan", "inf"})

Path = Sequence[str | int]


class YamlText:
    """One YAML text. Every edit returns the new text and leaves this one alone."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.newline = newline_of(text)
        self._bytes = text.encode()

    def data(self) -> Any:
        """The parsed value, `{}` for an empty text. Raises DocumentError with position and reason."""
        if not self._bytes.strip():
            return {}
        import yaml_edit

        try:
            document = self._document()
            value = _plain(document.to_python()) if document is not None else None
        except yaml_edit.ResolveError as error:
            raise DocumentError(f"{str(error).capitalize()}.") from error
        if len(self._bytes) <= _SECOND_OPINION:
            _second_opinion(self.text)
        return {} if value is None else value

    def insert(self, path: Path, key: str | None, value: Any) -> str:
        """A new last entry of the mapping at `path`, or a new last item of the list there when `key` is None."""
        group = self._node(path)
        if not path and (group is None or group.to_python() is None):
            return self._append_root(key, value)
        group = group.as_mapping() or group.as_sequence() or group
        if not hasattr(group, "is_flow_style") or group.is_flow_style():
            return self._insert_flow(group, key, value)
        at = self._content_end(group)
        indent = self._indent_of(group)
        lines = self._block(key, value, indent)
        return self._spliced(at, at, self.newline + self.newline.join(lines))

    def replace(self, path: Path, value: Any) -> str:
        """Another value at `path`; a comment behind a plain value stays."""
        node = self._node(path)
        start, _ = node.byte_range()
        end = self._content_end(node)
        group = node.as_mapping() or node.as_sequence()
        if group is not None and not group.is_flow_style():
            return self._replace_block(path, value)
        if end == start or b"\n" in self._bytes[start:end]:
            return self._replace_block(path, value)
        return self._spliced(start, end, _flow(value))

    def rename(self, path: Path, to: str) -> str:
        """Another key for the entry at `path`."""
        start, end = self._entry(path).key().byte_range()
        return self._spliced(start, end, _scalar(to))

    def remove(self, path: Path) -> str:
        """The text without the entry or item at `path`: its lines, or its part of a flow collection."""
        parent = self._node(path[:-1])
        group = parent.as_mapping() or parent.as_sequence() if parent is not None else None
        if group is None:
            raise KeyError(path[-1])
        node = self._entry(path) if isinstance(path[-1], str) else self._node(path)
        if group.is_flow_style():
            return self._remove_flow(group, node)
        if len(group) == 1:
            return self._remove_only(path, group, node)
        start = self._line_start(node.byte_range()[0])
        end = self._line_end(self._content_end(node))
        if isinstance(path[-1], str) and self._bytes[start : node.byte_range()[0]].strip():
            raise DocumentError("The first key of a list item stands beside its dash and cannot be removed alone.")
        if end == len(self._bytes) and not self._bytes.endswith(b"\n"):
            start -= len(self._bytes[:start]) - len(re.sub(rb"\r?\n\Z", b"", self._bytes[:start]))
        return self._spliced(start, end, "")

    # Finding

    def _document(self) -> Any:
        import yaml_edit

        try:
            file = yaml_edit.YamlFile.parse(self.text)
        except yaml_edit.ParseError as error:
            raise DocumentError(
                f"{str(error).rstrip('.')}.",
                line=error.line or 0,
                column=error.column or 0,
                next_step="Correct the file by hand, then try again.",
            ) from error
        if len(file) > 1:
            raise DocumentError("The file holds several YAML documents; only one is edited.")
        return file[0] if len(file) else None

    def _node(self, path: Path) -> Any:
        document = self._document()
        node = document.root() if document is not None else None
        for part in path:
            if node is None:
                raise KeyError(part)
            mapping, items = node.as_mapping(), node.as_sequence()
            if isinstance(part, int):
                node = items[part] if items is not None and part < len(items) else None
            else:
                node = mapping.get(part) if mapping is not None else None
            if node is None:
                raise KeyError(part)
            if node.is_alias() or node.is_tagged():
                raise DocumentError(f"{part} is written with an alias or a tag, which is not edited.")
        return node

    def _entry(self, path: Path) -> Any:
        node = self._node(path[:-1])
        mapping = node.as_mapping() if node is not None else None
        found = mapping.find_all_entries(path[-1]) if mapping is not None else []
        if not found:
            raise KeyError(path[-1])
        return found[0]

    def _content_end(self, node: Any) -> int:
        """Where the node's last character stands, without line ends and comments after it."""
        start, end = node.byte_range()
        return start + len(self._bytes[start:end].rstrip())

    def _line_start(self, at: int) -> int:
        return self._bytes.rfind(b"\n", 0, at) + 1

    def _line_end(self, at: int) -> int:
        end = self._bytes.find(b"\n", at)
        return len(self._bytes) if end < 0 else end + 1

    def _column(self, at: int) -> int:
        return len(self._bytes[self._line_start(at) : at].decode())

    # Changing

    def _spliced(self, start: int, end: int, text: str) -> str:
        """Insertions at the end of a line go behind the comment that follows on that line."""
        if start == end:
            rest = re.compile(rb"[ \t]+#[^\r\n]*").match(self._bytes, start)
            start = end = rest.end() if rest else start
        return (self._bytes[:start] + text.encode() + self._bytes[end:]).decode()

    def _append_root(self, key: str | None, value: Any) -> str:
        body = self.newline.join(self._block(key, value, "")) + self.newline
        return self.text + ("" if not self.text or self.text.endswith("\n") else self.newline) + body

    def _indent_of(self, group: Any) -> str:
        return " " * self._column(group.byte_range()[0])

    def _unit(self) -> int:
        found = re.search(r"^( +)[^\s#-]", self.text, re.MULTILINE)
        return min(len(found.group(1)), 8) if found else 2

    def _dash_indent(self) -> int:
        """Blanks before the dash of a list, counted from its key: some people write 0, some 2."""
        found = re.search(r"^( *)[^\s#-][^\n]*:[ \t]*\r?\n\1( *)- ", self.text, re.MULTILINE)
        return len(found.group(2)) if found else 2

    def _block(self, key: str | None, value: Any, indent: str) -> list[str]:
        """Block lines for one entry (or one list item when key is None)."""
        if key is None:
            return self._item(value, indent)
        head = f"{indent}{_scalar(key)}:"
        if isinstance(value, dict) and value:
            deeper = indent + " " * self._unit()
            return [head, *(line for name, inner in value.items() for line in self._block(name, inner, deeper))]
        if isinstance(value, list) and value:
            deeper = indent + " " * self._dash_indent()
            return [head, *(line for inner in value for line in self._item(inner, deeper))]
        return [f"{head} {_flow(value)}"]

    def _item(self, value: Any, indent: str) -> list[str]:
        if not isinstance(value, dict) or not value:
            return [f"{indent}- {_flow(value)}"]
        lines = [line for name, inner in value.items() for line in self._block(name, inner, indent + "  ")]
        return [f"{indent}- {lines[0].lstrip()}", *lines[1:]]

    def _replace_block(self, path: Path, value: Any) -> str:
        """A value over several lines is written anew: key and comment before it stay, the rest becomes block lines."""
        if isinstance(path[-1], int):
            return YamlText(self.remove(path)).insert(path[:-1], None, value)
        entry = self._entry(path)
        start = entry.byte_range()[0]
        lines = self._block(path[-1], value, " " * self._column(start))
        key_end = entry.key().byte_range()[1]
        colon = self._bytes.index(b":", key_end)
        text = self.newline.join(lines)
        own_key = lines[0].lstrip()
        rest = own_key[len(_scalar(path[-1])) + 1 :] + text[len(lines[0]) :]
        return self._spliced(colon + 1, max(colon + 1, self._content_end(entry)), rest)

    def _remove_only(self, path: Path, group: Any, node: Any) -> str:
        """The last entry goes: its container stays, empty."""
        empty = "{}" if isinstance(path[-1], str) else "[]"
        if len(path) == 1:
            start, end = self._line_start(node.byte_range()[0]), self._line_end(self._content_end(node))
            return self._spliced(start, end, "")
        key_end = self._entry(path[:-1]).key().byte_range()[1]
        colon = self._bytes.index(b":", key_end)
        between = self._bytes[colon + 1 : group.byte_range()[0]]
        if b"#" in between:  # comments above the entry stay where they are
            start, end = self._line_start(node.byte_range()[0]), self._line_end(self._content_end(node))
            return (self._bytes[: colon + 1] + f" {empty}".encode() + self._bytes[colon + 1 : start]).decode() + (
                self._bytes[end:].decode()
            )
        return self._spliced(colon + 1, self._content_end(node), f" {empty}")

    def _insert_flow(self, group: Any, key: str | None, value: Any) -> str:
        start, end = group.byte_range()
        end = start + len(self._bytes[start:end].rstrip())
        text = _flow(value) if key is None else f"{_scalar(key)}: {_flow(value)}"
        inner = self._bytes[start + 1 : end - 1]
        if not inner.strip():
            return self._fill_empty(start, end, key, value)
        at = start + 1 + len(inner.rstrip())
        lead = " " if inner.rstrip().endswith(b",") else ", "
        return self._spliced(at, at, lead + text)

    def _fill_empty(self, start: int, end: int, key: str | None, value: Any) -> str:
        """`servers: {}` becomes a block below its key when the braces end their line."""
        line = self._bytes[self._line_start(start) : start]
        tail = self._bytes[end : self._line_end(end)].strip()
        if tail or not line.rstrip().endswith(b":"):
            text = _flow(value) if key is None else f"{_scalar(key)}: {_flow(value)}"
            return self._spliced(start, end, "[" + text + "]" if key is None else "{" + text + "}")
        base = len(line) - len(line.lstrip())
        lines = self._block(key, value, " " * (base + (self._unit() if key is not None else self._dash_indent())))
        start = self._line_start(start) + len(line.rstrip())
        return self._spliced(start, end, self.newline + self.newline.join(lines))

    def _remove_flow(self, group: Any, node: Any) -> str:
        start, end = node.byte_range()
        if (key := getattr(node, "key", None)) is not None:  # an entry's own range may reach over its comma
            start, end = key().byte_range()[0], node.value().byte_range()[1]
        end = start + len(self._bytes[start:end].rstrip())
        after = re.compile(rb"\s*,\s*").match(self._bytes, end)
        if after:
            return self._spliced(start, after.end(), "")
        before = re.compile(rb",\s*\Z").search(self._bytes[group.byte_range()[0] : start])
        cut = group.byte_range()[0] + before.start() if before else start
        return self._spliced(cut, end, "")


def _scalar(text: str) -> str:
    if _PLAIN.fullmatch(text) and text.lower() not in _WORDS and not _numeric(text) and text == text.strip():
        return text
    return json.dumps(text, ensure_ascii=any(ord(c) in (0x7F, 0x85, 0x2028, 0x2029, 0xFEFF) for c in text))


def _numeric(text: str) -> bool:
    """Anything a YAML 1.1 or 1.2 reader might take for a number, a date or a time."""
    return text[0].isdigit() or text[0] == "." or re.fullmatch(r"[+-]?[0-9.][0-9a-fxoeE_.:T Z+-]*", text) is not None


def _flow(value: Any) -> str:
    if isinstance(value, str):
        return _scalar(value) if value else '""'
    if isinstance(value, list):
        return "[" + ", ".join(_flow(one) for one in value) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_scalar(key)}: {_flow(one)}" for key, one in value.items()) + "}"
    return json.dumps(value, allow_nan=False)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, list) else value


def _second_opinion(text: str) -> None:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    try:
        YAML(typ="safe", pure=True).load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark
        reason = f"{(error.problem or error.context or 'this is not YAML').capitalize()}."
        line, column = (mark.line + 1, mark.column + 1) if mark is not None else (0, 0)
        raise DocumentError(
            reason, line=line, column=column, next_step="Correct the file by hand, then try again."
        ) from error
    except YAMLError as error:
        raise DocumentError(f"{error}.", next_step="Correct the file by hand, then try again.") from error
