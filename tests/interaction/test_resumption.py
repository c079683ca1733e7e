"""Streams that break and are taken up with `Last-Event-ID`: Streamable HTTP of the handshake eras, with an event store.

The network between client and server cuts each stream after a random number of bytes, in the middle of an event or not.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest
from places import ENGINE, RUNTIME, SLOW, Home, Subject

from wireglass import Client
from wireglass.client.transports import StreamableHttpTransport
from wireglass.errors import TransportError
from wireglass.protocol.messages import Frame
from wireglass.wire import http_request

pytestmark = pytest.mark.anyio
HTTP = pytest.mark.parametrize(
    "transport", [pytest.param(name, marks=[pytest.mark.slow] * (name in SLOW)) for name in ("http", "socket")]
)
VERSIONS = pytest.mark.parametrize("version", ["2025-11-25", "2025-06-18", "2025-03-26"])


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Servers of older versions do not say when to come back; the tests need not wait a second each time."""
    monkeypatch.setattr(http_request, "_DEFAULT_RETRY_MS", 10)


class CutStream(httpx.AsyncByteStream):
    """A body that ends in an error after so many bytes."""

    def __init__(self, body: Any, left: int) -> None:
        self._body = body
        self._left = left

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._body:
            yield chunk[: self._left]
            self._left -= len(chunk)
            if self._left <= 0:
                await self._body.aclose()
                raise httpx.ReadError("the network cut the stream")

    async def aclose(self) -> None:
        await self._body.aclose()


class Cutting(httpx.AsyncBaseTransport):
    """A network that cuts event streams. `after` says after how many bytes, None: this one not."""

    def __init__(self, inner: httpx.AsyncBaseTransport, after: Callable[[httpx.Request], int | None]) -> None:
        self._inner = inner
        self._after = after

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await self._inner.handle_async_request(request)
        if response.headers.get("content-type") == "text/event-stream":
            left = self._after(request)
            if left is not None:
                response.stream = CutStream(response.stream, left)
        return response

    async def aclose(self) -> None:
        await self._inner.aclose()


def through(home: Home, after: Callable[[httpx.Request], int | None], **options: Any) -> Client:
    """A client whose way to the server is cut."""
    recipe: Any = home.client().transport
    factory = recipe.httpx_client_factory

    def cut(**given: Any) -> httpx.AsyncClient:
        inner = factory()._transport if factory is not None else httpx.AsyncHTTPTransport()
        return httpx.AsyncClient(**{**given, "transport": Cutting(inner, after)})

    return Client(StreamableHttpTransport(recipe.url, httpx_client_factory=cut), **options)


class Cuts:
    """Cuts the first `times` streams it is asked about, none of them before its first whole event."""

    def __init__(self, seed: int, times: int) -> None:
        self._pick = random.Random(seed)
        self.left = times
        self.resumed: list[str] = []

    def __call__(self, request: httpx.Request) -> int | None:
        if "last-event-id" in request.headers:
            self.resumed.append(request.headers["last-event-id"])
        elif request.method == "GET":
            return None
        self.left -= 1
        return self._pick.randrange(400, 3000) if self.left >= 0 else None


@HTTP
@VERSIONS
async def test_progress_arrives_once_and_in_order_however_often_the_stream_breaks(transport: str, version: str) -> None:
    """Transports page, "Resumability": what followed the last event, of the same stream, and nothing else."""
    for seed in range(3):
        seen: list[float] = []
        cuts = Cuts(seed, times=6)

        async def hear(progress: float, total: float | None, message: str | None, seen: list[float] = seen) -> None:
            seen.append(progress)

        async with asyncio.timeout(60), Home(transport, ENGINE) as home, through(home, cuts, mode=version) as client:
            result = await client.call_tool("count", {"to": 200}, progress_handler=hear)
        assert result.text == "200"
        assert seen == list(range(200))
        assert len(set(cuts.resumed)) == 6, "each time from a later event"


@HTTP
@VERSIONS
async def test_two_calls_whose_streams_break_do_not_get_each_others_events(transport: str, version: str) -> None:
    async with (
        asyncio.timeout(60),
        Home(transport, ENGINE) as home,
        through(home, Cuts(7, times=8), mode=version) as client,
    ):
        texts = ["a" * 900, "b" * 900, "c" * 900, "d" * 900]

        async def call(text: str) -> None:
            seen: list[float] = []

            async def hear(progress: float, total: float | None, message: str | None) -> None:
                seen.append(progress)

            assert (await client.call_tool("count", {"to": 60}, progress_handler=hear)).text == "60"
            assert seen == list(range(60))
            assert (await client.call_tool("echo", {"text": text})).text == f'{{"text":"{text}"}}'

        await asyncio.gather(*(call(text) for text in texts))


@HTTP
@VERSIONS
async def test_what_happens_while_the_get_stream_is_broken_is_told_when_it_is_back(
    transport: str, version: str
) -> None:
    """List changes and updates travel on the GET stream; it is taken up after its last event."""
    frames: list[Frame] = []
    told = asyncio.Condition()
    cuts = 4

    def after(request: httpx.Request) -> int | None:
        nonlocal cuts
        if request.method != "GET":
            return None
        cuts -= 1
        return 250 if cuts >= 0 else None

    async def hear(message: Any) -> None:
        async with told:
            told.notify_all()

    def updates() -> int:
        return sum(
            1 for f in frames if f.sender == "server" and (f.message or {}).get("method", "").endswith("/updated")
        )

    async with (
        asyncio.timeout(60),
        Home(transport, RUNTIME) as home,
        through(home, after, mode=version, tap=frames.append, message_handler=hear) as client,
    ):
        await client.subscribe_resource("x://counter")
        for number in range(12):
            await client.call_tool("touch")
            async with told:
                await told.wait_for(lambda number=number: updates() > number)
        assert updates() == 12
    assert cuts < 0, "the stream was cut as often as planned"


@HTTP
async def test_a_server_that_sends_its_client_away_to_poll_answers_on_get(transport: str) -> None:
    """2025-11-25: the server closes the stream of a call after its first event, and says when to come back."""
    frames: list[Frame] = []
    async with (
        asyncio.timeout(60),
        Home(transport, RUNTIME) as home,
        home.client(mode="2025-11-25", tap=frames.append) as client,
    ):
        assert (await client.call_tool("away")).text == "back"
    answer = next(f for f in frames if f.sender == "server" and "back" in f.raw)
    assert answer.channel.startswith("GET")
    assert answer.http is not None
    assert answer.http.event_id


@pytest.mark.parametrize("subject", [ENGINE, RUNTIME], ids=["engine", "runtime"])
@HTTP
async def test_a_stateless_stream_that_breaks_is_a_lost_request_and_the_next_one_works(
    transport: str, subject: Subject
) -> None:
    """2026-07-28 has no resumption: a clear error, and the call is asked for again under a new id by whoever wants."""
    broken = 1

    def after(request: httpx.Request) -> int | None:
        nonlocal broken
        broken -= 1
        return 60 if broken == 0 else None

    tool, arguments = ("count", {"to": 50}) if subject is ENGINE else ("away", {})
    async with (
        asyncio.timeout(60),
        Home(transport, subject) as home,
        through(home, after, mode="stateless") as client,
    ):
        with pytest.raises(TransportError):
            await client.call_tool(tool, arguments, progress_handler=lambda *_: None)
        assert (await client.call_tool(tool, arguments, progress_handler=lambda *_: None)).text in ("50", "back")
