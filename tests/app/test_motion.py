"""Motion only explains, ends, and is not there for those who do not want it. Design section 11."""

import pytest
from PySide6.QtWidgets import QWidget

from app.desk import Desktop
from wireglass_app import motion


@pytest.fixture
def popup(qtbot, look) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    made.show()
    return made


def test_a_popup_fades_in_within_90_ms_and_keeps_nothing_of_it(popup: QWidget, qtbot) -> None:
    motion.choose("full")
    fading = motion.fade_in(popup)
    assert fading is not None
    assert fading.duration() == 90
    with qtbot.waitSignal(fading.finished, timeout=30_000):
        pass
    assert popup.graphicsEffect() is None


def test_with_reduced_motion_nothing_moves(popup: QWidget) -> None:
    motion.choose("reduced")
    assert motion.fade_in(popup) is None
    once = motion.Once(motion.INSERT_MS, popup)
    once.start()
    assert not once.running
    assert once.at == 1.0


def test_once_goes_to_its_end_and_stays_there(popup: QWidget, qtbot) -> None:
    motion.choose("full")
    once = motion.Once(motion.INSERT_MS, popup)
    once.start()
    assert once.running
    qtbot.waitUntil(lambda: not once.running, timeout=30_000)
    assert once.at == 1.0


def test_the_inbox_badge_pulses_once_when_a_question_comes(desktop) -> None:
    async def scene(desk: Desktop) -> None:
        desk.app.settings.set("motion", "full")
        await desk.desk()
        badge = desk.window.header.inbox
        started: list[bool] = []
        badge.pulse.moved.connect(lambda: started.append(True))
        await desk.run("ask")
        await desk.until(lambda: started, "the pulse")
        await desk.until(lambda: not badge.pulse.running, "its end")
        started.clear()
        desk.window.header.refresh(desk.app.workbench.current)
        assert not started, "only a new question makes it pulse"

    desktop(scene)


def test_a_tool_that_is_new_comes_up_and_the_others_stay_as_they_are(desktop) -> None:
    async def scene(desk: Desktop) -> None:
        desk.app.settings.set("motion", "full")
        await desk.desk()
        lists = desk.tools.list
        rows = list(lists._rows)
        lists.set_rows(rows)
        assert not lists.view.delegate.arriving.running
        lists.set_rows(rows[1:])
        lists.set_rows(rows)
        assert lists.view.delegate._new == {rows[0].name}
        assert lists.view.delegate.arriving.running
        await desk.until(lambda: not lists.view.delegate.arriving.running, "the end")

    desktop(scene)
