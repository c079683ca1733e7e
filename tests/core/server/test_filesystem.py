"""Components from the files of a folder."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from wireglass import Client, FastMCP
from wireglass.compat.finder import install, uninstall
from wireglass.server.providers.filesystem import FileSystemProvider

pytestmark = pytest.mark.anyio

TOOL = "from fastmcp.tools import tool\n@tool(name='{name}')\ndef f(x: int = 1) -> int:\n    return x + 1\n"


@pytest.fixture(autouse=True)
def aliases() -> Iterator[None]:
    install("4")
    yield
    uninstall()


async def test_marked_functions_of_all_files_are_served(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "a.py").write_text(TOOL.format(name="first"))
    (tmp_path / "deep" / "b.py").write_text(
        "from fastmcp.resources import resource\nfrom fastmcp.prompts import prompt\n"
        "@resource('data://x')\ndef x() -> str:\n    return 'y'\n"
        "@prompt\ndef ask(topic: str) -> str:\n    return topic\n"
    )
    async with Client(FastMCP("fs", providers=[FileSystemProvider(tmp_path)])) as client:
        assert [tool.name for tool in await client.list_tools()] == ["first"]
        assert (await client.call_tool("first", {"x": 4})).data == 5
        assert (await client.read_resource("data://x"))[0].text == "y"
        assert [prompt.name for prompt in await client.list_prompts()] == ["ask"]


async def test_a_broken_file_is_noted_and_does_not_stop_the_others(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("raise RuntimeError('broken')")
    (tmp_path / "b.py").write_text(TOOL.format(name="fine"))
    provider = FileSystemProvider(tmp_path)
    assert {path.name: why for path, why in provider.failed_files.items()} == {"a.py": "RuntimeError: broken"}
    assert [tool.name for tool in await provider.list_tools()] == ["fine"]


async def test_a_changed_file_is_read_again_only_with_reload(tmp_path: Path) -> None:
    file = tmp_path / "a.py"
    file.write_text(TOOL.format(name="before"))
    fixed, fresh = FileSystemProvider(tmp_path), FileSystemProvider(tmp_path, reload=True)
    file.write_text(TOOL.format(name="after1"))
    os.utime(file, ns=(1, 1))
    assert [tool.name for tool in await fixed.list_tools()] == ["before"]
    assert [tool.name for tool in await fresh.list_tools()] == ["after1"]
