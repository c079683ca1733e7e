"""Fields whose names the user chooses: maps, and the further fields of an open object."""

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QWidget

from wireglass.protocol.schema import UNSET, Node
from wireglass.schema_check import fits as suits
from wireglass_app.controls import Button, Label, column, row, tool_button
from wireglass_app.forms.editor import Editor, Place
from wireglass_app.forms.json_field import JsonEditor
from wireglass_app.forms.scalars import Finding
from wireglass_app.plain import visible

__all__ = ["MapEditor"]


class MapEditor(Editor):
    """Fields whose names the user chooses: each a name, a value, and a way to take it out.

    What a value looks like may follow from its name (`patternProperties`).
    """

    def __init__(self, node: Node, place: Place) -> None:
        super().__init__(node, place)
        self._entries: list[_Entry] = []
        self._known = {name for name, _ in node.properties}
        self._list = column(gap=8)
        what = "another field" if node.properties else "an entry"
        name = f"Add {what} to {place.name}" if place.name else f"Add {what}"  # all arguments are one map
        self.add = Button(f"Add {what}", "link", icon="plus", name=name, clicked=self._add_new)
        self._told = Label("", "bad", "caption", wrap=True)
        self._told.hide()
        self.setLayout(column(self._list, self._told, self.add, gap=6))
        self.setFocusProxy(self.add)

    def value(self) -> Any:
        return {entry.key.text(): entry.editor.value() for entry in self._entries if entry.editor.value() is not UNSET}

    def takes(self, value: Any) -> bool:
        return value is UNSET or isinstance(value, dict)

    def set_value(self, value: Any) -> None:
        pairs = {} if value is UNSET else value
        if pairs == self.value() and len(pairs) == len(self._entries):
            return
        for entry in list(self._entries):
            self._drop(entry)
        for key, content in pairs.items():
            self._add(key, content)

    def node_for(self, name: str) -> Node:
        """What the value of a field with this name looks like."""
        for pattern, node in self.node.patterns:
            if not name or suits({"type": "string", "pattern": pattern}, name):
                return node
        additional = self.node.additional
        assert additional is not None
        return additional

    @property
    def _hint(self) -> str:
        pattern = self.node.patterns[0][0] if self.node.patterns else self.node.constraints.get("keyPattern", "")
        return f"name like {visible(pattern, 40)}" if pattern else "name"

    def _add_new(self) -> None:
        self._add("", UNSET).key.setFocus()
        self.changed.emit()

    def _add(self, key: str, value: Any) -> "_Entry":
        entry = _Entry(key, self.place, self.node_for, self._hint)
        entry.take(value)
        entry.changed.connect(self.changed)
        entry.gone.connect(lambda: (self._drop(entry), self.changed.emit()))
        self._entries.append(entry)
        self._list.addWidget(entry)
        return entry

    def _drop(self, entry: "_Entry") -> None:
        self._entries.remove(entry)
        self._list.removeWidget(entry)
        entry.hide()
        entry.deleteLater()

    def clashes(self) -> list[str]:
        """Names that two entries, or an entry and a field, share: only one of them can be sent."""
        names = [entry.key.text() for entry in self._entries]
        twice = [name for name in dict.fromkeys(names) if names.count(name) > 1 or name in self._known]
        return [f"{visible(name, 40) or 'A name'} is there twice: only the last is sent." for name in twice]

    def show_findings(self, findings: Sequence[Finding]) -> list[str]:
        own = self.clashes()
        wrong = {finding.tokens[0] for finding in findings if finding.tokens}
        for entry in self._entries:
            entry.editor.mark("error" if entry.key.text() in wrong else "")
        for finding in findings:
            where = f"{finding.tokens[0]}: " if finding.tokens else ""
            own.append(where + finding.message)
        return own

    def tell(self, findings: Sequence[Finding]) -> None:
        """Shows what is wrong with the entries here, where no row does it."""
        messages = self.show_findings(findings)
        self._told.setText(visible(" · ".join(messages[:3]), 600))
        self._told.setVisible(bool(messages))

    def mark(self, state: str) -> None:
        """Nothing to mark: the message names the entry."""


class _Entry(QWidget):
    changed = Signal()
    gone = Signal()

    def __init__(self, key: str, place: Place, node_for: Callable[[str], Node], hint: str) -> None:
        super().__init__()
        self._place = place
        self._node_for = node_for
        self.key = QLineEdit(key)
        self.key.setPlaceholderText(hint)
        self.key.setProperty("type", "mono")
        self.key.setAccessibleName(f"{place.name}, name of the field")
        self._node = node_for(key)
        self.editor = self._build()
        remove = tool_button("close", f"Remove {visible(key, 40) or 'this entry'}", clicked=self.gone.emit)
        self._line = row(self.key, self.editor, remove, gap=6)
        self._line.setStretch(0, 2)
        self._line.setStretch(1, 3)
        self.setLayout(self._line)
        self.key.textEdited.connect(self._renamed)

    def _build(self) -> Editor:
        made = self._place.build(self._node, self._place.below(visible(self.key.text(), 40) or "value"))
        made.changed.connect(self.changed)
        return made

    def take(self, value: Any) -> None:
        """Shows a value; one that does not fit its field is edited as JSON."""
        if not self.editor.takes(value):
            self._swap(JsonEditor(self._node, self._place, "the value does not fit the field"))
        self.editor.set_value(value)

    def _renamed(self, name: str) -> None:
        node = self._node_for(name)
        if node is not self._node:
            value = self.editor.value()
            self._node = node
            self._swap(self._build())
            self.take(value)
        self.changed.emit()

    def _swap(self, made: Editor) -> None:
        old, self.editor = self.editor, made
        if isinstance(made, JsonEditor):
            made.changed.connect(self.changed)
        self._line.replaceWidget(old, made)
        old.hide()
        old.deleteLater()
