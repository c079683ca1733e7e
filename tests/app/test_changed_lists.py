"""A tool that appears during a call appears in the window, in every era, over stdio."""

import textwrap
from pathlib import Path

import pytest

from app.desk import Desktop, python_target

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
        session._list_changed()
        assert session._list_timer.isActive()
        session.state = "ready"
        await desk.until(lambda: reads, "another reading")

    desktop(scene)
