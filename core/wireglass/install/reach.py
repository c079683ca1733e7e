"""Whether the machines behind remote servers take a connection at all. Nothing is sent, and nothing is started."""

import asyncio
import errno
import socket
from collections.abc import Callable, Iterable
from contextlib import suppress
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

__all__ = ["SECONDS", "unreachable"]

SECONDS = 4.0
"""How long a name may take to be found and a connection to be made."""
_AT_ONCE = 8


def _proxied(host: str, scheme: str) -> bool:
    """Whether requests to this host take a proxy; then only a request could tell what lies behind it."""
    return bool(getproxies().get(scheme)) and not proxy_bypass(host)


async def unreachable(
    urls: Iterable[str], *, seconds: float = SECONDS, proxied: Callable[[str, str], bool] = _proxied
) -> dict[str, str]:
    """Why no connection can be made, by URL; URLs that take one are left out, and so are those that nobody can judge.

    `seconds` bounds each attempt. Never raises for what the network does.
    """
    wanted = {url: place for url in dict.fromkeys(urls) if (place := _place(url, proxied)) is not None}
    gate = asyncio.Semaphore(_AT_ONCE)
    places = list(dict.fromkeys(wanted.values()))
    problems = await asyncio.gather(*(_tried(host, port, seconds, gate) for host, port in places))
    found = dict(zip(places, problems, strict=True))
    return {url: problem for url, place in wanted.items() if (problem := found[place])}


def _place(url: str, proxied: Callable[[str, str], bool]) -> tuple[str, int] | None:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not host or "${" in url or "{env:" in url:
        return None
    if proxied(host, parts.scheme):
        return None
    return host, port or (443 if parts.scheme == "https" else 80)


async def _tried(host: str, port: int, seconds: float, gate: asyncio.Semaphore) -> str:
    async with gate:
        try:
            async with asyncio.timeout(seconds):
                _, writer = await asyncio.open_connection(host, port)
        except TimeoutError:
            return f"{host} does not answer on port {port}."
        except socket.gaierror:
            return f"There is no machine called {host}."
        except (OSError, UnicodeError) as error:
            return _explained(host, port, error)
        writer.close()
        with suppress(OSError, TimeoutError):
            async with asyncio.timeout(seconds):
                await writer.wait_closed()
    return ""


def _explained(host: str, port: int, error: Exception) -> str:
    if isinstance(error, ConnectionRefusedError):
        return f"Nothing listens on {host}, port {port}."
    if isinstance(error, OSError) and error.errno in (errno.ENETUNREACH, errno.EHOSTUNREACH):
        return f"There is no way to {host} from here."
    return f"{host} takes no connection on port {port}."
