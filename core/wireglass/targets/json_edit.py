"""JSON, with or without comments and trailing commas, edited by character ranges. Pure.

Comments and trailing commas are blanked out in a copy of equal length, so that the standard library's scanner can say
where every value starts and ends; the edits are then made in the original text.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from wireglass.targets.splice import DocumentError, Splice, apply_splices, line_indent, newline_of

__all__ = ["JsonText"]

_STRING_OR_COMMENT = re.compile(r'"(?:[^"\\\r\n]|\\.)*"|//[^\r\n]*|/\*[\s\S]*?\*/')
_STRING_OR_LAST_COMMA = re.compile(r'"(?:[^"\\\r\n]|\\.)*"|,(?=[ \t\r\n]*[}\]])')
_NOT_BLANK = re.compile(r"[^ \t\r\n]")
_LINE_REST = re.compile(r"(?:[ \t]*/\*[^\r\n]*?\*/)*(?:[ \t]*//[^\r\n]*)?")
_WIDTH = 88
"""A list of plain values is written on one line while it fits in this many characters."""
_FAULTS = {
    "',' delimiter": "A comma or a closing bracket is missing before this place.",
    "':' delimiter": "A colon is missing after the key.",
    "property name": "A key in double quotes is expected here.",
    "Extra data": "There is text after the end of the JSON value.",
    "Unterminated string": "A text is not closed with a double quote.",
    "escape": "There is an invalid backslash escape in a text.",
    "control character": "A text contains a raw line break or another control character.",
}
"""By what `json` says, which names the place better than the fault."""


@dataclass(frozen=True)
class _Member:
    key: str
    start: int
    """First character of the key; of the value in a list."""
    key_end: int
    value: int
    end: int


@dataclass(frozen=True)
class _Group:
    """An object or a list: the index of its brackets and its members."""

    open: int
    close: int
    members: tuple[_Member, ...]

    def find(self, key: str | int) -> int | None:
        if isinstance(key, int):
            return key if key < len(self.members) else None
        return next((at for at, member in enumerate(self.members) if member.key == key), None)


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a JSON value")


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant)


class JsonText:
    """One JSON text and what its reader accepts. Every edit returns the new text and leaves this one alone."""

    def __init__(self, text: str, *, comments: bool, trailing_commas: bool, reader: str = "its reader") -> None:
        self.text = text
        self.newline = newline_of(text)
        self._reader = reader
        self._blanked = _blank(text, comments=comments, trailing_commas=trailing_commas)

    def data(self) -> Any:
        """The parsed value. Raises DocumentError with the position and the reason in words."""
        try:
            return json.loads(self._blanked, parse_constant=_refuse_constant)
        except json.JSONDecodeError as error:
            raise self._explain(error) from error
        except RecursionError as error:
            raise DocumentError("The file is nested too deeply to be read.") from error
        except ValueError as error:
            raise DocumentError(f"{error}.") from error

    def insert(self, path: Sequence[str | int], key: str | None, value: Any) -> str:
        """A new last member of the object (or list, with key None) at `path`."""
        group = self._group(path)
        if group.members:
            return self._insert_after(group, key, value)
        return self._insert_first(group, path, key, value)

    def replace(self, path: Sequence[str | int], value: Any) -> str:
        """Another value at `path`; an equal shape keeps its layout."""
        member = self._member(path)
        old = self.text[member.value : member.end]
        style = self._style(member.value, broken="\n" in (old if old[0] in "{[" else self.text.strip()))
        new = style.render(value, line_indent(self.text, member.value))
        return apply_splices(self.text, [Splice(member.value, member.end, new)])

    def rename(self, path: Sequence[str | int], to: str) -> str:
        """Another key for the member at `path`."""
        member = self._member(path)
        return apply_splices(self.text, [Splice(member.start, member.key_end, _quoted(to))])

    def remove(self, path: Sequence[str | int]) -> str:
        """The text without the member at `path` and without the comma that belonged to it."""
        group = self._group(path[:-1])
        at = self._index(group, path[-1])
        if len(group.members) == 1:
            return self._remove_only(group)
        return apply_splices(self.text, self._cuts(group, at))

    # Finding

    def _group(self, path: Sequence[str | int]) -> _Group:
        group = self._scan(self._next(0))
        for key in path:
            group = self._scan(group.members[self._index(group, key)].value)
        return group

    def _member(self, path: Sequence[str | int]) -> _Member:
        group = self._group(path[:-1])
        return group.members[self._index(group, path[-1])]

    def _index(self, group: _Group, key: str | int) -> int:
        at = group.find(key)
        if at is None:
            raise KeyError(key)
        again = [m for m in group.members if m.key == key][1:] if isinstance(key, str) else []
        if again:
            raise DocumentError.at(
                self.text,
                again[0].start,
                f'"{key}" is there twice, and readers differ on which one counts.',
                next_step="Remove one of the two by hand, then try again.",
            )
        return at

    def _next(self, index: int) -> int:
        found = _NOT_BLANK.search(self._blanked, index)
        return found.start() if found else len(self._blanked)

    def _scan(self, start: int) -> _Group:
        bracket = self._blanked[start : start + 1]
        if bracket not in ("{", "["):
            raise DocumentError.at(self.text, start, "An object was expected here.")
        members: list[_Member] = []
        index = self._next(start + 1)
        while self._blanked[index] not in "}]":
            member = self._scan_member(index, named=bracket == "{")
            members.append(member)
            index = self._next(member.end)
            if self._blanked[index] == ",":
                index = self._next(index + 1)
        return _Group(start, index, tuple(members))

    def _scan_member(self, start: int, *, named: bool) -> _Member:
        key, key_end, value = "", start, start
        if named:
            key, key_end = _DECODER.raw_decode(self._blanked, start)
            value = self._next(self._next(key_end) + 1)
        _, end = _DECODER.raw_decode(self._blanked, value)
        return _Member(key, start, key_end, value, end)

    def _comma_after(self, index: int, before: int) -> int | None:
        for found in re.compile(r"//[^\r\n]*|/\*[\s\S]*?\*/|,").finditer(self.text, index, before):
            if found.group() == ",":
                return found.start()
        return None

    # Changing

    def _insert_after(self, group: _Group, key: str | None, value: Any) -> str:
        last = group.members[-1]
        comma = self._comma_after(last.end, group.close)
        after = last.end if comma is None else comma + 1
        broken = self._is_broken(group)
        style = self._style(group.open, broken=broken)
        indent = line_indent(self.text, last.start if self._starts_line(last.start) else group.members[0].start)
        member = style.member(key, value, indent)
        edits = [] if comma is not None else [Splice(last.end, last.end, ",")]
        if broken:
            rest = _LINE_REST.match(self.text, after)
            after = rest.end() if rest else after
            lead = self.newline + indent
        else:
            lead = self._gap(group, style)
        edits.append(Splice(after, after, lead + member + ("" if comma is None else ",")))
        return apply_splices(self.text, edits)

    def _insert_first(self, group: _Group, path: Sequence[str | int], key: str | None, value: Any) -> str:
        inner = self.text[group.open + 1 : group.close]
        alone = not path and not (self.text[: group.open] + self.text[group.close + 1 :]).strip()
        style = self._style(group.open, broken="\n" in self.text.strip() or alone)
        base = line_indent(self.text, group.open)
        member = style.member(key, value, base + style.unit)
        at = group.open + 1 + len(inner.rstrip())
        if not style.broken:
            text = (" " if inner.strip() else style.pad) + member + style.pad
            return apply_splices(self.text, [Splice(at, group.close, text)])
        lead = self.newline + base + style.unit
        if "\n" in self.text[at : group.close]:
            return apply_splices(self.text, [Splice(at, at, lead + member)])
        return apply_splices(self.text, [Splice(at, group.close, lead + member + self.newline + base)])

    def _remove_only(self, group: _Group) -> str:
        only = group.members[0]
        comma = self._comma_after(only.end, group.close)
        end = only.end if comma is None else comma + 1
        if not (self.text[group.open + 1 : only.start] + self.text[end : group.close]).strip():
            return apply_splices(self.text, [Splice(group.open + 1, group.close, "")])
        start = only.start
        ends_line = self.text[end : end + 1] in ("\r", "\n")
        if not self._starts_line(start):
            start -= len(self.text[:start]) - len(self.text[:start].rstrip(" \t"))
        elif ends_line or not self._in_line_comment(group.open + 1, start):
            start = self._line_end_before(start)
        return apply_splices(self.text, [Splice(start, end, "")])

    def _cuts(self, group: _Group, at: int) -> list[Splice]:
        member = group.members[at]
        is_last = at == len(group.members) - 1
        limit = group.close if is_last else group.members[at + 1].start
        comma = self._comma_after(member.end, limit)
        end = member.end if comma is None else comma + 1
        rest = _LINE_REST.match(self.text, end)
        line_end = rest.end() if rest else end
        cuts: list[Splice] = []
        if is_last and comma is None:
            before = self._comma_after(group.members[at - 1].end, member.start)
            assert before is not None, "two members are parted by a comma"
            cuts.append(Splice(before, before + 1, ""))
        start = member.start
        ends_line = self.text[line_end : line_end + 1] in ("\r", "\n")
        if self._starts_line(start) and (ends_line or is_last):
            after_comment = at > 0 and not ends_line and self._in_line_comment(group.members[at - 1].end, start)
            start = start if after_comment else self._line_end_before(start)
            end = line_end if ends_line else end
        elif is_last:
            start -= len(self.text[:start]) - len(self.text[:start].rstrip(" \t"))
        else:
            end += len(self.text[end:limit]) - len(self.text[end:limit].lstrip(" \t"))
        return [*cuts, Splice(max(start, cuts[0].end if cuts else 0), end, "")]

    # Layout

    def _starts_line(self, index: int) -> bool:
        start = self.text.rfind("\n", 0, index) + 1
        return start > 0 and not self.text[start:index].strip(" \t")

    def _in_line_comment(self, start: int, index: int) -> bool:
        """The line before `index` ends with a `//` comment, which would swallow what is joined to it."""
        line = max(start, self.text.rfind("\n", 0, self._line_end_before(index)) + 1)
        before = self.text[line : self._line_end_before(index)]
        return "//" in re.sub(r"/\*[\s\S]*?\*/", "", before)

    def _line_end_before(self, index: int) -> int:
        end = self.text.rfind("\n", 0, index)
        return end - 1 if self.text[end - 1 : end] == "\r" else end

    def _is_broken(self, group: _Group) -> bool:
        return "\n" in self.text[group.open : group.members[0].start]

    def _gap(self, group: _Group, style: "_Style") -> str:
        if len(group.members) > 1:
            comma = self._comma_after(group.members[0].end, group.members[1].start)
            gap = self.text[(comma or 0) + 1 : group.members[1].start]
            return gap if not gap.strip(" \t") else style.blank
        return style.blank

    def _style(self, index: int, *, broken: bool) -> "_Style":
        near = self.text[index : index + 4000]
        tight = re.search(r'":[^ \t\r\n]', near) or re.search(r'":[^ \t\r\n]', self.text[:index])
        loose = re.search(r'": ', near) or re.search(r'": ', self.text[:index])
        blank = "" if tight and not loose else " "
        return _Style(
            newline=self.newline,
            unit=self._unit(),
            broken=broken,
            blank=blank,
            pad=" " if self.text[: index + 1].lstrip().startswith("{ ") or re.search(r"\{ \"", self.text) else "",
            broken_lists=re.search(r'\[[ \t]*\r?\n[ \t]*"', near) is not None,
        )

    def _unit(self) -> str:
        found = re.search(r"^([ \t]+)[\"{\[]", self.text, re.MULTILINE)
        return found.group(1) if found else "  "

    def _explain(self, error: json.JSONDecodeError) -> DocumentError:
        index = error.pos
        rest, before = self._blanked[index:].lstrip(), self._blanked[:index].rstrip()
        if rest.startswith(("//", "/*")):
            reason = f"There is a comment, and {self._reader} does not accept comments in this file."
        elif rest[:1] in ("}", "]") and before.endswith(","):
            reason = f'There is a comma before "{rest[0]}", and {self._reader} does not accept that.'
        else:
            reason = next((words for sign, words in _FAULTS.items() if sign in error.msg), "A value is expected here.")
        return DocumentError.at(self.text, index, reason, next_step="Correct the file by hand, then try again.")


@dataclass(frozen=True)
class _Style:
    newline: str
    unit: str
    broken: bool
    blank: str
    pad: str
    broken_lists: bool

    def member(self, key: str | None, value: Any, indent: str) -> str:
        text = self.render(value, indent)
        return text if key is None else f"{_quoted(key)}:{self.blank}{text}"

    def render(self, value: Any, indent: str) -> str:
        if isinstance(value, dict) and value:
            parts = [self.member(key, inner, indent + self.unit) for key, inner in value.items()]
            return self._wrap("{", "}", parts, indent, self.broken)
        if isinstance(value, list) and value:
            parts = [self.render(inner, indent + self.unit) for inner in value]
            plain = not any(isinstance(inner, (dict, list)) for inner in value)
            line = self._wrap("[", "]", parts, indent, False)
            fits = plain and not self.broken_lists and len(indent) + len(line) <= _WIDTH
            return line if fits else self._wrap("[", "]", parts, indent, self.broken)
        return _quoted(value)

    def _wrap(self, opening: str, closing: str, parts: list[str], indent: str, broken: bool) -> str:
        if not broken:
            pad = self.pad if opening == "{" else ""
            return opening + pad + f",{self.blank}".join(parts) + pad + closing
        lead = self.newline + indent + self.unit
        return opening + lead + f",{lead}".join(parts) + self.newline + indent + closing


def _quoted(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    try:
        text.encode()
    except UnicodeEncodeError:  # half a surrogate pair can only be written escaped
        return json.dumps(value, allow_nan=False)
    return text


def _blank(text: str, *, comments: bool, trailing_commas: bool) -> str:
    if comments:
        text = _STRING_OR_COMMENT.sub(_blank_one, text)
    if trailing_commas:
        text = _STRING_OR_LAST_COMMA.sub(_blank_one, text)
    return text


def _blank_one(found: re.Match[str]) -> str:
    part = found.group()
    return part if part[0] == '"' else re.sub(r"[^\r\n]", " ", part)
