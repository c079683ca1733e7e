"""What a server offers, as last read, and what changed since the time before. Pure data, no widget."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from time import time
from typing import Any

from wireglass.recording.surface import Change, Changes, Lists, compare_lists
from wireglass_app.plain import item_words

__all__ = ["CHANGED", "Catalogue", "Change", "Changes", "Lists", "lifetime", "prepare_words", "tool_text"]

CHANGED = frozenset(
    {
        "notifications/tools/list_changed",
        "notifications/resources/list_changed",
        "notifications/prompts/list_changed",
    }
)
_LOOKED_INTO = 200
"""Changed items that are looked into while the window waits; Compare looks into all of them in a worker."""


def lifetime(key: str, result: dict[str, Any]) -> tuple[str, float, str] | None:
    """What the first page of a list says of how long it may be kept, or None."""
    ttl = result.get("ttlMs")
    if not isinstance(ttl, int | float) or isinstance(ttl, bool):
        return None
    return key, float(ttl), str(result.get("cacheScope") or "")


@dataclass(slots=True)
class Catalogue:
    """The lists in use. `take` replaces them."""

    lists: Lists = field(default_factory=Lists)
    before: Lists = field(default_factory=Lists)
    """The lists before the last change of them."""
    read: bool = False
    read_at: float = 0.0
    """When they were read, in seconds since 1970."""
    problem: str = ""
    readings: int = 0
    """How often lists were taken."""

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
        self.readings += 1
        if first or not lists.problems:  # what could not be read is as old as it was
            self.read_at = time()
        self.lists, self.read, self.problem = lists, True, ""
        if first:
            return None
        self.before = before
        return compare_lists(before, lists, most=_LOOKED_INTO)


def tool_text(tool: dict[str, Any]) -> tuple[str, str]:
    """The name of a tool and what it says of itself: what lists show of it."""
    hints = tool.get("annotations")
    title = hints.get("title") if isinstance(hints, dict) else None
    return str(tool.get("name", "")), str(tool.get("description") or tool.get("title") or title or "")


def prepare_words(tools: Sequence[dict[str, Any]]) -> None:
    """Finds the words of thousands of tools beforehand, in a thread, so that the window only looks them up."""
    for tool in tools:
        item_words(*tool_text(tool))
