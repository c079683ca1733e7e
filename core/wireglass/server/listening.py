"""Listening on an address of this machine with uvicorn, and a useful word when the port is taken."""

import asyncio
import errno
import socket
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wireglass.errors import LaunchError
from wireglass.settings import setting

if TYPE_CHECKING:
    import uvicorn

    from wireglass.server.app import FastMCP

__all__ = ["bind", "run_http_async"]

_APP_OPTIONS = (
    "path",
    "middleware",
    "json_response",
    "stateless_http",
    "event_store",
    "retry_interval",
    "host_origin_protection",
    "allowed_hosts",
    "allowed_origins",
    "session_idle_timeout",
)


async def run_http_async(
    server: "FastMCP",
    transport: Any,
    *,
    host: str | None = None,
    port: int | None = None,
    log_level: str | None = None,
    uvicorn_config: dict[str, Any] | None = None,
    sockets: list[socket.socket] | None = None,
    stateless: bool | None = None,
    **options: Any,
) -> None:
    """Serves over HTTP until a signal arrives. Raises LaunchError when the port is taken, TypeError for an option
    that does not exist."""
    import uvicorn

    unknown = [name for name in options if name not in _APP_OPTIONS]
    if unknown:
        raise TypeError(f"run() got unexpected options: {', '.join(unknown)}.")
    given = server.settings_given
    address = host or given.get("host") or setting("HOST") or "127.0.0.1"
    number = port if port is not None else int(given.get("port") or setting("PORT") or 8000)
    if stateless is not None:
        options.setdefault("stateless_http", stateless)
    options = {name: value for name, value in options.items() if value is not None}
    app = server.http_app(transport=transport, bound_host=address, **options)
    config: dict[str, Any] = {"timeout_graceful_shutdown": 1, "lifespan": "on", "ws": "none"}
    config["log_level"] = (log_level or setting("LOG_LEVEL") or "info").lower()
    config |= uvicorn_config or {}
    own = sockets if sockets is not None else [bind(address, number)]
    ending = _Ending(app)
    listener = _listener(uvicorn.Config(ending, **config), server)
    ending.told = lambda: listener.should_exit
    try:
        await _serve(listener, own)
    finally:
        if sockets is None:
            for each in own:
                each.close()


def _listener(config: "uvicorn.Config", server: "FastMCP") -> "uvicorn.Server":
    """uvicorn, which ends listen streams with their results before it waits for its connections to end."""
    import uvicorn

    class Listener(uvicorn.Server):
        async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
            server.subscriptions.end_all()
            await super().shutdown(sockets)

    return Listener(config)


async def _serve(listener: "uvicorn.Server", sockets: list[socket.socket]) -> None:
    """Serves until a signal arrives. Cancelled, it still ends as it does then: requests first, then the lifespan."""
    serving = asyncio.ensure_future(listener.serve(sockets=sockets))
    try:
        await asyncio.shield(serving)
    except asyncio.CancelledError:
        listener.should_exit = True
        try:
            await serving
        finally:
            serving.cancel()
        raise


class _Ending:
    """The app. Requests that are under way when the server has to stop end with a status, not with a stack trace."""

    def __init__(self, app: Any) -> None:
        self._app = app
        self.told: Callable[[], bool] = lambda: False
        """Whether the server was told to stop."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        started = False

        async def watched(message: Any) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except asyncio.CancelledError:
            if scope["type"] != "http" or not self.told():
                raise
            if not started:
                await send({"type": "http.response.start", "status": 503, "headers": [(b"content-length", b"0")]})
            await send({"type": "http.response.body", "body": b""})


def bind(host: str, port: int) -> socket.socket:
    """A socket on this address. Raises LaunchError that says who holds the port and which one is free."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The protocol is named because asyncio sets TCP_NODELAY only on sockets that say so, and accepted ones inherit it:
    # without it an answer waits 40 ms for its second packet.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        listener.bind((host.strip("[]"), port))
    except OSError as error:
        listener.close()
        if error.errno != errno.EADDRINUSE:
            raise LaunchError(f"Cannot listen on {host}:{port}: {error.strerror}.") from error
        holder = _holder_of(port)
        held = f" by {holder}" if holder else ""
        free = _next_free(family, host, port)
        step = f"Port {free} is free: --port {free}." if free else "Choose another port with --port."
        raise LaunchError(f"Address already in use: {host}:{port} is taken{held}.", next_step=step) from error
    return listener


def _next_free(family: int, host: str, port: int) -> int | None:
    for candidate in range(port + 1, min(port + 50, 65536)):
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host.strip("[]"), candidate))
            except OSError:
                continue
            return candidate
    return None


def _holder_of(port: int) -> str | None:
    """The process that listens on a port, where /proc tells (Linux, own processes)."""
    inodes = _listening_inodes(port)
    if not inodes:
        return None
    for process in Path("/proc").glob("[0-9]*"):
        try:
            for link in (process / "fd").iterdir():
                if str(link.readlink()) in inodes:
                    name = (process / "comm").read_text().strip()
                    return f"{name} (process {process.name})"
        except OSError:
            continue
    return None


def _listening_inodes(port: int) -> set[str]:
    found: set[str] = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            lines = Path(table).read_text().splitlines()[1:]
        except OSError:
            continue
        for line in lines:
            parts = line.split()
            if parts[3] == "0A" and int(parts[1].rpartition(":")[2], 16) == port:
                found.add(f"socket:[{parts[9]}]")
    return found
