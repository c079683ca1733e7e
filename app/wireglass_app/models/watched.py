"""Which calls are watched, by server: kept in the settings."""

from typing import Any

from wireglass_app.settings import Settings

__all__ = ["Watched"]


class Watched:
    """Reads and writes `watched.<server>`: {tool: arguments}."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def of(self, server: str) -> dict[str, dict[str, Any]]:
        """Arguments by tool."""
        found: Any = self._settings.get(f"watched.{server}", {})
        return {str(name): one for name, one in found.items() if isinstance(one, dict)}

    def toggle(self, server: str, tool: str, arguments: dict[str, Any]) -> bool:
        """Watches a call, or no longer. Returns whether it is watched now."""
        known = self.of(server)
        on = tool not in known
        others = {name: one for name, one in known.items() if name != tool}
        self._settings.set(f"watched.{server}", others | ({tool: arguments} if on else {}))
        return on
