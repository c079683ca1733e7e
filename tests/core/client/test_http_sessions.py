"""The client over HTTP in this process: every era, and servers that forget their sessions."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from asgi_wire import AsgiWire
from wireglass import Client, Context, FastMCP
from wireglass.client.transports import StreamableHttpTransport
from wireglass.errors import McpError, SessionLost
from wireglass.session.http_serving import HttpServing
from wireglass.wire.asgi import McpEndpoint

pytestmark = pytest.mark.anyio
URL = "http://127.0.0.1/mcp"


class Site:
    def __init__(self, **options: Any) -> None:
        self.mcp = FastMCP("site")
        serving = HttpServing(self.mcp._handle, on_notification=self.mcp._handle_notification)
        self.endpoint = McpEndpoint(serving, **options)

        @self.mcp.tool
        async def greet(name: str, ctx: Context) -> str:
            await ctx.report_progress(1, 2)
            await ctx.info("greeting")
            return f"Hello, {name}"

        @self.mcp.tool
        async def ask(ctx: Context) -> str:
            answer = await ctx.elicit("Your name?", str)
            return f"Hello, {getattr(answer, 'data', None)}"

    def client(self, **options: Any) -> Client:
        def factory(**more: Any) -> httpx.AsyncClient:
            return httpx.AsyncClient(transport=AsgiWire(self.endpoint), **more)

        return Client(StreamableHttpTransport(URL, httpx_client_factory=factory), timeout=60, **options)

    async def forget(self) -> None:
        """As if the server had been restarted."""
        await self.endpoint.aclose()


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    made = Site()
    yield made
    await made.endpoint.aclose()


MODES = ["auto", "2026-07-28", "2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"]


@pytest.mark.parametrize("mode", MODES)
async def test_a_call_with_progress_logs_and_result_in_every_version(site: Site, mode: str) -> None:
    progress: list[float] = []
    logged: list[Any] = []
    options = {"log_handler": logged.append, "progress_handler": lambda done, total, text: progress.append(done)}
    async with site.client(mode=mode, **options) as client:
        assert client.protocol_version == ("2026-07-28" if mode == "auto" else mode)
        assert [tool.name for tool in await client.list_tools()] == ["greet", "ask"]
        result = await client.call_tool("greet", {"name": "Ada"})
    assert result.content[0].text == "Hello, Ada"
    assert progress == [1]
    assert [message.level for message in logged] == ["info"]


@pytest.mark.parametrize("mode", ["2026-07-28", "2025-11-25", "2025-06-18"])
async def test_a_question_reaches_the_user_and_the_answer_the_tool(site: Site, mode: str) -> None:
    async def answer(message: str, response_type: Any, params: Any, context: Any) -> Any:
        return {"value": "Ada"}

    async with site.client(mode=mode, elicitation_handler=answer) as client:
        result = await client.call_tool("ask", {})
    assert result.content[0].text == "Hello, Ada"


async def test_a_lost_session_is_opened_again_once(site: Site) -> None:
    """Transports page, session management: on 404 the client starts a new session. Many callers, one new session."""
    async with site.client(mode="handshake") as client:
        await client.call_tool("greet", {"name": "Ada"})
        await site.forget()
        results = await asyncio.gather(*(client.call_tool("greet", {"name": str(n)}) for n in range(3)))
        assert [result.content[0].text for result in results] == ["Hello, 0", "Hello, 1", "Hello, 2"]
        assert len(site.endpoint._sessions) == 1


async def test_a_session_that_is_lost_at_once_again_is_an_error(site: Site) -> None:
    """Past bug elsewhere: an endless loop."""
    async with site.client(mode="handshake") as client:
        await site.forget()
        # The smallest way to a server that opens sessions and forgets them before the next request.
        site.endpoint._sessions._exchange = _refuse_with_404
        with pytest.raises(SessionLost):
            await client.call_tool("greet", {"name": "Ada"})


async def _refuse_with_404(transport: Any, message: Any, http: Any, answer: Any) -> None:
    await answer.json(b"gone", 404)


async def test_many_first_calls_list_the_tools_once(site: Site) -> None:
    """Stateless HTTP mirrors annotated arguments, so it has to know the schemas; also of tools that are not listed."""
    frames: list[Any] = []

    async with site.client(mode="stateless", tap=frames.append) as client:
        await asyncio.gather(*(client.call_tool("greet", {"name": str(n)}) for n in range(5)))
        for _ in range(2):
            with pytest.raises(McpError):
                await client.call_tool("unlisted", {})
    asked = [frame.message["method"] for frame in frames if frame.sender == "client" and frame.message]
    assert asked.count("tools/call") == 7
    assert asked.count("tools/list") == 2, "once for the listed tool, once to learn that the other is not listed"
