"""The models that may draft replies: a list, and a form for one. Nothing is asked of them here but on "Try it"."""

from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QComboBox, QGridLayout, QLineEdit, QRadioButton, QWidget

from wireglass_app.controls import Button, Elided, Label, column, row
from wireglass_app.endpoints import Endpoints
from wireglass_app.layouts import clear
from wireglass_app.plain import visible
from wireglass_app.theme import theme

__all__ = ["EndpointsCard"]

_APIS = (("openai", "Chat completions (most local servers)"), ("anthropic", "Messages"))
_FIELDS = (
    ("name", "Name", "local model"),
    ("url", "Address", "http://127.0.0.1:8080/v1"),
    ("model", "Model", "small-8b"),
)


class EndpointsCard(QWidget):
    """Changes act at once."""

    said = Signal(str)

    def __init__(self, endpoints: Endpoints) -> None:
        super().__init__()
        self._endpoints = endpoints
        self._group = QButtonGroup(self)
        self._lines = column(gap=4)
        self.fields = {key: self._field(title, hint) for key, title, hint in _FIELDS}
        self.key = self._field("Key", "none")
        self.key.setEchoMode(QLineEdit.EchoMode.Password)
        self.api = QComboBox()
        self.api.setAccessibleName("Interface of the endpoint")
        for key, title in _APIS:
            self.api.addItem(title, key)
        self.fault = Label("", "bad", "small", wrap=True)
        self.fault.hide()
        self._safe = Label("", "muted", "small", wrap=True)
        self._form = self._make_form()
        self.add = Button("Add an endpoint…", icon="plus", clicked=lambda: self.edit(None))
        words = Label(
            "Drafts replies to sampling requests, in the Inbox. Nothing is asked until you press Draft or a rule says "
            "so. The request goes from this machine to the address you give, with what the server sent.",
            "secondary",
            wrap=True,
        )
        self.setLayout(column(words, self._lines, row(self.add, None), self._form, gap=10))
        endpoints.changed.connect(self._fill)
        self._form.hide()
        self._fill()

    def _field(self, title: str, hint: str) -> QLineEdit:
        made = QLineEdit()
        made.setAccessibleName(f"{title} of the endpoint")
        made.setPlaceholderText(hint)
        made.setMinimumWidth(theme().px(320))
        return made

    def _make_form(self) -> QWidget:
        box = QWidget()
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setColumnStretch(2, 1)
        entries = [
            *((title, self.fields[key]) for key, title, _ in _FIELDS),
            ("Interface", self.api),
            ("Key", self.key),
        ]
        for at, (title, widget) in enumerate(entries):
            label = Label(title, "secondary")
            label.setBuddy(widget)
            grid.addWidget(label, at, 0)
            grid.addWidget(widget, at, 1)
        self.save = Button("Save the endpoint", "primary", clicked=self.keep)
        cancel = Button("Cancel", clicked=self._close)
        lines = column(gap=8)
        lines.addLayout(grid)
        lines.addWidget(self._safe)
        lines.addWidget(self.fault)
        lines.addLayout(row(self.save, cancel, None))
        box.setLayout(lines)
        return box

    def _fill(self) -> None:
        clear(self._lines)
        chosen = self._endpoints.chosen
        for facts in self._endpoints.all:
            self._lines.addWidget(self._line(facts, facts == chosen))
        if chosen is None:
            self._lines.addWidget(Label("No model is configured, so nothing can be drafted.", "muted"))

    def _line(self, facts: dict[str, Any], chosen: bool) -> QWidget:
        name = visible(facts["name"], 60)
        pick = QRadioButton(name)
        pick.setAccessibleName(f"Draft with {name}")
        pick.setChecked(chosen)
        pick.clicked.connect(lambda: self._endpoints.choose(facts["name"]))
        self._group.addButton(pick)
        where = Elided(f"{facts['url']} · {facts['model']}", "muted", "mono-small", middle=True)
        edit = Button("Edit", name=f"Edit the endpoint {name}", clicked=lambda: self.edit(facts))
        drop = Button("Remove", "ghost", name=f"Remove the endpoint {name}", clicked=lambda: self._remove(facts))
        line = QWidget()
        layout = row(pick, where, edit, drop)
        layout.setStretch(1, 1)
        line.setLayout(layout)
        return line

    def _remove(self, facts: dict[str, Any]) -> None:
        self._endpoints.remove(facts["name"])
        self.said.emit(f"{visible(facts['name'], 60)} and its key are removed.")

    def edit(self, facts: dict[str, Any] | None) -> None:
        """Shows the form for an endpoint, or an empty one."""
        known = facts or {}
        for key, field in self.fields.items():
            field.setText(str(known.get(key, "")))
        self.fields["name"].setReadOnly(facts is not None)
        self.api.setCurrentIndex(max(0, self.api.findData(known.get("api", "openai"))))
        self.key.clear()
        self.key.setPlaceholderText("kept in the keychain; type to replace it" if facts else "none")
        problem = self._endpoints.secrets.problem
        self._safe.setText(problem or "The key is kept in the keychain of this system, in no file and in no recording.")
        self.fault.hide()
        self._form.show()
        (self.fields["url"] if facts else self.fields["name"]).setFocus()

    def keep(self) -> None:
        """Saves what is typed; says what is wrong with it."""
        facts = {key: field.text() for key, field in self.fields.items()} | {"api": self.api.currentData()}
        try:
            self._endpoints.put(facts, self.key.text() or None)
        except ValueError as problem:
            self.fault.setText(str(problem))
            self.fault.show()
            self.said.emit(str(problem))
            return
        self.said.emit(f"{visible(facts['name'], 60)} may draft replies from now on.")
        self._close()

    def _close(self) -> None:
        self.key.clear()
        self._form.hide()
        self.add.setFocus()
