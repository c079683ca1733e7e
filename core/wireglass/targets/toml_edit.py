"""TOML edited as text: read with `tomllib`, found with our own scanner, changed by character ranges. Pure."""

import re
from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any

from wireglass.targets.splice import DocumentError, Splice, apply_splices, newline_of
from wireglass.targets.toml_scan import Assignment, Statement, inline_items, list_items, scan

__all__ = ["TomlText"]

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_AT = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")

Names = tuple[str, ...]


class TomlText:
    """One TOML text. Every edit returns the new text and leaves this one alone."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.newline = newline_of(text)
        self._known: list[Statement] | None = None

    def data(self) -> Any:
        """The parsed table. Raises DocumentError with the position and the reason in words."""
        import tomllib  # late: half a megabyte, for the few hosts that write TOML

        try:
            return tomllib.loads(self.text)
        except tomllib.TOMLDecodeError as error:
            raise _explain(self.text, str(error)) from error
        except RecursionError as error:
            raise DocumentError("The file is nested too deeply to be read.") from error

    def insert(self, path: Sequence[str | int], key: str | None, value: Any) -> str:
        """A new key of the table at `path`, or a new last item of the list there when `key` is None."""
        names = _names(path)
        if key is None:
            raise DocumentError("Lists of servers are not written in TOML.")
        if (inline := self._inline(names)) is not None:
            return self._insert_inline(inline, key, value)
        if isinstance(value, dict) and self._wants_tables(names, value):
            return self._insert_tables((*names, key), value)
        return self._insert_line(names, key, value)

    def replace(self, path: Sequence[str | int], value: Any) -> str:
        """Another value for the key at `path`; a comment behind it stays."""
        if isinstance(path[-1], int):
            whole = self._assignment(_names(path[:-1]))
            start, end = list_items(self.text, whole.value, whole.end)[path[-1]]
            return apply_splices(self.text, [Splice(start, end, _value(value))])
        names = _names(path)
        tables = any(one.item is None and one.path[: len(names)] == names for one in self._statements())
        if tables:  # it is spread over lines and tables of its own: those go, and the value comes anew
            return TomlText(self.remove(path)).insert(path[:-1], names[-1], value)
        item = self._assignment(names)
        return apply_splices(self.text, [Splice(item.value, item.end, _value(value))])

    def rename(self, path: Sequence[str | int], to: str) -> str:
        """Another key at `path`, in every header and dotted key that names it."""
        names = _names(path)
        depth = len(names) - 1
        edits: dict[int, Splice] = {}
        for one in self._statements():
            if one.path[: len(names)] != names:
                continue
            keys = one.header + (one.item.keys if one.item else ())
            part = keys[depth]
            edits[part.start] = Splice(part.start, part.end, _key(to))
        if not edits:
            part = self._assignment(names).keys[-1]
            edits[part.start] = Splice(part.start, part.end, _key(to))
        return apply_splices(self.text, list(edits.values()))

    def remove(self, path: Sequence[str | int]) -> str:
        """The text without the key at `path`: its lines, its tables, and one empty line before each of them."""
        names = _names(path)
        inline = self._inline(names[:-1])
        if inline is not None:
            return self._remove_inline(inline, names[-1])
        mine = [one for one in self._statements() if one.path[: len(names)] == names]
        if not mine:
            raise KeyError(names[-1])
        return apply_splices(self.text, [self._cut(run) for run in self._runs(mine)])

    # Finding

    def _statements(self) -> list[Statement]:
        if self._known is None:
            self._known = scan(self.text)
        return self._known

    def _assignment(self, names: Names) -> Assignment:
        for one in self._statements():
            if one.item is not None and one.path == names:
                return one.item
        inline = self._inline(names[:-1])
        for item in inline_items(self.text, inline.value, inline.end) if inline else []:
            if tuple(key.name for key in item.keys) == names[-1:]:
                return item
        raise DocumentError(f"{'.'.join(names)} is spread over several tables and cannot be replaced as one value.")

    def _inline(self, names: Names) -> Assignment | None:
        """The assignment whose value is the inline table at `names`, however deep it lies in other inline tables."""
        for one in self._statements():
            if one.item and names[: len(one.path)] == one.path and self.text[one.item.value] == "{":
                return self._descend(one.item, names[len(one.path) :])
        return None

    def _descend(self, item: Assignment, rest: Names) -> Assignment | None:
        if not rest:
            return item
        for inner in inline_items(self.text, item.value, item.end):
            names = tuple(key.name for key in inner.keys)
            if rest[: len(names)] == names and self.text[inner.value] == "{":
                return self._descend(inner, rest[len(names) :])
        return None

    def _wants_tables(self, names: Names, value: dict[str, Any]) -> bool:
        """A server or a container of servers becomes `[tables]`; a small table inside a server stays on one line."""
        return not names or any(isinstance(inner, (dict, list)) for inner in value.values()) or len(names) == 1

    # Changing

    def _insert_tables(self, names: Names, value: dict[str, Any]) -> str:
        block = self.newline.join(_tables(names, value))
        same = [one for one in self._statements() if one.path[: len(names) - 1] == names[:-1] and len(names) > 1]
        at = same[-1].line_end if same else len(self.text)
        before = self.text[:at]
        gap = self.newline if before.strip() else ""
        if before and not before.endswith("\n"):
            return before + self.newline + gap + block + self.text[at:]
        return before + gap + block + self.newline + self.text[at:]

    def _insert_line(self, names: Names, key: str, value: Any) -> str:
        mine = [one for one in self._statements() if tuple(k.name for k in one.header) == names]
        line = f"{_key(key)} = {_value(value)}"
        if not mine:
            return self._insert_dotted(names, line)
        last = mine[-1]
        indent = re.match(r"[ \t]*", self.text[last.start :])
        line = (indent.group() if indent else "") + line
        if not self.text[: last.line_end].endswith("\n"):
            line = self.newline + line
        else:
            line += self.newline
        return apply_splices(self.text, [Splice(last.line_end, last.line_end, line)])

    def _insert_dotted(self, names: Names, line: str) -> str:
        """The table exists only through dotted keys or sub-tables: give it a header, or join the dotted keys."""
        inside = [one for one in self._statements() if one.path[: len(names)] == names]
        if not inside:
            return self._insert_tables(names, {}) + line + self.newline
        first = inside[0]
        if first.item is None:
            head = f"[{'.'.join(map(_key, names))}]{self.newline}{line}{self.newline}{self.newline}"
            return apply_splices(self.text, [Splice(first.start, first.start, head)])
        prefix = ".".join(_key(name) for name in names[len(first.header) :])
        end = "" if self.text[: first.line_end].endswith("\n") else self.newline
        return apply_splices(
            self.text, [Splice(first.line_end, first.line_end, f"{end}{prefix}.{line}{'' if end else self.newline}")]
        )

    def _insert_inline(self, table: Assignment, key: str, value: Any) -> str:
        items = inline_items(self.text, table.value, table.end)
        text = f"{_key(key)} = {_value(value)}"
        if items:
            return apply_splices(self.text, [Splice(items[-1].end, items[-1].end, ", " + text)])
        return apply_splices(self.text, [Splice(table.value, table.end, "{ " + text + " }")])

    def _remove_inline(self, table: Assignment, name: str) -> str:
        items = inline_items(self.text, table.value, table.end)
        at = next((i for i, item in enumerate(items) if item.keys[0].name == name), None)
        if at is None:
            raise KeyError(name)
        if len(items) == 1:
            cut = Splice(table.value, table.end, "{}")
        elif at == len(items) - 1:
            cut = Splice(items[at - 1].end, items[at].end, "")
        else:
            cut = Splice(items[at].keys[0].start, items[at + 1].keys[0].start, "")
        return apply_splices(self.text, [cut])

    def _runs(self, mine: list[Statement]) -> list[tuple[Statement, Statement]]:
        """Statements that follow each other directly are cut as one piece."""
        order = {one.start: at for at, one in enumerate(self._statements())}
        runs: list[tuple[Statement, Statement]] = []
        for one in mine:
            if runs and order[one.start] == order[runs[-1][1].start] + 1:
                runs[-1] = (runs[-1][0], one)
            else:
                runs.append((one, one))
        return runs

    def _cut(self, run: tuple[Statement, Statement]) -> Splice:
        start, end = run[0].start, run[1].line_end
        is_table = run[0].item is None
        if is_table and (blank := re.search(r"(?<![^\n])[ \t]*\r?\n\Z", self.text[:start])):
            start = blank.start()
        if not self.text[:end].endswith("\n"):
            start -= len(self.text[:start]) - len(re.sub(r"\r?\n\Z", "", self.text[:start]))
        return Splice(start, end, "")


def _names(path: Sequence[str | int]) -> Names:
    if any(isinstance(part, int) for part in path):
        raise DocumentError("An item inside a TOML list is not edited alone.")
    return tuple(str(part) for part in path)


def _tables(names: Names, value: dict[str, Any]) -> list[str]:
    lines: list[str] = []
    inner = {key: one for key, one in value.items() if isinstance(one, dict) and one}
    plain = {key: one for key, one in value.items() if key not in inner}
    if plain or not inner:
        lines = [f"[{'.'.join(map(_key, names))}]", *(f"{_key(key)} = {_value(one)}" for key, one in plain.items())]
    for key, one in inner.items():
        lines += ([""] if lines else []) + _tables((*names, key), one)
    return lines


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else _text(name)


def _text(value: str) -> str:
    if any("\ud800" <= char <= "\udfff" for char in value):
        raise DocumentError("A text holds half a surrogate pair, which TOML cannot express.")
    escapes = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
    return '"' + "".join(escapes.get(c) or (f"\\u{ord(c):04x}" if c < " " or c == "\x7f" else c) for c in value) + '"'


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    if isinstance(value, (int, float)):
        return repr(value)
    if isinstance(value, list):
        return "[" + ", ".join(map(_value, value)) + "]"
    if isinstance(value, dict):
        inner = ", ".join(f"{_key(key)} = {_value(one)}" for key, one in value.items())
        return "{ " + inner + " }" if inner else "{}"
    raise DocumentError("TOML has no empty value (null).")


def _explain(text: str, message: str) -> DocumentError:
    found = _AT.search(message)
    reason = _AT.sub("", message) + "."
    next_step = "Correct the file by hand, then try again."
    if found is None:
        return DocumentError(reason, next_step=next_step)
    if found.group(1) is None:
        return DocumentError.at(text, len(text), reason, next_step=next_step)
    return DocumentError(reason, line=int(found.group(1)), column=int(found.group(2)), next_step=next_step)
