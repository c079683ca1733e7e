"""Tab goes in reading order through every view (design section 10), whenever its parts were built."""

import asyncio

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from app.desk import Desktop, python_target
from wireglass.resources import resource_path
from wireglass_app.mainwindow import MainWindow
from wireglass_app.reading import ReadingDialog, reading_order

SLACK = 4
SERVER_VIEWS = ("tools", "resources", "prompts", "overview", "logs", "tasks", "connection")
OTHER_VIEWS = (
    "inbox",
    "timeline",
    "frames",
    "network",
    "history",
    "changes",
    "replay",
    "sessions",
    "targets",
    "settings",
    "welcome",
)


def box(widget: QWidget) -> QRect:
    return QRect(widget.mapTo(widget.window(), QPoint(0, 0)), widget.size())


def jumps_back(first: QWidget, then: QWidget) -> bool:
    """Whether the eye that comes from `first` has to go up, or back to the left on its line, to find `then`."""
    if first.isAncestorOf(then) or then.isAncestorOf(first):
        return False
    one, other = box(first), box(then)
    above = other.bottom() <= one.top() + SLACK
    beside = other.top() < one.bottom() - SLACK and one.top() < other.bottom() - SLACK
    left = other.right() <= one.left() + SLACK
    shares_columns = other.left() < one.right() and one.left() < other.right()
    return (above and (left or shares_columns)) or (beside and left)


def told(widget: QWidget) -> str:
    text = widget.text() if isinstance(widget, QPushButton | QLineEdit) else ""
    return f"{type(widget).__name__} “{widget.accessibleName() or text}” at {box(widget).getRect()}"


def takes_tab(widget: QWidget) -> bool:
    """Whether Tab has to reach it."""
    policy = widget.focusPolicy() & Qt.FocusPolicy.TabFocus
    return bool(policy) and widget.isVisible() and widget.isEnabled() and widget.focusProxy() is None


async def tab_faults(window: MainWindow) -> list[str]:
    """What is wrong with the way round, also once nothing more comes: a view that fills in while Tab goes through it
    has another order from then on."""
    found: list[str] = []
    for _ in range(60):
        await asyncio.sleep(0.05)
        if not (found := await tab_round(window)):
            break
    return found


async def tab_round(window: MainWindow) -> list[str]:
    """Goes round with Tab from the first thing in the header; what was wrong on the way."""
    start = min(filter(takes_tab, window.header.findChildren(QWidget)), key=lambda one: box(one).left())
    start.setFocus()
    seen, faults = [start], []
    for _ in range(400):
        before = window.focusWidget()
        QTest.keyClick(before, Qt.Key.Key_Tab)
        await asyncio.sleep(0)
        now = window.focusWidget()
        if now is start:
            break
        if now is None or now in seen:
            faults.append(f"Tab never leaves {told(before)}")
            break
        if jumps_back(before, now):
            faults.append(f"back from {told(before)} to {told(now)}")
        seen.append(now)
    else:
        faults.append("Tab does not come round")
    missed = [
        one
        for one in window.findChildren(QWidget)
        if takes_tab(one) and one not in seen and one.width() and one.height()
    ]
    return faults + [f"Tab does not reach {told(one)}" for one in missed]


@pytest.mark.slow
def test_tab_goes_in_reading_order_through_every_view(desktop) -> None:
    """Design section 13, point 2, and section 10: Tab order is reading order."""

    async def scene(desk: Desktop) -> None:
        window = desk.window
        kinds = python_target("kinds", "-m", "wireglass.compat", str(resource_path("servers", "kinds.py")))
        first, second = await desk.open(kinds), await desk.desk()
        await desk.run("add", {"a": 1, "b": 2})
        wrong: dict[str, list[str]] = {}
        places = [(key, session) for session in (first, second) for key in SERVER_VIEWS]
        for key, session in [*places, *((key, None) for key in OTHER_VIEWS)]:
            window.go(key, session=session)
            assert window.host.place[0] == key
            if found := await tab_faults(window):
                wrong[f"{key} of {session.name}" if session else key] = found
        assert wrong == {}

    desktop(scene)


def test_tab_goes_from_the_list_to_the_form_to_the_result_also_in_a_split_window(desktop) -> None:
    """Parts that were built later stand where they are seen: a view that opens beside, the drawer, a question."""

    async def scene(desk: Desktop) -> None:
        window = desk.window
        session = await desk.desk()
        call = await desk.run("ask")
        assert call.state == "waiting"
        assert await tab_faults(window) == []
        order = list(reading_order(window))
        tools, form = order.index(desk.tools.list.view), [desk.tools.form.isAncestorOf(one) for one in order]
        asked = [desk.tools.dossier.isAncestorOf(one) for one in order]
        assert tools < form.index(True) < asked.index(True)
        window.actions_table.trigger("split")
        window.actions_table.trigger("drawer")
        assert await tab_faults(window) == []
        window.go("inbox", session=session)
        assert await tab_faults(window) == []

    desktop(scene)


@pytest.fixture
def page(qtbot, look) -> ReadingDialog:
    """Two columns; the left one is filled last, and a line below both is there from the start."""
    dialog = ReadingDialog()
    qtbot.addWidget(dialog)
    below = QPushButton("below")
    left, right = QVBoxLayout(), QVBoxLayout()
    columns = QHBoxLayout()
    for side in (left, right):
        frame = QWidget()
        frame.setLayout(side)
        columns.addWidget(frame)
    for side, name in ((right, "right"), (left, "left")):
        for at in (1, 2):
            side.addWidget(QLineEdit(f"{name} {at}"))
    whole = QVBoxLayout()
    whole.addLayout(columns)
    whole.addWidget(below)
    dialog.setLayout(whole)
    dialog.show()
    return dialog


def walked(dialog: ReadingDialog, key: Qt.Key, steps: int) -> list[str]:
    found = []
    for _ in range(steps):
        QTest.keyClick(dialog.focusWidget() or dialog, key)
        found.append(dialog.focusWidget().text())
    return found


def test_columns_are_read_one_after_the_other_forth_and_back(page) -> None:
    forth = ["left 1", "left 2", "right 1", "right 2", "below"]
    page.findChild(QPushButton).setFocus()
    assert walked(page, Qt.Key.Key_Tab, 5) == forth
    assert walked(page, Qt.Key.Key_Backtab, 5) == [*forth[-2::-1], "below"]


def test_from_right_to_left_the_right_column_comes_first(page) -> None:
    page.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    page.layout().activate()
    page.findChild(QPushButton).setFocus()
    assert walked(page, Qt.Key.Key_Tab, 3) == ["left 1", "left 2", "right 1"]
    first = next(iter(reading_order(page)))
    assert box(first).center().x() > page.width() // 2


def test_what_is_hidden_disabled_or_folded_away_is_no_stop(page) -> None:
    fields = {one.text(): one for one in page.findChildren(QLineEdit)}
    fields["left 1"].hide()
    fields["left 2"].setEnabled(False)
    fields["right 1"].setFocusPolicy(Qt.FocusPolicy.ClickFocus)
    assert [one.text() for one in reading_order(page)] == ["right 2", "below"]
    fields["right 1"].setFocus()  # with the mouse; Tab goes on from there
    assert walked(page, Qt.Key.Key_Tab, 2) == ["right 2", "below"]
