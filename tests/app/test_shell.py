"""The shell around the views: split, windows, drawer, narrow widths, history, keys, and what outlives a restart."""

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QSplitter, QWidget

from app.desk import DESK, Desktop, python_target, texts
from wireglass_app.actions import keys_of
from wireglass_app.controls import key_text
from wireglass_app.keys import KeyTaken, KeyTypes
from wireglass_app.mainwindow import MainWindow
from wireglass_app.models.catalogue import Heading
from wireglass_app.models.rows import ROW
from wireglass_app.panels.settings import SettingsPanel
from wireglass_app.shell.navigation import NARROW_WIDTH, WIDTH
from wireglass_app.shell.speaking import Announcer
from wireglass_app.shell.strip import SessionStrip


def test_two_views_stand_side_by_side_with_their_own_history(desktop) -> None:
    """Design section 2: Split."""

    async def scene(desk: Desktop) -> None:
        session = await desk.desk()
        window = desk.window
        window.actions_table.trigger("split")
        assert [host.place[0] for host in window.center.hosts] == ["tools", "frames"]
        assert window.host.place[0] == "frames"
        window.go("network")
        window.actions_table.trigger("back")
        assert window.host.place[0] == "frames"
        window.actions_table.trigger("other-pane")
        assert window.host.place == ("tools", session)
        assert not window.host.can_go[1]
        window.actions_table.trigger("split")
        assert not window.center.is_split
        assert window.host.place[0] == "frames", "the pane that was not active stays"

    desktop(scene)


def test_the_pane_with_the_focus_is_the_one_that_keys_and_navigation_mean(desktop) -> None:
    async def scene(desk: Desktop) -> None:
        await desk.desk()
        window = desk.window
        window.actions_table.trigger("split")
        left, right = window.center.hosts
        left.panel.regions()[0].setFocus()
        await desk.until(lambda: window.host is left, "the left pane to be active")
        window.go("logs")
        assert left.place[0] == "logs"
        assert right.place[0] == "frames"

    desktop(scene)


def test_two_servers_side_by_side_each_keep_their_view(desktop) -> None:
    async def scene(desk: Desktop) -> None:
        first = await desk.desk()
        window = desk.window
        window.actions_table.trigger("split")
        second = await desk.open(python_target("desk two", str(DESK), cwd=str(DESK.parent)))
        left, right = window.center.hosts
        assert left.place == ("tools", first)
        assert right.place == ("tools", second)
        window.actions_table.trigger("other-pane")
        assert desk.app.workbench.current is first
        assert window.header.server.accessibleName().startswith("Current server")
        await desk.app.workbench.close(first)
        assert left.place == ("tools", second), "a closed server leaves no view behind"

    desktop(scene)


def test_two_servers_of_one_name_are_told_apart_wherever_they_are_named(desktop) -> None:
    """They were "desk" and "desk" in the navigation, in Protocol, in the Inbox and in what is filtered by server."""

    async def scene(desk: Desktop) -> None:
        first = await desk.desk()
        second = await desk.desk()
        assert (first.name, second.name) == ("desk", "desk 2")
        assert second.own_name == "desk", "rules and copies name it as it names itself"
        model = desk.window.navigation.list.model()

        def names() -> list[str]:
            return [str(model.index(row, 0).data()).split(",")[0] for row in range(model.rowCount())]

        await desk.until(lambda: {"desk", "desk 2"} <= set(names()), "both in the navigation")
        desk.window.go("frames")
        frames = desk.window.host.panel
        frames.filter.set_text('server:"desk 2"')
        await desk.until(lambda: 0 < frames.model.rowCount() < frames.model.total, "the frames of the second")
        assert {frames.model.entry(row).connection for row in range(frames.model.rowCount())} == {second.connection}
        await desk.app.workbench.close(first)
        assert second.name == "desk 2", "a number stays while its server is open"
        third = await desk.desk()
        assert third.name == "desk"

    desktop(scene)


def test_a_second_window_shows_another_view_of_the_same_session(desktop) -> None:
    async def scene(desk: Desktop) -> None:
        session = await desk.desk()
        first = desk.window
        earlier = await desk.run("add", {"a": 3, "b": 4})
        await desk.until(lambda: earlier.ended, "a call before the other window opens")
        first.actions_table.trigger("new-window")
        second = next(window for window in desk.app.windows if window is not first)
        strip = second.findChild(SessionStrip)
        assert [spot.call for spot in strip.lane.spots] == [earlier], "its strip knows what was before"
        assert "1 call" in texts(strip)
        assert second.host.place == ("tools", session)
        second.go("frames")
        assert first.host.place[0] == "tools"
        await desk.run("add", {"a": 1, "b": 2})
        frames = second.host.panel
        await desk.until(lambda: frames.model.rowCount() > 2, "the frames in the other window")
        second.close()
        await desk.until(lambda: desk.app.windows == [first], "one window")
        assert session.usable, "closing one window ends nothing"

    desktop(scene)


def test_the_drawer_shows_logs_and_notifications_of_the_current_server(desktop) -> None:
    async def scene(desk: Desktop) -> None:
        session = await desk.desk()
        window = desk.window
        window.actions_table.trigger("drawer")
        assert window.drawer.isVisible()
        await desk.run("slow")
        await desk.until(lambda: window.drawer.lists["log"].model_.rowCount(), "log lines in the drawer")
        assert window.drawer.who.whole() == session.name
        tall = window.drawer.height()
        QTest.keyClick(window.drawer.grip, Qt.Key.Key_Up)
        assert window.drawer.height() > tall
        window.actions_table.trigger("drawer")
        assert not window.drawer.isVisible()

    desktop(scene)


def test_a_narrow_window_keeps_the_navigation_as_icons_with_names(make_window) -> None:
    window = make_window()
    assert window.navigation.width() == WIDTH
    window.resize(900, 700)
    assert window.navigation.width() == NARROW_WIDTH
    names = [window.navigation.list.model().index(at, 0).data() for at in range(3)]
    assert "Inbox" in names
    window.resize(1200, 700)
    assert window.navigation.width() == WIDTH


def test_back_returns_to_the_tool_that_was_chosen(desktop) -> None:
    async def scene(desk: Desktop) -> None:
        await desk.desk()
        window = desk.window
        window.go("tools", name="add")
        window.go("frames")
        window.go("tools", name="slow")
        window.actions_table.trigger("back")
        assert window.host.place[0] == "frames"
        window.actions_table.trigger("back")
        assert window.host.panel.bookmark() == {"name": "add"}
        window.actions_table.trigger("forward")
        window.actions_table.trigger("forward")
        assert window.host.panel.bookmark() == {"name": "slow"}

    desktop(scene)


def test_what_the_window_showed_is_there_after_a_restart(make_window, tmp_path: Path) -> None:
    window = make_window()
    window.go("frames")
    window.actions_table.trigger("split")
    window.go("settings")
    window.actions_table.trigger("drawer")
    window.actions_table.trigger("nav")
    window.close()
    again = make_window()
    assert [host.place[0] for host in again.center.hosts] == ["frames", "settings"]
    assert again.drawer.isVisible()
    assert not again.navigation.isVisible()


def test_every_splitter_of_a_view_is_where_it_was(make_window) -> None:
    window = make_window()
    window.go("frames")
    splitter = window.host.panel.findChildren(QSplitter)[0]
    splitter.setSizes([150, 500, 0])
    splitter.splitterMoved.emit(150, 1)
    wanted = splitter.sizes()
    window.close()
    again = make_window()
    found = again.host.panel.findChildren(QSplitter)[0].sizes()
    assert all(abs(one - other) <= 4 for one, other in zip(found, wanted, strict=True)), (found, wanted)


def test_a_key_can_be_changed_and_its_hints_follow(make_window) -> None:
    window = make_window()
    keys = keys_of(window.settings)
    keys.bind("palette", ["Ctrl+Shift+K"])
    assert [one.toString() for one in window.actions_table["palette"].shortcuts()] == ["Ctrl+Shift+K"]
    assert key_text("Ctrl+K") == key_text("Ctrl+Shift+K") != ""
    keys.reset("palette")
    assert [one.toString() for one in window.actions_table["palette"].shortcuts()] == ["Ctrl+K", "Ctrl+Shift+P"]


def test_a_key_that_is_taken_is_refused_with_the_other_actions_name(make_window) -> None:
    """Design section 9."""
    keys = keys_of(make_window().settings)
    with pytest.raises(KeyTaken, match="Settings"):
        keys.bind("palette", ["Ctrl+,"])
    assert keys.of("palette") == ("Ctrl+K", "Ctrl+Shift+P")


def test_keys_are_changed_on_the_settings_page(make_window) -> None:
    window = make_window()
    window.go("settings", section="keys")
    page = window.host.panel
    assert isinstance(page, SettingsPanel)
    line = page.key_editor.lines["drawer"]
    line.change.click()
    assert line.edit.isVisible()
    QTest.keyClick(line.edit, Qt.Key.Key_P, Qt.KeyboardModifier.ControlModifier)
    assert "already belongs to “Go to tool, resource, prompt”" in page.key_editor.note.text()
    line.change.click()
    QTest.keyClick(line.edit, Qt.Key.Key_G, Qt.KeyboardModifier.ControlModifier)
    assert window.actions_table["drawer"].shortcut().toString() == "Ctrl+G"
    line.back.click()
    assert window.actions_table["drawer"].shortcut().toString() == "Ctrl+J"


def test_a_key_that_types_is_refused(make_window) -> None:
    """It was taken from every list, and from the answers in the Inbox."""
    keys = keys_of(make_window().settings)
    for key in ("Y", "Shift+Y", "Space", "Return", "Down"):
        with pytest.raises(KeyTypes, match="alone is for typing and moving"):
            keys.bind("about", [key])
    keys.bind("about", ["F9"])
    assert keys.of("about") == ("F9",)


def test_closing_asks_in_place_only_while_something_is_unfinished(desktop) -> None:
    async def scene(desk: Desktop) -> None:
        await desk.desk()
        await desk.run("ask")
        desk.tools.list.view.setFocus()
        before = desk.window.focusWidget()
        desk.window.close()
        assert desk.window.isVisible()
        assert desk.window.leave.isVisible()
        assert "1 question waits for you" in texts(desk.window.leave)
        assert desk.window.leave.keep.accessibleDescription() == "1 question waits for you."
        desk.window.leave.keep.click()
        assert not desk.window.leave.isVisible()
        assert desk.window.focusWidget() is before, "the focus goes back to where it was"

    desktop(scene)


def test_a_fault_of_ours_stays_until_it_was_read_and_gives_a_report(make_window) -> None:
    """Design section 8."""
    window = make_window()
    try:
        raise LookupError("a row that is not there, Authorization: Bearer sk-12345678901234567890")
    except LookupError as problem:
        window.bridge.fault.emit(problem)
    bar = window.notices._fault
    assert bar.isVisible()
    assert "not in your server. Your work is kept." in window.status.said.whole()
    bar.copy.click()
    report = QApplication.clipboard().text()
    assert "Wireglass 0" in report
    assert "LookupError: a row that is not there" in report
    assert "sk-12345678901234567890" not in report
    window.bridge.fault.emit(ValueError("another"))
    assert window.notices._fault is not bar
    window.notices._fault.go_on.click()
    assert not window.notices._fault.isVisible()


def test_the_status_bar_tells_servers_faults_and_the_recording(desktop, tmp_path: Path) -> None:
    """Design sections 2 and 5: connections, version, violations | recording, theme."""

    async def scene(desk: Desktop) -> None:
        status = desk.window.status
        assert status.machine.text().startswith("Python 3.")
        assert status.wireglass.isVisible()
        assert not status.violations.isVisible()
        session = await desk.desk()
        assert status.connections.text() == "1 connected"
        assert not status.machine.isVisible()
        await desk.run("broken")
        await desk.until(lambda: desk.app.workbench.ledger.violations, "a judged frame")
        status.refresh()
        assert status.violations.text().strip() == "1 schema violation"
        ledger = desk.app.workbench.ledger
        unread = next(iter(ledger.violations))
        ledger.errors[unread] = "not JSON"
        status.refresh()
        assert status.violations.text().strip() == "1 unreadable message", "what is no message is counted once"
        del ledger.errors[unread]
        status.refresh()
        desk.window.go("changes")  # where F8 is the next change
        status.violations.click()
        assert desk.window.host.place[0] == "frames"
        assert "frames" in status.recorded.whole()
        recording = desk.app.workbench.recording
        await recording.save(tmp_path / "tea.wglass")
        status.refresh()
        assert "saved as tea.wglass" in status.recorded.whole()
        desk.window.open_recordings.emit([str(tmp_path / "tea.wglass")])
        shown = await desk.until(lambda: desk.app.recordings.windows, "the recording's window")
        other = next(iter(shown))
        await desk.until(lambda: "tea.wglass" in other.status.recorded.whole(), "its name")
        assert other.status.recorded.property("tone") == "human"
        assert other.status.connections.text() == "1 recorded"
        assert session.usable

    desktop(scene)


def test_of_what_is_said_too_fast_the_latest_is_spoken_and_no_alarm_is_lost(qtbot, look) -> None:
    """Design section 10: at most one per second, latest wins."""
    shown: list[str] = []
    spoken: list[tuple[str, bool]] = []
    window = QWidget()
    qtbot.addWidget(window)
    announcer = Announcer(window, shown.append)
    announcer.spoken.connect(lambda text, assertive: spoken.append((text, assertive)))
    announcer.say("one")
    announcer.say("two")
    announcer.say("three")
    assert shown == ["one", "two", "three"]
    assert spoken == [("one", False)]
    announcer._pause.timeout.emit()
    assert spoken[1:] == [("three", False)]
    announcer.say("lost", assertive=True)
    announcer.say("four")
    announcer._pause.timeout.emit()
    assert spoken[2:] == [("lost", True)]
    announcer._pause.timeout.emit()
    assert len(spoken) == 3


def kept(window: MainWindow) -> list[str]:
    return [name for name in window.settings.names() if name.startswith(("filter.", "groups."))]


def test_filters_and_closed_groups_are_there_after_a_restart(make_window, qtbot) -> None:
    """Design section 2: filters, sort, expanded groups."""
    window = make_window()
    window.go("frames")
    window.host.panel.filter.set_text("verdict:fail")
    window.go("history")
    window.host.panel.field.setText("add")
    window.go("settings")
    window.host.panel.field.setText("theme")
    tools = window.host.built("tools")
    tools.list._picked(Heading("Read", True, 3))
    qtbot.waitUntil(lambda: len(kept(window)) == 3, timeout=30_000)
    window.close()
    again = make_window()
    again.go("frames")
    assert again.host.panel.filter.line.text() == "verdict:fail"
    again.go("history")
    assert again.host.panel.field.text() == "add"
    again.go("settings")
    assert again.host.panel.field.text() == "", "a search of settings is over when the page is left"
    assert again.host.built("tools").list.kept() == ["Read"]
    again.host.built("history").field.clear()
    qtbot.waitUntil(lambda: len(kept(again)) == 2, timeout=30_000)


def test_the_looks_and_the_order_of_the_timeline_are_there_after_a_restart(make_window, qtbot) -> None:
    """Design section 2: sort."""
    window = make_window()
    window.go("timeline")
    board = window.host.panel.board
    board.mode.button("table").click()
    board.numbers.grouping.button("method").click()
    board.table.sortByColumn(3, Qt.SortOrder.DescendingOrder)
    qtbot.waitUntil(lambda: sum(name.startswith("choice.") for name in window.settings.names()) == 2, timeout=30_000)
    qtbot.waitUntil(lambda: window.settings.get("layout.timeline.columns0", "") != "", timeout=30_000)
    window.close()
    again = make_window()
    again.go("timeline")
    board = again.host.panel.board
    assert board.mode.current() == "table"
    assert board.numbers.grouping.current() == "method"
    header = board.table.horizontalHeader()
    assert (header.sortIndicatorSection(), header.sortIndicatorOrder()) == (3, Qt.SortOrder.DescendingOrder)


def test_a_layout_from_right_to_left_turns_the_window_round_and_leaves_names_and_code_readable(make_window) -> None:
    """Design section 10."""
    app = QApplication.instance()
    app.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    try:
        window = make_window()
        window.go("frames")
        nav, view = window.navigation, window.center
        assert nav.mapTo(window, QPoint()).x() > view.mapTo(window, QPoint()).x(), "the navigation stands at the right"
        assert window.header.menu_button.mapTo(window, QPoint()).x() > window.width() / 2
        assert nav.list.layoutDirection() == Qt.LayoutDirection.LeftToRight
        assert window.host.panel.table.layoutDirection() == Qt.LayoutDirection.LeftToRight
        window.actions_table.trigger("help")
        assert window.help.x() < window.width() / 2, "help stands away from the navigation"
    finally:
        app.setLayoutDirection(Qt.LayoutDirection.LeftToRight)


def test_of_many_servers_only_the_one_in_use_is_unfolded(desktop) -> None:
    """So that the session's views stay in sight; what somebody folded or unfolded by hand stays so."""

    async def scene(desk: Desktop) -> None:
        servers = [await desk.open(python_target("desk", str(DESK), str(number))) for number in range(4)]
        navigation = desk.window.navigation
        model = navigation.list.model()

        def unfolded() -> list[int]:
            rows = [model.index(at, 0).data(ROW) for at in range(model.rowCount())]
            return [servers.index(one.session) for one in rows if one.kind == "server" and one.opened]

        def press(number: int, key: Qt.Key) -> None:
            rows = [model.index(at, 0) for at in range(model.rowCount())]
            at = next(one for one in rows if one.data(ROW).session is servers[number])
            navigation.list.setCurrentIndex(at)
            QTest.keyClick(navigation.list, key)

        for number in (3, 1):
            desk.window.go("tools", session=servers[number])
            assert unfolded() == [number]
        desk.window.go("timeline")
        assert unfolded() == [1], "a view of the session changes nothing"
        press(2, Qt.Key.Key_Right)
        assert unfolded() == [1, 2]
        desk.window.go("tools", session=servers[0])
        assert unfolded() == [0, 2]
        press(0, Qt.Key.Key_Left)
        assert unfolded() == [2]
        desk.window.go("prompts", session=servers[0])
        assert unfolded() == [0, 2], "who goes there sees where they are"

    desktop(scene)


def test_the_header_tells_of_the_recording_and_offers_what_can_be_done_with_it(desktop) -> None:
    """Design section 2: reload note, Inbox, record, split. Theme and drawer are in the status bar."""

    async def scene(desk: Desktop) -> None:
        window = desk.window
        await desk.desk()
        button = window.header.record
        button.setFocus()
        assert button.accessibleName().startswith("Recording: the last 30 minutes are kept, ")
        menu = button.menu()
        offered = [action.text() for action in menu.actions() if not action.isSeparator()]
        assert offered[:2] == ["Save session…", "Add a note to the recording"]
        next(action for action in menu.actions() if action.text() == offered[1]).trigger()
        assert window.host.place[0] == "sessions"
        page = window.host.panel
        await desk.until(page.field.hasFocus, "the focus in the field for notes")
        QTest.keyClicks(page.field, "slow from here")
        QTest.keyClick(page.field, Qt.Key.Key_Return)
        assert [note.text for note in desk.app.workbench.recording.notes] == ["slow from here"]
        window.status.drawer_button.click()
        assert window.drawer.isVisible()

    desktop(scene)


def test_the_timeline_opens_with_the_call_that_was_looked_at(desktop) -> None:
    """Design section 4, flow 4."""

    async def scene(desk: Desktop) -> None:
        session = await desk.desk()
        first = await desk.run("add", {"a": 1, "b": 2})
        second = await desk.run("add", {"a": 3, "b": 4})
        exchange = await desk.until(lambda: session.exchanges_of(first) and session.exchanges_of(second), "frames")
        desk.tools._show_run(first)
        desk.window.actions_table.trigger("view-timeline")
        board = desk.window.host.panel.board
        await desk.until(lambda: board.in_depth._key == session.exchanges_of(first)[-1].number, "the first call")
        assert exchange
        desk.window.actions_table.trigger("view-frames")
        desk.window.actions_table.trigger("view-timeline")
        assert board.in_depth._key == session.exchanges_of(first)[-1].number, "what is chosen there stays"

    desktop(scene)
