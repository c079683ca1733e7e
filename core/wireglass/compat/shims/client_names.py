"""Names of other runtimes' clients that ours does in another place."""

from typing import Any, Literal

from wireglass.client.client import Client

__all__ = ["ElicitResult", "ProxyClient", "StatefulProxyClient", "default_progress_handler"]


class ElicitResult:
    """What an elicitation handler returns: an action and, when accepted, values of any kind."""

    def __init__(self, action: Literal["accept", "decline", "cancel"] = "accept", content: Any = None) -> None:
        self.action = action
        self.content = content

    def __class_getitem__(cls, item: Any) -> Any:
        return cls


class ProxyClient(Client):
    """A client behind a proxy. The proxy itself forwards questions, logs and progress, for any client."""


class StatefulProxyClient(ProxyClient):
    """A client behind a proxy that keeps one connection for each session."""

    def new_stateful(self) -> "StatefulProxyClient":
        """This client: the proxy keeps the connection open."""
        return self


async def default_progress_handler(progress: float, total: float | None, message: str | None) -> None:
    """Writes progress to the log at level DEBUG."""
    from wireglass.compat.shims.logs import get_logger

    share = f"{100 * progress / total:.1f}%" if total else f"{progress:g}"
    get_logger("client.progress").debug("Progress: %s %s", share, message or "")
