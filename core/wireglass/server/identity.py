"""How a server introduces itself: its name, and what it says it can do."""

import secrets
from functools import cache
from typing import Any

from wireglass.server.components import as_icons

__all__ = ["Identity"]


class Identity:
    """Name, version and looks of a server."""

    def __init__(
        self,
        name: str | None,
        *,
        version: str | float | None = None,
        title: str | None = None,
        website_url: str | None = None,
        icons: list[Any] | None = None,
    ) -> None:
        self.name = name or f"FastMCP-{secrets.token_hex(2)}"
        self.version = str(version) if version is not None else None
        self.title = title
        self.website_url = website_url
        self.icons = as_icons(icons) or []

    def wire(self, protocol_version: str) -> dict[str, Any]:
        """`serverInfo` in the given revision."""
        info: dict[str, Any] = {"name": self.name, "version": self.version or own_version()}
        if self.title is not None and protocol_version >= "2025-06-18":
            info["title"] = self.title
        if protocol_version >= "2025-11-25":
            if self.website_url is not None:
                info["websiteUrl"] = self.website_url
            if self.icons:
                info["icons"] = [icon.wire() for icon in self.icons]
        return info


@cache
def own_version() -> str:
    """The version of Wireglass."""
    from wireglass import __version__

    return __version__
