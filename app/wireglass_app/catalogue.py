"""What a server offers, as last read, and what changed since the time before. Pure data, no widget."""

from dataclasses import dataclass, field
from typing import Any, Literal

__all__ = ["CHANGED", "Catalogue", "Change", "Changes", "Lists", "lifetime"]

CHANGED = frozenset(
    {
        "notifications/tools/list_changed",
        "notifications/resources/list_changed",
        "notifications/prompts/list_changed",
    }
)

Kind = Literal["tool", "resource", "template", "prompt"]


@dataclass(frozen=True, slots=True)
class Lists:
    """The four lists as raw JSON objects; `problems` names a list that could not be read, and why."""

    tools: tuple[dict[str, Any], ...] = ()
    resources: tuple[dict[str, Any], ...] = ()
    templates: tuple[dict[str, Any], ...] = ()
    prompts: tuple[dict[str, Any], ...] = ()
    problems: tuple[tuple[str, str], ...] = ()
    lifetimes: tuple[tuple[str, float, str], ...] = ()
    """How long a list stays good (2026-07-28): its key, `ttlMs`, `cacheScope`; only of lists that tell."""


def lifetime(key: str, result: dict[str, Any]) -> tuple[str, float, str] | None:
    """What the first page of a list says of how long it may be kept, or None."""
    ttl = result.get("ttlMs")
    if not isinstance(ttl, int | float) or isinstance(ttl, bool):
        return None
    return key, float(ttl), str(result.get("cacheScope") or "")


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between two readings."""

    kind: Kind
    name: str
    what: Literal["new", "gone", "changed", "breaking"]
    detail: str
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Changes:
    """Ordered: breaking, gone, changed, new."""

    items: tuple[Change, ...]

    @property
    def summary(self) -> str:
        """ "+1 tool", "2 changed", or "no changes"."""
        parts = []
        for kind in ("tool", "resource", "template", "prompt"):
            new = sum(1 for c in self.items if c.kind == kind and c.what == "new")
            gone = sum(1 for c in self.items if c.kind == kind and c.what == "gone")
            parts += [f"+{new} {kind}{'s' if new > 1 else ''}"] if new else []
            parts += [f"−{gone} {kind}{'s' if gone > 1 else ''}"] if gone else []  # noqa: RUF001 (a minus sign)
        changed = sum(1 for c in self.items if c.what in ("changed", "breaking"))
        parts += [f"{changed} changed"] if changed else []
        return ", ".join(parts) or "no changes"

    def of(self, kind: Kind, name: str) -> Change | None:
        """The change of one item, if it has one."""
        return next((c for c in self.items if c.kind == kind and c.name == name), None)


@dataclass(slots=True)
class Catalogue:
    """The lists in use. `take` replaces them."""

    lists: Lists = field(default_factory=Lists)
    read: bool = False
    problem: str = ""

    @property
    def tools(self) -> tuple[dict[str, Any], ...]:
        return self.lists.tools

    @property
    def resources(self) -> tuple[dict[str, Any], ...]:
        return self.lists.resources

    @property
    def templates(self) -> tuple[dict[str, Any], ...]:
        return self.lists.templates

    @property
    def prompts(self) -> tuple[dict[str, Any], ...]:
        return self.lists.prompts

    def tool(self, name: str) -> dict[str, Any] | None:
        """The tool of a name; None when it is gone."""
        return next((tool for tool in self.lists.tools if tool.get("name") == name), None)

    def take(self, lists: Lists) -> Changes | None:
        """Replaces the lists. Returns what changed, or None for the first reading."""
        before, first = self.lists, not self.read
        self.lists, self.read, self.problem = lists, True, ""
        return None if first else compare(before, lists)


_ORDER = {"breaking": 0, "gone": 1, "changed": 2, "new": 3}


def compare(before: Lists, after: Lists) -> Changes:
    """What changed between two readings, breaking changes first."""
    found: list[Change] = []
    for kind, key, old, new in (
        ("tool", "name", before.tools, after.tools),
        ("resource", "uri", before.resources, after.resources),
        ("template", "uriTemplate", before.templates, after.templates),
        ("prompt", "name", before.prompts, after.prompts),
    ):
        found += _compare(kind, _keyed(old, key), _keyed(new, key))  # type: ignore[arg-type]  # the literals above
    return Changes(tuple(sorted(found, key=lambda change: _ORDER[change.what])))


def _keyed(items: tuple[dict[str, Any], ...], key: str) -> dict[str, dict[str, Any]]:
    return {str(item.get(key)): item for item in items}


def _compare(kind: Kind, old: dict[str, dict[str, Any]], new: dict[str, dict[str, Any]]) -> list[Change]:
    found = [Change(kind, name, "gone", "no longer offered", old[name]) for name in old if name not in new]
    for name, item in new.items():
        if name not in old:
            found.append(Change(kind, name, "new", "new", None, item))
        elif old[name] != item:
            breaking = _breaking(kind, old[name], item)
            what = "breaking" if breaking else "changed"
            found.append(Change(kind, name, what, breaking or _which(old[name], item), old[name], item))
    return found


def _which(old: dict[str, Any], new: dict[str, Any]) -> str:
    keys = [key for key in {**old, **new} if old.get(key) != new.get(key)]
    return "changed: " + ", ".join(keys)


def _breaking(kind: Kind, old: dict[str, Any], new: dict[str, Any]) -> str:
    """Why calls that worked before would now fail, or nothing."""
    if kind == "tool":
        return _narrower(_schema(old), _schema(new))
    if kind == "prompt":
        known = {a.get("name") for a in old.get("arguments") or () if a.get("required")}
        added = [a.get("name") for a in new.get("arguments") or () if a.get("required") and a.get("name") not in known]
        return f"now requires {', '.join(map(str, added))}" if added else ""
    return ""


def _schema(tool: dict[str, Any]) -> dict[str, Any]:
    found = tool.get("inputSchema")
    return found if isinstance(found, dict) else {}


def _narrower(old: dict[str, Any], new: dict[str, Any]) -> str:
    before, now = set(_names(old.get("required"))), set(_names(new.get("required")))
    old_fields, new_fields = _members(old), _members(new)
    reasons = []
    if added := now - before:
        reasons.append(f"now requires {', '.join(sorted(added))}")
    if lost := set(old_fields) - set(new_fields):
        reasons.append(f"no longer has {', '.join(sorted(lost))}")
    for name in sorted(set(old_fields) & set(new_fields)):
        was, is_now = old_fields[name], new_fields[name]
        if isinstance(was, dict) and isinstance(is_now, dict) and was.get("type") != is_now.get("type"):
            reasons.append(f"{name} is now {is_now.get('type', 'of another type')}")
    return "; ".join(reasons)


def _names(value: Any) -> list[str]:
    return [str(name) for name in value] if isinstance(value, list) else []


def _members(schema: dict[str, Any]) -> dict[str, Any]:
    found = schema.get("properties")
    return found if isinstance(found, dict) else {}
