"""The GET streams of a Streamable HTTP client: what a broken answer left out, and what belongs to no request."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from wireglass.errors import HttpStatusError, TransportError
from wireglass.protocol.versions import HEADER_LAST_EVENT_ID, HEADER_SESSION_ID
from wireglass.wire.http_answers import EventCursor, media_type, read_body, status_error
from wireglass.wire.http_identity import HttpIdentity
from wireglass.wire.http_link import HttpLink
from wireglass.wire.http_request import EVENT_STREAM, RESUME_ATTEMPTS, Post, wait_seconds

if TYPE_CHECKING:
    import httpx

__all__ = ["GetStreams"]

_LASTING_SECONDS = 5
"""A stream that was open this long was worth it, even when nothing came on it."""


class GetStreams:
    """Opens GET streams and opens them again. `read` reads one to its end: for a request that waits, or for none."""

    def __init__(
        self,
        link: HttpLink,
        identity: HttpIdentity,
        read: "Callable[[httpx.Response, EventCursor, Post | None, str], Awaitable[None]]",
    ) -> None:
        self._link, self._identity, self._read = link, identity, read
        self._count = 0

    async def resume(self, post: Post, cursor: EventCursor) -> None:
        """Fetches the rest of a stream that ended early: GET with `Last-Event-ID`, after the wait that the server
        asked for. Gives up, leaving the request unanswered, when there is no id or nothing comes any more."""
        fruitless = 0
        while post.waiting and not post.abandoned and cursor.last_id is not None and fruitless < RESUME_ATTEMPTS:
            await asyncio.sleep(wait_seconds(cursor, fruitless))
            seen = cursor.events
            if not await self._get(cursor, post):
                return
            fruitless = 0 if cursor.events > seen else fruitless + 1

    async def listen(self) -> None:
        """Keeps the GET stream open, on which servers of the handshake eras send what belongs to no request.

        Ends quietly when the server does not offer it (405) or stops answering: the session works without.
        """
        cursor = EventCursor()
        fruitless = 0
        while fruitless < RESUME_ATTEMPTS:
            began, seen = time.monotonic(), cursor.events
            if not await self._get(cursor, None):
                return
            lasting = time.monotonic() - began > _LASTING_SECONDS
            fruitless = 0 if lasting or cursor.events > seen else fruitless + 1
            await asyncio.sleep(wait_seconds(cursor, fruitless))

    async def _get(self, cursor: EventCursor, post: Post | None) -> bool:
        """One GET stream to its end. False when asking again is pointless."""
        import httpx

        self._count += 1
        channel = f"GET {self._count}"
        headers = {"accept": EVENT_STREAM}
        self._identity.add_to(headers)
        if cursor.last_id is not None:
            headers[HEADER_LAST_EVENT_ID] = cursor.last_id
        try:
            async with self._link.exchange("GET", channel=channel, headers=headers, quiet=True) as response:
                if response.status_code == 200 and media_type(response.headers) == EVENT_STREAM:
                    await self._read(response, cursor, post, channel)
                    return True
                if post is not None:
                    body, _ = await read_body(response, limit=self._link.limit)
                    raise status_error(response, body, had_session=HEADER_SESSION_ID in headers, begun=True)
                return response.status_code >= 500
        except (httpx.HTTPError, OSError, TransportError) as error:
            if isinstance(error, HttpStatusError) and error.status < 500:
                raise
            return True
