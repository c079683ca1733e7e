"""Controls follow what was negotiated (design section 5, "Eras"): each era has its own, and the Overview says why."""

import os

import pytest
from PySide6.QtGui import QGuiApplication

from app.desk import python_target, texts
from wireglass.resources import resource_path

ENV = (("PYTHONPATH", os.environ.get("PYTHONPATH", "")),)


def notes(mode: str):
    return python_target(
        "notes", "-m", "wireglass.compat", str(resource_path("servers", "notes.py")), env=ENV, mode=mode
    )


def test_a_handshake_session_has_a_log_level_and_ping(desktop) -> None:
    async def scene(desk) -> None:
        session = await desk.open(notes("handshake"))
        desk.window.go("overview")
        panel = desk.window.host.panel
        card = panel.era
        card.ping.click()
        await desk.until(lambda: session.pings, "an answer to ping")
        assert "answered in" in card.said.whole()
        ledger = desk.app.workbench.ledger
        await desk.until(lambda: any(entry.method == "ping" for entry in ledger.entries), "its frame")
        card.level.setCurrentText("warning")
        card.level.activated.emit(card.level.currentIndex())
        await desk.until(lambda: session.log_level == "warning", "the level")
        await desk.until(lambda: any(one.method == "logging/setLevel" for one in ledger.entries), "its frame")
        sent = [entry for entry in ledger.entries if entry.method == "logging/setLevel"]
        assert sent[0].message["params"] == {"level": "warning"}
        shown = texts(panel)
        assert "Not in 2025-11-25: a log level per request, the listen stream" in shown
        assert "Listen stream" not in shown

    desktop(scene)


def test_the_log_level_outlives_a_restart(desktop) -> None:
    async def scene(desk) -> None:
        session = await desk.open(notes("handshake"))
        await session.set_log_level("error")
        await session.restart()
        await desk.until(lambda: session.usable, "the second start")
        entries = desk.app.workbench.ledger.entries
        assert sum(1 for one in entries if one.method == "logging/setLevel" and one.kind == "request") == 2
        desk.window.go("overview")
        assert desk.window.host.panel.era.level.currentText() == "error"
        assert "Restarts" in texts(desk.window.host.panel)

    desktop(scene)


def test_a_stateless_server_has_one_stream_with_filters(desktop) -> None:
    async def scene(desk) -> None:
        session = await desk.open(notes("stateless"))
        desk.window.go("overview")
        panel = desk.window.host.panel
        await desk.until(lambda: session.stream.accepted is not None, "the acknowledged stream")
        assert panel.era.ping is None
        assert panel.era.level is None
        await desk.until(lambda: "changed tools" in texts(panel), "the filters in sight")
        shown = texts(panel)
        assert "Not in 2026-07-28" in shown
        assert "deprecated" in shown
        await session.subscribe("notes://index")
        await desk.until(lambda: ("notes://index", True) in session.stream.filters(), "a filter for the resource")
        assert session.stream.times >= 2
        await desk.until(lambda: "notes://index" in texts(panel), "the filter in sight")

    desktop(scene)


def test_the_log_level_of_a_request_is_offered_where_requests_have_one(desktop) -> None:
    async def scene(desk) -> None:
        new = await desk.open(notes("stateless"))
        desk.window.go("tools", session=new)
        desk.tools.options.fold.head.click()
        assert desk.tools.options._level.isVisibleTo(desk.tools)
        old = await desk.open(notes("handshake"))
        desk.window.go("tools", session=old)
        assert not desk.tools.options._level.isVisibleTo(desk.tools)
        assert "log" not in desk.tools.options.fold.note.whole()

    desktop(scene)


@pytest.mark.parametrize("mode", ["stateless", "handshake"])
def test_the_overview_shows_icon_and_copies_the_connection(desktop, mode: str) -> None:
    async def scene(desk) -> None:
        await desk.open(notes(mode))
        desk.window.go("overview")
        panel = desk.window.host.panel
        await desk.until(lambda: panel.icon.own.isVisible(), "the server's icon")
        menu = next(button.menu() for button in panel.findChildren(type(panel.reload)) if button.menu())
        menu.actions()[0].trigger()
        assert '"mcpServers"' in QGuiApplication.clipboard().text()
        menu.actions()[1].trigger()
        assert QGuiApplication.clipboard().text().startswith("wireglass inspect --stdio")

    desktop(scene)
