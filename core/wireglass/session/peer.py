"""What both ends of a session share: the receive loop, our requests in flight, time-outs, cancels both ways."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Coroutine, Generator, Iterable, Mapping
from typing import Any

from wireglass.errors import INTERNAL_ERROR, McpError, RequestTimeout, TransportClosed, TransportError
from wireglass.protocol import messages
from wireglass.protocol.connection import (
    AnswerArrived,
    CancelArrived,
    Connection,
    Event,
    Finding,
    NotificationArrived,
    ProgressArrived,
    Reply,
    RequestArrived,
)
from wireglass.protocol.framing import parse
from wireglass.protocol.messages import JsonObject, RequestId, Sender, is_object
from wireglass.session.serial import Serial
from wireglass.session.waiting import Progressed, Waiting
from wireglass.wire.base import Broken, Incoming, Pushing, Received, Streaming, Transport

__all__ = ["Notified", "OnFinding", "Peer", "Progressed"]

logger = logging.getLogger("wireglass.session")

Notified = Callable[[str, JsonObject], Awaitable[object] | None]
"""Gets method and params of each notification; may be async, then the calls run one after another."""
OnFinding = Callable[[Finding], None]

MAX_IN_HAND = 10_000
"""Requests of the peer that we work on at once; more would be a flood that only costs memory."""
_TELL_SECONDS = 0.5
"""How long a cancelled call waits until its cancel is on the way."""
_CLOSE_SECONDS = 2.0
"""How long `aclose` waits for handlers that ignore their cancellation."""


class Peer:
    """One end of a session. Starts its receive loop in `start` and owns every task it makes until `aclose`."""

    def __init__(self, transport: Transport, role: Sender, *, on_finding: OnFinding | None = None) -> None:
        self.transport = transport
        self.connection = Connection(role)
        self._on_finding = on_finding
        self._waiting: dict[RequestId, Waiting] = {}
        self._handling: dict[RequestId, asyncio.Task[None]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._heard = Serial()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._loop_task: asyncio.Task[None] | None = None
        self._end: TransportError | None = None

    # Life

    async def start(self) -> None:
        """Opens the transport and begins to receive. Raises TransportError."""
        await self.transport.start()
        self._loop = asyncio.get_running_loop()
        self._loop_task = self._loop.create_task(self._receive_loop())

    @property
    def is_open(self) -> bool:
        """Whether requests can be sent."""
        return self._loop_task is not None and self._end is None

    async def wait_closed(self) -> None:
        """Waits until the transport has ended, by whichever side."""
        if self._loop_task is not None:
            await asyncio.wait([self._loop_task])

    async def aclose(self) -> None:
        """Ends the session: pending requests fail, handlers are cancelled, the transport is closed."""
        self._fail_all(TransportClosed("The session was closed."))
        await self._stop_tasks()
        await self.transport.aclose()
        if self._loop_task is not None and self._loop_task is not asyncio.current_task():
            self._loop_task.cancel()
            await asyncio.wait([self._loop_task])
        await self._heard.aclose()

    async def _stop_tasks(self) -> None:
        tasks = [task for task in self._tasks if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=_CLOSE_SECONDS)
            for task in late:
                logger.warning("%s does not end after it was cancelled", task.get_name())

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        return self._keep(asyncio.get_running_loop().create_task(work))

    def _keep(self, task: asyncio.Task[None]) -> asyncio.Task[None]:
        """Makes a task ours: `aclose` ends it."""
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    # What arrives

    async def _receive_loop(self) -> None:
        transport = self.transport
        end: TransportError = TransportClosed()
        try:
            if isinstance(transport, Pushing):
                transport.push_to(self._arrived)
            while True:
                self._arrived(await transport.receive())
        except TransportError as error:
            end = error
        except Exception as error:
            # The boundary: whatever a transport lets slip ends this session and no other.
            logger.exception("The receive loop failed")
            end = TransportError(f"Receiving failed: {type(error).__name__}.")
        finally:
            self._fail_all(end)
            self._ended()

    def _arrived(self, item: Incoming) -> None:
        """Takes one arrival. Never raises: what goes wrong with one message must not cost the next."""
        try:
            if type(item) is Received:
                if item.answers is not None:
                    _name_request(item)
                for event in self.connection.receive(item.message):
                    self._take(event, item)
            else:
                assert isinstance(item, Broken)
                self._broken(item)
        except Exception:
            logger.exception("A message could not be processed")

    def _take(self, event: Event, item: Received) -> None:
        match event:
            case RequestArrived():
                if len(self._handling) < MAX_IN_HAND:
                    self._begin(event, item)
                else:
                    self._refuse(event)
            case AnswerArrived():
                self._answered(event, item.status)
            case ProgressArrived():
                self._progressed(event)
            case NotificationArrived():
                self._notified(event, item)
            case CancelArrived():
                self._cancelled(event)
            case Reply():
                if self.connection.may_answer:
                    self._spawn(self._send_quietly(event.message, event.related))
            case Finding():
                self._found(event)

    def _refuse(self, event: RequestArrived) -> None:
        text = f"More than {MAX_IN_HAND} requests are waiting for their answers; send this one again later."
        reply = self.connection.fail(event.id, McpError(INTERNAL_ERROR, text))
        if reply is not None:
            self._spawn(self._send_quietly(reply, event.id))

    def _found(self, finding: Finding) -> None:
        if self._on_finding is not None:
            self._on_finding(finding)
        else:
            logger.debug("%s: %s", finding.rule, finding.text)

    def _broken(self, item: Broken) -> None:
        if item.request_id is None:
            self._found(Finding("not-json", item.error.message))
            return
        self.connection.withdraw(item.request_id, "lost")
        waiting = self._waiting.get(item.request_id)
        if waiting is not None:
            waiting.fail(item.error)

    def _answered(self, event: AnswerArrived, status: int | None) -> None:
        waiting = self._waiting.get(event.id)
        if waiting is None:
            return
        if event.error is None:
            waiting.settle(event.result)
            return
        if status is not None and isinstance(event.error, McpError):
            event.error.http_status = status
        waiting.fail(event.error)

    def _progressed(self, event: ProgressArrived) -> None:
        waiting = self._waiting.get(event.id)
        if waiting is not None:
            waiting.progressed(event.params)

    def _notified(self, event: NotificationArrived, item: Received) -> None:
        raise NotImplementedError

    def _cancelled(self, event: CancelArrived) -> None:
        task = self._handling.pop(event.id, None)
        rest = self.connection.drop(event.id)
        if task is not None:
            task.cancel()
        if isinstance(self.transport, Streaming):
            self.transport.dropped(event.id)
        if rest is not None:
            self._spawn(self._send_quietly(rest))

    # Requests of the peer

    def _begin(self, event: RequestArrived, item: Received) -> None:
        """Starts the task that answers a request."""
        self._handling[event.id] = self._spawn(self._handle(event, item))

    async def _handle(self, event: RequestArrived, item: Received) -> None:
        reply: JsonObject | list[JsonObject] | None
        try:
            try:
                result = await self._result_of(event, item)
            except McpError as error:
                reply = self.connection.fail(event.id, error)
            except Exception as error:
                if self._end is not None and isinstance(error, TransportClosed):
                    return  # nobody is left to hear it
                # The boundary between handlers and the wire: the peer learns that it failed, the log learns why.
                logger.exception("The handler of %s failed", event.method)
                reply = self.connection.fail(event.id, McpError(INTERNAL_ERROR, "Internal error"))
            else:
                reply = self.connection.answer(event.id, result)
            if reply is not None:
                await self._send_answer(event.id, reply)
        finally:
            self._handling.pop(event.id, None)

    async def _result_of(self, event: RequestArrived, item: Received) -> JsonObject:
        raise NotImplementedError

    async def _send_answer(self, id: RequestId, reply: JsonObject | list[JsonObject]) -> None:
        try:
            await self.transport.send(reply, related=id)
        except TransportError:
            return  # nobody is left to hear it; the receive loop reports the end
        except ValueError as error:
            logger.exception("The answer is not JSON")
            text = f"The answer cannot be written as JSON: {type(error).__name__}"
            await self._send_quietly(messages.error(id, INTERNAL_ERROR, text), related=id)

    async def _send_quietly(self, message: JsonObject | list[JsonObject], related: RequestId | None = None) -> None:
        with contextlib.suppress(TransportError):
            await self.transport.send(message, related=related)

    # Requests of ours

    async def request(
        self,
        method: str,
        params: JsonObject | None = None,
        *,
        timeout: float | None = None,
        max_timeout: float | None = None,
        on_progress: Progressed | None = None,
        headers: Mapping[str, str] | None = None,
        related: RequestId | None = None,
        on_sent: Callable[[RequestId], object] | None = None,
        patient: bool = False,
    ) -> JsonObject:
        """Sends a request and waits for its result.

        `timeout` is in seconds and starts again with each progress notification, up to `max_timeout` in all; None
        waits for ever. While somebody has asked for `patience`, the time of a `patient` request stands still.
        Cancelling the await tells the peer. Raises McpError for an error answer, ProtocolError for one that is no
        answer, RequestTimeout, and TransportClosed when the peer is gone.
        """
        if self._end is not None:
            raise self._end
        want = on_progress is not None or (timeout is not None and max_timeout is not None)
        id, message = self.connection.request(method, params, want_progress=want)
        waiting = self._waiting[id] = Waiting(method, on_progress, patient=patient)
        try:
            if timeout is not None:
                waiting.arm(timeout, max_timeout)
            await self.transport.send(message, related=related, headers=headers)
            if on_sent is not None:
                on_sent(id)
            result = await waiting.future
            if waiting.when_progressed is not None:
                await waiting.when_progressed.drain()
            return result
        except asyncio.CancelledError:
            await self._withdraw(id, "cancelled", "The caller cancelled the request.")
            raise
        except RequestTimeout:
            await self._withdraw(id, "timed out", "The request timed out.")
            raise
        finally:
            self.connection.withdraw(id, "ended")
            del self._waiting[id]
            waiting.close()

    @contextlib.contextmanager
    def patience(self, ids: Iterable[RequestId]) -> Generator[None]:
        """While inside, the time of those of our requests `ids` that are patient stands still: people are asked."""
        held = [waiting for id in ids if (waiting := self._waiting.get(id)) is not None and waiting.patient]
        for waiting in held:
            waiting.hold()
        try:
            yield
        finally:
            for waiting in held:
                waiting.release()

    async def _withdraw(self, id: RequestId, why: str, reason: str) -> None:
        """Tells the peer before anything the caller sends next; a peer that does not read is not waited for."""
        notice = self.connection.withdraw(id, why, reason)
        if self._end is None:
            await asyncio.wait([self._spawn(self._tell_withdrawn(id, notice))], timeout=_TELL_SECONDS)

    async def _tell_withdrawn(self, id: RequestId, notice: JsonObject | None) -> None:
        told = await self.transport.abandon(id)
        if notice is not None and not told:
            await self._send_quietly(notice)

    async def cancel(self, id: RequestId, reason: str = "") -> None:
        """Cancels one of our requests by its id: whoever waits for it gets CancelledError. Unknown ids are ignored."""
        notice = self.connection.withdraw(id, "cancelled", reason or None)
        waiting = self._waiting.get(id)
        if waiting is not None and not waiting.future.done():
            waiting.future.cancel()
        await self._tell_withdrawn(id, notice)

    async def notify(
        self,
        method: str,
        params: JsonObject | None = None,
        *,
        related: RequestId | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Sends a notification. Raises TransportClosed."""
        await self.transport.send(messages.notification(method, params), related=related, headers=headers)

    async def send_raw(self, text: str, *, headers: Mapping[str, str] | None = None) -> RequestId | None:
        """Sends `text` as it is, valid or not. A request in it is tracked; its id is returned.

        Raises TransportClosed. To wait for the answer, listen to the tap.
        """
        message = parse(text.encode(errors="surrogatepass")).value
        id = self.connection.sent_raw(message) if is_object(message) else self.connection.sent_unreadable()
        await self.transport.send(text, headers=headers)
        return id

    def _fail_all(self, end: TransportError) -> None:
        if self._end is None:
            self._end = end
        for waiting in self._waiting.values():
            waiting.fail(end)

    def _ended(self) -> None:
        """Called once when the transport has ended."""


def _name_request(item: Received) -> None:
    """Completes an error body without an id: over HTTP the answer itself says which request it belongs to."""
    message = item.message
    if is_object(message) and "error" in message and message.get("id") is None:
        item.message = {**message, "id": item.answers}
