"""What a server shows to its clients, and what changed between two looks at it: two starts, two servers, two sessions.

Pure. Changes are ordered by how much they hurt: breaking, gone, changed, new.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from wireglass.protocol.messages import JsonObject, as_object
from wireglass.protocol.schema_change import SchemaChange, Side, schema_changes

__all__ = ["Change", "Changes", "Kind", "Lists", "Surface", "What", "compare_lists", "compare_surfaces", "ordered"]

Kind = Literal["tool", "resource", "template", "prompt", "instructions", "capability", "server"]
What = Literal["breaking", "gone", "changed", "new"]

_ORDER: Final[dict[str, int]] = {"breaking": 0, "gone": 1, "changed": 2, "new": 3}
_SAID: Final = 4
"""Reasons that a line quotes; the rest is counted."""


@dataclass(frozen=True, slots=True)
class Lists:
    """The four lists as raw JSON objects; `problems` names a list that could not be read, and why."""

    tools: tuple[JsonObject, ...] = ()
    resources: tuple[JsonObject, ...] = ()
    templates: tuple[JsonObject, ...] = ()
    prompts: tuple[JsonObject, ...] = ()
    problems: tuple[tuple[str, str], ...] = ()
    lifetimes: tuple[tuple[str, float, str], ...] = ()
    """How long a list stays good (2026-07-28): its key, `ttlMs`, `cacheScope`; only of lists that tell."""


@dataclass(frozen=True, slots=True)
class Surface:
    """One look at a server."""

    lists: Lists = field(default_factory=Lists)
    version: str = ""
    """The protocol revision that was agreed on."""
    server_info: JsonObject = field(default_factory=dict[str, Any])
    capabilities: JsonObject = field(default_factory=dict[str, Any])
    instructions: str | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between two looks."""

    kind: Kind
    name: str
    what: What
    detail: str
    """What changed, in a few words: "input: parcels[].weight_kg is now required"."""
    before: Any = None
    """The member that changed if it is one (`part`), else the whole item; None when there was none."""
    after: Any = None
    part: str = ""
    """The member that changed: "inputSchema"; empty for several or all."""
    meaning: str = ""
    """What it means for those who call, as a sentence; may be empty."""


@dataclass(frozen=True, slots=True)
class Changes:
    """Ordered: breaking, gone, changed, new. One item may have a breaking change and others beside."""

    items: tuple[Change, ...]

    @property
    def summary(self) -> str:
        """ "+1 tool", "2 changed", or "no changes"."""
        parts: list[str] = []
        for kind in ("tool", "resource", "template", "prompt"):
            new = sum(1 for c in self.items if c.kind == kind and c.what == "new")
            gone = sum(1 for c in self.items if c.kind == kind and c.what == "gone")
            parts += [f"+{new} {kind}{'s' if new > 1 else ''}"] if new else []
            parts += [f"−{gone} {kind}{'s' if gone > 1 else ''}"] if gone else []  # noqa: RUF001 (a minus sign)
        changed = len({(c.kind, c.name) for c in self.items if c.what in ("changed", "breaking")})
        parts += [f"{changed} changed"] if changed else []
        return ", ".join(parts) or "no changes"

    def of(self, kind: Kind, name: str) -> Change | None:
        """The change of one item that hurts most, if it has one."""
        return next((c for c in self.items if c.kind == kind and c.name == name), None)


def ordered(changes: list[Change]) -> Changes:
    """Breaking first; otherwise the order in which they were found."""
    return Changes(tuple(sorted(changes, key=lambda change: _ORDER[change.what])))


def compare_lists(before: Lists, after: Lists, *, most: int | None = None) -> Changes:
    """What changed between two readings of a server's lists.

    Looking into what changed takes some 0.2 ms an item: beyond `most` of them it is only said that they did.
    """
    return ordered(list(_lists(before, after, most)))


def compare_surfaces(before: Surface, after: Surface) -> Changes:
    """The same for everything that two servers, or one at two times, show."""
    found = list(_lists(before.lists, after.lists, None))
    found += _capabilities(before.capabilities, after.capabilities)
    if before.instructions != after.instructions:
        found.append(_plain("instructions", "instructions", before.instructions, after.instructions))
    if before.version != after.version and before.version and after.version:
        words = f"speaks {after.version}, not {before.version}"
        found.append(Change("server", "protocol revision", "changed", words, before.version, after.version))
    if before.server_info != after.server_info:
        keys = _differing(before.server_info, after.server_info)
        words = "serverInfo: " + ", ".join(keys)
        found.append(Change("server", "server", "changed", words, before.server_info, after.server_info, "serverInfo"))
    return ordered(found)


_Comparing = Callable[[Kind, str, JsonObject, JsonObject], Iterator[Change]]


_LIST_OF: dict[str, Kind] = {
    "tools": "tool",
    "resources": "resource",
    "resourceTemplates": "template",
    "prompts": "prompt",
}


def _lists(before: Lists, after: Lists, most: int | None) -> Iterator[Change]:
    looked_into = 0
    kinds: tuple[tuple[Kind, str, tuple[JsonObject, ...], tuple[JsonObject, ...], _Comparing], ...] = (
        ("tool", "name", before.tools, after.tools, _tool),
        ("resource", "uri", before.resources, after.resources, _other),
        ("template", "uriTemplate", before.templates, after.templates, _other),
        ("prompt", "name", before.prompts, after.prompts, _prompt),
    )
    unread = {_LIST_OF[key] for key, _why in after.problems if key in _LIST_OF}
    for kind, key, old_items, new_items, look in kinds:
        if kind in unread:
            continue  # that a list could not be read does not mean that its items are gone
        old, new = _keyed(old_items, key), _keyed(new_items, key)
        yield from _one_sided(kind, old, new)
        for name, item in new.items():
            if name in old and old[name] != item:
                looked_into += 1
                deep = most is None or looked_into <= most
                yield from (look if deep else _unread)(kind, name, old[name], item)


def _keyed(items: tuple[JsonObject, ...], key: str) -> dict[str, JsonObject]:
    return {str(item.get(key)): item for item in items}


def _one_sided(kind: Kind, old: dict[str, JsonObject], new: dict[str, JsonObject]) -> Iterator[Change]:
    for name, item in old.items():
        if name not in new:
            yield Change(kind, name, "gone", kind, item, None, meaning=f"Clients that use this {kind} get an error.")
    for name, item in new.items():
        if name not in old:
            yield Change(kind, name, "new", _sort_of(kind, item), None, item)


def _unread(kind: Kind, name: str, old: JsonObject, new: JsonObject) -> Iterator[Change]:
    yield Change(kind, name, "changed", ", ".join(_differing(old, new)), old, new)


def _sort_of(kind: Kind, item: JsonObject) -> str:
    """ "tool · 3 arguments"."""
    members = as_object(as_object(item.get("inputSchema")).get("properties")) if kind == "tool" else {}
    given = item.get("arguments") if kind == "prompt" else None
    number = len(members) or (len(given) if isinstance(given, list) else 0)
    return f"{kind} · {number} argument{'' if number == 1 else 's'}" if number else kind


# --- tools ---

_REFUSED: Final = "Calls that worked before may now be refused, also those of clients that keep the old list."
_UNREAD: Final = "Clients that read or check results by the old schema may now fail."
_SCHEMAS: Final[tuple[tuple[str, str, Side, str], ...]] = (
    ("inputSchema", "input", "arguments", _REFUSED),
    ("outputSchema", "output", "result", _UNREAD),
)


def _tool(kind: Kind, name: str, old: JsonObject, new: JsonObject) -> Iterator[Change]:
    quiet: list[str] = []
    parts: list[str] = []
    for member, short, side, meaning in _SCHEMAS:
        if old.get(member) == new.get(member):
            continue
        hurting, harmless = _schema(old.get(member), new.get(member), side)
        if hurting:
            words = f"{short}: {_said(hurting)}"
            yield Change(kind, name, "breaking", words, old.get(member), new.get(member), member, meaning)
        if harmless:
            quiet.append(f"{short}: {_said(harmless)}")
        if harmless or not hurting:
            parts.append(member)
            quiet += [] if harmless else [f"{short}: written in another way"]
    yield from _task_support(name, old, new)
    others = [key for key in _differing(old, new) if key not in ("inputSchema", "outputSchema")]
    quiet = [*_annotations(old, new), *(key for key in others if key != "annotations"), *quiet]
    yield from _rest(kind, name, old, new, [*others, *parts], quiet)


def _schema(old: Any, new: Any, side: Side) -> tuple[list[str], list[str]]:
    if old is None and side == "result":
        return [], ["results now follow a schema"]
    if new is None and side == "result":
        return ["results no longer follow a schema"], []
    found = schema_changes(old, new, side)
    hurting = [one.words for one in found if one.breaking]
    return hurting, [_quietly(one) for one in found if not one.breaking]


def _quietly(change: SchemaChange) -> str:
    return f"+ {change.path}" if change.words.endswith(" is new") else change.words


def _annotations(old: JsonObject, new: JsonObject) -> list[str]:
    before, after = as_object(old.get("annotations")), as_object(new.get("annotations"))
    return [f"{name} is now {after.get(name, 'not given')}" for name in _differing(before, after)]


def _task_support(name: str, old: JsonObject, new: JsonObject) -> Iterator[Change]:
    before, after = (as_object(one.get("execution")).get("taskSupport", "forbidden") for one in (old, new))
    if before == after:
        return
    if after == "required" or after == "forbidden":
        words = f"task support is now {after}, was {before}"
        meaning = "Calls without a task are refused." if after == "required" else "Calls as a task are refused."
        yield Change("tool", name, "breaking", words, old.get("execution"), new.get("execution"), "execution", meaning)


# --- the others ---


def _other(kind: Kind, name: str, old: JsonObject, new: JsonObject) -> Iterator[Change]:
    keys = _differing(old, new)
    yield from _rest(kind, name, old, new, keys, keys)


def _prompt(kind: Kind, name: str, old: JsonObject, new: JsonObject) -> Iterator[Change]:
    before, after = _arguments(old), _arguments(new)
    hurting = [
        f"{one} is now required"
        for one, facts in after.items()
        if facts.get("required") is True and before.get(one, {}).get("required") is not True
    ]
    hurting += [f"{one} is no longer taken" for one in before if one not in after]
    if hurting:
        meaning = "Clients that fill in the arguments they know get an error."
        both = old.get("arguments"), new.get("arguments")
        yield Change(kind, name, "breaking", _said(hurting), *both, "arguments", meaning)
    quiet = [f"+ {one}" for one in after if one not in before and after[one].get("required") is not True]
    keys = _differing(old, new)
    others = [key for key in keys if key != "arguments"]
    if "arguments" in keys and (quiet or not hurting):
        others.append("arguments")
        quiet = quiet or ["arguments"]
    yield from _rest(kind, name, old, new, others, [*(key for key in others if key != "arguments"), *quiet])


def _arguments(prompt: JsonObject) -> dict[str, JsonObject]:
    given = prompt.get("arguments")
    items: list[Any] = given if isinstance(given, list) else []
    return {str(one.get("name")): one for one in items if isinstance(one, dict)}


def _rest(
    kind: Kind, name: str, old: JsonObject, new: JsonObject, keys: list[str], words: list[str]
) -> Iterator[Change]:
    """What changed without breaking anything: one line, shown as the one member or as all that changed."""
    keys = list(dict.fromkeys(keys))
    if not keys:
        return
    if len(keys) == 1:
        yield Change(kind, name, "changed", _said(words or keys), old.get(keys[0]), new.get(keys[0]), keys[0])
        return
    before, after = ({key: one[key] for key in keys if key in one} for one in (old, new))
    yield Change(kind, name, "changed", _said(words or keys), before, after)


def _capabilities(old: JsonObject, new: JsonObject) -> Iterator[Change]:
    """One level deep: what is offered, and its switches."""
    for name in {**old, **new}:
        if name not in new:
            yield Change("capability", name, "gone", "capability", old[name], None)
        elif name not in old:
            yield Change("capability", name, "new", "capability", None, new[name])
        elif old[name] != new[name]:
            keys = _differing(as_object(old[name]), as_object(new[name]))
            yield Change("capability", name, "changed", "capability: " + ", ".join(keys), old[name], new[name])


def _plain(kind: Kind, name: str, old: Any, new: Any) -> Change:
    what: What = "new" if old is None else "gone" if new is None else "changed"
    return Change(kind, name, what, "text for the model", old, new)


def _differing(old: JsonObject, new: JsonObject) -> list[str]:
    return [key for key in {**old, **new} if old.get(key) != new.get(key) or (key in old) != (key in new)]


def _said(reasons: list[str]) -> str:
    more = len(reasons) - _SAID
    return "; ".join(reasons[:_SAID]) + (f"; and {more} more" if more > 0 else "")
