"""Zed: servers among all other settings; entries that only hold `settings` belong to extensions."""

from typing import Any

from wireglass.targets.base import Shape, Target

__all__ = ["TARGET"]


def _is_extension(entry: dict[str, Any]) -> bool:
    return "command" not in entry and "url" not in entry


TARGET = Target(
    "zed",
    Shape(first={"source": "custom"}, sse=False, off=("enabled", False)),
    foreign=_is_extension,
)
