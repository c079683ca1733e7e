"""Servers that run on the real `fastmcp` package, in an environment of its own, opened by our client over stdio."""

import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from peers.peer_environments import environment_with
from wireglass import Client
from wireglass.client.transports import StdioTransport
from wireglass.launch.find import find_server
from wireglass.launch.interpreter import explicit
from wireglass.launch.run import child_command
from wireglass.resources import resource_path

pytestmark = [pytest.mark.anyio, pytest.mark.peer]

OLDER = {
    "fastmcp==2.14.7": "from fastmcp import Context, FastMCP",
    "mcp==1.30.0": "from mcp.server.fastmcp import Context, FastMCP",
}
"""Packages of the handshake eras, and how their files begin."""

OLD_SERVER = """
{imports}

mcp = FastMCP("old")

@mcp.tool()
async def add(a: int, b: int, ctx: Context) -> int:
    await ctx.info("adding")
    return a + b

@mcp.resource("old://{{name}}")
def named(name: str) -> str:
    return name

@mcp.prompt()
def ask(topic: str) -> str:
    return "About " + topic
"""


def interpreter_with(name: str, requirement: str) -> Path:
    """Skips where the package index cannot be reached."""
    try:
        return environment_with(name, requirement)
    except (subprocess.CalledProcessError, OSError) as error:
        pytest.skip(f"no environment with {requirement}: {error}")


@pytest.fixture
def python() -> Path:
    """An interpreter that has the newest release."""
    return interpreter_with("fastmcp-4.1.2-real", "fastmcp==4.1.2")


@asynccontextmanager
async def opened(name: str, python: Path, **options: Any) -> AsyncIterator[Client]:
    finding = find_server(resource_path("servers", f"{name}.py"))
    child = child_command(finding, explicit(finding, python))
    transport = StdioTransport(child.command, child.args, env=child.env, cwd=child.cwd)
    async with Client(transport, timeout=60, **options) as client:
        yield client


@pytest.mark.parametrize("requirement", sorted(OLDER))
async def test_servers_of_the_handshake_eras_open_without_being_told_so(tmp_path: Path, requirement: str) -> None:
    file = tmp_path / "server.py"
    file.write_text(OLD_SERVER.format(imports=OLDER[requirement]))
    finding = find_server(file)
    child = child_command(finding, explicit(finding, interpreter_with(requirement.replace("==", "-"), requirement)))
    async with Client(StdioTransport(child.command, child.args, env=child.env, cwd=child.cwd), timeout=60) as client:
        assert not client.facts.stateless
        assert (await client.call_tool("add", {"a": 1, "b": 2})).text == "3"
        assert (await client.read_resource("old://word"))[0].text == "word"
        assert (await client.get_prompt("ask", {"topic": "tea"})).messages[0].content.text == "About tea"


async def test_the_newest_version_is_agreed_on(python: Path) -> None:
    async with opened("kinds", python) as client:
        assert client.facts.version == "2026-07-28"
        assert client.facts.server_info["name"] == "kinds"


async def test_each_kind_of_argument_arrives(python: Path) -> None:
    async with opened("kinds", python) as client:
        plain = {"text": "ä", "whole": 9007199254740993, "number": 2.5, "yes": True}
        result = await client.call_tool("plain", plain)
        assert plain.items() <= result.structured_content.items()
        shaped = {"point": {"x": 1}, "shape": {"shape": "box", "width": 1, "height": 2}, "tree": {"name": "a"}}
        assert not (await client.call_tool("objects", shaped)).is_error
        tables = {"words": ["a"], "points": [{"x": 1}], "unique": [2], "matrix": [[1], [2, 3]]}
        assert not (await client.call_tool("collections", tables)).is_error
        assert not (await client.call_tool("choices", {"colour": "blue", "several": ["red"]})).is_error
        assert not (await client.call_tool("formats", {"day": "2026-01-02", "how_long": "PT1M"})).is_error


async def test_each_kind_of_content_comes_back(python: Path) -> None:
    async with opened("kinds", python) as client:
        kinds = {
            tool: {block.type for block in (await client.call_tool(tool, {})).content}
            for tool in ("text_content", "image_content", "audio_content", "file_content", "resource_content")
        }
    assert kinds == {
        "text_content": {"text"},
        "image_content": {"image"},
        "audio_content": {"audio"},
        "file_content": {"resource"},
        "resource_content": {"text", "resource", "resource_link"},
    }


async def test_resources_templates_and_prompts(python: Path) -> None:
    async with opened("kinds", python) as client:
        assert {resource.name for resource in await client.list_resources()} == {"constant", "bytes"}
        assert {template.name for template in await client.list_resource_templates()} == {"power", "path"}
        assert (await client.read_resource("kinds://power/2/10"))[0].text == "1024"
        prompt = await client.get_prompt("arguments", {"topic": "tea", "words": '["leaf"]'})
        assert "tea using leaf" in prompt.messages[0].content.text


async def test_progress_logs_and_failures(python: Path) -> None:
    heard: list[float] = []

    async def progress(done: float, total: float | None, message: str | None) -> None:
        heard.append(done)

    async with opened("slow", python) as client:
        assert (
            await client.call_tool("count", {"steps": 3, "pause": 0}, progress_handler=progress)
        ).data == "Counted to 3."
        failed = await client.call_tool("fail_half_way", {"steps": 2}, raise_on_error=False)
    assert heard == [1, 2, 3]
    assert failed.is_error
