"""Compare: a reload, two runs, two servers, two sessions; by keyboard, in real windows with real servers."""

import os
import sys
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.desk import Desktop, python_target
from wireglass_app.calls import Target, WatchedRun
from wireglass_app.compare.items import Heading, Item
from wireglass_app.compare.sessions import SessionsSource
from wireglass_app.panels.changes import ChangesPanel

SERVER = """
from wireglass import FastMCP
mcp = FastMCP("parcel-desk")

@mcp.tool(annotations={{"readOnlyHint": True}})
def quote(parcels: int{more}) -> dict:
    "Price of a shipment{words}"
    return {{"price": parcels * {factor}, "rows": [{{"id": 7, "v": {factor}}}]}}

@mcp.tool(annotations={{"readOnlyHint": True}})
def track(no: str) -> str:
    return no

{rest}
mcp.run()
"""
OLD = SERVER.format(more="", words="", factor=2, rest='@mcp.resource("help://old")\ndef old() -> str:\n    return ""\n')
NEW = SERVER.format(
    more=", height: int", words=", in EUR", factor=3, rest="@mcp.tool\ndef fresh() -> int:\n    return 1\n"
)


def parcel(file: Path, name: str = "parcel-desk") -> Target:
    """Run by the interpreter of the tests, with the sources of the tests."""
    path = (("PYTHONPATH", os.pathsep.join(sys.path)),)
    return Target(name, "stdio", command=sys.executable, args=(str(file),), added=path)


def compare(desk: Desktop, action: str) -> ChangesPanel:
    desk.window.actions_table.trigger(action)
    panel = desk.window.host.panel
    assert isinstance(panel, ChangesPanel)
    return panel


def lines(panel: ChangesPanel) -> list[tuple[str, str, str]]:
    return [(one.what, one.title, one.detail) for one in panel.list.rows.rows if isinstance(one, Item)]


async def shown(desk: Desktop, panel: ChangesPanel) -> None:
    await desk.until(lambda: panel.detail.view.places or panel.detail.view.stack.currentIndex() == 1, "both sides")


def press(key: Qt.Key, modifiers: Any = Qt.KeyboardModifier.NoModifier) -> None:
    focus = QApplication.focusWidget()
    assert focus is not None, "Nobody has the focus"
    QTest.keyClick(focus, key, modifiers)


def test_a_reload_is_compared_by_keyboard(desktop, tmp_path) -> None:
    """Design flow 6: Ctrl+Shift+R, F5, Ctrl+Shift+G, F8; breaking changes first."""
    file = tmp_path / "server.py"
    file.write_text(OLD)

    async def scene(desk: Desktop) -> None:
        session = await desk.open(parcel(file))
        desk.window.go("tools", session=session)
        await desk.run("track", {"no": "PD-1"})
        await desk.run("quote", {"parcels": 2})
        both = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
        press(Qt.Key.Key_R, both)
        panel = compare(desk, "changes")
        assert panel.empty.title.text() == "Nothing to compare yet"
        desk.window.go("tools", session=session)
        file.write_text(NEW)
        press(Qt.Key.Key_F5)
        await desk.until(lambda: session.changes and session.watched, "the reload and the watched call")
        press(Qt.Key.Key_G, both)
        assert lines(panel) == [
            ("breaking", "quote", "input: height is now required"),
            ("gone", "help://old", "resource"),
            ("changed", "quote", "description"),
            ("new", "fresh", "tool"),
            ("breaking", "quote", "now fails: The tool reported an error"),
        ]
        headings = [one for one in panel.list.rows.rows if isinstance(one, Heading)]
        assert [(one.text, one.note) for one in headings] == [
            ("Capabilities", "4 changes"),
            ("Watched calls, run again", "1 of 1"),
        ]
        await shown(desk, panel)
        panel.enter()
        assert panel.list.hasFocus()
        assert panel.detail.view.path.whole() == "1 of 2: /properties/height only on the right"
        press(Qt.Key.Key_F8)
        assert panel.detail.view.path.whole() == "2 of 2: /required/1 only on the right"
        press(Qt.Key.Key_F8)
        assert panel.list.item is not None
        assert panel.list.item.title == "help://old"
        await desk.until(lambda: panel.detail.view.right.rows == [""] * len(panel.detail.view.left.rows), "one side")
        press(Qt.Key.Key_F8, Qt.KeyboardModifier.ShiftModifier)
        assert panel.list.item.title == "quote"
        press(Qt.Key.Key_C, both)
        text = QGuiApplication.clipboard().text()
        assert "## Breaking\n\n- `quote`: input: height is now required\n" in text
        assert "## Added\n\n- `fresh`: tool" in text

    desktop(scene)


def test_any_two_runs_stand_beside_each_other(desktop, tmp_path) -> None:
    file = tmp_path / "server.py"
    file.write_text(OLD)

    async def scene(desk: Desktop) -> None:
        session = await desk.open(parcel(file))
        panel = compare(desk, "compare-runs")
        assert panel.empty.title.text() == "Two runs are needed"
        desk.window.go("tools", session=session)
        await desk.run("quote", {"parcels": 1})
        await desk.run("quote", {"parcels": 2})
        compare(desk, "compare-runs")
        await desk.until(lambda: panel.list.item, "the comparison")
        paths = [title for _what, title, _detail in lines(panel)]
        assert paths == ["/arguments/parcels", "/result/content/0/text", "/result/structuredContent/price"]
        await shown(desk, panel)
        assert panel.step_problem(True)
        assert panel.detail.view.path.whole().startswith("2 of 3: /result/content/0/text")
        panel.sources["runs"].first.setCurrentIndex(0)
        panel.sources["runs"]._pick()
        await desk.until(lambda: not panel.source.listing.items, "the same run twice")
        assert panel.empty.title.text() == "No difference"

    desktop(scene)


def test_two_servers_are_compared_from_the_menu_of_one(desktop, tmp_path) -> None:
    old, new = tmp_path / "old.py", tmp_path / "new.py"
    old.write_text(OLD)
    new.write_text(NEW)

    async def scene(desk: Desktop) -> None:
        from wireglass_app.shell.server_menu import server_menu

        first = await desk.open(parcel(old, "old"))
        panel = compare(desk, "compare-servers")
        assert panel.empty.title.text() == "Two servers are needed"
        second = await desk.open(parcel(new, "new"))
        window = desk.window
        menu = server_menu(window, first, window.workbench, window.go, window.actions_table.trigger)
        beside = next(action.menu() for action in menu.actions() if action.text() == "Compare with")
        (other,) = beside.actions()
        assert other.text() == "parcel-desk 2"
        other.trigger()
        await desk.until(lambda: panel.list.item, "the comparison")
        assert ("breaking", "quote", "input: height is now required") in lines(panel)
        assert panel.detail.view.left_title.whole() == "parcel-desk"
        source = panel.sources["servers"]
        assert source.bar is not None
        source._swap()
        await desk.until(lambda: ("gone", "fresh", "tool") in lines(panel), "the other way round")
        await desk.app.workbench.close(second)
        assert panel.empty.title.text() == "Two servers are needed"

    desktop(scene)


def test_this_session_is_compared_with_a_saved_one(desktop, tmp_path) -> None:
    file, saved = tmp_path / "server.py", tmp_path / "before.wglass"
    file.write_text(OLD)

    async def scene(desk: Desktop) -> None:
        session = await desk.open(parcel(file))
        desk.window.go("tools", session=session)
        await desk.run("track", {"no": "PD-1"})
        await desk.run("quote", {"parcels": 2})
        assert await desk.app.recordings.save(saved)
        await desk.app.workbench.close(session)
        desk.app.workbench.ledger.forget(len(desk.app.workbench.ledger.entries))
        file.write_text(NEW)
        session = await desk.open(parcel(file))
        desk.window.go("tools", session=session)
        await desk.run("track", {"no": "PD-1"})
        await desk.run("quote", {"parcels": 2, "height": 1})
        desk.window.go("changes", source="sessions", path=str(saved))
        panel = desk.window.host.panel
        assert isinstance(panel, ChangesPanel)
        await desk.until(lambda: panel.list.item, "the comparison", 30)
        assert ("breaking", "quote", "input: height is now required") in lines(panel)
        assert ("gone", "quote", "tools/call") in lines(panel)
        assert ("new", "quote", "tools/call") in lines(panel)
        assert panel.footer.text() == "1 call came to the same, of 2 and 2."
        panel.list.setCurrentIndex(
            panel.list.rows.find(lambda one: isinstance(one, Item) and one.what == "new" and one.title == "quote")
        )
        await desk.until(lambda: '"height": 1' in panel.detail.view.right.text(), "the call")
        source = panel.sources["sessions"]
        assert isinstance(source, SessionsSource)
        source._swap()
        await desk.until(lambda: panel.source.listing.before == "This session" and panel.list.item, "the swap", 30)
        assert ("breaking", "quote", "output: price is gone") not in lines(panel)
        saved.write_text("no session")
        source._compare()
        await desk.until(lambda: panel.empty.title.text() == "One of the sessions cannot be read", "the reason", 30)

    desktop(scene, 240)


def test_in_the_window_of_a_recording_there_is_no_reload(desktop, tmp_path) -> None:
    saved = tmp_path / "before.wglass"

    async def scene(desk: Desktop) -> None:
        await desk.desk()
        await desk.run("add", {"a": 1, "b": 2})
        assert await desk.app.recordings.save(saved)
        window = await desk.app.recordings.open(saved)
        assert window is not None
        window.go("changes", source="sessions")
        panel = window.host.panel
        assert isinstance(panel, ChangesPanel)
        assert list(panel.sources) == ["runs", "sessions", "servers"]
        assert panel.sources["sessions"].first.itemText(0) == "This recording: before.wglass"

    desktop(scene)


def test_the_sessions_list_offers_to_compare(desktop, tmp_path) -> None:
    async def scene(desk: Desktop) -> None:
        from PySide6.QtWidgets import QPushButton

        await desk.open(python_target("desk", str(Path(__file__).parent / "servers" / "desk.py")))
        assert await desk.app.recordings.save(tmp_path / "a.wglass")
        desk.window.go("sessions")
        buttons = desk.window.host.panel.findChildren(QPushButton)
        button = next(one for one in buttons if one.accessibleName() == "Compare a.wglass with this session")
        button.click()
        panel = desk.window.host.panel
        assert isinstance(panel, ChangesPanel)
        assert panel.choice.current() == "sessions"
        await desk.until(lambda: panel.empty.title.text() == "No difference", "the comparison", 30)

    desktop(scene)


def test_a_watched_call_that_never_ran_has_nothing_to_show(desktop) -> None:
    """It is not read-only, so it was not run after the reload, nor had it been before."""

    async def scene(desk: Desktop) -> None:
        session = await desk.desk()
        await session.restart()
        await desk.until(lambda: session.changes is not None, "the reload")
        session.watched = {"wipe": WatchedRun("wipe", "same", "not run: it is not marked read-only")}
        panel = compare(desk, "changes")
        assert lines(panel) == [("same", "wipe", "not run: it is not marked read-only")]
        await desk.until(lambda: panel.detail.view.words.text().startswith("Nothing was run"), "the words")

    desktop(scene)
