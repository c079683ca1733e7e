"""Large text and narrow windows: nothing is cut, nothing lies over something else, nothing needs a sideways scroll."""

import asyncio

import pytest
from PySide6.QtWidgets import QScrollArea

from app.desk import Desktop
from app.looking import faults_seen
from wireglass_app.theme import theme

pytestmark = pytest.mark.slow
VIEWS = (
    "welcome",
    "frames",
    "network",
    "timeline",
    "history",
    "changes",
    "replay",
    "sessions",
    "logs",
    "tasks",
    "settings",
    "targets",
)
ROOMS = [(900, 1.0), (900, 1.5), (1440, 1.5), (1440, 2.0)]
"""Width of the window, and zoom."""


@pytest.mark.parametrize(("width", "zoom"), ROOMS)
def test_nothing_is_cut_in_a_narrow_window_or_with_large_text(desktop, width: int, zoom: float) -> None:
    """Design section 10: text to 200 % without loss."""
    wrong: dict[str, list[str]] = {}

    async def play(desk: Desktop) -> None:
        desk.app.settings.set("theme", "light")
        desk.app.settings.set("zoom", zoom)
        assert theme().scale == zoom
        desk.window.resize(width, 900)
        await desk.desk()
        await desk.run("fail", {"how": "tool"})
        await desk.run("big", {"rows": 3})
        for view in VIEWS:
            desk.window.go(view)
            for _ in range(12):
                await asyncio.sleep(0.02)
            found = [one for one in faults_seen(desk.window) if "contrast" not in one]
            for area in desk.window.host.panel.findChildren(QScrollArea):
                bar = area.horizontalScrollBar()
                if area.isVisible() and bar.maximum() > 0:
                    found.append(f"{area.accessibleName() or type(area).__name__} scrolls sideways by {bar.maximum()}")
            if found:
                wrong[view] = found

    desktop(play, 600.0)
    assert not wrong, "\n".join(f"{view}: {one}" for view, found in wrong.items() for one in found)
