"""The timeline in the real window, on a real server."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.desk import Desktop
from wireglass_app.panels.timeline import TimelinePanel
from wireglass_app.panels.tools import ToolsPanel


def test_calls_appear_and_return_goes_back_to_their_dossier(desktop: Callable[[Any], None]) -> None:
    async def scene(desk: Desktop) -> None:
        await desk.desk()
        first = await desk.run("add", {"a": 1, "b": 2})
        await desk.run("fail", {})
        desk.window.go("timeline")
        panel = desk.window.host.panel
        assert isinstance(panel, TimelinePanel)
        calls = panel.model.calls
        await desk.until(lambda: sum(call.method == "tools/call" for call in calls.values()) == 2, "both calls")
        by_name = {call.name: call for call in calls.values()}
        assert (by_name["add"].failed, by_name["fail"].failed) == (False, True)
        assert next(row.title for row in panel.model.rows()) == "Requests"
        panel.board.select(by_name["add"].key)
        assert panel.board.lanes.accessibleDescription().startswith("add on desk")
        panel.board.lanes.setFocus()
        QTest.keyClick(panel.board.lanes, Qt.Key.Key_Return)
        tools = desk.window.host.panel
        assert isinstance(tools, ToolsPanel)
        chosen = tools.list.current
        assert chosen is not None
        assert chosen.name == first.name

    desktop(scene)
