"""A walk over every widget of every view: names for those who do not see it, plain text, reachable, large enough."""

import asyncio
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractScrollArea,
    QAbstractSpinBox,
    QComboBox,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QScrollBar,
    QTableView,
    QToolButton,
    QWidget,
)

from app.desk import Desktop, python_target
from wireglass_app.panels import PANELS
from wireglass_app.shell.palette import Palette
from wireglass_app.theme import theme

VIEWS = tuple(spec.key for spec in PANELS)
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
        elif widget.focusPolicy() & Qt.FocusPolicy.TabFocus and not (widget.focusProxy() or widget.accessibleName()):
            found.append(f"{where} in {type(widget.parent()).__name__}: Tab stops at something without a name")
        icon_only = isinstance(widget, QToolButton | QPushButton) and not shown and not _paints_its_words(widget)
        if icon_only and not widget.toolTip():
            found.append(f"{where} “{widget.accessibleName()}”: only an icon, and no tooltip")
        if isinstance(widget, QAbstractItemView):
            found += [f"{where} “{widget.accessibleName()}”: row {row} says nothing" for row in _silent_rows(widget)]
        if isinstance(widget, QAbstractButton) and min(widget.width(), widget.height()) < 24 and widget.isVisible():
            found.append(f"{where} in {type(widget.parent()).__name__}: {widget.width()} x {widget.height()}")
    return found


def _replaced(widget: QWidget) -> bool:
    """Icons inside a line edit repeat what the field says; the scroll buttons of tabs repeat the arrow keys; what the
    palette found is walked from its field."""
    return isinstance(widget.parent(), QLineEdit) or type(widget.parent()).__name__ in ("QTabBar", "Palette")


def _paints_its_words(widget: QWidget) -> bool:
    return type(widget).__name__ in ("CommandField", "ServerButton") or _replaced(widget)


def _silent_rows(view: QAbstractItemView) -> list[int]:
    """Rows for which a screen reader would have nothing to say."""
    model = view.model()
    if model is None:
        return []
    across = range(model.columnCount() if isinstance(view, QTableView) else 1)
    roles = (Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.DisplayRole)
    return [
        row
        for row in range(min(model.rowCount(view.rootIndex()), 40))
        if not any(model.index(row, column, view.rootIndex()).data(role) for column in across for role in roles)
    ]


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


def test_every_state_is_named_plain_and_reachable(desktop, tmp_path: Path) -> None:
    """The same of what is not there at first: pages of a result, a question, the drawer, a lost server, and so on."""

    async def scene(desk: Desktop) -> None:
        window = desk.window
        problems: dict[str, list[str]] = {}

        async def look(state: str) -> None:
            for _ in range(500):  # layouts find their sizes in some turns of the loop
                await asyncio.sleep(0.01)
                if not (found := faults(window)):
                    return
            problems[state] = found

        session = await desk.desk()
        await desk.run("broken")
        await desk.run("big", {"rows": 30})
        tools = desk.tools
        for page in range(tools.dossier.tabs.count()):
            tools.dossier.tabs.setCurrentIndex(page)
            await look(f"result, {tools.dossier.tabs.tabText(page)}")
        for tool in ("fail", "slow", "wipe", "odd\u202ename"):
            tools.list.select(tool)
            await look(f"the form of {tool}")
        tools.toggle_json()
        await look("a form as JSON")
        tools.toggle_json()
        tools.list.select("wipe")
        tools.form.set_value({"sure": True})
        tools.run.click()
        await desk.until(tools.confirm.isVisible, "the question whether to")
        await look("a destructive call asks")
        tools.confirm.keep.click()
        await desk.run("fail", {"how": "tool"})
        await look("an error of a tool")
        tools.list.field.setText("nothing has this name")
        await look("no row fits")
        tools.list.field.clear()
        call = await desk.run("ask")
        assert call.state == "waiting"
        await look("a call waits")
        window.go("inbox", oldest=True)
        await look("a question")
        window.go("inbox", rules=True)
        await look("the rules")
        for key in ("drawer", "split", "help"):
            window.actions_table.trigger(key)
            await look(key)
        window.actions_table.trigger("split")
        window.open_palette("")
        await look("the palette")
        window.findChild(Palette).close()
        window.go("frames")
        frames = window.host.panel
        window.actions_table.trigger("next-problem")
        await look("a violation")
        frames.compose(fresh=True)
        await look("the composer")
        frames.filter.set_text("verdict:(")
        await look("a filter that is none")
        window.go("timeline")
        timeline = window.host.panel
        timeline.board.mode.button("table").click()
        await look("the timeline as a table")
        window.go("changes", source="runs")
        await look("two runs")
        await session.disconnect_from()
        window.go("tools", session=session)
        await look("a server that is away")
        gone = await desk.open(python_target("gone", str(tmp_path / "nothing.py")))
        assert gone.state == "failed"
        await look("a server that did not start")
        assert problems == {}

    desktop(scene)


def inside(root: QWidget, widget: QWidget) -> bool:
    """Whether nothing around a widget cuts it off. What scrolls may reach beyond its viewport."""
    box = widget.rect()
    parent = widget.parentWidget()
    while parent is not None and widget is not root:
        box.translate(widget.pos())
        if isinstance(parent.parentWidget(), QAbstractScrollArea) and parent.parentWidget().viewport() is parent:
            return True
        if not parent.rect().adjusted(-2, -2, 2, 2).contains(box):
            return False
        widget, parent = parent, parent.parentWidget()
    return True


def cut(root: QWidget) -> list[str]:
    """Texts that have less room than they need, and no tooltip that has them whole."""
    found = []
    for widget in root.findChildren(QWidget):
        if not widget.isVisible() or not own(widget) or widget.toolTip():
            continue
        if isinstance(widget, QLabel) and widget.text():
            room = widget.contentsRect().size()
            metrics = widget.fontMetrics()
            if widget.wordWrap():
                tight = widget.heightForWidth(widget.width()) > widget.height() + metrics.descent()
            else:
                lines = widget.text().split("\n")
                wide = max(metrics.horizontalAdvance(line) for line in lines)
                tight = wide > room.width() + 1 or metrics.height() * len(lines) > widget.height() + metrics.descent()
        elif isinstance(widget, QAbstractButton) and widget.text():
            needed, room = widget.sizeHint(), widget.size()
            tight = isinstance(widget, QPushButton) and needed.width() > room.width() + 1
            tight = tight or widget.fontMetrics().tightBoundingRect("Tg").height() > room.height()
        else:
            continue
        if tight or not inside(root, widget):
            where = " in ".join(type(one).__name__ for one in (widget.parentWidget(), widget.window()))
            found.append(
                f"{type(widget).__name__} {widget.text()!r} has {widget.width()} x {widget.height()} in {where}"
            )
    return found


async def still_cut(root: QWidget) -> list[str]:
    """What is cut after layouts had some turns of the loop to find their sizes."""
    found: list[str] = []
    for _ in range(500):
        await asyncio.sleep(0.01)
        if not (found := cut(root)):
            break
    return found


@pytest.mark.parametrize(("width", "zoom"), [(1180, 1.0), (900, 1.0), (1440, 1.5), (1440, 2.0)])
def test_no_text_is_cut_without_a_tooltip(desktop, width: int, zoom: float) -> None:
    """Design section 13, point 3: in a small window, or with large text, what has to give way says itself in a
    tooltip."""

    async def scene(desk: Desktop) -> None:
        theme().zoom(zoom)
        await desk.desk()
        await desk.run("add", {"a": 1, "b": 2})
        desk.window.resize(width, 720)
        problems: dict[str, list[str]] = {}
        for key in VIEWS:
            desk.window.go(key)
            if found := await still_cut(desk.window):
                problems[key] = found
        assert desk.window.width() == width
        assert problems == {}

    desktop(scene)


def test_a_cut_text_is_found(qtbot, look) -> None:
    box = QWidget()
    qtbot.addWidget(box)
    short, long, told = (QLabel(text, box) for text in ("a", "a text of many words", "a text of many words too"))
    told.setToolTip("a text of many words too")
    for label in (short, long, told):
        label.resize(40, 24)
    box.show()
    assert [line.split(" has ")[0] for line in cut(box)] == ["QLabel 'a text of many words'"]


def test_the_dialogs_are_named_plain_and_reachable(desktop) -> None:
    async def scene(desk: Desktop) -> None:
        desk.app.opener.ask_target(None)
        dialog = await desk.until(lambda: desk.app.opener.dialog, "the connect dialog")
        for way in range(dialog.tabs.count()):
            dialog.tabs.setCurrentIndex(way)
            assert faults(dialog) == [], dialog.tabs.tabText(way)
        dialog.reject()
        desk.app.opener.ask_to_open([python_target("one", "-c", "pass")], "Cursor")
        dialog = await desk.until(lambda: desk.app.opener.dialog, "the question whether to run")
        assert faults(dialog) == []
        dialog.reject()

    desktop(scene)
