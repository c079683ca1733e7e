"""A question of a real server, answered in the real window by keyboard alone (design section 4, flow 2)."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget

from app.desk import Desktop, texts
from wireglass_app.panels.frames import FramesPanel
from wireglass_app.panels.inbox import InboxPanel
from wireglass_app.theme import theme

CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


def focus() -> QWidget:
    found = QApplication.focusWidget()
    assert found is not None
    return found


async def open_inbox(desk: Desktop) -> InboxPanel:
    """Asks the server to ask, then Ctrl+I."""
    await desk.run("ask")
    desk.window.activateWindow()
    QTest.keyClick(desk.window, Qt.Key.Key_I, CTRL)
    panel = desk.window.host.panel
    assert isinstance(panel, InboxPanel)
    return panel


def test_a_question_is_answered_with_four_keys_and_the_call_goes_on(desktop) -> None:
    async def scene(desk: Desktop) -> None:
        session = await desk.desk()
        panel = await open_inbox(desk)
        call = session.calls[-1]
        await desk.until(lambda: isinstance(QApplication.focusWidget(), QLineEdit), "the focus in the form")
        assert "The call waits until you answer." in texts(panel)
        if focus().accessibleName() != "Name":
            QTest.keyClick(focus(), Qt.Key.Key_Tab)
        for sign in "Ada":
            QTest.keyClick(focus(), sign)
        QTest.keyClick(focus(), Qt.Key.Key_Return, CTRL)
        await desk.until(lambda: call.ended, "the end of the call")
        assert call.result is not None
        assert call.result["content"][0]["text"] == "Hello Ada"
        assert desk.app.workbench.waiting == []
        assert panel.model.data(panel.model.index(0)) == "Answered · 1 this session"
        assert "asked, during ask run 1." in texts(panel)
        assert "waits" not in texts(panel)

    desktop(scene)


def test_declining_is_an_answer_too(desktop) -> None:
    async def scene(desk: Desktop) -> None:
        session = await desk.desk()
        await open_inbox(desk)
        call = session.calls[-1]
        QTest.keyClick(focus(), Qt.Key.Key_D, CTRL | SHIFT)
        await desk.until(lambda: call.ended, "the end of the call")
        assert call.result is not None
        assert call.result["content"][0]["text"] == "You chose decline"

    desktop(scene)


def test_a_server_that_dies_leaves_the_question_readable(desktop) -> None:
    async def scene(desk: Desktop) -> None:
        session = await desk.desk()
        panel = await open_inbox(desk)
        await session.disconnect_from()
        await desk.until(lambda: not desk.app.workbench.waiting, "the end of the question")
        card = panel.card
        assert card is not None
        assert card._banner.isVisible()
        assert card._banner.text.text().startswith("The server is gone")
        assert not card._footer.isVisible()

    desktop(scene)


def test_the_frames_of_a_real_call_are_judged_and_shown_in_every_theme(desktop) -> None:
    async def scene(desk: Desktop) -> None:
        session = await desk.desk()
        await desk.run("add", {"a": 1, "b": 2})
        desk.window.go("frames")
        panel = desk.window.host.panel
        assert isinstance(panel, FramesPanel)
        bench = desk.app.workbench
        await desk.until(lambda: bench.verdicts.done == len(bench.ledger.entries), "every verdict")

        def last() -> object:
            return panel.model.data(panel.model.index(panel.model.rowCount() - 1, 5))

        await desk.until(lambda: last() == "result of tools/call add", "the answer's row")
        assert panel.model.data(panel.model.index(0, 4)) == session.name
        panel.show_item(seq=panel.model.seq(panel.model.rowCount() - 1))
        for choice in ("dark", "contrast", "light"):
            theme().choose(choice)  # type: ignore[arg-type]  # the three are choices
            assert not desk.window.grab().isNull()
        assert '"sum": 3' in panel.detail.code.text()

    desktop(scene)


def test_a_composed_message_reaches_the_server(desktop) -> None:
    async def scene(desk: Desktop) -> None:
        await desk.desk()
        desk.window.go("frames")
        panel = desk.window.host.panel
        assert isinstance(panel, FramesPanel)
        before = panel.model.rowCount()
        panel.compose(fresh=True)
        panel.composer.edit.setPlainText('{"jsonrpc": "2.0", "id": "mine", "method": "ping"}')
        desk.window.activateWindow()
        panel.composer.edit.setFocus()
        QTest.keyClick(focus(), Qt.Key.Key_Return, CTRL)
        await desk.until(lambda: panel.model.rowCount() >= before + 2, "the answer")
        raws = [panel.model.entry(row).raw for row in range(before, panel.model.rowCount())]
        assert raws[0] == '{"jsonrpc":"2.0","id":"mine","method":"ping"}'
        assert any('"mine"' in raw for raw in raws[1:])

    desktop(scene)
