"""Replay: the calls of a saved session made again on a live server, and compared with what they came to then."""

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.desk import Desktop
from app.test_compare import parcel
from wireglass_app.panels.replay import ReplayPanel

SERVER = """
from wireglass import FastMCP
mcp = FastMCP("parcel-desk")

@mcp.tool(annotations={{"readOnlyHint": True}})
def quote(parcels: int) -> dict:
    return {{"price": parcels * {factor}}}

@mcp.tool(annotations={{"readOnlyHint": True}})
def track(no: str) -> str:
    return no

@mcp.tool(annotations={{"readOnlyHint": True}})
def weigh(no: str) -> str:
    {weigh}

@mcp.tool
def cancel(no: str) -> str:
    return "cancelled " + no

{rest}
mcp.run()
"""
OLD = SERVER.format(factor=2, weigh="return no", rest="@mcp.tool\ndef old() -> int:\n    return 1\n")
NEW = SERVER.format(factor=3, weigh='raise ValueError("broken")', rest="")


def write(file: Path, text: str) -> None:
    file.write_text(text)


async def recorded(desk: Desktop, file: Path, saved: Path) -> None:
    """A session of five calls, saved; then another server in its place."""
    write(file, OLD)
    session = await desk.open(parcel(file))
    desk.window.go("tools", session=session)
    for tool, arguments in (
        ("quote", {"parcels": 2}),
        ("track", {"no": "PD-1"}),
        ("weigh", {"no": "PD-1"}),
        ("cancel", {"no": "PD-1"}),
        ("old", {}),
    ):
        await desk.run(tool, arguments)
    assert await desk.app.recordings.save(saved)
    await desk.app.workbench.close(session)
    write(file, NEW)
    await desk.open(parcel(file))


def states(panel: ReplayPanel) -> list[tuple[str, str]]:
    assert panel.replay is not None
    return [(one.recorded.name, one.state) for one in panel.replay.calls]


def test_what_only_reads_runs_again_and_is_compared(desktop, tmp_path) -> None:
    file, saved = tmp_path / "server.py", tmp_path / "before.wglass"

    async def scene(desk: Desktop) -> None:
        await recorded(desk, file, saved)
        desk.window.go("replay", path=str(saved))
        panel = desk.window.host.panel
        assert isinstance(panel, ReplayPanel)
        await desk.until(lambda: panel.replay and panel.replay.calls, "the calls", 30)
        assert states(panel) == [
            ("quote", "ready"),
            ("track", "ready"),
            ("weigh", "ready"),
            ("cancel", "skipped"),
            ("old", "gone"),
        ]
        assert panel.run.text().strip() == "Run 3 calls"
        session = panel.chosen
        assert session is not None
        assert not session.calls, "nothing runs before the button"
        panel.list.setFocus()
        QTest.keyClick(panel.list, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
        await desk.until(lambda: panel.replay and not panel.replay.busy, "the end", 30)
        assert states(panel) == [
            ("quote", "changed"),
            ("track", "same"),
            ("weigh", "breaking"),
            ("cancel", "skipped"),
            ("old", "gone"),
        ]
        assert [call.name for call in session.calls] == ["quote", "track", "weigh"]
        await desk.until(lambda: panel.detail.view.places, "both sides")
        assert panel.detail.view.left_title.whole() == "In the recording"
        assert panel.run.text().strip() == "Start over"
        panel.run_primary()
        assert panel.run.text().strip() == "Run 3 calls"
        assert len(session.calls) == 3

    desktop(scene, 240)


def test_what_may_change_something_runs_only_when_it_was_ticked(desktop, tmp_path) -> None:
    file, saved = tmp_path / "server.py", tmp_path / "before.wglass"

    async def scene(desk: Desktop) -> None:
        await recorded(desk, file, saved)
        desk.window.go("replay", path=str(saved))
        panel = desk.window.host.panel
        await desk.until(lambda: panel.replay and panel.replay.calls, "the calls", 30)
        for row in (1, 2, 3, 4):  # below the heading: out with those that only read, in with the one that does not
            panel.list.setCurrentIndex(panel.list.rows.index(row))
            QTest.keyClick(panel.list, Qt.Key.Key_Space)
        assert [state for _name, state in states(panel)] == ["skipped", "skipped", "skipped", "ready", "gone"]
        panel.list.setCurrentIndex(panel.list.rows.index(5))
        assert not panel.toggle.isEnabled()
        panel.run_primary()
        await desk.until(lambda: panel.replay and not panel.replay.busy, "the end", 30)
        assert states(panel)[3] == ("cancel", "same")
        assert [call.name for call in panel.chosen.calls] == ["cancel"]

    desktop(scene, 240)


def test_the_bar_of_a_recording_leads_to_the_live_window(desktop, tmp_path) -> None:
    file, saved = tmp_path / "server.py", tmp_path / "before.wglass"

    async def scene(desk: Desktop) -> None:
        await recorded(desk, file, saved)
        window = await desk.app.recordings.open(saved)
        assert window is not None
        window.actions_table.trigger("replay")
        panel = desk.window.host.panel
        assert isinstance(panel, ReplayPanel)
        await desk.until(lambda: panel.replay and panel.replay.calls, "the calls", 30)
        bad = tmp_path / "bad.wglass"
        bad.write_text("{}")
        desk.window.go("replay", path=str(bad))
        await desk.until(lambda: panel.empty.title.text() == "The recording cannot be read", "the reason", 30)

    desktop(scene, 240)
