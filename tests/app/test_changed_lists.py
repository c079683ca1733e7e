"""A tool that appears during a call appears in the window, in every era, over stdio."""

import asyncio
import contextlib
import os
import sys
import textwrap
from pathlib import Path

import pytest

from app.desk import Desktop, python_target
from ports import free_port
from wireglass.recording.surface import Lists
from wireglass_app.calls import Target
from wireglass_app.session_lists import last_good

SCRIPT = """
from wireglass import FastMCP

mcp = FastMCP("growing")

@mcp.tool
async def grow() -> str:
    @mcp.tool
    def grown() -> str:
        return "here"
    return "grew"

mcp.run(show_banner=False)
"""
CORE = Path(__file__).parents[2] / "core"


@pytest.mark.parametrize("mode", ["auto", "2025-11-25", "2024-11-05"])
def test_a_tool_that_a_call_adds_is_listed(desktop, tmp_path: Path, mode: str) -> None:
    """Handshake servers tell unasked, stateless ones on the stream that the window opened."""
    script = tmp_path / "growing.py"
    script.write_text(textwrap.dedent(SCRIPT))

    async def scene(desk: Desktop) -> None:
        target = python_target("growing", str(script), mode=mode, env=(("PYTHONPATH", str(CORE)),))
        session = await desk.open(target)
        assert [tool["name"] for tool in session.catalogue.tools] == ["grow"], session.failure
        await desk.run("grow")
        await desk.until(lambda: session.catalogue.tool("grown"), "the new tool")
        assert any(e.method == "notifications/tools/list_changed" for e in session.ledger.entries)

    desktop(scene)


def test_a_change_that_is_announced_while_connecting_is_not_lost(desktop) -> None:
    """The lists may have been read before it."""

    async def scene(desk: Desktop) -> None:
        session = await desk.desk()
        reads: list[None] = []
        session.catalogue_changed.connect(lambda _changes: reads.append(None))
        session.state = "connecting"
        session._lists.changed()
        assert session._lists.timer.isActive()
        session.state = "ready"
        await desk.until(lambda: reads, "another reading")

    desktop(scene)


RESTARTED = """
import sys
from wireglass import FastMCP

mcp = FastMCP("restarted", version="1")
mcp.add_tool(len, name=sys.argv[2])
mcp.run(transport="http", port=int(sys.argv[1]), show_banner=False)
"""


def test_after_a_restart_of_a_stateless_server_its_lists_are_read_again(desktop, tmp_path: Path) -> None:
    """The stream that tells of changes drops; the session needs nothing else to notice."""
    script = tmp_path / "restarted.py"
    script.write_text(RESTARTED)
    port = free_port()

    async def start(tool: str) -> asyncio.subprocess.Process:
        variables = {**os.environ, "PYTHONPATH": str(CORE)}
        process = await asyncio.create_subprocess_exec(
            sys.executable, str(script), str(port), tool, env=variables, stderr=asyncio.subprocess.DEVNULL
        )
        async with asyncio.timeout(30):
            while True:
                try:
                    _, writer = await asyncio.open_connection("127.0.0.1", port)
                except OSError:
                    await asyncio.sleep(0.05)
                else:
                    writer.close()
                    return process

    def shown(desk: Desktop) -> str:
        """What the navigation tells of the server, to who listens too."""
        return desk.window.navigation.list.model().index(0, 0).data()

    def counted(desk: Desktop) -> str:
        """The status bar counts now and then while frames arrive, not at each."""
        return desk.window.status.connections.text()

    async def scene(desk: Desktop) -> None:
        process = await start("before")
        try:
            session = await desk.open(Target("restarted", "http", url=f"http://127.0.0.1:{port}/mcp"))
            assert [tool["name"] for tool in session.catalogue.tools] == ["before"], session.failure
            link = session.link
            assert link is not None
            await desk.until(lambda: link._client and link._client._listening.accepted, "the stream of changes")
            process.kill()
            await process.wait()
            await desk.until(lambda: session.catalogue.lists.problems, "that nobody answers", 30)
            assert [tool["name"] for tool in session.catalogue.tools] == ["before"], "the last good list stays"
            await desk.until(lambda: "not answering" in shown(desk), "its mark in the navigation")
            await desk.until(lambda: counted(desk) == "0 connected, 1 not", "the number in the status bar")
            call = session.call_tool("before", {"obj": "x"})
            await desk.until(lambda: call.ended, "the end of a call that reaches nobody")
            assert call.state == "lost"
            assert "not answering" in shown(desk)
            process = await start("after")
            await desk.until(lambda: session.catalogue.tool("after"), "the new list", 30)
            assert session.state == "ready"
            await desk.until(lambda: "connected" in shown(desk), "its mark as before")
            await desk.until(lambda: counted(desk) == "1 connected", "the number as before")
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()

    desktop(scene)


def test_a_list_that_cannot_be_read_stays_as_it_was() -> None:
    before = Lists(({"name": "a"},), ({"uri": "b"},), (), ({"name": "c"},))
    found = Lists((), (), (), ({"name": "d"},), problems=(("tools", "refused"), ("resourceTemplates", "refused")))
    kept = last_good(before, found)
    assert (kept.tools, kept.resources, kept.prompts) == (before.tools, (), ({"name": "d"},))
    assert kept.problems == found.problems
    assert last_good(before, Lists()) == Lists()
