"""Flows 4 and 5 of the design without a mouse: from the brush to the frames, from a fault to a kept filter."""

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.desk import Desktop
from wireglass_app.panels.frames import FramesPanel
from wireglass_app.panels.network import NetworkPanel
from wireglass_app.panels.timeline import TimelinePanel

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
PLAIN = Qt.KeyboardModifier.NoModifier


def focus() -> Any:
    found = QApplication.focusWidget()
    assert found is not None, "Nobody has the focus"
    return found


def press(key: Qt.Key, modifiers: Any = PLAIN) -> None:
    QTest.keyClick(focus(), key, modifiers)


def type_text(text: str) -> None:
    QTest.keyClicks(focus(), text)


async def protocol(desk: Desktop) -> FramesPanel:
    panel = desk.window.host.panel
    assert isinstance(panel, FramesPanel)
    await desk.until(lambda: panel.model.rowCount(), "frames")
    return panel


def test_the_broken_message_is_found_explained_and_its_filter_kept(desktop) -> None:
    """Design flow 5: F8, the words, Ctrl+L, Ctrl+Shift+L."""

    async def scene(desk: Desktop) -> None:
        session = await desk.desk()
        desk.window.go("tools", session=session)
        await desk.run("add", {"a": 1, "b": 2})
        await desk.run("broken")
        await desk.run("broken")
        ledger = desk.app.workbench.ledger
        await desk.until(lambda: len(ledger.violations) >= 2, "the verdicts")
        press(Qt.Key.Key_F8)
        panel = await protocol(desk)
        await desk.until(lambda: panel.detail.entry, "a frame")
        first = panel.detail.entry.seq
        assert first in ledger.violations
        assert panel.table.hasFocus()
        assert panel.detail.verdict.title.text()
        assert panel.detail.verdict.cell("At").startswith("/result")
        await desk.until(lambda: panel.detail.verdict.cell("Seen"), "how often")
        press(Qt.Key.Key_F8)
        second = panel.detail.entry.seq
        assert second > first
        press(Qt.Key.Key_F8, SHIFT)
        assert panel.detail.entry.seq == first
        press(Qt.Key.Key_T, CTRL | SHIFT)
        assert panel.detail.timing.waterfall.hasFocus()
        press(Qt.Key.Key_L, CTRL)
        assert panel.filter.line.hasFocus()
        type_text("verdict:fail")
        await desk.until(lambda: panel.model.filter_text == "verdict:fail", "the filter")
        await desk.until(lambda: panel.model.rowCount() == len(ledger.violations), "the rows")
        desk.window.activateWindow()  # offscreen, the list of offers keeps the activation when it closes
        press(Qt.Key.Key_L, CTRL | SHIFT)
        await desk.until(panel.name_bar.field.hasFocus, "the name")
        type_text("Broken answers")
        press(Qt.Key.Key_Return)
        assert panel.saved.kept == {"Broken answers": "verdict:fail"}
        assert panel.filter.line.hasFocus()
        press(Qt.Key.Key_Escape)
        await desk.until(lambda: panel.model.rowCount() == panel.model.total, "all rows")
        press(Qt.Key.Key_Escape)
        assert panel.table.hasFocus()
        press(Qt.Key.Key_Home, CTRL)
        press(Qt.Key.Key_Down)
        assert panel.detail.entry.seq == 1

    desktop(scene)


def test_f6_goes_through_protocol_and_tab_is_not_lost(desktop) -> None:
    async def scene(desk: Desktop) -> None:
        session = await desk.desk()
        desk.window.go("tools", session=session)
        await desk.run("add", {"a": 1, "b": 2})
        press(Qt.Key.Key_7, CTRL)
        panel = await protocol(desk)
        panel.detail.show_entry(None)
        desk.window.strip.lane.setFocus()
        press(Qt.Key.Key_F6, SHIFT)
        assert panel.table.hasFocus(), "while no frame is chosen there is nothing to stand on beside it"
        panel.table.selectRow(1)
        press(Qt.Key.Key_F6)
        assert panel.detail.isAncestorOf(focus())
        press(Qt.Key.Key_F6, SHIFT)
        assert panel.table.hasFocus()
        seen: list[Any] = []
        panel.filter.line.setFocus()
        for _ in range(14):
            press(Qt.Key.Key_Tab)
            seen.append(focus())
        assert len({id(one) for one in seen}) >= 8
        assert panel.export in seen
        assert panel.table in seen

    desktop(scene)


def test_a_frame_is_edited_and_sent_again_without_a_mouse(desktop) -> None:
    async def scene(desk: Desktop) -> None:
        session = await desk.desk()
        desk.window.go("tools", session=session)
        await desk.run("add", {"a": 1, "b": 2})
        press(Qt.Key.Key_7, CTRL)
        panel = await protocol(desk)
        panel.filter.set_text("method:tools/call kind:request")
        await desk.until(lambda: panel.model.rowCount() == 1, "the request")
        panel.table.setFocus()
        press(Qt.Key.Key_Home, CTRL)
        press(Qt.Key.Key_Down)
        panel.table.selectRow(0)
        panel.detail.edit.setFocus()
        press(Qt.Key.Key_Space)
        assert panel.composer.edit.hasFocus()
        panel.composer.edit.set_json(panel.composer.edit.parsed() | {"id": "mine"})
        press(Qt.Key.Key_Return, CTRL)
        ledger = desk.app.workbench.ledger
        await desk.until(lambda: any(one.id == "mine" and one.kind == "result" for one in ledger.entries), "an answer")

    desktop(scene)


def test_the_brush_is_drawn_with_the_keys_and_followed_by_protocol_and_network(desktop) -> None:
    """Design flow 4: brushing a range filters Protocol and Network too."""

    async def scene(desk: Desktop) -> None:
        session = await desk.desk()
        desk.window.go("tools", session=session)
        for number in range(3):
            await desk.run("add", {"a": number, "b": 2})
        press(Qt.Key.Key_6, CTRL)
        timeline = desk.window.host.panel
        assert isinstance(timeline, TimelinePanel)
        await desk.until(lambda: len(timeline.model.calls) >= 3, "the calls")
        timeline.board.lanes.zoom(8)
        timeline.board.overview.setFocus()
        press(Qt.Key.Key_Left)
        await desk.until(lambda: desk.app.workbench.brushed, "a brush")
        press(Qt.Key.Key_7, CTRL)
        panel = await protocol(desk)
        await desk.until(lambda: panel.brushed.isVisible() and panel.model.rowCount() < panel.model.total, "fewer rows")
        desk.window.go("network")
        network = desk.window.host.panel
        assert isinstance(network, NetworkPanel)
        assert network.brushed.isVisible()
        assert network._empty.title.text() == "desk speaks over stdio"
        network.brushed.setFocus()
        press(Qt.Key.Key_Space)
        assert desk.app.workbench.brushed is None
        press(Qt.Key.Key_7, CTRL)
        await desk.until(lambda: panel.model.rowCount() == panel.model.total, "all rows")

    desktop(scene)
