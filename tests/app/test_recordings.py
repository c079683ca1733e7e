"""Sessions on disk, from the window: what is saved, what a file shows without its server, what a crash leaves."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QAbstractButton, QWidget

from app.desk import DESK, Desktop, python_target, texts
from wireglass.launch.trust import TrustStore
from wireglass.recording.saved import open_session
from wireglass_app import recording as recording_module
from wireglass_app.application import Application
from wireglass_app.mainwindow import MainWindow
from wireglass_app.panels.inbox import InboxPanel
from wireglass_app.panels.logs import LogsPanel
from wireglass_app.panels.prompts import PromptsPanel
from wireglass_app.panels.resources import ResourcesPanel
from wireglass_app.panels.sessions import SessionsPanel
from wireglass_app.panels.timeline import TimelinePanel
from wireglass_app.panels.tools import ToolsPanel
from wireglass_app.recording import LiveRecording, OpenedRecording
from wireglass_app.settings import Settings

PLANTED = {
    "variable": "planted-variable-5c1f77aa",
    "argument": "planted-argument-91be02cd",
    "shape": "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4",
    "flag": "planted-flag-0c33d1e8",
}


async def _busy_session(desk: Desktop) -> None:
    """Calls, a question and a log, on the hand-written server."""
    session = await desk.open(
        python_target("desk", str(DESK), "--api-key", PLANTED["flag"], added=(("API_KEY", PLANTED["variable"]),))
    )
    assert session.state == "ready", session.failure
    await desk.run("add", {"a": 2, "b": 3})
    call = await desk.run("ask", {})
    question = session.waiting[0]
    question.accept({"name": "Ada"})
    await desk.until(lambda: call.ended, "the end of the asking call")
    session.read_resource("desk://note")
    await desk.until(lambda: session.calls[-1].ended, "the resource")
    notes = [
        {"password": PLANTED["argument"]},
        {"text": f"my token is {PLANTED['shape']}, keep {PLANTED['variable']} and {PLANTED['flag']} to yourself"},
    ]
    for arguments in notes:
        session.call_tool("echo", arguments)
        await desk.until(lambda: session.calls[-1].ended, "an echo")
    recording = desk.app.workbench.recording
    assert isinstance(recording, LiveRecording)
    recording.add_note("the second call is the slow one", frame=3)
    await desk.app.bridge.settled()
    assert desk.app.workbench.ledger.exchanges[-1].answer is not None


async def _saved(desk: Desktop, folder: Path) -> Path:
    await _busy_session(desk)
    path = folder / "busy.wglass"
    assert await desk.app.recordings.save(path)
    return path


def test_no_planted_secret_is_in_a_saved_file_or_in_the_ring(desktop, tmp_path: Path) -> None:
    """Issue 7: tokens, headers, keys of known shapes and known values never appear in a saved file."""

    async def scene(desk: Desktop) -> None:
        path = await _saved(desk, tmp_path)
        recording = desk.app.workbench.recording
        assert isinstance(recording, LiveRecording)
        assert recording.recorder is not None
        assert recording.recorder.flush()
        ring = b"".join(file.read_bytes() for file in recording.recorder.folder.glob("*.wglass"))
        for name, secret in PLANTED.items():
            assert secret.encode() not in path.read_bytes(), f"{name} is in the file"
            assert secret.encode() not in ring, f"{name} is in the ring"
        assert b"Hello Ada" in ring

    desktop(scene)


def test_a_file_shows_every_view_without_its_server(desktop, tmp_path: Path) -> None:
    async def scene(desk: Desktop) -> None:
        path = await _saved(desk, tmp_path)
        live = desk.app.workbench.sessions[0]
        before = path.read_bytes()
        await desk.app.workbench.close_all()
        window = await desk.app.recordings.open(path)
        assert window is not None
        (session,) = window.workbench.sessions
        assert session.recorded
        assert session.name == "desk"
        assert session.facts.version == live.facts.version
        assert [call.name for call in session.calls] == [call.name for call in live.calls]
        assert session.catalogue.tools == live.catalogue.tools

        window.go("tools", session=session, call=session.calls[0])
        tools = window.host.panel
        assert isinstance(tools, ToolsPanel)
        assert "Complete" in texts(tools)
        assert not tools.run.isEnabled()

        window.go("resources", session=session)
        resources = window.host.panel
        assert isinstance(resources, ResourcesPanel)
        assert resources.call is next(call for call in session.calls if call.method == "resources/read")
        assert "Complete" in texts(resources)
        assert not resources.read.isEnabled()
        window.go("prompts", session=session)
        prompts = window.host.panel
        assert isinstance(prompts, PromptsPanel)
        assert not prompts.get.isEnabled()
        window.go("logs", session=session)
        assert isinstance(window.host.panel, LogsPanel)

        window.go("inbox")
        inbox = window.host.panel
        assert isinstance(inbox, InboxPanel)
        assert [question.by for question in window.workbench.questions] == ["you"]
        assert window.workbench.questions[0].outcome == {"action": "accept", "content": {"name": "Ada"}}

        window.go("timeline")
        timeline = window.host.panel
        assert isinstance(timeline, TimelinePanel)
        await desk.until(lambda: len(timeline.model.calls) >= len(session.calls), "the lanes")
        assert not timeline.growing

        window.go("sessions")
        sessions = window.host.panel
        assert isinstance(sessions, SessionsPanel)
        assert "the second call is the slow one" in texts(sessions)
        await desk.until(lambda: "read-only" in _notices(window), "the violet bar")
        for key in ("run", "reload", "save-session"):
            assert not window.actions_table[key].isEnabled()
        window.close()
        await desk.until(lambda: not desk.app.recordings.windows, "the window's end")
        assert path.read_bytes() == before

    desktop(scene)


def test_a_file_can_be_dropped_on_the_window(desktop, tmp_path: Path) -> None:
    async def scene(desk: Desktop) -> None:
        path = await _saved(desk, tmp_path)
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(path))])
        event = QDropEvent(
            QPointF(700, 400),
            Qt.DropAction.CopyAction,
            data,
            Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
        )
        desk.window.dropEvent(event)
        await desk.until(lambda: desk.app.recordings.windows, "the recording's window")
        desk.window.dropEvent(event)
        await desk.app.bridge.settled()
        assert len(desk.app.recordings.windows) == 1

    desktop(scene)


def test_the_actions_ask_for_a_place(desktop, tmp_path: Path) -> None:
    async def scene(desk: Desktop) -> None:
        desk.window.actions_table.trigger("save-session")
        assert desk.app.recordings.picker is None, "nothing was recorded, so nothing is asked"
        await _busy_session(desk)
        desk.window.actions_table.trigger("save-session")
        picker = desk.app.recordings.picker
        assert picker is not None
        picker.fileSelected.emit(str(tmp_path / "asked.wglass"))
        await desk.until((tmp_path / "asked.wglass").is_file, "the file")
        picker.reject()
        desk.window.actions_table.trigger("open-session")
        picker = desk.app.recordings.picker
        assert picker is not None
        picker.filesSelected.emit([str(tmp_path / "asked.wglass")])
        await desk.until(lambda: desk.app.recordings.windows, "the window")
        picker.reject()

    desktop(scene)


def _notices(window: MainWindow) -> str:
    """What the lines above the view say, also where they are cut short on the screen."""
    return "\n".join(one.accessibleName() for one in window.notices.findChildren(QWidget) if one.isVisible())


def test_a_cut_file_opens_as_far_as_it_goes_and_says_so(desktop, tmp_path: Path) -> None:
    async def scene(desk: Desktop) -> None:
        whole = await _saved(desk, tmp_path)
        data = whole.read_bytes()
        cut = tmp_path / "cut.wglass"
        cut.write_bytes(data[: int(len(data) * 0.4)])
        window = await desk.app.recordings.open(cut)
        assert window is not None
        recording = window.workbench.recording
        assert isinstance(recording, OpenedRecording)
        await desk.until(lambda: recording.saved.complete, "the end of the file")
        await desk.until(lambda: "not closed properly" in _notices(window), "the notice")
        assert len(recording.ledger.entries) > 3
        assert window.workbench.sessions
        assert cut.read_bytes() == data[: int(len(data) * 0.4)]

    desktop(scene)


def test_a_newer_file_opens_and_says_so(desktop, tmp_path: Path) -> None:
    async def scene(desk: Desktop) -> None:
        whole = await _saved(desk, tmp_path)
        lines = whole.read_bytes().split(b"\n", 1)
        header = json.loads(lines[0]) | {"format": 99}
        newer = tmp_path / "newer.wglass"
        newer.write_bytes(json.dumps(header).encode() + b"\n" + b'{"hologram": 1}\n' + lines[1])
        window = await desk.app.recordings.open(newer)
        assert window is not None
        await desk.until(lambda: "newer Wireglass" in _notices(window), "the notice")
        await desk.until(lambda: window.workbench.sessions, "a server")

    desktop(scene)


def test_what_is_no_session_is_refused_in_words(desktop, tmp_path: Path) -> None:
    async def scene(desk: Desktop) -> None:
        wrong = tmp_path / "wrong.wglass"
        wrong.write_text("once upon a time")
        assert await desk.app.recordings.open(wrong) is None
        assert "not a session recorded by Wireglass" in desk.window.status.said.whole()
        assert await desk.app.recordings.open(tmp_path / "missing.wglass") is None
        assert "cannot be read" in desk.window.status.said.whole()

    desktop(scene)


def test_views_go_on_when_the_ring_lets_the_oldest_frames_go(desktop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording_module, "_KEPT_FRAMES", 12)

    async def scene(desk: Desktop) -> None:
        session = await desk.desk()
        first = await desk.run("add", {"a": 1, "b": 1})
        desk.window.go("timeline")
        timeline = desk.window.host.panel
        assert isinstance(timeline, TimelinePanel)
        desk.window.go("frames")
        frames: Any = desk.window.host.panel
        for number in range(20):
            session.call_tool("add", {"a": number, "b": 1})
            await desk.until(lambda: session.calls[-1].ended, "a call")
        await desk.app.bridge.settled()
        desk.app.workbench.recording.trim()  # type: ignore[attr-defined]  # the live one
        ledger = desk.app.workbench.ledger
        assert len(ledger.entries) == 12
        await desk.until(lambda: frames.model.rowCount() == 12, "the rows of what is kept")
        assert session.exchanges_of(first) == []
        assert len(session.exchanges_of(session.calls[-1])) == 1
        last = ledger.exchanges[-1].number
        await desk.until(lambda: last in timeline.model.calls and len(timeline.model.calls) <= 6, "the lanes")
        desk.window.go("tools", session=session, call=first)
        assert "Complete" in texts(desk.window.host.panel), "its result is still known, its frames are not"
        later = await desk.run("add", {"a": 5, "b": 5})
        assert later.state == "done"

    desktop(scene)


CRASHING = """
import os, sys, time
from pathlib import Path
from wireglass.protocol import messages
from wireglass.protocol.messages import Frame
from wireglass.recording.ledger import Ledger
from wireglass.recording.masking import Masker
from wireglass.recording.recorder import Recorder

recorder = Recorder(Path(sys.argv[1]), masker=Masker(), wall_ns=time.time_ns(), clock_ns=time.perf_counter_ns())
ledger = Ledger(recorder, wall_ns=time.time_ns(), clock_ns=time.perf_counter_ns())
for number in range(5):
    for sender, message in (
        ("client", messages.request(number, "tools/call", {"name": "add", "arguments": {}})),
        ("server", messages.result(number, {"content": []})),
    ):
        import json
        ledger.append(Frame(sender, "stdio", json.dumps(message), message, time.perf_counter_ns()), "desk #1")
assert recorder.flush()
os._exit(9)
"""


def _crash(home: Path) -> None:
    folder = home / "recordings"
    done = subprocess.run([sys.executable, "-c", CRASHING, str(folder)], env=os.environ.copy(), check=False, timeout=60)
    assert done.returncode == 9


def test_what_a_crash_left_is_offered_opened_saved_and_gone(desktop, tmp_path: Path) -> None:
    _crash(tmp_path / "home")

    async def scene(desk: Desktop) -> None:
        await desk.app.recordings.offer_leftovers()
        await desk.until(lambda: "did not close properly" in _notices(desk.window), "the offer")
        _press(desk.window, "Open what was recorded")
        await desk.until(lambda: desk.app.recordings.windows, "the window")
        window = desk.app.recordings.windows[0]
        assert len(window.workbench.sessions[0].calls) == 5
        assert window.actions_table["save-session"].isEnabled()
        assert await desk.app.recordings.save(tmp_path / "kept.wglass", window)
        with open_session(tmp_path / "kept.wglass") as saved:
            assert len(saved.ledger.entries) == 10
        await desk.app.recordings.offer_leftovers()
        assert "did not close properly" not in _notices(desk.window)

    desktop(scene)


def test_what_a_crash_left_can_be_discarded(desktop, tmp_path: Path) -> None:
    _crash(tmp_path / "home")

    async def scene(desk: Desktop) -> None:
        await desk.app.recordings.offer_leftovers()
        _press(desk.window, "Discard what was recorded")
        rings = tmp_path / "home" / "recordings"
        await desk.until(lambda: len(list(rings.glob("ring-*"))) == 1, "only the ring in use is left")

    desktop(scene)


def _press(window: MainWindow, name: str) -> None:
    button: Any = next(b for b in window.notices.findChildren(QAbstractButton) if b.accessibleName() == name)
    button.click()


def test_a_window_can_be_closed_while_its_file_is_read(
    desktop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from wireglass_app import recordings as recordings_module

    monkeypatch.setattr(recordings_module, "_FIRST", 2)
    monkeypatch.setattr(recordings_module, "_STEP", 1)

    async def scene(desk: Desktop) -> None:
        faults: list[Exception] = []
        desk.app.bridge.fault.connect(faults.append)
        whole = await _saved(desk, tmp_path)
        cut = tmp_path / "cut.wglass"
        cut.write_bytes(whole.read_bytes()[:-200])
        window = await desk.app.recordings.open(cut)
        assert window is not None
        window.close()
        await desk.until(lambda: not desk.app.recordings.windows, "the window's end")
        again = await desk.app.recordings.open(cut)
        assert again is not None
        recording = again.workbench.recording
        assert isinstance(recording, OpenedRecording)
        await desk.until(lambda: recording.saved.complete, "the end of the file")
        assert faults == []

    desktop(scene)


def test_a_recording_can_be_named_on_the_command_line(loop, tmp_path: Path) -> None:
    """`wireglass session.wglass`: its window alone; closing it ends the application."""

    async def scene() -> None:
        desk = Desktop(tmp_path / "home")
        try:
            path = await _saved(desk, tmp_path)
        finally:
            await desk.close()
        app = Application(Settings(tmp_path / "s.json"), TrustStore(tmp_path / "t.json"))
        running = asyncio.ensure_future(app.run(str(path)))
        async with asyncio.timeout(20):
            while not app.recordings.windows:  # noqa: ASYNC110 (Qt state has no event to await; the wait is bounded)
                await asyncio.sleep(0.01)
        assert not app.window.isVisible()
        app.recordings.windows[0].close()
        await asyncio.wait_for(running, 20)

    loop.run(scene(), 60)


KILLED = """
import asyncio, os, signal, sys
from pathlib import Path

sys.path.insert(0, sys.argv[2])
from PySide6.QtWidgets import QApplication

from app.desk import Desktop
from wireglass_app.application import run_qt


async def scene():
    desk = Desktop(Path(sys.argv[1]))
    await desk.desk()
    call = await desk.run("add", {"a": 2, "b": 3})
    assert call.state == "done"
    await desk.app.bridge.settled()
    assert desk.app.workbench.recording.recorder.flush()
    os.kill(os.getpid(), signal.SIGKILL)


run_qt(QApplication(["killed"]), scene)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_the_session_of_a_killed_window_is_offered_at_the_next_start(desktop, tmp_path: Path) -> None:
    """Issue 7: survives a crash of the app, offered on next start."""
    command = [sys.executable, "-c", KILLED, str(tmp_path / "home"), str(Path(__file__).parents[1])]
    done = subprocess.run(command, env=os.environ.copy(), check=False, timeout=100, capture_output=True)
    assert done.returncode < 0, done.stderr.decode()

    async def scene(desk: Desktop) -> None:
        await desk.app.recordings.offer_leftovers()
        await desk.until(lambda: "did not close properly" in _notices(desk.window), "the offer")
        _press(desk.window, "Open what was recorded")
        await desk.until(lambda: desk.app.recordings.windows, "the window")
        (session,) = desk.app.recordings.windows[0].workbench.sessions
        (call,) = session.calls
        assert (call.name, call.state) == ("add", "done")
        assert call.result is not None
        assert call.result["structuredContent"] == {"sum": 5}

    desktop(scene)
