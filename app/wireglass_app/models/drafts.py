"""What was typed per tool, prompt or template, and what was sent before: kept per server, so it is never lost."""

import json
from typing import Any, Literal

from wireglass_app.settings import RUNS_KEPT, Settings

__all__ = ["Drafts"]

_LIMIT = 100_000
"""Characters of one draft; a larger one is kept only while the window is open."""


class Drafts:
    """Reads and writes `drafts.*` and `runs.*` of the settings. `kind` tells prompts and templates from tools."""

    def __init__(self, settings: Settings, kind: Literal["", "prompt", "template"] = "") -> None:
        self._settings = settings
        self._kind = kind
        self._large: dict[str, Any] = {}

    def get(self, server: str, tool: str) -> Any:
        """The draft of a tool, or None."""
        key = self._key(server, tool)
        return self._large.get(key, self._settings.get(key))

    def keep(self, server: str, tool: str, value: Any) -> None:
        """Remembers what the form holds now."""
        key = self._key(server, tool)
        if len(json.dumps(value, default=str)) > _LIMIT:
            self._large[key] = value
        else:
            self._large.pop(key, None)
            self._settings.set(key, value)

    def _key(self, server: str, name: str) -> str:
        return ".".join(("drafts", *((self._kind,) if self._kind else ()), server, name))

    def sent(self, server: str, tool: str, arguments: dict[str, Any]) -> None:
        """Remembers the arguments of a run."""
        if len(json.dumps(arguments, default=str)) > _LIMIT:
            return
        key = f"runs.{server}.{tool}"
        before = [one for one in self._settings.get(key, []) if one != arguments]
        self._settings.set(key, [*before, arguments][-RUNS_KEPT:])

    def earlier(self, server: str, tool: str) -> list[dict[str, Any]]:
        """Arguments of earlier runs, oldest first, also of earlier sessions."""
        return [one for one in self._settings.get(f"runs.{server}.{tool}", []) if isinstance(one, dict)]
