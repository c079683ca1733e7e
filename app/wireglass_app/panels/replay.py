"""Replay: the calls of a recorded session made again on a live server, each compared with what it came to then."""

from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QComboBox, QWidget

from wireglass.errors import WireglassError
from wireglass.recording.replay import RecordedCall, recorded_calls
from wireglass.recording.saved import open_session
from wireglass_app.background import Job
from wireglass_app.compare.body import CompareBody
from wireglass_app.compare.detail import ChangeDetail
from wireglass_app.compare.items import Listing, section
from wireglass_app.compare.listing import ChangeList
from wireglass_app.compare.pickers import refill
from wireglass_app.compare.replaying import Replay, ReplayCall
from wireglass_app.controls import Button, Elided, Empty, Label, column, row, surface
from wireglass_app.headline import HeadLine
from wireglass_app.panels.base import Desk, Panel
from wireglass_app.placing import Placing
from wireglass_app.plain import count, counted, visible
from wireglass_app.recorded_facts import surfaces
from wireglass_app.server_session import ServerSession
from wireglass_app.theme import theme

__all__ = ["ReplayPanel"]

_MOST = 2_000
_READ = 2_000


class ReplayPanel(Panel):
    """Nothing runs before its button is pressed; what may change something is left out until it is ticked."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.setAccessibleName("Replay")
        self.replay: Replay | None = None
        self._sessions: list[ServerSession] = []
        self._path: Path | None = None
        self._job: Job | None = None
        self._placing = Placing(self)
        self.file = Elided("", "secondary", "small")
        self.server = QComboBox()
        self.server.setAccessibleName("Server to replay on")
        self.server.setMinimumWidth(theme().px(140))
        self.server.activated.connect(lambda _at: self._choose())
        self.run = Button("Run", "primary", icon="play", key="Ctrl+Return", clicked=self.run_primary)
        self.run.setAccessibleName("Run the calls of the recording")
        self.stop_button = Button("Stop", icon="stop", key="Ctrl+.", clicked=self.stop)
        self.stop_button.hide()
        self.list = _List(self._toggle)
        self.toggle = Button("Run it too", key="Space", clicked=self._toggle)
        self.words = Label("", "secondary", "small", wrap=True)
        self.detail = ChangeDetail(desk.bridge)
        to_files = Button("Show sessions", clicked=lambda: desk.go("sessions"))
        choose = "Choose Replay beside a file in Sessions, or in the bar of an opened recording."
        self.empty = Empty("repeat", "No recording is chosen", choose, [to_files])
        self._lay_out()
        self.list.selectionModel().currentChanged.connect(lambda *_: self._chosen())
        self.detail.step_wanted.connect(self.step_problem)
        for signal in (desk.workbench.added, desk.workbench.removed, desk.workbench.session_changed):
            signal.connect(self._show_servers)
        self._show_servers()
        self._show()

    def _lay_out(self) -> None:
        on = Label("on", "secondary", "small")
        on.setBuddy(self.server)
        where = (on, self.server, self.stop_button, self.run)
        head = HeadLine(Label("Replay", type="title"), (self.file,), where, grows=self.file, least=160)
        foot = QWidget()
        foot.setLayout(column(self.words, row(self.toggle, None), gap=6, margins=(14, 8, 14, 8)))
        self.body = CompareBody(self.list, foot, self.detail, self.empty)
        whole = column(surface(head, "panel", "bottom"), self.body, gap=0)
        whole.setStretch(1, 1)
        self.setLayout(whole)

    # -- what to replay --------------------------------------------------------------------------------------------

    def show_item(self, *, path: str = "", **_facts: Any) -> None:
        """`path`: a session file."""
        if path and (self.replay is None or not self.replay.busy):
            self._path = Path(path)
            self.file.setText(visible(f"{self._path.name} · reading", 200))
            self.empty.title.setText("Reading the recording")
            self.empty.text.setText("")
            if self._job is not None:
                self._job.stop()
            self._placing.begin()
            self._job = Job(_reading(self._path), self, self._read, None, self._unreadable)

    def bookmark(self) -> dict[str, Any]:
        return {"path": str(self._path)} if self._path is not None else {}

    def _read(self, found: Any) -> None:
        if not isinstance(found, list):
            return
        self._job = None
        assert self._path is not None
        more = f", the first {count(_MOST)}" if len(found) == _MOST else ""
        self.file.setText(visible(f"{self._path.name} · {counted(len(found), 'call')}{more}", 200))
        if self.replay is not None:
            self.replay.deleteLater()
        self.replay = Replay(self.desk.bridge, found, self)
        self.replay.changed.connect(self._show)
        self._choose()
        self._placing.place(self.list)

    def _unreadable(self, problem: Exception) -> None:
        self._job = None
        self.replay = None
        words = f"{problem.message} {problem.next_step}" if isinstance(problem, WireglassError) else str(problem)
        self.empty.title.setText("The recording cannot be read")
        self.empty.text.setText(words.strip())
        self.file.setText("")
        self._show()

    def _show_servers(self) -> None:
        if self.replay is not None and self.replay.busy:
            return
        before = self.chosen
        self._sessions = [one for one in self.desk.workbench.sessions if one.usable and not one.recorded]
        names = [visible(one.name, 80) for one in self._sessions]
        kept = before if before in self._sessions else None
        refill(self.server, names, self._sessions.index(kept) if kept is not None else (0 if names else -1))
        if self.chosen is not before or (self.replay is not None and self.replay.session is not self.chosen):
            self._choose()

    @property
    def chosen(self) -> ServerSession | None:
        """The server to replay on."""
        at = self.server.currentIndex()
        return self._sessions[at] if 0 <= at < len(self._sessions) else None

    def _choose(self) -> None:
        if self.replay is not None and not self.replay.busy:
            self.replay.choose(self.chosen)
        self._show()

    # -- the list --------------------------------------------------------------------------------------------------

    def _show(self) -> None:
        replay = self.replay
        calls = replay.calls if replay is not None else []
        listing = Listing(tuple(section("Calls of the recording", [one.item() for one in calls], _summary(calls))))
        at = self.list.currentIndex().row()
        self.list.show_rows(listing.rows)
        if listing.items:
            self.list.setCurrentIndex(self.list.rows.index(at if 0 < at < self.list.rows.rowCount() else 1))
        elif replay is not None:
            self.empty.title.setText("The recording holds no calls")
            self.empty.text.setText("Only tools/call, resources/read and prompts/get can be made again.")
        self.body.show_list(bool(listing.items))
        busy = replay is not None and replay.busy
        ready = len(replay.ready) if replay is not None else 0
        again = not ready and any(one.call is not None for one in calls)
        self.run.setText("Start over" if again else f"Run {counted(ready, 'call')}")
        self.run.setEnabled((bool(ready) or again) and not busy and self.chosen is not None)
        self.run.setVisible(not busy)
        self.stop_button.setVisible(busy)
        self.server.setEnabled(not busy)
        name = visible(self.chosen.name, 60) if self.chosen is not None else ""
        self.words.setText(
            f"Runs one after the other on {name}. What may change something is left out until you tick it."
            if name
            else "No server is connected: open one to replay on."
        )
        self._chosen()

    @property
    def current(self) -> ReplayCall | None:
        """The call that is chosen."""
        at = self.list.currentIndex().row() - 1  # below the heading
        calls = self.replay.calls if self.replay is not None else []
        return calls[at] if 0 <= at < len(calls) else None

    def _chosen(self) -> None:
        one = self.current
        self.detail.show_item(self.list.item, "In the recording", "Now", self.list.place())
        free = one is not None and one.state in ("ready", "skipped") and not one.recorded.masked
        self.toggle.setEnabled(free and self.replay is not None and not self.replay.busy)
        self.toggle.setText("Leave it out" if one is not None and one.state == "ready" else "Run it too")

    def _toggle(self) -> None:
        one = self.current
        if one is not None and self.replay is not None:
            self.replay.toggle(one)

    def run_primary(self) -> None:
        if self.replay is None or not self.run.isEnabled():
            return
        if self.replay.ready:
            self.replay.start()
        else:  # all have run: nothing runs yet, they are only made ready again
            self.replay.choose(self.chosen)

    def stop(self) -> None:
        if self.replay is not None:
            self.replay.stop()

    def step_problem(self, forward: bool) -> bool:
        if not self.detail.step(forward) and not self.list.step(forward):
            self.desk.announce("That was the last call." if forward else "That was the first call.")
        return True

    def step(self, forward: bool) -> None:
        self.list.step(forward)

    def regions(self) -> list[QWidget]:
        shown = [self.list, self.detail.view.left] if self.replay is not None and self.replay.calls else []
        return [self.server, *shown]


class _List(ChangeList):
    """Space ticks."""

    def __init__(self, tick: Callable[[], None]) -> None:
        super().__init__()
        self._tick = tick
        self.setAccessibleName("Calls to replay")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space:
            self._tick()
        else:
            super().keyPressEvent(event)


def _reading(path: Path) -> Generator[Any, None, None]:
    """In the worker: steps while it reads, then the calls."""
    with open_session(path, frames=_READ) as saved:
        yield 0.0
        while not saved.complete and saved.read_more(_READ):
            yield 0.0
        servers = {connection: name for connection, (name, _) in surfaces(saved.ledger, saved.connections).items()}
        found: list[RecordedCall] = yield from recorded_calls(saved.ledger, servers, most=_MOST)
    yield found


def _summary(calls: list[ReplayCall]) -> str:
    over = [one for one in calls if one.state in ("same", "changed", "breaking")]
    if not over:
        return counted(len(calls), "call")
    return f"{count(sum(1 for one in over if one.state == 'same'))} of {count(len(over))} the same"
