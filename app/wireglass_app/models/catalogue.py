"""Rows of the tool, resource and prompt lists: made once from the raw lists, grouped and filtered without Qt."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from wireglass.recording.timing import median
from wireglass_app.calls import Call
from wireglass_app.catalogue import Changes, tool_text
from wireglass_app.plain import DESCRIPTION_LIMIT, counted, hidden_count, item_words, short_duration, size, visible

__all__ = [
    "CHANGE_TONES",
    "GONE",
    "Heading",
    "ItemRow",
    "filtered",
    "prompt_parts",
    "resource_parts",
    "tool_parts",
    "tool_rows",
]

CHANGE_TONES: dict[str, str] = {"breaking": "warn", "gone": "bad", "changed": "info", "new": "ok"}
"""The tint of each kind of change since the last reload, the same in lists, heads and Compare."""

_PREFIXES = "_./-:"
_FEW = 6
"""Below this many tools, headings made of name prefixes would only be noise."""
_MANY = 500
"""From here on, looking for shared prefixes would take too long."""
_PART = 500
_SLOW_MS = 3000
_MOST_GONE = 200
_Read = Literal["resource", "template"]
GONE = "Gone"
"""The group of what a reload took away."""


@dataclass(frozen=True, slots=True)
class Heading:
    """A group's name and how many items it has."""

    text: str
    count: int
    opened: bool = True


@dataclass(frozen=True, slots=True)
class ItemRow:
    """One item of a list, in words that are safe to show. `name` alone is the server's raw name."""

    kind: Literal["tool", "resource", "template", "prompt"]
    name: str
    shown: str
    text: str
    group: str
    raw: Mapping[str, Any]
    marks: tuple[tuple[str, str, str], ...] = ()
    """(icon, token, words) in front of the note at the right."""
    note: str = ""
    change: str = ""
    """"new", "changed", "breaking" or "gone" after a reload, until seen."""
    hidden: int = 0
    icon: str = ""
    flags: frozenset[str] = frozenset()

    @property
    def spoken(self) -> str:
        """What a screen reader says: "create_label, asks you, median 1.5 s, new"."""
        parts = [self.shown, *(words for _, _, words in self.marks), self.note, self.change, self.text]
        return ", ".join(part for part in parts if part)


def tool_rows(tools: Sequence[dict[str, Any]], calls: Iterable[Call], changes: Changes | None) -> list[ItemRow]:
    """The tools in the server's order, with what their annotations and earlier calls tell."""
    return [one for part in tool_parts(tools, calls, changes) for one in part]


def tool_parts(
    tools: Sequence[dict[str, Any]], calls: Iterable[Call], changes: Changes | None
) -> Iterator[list[ItemRow]]:
    """The same in parts that take a few milliseconds each; any thread may make them."""
    by_name: dict[str, list[Call]] = {}
    for call in calls:
        if call.method == "tools/call":
            by_name.setdefault(call.name, []).append(call)
    groups = _groups(tools)
    told = _told(changes, "tool")
    for at in range(0, len(tools), _PART):
        some = zip(tools[at : at + _PART], groups[at : at + _PART], strict=True)
        yield [_tool_row(tool, group, by_name, told) for tool, group in some]
    yield [_tool_row(tool, GONE, by_name, told) for tool in _gone(changes, "tool")]


def _gone(changes: Changes | None, kind: str) -> list[dict[str, Any]]:
    """What the last reload took away, as it was: shown until somebody has looked at it."""
    items = changes.items if changes is not None else ()
    gone = (one.before for one in items if one.what == "gone" and one.kind == kind)
    return [before for before in gone if before is not None][:_MOST_GONE]


def _tool_row(tool: dict[str, Any], group: str, calls: dict[str, list[Call]], told: Mapping[str, str]) -> ItemRow:
    name, text = tool_text(tool)
    hints = tool.get("annotations")
    hints = hints if isinstance(hints, dict) else {}
    runs = calls.get(name, [])
    times = [call.milliseconds for call in runs if call.state in ("done", "tool-error")]
    usual = median(times)
    marks: list[tuple[str, str, str]] = []
    flags = set()
    if hints.get("readOnlyHint") is True:
        marks.append(("eye", "text.secondary", "read-only"))
        flags.add("read-only")
    elif hints.get("destructiveHint") is True:
        marks.append(("bin", "bad.text", "destructive"))
        flags.add("destructive")
    kinds = {question.kind for call in runs for question in call.questions}
    if "elicitation" in kinds:
        marks.append(("person", "human.text", "asks you"))
    if "sampling" in kinds:
        marks.append(("spark", "human.text", "asks a model"))
    if usual is not None and usual > _SLOW_MS:
        marks.append(("clock", "text.secondary", "usually slow"))
    shown, line, hidden = item_words(name, text)
    return ItemRow(
        kind="tool",
        name=name,
        shown=shown,
        text=line,
        group=group,
        raw=tool,
        marks=tuple(marks),
        note=short_duration(usual) if usual is not None else "",
        change=told.get(name, ""),
        hidden=hidden,
        flags=frozenset(flags),
    )


def resource_parts(
    resources: Sequence[dict[str, Any]], templates: Sequence[dict[str, Any]], changes: Changes | None
) -> Iterator[list[ItemRow]]:
    """Resources with kind and size as the server tells them, then the templates; in parts, as `tool_parts`."""
    yield from _parts_of_kind(resources, "resource", "uri", "Resources", changes)
    yield from _parts_of_kind(templates, "template", "uriTemplate", "Templates", changes)


def _parts_of_kind(
    items: Sequence[dict[str, Any]], kind: _Read, key: str, group: str, changes: Changes | None
) -> Iterator[list[ItemRow]]:
    told = _told(changes, kind)
    for at in range(0, len(items), _PART):
        yield [_resource(item, kind, key, group, told) for item in items[at : at + _PART]]
    yield [_resource(item, kind, key, GONE, told) for item in _gone(changes, kind)]


def _resource(item: dict[str, Any], kind: _Read, key: str, group: str, told: Mapping[str, str]) -> ItemRow:
    uri = str(item.get(key, ""))
    mime = str(item.get("mimeType") or "")
    octets = item.get("size")
    parts = [_short_mime(mime), size(octets) if isinstance(octets, int) and octets >= 0 else ""]
    text = str(item.get("title") or item.get("description") or item.get("name") or "")
    return ItemRow(
        kind=kind,
        name=uri,
        shown=visible(uri),
        text=visible(_first_line(text), 300),
        group=group,
        raw=item,
        note=" · ".join(part for part in parts if part),
        change=told.get(uri, ""),
        hidden=hidden_count(uri) + hidden_count(text[:DESCRIPTION_LIMIT]),
        icon="image" if mime.startswith("image/") else "audio" if mime.startswith("audio/") else "file",
    )


def prompt_parts(prompts: Sequence[dict[str, Any]], changes: Changes | None) -> Iterator[list[ItemRow]]:
    """Prompts with the number of their arguments; in parts, as `tool_parts`."""
    told = _told(changes, "prompt")
    for at in range(0, len(prompts), _PART):
        yield [_prompt(prompt, "Prompts", told) for prompt in prompts[at : at + _PART]]
    yield [_prompt(prompt, GONE, told) for prompt in _gone(changes, "prompt")]


def _prompt(prompt: dict[str, Any], group: str, told: Mapping[str, str]) -> ItemRow:
    name = str(prompt.get("name", ""))
    text = str(prompt.get("description") or prompt.get("title") or "")
    number = len(prompt.get("arguments") or ())
    return ItemRow(
        kind="prompt",
        name=name,
        shown=visible(name),
        text=visible(_first_line(text), 300),
        group=group,
        raw=prompt,
        note=counted(number, "argument") if number else "",
        change=told.get(name, ""),
        hidden=hidden_count(name) + hidden_count(text[:DESCRIPTION_LIMIT]),
        icon="prompt",
    )


def filtered(
    rows: Sequence[ItemRow], wanted: str, flag: str = "", closed: frozenset[str] = frozenset()
) -> list[ItemRow | Heading]:
    """Rows whose name or text holds every word of `wanted`, under their headings. One group alone has no heading."""
    words = wanted.lower().split()
    kept = [
        row
        for row in rows
        if (not flag or flag in row.flags)
        and all(word in row.name.lower() or word in row.text.lower() for word in words)
    ]
    groups: dict[str, list[ItemRow]] = {}
    for row in kept:
        groups.setdefault(row.group, []).append(row)
    if len(groups) <= 1 and len({row.group for row in rows}) <= 1:
        return list(kept)
    found: list[ItemRow | Heading] = []
    for name, members in groups.items():
        opened = name not in closed or bool(words)
        if name:  # beside what is gone, what is there needs no heading
            found.append(Heading(name, len(members), opened))
        found += members if opened else []
    return found


def _groups(tools: Sequence[dict[str, Any]]) -> list[str]:
    """By first tag where there are tags, else by the name's prefix where several share one."""
    tags = [_tags(tool) for tool in tools]
    if any(tags):
        return [visible(own[0].capitalize(), 60) if own else "Other" for own in tags]
    if not _FEW <= len(tools) < _MANY:
        return [""] * len(tools)
    prefixes = [_prefix(str(tool.get("name", ""))) for tool in tools]
    shared = {prefix for prefix in prefixes if prefix and prefixes.count(prefix) > 1}
    if len(shared) < 2:
        return [""] * len(tools)
    return [visible(prefix.capitalize(), 60) if prefix in shared else "Other" for prefix in prefixes]


def _tags(tool: dict[str, Any]) -> list[str]:
    meta = tool.get("_meta")
    if not isinstance(meta, dict):
        return []
    for key in ("fastmcp", "_fastmcp", "dev.wireglass"):
        own = meta.get(key)
        if isinstance(own, dict) and isinstance(own.get("tags"), list):
            return sorted(str(tag) for tag in own["tags"])
    return []


def _prefix(name: str) -> str:
    cut = min((at for sign in _PREFIXES if (at := name.find(sign)) > 0), default=-1)
    return name[:cut] if cut > 0 else ""


def _told(changes: Changes | None, kind: str) -> dict[str, str]:
    """What changed, by name; of several changes of an item the first, which hurts most."""
    items = changes.items if changes is not None else ()
    return {one.name: one.what for one in reversed(items) if one.kind == kind}


def _first_line(text: str) -> str:
    return next((line.strip() for line in text[:2000].splitlines() if line.strip()), "")


def _short_mime(mime: str) -> str:
    known = {"application/json": "json", "text/plain": "text", "text/markdown": "markdown", "text/csv": "csv"}
    return visible(known.get(mime, "image" if mime.startswith("image/") else mime.removeprefix("application/")), 40)
