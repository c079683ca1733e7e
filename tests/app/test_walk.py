"""A walk over every widget of every view: names for those who do not see it, plain text, reachable, large enough."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QComboBox,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QScrollBar,
    QWidget,
)

from app.desk import Desktop

VIEWS = (
    "tools",
    "resources",
    "prompts",
    "overview",
    "logs",
    "inbox",
    "frames",
    "network",
    "history",
    "changes",
    "replay",
    "settings",
    "welcome",
)
CONTROLS = (QAbstractButton, QAbstractItemView, QAbstractSpinBox, QComboBox, QLineEdit, QPlainTextEdit)


def own(widget: QWidget) -> bool:
    """Not one of Qt's inner parts."""
    inner = widget.objectName().startswith("qt_") or isinstance(widget, QScrollBar)
    inside_spin = isinstance(widget.parent(), QAbstractSpinBox | QComboBox)
    header = isinstance(widget, QHeaderView) or type(widget).__name__ in (
        "QTableCornerButton",
        "QComboBoxListView",
        "QComboBoxPrivateContainer",
    )
    return (
        not inner and not inside_spin and not header and not widget.metaObject().className().startswith("QTableCorner")
    )


def faults(root: QWidget) -> list[str]:
    found = []
    for widget in root.findChildren(QWidget):
        if not widget.isVisibleTo(root) or not own(widget):
            continue
        shown = widget.text() if isinstance(widget, QLabel | QAbstractButton) else ""
        where = f"{type(widget).__name__} {shown!r}"
        if isinstance(widget, QLabel) and widget.textFormat() != Qt.TextFormat.PlainText and widget.text():
            found.append(f"{where}: may show markup")
        hint = widget.toolTip()
        if "<" in hint and not hint.startswith("<span>"):  # what `tip` has not escaped
            found.append(f"{where}: its tooltip may show markup: {hint[:60]}")
        if isinstance(widget, CONTROLS):
            named = widget.accessibleName() or (isinstance(widget, QAbstractButton) and widget.text())
            if not named:
                found.append(f"{where} in {type(widget.parent()).__name__}: no accessible name")
            if widget.isEnabled() and widget.focusPolicy() == Qt.FocusPolicy.NoFocus and not _replaced(widget):
                found.append(f"{where} in {type(widget.parent()).__name__}: cannot take the focus")
        if isinstance(widget, QAbstractButton) and min(widget.width(), widget.height()) < 24 and widget.isVisible():
            found.append(f"{where} in {type(widget.parent()).__name__}: {widget.width()} x {widget.height()}")
    return found


def _replaced(widget: QWidget) -> bool:
    """Icons inside a line edit repeat what the field says; the scroll buttons of tabs repeat the arrow keys."""
    return isinstance(widget.parent(), QLineEdit) or type(widget.parent()).__name__ == "QTabBar"


def test_every_view_of_the_shell_is_named_plain_and_reachable(desktop) -> None:
    """Design section 13, point 3."""

    async def scene(desk: Desktop) -> None:
        await desk.desk()
        await desk.run("add", {"a": 1, "b": 2})
        problems: dict[str, list[str]] = {}
        for key in VIEWS:
            desk.window.go(key)
            assert desk.window.host.place[0] == key
            found = faults(desk.window)
            if found:
                problems[key] = found
        assert problems == {}

    desktop(scene)


def test_the_dialogs_are_named_plain_and_reachable(desktop) -> None:
    async def scene(desk: Desktop) -> None:
        desk.app.opener.ask_target(None)
        dialog = await desk.until(lambda: desk.app.opener.dialog, "the connect dialog")
        assert faults(dialog) == []
        dialog.reject()

    desktop(scene)
