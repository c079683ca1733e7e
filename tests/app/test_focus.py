"""Design section 10: the focus moves only by the user's act; what arrives or goes in that instant never takes it."""

import asyncio
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget

from app.desk import DESK, Desktop, python_target
from app.test_compare import parcel
from wireglass_app.panels.prompts import PromptsPanel
from wireglass_app.panels.replay import ReplayPanel
from wireglass_app.server_session import ServerSession
from wireglass_app.shell.host import PanelHost


def focus() -> QWidget:
    found = QApplication.focusWidget()
    assert found is not None, "the focus is lost"
    return found


async def turns() -> None:
    """What was put off until the next turns of Qt's loop has been done."""
    for _ in range(5):
        turned = asyncio.get_running_loop().create_future()
        QTimer.singleShot(0, lambda turned=turned: turned.set_result(None))
        await turned


async def side_by_side(desk: Desktop) -> tuple[ServerSession, ServerSession]:
    """One server on the left, ready; one on the right, on its way, in the active pane."""
    first = await desk.desk()
    await desk.until(QApplication.focusWidget, "a focus")
    desk.window.actions_table.trigger("split")
    second = desk.app.opener.open_target(python_target("desk two", str(DESK), cwd=str(DESK.parent)))
    left, right = desk.window.center.hosts
    assert (left.place, right.place) == (("tools", first), ("tools", second))
    assert right.active
    return first, second


@pytest.mark.parametrize("moment", ["on its way", "shown", "a turn later"])
def test_lists_that_arrive_do_not_take_the_focus_back(desktop, moment: str) -> None:
    """The view of the second server gets its lists around the instant in which somebody goes to the pane beside."""

    async def scene(desk: Desktop) -> None:
        first, second = await side_by_side(desk)
        left, right = desk.window.center.hosts
        pressed: list[str] = []

        def press(_key: str, _session: object) -> None:
            if second.state == "ready" and not pressed:
                pressed.append(moment)
                desk.window.actions_table.trigger("other-pane")

        if moment == "on its way":
            assert second.state == "connecting"
            desk.window.actions_table.trigger("other-pane")
        elif moment == "shown":
            right.shown.connect(press)
        await desk.until(lambda: right.panel is right.built("tools"), "the lists of the second server")
        if moment == "a turn later":
            desk.window.actions_table.trigger("other-pane")
        await turns()
        assert desk.app.workbench.current is first
        assert desk.window.host is left
        assert left.isAncestorOf(focus())

    desktop(scene)


def test_a_view_that_gets_its_lists_has_the_focus_when_nobody_moved_it(desktop) -> None:
    """Design section 3: Tools opens, focus in the first empty required field."""

    async def scene(desk: Desktop) -> None:
        _first, second = await side_by_side(desk)
        right = desk.window.center.hosts[1]
        await desk.until(lambda: right.panel is right.built("tools"), "the lists of the second server")
        await turns()
        assert desk.window.host is right
        assert desk.app.workbench.current is second
        assert desk.tools.form is not None
        assert desk.tools.form.isAncestorOf(focus())
        assert "a" in focus().accessibleName()

    desktop(scene)


@pytest.mark.parametrize("way", ["hidden", "disabled"])
def test_a_widget_that_goes_leaves_the_focus_in_its_pane(desktop, way: str) -> None:
    """Qt gives it to what comes next in the window, and with it the pane beside became the active one."""

    async def scene(desk: Desktop) -> None:
        await desk.desk()
        window = desk.window
        window.actions_table.trigger("split")
        left, right = window.center.hosts
        for host in (right, left):
            host.panel.focus_filter()
            await desk.until(lambda host=host: window.host is host, "the pane to be active")
            assert host.isAncestorOf(focus())
            owner = focus()
            owner.hide() if way == "hidden" else owner.setEnabled(False)
            await turns()
            assert window.host is host
            assert focus() is not owner
            assert host.isAncestorOf(focus())

    desktop(scene)


def test_the_navigation_that_is_hidden_gives_the_focus_to_the_active_pane(desktop) -> None:
    async def scene(desk: Desktop) -> None:
        await desk.desk()
        window = desk.window
        window.actions_table.trigger("split")
        right = window.host
        window.navigation.list.setFocus()
        await turns()
        window.actions_table.trigger("nav")
        await turns()
        assert window.host is right
        assert right.isAncestorOf(focus())

    desktop(scene)


def test_the_pane_beside_has_the_focus_where_it_was_left(desktop) -> None:
    async def scene(desk: Desktop) -> None:
        await desk.desk()
        window = desk.window
        await desk.until(QApplication.focusWidget, "a focus")
        desk.tools.list.view.setFocus()
        kept = focus()
        window.actions_table.trigger("split")
        assert window.host.isAncestorOf(focus()), "the new pane is the one that keys mean"
        window.actions_table.trigger("other-pane")
        assert focus() is kept

    desktop(scene)


def test_a_filter_that_is_opened_with_its_view_keeps_the_focus(desktop) -> None:
    """Ctrl+7 and Ctrl+L at once: the view that has come into sight does not take it from the filter."""

    async def scene(desk: Desktop) -> None:
        await desk.desk()
        await desk.until(QApplication.focusWidget, "a focus")
        desk.window.go("history")
        desk.window.host.panel.focus_filter()
        filter_field = focus()
        desk.window.go("prompts")
        desk.window.host.panel.focus_filter()
        assert focus() is not filter_field
        filter_field = focus()
        await turns()
        assert focus() is filter_field

    desktop(scene)


TOOL = """
from wireglass import FastMCP
mcp = FastMCP("parcel-desk")

@mcp.tool
def quote(city: str, {more}note: str = "") -> str:
    "Tells the price"
    return city

@mcp.prompt
def ask({more}topic: str) -> str:
    return topic

@mcp.prompt(description="{more}")
def beg(topic: str) -> str:
    return topic

mcp.run()
"""


def test_a_tool_that_changes_lets_its_user_type_on(desktop, tmp_path: Path) -> None:
    """The form of the new schema takes the place of the old one, under the hands of somebody who types."""
    file = tmp_path / "server.py"
    file.write_text(TOOL.format(more=""))

    async def scene(desk: Desktop) -> None:
        session = await desk.open(parcel(file))
        form = desk.tools.form
        assert form is not None
        assert form.focus_place("/note")
        QTest.keyClicks(focus(), "by bi")
        file.write_text(TOOL.format(more="zone: int, "))
        desk.window.actions_table.trigger("reload")
        await desk.until(lambda: desk.tools.form is not form and session.usable, "the form of the new schema")
        await turns()
        QTest.keyClicks(focus(), "ke")
        assert desk.tools.form is not None
        assert desk.tools.form.value()["note"] == "by bike"

    desktop(scene)


def test_json_that_is_not_complete_outlives_a_change_of_its_tool(desktop, tmp_path: Path) -> None:
    file = tmp_path / "server.py"
    file.write_text(TOOL.format(more=""))

    async def scene(desk: Desktop) -> None:
        session = await desk.open(parcel(file))
        form = desk.tools.form
        assert form is not None
        form.toggle_mode()
        form.json_edit.setPlainText('{"city": "Rom')
        file.write_text(TOOL.format(more="zone: int, "))
        desk.window.actions_table.trigger("reload")
        await desk.until(lambda: desk.tools.form is not form and session.usable, "the form of the new schema")
        await turns()
        assert desk.tools.form is not None
        assert focus() is desk.tools.form.json_edit
        assert desk.tools.form.json_edit.toPlainText() == '{"city": "Rom'
        assert desk.tools.form.fault

    desktop(scene)


def test_a_prompt_that_changes_stays_chosen_with_what_was_typed(desktop, tmp_path: Path) -> None:
    """Its new description made the first prompt of the list the chosen one, and a new argument emptied the form."""
    file = tmp_path / "server.py"
    file.write_text(TOOL.format(more=""))

    async def scene(desk: Desktop) -> None:
        session = await desk.open(parcel(file))
        desk.window.go("prompts", session=session)
        panel = desk.window.host.panel
        assert isinstance(panel, PromptsPanel)
        for name in ("ask", "beg"):
            assert panel.list.select(name)
            assert panel.form is not None
            assert panel.form.focus_place("/topic")
            QTest.keyClicks(focus(), f"{name}ing")
            file.write_text(TOOL.format(more="zone: str, " if "zone" not in file.read_text() else ""))
            known = session.catalogue.prompts
            desk.window.actions_table.trigger("reload")
            await desk.until(lambda known=known: session.usable and session.catalogue.prompts != known, "a change")
            await turns()
            assert panel.title.whole() == name
            assert panel.form.value()["topic"] == f"{name}ing"
            assert isinstance(focus(), QLineEdit)

    desktop(scene)


def test_a_recording_that_has_been_read_does_not_take_the_focus_from_who_types(desktop, tmp_path: Path) -> None:
    async def scene(desk: Desktop) -> None:
        await desk.desk()
        await desk.until(QApplication.focusWidget, "a focus")
        await desk.run("add", {"a": 1, "b": 2})
        saved = tmp_path / "session.wglass"
        assert await desk.app.recordings.save(saved)
        panel = await replay(desk, saved)
        await desk.until(lambda: panel.replay, "the calls of the recording")
        await desk.until(panel.list.hasFocus, "the focus in the list: nobody has moved it")
        desk.window.go("history")
        panel.replay = None
        panel = await replay(desk, saved)
        panel.server.setFocus()
        QTest.keyClick(panel.server, Qt.Key.Key_Down)
        await desk.until(lambda: panel.replay, "the calls of the recording")
        assert focus() is panel.server

    async def replay(desk: Desktop, saved: Path) -> ReplayPanel:
        desk.window.go("replay", path=str(saved))
        host = desk.window.host
        assert isinstance(host, PanelHost)
        assert isinstance(host.panel, ReplayPanel)
        await turns()
        return host.panel

    desktop(scene)


def test_a_new_window_keeps_its_focus_for_the_first_view(qtbot, make_window) -> None:
    """Qt gave it to the menu button when the window became active before the view had settled: the first start did not
    show the one focused button of design section 3."""
    window = make_window()
    assert window.focusWidget() is window.host
    qtbot.waitUntil(lambda: window.focusWidget() is window.host.panel.open_button, timeout=10_000)
