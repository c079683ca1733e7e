"""A question that a person answers in a browser: the authorization server's page, and how its answer comes back."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from urllib.parse import parse_qs, urlsplit

from wireglass.auth.steps import Answer, Ask
from wireglass.errors import SignInError

__all__ = ["OnAuthorize", "Permission", "read_answer"]

_LONGEST = 8_192


def read_answer(query: str) -> Answer:
    """The authorization response in a query. Members that came twice count as absent (RFC 6749 section 3.1)."""
    found = parse_qs(query[:_LONGEST], keep_blank_values=True)

    def only(name: str) -> str | None:
        values = found.get(name, [])
        return values[0] if len(values) == 1 else None

    return Answer(
        code=only("code") or "",
        state=only("state") or "",
        iss="" if len(found.get("iss", [])) > 1 else only("iss"),
        error=only("error") or "",
        error_description=only("error_description") or "",
    )


class Permission:
    """A page that waits to be shown. `url` is where; `str()` of it is the same.

    Nothing opens by itself: whoever gets it decides, and asks a person first.
    """

    def __init__(self, ask: Ask, seconds: float) -> None:
        self.url = ask.url
        self.issuer = ask.issuer
        self.scopes = ask.scopes
        self.redirect_uri = ask.redirect_uri
        self.seconds = seconds
        """How long an answer is waited for."""
        self.began = time.monotonic()
        self._state = ask.state
        self._answered: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()

    def __str__(self) -> str:
        return self.url

    @property
    def is_open(self) -> bool:
        """Whether it still waits."""
        return not self._answered.done()

    def take(self, answer: Answer) -> bool:
        """The answer, if it is to this question: its state tells. Others are refused (False)."""
        if answer.state != self._state or not self.is_open:
            return False
        self._answered.set_result(answer)
        return True

    def paste(self, address: str) -> bool:
        """The address that the browser ended at, for people whose browser cannot reach this machine."""
        return self.take(read_answer(urlsplit(address.strip()).query))

    def cancel(self, why: str = "The sign-in was stopped.") -> None:
        """Nobody will answer."""
        if self.is_open:
            self._answered.set_exception(SignInError("permission", why, next_step="Sign in again when you are ready."))

    async def wait(self) -> Answer:
        """The answer. Raises SignInError when it was cancelled."""
        return await asyncio.shield(self._answered)

    def close(self) -> None:
        """Nobody waits any more."""
        if self._answered.done():
            if not self._answered.cancelled():
                self._answered.exception()
        else:
            self._answered.cancel()


OnAuthorize = Callable[[Permission], Awaitable[object] | object]
"""Shows the page to a person. May be async; the answer is waited for meanwhile."""
