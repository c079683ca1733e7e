"""One entry of one host: the fields that every host has, or its JSON as the host reads it."""

import json
from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QTimer, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QHeaderView,
    QLineEdit,
    QPlainTextEdit,
    QScrollArea,
    QStackedWidget,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from wireglass.targets.servers import RemoteServer, Server, StdioServer, looks_secret
from wireglass_app.controls import (
    Button,
    Chip,
    Elided,
    Empty,
    Label,
    Segments,
    column,
    restyle,
    row,
    surface,
    tool_button,
)
from wireglass_app.theme import theme

__all__ = ["EntryForm"]

_PAUSE_MS = 250
"""After the last key, before the difference is made again."""


class EntryForm(QWidget):
    """Edits what `show_entry` gave it and says so after a short pause."""

    server_changed = Signal(object)
    entry_changed = Signal(dict)
    start_wanted = Signal()
    copy_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._server: Server | None = None
        self._filling = False
        self._timer = QTimer(self, singleShot=True, interval=_PAUSE_MS)
        self._timer.timeout.connect(self._tell)
        self.title = Elided("", type="strong")
        self.where = Label("", "secondary", "small")
        self.choice = Segments((("form", "Form"), ("json", "JSON")), "How the entry is edited")
        self.choice.chosen.connect(lambda _key: self._switch())
        self.copy_button = tool_button("copy", "Copy this entry to all apps", clicked=self.copy_wanted.emit)
        self.stack = QStackedWidget()
        self.stack.addWidget(Empty("sliders", "No entry chosen", "Move to a server in the table to see its entry."))
        self.stack.addWidget(self._form())
        self.json = QPlainTextEdit()
        self.json.setAccessibleName("Entry as JSON")
        self.json.setFont(theme().font("mono"))
        self.json.textChanged.connect(self._edited)
        self.json_problem = Label("", "bad", "small", wrap=True)
        page = QWidget()
        page.setLayout(column(self.json, self.json_problem, margins=(14, 12, 14, 12)))
        self.stack.addWidget(page)
        head = QWidget()
        line = row(self.title, self.where, self.copy_button, self.choice, margins=(14, 0, 12, 0))
        line.setStretch(0, 1)
        head.setLayout(line)
        head.setFixedHeight(theme().px(36))
        self.setLayout(column(surface(head, "panel", "bottom"), self.stack, gap=0))
        self.show_nothing()

    # Content

    def show_nothing(self) -> None:
        """No entry is chosen."""
        self._server = None
        self.title.setText("Entry")
        self.where.setText("")
        self.choice.setEnabled(False)
        self.copy_button.setEnabled(False)
        self.stack.setCurrentIndex(0)

    def show_entry(
        self, name: str, where: str, server: Server | None, entry: Mapping[str, Any] | None, notes: tuple[str, ...]
    ) -> None:
        """Shows one entry; `entry` None: the server is not in this host yet, and is only looked at."""
        if self._timer.isActive() or (self.hasFocusInside() and self._same(server, entry)):
            return
        self._filling = True
        self._server = server
        self.title.setText(name)
        self.where.setText(where)
        self.choice.setEnabled(entry is not None)
        self.copy_button.setEnabled(entry is not None)
        self._fill_form(server)
        self._set_editable(entry is not None)
        self.json.setPlainText(json.dumps(entry, ensure_ascii=False, indent=2) if entry is not None else "")
        self.json_problem.setText("")
        self.notes.setText("\n".join(notes))
        self.notes.setVisible(bool(notes))
        self._filling = False
        self._switch()

    def show_start(self, text: str, tone: str) -> None:
        """What starting the server once has shown: tone is ok, bad or muted."""
        self.start_text.setText(text)
        self.start_text.set_tone(tone)

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
        self.command.setFont(theme().font("mono"))
        self.command.textEdited.connect(lambda _text: self._edited())
        self.command_label = Label("Command", type="small-strong")
        self.command_note = Label("", "muted", "small")
        self.arguments = QPlainTextEdit()
        self.arguments.setAccessibleName("Arguments, one on each line")
        self.arguments.setFont(theme().font("mono"))
        self.arguments.setTabChangesFocus(True)
        self.arguments.setFixedHeight(theme().px(84))
        self.arguments.textChanged.connect(self._edited)
        self.arguments_label = Label("Arguments, one on each line", type="small-strong")
        self.pairs = _Pairs()
        self.pairs.itemChanged.connect(lambda _item: self._edited())
        self.pairs_label = Label("Environment", type="small-strong")
        self.plain = Chip("plain text", "warn")
        self.add_button = Button("Add variable", "link", icon="plus", clicked=self.pairs.add_row)
        self.start_text = Label("not tried yet", "muted")
        self.start_button = Button("Start once", icon="play", clicked=self.start_wanted.emit)
        self.notes = Label("", "warn", wrap=True)
        lines = column(
            row(self.command_label, None, self.command_note),
            self.command,
            row(Label("Starts", type="small-strong"), self.start_text, None, self.start_button),
            self.arguments_label,
            self.arguments,
            row(self.pairs_label, self.plain, None),
            self.pairs,
            row(self.add_button, None),
            self.notes,
            None,
            gap=6,
            margins=(14, 10, 14, 12),
        )
        body = surface(QWidget(), "panel")
        body.setLayout(lines)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setWidget(body)
        return scroll

    def _fill_form(self, server: Server | None) -> None:
        is_far = isinstance(server, RemoteServer)
        self.command_label.setText("URL" if is_far else "Command")
        self.command.setAccessibleName("URL" if is_far else "Command")
        for widget in (self.arguments, self.arguments_label):
            widget.setVisible(not is_far)
        self.pairs_label.setText("Headers" if is_far else "Environment")
        self.add_button.setText("Add header" if is_far else "Add variable")
        if server is None:
            self.command.clear()
            self.arguments.clear()
            self.pairs.fill({})
        elif isinstance(server, RemoteServer):
            self.command.setText(server.url)
            self.pairs.fill(server.headers)
        else:
            self.command.setText(server.command)
            self.arguments.setPlainText("\n".join(server.args))
            self.pairs.fill(server.env)
        self.plain.setVisible(self.pairs.has_secret())

    def _set_editable(self, editable: bool) -> None:
        self.command.setReadOnly(not editable)
        self.arguments.setReadOnly(not editable)
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
        self.plain.setVisible(self.pairs.has_secret())
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
        return entry

    def _typed(self) -> Server | None:
        old = self._server
        if isinstance(old, RemoteServer):
            return RemoteServer(old.name, self.command.text().strip(), old.transport, self.pairs.values())
        if isinstance(old, StdioServer):
            lines = self.arguments.toPlainText()
            args = tuple(lines.split("\n")) if lines else ()
            command = self.command.text().strip()
            return StdioServer(old.name, command, args, self.pairs.values(), old.cwd, old.needs_cwd, old.secret_env)
        return None


class _Masked(QStyledItemDelegate):
    """Shows only the end of a value that looks like a secret."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> None:
        super().initStyleOption(option, index)
        name = str(index.sibling(index.row(), 0).data() or "")
        value = str(index.data() or "")
        if index.column() == 1 and looks_secret(name, value):
            option.text = "•" * 8 + value[-4:]  # type: ignore[attr-defined]  # a field that the stubs lack


class _Pairs(QTableWidget):
    """Names and values, values that look like secrets masked until they are edited."""

    def __init__(self) -> None:
        super().__init__(0, 2)
        self.setAccessibleName("Names and values")
        self.horizontalHeader().hide()
        self.verticalHeader().hide()
        self.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)
        self.horizontalHeader().setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        self.horizontalHeader().setMinimumSectionSize(theme().px(120))
        self.setTabKeyNavigation(False)
        self.setFont(theme().font("mono"))
        self.setProperty("surface", "card")
        self.setItemDelegate(_Masked(self))
        self._fit()

    def fill(self, values: Mapping[str, str]) -> None:
        if values == self.values():
            return
        self.blockSignals(True)
        self.setRowCount(0)
        for name, value in values.items():
            self._append(name, value)
        self.blockSignals(False)
        self._fit()

    def add_row(self) -> None:
        self.blockSignals(True)
        self._append("", "")
        self.blockSignals(False)
        self._fit()
        self.setCurrentCell(self.rowCount() - 1, 0)
        self.setFocus()
        if (first := self.item(self.rowCount() - 1, 0)) is not None:
            self.editItem(first)

    def values(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for at in range(self.rowCount()):
            name, value = self.item(at, 0), self.item(at, 1)
            if name is not None and name.text().strip():
                found[name.text().strip()] = value.text() if value is not None else ""
        return found

    def has_secret(self) -> bool:
        return any(looks_secret(name, value) for name, value in self.values().items())

    def _append(self, name: str, value: str) -> None:
        at = self.rowCount()
        self.insertRow(at)
        self.setItem(at, 0, QTableWidgetItem(name))
        self.setItem(at, 1, QTableWidgetItem(value))

    def _fit(self) -> None:
        self.setVisible(self.rowCount() > 0)
        height = theme().px(26)
        self.verticalHeader().setDefaultSectionSize(height)
        self.setFixedHeight(min(6, max(1, self.rowCount())) * height + 2)
