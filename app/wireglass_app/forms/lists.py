"""Editors for arrays: chips, ticks, lists of editors, tuples. The table has its own module."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QCheckBox, QCompleter, QLineEdit, QWidget

from wireglass.protocol.schema import UNSET, Node, defaults
from wireglass_app.buttons import ToolButton
from wireglass_app.controls import Button, Label, column, restyle, row, tool_button
from wireglass_app.forms.editor import Editor, Place
from wireglass_app.forms.flow import FlowLayout
from wireglass_app.forms.frame import FieldFrame, Indent
from wireglass_app.forms.json_field import JsonEditor
from wireglass_app.forms.scalars import Finding, parse_scalar, same, scalar_text, type_hint
from wireglass_app.plain import visible
from wireglass_app.theme import set_icon, theme

__all__ = ["ChipsEditor", "ListEditor", "TicksEditor", "TupleEditor"]

_MOST_SHOWN = 200


class _ArrayEditor(Editor):
    def takes(self, value: Any) -> bool:
        return value is UNSET or isinstance(value, list)

    def mark(self, state: str) -> None:
        """The message under the list names the item."""

    def show_findings(self, findings: Sequence[Finding]) -> list[str]:
        return [_with_item(finding) for finding in findings]


def _with_item(finding: Finding) -> str:
    if not finding.tokens or not finding.tokens[0].isdecimal():
        return finding.message
    rest = "".join(f", {token}" for token in finding.tokens[1:])
    return f"Item {int(finding.tokens[0]) + 1}{rest}: {finding.message}"


class ChipsEditor(_ArrayEditor):
    """An array of single values as chips. Enter adds, and a comma except to texts; each line that is pasted is a value;
    Backspace in an empty field takes the last back."""

    def __init__(self, node: Node, place: Place) -> None:
        super().__init__(node, place)
        assert node.items is not None
        self._item = node.items
        self._values: list[Any] = []
        self._chips: list[_ValueChip] = []
        self._touched = False
        self.frame = FieldFrame()
        self.line = _ChipLine(comma=self._item.kind != "string")
        self.line.setAccessibleName(f"Add to {place.name}")
        self.line.setPlaceholderText(f"Add {type_hint(self._item)}, Enter")
        self.line.setProperty("plain", "true")
        self.line.setMinimumWidth(120)
        self._flow = FlowLayout()
        self._flow.setContentsMargins(6, 4, 6, 4)
        self.frame.setLayout(self._flow)
        self._flow.addWidget(self.line)
        self.setLayout(column(self.frame))
        self.setFocusProxy(self.line)
        self.line.committed.connect(self._commit)
        self.line.pasted.connect(self._commit_all)
        self.line.textEdited.connect(lambda _text: self.changed.emit())  # what stands in the line is sent too
        if self._item.kind == "enum":
            self._offer_choices()
        self.line.erased.connect(self._take_back)

    def value(self) -> Any:
        pending = parse_scalar(self._item, self.line.text()) if self.line.text() else UNSET
        values = [*self._values] if pending is UNSET else [*self._values, pending]
        return values if values or self._touched else UNSET

    def set_value(self, value: Any) -> None:
        self._touched = value is not UNSET
        values = [] if value is UNSET else value
        if self.line.text() and self.value() == values:
            return
        self.line.clear()
        self._values = list(values)
        self._rebuild()

    def _commit(self, text: str) -> None:
        value = parse_scalar(self._item, text)
        if value is UNSET:
            return
        self._values.append(value)
        self.line.clear()
        self._touched = True
        self._rebuild()
        self.changed.emit()

    def _commit_all(self, lines: list[str]) -> None:
        for line in lines:
            self._commit(line)

    def _offer_choices(self) -> None:
        titles = [visible(choice.title, 200) for choice in self._item.choices]
        completer = QCompleter(titles, self.line)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setMaxVisibleItems(14)
        completer.activated.connect(self._complete, Qt.ConnectionType.QueuedConnection)
        self.line.setCompleter(completer)
        self.line.setPlaceholderText(f"Search {len(titles)} values, Enter")
        self.line.textEdited.connect(lambda _text: theme().dress(completer.popup()))

    def _complete(self, title: str) -> None:
        """A choice of the list; Qt writes it into the line after this is told, hence later."""
        if self.line.text() == title:
            self._commit(title)

    def _take_back(self) -> None:
        if self._values:
            self.line.setText(scalar_text(self._values.pop()))
            self._rebuild()
            self.changed.emit()

    def _remove(self, index: int) -> None:
        del self._values[index]
        self._rebuild()
        self.line.setFocus()
        self.changed.emit()

    def _rebuild(self) -> None:
        self._flow.drop(self._chips)
        self._chips = []
        for index, value in enumerate(self._values[:_MOST_SHOWN]):
            chip = _ValueChip(scalar_text(value))
            chip.clicked.connect(lambda _checked=False, at=index: self._remove(at))
            self._chips.append(chip)
            self._flow.addWidget(chip)
        self._flow.move_to(self.line, self._flow.count() - 1)
        self.updateGeometry()

    def entry(self) -> QWidget | None:
        return self.line


class _ValueChip(ToolButton):
    """One value; pressing it takes it out."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.setText(visible(text, 60).replace("&", "&&") or '""')
        self.setProperty("pill", "true")
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(f"Remove {visible(text, 60)}")
        self.setMinimumHeight(24)
        set_icon(self, "close", size=10)


class _ChipLine(QLineEdit):
    committed = Signal(str)
    pasted = Signal(list)
    """Several lines."""
    erased = Signal()

    def __init__(self, *, comma: bool) -> None:
        """With `comma` it adds too: texts may hold one."""
        super().__init__()
        self._adds = {Qt.Key.Key_Return, Qt.Key.Key_Enter, *([Qt.Key.Key_Comma] if comma else [])}

    def keyPressEvent(self, event: QKeyEvent) -> None:
        plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if event.matches(QKeySequence.StandardKey.Paste) and len(lines := _pasted_lines()) > 1:
            self.pasted.emit(lines)
        elif plain and event.key() in self._adds and self.text().strip():
            self.committed.emit(self.text().strip())
        elif event.key() == Qt.Key.Key_Backspace and not self.text():
            self.erased.emit()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: Any) -> None:
        if self.text().strip():
            self.committed.emit(self.text().strip())
        super().focusOutEvent(event)


def _pasted_lines() -> list[str]:
    return [line.strip() for line in QGuiApplication.clipboard().text().splitlines() if line.strip()]


class TicksEditor(_ArrayEditor):
    """An array of values from a short list: one tick each, in the order of the list."""

    def __init__(self, node: Node, place: Place) -> None:
        super().__init__(node, place)
        assert node.items is not None
        self._choices = node.items.choices
        self._touched = False
        self.boxes: list[QCheckBox] = []
        flow = FlowLayout(gap=12)
        for choice in self._choices:
            box = QCheckBox(visible(choice.title, 80).replace("&", "&&"))
            box.setAccessibleName(f"{place.name}: {visible(choice.title)}")
            box.clicked.connect(self._clicked)
            flow.addWidget(box)
            self.boxes.append(box)
        self.setLayout(flow)
        if self.boxes:
            self.setFocusProxy(self.boxes[0])

    def value(self) -> Any:
        chosen = [choice.value for choice, box in zip(self._choices, self.boxes, strict=True) if box.isChecked()]
        return chosen if chosen or self._touched else UNSET

    def takes(self, value: Any) -> bool:
        known = [choice.value for choice in self._choices]
        return value is UNSET or (isinstance(value, list) and all(_among(one, known) for one in value))

    def set_value(self, value: Any) -> None:
        self._touched = value is not UNSET
        chosen = [] if value is UNSET else value
        for choice, box in zip(self._choices, self.boxes, strict=True):
            box.setChecked(_among(choice.value, chosen))

    def _clicked(self) -> None:
        self._touched = True
        self.changed.emit()


def _among(value: Any, values: Sequence[Any]) -> bool:
    """As JSON: true is not 1."""
    return any(same(value, one) for one in values)


class ListEditor(_ArrayEditor):
    """An array of anything: one editor below the other."""

    def __init__(self, node: Node, place: Place) -> None:
        super().__init__(node, place)
        assert node.items is not None
        self._item = node.items
        self._parts: list[_Part] = []
        self._touched = False
        self._list = column(gap=8)
        holder = QWidget()
        holder.setLayout(self._list)
        self._hidden: list[Any] = []
        self._note = Label("", "muted", "caption", wrap=True)
        self._note.hide()
        self.add = Button("Add item", "link", icon="plus", name=f"Add item to {place.name}", clicked=self._add_new)
        self.setLayout(column(Indent(holder), self._note, self.add, gap=4))
        self.setFocusProxy(self.add)

    def value(self) -> Any:
        values = [part.editor.value() for part in self._parts]
        kept = [None if value is UNSET else value for value in values] + self._hidden
        return kept if kept or self._touched else UNSET

    def set_value(self, value: Any) -> None:
        self._touched = value is not UNSET
        values = [] if value is UNSET else list(value)
        self._hidden = values[_MOST_SHOWN:]
        self._note.setText(f"{len(self._hidden)} more items are kept as they are; see the JSON.")
        self._note.setVisible(bool(self._hidden))
        shown = values[:_MOST_SHOWN]
        while len(self._parts) > len(shown):
            self._drop(self._parts[-1])
        for index, content in enumerate(shown):
            if index < len(self._parts) and self._parts[index].editor.takes(content):
                self._parts[index].editor.set_value(content)
            else:
                self._add(content)

    def _add_new(self) -> None:
        part = self._add(defaults(self._item))
        part.editor.take_focus()
        self._touched = True
        self.changed.emit()

    def _add(self, value: Any) -> "_Part":
        part = _Part(self._item, self.place.below(f"item {len(self._parts) + 1}"), value)
        part.changed.connect(self.changed)
        part.gone.connect(lambda: (self._drop(part), self.changed.emit()))
        self._parts.append(part)
        self._list.addWidget(part)
        self._number()
        return part

    def _drop(self, part: "_Part") -> None:
        self._parts.remove(part)
        self._list.removeWidget(part)
        part.hide()
        part.deleteLater()
        self._number()

    def _number(self) -> None:
        for index, part in enumerate(self._parts, start=1):
            part.number.setText(str(index))

    def show_findings(self, findings: Sequence[Finding]) -> list[str]:
        own: list[str] = []
        for index, part in enumerate(self._parts):
            mine = [finding.below() for finding in findings if finding.tokens and finding.tokens[0] == str(index)]
            own.extend(f"Item {index + 1}: {message}" for message in part.editor.show_findings(mine))
        return own + [finding.message for finding in findings if not finding.tokens]


class _Part(QWidget):
    changed = Signal()
    gone = Signal()

    def __init__(self, node: Node, place: Place, value: Any) -> None:
        super().__init__()
        self.number = Label("", "muted", "mono-small")
        self.editor = place.build(node, place)
        if not self.editor.takes(value):
            self.editor = JsonEditor(node, place, "the value does not fit the field")
        self.editor.set_value(value)
        if not self.editor.takes(UNSET):
            restyle(self.number, tone="bad")
        remove = tool_button("close", f"Remove {place.name}", clicked=self.gone.emit)
        line = row(self.number, self.editor, remove, gap=6)
        line.setStretch(1, 1)
        line.setAlignment(self.number, Qt.AlignmentFlag.AlignTop)
        line.setAlignment(remove, Qt.AlignmentFlag.AlignTop)
        self.setLayout(line)
        self.editor.changed.connect(self.changed)


class TupleEditor(_ArrayEditor):
    """An array whose places are fixed: one editor per place, and free items after them if the schema has any."""

    def __init__(self, node: Node, place: Place) -> None:
        super().__init__(node, place)
        self._places: list[Editor] = []
        self._touched = False
        lines = column(gap=8)
        for index, child in enumerate(node.prefix_items):
            name = visible(child.title or f"{index + 1}", 60)
            editor = place.build(child, place.below(name))
            editor.changed.connect(self.changed)
            head = row(Label(name, type="medium"), None, Label(type_hint(child), "muted", "mono-small"), gap=6)
            lines.addLayout(column(head, editor, gap=4))
            self._places.append(editor)
        self._rest: ListEditor | None = None
        if node.items is not None and node.items.kind != "json":
            self._rest = ListEditor(node, place)
            self._rest.changed.connect(self.changed)
            lines.addWidget(self._rest)
        holder = QWidget()
        holder.setLayout(lines)
        self._tail: list[Any] = []
        self.setLayout(column(Indent(holder)))
        if self._places:
            self.setFocusProxy(self._places[0])

    def value(self) -> Any:
        values = [editor.value() for editor in self._places]
        rest = self._rest.value() if self._rest is not None else self._tail
        if rest is UNSET:
            rest = []
        while values and values[-1] is UNSET and not rest:
            values.pop()
        if not values and not rest:
            return [] if self._touched else UNSET
        return [None if value is UNSET else value for value in values] + rest

    def set_value(self, value: Any) -> None:
        self._touched = value is not UNSET
        values = [] if value is UNSET else list(value)
        for index, editor in enumerate(self._places):
            editor.set_value(values[index] if index < len(values) else UNSET)
        self._tail = values[len(self._places) :]
        if self._rest is not None:
            self._rest.set_value(self._tail or UNSET)

    def takes(self, value: Any) -> bool:
        if value is UNSET:
            return True
        return isinstance(value, list) and all(
            editor.takes(content) for editor, content in zip(self._places, value, strict=False)
        )

    def show_findings(self, findings: Sequence[Finding]) -> list[str]:
        own: list[str] = []
        for index, editor in enumerate(self._places):
            mine = [finding.below() for finding in findings if finding.tokens and finding.tokens[0] == str(index)]
            messages = editor.show_findings(mine)
            unset = editor.value() is UNSET  # it goes as null, for the places after it would move up
            editor.mark("error" if messages and not unset else "")
            told = ["this is needed."] if messages and unset else messages
            own.extend(f"{index + 1}: {message}" for message in told)
        return own + [finding.message for finding in findings if not finding.tokens]
