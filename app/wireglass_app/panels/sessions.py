"""Sessions: what is recorded now, notes on it, and the files that were saved or opened before."""

from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QFrame, QLineEdit, QWidget

from wireglass.recording.records import Note
from wireglass_app.controls import Button, Chip, Elided, Empty, IconLabel, Label, Notice, column, row, surface
from wireglass_app.headline import HeadLine
from wireglass_app.layouts import clear, scrolling
from wireglass_app.moments import clock, day_and_clock
from wireglass_app.panels.base import Desk, Panel
from wireglass_app.plain import DESCRIPTION_LIMIT, counted, duration, size, visible
from wireglass_app.recording import KEPT_MINUTES, LiveRecording, OpenedRecording
from wireglass_app.theme import theme

__all__ = ["SessionsPanel"]

_NOTES_SHOWN = 200


class SessionsPanel(Panel):
    """In a recording's window it tells what the file holds and what is missing of it."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.setAccessibleName("Sessions")
        self.recording = desk.workbench.recording
        self.facts = Label("", "secondary", wrap=True)
        self.where = Elided("", "muted", "small", middle=True)
        self.problem = Notice("warn", icon="warning")
        self.save_button = Button("Save session…", "primary", icon="save", key="Ctrl+Shift+S", clicked=self._save)
        self.open = Button("Open session…", icon="folder", clicked=lambda: desk.act("open-session"))
        self.field = QLineEdit()
        self.field.setPlaceholderText("Add a note about now, then Enter")
        self.field.setAccessibleName("New note")
        self.field.setMaxLength(2000)
        self.field.returnPressed.connect(self._add_note)
        self._note_lines = column(gap=4)
        self._recent_lines = column(gap=4)
        self._slow = QTimer(self, singleShot=True, interval=1000)
        self._slow.timeout.connect(self._show_facts)
        page = surface(QWidget(), "panel")
        cards = [self._recorded(), self._notes(), *([] if self.recording.opened else [self._recent()])]
        page.setLayout(column(*cards, None, gap=16, margins=(14, 16, 14, 22)))
        area = scrolling(page)
        buttons = [] if self.recording.opened else [self.open, self.save_button]
        head = HeadLine(Label("Sessions", type="title"), [], buttons)
        self.setLayout(column(surface(head, "panel", "bottom"), area, gap=0))
        self.recording.changed.connect(self._show)
        desk.workbench.entries_added.connect(self._arrived)
        desk.settings.changed.connect(self._setting_changed)
        self._show()

    def _arrived(self, *_entries: object) -> None:
        if not self._slow.isActive():
            self._slow.start()

    def _setting_changed(self, name: str) -> None:
        if name == "recordings.recent":
            self._show_recent()

    # parts

    def _recorded(self) -> QWidget:
        if isinstance(self.recording, OpenedRecording):
            return _card(f"Recording {visible(self.recording.name, 80)}", [self.problem, self.facts, self.where])
        words = (
            f"Everything that crosses the wire is recorded, the last {KEPT_MINUTES} minutes of it. Saving writes one "
            "file with secrets masked; opening one shows every view without the server."
        )
        return _card("This session", [Label(words, "secondary", wrap=True), self.problem, self.facts, self.where])

    def _notes(self) -> QWidget:
        live = isinstance(self.recording, LiveRecording)
        return _card("Notes", [*([self.field] if live else []), self._note_lines])

    def _recent(self) -> QWidget:
        return _card("Saved or opened before", [self._recent_lines])

    # what is shown

    def _show(self) -> None:
        self._show_facts()
        _fill(self._note_lines, [self._note(note) for note in self.recording.notes[-_NOTES_SHOWN:]])
        if not self.recording.notes:
            text = "No notes yet." if not self.recording.opened else "The file holds no notes."
            self._note_lines.addWidget(Label(text, "muted", "small"))
        self._show_recent()

    def _show_facts(self) -> None:
        recording, ledger = self.recording, self.recording.ledger
        began, ended = recording.began_ns, recording.ended_ns
        parts = [counted(len(ledger.entries), "frame"), size(ledger.bytes), counted(len(ledger.exchanges), "request")]
        if began is not None and ended is not None:
            parts.append(f"{day_and_clock(began / 1e9)} to {clock(ended / 1e9)}, {duration((ended - began) / 1e6)}")
        names = [visible(str(facts.get("name") or name), 60) for name, facts in recording.connections.items()]
        if names:
            parts.append(f"servers: {', '.join(names[:8])}")
        self.facts.setText(" · ".join(parts) if began is not None else "Nothing was recorded yet.")
        self.problem.text.setText(" ".join(recording.problems))
        self.problem.setVisible(bool(recording.problems))
        self.where.setText(self._where())
        self.save_button.setEnabled(began is not None)

    def _where(self) -> str:
        recording = self.recording
        if isinstance(recording, OpenedRecording):
            saved = recording.saved
            by = visible(str(saved.header.get("application") or "an unknown program"), 80)
            return f"{saved.path} · written by {by} · opened read-only, never changed"
        if isinstance(recording, LiveRecording) and recording.recorder is not None:
            return f"Kept on disk against a crash: {recording.recorder.folder} · {size(recording.recorder.on_disk)}"
        return "Kept in memory only."

    def _note(self, note: Note) -> QWidget:
        line = QWidget()
        when = clock(self.recording.ledger.wall_time_ns(note.at_ns) / 1e9)
        text = Label(visible(note.text, DESCRIPTION_LIMIT), wrap=True).selectable()
        items: list[Any] = [Chip(when, "mono"), text]
        if note.frame is not None:
            seq = note.frame
            name = f"Show frame {seq} of the note in Protocol"
            items.append(Button(f"Frame {seq}", "link", name=name, clicked=lambda: self.desk.go("frames", seq=seq)))
        if isinstance(self.recording, LiveRecording):
            live = self.recording
            remove = Button("Remove", "ghost", name=f"Remove the note of {when}")
            remove.clicked.connect(lambda: live.remove_note(note))
            items.append(remove)
        lay = row(*items)
        lay.setStretchFactor(text, 1)
        line.setLayout(lay)
        return line

    def _show_recent(self) -> None:
        paths = [Path(one) for one in self.desk.settings.get("recordings.recent", []) if isinstance(one, str)]
        _fill(self._recent_lines, [self._file(path) for path in paths])
        if not paths:
            self._recent_lines.addWidget(
                Empty("record", "No session files yet", "Save this session, or drop a .wglass file on the window.")
            )

    def _file(self, path: Path) -> QWidget:
        line = QWidget()
        there = path.is_file()
        facts = size(path.stat().st_size) if there else "not there any more"
        name = Elided(path.name, type="medium")
        folder = Elided(str(path.parent), "muted", "small", middle=True)
        button = Button("Open", name=f"Open {path.name}")
        button.clicked.connect(lambda: self.desk.go("open-recordings", paths=[str(path)]))
        button.setEnabled(there)
        beside = Button("Compare", "ghost", name=f"Compare {path.name} with this session")
        beside.clicked.connect(lambda: self.desk.go("changes", source="sessions", path=str(path)))
        beside.setEnabled(there)
        again = Button("Replay", "ghost", name=f"Replay {path.name} on a live server")
        again.clicked.connect(lambda: self.desk.go("replay", path=str(path)))
        again.setEnabled(there)
        lay = row(IconLabel("file"), name, folder, Label(facts, "secondary", "small"), again, beside, button)
        lay.setStretchFactor(folder, 1)
        line.setLayout(lay)
        return line

    # acts

    def _save(self) -> None:
        self.desk.act("save-session")

    def _add_note(self) -> None:
        text = self.field.text().strip()
        if text and isinstance(self.recording, LiveRecording):
            self.recording.add_note(text)
            self.field.clear()

    def show_item(self, *, note: bool = False, **_facts: Any) -> None:
        """`note`: one is to be written now."""
        if note and self.field.isVisibleTo(self):
            self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def run_primary(self) -> None:
        if self.field.hasFocus():
            self._add_note()

    def regions(self) -> list[QWidget]:
        return [self]

    def enter(self) -> None:
        if isinstance(self.recording, LiveRecording):
            self.save_button.setFocus()


def _card(title: str, rows: list[Any]) -> QWidget:
    card = surface(QFrame(), "card")
    card.setLayout(column(Label(title, type="strong"), *rows, gap=10, margins=(16, 12, 16, 14)))
    card.setMaximumWidth(theme().px(980))
    return card


def _fill(lines: Any, widgets: list[QWidget]) -> None:
    clear(lines)
    for widget in widgets:
        lines.addWidget(widget)
