"""HTTP+SSE of 2024-11-05 behind a sign-in: the stream opens after it, however long a person takes."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from loop_clock import LoopClock
from oauth_double import Double
from wireglass.auth import Permission
from wireglass.errors import SignInError
from wireglass.wire import legacy_sse
from wireglass.wire.legacy_sse import SseClientTransport

pytestmark = pytest.mark.anyio
URL = "https://mcp.example/desk/mcp"


class Older(Double):
    """Its GET is a stream that names where to send messages, and stays open."""

    def answer(self, request: httpx.Request) -> httpx.Response:
        known = request.headers.get("authorization", "").removeprefix("Bearer ") in self.tokens
        if str(request.url) == URL and known:
            return httpx.Response(200, headers={"content-type": "text/event-stream"}, content=self._stream())
        return super().answer(request)

    @staticmethod
    async def _stream() -> AsyncIterator[bytes]:
        yield b"event: endpoint\ndata: /desk/mcp?session=1\n\n"
        await asyncio.get_running_loop().create_future()


async def test_a_persons_time_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    double, clock = Older(), LoopClock(monkeypatch)

    async def slowly(permission: Permission) -> None:
        await clock.forward(2 * legacy_sse._ENDPOINT_SECONDS)
        await double.allow(permission)

    auth = double.oauth(mcp_url=URL, on_authorize=slowly, httpx_client_factory=double.factory)
    transport = SseClientTransport(URL, auth=auth, client_factory=double.factory)
    try:
        await transport.start()
        assert transport.endpoint == f"{URL}?session=1"
    finally:
        await transport.aclose()


async def test_a_sign_in_that_fails_says_so() -> None:
    double = Older()
    stop = double.oauth(
        mcp_url=URL, on_authorize=lambda permission: permission.cancel(), httpx_client_factory=double.factory
    )
    transport = SseClientTransport(URL, auth=stop, client_factory=double.factory)
    with pytest.raises(SignInError, match="stopped"):
        await transport.start()
