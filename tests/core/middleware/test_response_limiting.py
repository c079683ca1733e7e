"""Results that are too long are cut to size, in whole characters, and say so."""

import json
from typing import Any

import pytest

from wireglass import FastMCP
from wireglass.media import Image
from wireglass.middleware.response_limiting import ResponseLimitingMiddleware
from wireglass.testing import create_test_client

pytestmark = pytest.mark.anyio
MARK = "[Response truncated due to size limit]"


async def result_of(value: Any, **options: Any) -> Any:
    mcp = FastMCP("s", middleware=[ResponseLimitingMiddleware(**options)])
    mcp.tool(lambda: value, name="tool")
    async with create_test_client(mcp) as client:
        return await client.call_tool("tool")


@pytest.mark.parametrize("text", ["x" * 10_000, "ü" * 10_000, '"' * 10_000, "\n" * 10_000])
async def test_a_long_text_fills_the_limit_and_no_more(text: str) -> None:
    result = await result_of(text, max_size=500)
    (block,) = result.content
    assert block.text.endswith(MARK)
    assert set(block.text.removesuffix(MARK).rstrip("\n")) <= {text[0]}
    size = len(
        json.dumps(
            {"content": [{"type": "text", "text": block.text}]}, ensure_ascii=False, separators=(",", ":")
        ).encode()
    )
    assert 490 <= size <= 500


async def test_a_short_result_stays_as_it_is() -> None:
    result = await result_of({"a": 1}, max_size=500)
    assert result.structured_content == {"a": 1}


async def test_several_texts_become_one_and_bytes_become_text() -> None:
    several = await result_of(["First " + "a" * 50, Image(data=b"\x00" * 2000, format="png")], max_size=300)
    (block,) = several.content
    assert block.text.startswith("First")
    image = await result_of(Image(data=b"\x00" * 2000, format="png"), max_size=300)
    assert image.content[0].text.endswith(MARK)


async def test_only_chosen_tools_are_limited_and_promise_no_schema() -> None:
    mcp = FastMCP(
        "s", middleware=[ResponseLimitingMiddleware(max_size=100, tools=["limited"], truncation_suffix="[CUT]")]
    )

    @mcp.tool
    def limited() -> str:
        return "x" * 1000

    @mcp.tool
    def free() -> str:
        return "y" * 1000

    async with create_test_client(mcp) as client:
        tools = {tool.name: tool for tool in await client.list_tools()}
        assert (await client.call_tool("limited")).content[0].text.endswith("[CUT]")
        assert len((await client.call_tool("free")).data) == 1000
    assert tools["limited"].output_schema is None
    assert tools["free"].output_schema is not None


def test_a_limit_must_be_positive() -> None:
    with pytest.raises(ValueError, match="positive"):
        ResponseLimitingMiddleware(max_size=0)
