"""Live rows stand still for whoever has scrolled up, and come at most ten times a second (design section 11)."""

import pytest
from PySide6.QtCore import QObject, QStringListModel
from PySide6.QtWidgets import QListView

from wireglass_app.following import Follow, Seldom


@pytest.fixture
def view(qtbot, look) -> QListView:
    view = QListView()
    qtbot.addWidget(view)
    view.setModel(QStringListModel([str(at) for at in range(200)]))
    view.resize(300, 240)
    view.show()
    view.scrollToBottom()
    return view


def add(view: QListView, follow: Follow, number: int) -> None:
    model = view.model()
    with follow.arriving():
        model.insertRows(model.rowCount(), number)


def test_at_its_end_a_view_goes_along(view) -> None:
    follow = Follow(view)
    add(view, follow, 3)
    assert view.verticalScrollBar().value() == view.verticalScrollBar().maximum()
    assert follow.isHidden()


def test_scrolled_up_it_stands_still_and_counts_all_that_came(view, qtbot) -> None:
    follow = Follow(view)
    view.scrollToTop()
    before = view.indexAt(view.viewport().rect().topLeft()).row()
    add(view, follow, 200)
    add(view, follow, 14)
    assert view.indexAt(view.viewport().rect().topLeft()).row() == before
    assert follow.text() == "214 new, follow"
    assert follow.accessibleName() == "214 new, follow"
    for high in (240, 400, 180):
        view.resize(300, high)
        qtbot.waitUntil(lambda: view.viewport().height() > view.height() - 40, timeout=10_000)
        assert view.rect().contains(follow.geometry())
        assert view.rect().bottom() - follow.geometry().bottom() < 40, "it is not at the lower end"
    follow.click()
    assert view.verticalScrollBar().value() == view.verticalScrollBar().maximum()
    assert follow.isHidden()
    view.scrollToTop()
    add(view, follow, 1)
    assert follow.text() == "1 new, follow"


def test_work_is_done_at_once_then_seldom_and_the_last_wish_is_not_lost(qtbot) -> None:
    owner, done = QObject(), []
    seldom = Seldom(lambda: done.append(1), owner)
    for _ in range(50):
        seldom.ask()
    assert len(done) == 1
    qtbot.waitUntil(lambda: len(done) == 2, timeout=10_000)
    assert seldom.parent() is owner
