"""Suggestions for arguments (server/utilities/completion), also of prompts and templates that are elsewhere."""

from typing import Any, Literal

import pytest

from wireglass import Client, FastMCP, create_proxy
from wireglass.errors import INVALID_PARAMS, METHOD_NOT_FOUND, McpError
from wireglass.protocol.messages import Frame

pytestmark = pytest.mark.anyio
ERAS = ["2025-11-25", "2026-07-28"]


def shop() -> FastMCP:
    mcp = FastMCP("shop")

    @mcp.prompt
    def buy(colour: Literal["red", "green"], size: str) -> str:
        return f"{colour} {size}"

    @mcp.resource("x://{colour}")
    def picture(colour: Literal["red", "green"]) -> str:
        return colour

    @mcp.completion
    async def sizes(reference: Any, argument: Any, context: Any) -> list[str] | None:
        return [f"{context.arguments.get('colour')} {argument.value}L"] if argument.name == "size" else None

    return mcp


def mounted(_: str) -> tuple[FastMCP, str, str]:
    front = FastMCP("front")
    front.mount(shop(), namespace="far")
    return front, "far_buy", "x://far/{colour}"


def proxied(mode: str) -> tuple[FastMCP, str, str]:
    return create_proxy(shop(), mode=mode), "buy", "x://{colour}"


def both(mode: str) -> tuple[FastMCP, str, str]:
    front = FastMCP("front")
    front.mount(create_proxy(shop(), mode=mode), namespace="far")
    return front, "far_buy", "x://far/{colour}"


@pytest.mark.parametrize("mode", ERAS)
@pytest.mark.parametrize("behind", ERAS)
@pytest.mark.parametrize("made", [mounted, proxied, both])
async def test_what_is_elsewhere_is_completed_there(mode: str, behind: str, made: Any) -> None:
    """It was answered with nothing."""
    front, prompt, template = made(behind)
    async with Client(front, mode=mode) as client:
        asked = {"type": "ref/prompt", "name": prompt}
        assert (await client.complete(asked, {"name": "colour", "value": "r"})).values == ["red"]
        sized = await client.complete(asked, {"name": "size", "value": "X"}, {"colour": "red"})
        assert sized.values == ["red XL"]
        found = await client.complete({"type": "ref/resource", "uri": template}, {"name": "colour", "value": ""})
        assert found.values == ["red", "green"]
        with pytest.raises(McpError) as error:
            await client.complete(asked, {"name": "weight", "value": ""})
        assert error.value.code == INVALID_PARAMS


class _Silent(FastMCP):
    async def _handle(self, scope: Any) -> dict[str, Any]:
        if scope.method == "completion/complete":
            raise McpError(METHOD_NOT_FOUND, "Method not found")
        return await super()._handle(scope)


async def test_a_server_behind_that_completes_nothing_is_no_error() -> None:
    silent = _Silent("silent")

    @silent.prompt
    def buy(colour: Literal["red", "green"]) -> str:
        return colour

    async with Client(create_proxy(silent)) as client:
        found = await client.complete({"type": "ref/prompt", "name": "buy"}, {"name": "colour", "value": ""})
    assert found.values == []


@pytest.mark.parametrize("version", ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25", "2026-07-28"])
async def test_older_servers_are_sent_what_they_know(version: str) -> None:
    """`context` came with 2025-06-18, the `message` of progress with 2025-03-26, a client's title and icons later."""
    frames: list[Frame] = []
    info = {"name": "desk", "version": "1", "title": "Desk", "icons": [{"src": "https://desk.example/a.png"}]}
    async with Client(shop(), mode=version, tap=frames.append, client_info=info) as client:
        asked = {"type": "ref/prompt", "name": "buy"}
        await client.complete(asked, {"name": "colour", "value": "r"}, {"size": "L"})
        if version < "2026":
            await client.progress("token", 1, message="Half-way")
            await client.ping()
    sent = [frame.message for frame in frames if frame.sender == "client" and frame.message is not None]
    params = {message["method"]: message["params"] for message in sent if "params" in message}
    assert ("context" in params["completion/complete"]) == (version >= "2025-06-18")
    if version < "2026":
        assert ("message" in params["notifications/progress"]) == (version != "2024-11-05")
        told = params["initialize"]["clientInfo"]
        assert ("title" in told, "icons" in told) == (version >= "2025-06-18", version >= "2025-11-25")
