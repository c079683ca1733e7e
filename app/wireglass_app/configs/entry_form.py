"""One entry of one host: the fields that every host has, or its JSON as the host reads it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QLineEdit,
    QPlainTextEdit,
    QStackedWidget,
    QWidget,
)

from wireglass.targets.servers import RemoteServer, Server, StdioServer
from wireglass_app.configs.argument_chips import ArgumentChips
from wireglass_app.configs.entry_head import EntryHead
from wireglass_app.configs.masks import masked, unmasked
from wireglass_app.configs.pairs import Pairs
from wireglass_app.controls import (
    Button,
    Elided,
    Empty,
    IconLabel,
    Label,
    column,
    restyle,
    row,
    surface,
    tool_button,
)
from wireglass_app.forms.frame import FieldFrame
from wireglass_app.layouts import scrolling
from wireglass_app.plain import tip
from wireglass_app.theme import set_icon, theme

__all__ = ["EntryForm"]

_PAUSE_MS = 250
"""After the last key, before the difference is made again."""


class EntryForm(QWidget):
    """Edits what `show_entry` gave it and says so after a short pause."""

    server_changed = Signal(object)
    entry_changed = Signal(dict)
    start_wanted = Signal()
    refer_wanted = Signal()
    """References in the place of plain secrets."""

    def __init__(self) -> None:
        super().__init__()
        self._server: Server | None = None
        self._hidden: dict[tuple[str, str], str] = {}
        """By key and mask, the secrets that the JSON shows masked."""
        self._filling = False
        self._timer = QTimer(self, singleShot=True, interval=_PAUSE_MS)
        self._timer.timeout.connect(self._tell)
        self.head = EntryHead()
        self.choice = self.head.choice
        self.choice.chosen.connect(lambda _key: self._switch())
        self.stack = QStackedWidget()
        self.stack.addWidget(Empty("sliders", "No entry chosen", "Move to a server in the table to see its entry."))
        self.stack.addWidget(self._form())
        self.json = QPlainTextEdit()
        self.json.setAccessibleName("Entry as JSON")
        self.json.textChanged.connect(self._edited)
        self.json_problem = Label("", "bad", "small", wrap=True)
        page = QWidget()
        page.setLayout(column(self.json, self.json_problem, margins=(14, 12, 14, 12)))
        self.stack.addWidget(page)
        self.setLayout(column(surface(self.head, "panel", "bottom"), self.stack, gap=0))
        theme().changed.connect(self._sized)
        self._sized()
        self.show_nothing()

    def _sized(self) -> None:
        for widget in (self.json, self.command):
            widget.setFont(theme().font("mono"))

    # Content

    def show_nothing(self) -> None:
        """No entry is chosen."""
        self._server = None
        self.head.show_entry("Entry", "", there=False, known=False)
        self.stack.setCurrentIndex(0)

    def show_entry(
        self,
        name: str,
        where: str,
        server: Server | None,
        entry: Mapping[str, Any] | None,
        notes: Sequence[str],
        reference: str = "",
    ) -> None:
        """Shows one entry; `entry` None: the server is not in this host yet, and is only looked at.

        `reference` is what this host writes in the place of a secret, or empty where it knows no way.
        """
        self.head.show_entry(name, where, there=entry is not None)
        if self._timer.isActive() or (self.hasFocusInside() and self._same(server, entry)):
            return
        self._filling = True
        self._server = server
        self._fill_form(server)
        self._set_editable(entry is not None)
        shown, self._hidden = masked(entry) if entry is not None else ({}, {})
        self.json.setPlainText(json.dumps(shown, ensure_ascii=False, indent=2) if entry is not None else "")
        self.json_problem.setText("")
        self.notes.setText("\n".join(notes))
        self.notes_row.setVisible(bool(notes))
        self.refer_button.setText(f"Use {reference}")
        self.refer_button.setVisible(bool(reference) and entry is not None and self.pairs.has_secret())
        self._filling = False
        self._switch()

    def show_start(self, text: str, tone: str) -> None:
        """What starting the server once has shown: tone is ok, bad or muted."""
        self.start_text.setText(text)
        self.start_text.setToolTip(tip(text))
        self.start_text.set_tone(tone)
        icons = {"ok": "check-circle", "bad": "cross-circle"}
        self.start_mark.setVisible(tone in icons)
        if tone in icons:
            set_icon(self.start_mark, icons[tone], f"{tone}.text")

    def show_command(self, text: str, tone: str) -> None:
        """What is known about the command: "in PATH", "missing"."""
        self.command_note.setText(text)
        self.command_note.set_tone(tone)
        restyle(self.command, state="error" if tone == "bad" else "")

    def hasFocusInside(self) -> bool:
        """Whether someone is typing here."""
        focus = QApplication.focusWidget()
        return focus is not None and self.isAncestorOf(focus)

    # The form

    def _form(self) -> QWidget:
        self.command = QLineEdit()
        self.command.textEdited.connect(lambda _text: self._edited())
        self.command_label = Label("Command", type="small-strong")
        self.command_note = Label("", "muted", "small")
        self.arguments = ArgumentChips()
        self.arguments.edited.connect(self._arguments_edited)
        self.arguments_label = Label("Arguments", type="small-strong")
        self.arguments_count = Label("", "muted", "small")
        self.pairs = Pairs()
        self.pairs.itemChanged.connect(lambda _item: self._edited())
        self.pairs_label = Label("Environment", type="small-strong")
        self.add_button = Button("Add variable", "link", icon="plus", clicked=self.pairs.add_row)
        self.start_mark = IconLabel("check-circle", "ok.text")
        self.start_text = Elided("not tried yet", "muted")
        self.start_button = tool_button("play", "Start once, as this app would", clicked=self.start_wanted.emit)
        self.notes = Label("", "warn", wrap=True)
        self.refer_button = Button("", clicked=self.refer_wanted.emit, name="Use references for the secrets")
        self.notes_row = QWidget()
        self.notes_row.setLayout(row(IconLabel("warning", "warn.text"), self.notes, self.refer_button))
        self.notes_row.layout().setStretch(1, 1)  # type: ignore[union-attr]  # set in the line before
        started = FieldFrame()
        line = row(self.start_mark, self.start_text, self.start_button, margins=(9, 1, 3, 1))
        line.setStretch(1, 1)
        started.setLayout(line)
        command = column(row(self.command_label, None, self.command_note), self.command, gap=6)
        starts = column(Label("Starts", type="small-strong"), started, gap=6)
        both = row(command, starts, gap=12)
        both.setStretch(0, 4)
        both.setStretch(1, 5)
        lines = column(
            both,
            row(self.arguments_label, None, self.arguments_count),
            self.arguments,
            row(self.pairs_label, None),
            self.pairs,
            row(self.add_button, None),
            self.notes_row,
            None,
            gap=6,
            margins=(14, 10, 14, 12),
        )
        body = surface(QWidget(), "panel")
        body.setLayout(lines)
        return scrolling(body)

    def _fill_form(self, server: Server | None) -> None:
        is_far = isinstance(server, RemoteServer)
        self.command_label.setText("URL" if is_far else "Command")
        self.command.setAccessibleName("URL" if is_far else "Command")
        for widget in (self.arguments, self.arguments_label, self.arguments_count):
            widget.setVisible(not is_far)
        self.pairs_label.setText("Headers" if is_far else "Environment")
        self.add_button.setText("Add header" if is_far else "Add variable")
        if server is None:
            self.command.clear()
            self.arguments.set_values(())
            self.pairs.fill({})
        elif isinstance(server, RemoteServer):
            self.command.setText(server.url)
            self.pairs.fill(server.headers)
        else:
            self.command.setText(server.command)
            self.arguments.set_values(server.args)
            self.pairs.fill(server.env)
        self._count()

    def _set_editable(self, editable: bool) -> None:
        self.command.setReadOnly(not editable)
        self.arguments.set_read_only(not editable)
        self.add_button.setVisible(editable)
        trigger = QAbstractItemView.EditTrigger
        keys = trigger.DoubleClicked | trigger.EditKeyPressed | trigger.AnyKeyPressed
        self.pairs.setEditTriggers(keys if editable else trigger.NoEditTriggers)

    def _switch(self) -> None:
        as_json = self.choice.current() == "json" and self.choice.isEnabled()
        self.stack.setCurrentIndex(2 if as_json else 1)

    def _same(self, server: Server | None, entry: Mapping[str, Any] | None) -> bool:
        if self.choice.current() == "json":
            return self._parsed() == entry
        return server == self._typed()

    # What was typed

    def _arguments_edited(self) -> None:
        self._count()
        self._edited()

    def _count(self) -> None:
        self.arguments_count.setText(str(len(self.arguments.values())))

    def _edited(self) -> None:
        if not self._filling:
            self._timer.start()

    def _tell(self) -> None:
        if self.choice.current() == "json":
            entry = self._parsed()
            if entry is not None:
                self.entry_changed.emit(entry)
            return
        server = self._typed()
        if server is not None and server != self._server:
            self._server = server
            self.server_changed.emit(server)

    def flush(self) -> None:
        """Tells what was typed last without waiting."""
        if self._timer.isActive():
            self._timer.stop()
            self._tell()

    def _parsed(self) -> dict[str, Any] | None:
        try:
            entry = json.loads(self.json.toPlainText())
        except ValueError as problem:
            self.json_problem.setText(f"This is not valid JSON: {problem}")
            return None
        if not isinstance(entry, dict):
            self.json_problem.setText("An entry is a JSON object.")
            return None
        self.json_problem.setText("")
        return unmasked(entry, self._hidden)

    def _typed(self) -> Server | None:
        old = self._server
        if isinstance(old, RemoteServer):
            return replace(old, url=self.command.text().strip(), headers=self.pairs.values())
        if isinstance(old, StdioServer):
            command = self.command.text().strip()
            return replace(old, command=command, args=self.arguments.values(), env=self.pairs.values())
        return None
