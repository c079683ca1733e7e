"""Editors for a value that the schema names: one of a few, one of many, a fixed value, null."""

from typing import Any

from PySide6.QtCore import QStringListModel, Qt
from PySide6.QtWidgets import QButtonGroup, QComboBox, QCompleter, QLineEdit, QRadioButton, QSizePolicy, QToolButton

from wireglass.protocol.schema import UNSET, Node
from wireglass_app.controls import column, restyle, row
from wireglass_app.forms.editor import Editor, Place
from wireglass_app.forms.scalars import same, scalar_text
from wireglass_app.plain import visible
from wireglass_app.theme import theme

__all__ = ["ChoiceEditor", "FixedEditor", "OpenChoiceEditor"]


class OpenChoiceEditor(Editor):
    """A few values that all lie open: segments, or radio buttons below each other."""

    def __init__(self, node: Node, place: Place, *, radio: bool = False) -> None:
        super().__init__(node, place)
        self._group = QButtonGroup(self)
        self._buttons: list[QToolButton | QRadioButton] = []
        last = len(node.choices) - 1
        for index, choice in enumerate(node.choices):
            button = QRadioButton() if radio else self._segment(index, last)
            button.setText(visible(choice.title, 120).replace("&", "&&"))
            button.setAccessibleName(f"{place.name}: {visible(choice.title)}")
            self._group.addButton(button, index)
            self._buttons.append(button)
        self.setLayout(
            column(*[row(one, None) for one in self._buttons], gap=0) if radio else row(*self._buttons, gap=0)
        )
        self.setFocusProxy(self._buttons[0])
        self._group.idClicked.connect(lambda _index: self.changed.emit())

    def _segment(self, index: int, last: int) -> QToolButton:
        button = QToolButton()
        button.setCheckable(True)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        place = "only" if last == 0 else "first" if index == 0 else "last" if index == last else "middle"
        button.setProperty("segment", place)
        button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        return button

    def value(self) -> Any:
        index = self._group.checkedId()
        return UNSET if index < 0 else self.node.choices[index].value

    def set_value(self, value: Any) -> None:
        index = _choice_index(self.node, value)
        self._group.setExclusive(False)
        for number, button in enumerate(self._buttons):
            button.setChecked(number == index)
        self._group.setExclusive(True)

    def takes(self, value: Any) -> bool:
        return value is UNSET or _choice_index(self.node, value) >= 0

    def take_focus(self) -> None:
        """The choice that is made: Space on another one would change it."""
        (self._group.checkedButton() or self._buttons[0]).setFocus(Qt.FocusReason.OtherFocusReason)

    def mark(self, state: str) -> None:
        """Segments show only values of the schema, so there is nothing to mark."""


class ChoiceEditor(Editor):
    """One of many values: a list that is searched by typing any part of a title."""

    def __init__(self, node: Node, place: Place) -> None:
        super().__init__(node, place)
        self._titles = [visible(choice.title, 200) for choice in node.choices]
        self.box = QComboBox()
        self.box.setAccessibleName(place.name)
        self.box.setEditable(len(node.choices) > 12)
        self.box.setModel(QStringListModel(self._titles, self.box))
        self.box.setMinimumContentsLength(8)
        self.box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.box.setMaxVisibleItems(14)
        self.box.setCurrentIndex(-1)
        self.box.setPlaceholderText("Choose")
        if self.box.isEditable():
            self._make_searchable()
        self.setLayout(row(self.box))
        self.setFocusProxy(self.box)
        self.box.activated.connect(lambda _index: self._chosen())
        self._look()

    def _make_searchable(self) -> None:
        self.box.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        completer = QCompleter(self.box.model(), self.box)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setMaxVisibleItems(14)
        self.box.setCompleter(completer)
        line = self.box.lineEdit()
        if line is not None:
            line.setAccessibleName(self.place.name)
            line.setPlaceholderText(f"Search {len(self._titles)} values")
            line.editingFinished.connect(self._settle)
            line.textEdited.connect(lambda _text: theme().dress(completer.popup()))

    def _settle(self) -> None:
        """What was typed becomes the value it names, or the earlier choice comes back."""
        index = self.box.findText(self.box.currentText(), Qt.MatchFlag.MatchFixedString)
        if index >= 0 and index != self.box.currentIndex():
            self.box.setCurrentIndex(index)
            self._chosen()
        else:
            self.box.setEditText(self.box.itemText(self.box.currentIndex()))

    def value(self) -> Any:
        index = self.box.currentIndex()
        return UNSET if index < 0 else self.node.choices[index].value

    def set_value(self, value: Any) -> None:
        self.box.setCurrentIndex(_choice_index(self.node, value))
        self._look()

    def takes(self, value: Any) -> bool:
        return value is UNSET or _choice_index(self.node, value) >= 0

    def _chosen(self) -> None:
        self._look()
        self.changed.emit()

    def _look(self) -> None:
        restyle(self.box, state="unset" if self.box.currentIndex() < 0 else "")

    def mark(self, state: str) -> None:
        super().mark(state or ("unset" if self.box.currentIndex() < 0 else ""))


class FixedEditor(Editor):
    """A value that the schema fixes, or null. It is sent as it stands."""

    def __init__(self, node: Node, place: Place) -> None:
        super().__init__(node, place)
        self._value = None if node.kind == "null" else node.choices[0].value
        self.label = QLineEdit(visible(scalar_text(self._value), 400))
        self.label.setReadOnly(True)
        self.label.setProperty("type", "mono")
        self.label.setAccessibleName(f"{place.name}, fixed")
        self.setLayout(row(self.label))
        self.setFocusProxy(self.label)

    def value(self) -> Any:
        return self._value

    def set_value(self, value: Any) -> None:
        """Fixed."""

    def takes(self, value: Any) -> bool:
        return value is UNSET or value == self._value

    def mark(self, state: str) -> None:
        """Fixed, so never wrong by the user's doing."""


def _choice_index(node: Node, value: Any) -> int:
    """Where `value` stands among the choices; 1, 1.0 and true are three values."""
    for index, choice in enumerate(node.choices):
        if same(choice.value, value):
            return index
    return -1
