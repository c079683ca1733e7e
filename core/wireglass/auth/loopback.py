"""The redirect listener: one page on this machine, for one answer (RFC 8252 section 7.3).

It answers nothing but its own path, takes no answer with another state, and shows a plain page that loads nothing.
"""

import asyncio
import contextlib
from html import escape
from urllib.parse import urlsplit

from wireglass.auth.permission import Permission, read_answer
from wireglass.errors import SignInError

__all__ = ["RedirectListener"]

_PATH = "/callback"
_LOCAL = ("127.0.0.1", "localhost", "::1")
_HEAD_BYTES = 16_384
_SECONDS = 10.0


class RedirectListener:
    """Listens on a loopback address from `open` to `aclose`."""

    def __init__(self, host: str = "127.0.0.1", port: int | None = None) -> None:
        """`port` None lets the system choose. Raises ValueError for a host that is not this machine."""
        if host not in _LOCAL:
            raise ValueError(f"The redirect must stay on this machine: {host!r} is none of {', '.join(_LOCAL)}.")
        self._host, self._port = host, port
        self._server: asyncio.Server | None = None
        self._permission: Permission | None = None
        self.redirect_uri = ""
        """Where it listens; empty before `open`."""

    async def open(self, preferred: tuple[str, ...] = ()) -> str:
        """Listens, on the port of a preferred URI if that is free. Returns the redirect URI. Raises SignInError."""
        if self._server is not None:
            return self.redirect_uri
        for uri in preferred:
            parts = urlsplit(uri)
            if parts.hostname == self._host and parts.path == _PATH and parts.port and self._port in (None, parts.port):
                with contextlib.suppress(OSError):
                    return await self._listen(parts.port)
        try:
            return await self._listen(self._port or 0)
        except OSError as error:
            raise SignInError(
                "client",
                f"No answer can be received: port {self._port or 0} of {self._host} cannot be used ({error.strerror}).",
                next_step="Close the program that uses it, or choose another port for the sign-in.",
            ) from error

    async def _listen(self, port: int) -> str:
        address = "127.0.0.1" if self._host == "localhost" else self._host
        self._server = await asyncio.start_server(self._serve, address, port, limit=_HEAD_BYTES)
        port = self._server.sockets[0].getsockname()[1]
        host = f"[{self._host}]" if ":" in self._host else self._host
        self.redirect_uri = f"http://{host}:{port}{_PATH}"
        return self.redirect_uri

    def expect(self, permission: Permission | None) -> None:
        """Whose answer may come now."""
        self._permission = permission

    async def aclose(self) -> None:
        """Closes the port. Safe to call twice."""
        server, self._server = self._server, None
        self._permission, self.redirect_uri = None, ""
        if server is not None:
            server.close()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(1):
                    await server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(_SECONDS):
                head = await reader.readuntil(b"\r\n\r\n")
                writer.write(self._answer(head.split(b"\r\n", 1)[0].decode("latin-1")))
                await writer.drain()
        except (TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError):
            pass  # not a browser with an answer
        finally:
            writer.close()

    def _answer(self, line: str) -> bytes:
        method, _, rest = line.partition(" ")
        target = urlsplit(rest.partition(" ")[0])
        if target.path != _PATH:
            return _page(404, "Not found", "There is nothing here.")
        if method != "GET":
            return _page(405, "Not allowed", "Only a browser's answer is taken here.")
        answer = read_answer(target.query)
        if self._permission is None or not self._permission.take(answer):
            return _page(400, "Not expected", "This answer belongs to no sign-in that waits. Start it again.")
        if answer.error:
            return _page(200, "Not signed in", "Permission was not given. Go back to the program to see why.")
        return _page(200, "Answer received", "You can close this page and go back to the program.")


def _page(status: int, title: str, text: str) -> bytes:
    body = (
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="color-scheme" content="light dark">'
        f"<title>{escape(title)}</title><body><h1>{escape(title)}</h1><p>{escape(text)}</p></body></html>"
    ).encode()
    reason = {200: "OK", 400: "Bad Request", 404: "Not Found", 405: "Method Not Allowed"}[status]
    head = (
        f"HTTP/1.1 {status} {reason}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {len(body)}\r\n"
        "Content-Security-Policy: default-src 'none'\r\nCache-Control: no-store\r\nReferrer-Policy: no-referrer\r\n"
        "X-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n"
    )
    return head.encode("ascii") + body
