"""The flows of the design without a mouse: only keys are sent, to whatever has the focus."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget

from app.desk import Desktop
from wireglass_app.panels.frames import FramesPanel
from wireglass_app.panels.inbox import InboxPanel

NONE = Qt.KeyboardModifier.NoModifier
CONTROL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
ALT = Qt.KeyboardModifier.AltModifier
Key = Qt.Key


def focus() -> QWidget:
    """Who has the focus now."""
    found = QApplication.focusWidget()
    assert found is not None, "the focus is lost"
    return found


def press(key: Qt.Key, modifiers: Qt.KeyboardModifier = NONE) -> None:
    QTest.keyClick(focus(), key, modifiers)


def type_in(text: str) -> None:
    QTest.keyClicks(focus(), text)


def test_a_tool_is_found_filled_in_run_and_run_again(desktop) -> None:
    """Design flow 1: Ctrl+P, a part of the name, Enter, fields, Ctrl+Enter, Alt+Up."""

    async def scene(desk: Desktop) -> None:
        session = await desk.desk()
        await desk.until(lambda: QApplication.focusWidget() is not None, "a focus")
        press(Key.Key_P, CONTROL)
        await desk.until(lambda: focus().accessibleName() == "Go to", "the palette")
        type_in("add")
        press(Key.Key_Return)
        await desk.until(lambda: desk.tools.form.isAncestorOf(focus()), "the focus in the first field")
        type_in("40")
        press(Key.Key_Return, CONTROL)
        await desk.until(lambda: session.calls and session.calls[-1].ended, "a result")
        assert session.calls[-1].result["structuredContent"] == {"sum": 42}
        press(Key.Key_R, CONTROL)
        await desk.until(lambda: len(session.calls) == 2 and session.calls[-1].ended, "the second run")
        press(Key.Key_Up, ALT)
        assert desk.tools.dossier.call is session.calls[0]
        press(Key.Key_E, CONTROL | SHIFT)
        assert desk.tools.form.mode == "json"
        press(Key.Key_T, CONTROL | SHIFT)
        assert desk.tools.dossier.tabs.currentIndex() == 2

    desktop(scene)


def test_a_question_is_answered(desktop) -> None:
    """Design flow 2: Ctrl+I, fill, Ctrl+Enter."""

    async def scene(desk: Desktop) -> None:
        session = await desk.desk()
        desk.window.go("tools", name="ask")
        await desk.until(lambda: QApplication.focusWidget() is not None, "a focus")
        press(Key.Key_Return, CONTROL)
        await desk.until(lambda: session.waiting, "the question")
        press(Key.Key_I, CONTROL)
        await desk.until(lambda: isinstance(desk.window.host.panel, InboxPanel), "the Inbox")
        await desk.until(lambda: isinstance(focus(), QLineEdit), "the focus in the answer")
        type_in("Ada")

        def answered() -> bool:
            if session.waiting:  # deaf at first, so that a key that was on its way answers nothing
                press(Key.Key_Return, CONTROL)
            return session.calls[-1].ended

        await desk.until(answered, "the answer")
        assert session.calls[-1].result["content"][0]["text"] == "Hello Ada"

    desktop(scene)


def test_a_destructive_tool_asks_and_the_safe_answer_has_the_focus(desktop) -> None:
    async def scene(desk: Desktop) -> None:
        session = await desk.desk()
        desk.window.go("tools", name="wipe")
        desk.tools.form.set_value({"sure": True})
        await desk.until(lambda: QApplication.focusWidget() is not None, "a focus")
        press(Key.Key_Return, CONTROL)
        await desk.until(lambda: desk.tools.confirm.keep.hasFocus(), "the focus on Keep it")
        press(Key.Key_Escape)
        assert not session.calls
        assert desk.tools.right.currentWidget() is desk.tools.dossier

    desktop(scene)


def test_the_broken_message_is_found(desktop) -> None:
    """Design flow 5: F8, Ctrl+L, a filter, Ctrl+Shift+L."""

    async def scene(desk: Desktop) -> None:
        await desk.desk()
        await desk.run("broken")
        await desk.until(lambda: desk.app.workbench.ledger.violations, "a judged frame")
        press(Key.Key_F8)
        panel = desk.window.host.panel
        assert isinstance(panel, FramesPanel)
        await desk.until(lambda: panel.detail.entry is not None and panel.detail.entry.violations, "the frame at fault")
        press(Key.Key_L, CONTROL)
        await desk.until(lambda: focus() is panel.filter.line, "the filter")
        type_in("verdict:fail")
        await desk.until(lambda: panel.model.filter_text == "verdict:fail", "the filter to be used")
        press(Key.Key_Escape)
        press(Key.Key_Escape)
        await desk.until(lambda: not panel.filter.line.text(), "an empty filter")

    desktop(scene)


def test_f6_goes_round_all_regions_and_tab_is_never_lost(desktop) -> None:
    """Design section 13, point 2."""

    async def scene(desk: Desktop) -> None:
        await desk.desk()
        await desk.until(lambda: QApplication.focusWidget() is not None, "a focus")
        press(Key.Key_J, CONTROL)
        seen: list[QWidget] = []
        for _ in range(14):
            press(Key.Key_F6)
            if seen and focus() is seen[0]:
                break
            seen.append(focus())
        assert focus() is seen[0], "F6 comes round"
        names = " ".join(widget.accessibleName() for widget in seen)
        for region in ("Go to a tool", "Servers and views", "Tools", "Logs", "Calls of the last minutes"):
            assert region in names, names
        for _ in range(60):
            press(Key.Key_Tab)
            assert focus().isVisible()
            assert focus().window() is desk.window

    desktop(scene)


def test_the_views_servers_and_regions_have_keys(desktop) -> None:
    async def scene(desk: Desktop) -> None:
        first = await desk.desk()
        await desk.until(lambda: QApplication.focusWidget() is not None, "a focus")
        for key, view in (
            (Key.Key_2, "resources"),
            (Key.Key_3, "prompts"),
            (Key.Key_7, "frames"),
            (Key.Key_1, "tools"),
        ):
            press(key, CONTROL)
            assert desk.window.host.place[0] == view
        press(Key.Key_Left, ALT)
        assert desk.window.host.place[0] == "frames"
        press(Key.Key_Right, ALT)
        assert desk.window.host.place == ("tools", first)
        press(Key.Key_Backslash, CONTROL)
        assert desk.window.center.is_split
        press(Key.Key_Backslash, CONTROL)
        assert not desk.window.center.is_split
        press(Key.Key_Comma, CONTROL)
        assert desk.window.host.place[0] == "settings"

    desktop(scene)
