"""The timeline in the real window, on a real server."""

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFrame

from app.desk import Desktop, python_target, texts
from wireglass_app.panels.timeline import TimelinePanel
from wireglass_app.panels.tools import ToolsPanel

CHAIN = Path(__file__).parents[1] / "servers" / "chain.py"
ASKING = Path(__file__).parents[1] / "servers" / "asking.py"


def test_calls_appear_and_return_goes_back_to_their_dossier(desktop: Callable[[Any], None]) -> None:
    async def scene(desk: Desktop) -> None:
        await desk.desk()
        first = await desk.run("add", {"a": 1, "b": 2})
        await desk.run("fail", {})
        desk.window.go("timeline")
        panel = desk.window.host.panel
        assert isinstance(panel, TimelinePanel)
        calls = panel.model.calls

        def ended() -> int:
            return sum(one.method == "tools/call" and one.end_ns is not None for one in calls.values())

        await desk.until(lambda: ended() == 2, "both answers")
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


def test_a_call_in_two_rounds_tells_whom_it_waits_for_and_for_how_long(desktop: Callable[[Any], None]) -> None:
    async def scene(desk: Desktop) -> None:
        session = await desk.open(python_target("asking", str(ASKING), "asking", "stateless"))
        call = session.start("tools/call", "form", {"name": "form", "arguments": {}})
        await desk.until(lambda: call.state == "waiting", "the question")
        desk.window.go("timeline")
        panel = desk.window.host.panel
        assert isinstance(panel, TimelinePanel)
        head = panel.board.in_depth
        await desk.until(lambda: head.outcome.text() == "Waiting for you", "the first round")
        assert head.round.isHidden()
        first = max(key for key, one in panel.model.calls.items() if one.method == "tools/call")
        call.questions[0].accept({"reason": "other", "email": "a@example.org"})
        await desk.until(lambda: call.ended, "the answer")
        await desk.until(lambda: max(panel.model.calls) > first, "the second round")
        panel.board.select(first)
        assert (head.outcome.text(), head.round.text()) == ("Asked you", "round 1 of 2")
        waited = head.waited.text()
        assert waited.endswith("waiting for you, not counted")
        second = max(panel.model.calls)
        await desk.until(lambda: panel.model.calls[second].end_ns is not None, "its end")
        panel.board.select(second)
        assert (head.outcome.text(), head.round.text()) == ("Complete", "round 2 of 2")
        assert head.waited.text() == waited, "one wait, of the whole call"

    desktop(scene)


def test_a_call_keeps_its_own_frames_when_the_server_starts_again(desktop: Callable[[Any], None]) -> None:
    """Past bug: request ids begin anew with each start, and earlier runs then showed the frames of later ones."""

    async def scene(desk: Desktop) -> None:
        session = await desk.desk()
        first = await desk.run("add", {"a": 1, "b": 2})
        await desk.app.bridge.settled()
        (before,) = session.exchanges_of(first)
        await session.restart()
        await desk.until(lambda: session.state == "ready", "the second start")
        second = await desk.run("add", {"a": 3, "b": 4})
        await desk.app.bridge.settled()
        (again,), (later,) = session.exchanges_of(first), session.exchanges_of(second)
        assert again == before
        assert later.number > before.number
        assert {entry.seq for entry in session.entries_of(first)}.isdisjoint(
            entry.seq for entry in session.entries_of(second)
        )

    desktop(scene)


def test_the_middleware_of_a_server_is_known_before_anything_is_called(desktop: Callable[[Any], None]) -> None:
    async def scene(desk: Desktop) -> None:
        session = await desk.open(
            python_target("chain", str(CHAIN), added=(("PYTHONPATH", os.pathsep.join(sys.path)),))
        )
        assert session.state == "ready", session.failure
        desk.window.go("overview", session=session)
        card = next(
            one
            for one in desk.window.host.panel.findChildren(QFrame)
            if one.accessibleName() == "Middleware, as it ran"
        )
        words = texts(card)
        for expected in ("ResponseCachingMiddleware", "LoggingMiddleware", "on_message", "Logging runs inside"):
            assert expected in words

    desktop(scene)


def test_calls_in_range_are_saved_as_otlp(desktop: Callable[[Any], None], tmp_path: Path) -> None:
    async def scene(desk: Desktop) -> None:
        target = python_target("chain", str(CHAIN), added=(("PYTHONPATH", os.pathsep.join(sys.path)),))
        session = await desk.open(target)
        assert session.state == "ready", session.failure
        desk.window.go("tools", session=session)
        await desk.run("quote")
        desk.window.go("timeline")
        panel = desk.window.host.panel
        assert isinstance(panel, TimelinePanel)
        calls = panel.model.calls
        await desk.until(lambda: any(one.method == "tools/call" and one.end_ns for one in calls.values()), "the call")
        key = next(key for key, one in calls.items() if one.method == "tools/call")
        panel.board.select(key)
        panel.board.lanes.fit()
        panel.export.fill()
        offered = [one.text() for one in panel.export.menu().actions() if one.isEnabled() and not one.isSeparator()]
        assert offered[0] == "Save this call as OTLP…"
        assert offered[1].endswith("in range as OTLP…")
        file = tmp_path / "calls.otlp.json"
        panel.export.save([key], file)
        await desk.until(file.is_file, "the file")
        (item,) = json.loads(file.read_text())["resourceSpans"]
        names = [one["name"] for one in item["scopeSpans"][0]["spans"]]
        assert names[0] == "tools/call quote"
        assert "quote" in names, "the handler, as the server told"
        assert item["resource"]["attributes"][0]["key"] == "service.name"

    desktop(scene)
