"""Asks in a terminal before the browser opens. The page never opens without a yes."""

import asyncio
import contextlib
import os
import sys
import threading
import webbrowser
from collections.abc import Callable

from wireglass.auth.permission import Permission
from wireglass.errors import SignInError

__all__ = ["ask_in_terminal"]


async def ask_in_terminal(permission: Permission, *, open_page: Callable[[str], object] = webbrowser.open) -> None:
    """Shows the address on stderr and opens it after Enter; an address that is pasted instead is the answer.

    Raises SignInError without a terminal.
    """
    if not (sys.stdin is not None and sys.stdin.isatty() and sys.stderr is not None and sys.stderr.isatty()):
        raise SignInError(
            "permission",
            "A person must give permission in a browser, and there is nobody to ask here.",
            next_step="Give OAuth an `on_authorize`, run it in a terminal, or use a token or client credentials.",
        )
    scopes = f" ({' '.join(permission.scopes)})" if permission.scopes else ""
    _say(f"\nThe server wants you to sign in at {permission.issuer}{scopes}:\n\n  {permission.url}\n\n")
    _say("Enter opens it in your browser, n stops. Without a browser here: open it elsewhere,\n")
    _say("and paste the address that it ends at.\n")
    while permission.is_open:
        _say("> ")
        line = (await _line()).strip()
        if not permission.is_open:
            return
        if line.lower() in ("n", "no", "q"):
            permission.cancel("You chose not to sign in.")
        elif not line:
            await asyncio.to_thread(open_page, permission.url)
        elif not permission.paste(line):
            _say("This address is no answer to the page above.\n")


def _say(text: str) -> None:
    sys.stderr.write(text)
    sys.stderr.flush()


async def _line() -> str:
    """One line of stdin; "n" at its end. Read without Python's buffer in a thread that nobody has to wait for: the
    browser's answer may come first, and nothing can interrupt the reading."""
    loop = asyncio.get_running_loop()
    arrived: asyncio.Future[bytes] = loop.create_future()

    def put(data: bytes) -> None:
        if not arrived.done():
            arrived.set_result(data)

    def read() -> None:
        try:
            data = os.read(sys.stdin.fileno(), 8192)
        except OSError:
            data = b""
        with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
            loop.call_soon_threadsafe(put, data)

    threading.Thread(target=read, name="wireglass-sign-in", daemon=True).start()
    data = await arrived
    return data.decode("utf-8", "replace") if data else "n"
