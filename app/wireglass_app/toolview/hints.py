"""What a tool's declaration says of it: its title, its annotations, whether it runs as a task. Pure."""

import unicodedata
from collections.abc import Mapping
from typing import Any

from wireglass_app.plain import DESCRIPTION_LIMIT, hidden_places

__all__ = ["hidden_words", "hint", "is_destructive", "task_support", "title_of"]

_MARKS = 12


def hint(tool: Mapping[str, Any], key: str) -> bool:
    """Whether an annotation says so outright."""
    hints = tool.get("annotations")
    return isinstance(hints, Mapping) and hints.get(key) is True


def is_destructive(tool: Mapping[str, Any]) -> bool:
    """Only what the server says outright: the specification's default would ask before nearly every tool."""
    return hint(tool, "destructiveHint") and not hint(tool, "readOnlyHint")


def title_of(tool: Mapping[str, Any], name: str) -> str:
    """`title`, else the title among the annotations, else the name."""
    hints = tool.get("annotations")
    told = hints.get("title") if isinstance(hints, Mapping) else None
    return str(tool.get("title") or told or name)


def task_support(tool: Mapping[str, Any]) -> str:
    """ "optional", "required" or "" (2025-11-25, `execution.taskSupport`)."""
    execution = tool.get("execution")
    support = execution.get("taskSupport") if isinstance(execution, Mapping) else None
    return support if support in ("optional", "required") else ""


def hidden_words(name: str, description: str) -> str:
    """Which characters are not seen, or change how others read: where, and what they are called."""
    found: list[str] = []
    for where, text in (("name", name[:DESCRIPTION_LIMIT]), ("description", description[:DESCRIPTION_LIMIT])):
        for at in hidden_places(text):
            called = unicodedata.name(text[at], "control character")
            found.append(f"{where}, place {at + 1}: U+{ord(text[at]):04X} {called.lower()}")
    more = len(found) - _MARKS
    return "\n".join(found[:_MARKS] + ([f"and {more} more"] if more > 0 else []))
