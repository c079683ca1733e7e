"""A view that is empty because no server is open has a way on (design section 3: no path ends in an empty screen)."""

import pytest

from app.desk import Desktop
from wireglass_app.panels.open_file import OpenFile


@pytest.mark.parametrize("view", ["inbox", "timeline", "frames", "network", "history"])
def test_without_a_server_the_empty_views_lead_to_one(make_window, qtbot, view: str) -> None:
    window = make_window()
    window.go(view)
    (button,) = window.host.panel.findChildren(OpenFile)
    qtbot.waitUntil(button.isVisible, timeout=20_000)
    with qtbot.waitSignal(window.open_file, timeout=20_000):
        button.click()


def test_it_goes_when_a_server_is_opened_and_comes_back_after_the_last(desktop) -> None:
    async def scene(desk: Desktop) -> None:
        desk.window.go("inbox")
        (button,) = desk.window.host.panel.findChildren(OpenFile)
        await desk.until(button.isVisible, "the button")
        session = await desk.desk()
        desk.window.go("inbox")
        await desk.until(lambda: not button.isVisible(), "the view without it")
        desk.window.go("history")
        (late,) = desk.window.host.panel.findChildren(OpenFile)
        assert late.isHidden(), "made while a server was open"
        await desk.app.workbench.close(session)
        await desk.until(lambda: not late.isHidden() and not button.isHidden(), "the button again")

    desktop(scene)
