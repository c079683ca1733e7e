"""One HTTP session of the handshake eras, and what several workers do so that each can go on with any.

What was settled with the client stands in a `Directory`. A worker that has never seen a session takes it up from there;
messages about a request that another worker has in hand are left for it as letters.
"""

import asyncio
import logging
from dataclasses import dataclass, field
from typing import Any, Final

from wireglass.protocol.messages import JsonObject
from wireglass.wire.base import Received
from wireglass.wire.http_session import HttpServerTransport
from wireglass.wire.serving import Directory

__all__ = ["HttpSession", "SharedHttpSessions"]

logger = logging.getLogger("wireglass.http")

_FIRST_LETTER_SECONDS: Final = 0.05
_LETTER_SECONDS: Final = 0.5
"""How often a worker looks for messages about its requests that reached another: soon at first, then less often."""


@dataclass(slots=True, eq=False)
class HttpSession:
    """A session as this process has it."""

    id: str
    transport: HttpServerTransport
    principal: str | None
    known: JsonObject = field(default_factory=dict[str, Any])
    """What was settled with the client."""
    task: asyncio.Task[None] | None = None
    letters: asyncio.Task[None] | None = None
    saved_at: float = 0.0
    """When this process last told the directory; 0: never."""
    timer: asyncio.TimerHandle | None = None
    used_at: float = 0.0


class SharedHttpSessions:
    """The sessions of a directory. `idle_seconds` is how long it keeps one that nobody uses (None: long)."""

    def __init__(self, directory: Directory, idle_seconds: float | None) -> None:
        self._directory = directory
        self._idle_seconds = idle_seconds

    async def find(self, id: str) -> JsonObject | None:
        """What is known of a session, or None. Raises what the store raises."""
        return await self._directory.find(id)

    async def refresh(self, session: HttpSession, known: JsonObject) -> None:
        """Takes over what another worker settled meanwhile, and tells the directory now and then that it is in use."""
        if session.known != known:
            session.known.clear()
            session.known.update(known)
        if self._idle_seconds is not None and _now() - session.saved_at > self._idle_seconds / 4:
            await self.save(session)

    async def keep(self, session: HttpSession) -> bool:
        """Tells the directory that a session is in use. False: it is over, another worker ended it."""
        try:
            known = await self._directory.find(session.id)
        except Exception:
            # The boundary to the store: while it is away nobody can end a session.
            logger.exception("A session cannot be looked up")
            return True
        if known is None:
            return False
        await self.save(session)
        return True

    async def save(self, session: HttpSession) -> bool:
        """Whether every worker knows it now."""
        session.known["principal"] = session.principal
        try:
            # Twice as long as sessions live here, so that no worker forgets one that another still has.
            seconds = None if self._idle_seconds is None else 2 * self._idle_seconds
            await self._directory.save(session.id, session.known, seconds)
        except Exception:
            # The boundary to the store, which raises what its driver raises.
            logger.exception("A session cannot be kept for other workers")
            return False
        session.saved_at = _now()
        return True

    async def forget(self, id: str) -> bool:
        """Whether no worker knows it any more."""
        try:
            await self._directory.end(id)
        except Exception:
            # The boundary to the store, as above.
            logger.exception("A session cannot be ended for all workers")
            return False
        return True

    async def leave(self, session: HttpSession, message: Any) -> bool:
        """Whether a message was for another worker, and is left for it."""
        about = session.transport.concerns(message)
        if about is None:
            return False
        await self._directory.leave(session.id, about, message)
        return True

    def take_letters(self, session: HttpSession) -> None:
        """While requests are in hand: looks for what other workers left about them."""
        if session.letters is None or session.letters.done():
            session.letters = asyncio.get_running_loop().create_task(self._take_letters(session))

    async def _take_letters(self, session: HttpSession) -> None:
        pause = _FIRST_LETTER_SECONDS
        await asyncio.sleep(pause)
        while awaited := session.transport.awaited:
            try:
                for message in await self._directory.collect(session.id, awaited):
                    await session.transport.accept(Received(message))
            except Exception:
                # The boundary to the store, which may be away for a while: the request goes on.
                logger.exception("Messages from other workers cannot be read")
            pause = min(pause * 1.5, _LETTER_SECONDS)
            await asyncio.sleep(pause)


def _now() -> float:
    return asyncio.get_running_loop().time()
