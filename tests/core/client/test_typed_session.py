"""`client.session` and what a client says of its connection, for code written to the SDK's session."""

import pytest
from pydantic import BaseModel

from wireglass import Client, Context, FastMCP
from wireglass.client.transports import FastMCPTransport, StdioTransport
from wireglass.errors import ProtocolError, ToolError
from wireglass.protocol.envelopes import CancelledNotification, CancelledNotificationParams, Request
from wireglass.protocol.inputs import Root
from wireglass.protocol.listings import InputRequiredResult

pytestmark = pytest.mark.anyio


def _server() -> FastMCP:
    mcp = FastMCP("shop", instructions="Be quick.", version="3")

    @mcp.tool
    async def roots(ctx: Context) -> list[str]:
        return [str(root.uri) for root in (await ctx.session.list_roots()).roots]

    @mcp.tool
    async def poem(ctx: Context) -> str:
        answer = await ctx.session.create_message([{"role": "user", "content": "A poem"}], max_tokens=9)
        return answer.content.text

    @mcp.tool
    async def ask(ctx: Context) -> str:
        schema = {"type": "object", "properties": {"name": {"type": "string"}}}
        answer = await ctx.session.elicit_form("Who?", schema)
        return f"{answer.action} {answer.content}"

    @mcp.resource("shop://item")
    def item() -> str:
        return "lamp"

    @mcp.prompt
    def greet() -> str:
        return "hello"

    return mcp


@pytest.mark.parametrize("mode", ["stateless", "handshake"])
async def test_each_request_is_typed(mode: str) -> None:
    async with Client(_server(), mode=mode) as client:
        session = client.session
        assert [tool.name for tool in (await session.list_tools()).tools] == ["roots", "poem", "ask"]
        assert (await session.read_resource("shop://item")).contents[0].text == "lamp"  # type: ignore[union-attr]
        assert (await session.get_prompt("greet")).messages[0].content.text == "hello"  # type: ignore[union-attr]
        assert session.server_info is not None
        assert session.server_info.version == "3"
        assert session.instructions == "Be quick."
        assert (session.initialize_result is None) is (mode == "stateless")
        assert (session.discover_result is None) is (mode == "handshake")


async def test_any_request_and_notification_can_be_sent_as_a_model() -> None:
    class Names(BaseModel):
        tools: list[dict[str, object]]

    async with Client(_server()) as client:
        result = await client.session.send_request(Request(method="tools/list", params={}), Names)
        assert len(result.tools) == 3
        params = CancelledNotificationParams(request_id="never")
        await client.session.send_notification(CancelledNotification(params=params))
        assert (await client.session.send_discover())["instructions"] == "Be quick."


@pytest.mark.parametrize("mode", ["stateless", "handshake"])
async def test_the_servers_session_asks_in_both_eras(mode: str) -> None:
    client = Client(
        _server(),
        mode=mode,
        roots=[Root(uri="file:///work")],
        sampling_handler=lambda messages, params, context: "roses",
        elicitation_handler=lambda message, kind, params, context: {"name": "Ada"},
    )
    async with client:
        assert (await client.call_tool("roots")).data == ["file:///work"]
        assert (await client.call_tool("poem")).data == "roses"
        assert (await client.call_tool("ask")).data == "accept {'name': 'Ada'}"


async def test_a_round_of_questions_is_handed_out_only_when_wanted() -> None:
    async with Client(_server(), mode="stateless", elicitation_handler=lambda *_: {"name": "Ada"}) as client:
        with pytest.raises(ProtocolError, match="asks for input"):
            await client.session.call_tool("ask")
        first = await client.session.call_tool("ask", allow_input_required=True)
        assert isinstance(first, InputRequiredResult)
        answers = {key: {"action": "accept", "content": {"name": "Eve"}} for key in first.input_requests or {}}
        done = await client.session.call_tool("ask", input_responses=answers, request_state=first.request_state)
        assert "Eve" in done.content[0].text  # type: ignore[union-attr]


async def test_facts_are_none_outside_the_connection_and_in_the_other_era() -> None:
    client = Client(_server())
    assert (client.protocol_version, client.server_info, client.instructions) == (None, None, None)
    async with client:
        assert client.protocol_version == "2026-07-28"
        assert client.server_info is not None
        assert client.server_info.name == "shop"
        assert client.initialize_result is None
        with pytest.raises(RuntimeError, match="modern protocol era"):
            await client.initialize()
    assert client.protocol_version is None
    assert client.facts.version == "2026-07-28"


async def test_a_client_may_wait_with_its_handshake() -> None:
    client = Client(_server(), mode="handshake", auto_initialize=False)
    async with client:
        assert client.initialize_result is None
        result = await client.initialize()
        assert result.server_info.name == "shop"
        assert await client.initialize() is result
        with pytest.raises(ToolError):
            await client.call_tool("roots")


async def test_a_transport_may_allow_handshakes_only() -> None:
    class Old(FastMCPTransport):
        legacy_only = True

    async with Client(Old(_server())) as client:
        assert client.protocol_version == "2025-11-25"


def test_auth_is_refused_where_nothing_carries_it() -> None:
    with pytest.raises(ValueError, match="does not support auth"):
        Client(StdioTransport("python"), auth="token")


async def test_a_uri_without_scheme_is_refused_before_it_is_sent() -> None:
    with pytest.raises(ValueError, match="no scheme"):
        await Client(_server()).read_resource("item")


def test_a_bearer_token_is_kept_where_no_repr_shows_it() -> None:
    client = Client("http://127.0.0.1:9/mcp", auth="s3cret")
    auth = client.transport.auth  # type: ignore[attr-defined]
    assert auth.token.get_secret_value() == "s3cret"
    assert "s3cret" not in repr(vars(auth))
    assert "s3cret" not in repr(vars(client.transport))
