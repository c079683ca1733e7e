"""Running a server: stdio or HTTP, until the client is gone or the process is told to stop."""

import asyncio
import contextlib
import logging
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import TYPE_CHECKING, Any

from wireglass.errors import LaunchError
from wireglass.loading import uncollected
from wireglass.settings import flag, setting

if TYPE_CHECKING:
    from wireglass.server.app import FastMCP

__all__ = ["run", "run_async", "run_stdio_async", "serve_http", "set_up_log"]

_LOG_FORMAT = "%(levelname)s %(name)s: %(message)s"
_NAMES: tuple[str, ...] = ("stdio", "http", "streamable-http", "sse")


def run(server: "FastMCP", transport: str | None, options: dict[str, Any]) -> None:
    """Serves until the end. Without a transport, a script's own command line and the environment decide."""
    if transport is None and not options.get("host") and not options.get("port"):
        transport, more = _from_command_line(sys.argv[1:])
        options = {**more, **options}
    try:
        asyncio.run(run_async(server, transport, options))
    except KeyboardInterrupt:
        pass
    except LaunchError as error:
        raise SystemExit(f"{error.message} {error.next_step}".strip()) from error


def _from_command_line(argv: Sequence[str]) -> tuple[str | None, dict[str, Any]]:
    """`--transport`, `--host`, `--port`, `--path` of a script; everything else is left to the script."""
    if not argv:
        return None, {}
    import argparse

    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--transport", "-t", choices=_NAMES)
    parser.add_argument("--host")
    parser.add_argument("--port", type=int)
    parser.add_argument("--path")
    found, _ = parser.parse_known_args(list(argv))
    options = {name: getattr(found, name) for name in ("host", "port", "path") if getattr(found, name) is not None}
    return found.transport, options


async def run_async(server: "FastMCP", transport: str | None, options: dict[str, Any]) -> None:
    """As `run`, inside a running loop. Raises ValueError for an unknown transport."""
    name = transport or setting("TRANSPORT") or "stdio"
    if name not in _NAMES:
        raise ValueError(f"Unknown transport: {name}. It is one of {', '.join(_NAMES)}.")
    given = options.pop("show_banner", None)
    banner = flag("SHOW_SERVER_BANNER", True) if given is None else given
    if name == "stdio":
        options.pop("stateless", None)
        log_level = options.pop("log_level", None)
        _refuse(options, "stdio")
        await server.run_stdio_async(show_banner=banner, log_level=log_level)
    else:
        await server.run_http_async(show_banner=banner, transport=name, **options)


async def serve_http(server: "FastMCP", transport: Any, options: dict[str, Any]) -> None:
    """Listens until a signal arrives; options and errors as in `listening.run_http_async`."""
    from wireglass.server.listening import run_http_async

    set_up_log(options.get("log_level"))
    await run_http_async(server, transport, **options)


def _refuse(options: dict[str, Any], transport: str) -> None:
    """stdio has no address; options for one are a mistake worth a word, not a failure."""
    unused = [name for name, value in options.items() if value is not None]
    if unused:
        logging.getLogger(__name__).warning("%s are not used over %s.", ", ".join(unused), transport)


def set_up_log(level: str | None) -> None:
    """On stderr, unless the author set up logging: what was asked for; else what middleware and the author's own
    `fastmcp` loggers say, since whoever adds a TimingMiddleware wants to read its lines."""
    chosen, root = (level or setting("LOG_LEVEL") or "").upper(), logging.getLogger()
    if root.handlers:
        return
    if chosen:
        logging.basicConfig(level=chosen, stream=sys.stderr, format=_LOG_FORMAT)
        return
    authors = logging.getLogger("fastmcp")
    if not authors.handlers and authors.level == logging.NOTSET:
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(logging.Formatter(_LOG_FORMAT))
        authors.addHandler(handler)
        authors.setLevel(logging.INFO)


async def run_stdio_async(server: "FastMCP", log_level: str | None = None) -> None:
    """Serves the process's own stdin and stdout until stdin ends or a signal arrives."""
    set_up_log(log_level)
    with uncollected():
        from wireglass.session.server_end import ServerSession
        from wireglass.wire.own_streams import StdioServerTransport

    async with server._lifespan():
        session = ServerSession(server._handle, StdioServerTransport(), on_notification=server._handle_notification)
        await _until_stopped(session.run(), server.subscriptions.say_goodbye)


async def _until_stopped(serving: Coroutine[Any, Any, None], say_goodbye: Callable[[], Awaitable[None]]) -> None:
    """Runs `serving`; SIGINT and SIGTERM end it cleanly, after `say_goodbye`; a second one ends the process."""
    loop = asyncio.get_running_loop()
    task = loop.create_task(serving)
    caught: list[int] = []
    ending: list[asyncio.Task[None]] = []

    async def end() -> None:
        try:
            await say_goodbye()
        finally:
            task.cancel()

    def stop(number: int) -> None:
        if caught:
            os._exit(128 + number)
        caught.append(number)
        ending.append(loop.create_task(end()))

    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError, RuntimeError, ValueError):  # Windows, or not the main thread
            loop.add_signal_handler(number, stop, number)
    try:
        await task
    except asyncio.CancelledError:
        if not caught:
            raise
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            with contextlib.suppress(NotImplementedError, RuntimeError, ValueError):
                loop.remove_signal_handler(number)
