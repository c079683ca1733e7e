"""Claude Desktop: strict JSON that the app itself rewrites; stdio only, remote servers through a bridge."""

from typing import Any

from wireglass.targets.base import Shape, Target
from wireglass.targets.links import percent
from wireglass.targets.servers import RemoteServer, Server

__all__ = ["TARGET"]


def _connector(server: Server, entry: dict[str, Any]) -> str | None:
    """The dialog for a custom connector, pre-filled; Anthropic's cloud connects, so only public https URLs work."""
    if not isinstance(server, RemoteServer) or not server.url.startswith("https://"):
        return None
    page = "https://claude.ai/customize/connectors?modal=add-custom-connector"
    return f"{page}&connectorName={percent(server.name)}&connectorUrl={percent(server.url)}"


TARGET = Target("claude-desktop", Shape(url=None), link=_connector, ways=("file", "bundle", "link"))
