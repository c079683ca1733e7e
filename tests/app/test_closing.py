"""Views and servers are closed while their work runs: nothing is raised, nothing of them is touched again."""

import asyncio
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication, QFileDialog, QLineEdit, QMessageBox
from shiboken6 import isValid

from app.desk import DESK, Desktop, python_target
from wireglass_app.appearance import THEME
from wireglass_app.calls import Target
from wireglass_app.dialogs.connect import ConnectDialog
from wireglass_app.inbox.roots_editor import RootsEditor
from wireglass_app.mainwindow import MainWindow
from wireglass_app.panels import PANELS
from wireglass_app.panels.overview import OverviewPanel
from wireglass_app.panels.resources import ResourcesPanel
from wireglass_app.server_session import ServerSession

AT_WORK = ("welcome", "targets", "tasks", "changes", "sessions", "replay", "connection", "resources", "prompts")
"""Views that begin something when they are shown."""


def told(desk: Desktop) -> list[object]:
    """Faults from now on. What a slot raises fails the test by itself."""
    faults: list[object] = []
    desk.app.bridge.fault.connect(faults.append)
    return faults


async def gone(desk: Desktop, *objects: QObject) -> None:
    await desk.until(lambda: not any(isValid(one) for one in objects), "the end of what was closed")


async def all_told(desk: Desktop) -> None:
    """Everything that was queued for a view or asked by it has come back."""
    await desk.app.bridge.compute(int)
    await desk.app.bridge.settled()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)  # type: ignore[arg-type]  # None is all


async def close_quietly(desk: Desktop, session: ServerSession, faults: list[object]) -> None:
    """Closes a server: it goes, and nobody is told of a fault."""
    await desk.app.workbench.close(session)
    await gone(desk, session)
    await all_told(desk)
    assert not faults


def second_window(desk: Desktop) -> MainWindow:
    window = desk.app.open_window()
    assert window is not desk.window
    return window


def test_a_closed_window_hears_of_nothing_any_more(desktop) -> None:
    """A lambda on a signal of the workbench would be called after its view has gone."""

    async def scene(desk: Desktop) -> None:
        session = await desk.desk()
        faults = told(desk)
        window = second_window(desk)
        for spec in PANELS:
            window.go(spec.key, session=session)
            await asyncio.sleep(0)
        views = [window.host.built(spec.key) for spec in PANELS]
        window.close()
        await gone(desk, window, *views)
        desk.window.go("tools", session=session)
        await desk.run("add", {"a": 1, "b": 2})
        for choice in ("dark", "contrast", "light"):
            desk.app.settings.set(THEME, choice)
        for name in ("inbox.canned", "recordings.recent", "keys", "time.zone"):
            desk.app.settings.changed.emit(name)
        desk.app.workbench.brush((0, 1))
        desk.app.workbench.recording.changed.emit()
        desk.app.workbench.answers.rules.changed.emit()
        desk.app.workbench.answers.endpoints.changed.emit()
        await session.restart()
        await desk.until(lambda: session.usable, "the server again")
        second = await desk.open(python_target("second", *session.target.args))
        await desk.app.workbench.close(second)
        await all_told(desk)
        assert not faults

    desktop(scene)


@pytest.mark.parametrize("key", AT_WORK)
def test_a_view_that_is_closed_while_it_works_ends_quietly(desktop, key: str) -> None:
    async def scene(desk: Desktop) -> None:
        session = await desk.desk()
        faults = told(desk)
        window = second_window(desk)
        window.go(key, session=session)
        view = window.host.panel
        await asyncio.sleep(0)
        window.close()
        await gone(desk, window, view)
        await all_told(desk)
        assert not faults

    desktop(scene)


def test_a_server_that_is_closed_while_it_restarts_does_not_come_back(desktop) -> None:
    """The second half of a restart would connect a server that no window shows any more."""

    async def scene(desk: Desktop) -> None:
        session = await desk.desk()
        faults = told(desk)
        session.spawn(session.restart())
        session.spawn(desk.app.workbench.close(session))
        await gone(desk, session)
        await all_told(desk)
        assert not session.alive
        assert (session.starts, desk.app.workbench.sessions, faults) == (1, [], [])
        session.connect_to()
        assert not session.alive

    desktop(scene)


def test_a_server_that_is_closed_while_its_connection_is_checked_is_not_told_of_it(desktop) -> None:
    async def scene(desk: Desktop) -> None:
        faults = told(desk)
        session = await desk.open(Target("nobody", "http", url="http://127.0.0.1:9/mcp"))
        assert session.state == "failed"
        session.spawn(session.check())
        await asyncio.sleep(0)
        await close_quietly(desk, session, faults)

    desktop(scene)


def test_a_server_is_closed_while_views_wait_for_its_answers(desktop) -> None:
    """The views stay, so their work goes on; the server's own part of it does not."""

    async def scene(desk: Desktop) -> None:
        session = await desk.desk()
        faults = told(desk)
        desk.window.go("overview", session=session)
        overview = desk.window.host.panel
        assert isinstance(overview, OverviewPanel)
        if overview.era is not None and overview.era.ping is not None:
            overview.era.ping.click()
        desk.window.go("resources", session=session)
        resources = desk.window.host.panel
        assert isinstance(resources, ResourcesPanel)
        for _ in range(3):
            desk.app.bridge.spawn(resources._subscribe(session, "desk://note"), resources)
        await asyncio.sleep(0)
        await close_quietly(desk, session, faults)

    desktop(scene)


def test_the_dialog_of_a_server_closes_with_it(desktop) -> None:
    """Another window may close a server while this one shows how it connects."""

    async def scene(desk: Desktop) -> None:
        faults = told(desk)
        desk.app.opener.ask_target(None)
        dialog = desk.app.opener.dialog
        assert isinstance(dialog, ConnectDialog)
        session = await desk.open(Target("nobody", "http", url="http://127.0.0.1:9/mcp"))
        dialog.follow(session)
        await close_quietly(desk, session, faults)
        await gone(desk, dialog)
        assert desk.app.opener.dialog is None

    desktop(scene)


def test_a_view_is_built_anew_while_its_file_dialog_asks_back(desktop, tmp_path: Path) -> None:
    """Qt's own dialog says in a loop of its own that a folder is not there. A server that ended meanwhile had its view
    built anew, which took the dialog along: a double free when that loop ended."""

    async def scene(desk: Desktop) -> None:
        session = await desk.desk()
        desk.window.go("overview", session=session)
        editor = desk.window.host.panel.findChild(RootsEditor)
        assert editor is not None
        editor._pick()
        dialog = next(one for one in QApplication.topLevelWidgets() if isinstance(one, QFileDialog))
        line = dialog.findChild(QLineEdit, "fileNameEdit")
        assert line is not None

        def asks() -> QMessageBox | None:
            found = QApplication.activeModalWidget()
            return found if isinstance(found, QMessageBox) else None

        def choose() -> None:  # not from a task: it would wait for tasks in the loop of the message
            line.setText(str(tmp_path / "nowhere"))
            dialog.accept()

        QTimer.singleShot(0, choose)
        message = await desk.until(asks, "the message that it is not there")
        await session.disconnect_from()
        await gone(desk, editor)
        message.accept()
        await desk.until(lambda: not isValid(message) or not message.isVisible(), "the end of the message")
        await all_told(desk)
        dialog.reject()
        await gone(desk, dialog)

    desktop(scene)


def test_a_link_to_a_server_that_was_closed_meanwhile_leads_nowhere(desktop) -> None:
    """The palette and menus show what was there when they opened."""

    async def scene(desk: Desktop) -> None:
        session: ServerSession = await desk.desk()
        other = await desk.open(python_target("second", *session.target.args))
        faults = told(desk)
        await desk.app.workbench.close(session)
        await gone(desk, session)
        for key in ("tools", "connection", "sign-in", "edit-target"):
            desk.window.go(key, session=session)
        desk.app.workbench.make_current(session)
        await all_told(desk)
        assert desk.app.workbench.current is other
        assert desk.window.host.place[1] is other
        assert not faults

    desktop(scene)


def test_a_server_that_was_closed_keeps_its_name_in_the_views(desktop) -> None:
    async def scene(desk: Desktop) -> None:
        session = await desk.open(python_target("unlike", str(DESK)))
        bench, connection = desk.window.workbench, session.connection
        assert bench.server_name(connection) == "desk"
        await bench.close(session)
        assert bench.session_of(connection) is None
        assert bench.server_name(connection) == "desk"
        assert bench.server_name("shop #7") == "shop", "nobody knows more of it"

    desktop(scene)
