"""Protocol, Network, Compare, Replay, Logs, Tasks, History, Sessions look as they did when a person last looked."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import replace
from pathlib import Path
from time import perf_counter_ns
from typing import Any

import pytest
from pydantic_core import to_json
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.desk import Desktop
from app.frame_wire import BAD, META, Wire
from app.panels.test_network import DONE, POST, put, told
from app.panels.test_targets import CODEX, CURSOR
from app.reference_pictures import Check, tries
from app.test_compare import NEW, OLD, parcel
from app.test_pictures import LOOKS, ZOOMS, begin, differing, settled
from app.test_replay import recorded
from core.targets.machines import machine_in
from inbox_desk import Bench, desk_of
from wireglass.protocol.messages import Frame, error, notification, request, result
from wireglass.recording.events import SessionEvent
from wireglass.recording.judge import Judge
from wireglass.recording.ledger import Ledger
from wireglass.targets.draft import Draft
from wireglass.targets.entry import mcp_remote
from wireglass.targets.journal import Journal
from wireglass_app.bridge import Bridge
from wireglass_app.calls import LogLine
from wireglass_app.moments import moments
from wireglass_app.panels.base import Desk
from wireglass_app.panels.frames import FramesPanel
from wireglass_app.panels.network import NetworkPanel
from wireglass_app.panels.targets import TargetsPanel
from wireglass_app.settings import Settings
from wireglass_app.verdicts import Verdicts
from wireglass_app.workbench import Workbench

WAIT = 20_000
WALL = 1_785_506_680_000_000_000
"""A moment in July 2026, so that clocks show the same on every day."""


@pytest.fixture(autouse=True)
def universal_time(qapp: Any) -> Iterator[None]:
    """Times are the same in every zone."""
    before = moments().choice
    moments().choose("utc")
    yield
    moments().choose(before)


@pytest.fixture
def bench(qapp: Any) -> Iterator[Bench]:
    bench = Bench()
    bench.ledger = Ledger(wall_ns=WALL)
    bench.verdicts = Verdicts(bench.ledger, bench)  # type: ignore[attr-defined]  # as the workbench has it
    yield bench
    bench.close()


def session(bench: Bench) -> Ledger:
    """A call, a notification, an error, a message at fault, a line that is no message, and a new start."""
    wire = Wire(bench.ledger)
    wire.call(61)
    wire.put(notification("notifications/message", {"level": "info", "data": "x"}), "server")
    wire.put(request(62, "tools/list", META))
    wire.put(error(62, -32602, "no"), "server")
    wire.call(63, BAD | {"structuredContent": {"label_id": "L-20881", "cost_eur": 18.4}})
    wire.put(None, "server", raw="print() was here")
    bench.ledger.happened(SessionEvent("shop #1", "reload", wire.now + 1))
    wire.call(64)
    judge = Judge(bench.ledger)
    for entry in bench.ledger.entries:
        judge.judge(entry)
    return bench.ledger


def frames(qtbot: QtBot, bench: Bench, folder: Path, scene: str) -> FramesPanel:
    if scene != "empty":
        session(bench)
    panel = FramesPanel(desk_of(bench, folder))
    qtbot.addWidget(panel)
    return panel


def network(qtbot: QtBot, bench: Bench, folder: Path, scene: str) -> NetworkPanel:
    if scene != "empty":
        put(bench, request(1, "tools/call", {"name": "buy"}), "client", 0, POST)
        put(bench, notification("notifications/progress"), "server", 40, DONE)
        put(bench, result(1, {}), "server", 250, replace(DONE, event_id="7"))
        bench.ledger.happened(told(200, "POST 1", sent_ns=60_000_000, head_ns=300_000_000))
        bench.ledger.happened(told(405, "GET 1", verb="GET", at_ms=1000))
        bench.ledger.happened(told(None, "DELETE", verb="DELETE", at_ms=2000, error="ConnectError: refused"))
    panel = NetworkPanel(desk_of(bench, folder))
    qtbot.addWidget(panel)
    return panel


def play_frames(qtbot: QtBot, panel: Any, scene: str) -> None:
    if scene == "empty":
        return
    if scene == "calls":
        panel.mode.set_current("calls")
        panel._mode_chosen("calls")
        qtbot.waitUntil(lambda: panel.model.rowCount() == 6, timeout=WAIT)
    panel.show_item(seq=6)
    qtbot.waitUntil(lambda: bool(panel.detail.verdict.cell("Seen")), timeout=WAIT)
    if scene == "fault":
        panel.filter.set_text("method:tools/* or verdict:fail nope:x")


def play_network(_qtbot: QtBot, panel: Any, scene: str) -> None:
    if scene == "empty":
        return
    panel.table.selectRow(0)
    panel._sum_up()
    if scene == "stream":  # what the stream brought, its second item chosen
        panel.pane.tabs.setCurrentIndex(2)
        panel.pane.items.setCurrentIndex(panel.pane.model.index(1, 0))


def configs(qtbot: QtBot, bench: Bench, folder: Path, scene: str) -> TargetsPanel:
    """Three apps and two servers, one of which cannot start; without any app where none is found."""
    if scene != "none":
        for path, text in ((".cursor/mcp.json", CURSOR), (".codex/config.toml", CODEX), (".config/Claude/x", "")):
            (folder / "home" / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / "home" / path).write_text(text)
    bridge = Bridge()
    desk = Desk(bridge, Workbench(bridge), Settings(folder / "s.json"), lambda *_a, **_k: None, lambda _said: None)
    panel = TargetsPanel(desk, draft=Draft(machine_in(folder), Journal(folder / "state"), bridge=mcp_remote))
    qtbot.addWidget(panel, before_close_func=lambda _panel: bridge.close_now())
    return panel


def play_configs(qtbot: QtBot, panel: Any, scene: str) -> None:
    if scene == "none":
        return
    panel.grid.setCurrentIndex(panel.model.index(0, 1))
    panel.grid.setFocus()
    QTest.keyClick(panel.grid, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: panel.difference.tabs.count() == 1, timeout=WAIT)
    panel.grid.clearFocus()


VIEWS: dict[str, tuple[Any, Any]] = {
    **{f"frames-{scene}": (frames, play_frames) for scene in ("violation", "calls", "fault", "empty")},
    **{f"network-{scene}": (network, play_network) for scene in ("rows", "stream", "empty")},
    **{f"configs-{scene}": (configs, play_configs) for scene in ("change", "none")},
}


@pytest.mark.slow
@pytest.mark.parametrize(("choice", "zoom"), LOOKS)
@pytest.mark.parametrize("view", VIEWS)
def test_the_picture_of_a_wire_view(
    qtbot: QtBot,
    look: Any,
    bench: Bench,
    tmp_path: Path,
    reference_check: Check,
    view: str,
    choice: str,
    zoom: float,
) -> None:
    """Also what a narrow pane does: at 150 % the same room holds less."""
    look.choose(choice)
    look.zoom(zoom)
    build, play = VIEWS[view]
    scene = view.partition("-")[2]
    panel = build(qtbot, bench, tmp_path, scene)
    panel.resize(1220, 800)
    with qtbot.waitExposed(panel):
        panel.show()
    play(qtbot, panel, scene)
    qtbot.wait(60)
    for _ in tries(reference_check, panel, f"{view}-{choice}-{round(zoom * 100)}"):
        qtbot.wait(300)


# --- in the whole window ---

Scene = Callable[[Desktop, Path], Coroutine[Any, Any, tuple[QWidget, list[QWidget]]]]


async def reload(desk: Desktop, folder: Path) -> tuple[QWidget, list[QWidget]]:
    session, panel = await _changed(desk, folder)
    desk.window.go("changes", source="reload")
    panel = desk.window.host.panel
    await desk.until(lambda: panel.detail.view.places, "both sides")
    assert session.changes is not None
    return panel, [panel.note]


async def servers(desk: Desktop, folder: Path) -> tuple[QWidget, list[QWidget]]:
    old, new = folder / "old.py", folder / "new.py"
    old.write_text(OLD)
    new.write_text(NEW)
    await desk.open(parcel(old, "old"))
    await desk.open(parcel(new, "new"))
    desk.window.go("changes", source="servers")
    panel = desk.window.host.panel
    await desk.until(lambda: panel.detail.view.places, "both sides")
    return panel, [panel.bars]


async def sessions(desk: Desktop, folder: Path) -> tuple[QWidget, list[QWidget]]:
    saved = folder / "before.wglass"
    await _changed(desk, folder, saved)
    desk.window.go("changes", source="sessions", path=str(saved))
    panel = desk.window.host.panel
    await desk.until(lambda: panel.detail.view.places, "both sides", 30)
    return panel, [panel.bars]


async def nothing(desk: Desktop, _folder: Path) -> tuple[QWidget, list[QWidget]]:
    desk.window.go("changes", source="reload")
    return desk.window.host.panel, []


async def history(desk: Desktop, folder: Path) -> tuple[QWidget, list[QWidget]]:
    await _changed(desk, folder)
    desk.window.go("history")
    return desk.window.host.panel, [desk.window.host.panel.table]


async def kept(desk: Desktop, _folder: Path) -> tuple[QWidget, list[QWidget]]:
    desk.window.go("sessions")
    panel = desk.window.host.panel
    return panel, [panel.facts, panel.where]


async def runs(desk: Desktop, folder: Path) -> tuple[QWidget, list[QWidget]]:
    await _changed(desk, folder)
    desk.window.go("changes", source="runs")
    panel = desk.window.host.panel
    await desk.until(lambda: panel.detail.view.places, "both sides")
    view = panel.detail.view  # names of runs hold times
    return panel, [panel.bars, panel.note, panel.footer, view.left_title, view.right_title]


async def replayed(desk: Desktop, folder: Path) -> tuple[QWidget, list[QWidget]]:
    saved = folder / "before.wglass"
    await recorded(desk, folder / "server.py", saved)
    desk.window.go("replay", path=str(saved))
    panel: Any = desk.window.host.panel
    await desk.until(lambda: panel.replay and panel.replay.calls, "the calls", 30)
    panel.run_primary()
    await desk.until(lambda: not panel.replay.busy, "the end", 30)
    await desk.until(lambda: panel.detail.view.places, "both sides")
    return panel, [panel.list]


async def logs(desk: Desktop, _folder: Path) -> tuple[QWidget, list[QWidget]]:
    session = await desk.desk()
    at = WALL / 1e9
    session.logs[:] = [
        LogLine("log", "info", "asking 5 carriers for 1100-148 -> 20095", at, 1, logger="rates"),
        LogLine("stderr", "stderr", "INFO:     started", at + 0.031, 2),
        LogLine("stdout", "stray", "debug: got here", at + 0.2, 3, seq=1),
        LogLine("log", "warning", "baltica: pickup not offered at this postal code", at + 0.274, 4, call=1),
        LogLine("log", "error", "carrier API answered 503", at + 1.381, 5),
    ]
    desk.window.go("logs")
    return desk.window.host.panel, []


async def tasks(desk: Desktop, _folder: Path) -> tuple[QWidget, list[QWidget]]:
    """One that goes on, one that asks, one that ended and one that failed."""
    session = await desk.desk()
    desk.window.go("tasks")
    panel: Any = desk.window.host.panel
    ledger, start = desk.app.workbench.ledger, perf_counter_ns()
    states = (
        ("working", "62 % of 400 rows"), ("input_required", "Which warehouse?"),
        ("completed", ""), ("failed", "the carrier did not answer"),
    )  # fmt: skip
    fresh = []
    for number, (status, words) in enumerate(states):
        id, at = f"task-{number + 1}", start + number * 2_000_000_000
        moment = {"createdAt": "2026-07-31T14:00:00Z", "ttl": 600_000, "pollInterval": 1000}
        task = {"taskId": id, "status": "working", **moment}
        crossed = (
            ("client", request(900 + number, "tools/call", {"name": "import_manifest", "task": {"ttl": 600_000}})),
            ("server", result(900 + number, {"task": task})),
            ("server", notification("notifications/tasks/status", task | {"status": status, "statusMessage": words})),
        )
        for step, (sender, message) in enumerate(crossed):
            frame = Frame(sender, "stdio", to_json(message).decode(), message, at + step * 500_000_000)
            fresh.append(ledger.append(frame, session.connection))
    first = ledger.wall_time_ns(start) / 1e9
    panel.model.now = lambda: first + 20
    panel._added(fresh)
    panel.table.selectRow(0)
    return panel, []


async def _changed(desk: Desktop, folder: Path, saved: Path | None = None) -> tuple[Any, Any]:
    """Two runs, with a reload between if the file is to change."""
    file = folder / "server.py"
    file.write_text(OLD)
    session = await desk.open(parcel(file))
    desk.window.go("tools", session=session)
    await desk.run("quote", {"parcels": 2})
    await desk.run("quote", {"parcels": 3})
    if saved is not None:
        assert await desk.app.recordings.save(saved)
    file.write_text(NEW)
    await session.restart()
    await desk.until(lambda: session.changes, "the reload")
    return session, desk.window.host.panel


async def recording(desk: Desktop, folder: Path) -> tuple[QWidget, list[QWidget]]:
    """A saved session in a window of its own: a bar says so, and nothing runs."""
    saved = folder / "before.wglass"
    await _changed(desk, folder, saved)
    desk.window.open_recordings.emit([str(saved)])
    window = next(iter(await desk.until(lambda: desk.app.recordings.windows, "the recording's window", 30)))
    window.resize(1440, 900)
    window.go("tools", name="quote")
    panel: Any = window.host.panel
    await desk.until(lambda: panel.dossier.call, "the recorded call")
    times = [panel.dossier.head, panel.dossier.foot, panel.list.view, panel.head.bars, panel.head.runs_label]
    bars = [one._facts for one in window.notices.findChildren(QWidget) if hasattr(one, "_facts")]
    return window, [*times, *bars, panel.list.state, window.status, window.header]


SCENES: dict[str, Scene] = {
    "recording": recording,
    "compare-reload": reload,
    "compare-servers": servers,
    "compare-sessions": sessions,
    "compare-empty": nothing,
    "compare-runs": runs,
    "replay": replayed,
    "logs": logs,
    "tasks": tasks,
    "history": history,
    "sessions": kept,
}


@pytest.mark.slow
@pytest.mark.parametrize("zoom", ZOOMS)
@pytest.mark.parametrize("scene", SCENES)
def test_the_picture_of_a_comparison(desktop, reference_check: Check, tmp_path: Path, scene: str, zoom: float) -> None:
    wrong: list[str] = []

    async def play(desk: Desktop) -> None:
        await begin(desk, zoom)
        shown, hidden = await SCENES[scene](desk, tmp_path)
        await settled()
        if focused := desk.window.focusWidget():
            focused.clearFocus()
        await asyncio.sleep(0.05)
        wrong.extend(await differing(desk, reference_check, shown, scene, zoom, hidden))

    desktop(play)
    assert not wrong, "\n".join(wrong)


def at_the_top(page: Any, group: QWidget) -> bool:
    """Whether the page has scrolled to the group."""
    return 0 <= group.mapTo(page._area.viewport(), QPoint()).y() <= 12


EMPTY = ("timeline", "tasks", "logs", "history")
PARTS = ("models", "privacy", "keys")


@pytest.mark.slow
@pytest.mark.parametrize("zoom", ZOOMS)
def test_the_pictures_of_empty_views_and_of_the_settings(desktop, reference_check: Check, zoom: float) -> None:
    """In one window: what each says while nothing happened, and the parts of the Settings page."""
    wrong: list[str] = []

    async def play(desk: Desktop) -> None:
        await begin(desk, zoom)
        session = await desk.desk()
        await session.bridge.settled()  # frames come in batches
        session.logs.clear()
        desk.app.workbench.ledger.forget(len(desk.app.workbench.ledger.entries))
        for key in EMPTY:
            desk.window.go(key, session=session)
            await settled()
            if focused := desk.window.focusWidget():
                focused.clearFocus()  # a blinking cursor
            wrong.extend(await differing(desk, reference_check, desk.window.host.panel, f"{key}-empty", zoom, []))
        desk.window.go("settings")
        page: Any = desk.window.host.panel
        for key in PARTS:
            page.show_item(section=key)
            group = next(group for group in page.groups if group.key == key)
            await desk.until(lambda group=group: at_the_top(page, group), f"{key} at the top")
            await settled()
            if focused := desk.window.focusWidget():
                focused.clearFocus()
            wrong.extend(await differing(desk, reference_check, page, f"settings-{key}", zoom, []))

    desktop(play)
    assert not wrong, "\n".join(wrong)
