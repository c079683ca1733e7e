"""Hears of changes in the stateless era: one `subscriptions/listen` stream, opened again when it drops or grows.

Source: "Subscriptions" of 2026-07-28. In the handshake eras notifications come unasked, and resources have methods
of their own; `calls.py` knows the difference.
"""

import asyncio
import contextlib
import random
import time
from collections.abc import Callable
from typing import Any, Final

from wireglass.errors import METHOD_NOT_FOUND, McpError, TransportError, WireglassError
from wireglass.protocol import versions
from wireglass.protocol.messages import JsonObject, RequestId, as_object, is_request_id
from wireglass.session import ClientSession

__all__ = ["Listening"]

_BACK_OFF_SECONDS: Final = (0.5, 1.0, 2.0, 5.0, 15.0, 30.0)
_ACKNOWLEDGE_SECONDS: Final = 10.0
_RESULT_SECONDS: Final = 0.2
_LASTING_SECONDS: Final = 30.0
"""A stream that held so long was no failed attempt: the next one is not put off for it."""


class _Stream:
    """One listen request: its task, its id, and whether the server has accepted it."""

    def __init__(self) -> None:
        self.task: asyncio.Task[None] | None = None
        self.id: RequestId | None = None
        self.accepted: asyncio.Future[JsonObject] = asyncio.get_running_loop().create_future()
        self.request: asyncio.Task[JsonObject] | None = None
        self.again = False
        """Whether it was opened again after a drop and is not acknowledged yet."""

    def ended_by_server(self) -> None:
        """The server has ended the stream by a cancel: stop waiting, then try again like after any other end. Some
        servers send the result too, so it gets a moment to arrive."""
        if self.request is not None:
            asyncio.get_running_loop().call_later(_RESULT_SECONDS, self.request.cancel)


class Listening:
    """The listen stream of one session. `on_dropped` is called when changes may have been missed."""

    def __init__(self, session: ClientSession, capabilities: JsonObject, on_dropped: Callable[[], object]) -> None:
        self._session = session
        self._capabilities = capabilities
        self._on_dropped = on_dropped
        self._lists = False
        self._uris: dict[str, None] = {}
        self._stream: _Stream | None = None
        self._gate = asyncio.Lock()

    @property
    def accepted(self) -> JsonObject:
        """What the server agreed to tell: the filter it acknowledged, or {}."""
        future = self._stream.accepted if self._stream is not None else None
        return future.result() if future is not None and future.done() and not future.exception() else {}

    async def want_lists(self) -> None:
        """Listens for changed lists from here on, as far as the server announces them. Raises McpError."""
        self._lists = True
        await self._apply()

    async def want_resource(self, uri: str, wanted: bool = True) -> None:
        """Starts or stops listening for updates of one resource. Raises McpError, RequestTimeout."""
        self._uris.pop(uri, None)
        if wanted:
            self._uris[uri] = None
        await self._apply()

    def heard(self, method: str, params: JsonObject) -> None:
        """Takes note of acknowledgements and of streams that the server ends by a cancel."""
        stream = self._stream
        if method == "notifications/subscriptions/acknowledged":
            id = as_object(params.get("_meta")).get(versions.META_SUBSCRIPTION_ID)
            if stream is not None and id == stream.id:
                self._acknowledged(stream, as_object(params.get("notifications")))
        elif method == "notifications/cancelled" and stream is not None and stream.task is not None:
            id = params.get("requestId")
            if is_request_id(id) and id == stream.id:
                stream.ended_by_server()

    def _acknowledged(self, stream: _Stream, accepted: JsonObject) -> None:
        if not stream.accepted.done():
            stream.accepted.set_result(accepted)
        if stream.again:
            stream.again = False
            self._on_dropped()  # what changed since the drop was told to nobody

    async def aclose(self) -> None:
        """Stops listening."""
        async with self._gate:
            await self._end(self._stream)
            self._stream = None

    def _filter(self) -> JsonObject:
        wanted: JsonObject = {}
        if self._lists:
            for kind in ("tools", "prompts", "resources"):
                if as_object(self._capabilities.get(kind)).get("listChanged") is True:
                    wanted[f"{kind}ListChanged"] = True
        if self._uris:
            wanted["resourceSubscriptions"] = list(self._uris)
        return wanted

    async def _apply(self) -> None:
        """Opens a stream for the present wishes, then ends the old one, so that nothing is missed between."""
        async with self._gate:
            old, wanted = self._stream, self._filter()
            if not wanted:
                self._stream = None
            else:
                self._stream = await self._open(wanted)
            await self._end(old)

    async def _open(self, wanted: JsonObject) -> _Stream:
        stream = _Stream()
        previous, self._stream = self._stream, stream
        stream.task = asyncio.get_running_loop().create_task(self._run(stream, wanted))
        try:
            async with asyncio.timeout(_ACKNOWLEDGE_SECONDS):
                await asyncio.shield(stream.accepted)
        except BaseException:
            self._stream = previous
            await self._end(stream)
            raise
        return stream

    async def _run(self, stream: _Stream, wanted: JsonObject) -> None:
        """Keeps the stream open. The first attempt reports its failure to whoever wished; later ones are repeated."""
        attempt = 0
        while True:
            began = time.monotonic()
            try:
                await self._request(stream, wanted)
            except (TransportError, WireglassError) as error:
                if not stream.accepted.done():
                    stream.accepted.set_exception(error)
                    return
                if not self._session.is_open or (isinstance(error, McpError) and error.code == METHOD_NOT_FOUND):
                    return
            if not self._session.is_open:
                return
            if not stream.accepted.done():
                stream.accepted.set_result({})
            self._on_dropped()
            attempt = 0 if time.monotonic() - began > _LASTING_SECONDS else attempt
            delay = _BACK_OFF_SECONDS[min(attempt, len(_BACK_OFF_SECONDS) - 1)]
            attempt += 1
            await asyncio.sleep(delay * random.uniform(0.8, 1.2))
            stream.again = True

    async def _request(self, stream: _Stream, wanted: JsonObject) -> None:
        params = {"notifications": wanted}
        request = self._session.request("subscriptions/listen", params, on_sent=stream_id(stream))
        stream.request = asyncio.get_running_loop().create_task(request)
        try:
            await asyncio.wait([stream.request])
        finally:
            if not stream.request.done():
                stream.request.cancel()
                await asyncio.wait([stream.request])
        if not stream.request.cancelled():
            stream.request.result()

    async def _end(self, stream: _Stream | None) -> None:
        if stream is None or stream.task is None:
            return
        stream.task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.wait([stream.task])
        if stream.accepted.done() and not stream.accepted.cancelled():
            stream.accepted.exception()  # heard, or of no interest any more


def stream_id(stream: _Stream) -> Callable[[Any], None]:
    """Notes the id of the request that is now the stream."""

    def note(id: RequestId) -> None:
        stream.id = id

    return note
