"""Two sessions: what the servers showed and what each call came to, in two recordings or in one and this session."""

import contextlib
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QComboBox, QFileDialog

from wireglass.errors import WireglassError
from wireglass.protocol.messages import JsonObject
from wireglass.recording.json_diff import ABSENT
from wireglass.recording.ledger import Ledger
from wireglass.recording.saved import SavedSession, open_session
from wireglass.recording.session_diff import (
    CallChange,
    SessionDifference,
    compare_sessions,
    outcome_of,
    request_of,
)
from wireglass.recording.surface import Surface, compare_surfaces
from wireglass_app.background import Job
from wireglass_app.compare.items import Item, Listing, Source, items_of, section
from wireglass_app.compare.pickers import chosen_of, pair_bar, refill, swap
from wireglass_app.plain import count, counted, duration, visible
from wireglass_app.recorded_facts import surfaces
from wireglass_app.recording import OpenedRecording

if TYPE_CHECKING:
    from wireglass_app.panels.base import Desk

__all__ = ["SessionsSource"]

_READ = 2_000
"""Frames read in one step of a file without an index."""
_FILES = ["Recorded sessions (*.wglass)", "All files (*)"]
_CHOOSE = (
    "Compare this session with one that was saved, or two saved ones: which calls came to something else, and what the "
    "servers showed then."
)
_NONE = ("Choose two sessions", _CHOOSE)


@dataclass(slots=True)
class _Side:
    """One session, loaded."""

    label: str
    ledger: Ledger
    servers: dict[str, str]
    """Name of the server by that of its connection."""
    surfaces: dict[str, Surface]
    saved: SavedSession | None = None


@dataclass(slots=True)
class _Found:
    before: _Side
    after: _Side
    surfaces: list[Item] = field(default_factory=list[Item])
    calls: SessionDifference = field(default_factory=SessionDifference)
    items: list[Item] = field(default_factory=list[Item])
    """Those of the calls; made in the worker, because there may be a hundred thousand."""


class _Files:
    """The files of one comparison, which outlive its worker: texts are read from them when they are looked at."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._open: list[SavedSession] = []
        self._closed = False

    def add(self, saved: SavedSession) -> None:
        """Keeps a file open until `close`; one that comes after that is closed at once."""
        with self._lock:
            if not self._closed:
                self._open.append(saved)
                return
        saved.close()

    def close(self) -> None:
        with self._lock:
            self._closed = True
            for saved in self._open:
                saved.close()
            self._open.clear()


class SessionsSource(Source):
    """Files are opened only to read, in a worker; the window goes on meanwhile."""

    key, title = "sessions", "Two sessions"

    def __init__(self, desk: "Desk", parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._paths: list[Path | None] = []
        self._wanted: tuple[Path | None, Path | None] | None = None
        self._job: Job | None = None
        self._files = _Files()
        self.picker: QFileDialog | None = None
        self.first, self.second = QComboBox(), QComboBox()
        self.bar = pair_bar(("First session", self.first), ("Second session", self.second), self._swap)
        for box in (self.first, self.second):
            box.activated.connect(lambda at, box=box: self._picked(box, at))
        self.listing = Listing(empty=_NONE)
        self._added: list[Path] = []

    def enter(self) -> None:
        known = [Path(one) for one in self._desk.settings.get("recordings.recent", []) if isinstance(one, str)]
        own = self._own_path()
        files = [path for path in dict.fromkeys([*self._added, *known]) if path.is_file() and path != own]
        first, second = self.chosen
        self._paths = [None, *files]
        if self._wanted is None:
            first, second = (files[0] if files else None), None
        for box, one in ((self.first, first), (self.second, second)):
            refill(box, [*map(self._words, self._paths), "Choose a file…"], self._paths.index(one))
        if self._wanted is None and files:
            self._compare()

    def choose(self, **facts: Any) -> None:
        """`path`: this file on the first side, this session on the second. `second`: another file there."""
        for box, wanted in ((self.first, facts.get("path")), (self.second, facts.get("second"))):
            if wanted is not None:
                self._add(box, Path(wanted))
        self._compare()

    @property
    def chosen(self) -> tuple[Path | None, Path | None]:
        """The files; None stands for the session of this window."""
        return chosen_of(self._paths, self.first, self.second)

    def stop(self) -> None:
        """Ends a comparison that still goes on."""
        if self._job is not None:
            self._let_go()
            self.listing = Listing(empty=("Stopped", "Choose the sessions again to compare them."))
            self.changed.emit()

    def _let_go(self) -> None:
        self._files.close()
        self._files = _Files()
        if self._job is not None:
            self._job.stop()
            self._job = None
        self.busy.emit("")

    def leave(self) -> None:
        if self._job is not None:
            self._job.stop()
        self._files.close()

    # --- choosing ---

    def _own_path(self) -> Path | None:
        recording = self._desk.workbench.recording
        return recording.saved.path if isinstance(recording, OpenedRecording) else None

    def _words(self, path: Path | None) -> str:
        if path is not None:
            return visible(f"{path.name} · {path.absolute().parent}", 160)
        recording = self._desk.workbench.recording
        return f"This recording: {visible(recording.name, 80)}" if isinstance(recording, OpenedRecording) else (
            "This session"
        )  # fmt: skip

    def _picked(self, box: QComboBox, at: int) -> None:
        if at < len(self._paths):
            self._compare()
            return
        box.setCurrentIndex(0)
        picker = QFileDialog(box.window(), "Session to compare", str(Path.home()))
        picker.setFileMode(QFileDialog.FileMode.ExistingFile)
        picker.setNameFilters(_FILES)
        picker.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        picker.fileSelected.connect(lambda path: (self._add(box, Path(path)), self._compare()))
        picker.finished.connect(lambda _result: setattr(self, "picker", None))
        self.picker = picker
        picker.open()

    def _add(self, box: QComboBox, path: Path) -> None:
        if path not in self._paths:
            self._added.insert(0, path)
            chosen = self.chosen
            self._paths.insert(1, path)
            texts = [*map(self._words, self._paths), "Choose a file…"]
            for one, before in zip((self.first, self.second), chosen, strict=True):
                refill(one, texts, self._paths.index(before))
        box.setCurrentIndex(self._paths.index(path))

    def _swap(self) -> None:
        swap(self.first, self.second)
        self._compare()

    # --- comparing ---

    def _compare(self) -> None:
        self._let_go()
        self._wanted = self.chosen
        first, second = self._wanted
        if first == second:
            self.listing = Listing(empty=_NONE if first is None else ("This is the same file twice", _CHOOSE))
            self.changed.emit()
            return
        self.listing = Listing(empty=("Comparing", "Both sessions are read. The window can be used meanwhile."))
        self.changed.emit()
        self.busy.emit("Reading")
        self._files = _Files()
        self._desk.bridge.spawn(self._begin(self._files), self)

    async def _begin(self, files: _Files) -> None:
        await self._desk.bridge.settled()  # the last frames of this session may be on their way
        if files is not self._files or self._wanted is None:
            return
        first, second = (self._loading(path) for path in self._wanted)
        self._job = Job(_steps(first, second, files.add), self, self._step, self._over, self._failed)

    def _loading(self, path: Path | None) -> Callable[[], Generator[float, None, _Side]]:
        if path is not None:
            return lambda: _read_file(path)
        recording = self._desk.workbench.recording
        ledger, connections, label = recording.ledger, dict(recording.connections), self._words(None)
        return lambda: _read_ledger(ledger, connections, label)

    def _step(self, value: Any) -> None:
        if isinstance(value, _Found):
            self._show(value)
        else:
            self.busy.emit(f"Comparing, {round(value * 100)} %")

    def _over(self) -> None:
        self._job = None
        self.busy.emit("")

    def _failed(self, problem: Exception) -> None:
        self._over()
        words = f"{problem.message} {problem.next_step}" if isinstance(problem, WireglassError) else str(problem)
        self.listing = Listing(empty=("One of the sessions cannot be read", words.strip()))
        self.changed.emit()

    def _show(self, found: _Found) -> None:
        before, after = found.before.label, found.after.label
        rows = section("What the servers show", found.surfaces)
        rows += section("Calls", found.items)
        both = found.calls.calls
        footer = f"{_calls(found.calls.equal)} came to the same, of {count(both[0])} and {count(both[1])}."
        empty = ("No difference", f"The servers show the same, and {footer}")
        note = f"{_calls(both[1])} ← {_calls(both[0])}"
        self.listing = Listing(tuple(rows), before, after, note, empty, footer)
        self.changed.emit()


# --- in the worker ---


def _steps(
    first: Callable[[], Generator[float, None, _Side]],
    second: Callable[[], Generator[float, None, _Side]],
    opened: Callable[[SavedSession], None],
) -> Generator[Any, None, None]:
    """What was opened is handed over at the end; whoever stops before that leaves nothing open."""
    with contextlib.ExitStack() as files:
        sides: list[_Side] = []
        for load in (first, second):
            side = yield from load()
            sides.append(side)
            if side.saved is not None:
                files.enter_context(side.saved)
        before, after = sides
        _pair_servers(before, after)
        found = _Found(before, after, _surface_items(before, after))
        found.calls = yield from compare_sessions(before.ledger, after.ledger, before.servers, after.servers)
        for at, change in enumerate(found.calls.changes):
            found.items.append(_item(change, found))
            if at % 1_000 == 0:
                yield 1.0
        files.pop_all()
    for side in sides:
        if side.saved is not None:
            opened(side.saved)
    yield found


def _read_file(path: Path) -> Generator[float, None, _Side]:
    saved = open_session(path, frames=_READ)
    try:
        yield 0.0
        while not saved.complete and saved.read_more(_READ):
            yield 0.0
        return _side(path.name, saved.ledger, saved.connections, saved)
    except BaseException:
        saved.close()
        raise


def _read_ledger(ledger: Ledger, connections: dict[str, JsonObject], label: str) -> Generator[float, None, _Side]:
    frozen = ledger.frozen()
    yield 0.0
    return _side(label, frozen, connections, None)


def _side(label: str, ledger: Ledger, connections: dict[str, JsonObject], saved: SavedSession | None) -> _Side:
    found = surfaces(ledger, connections)
    names = {connection: name for connection, (name, _surface) in found.items()}
    return _Side(label, ledger, names, dict(found.values()), saved)


def _pair_servers(before: _Side, after: _Side) -> None:
    """Two sessions of one server each are about the same server, whatever it was called."""
    if len(before.surfaces) == len(after.surfaces) == 1:
        (name,) = before.surfaces
        after.servers = dict.fromkeys(after.servers, name)
        after.surfaces = dict.fromkeys([name], *after.surfaces.values())


def _surface_items(before: _Side, after: _Side) -> list[Item]:
    found: list[Item] = []
    several = len({*before.surfaces, *after.surfaces}) > 1
    for name in dict.fromkeys([*before.surfaces, *after.surfaces]):
        old, new = before.surfaces.get(name), after.surfaces.get(name)
        if old is None or new is None:
            found.append(_one_sided(name, old, new))
            continue
        for item in items_of(compare_surfaces(old, new)):
            title = f"{name}: {item.title}" if several else item.title
            found.append(Item(item.what, title, item.detail, item.sides, item.part, item.meaning))
    order = ("breaking", "gone", "changed", "new")
    return sorted(found, key=lambda item: order.index(item.what))


def _one_sided(name: str, old: Surface | None, new: Surface | None) -> Item:
    surface = old or new
    assert surface is not None
    shown = {"serverInfo": surface.server_info, "capabilities": surface.capabilities}
    shown |= {"tools": [one.get("name") for one in surface.lists.tools]}
    if old is not None:
        return Item("gone", name, "server", lambda: (shown, ABSENT))
    return Item("new", name, "server", lambda: (ABSENT, shown))


def _item(change: CallChange, found: _Found) -> Item:
    def sides() -> tuple[Any, Any]:
        return _call(found.before.ledger, change.before), _call(found.after.ledger, change.after)

    return Item(change.what, change.name or change.method, change.detail, sides, change.server, note=_pace(change))


def _call(ledger: Ledger, number: int | None) -> Any:
    exchange = ledger.exchange(number) if number is not None else None
    if exchange is None:
        return ABSENT
    return {"method": exchange.method, "params": request_of(exchange), "outcome": outcome_of(exchange)}


def _calls(number: int) -> str:
    return counted(number, "call")


def _pace(change: CallChange) -> str:
    before, after = change.before_ms, change.after_ms
    if before is None or after is None:
        return "".join(duration(one) for one in (before, after) if one is not None)
    sign = "+" if after >= before else "−"  # noqa: RUF001 (a minus sign)
    return f"{sign}{duration(abs(after - before))}"
