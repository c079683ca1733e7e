"""Names and values as rows: variables of a command, headers of a URL. What looks like a secret is not shown."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QLineEdit, QVBoxLayout, QWidget

from wireglass.targets.servers import looks_secret
from wireglass_app.controls import Button, Chip, Rule, column, row, surface, tool_button
from wireglass_app.theme import theme

__all__ = ["PairRows"]


class PairRows(QFrame):
    """One row a pair, with a button that takes it out; the last line adds one. Nothing is written to disk."""

    changed = Signal()

    def __init__(self, what: str, rule: str) -> None:
        """`what` is one of them ("header"), `rule` says how they are written."""
        super().__init__()
        surface(self, "field")
        self._what, self._rule = what, rule
        self.rows: list[PairRow] = []
        self._lines = QVBoxLayout()
        self._lines.setSpacing(0)
        self.add = Button(f"Add {what}", "link", icon="plus", clicked=self.add_row)
        self.setLayout(column(self._lines, row(self.add, None, margins=(6, 1, 6, 1)), gap=0, margins=(1, 1, 1, 1)))
        self.setFocusProxy(self.add)

    def pairs(self) -> tuple[tuple[str, str], ...]:
        """What is typed. Raises ValueError with the rule when a value has no name."""
        found = []
        for one in self.rows:
            name, value = one.name.text().strip(), one.value.text()
            if name:
                found.append((name, value.strip()))
            elif value.strip():
                raise ValueError(f"{self._rule}; a {self._what} without a name has a value.")
        return tuple(found)

    def set_pairs(self, pairs: Sequence[tuple[str, str]]) -> None:
        """Others in their place."""
        for one in list(self.rows):
            self._drop(one)
        for name, value in pairs:
            self._append(name, value)

    def add_row(self) -> None:
        """An empty one, with the focus in its name."""
        self._append("", "").name.setFocus(Qt.FocusReason.OtherFocusReason)

    def _append(self, name: str, value: str) -> "PairRow":
        one = PairRow(self._what, name, value)
        one.gone.connect(lambda: self._take_out(one))
        one.edited.connect(self.changed)
        self.rows.append(one)
        self._lines.addWidget(one)
        return one

    def _take_out(self, one: "PairRow") -> None:
        self._drop(one)
        self.add.setFocus(Qt.FocusReason.OtherFocusReason)
        self.changed.emit()

    def _drop(self, one: "PairRow") -> None:
        self.rows.remove(one)
        self._lines.removeWidget(one)
        one.hide()
        one.deleteLater()


class PairRow(QWidget):
    """A name and its value."""

    gone = Signal()
    edited = Signal()

    def __init__(self, what: str, name: str, value: str) -> None:
        super().__init__()
        self.name = _line(f"Name of a {what}", name)
        self.name.setPlaceholderText("Name")
        self.value = _line(f"Value of the {what} {name}".strip(), value)
        self.value.setPlaceholderText("Value")
        self.kept = Chip("not saved", "plain")
        self.kept.setToolTip("Secrets are not written to disk: you give them again after a restart.")
        self.remove = tool_button("close", f"Remove the {what}", clicked=self.gone.emit)
        line = row(self.name, self.value, self.kept, self.remove, gap=4, margins=(6, 1, 4, 1))
        line.setStretch(1, 1)
        self.name.setFixedWidth(theme().px(150))
        self.setLayout(column(line, Rule(), gap=0))
        for field in (self.name, self.value):
            field.textChanged.connect(lambda _text: self._changed(what))
        self._changed(what)

    def _changed(self, what: str) -> None:
        name = self.name.text().strip()
        secret = bool(name) and looks_secret(name, self.value.text())
        self.value.setEchoMode(QLineEdit.EchoMode.Password if secret else QLineEdit.EchoMode.Normal)
        self.kept.setVisible(secret)
        self.value.setAccessibleName(f"Value of the {what} {name}".strip())
        self.remove.setAccessibleName(f"Remove the {what} {name}".strip())
        self.edited.emit()


def _line(name: str, text: str) -> QLineEdit:
    field = QLineEdit(text)
    field.setAccessibleName(name)
    field.setProperty("type", "mono")
    field.setProperty("plain", "row")
    return field
