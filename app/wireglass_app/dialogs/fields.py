"""The fields of the connect dialog: labelled lines, texts, paths and times."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDoubleSpinBox, QFileDialog, QGridLayout, QLineEdit, QWidget

from wireglass_app.controls import Button, Label, column, row
from wireglass_app.theme import theme

__all__ = ["Fields", "FileField", "above", "line_field", "seconds_field"]


class FileField(QWidget):
    """A path, typed or chosen."""

    def __init__(self, name: str, placeholder: str) -> None:
        super().__init__()
        self._name = name
        self.line = line_field(name, placeholder)
        self.pick = Button("Choose…", name=f"Choose: {name}", clicked=self._pick)
        layout = row(self.line, self.pick)
        layout.setStretch(0, 1)
        self.setLayout(layout)
        self.setFocusProxy(self.line)

    def path(self) -> str:
        return self.line.text().strip()

    def set_path(self, path: str) -> None:
        self.line.setText(path)

    def _pick(self) -> None:
        picker = QFileDialog(self.window(), self._name, self.path())
        picker.setFileMode(QFileDialog.FileMode.ExistingFile)
        picker.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        picker.fileSelected.connect(self.set_path)
        picker.open()


class Fields(QWidget):
    """Labels left, fields right, help below."""

    def __init__(self) -> None:
        super().__init__()
        self._grid = QGridLayout()
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(14)
        self._grid.setVerticalSpacing(8)
        self._grid.setColumnStretch(1, 1)
        self._grid.setColumnMinimumWidth(0, theme().px(120))
        self.setLayout(self._grid)

    def add(self, text: str, field: QWidget, note: str = "") -> None:
        at = self._grid.rowCount()
        label = Label(text)
        label.setBuddy(field)
        self._grid.addWidget(label, at, 0, Qt.AlignmentFlag.AlignTop)
        self._grid.addWidget(field, at, 1)
        if note:
            field.setAccessibleDescription(note)
            self._grid.addWidget(Label(note, "muted", "caption", wrap=True), at + 1, 1)


def line_field(name: str, placeholder: str) -> QLineEdit:
    field = QLineEdit()
    field.setAccessibleName(name)
    field.setPlaceholderText(placeholder)
    return field


def seconds_field(name: str, value: float) -> QDoubleSpinBox:
    field = QDoubleSpinBox()
    field.setAccessibleName(f"{name} in seconds")
    field.setRange(0.5, 86_400)
    field.setDecimals(1)
    field.setSuffix(" s")
    field.setValue(value)
    return field


def above(text: str, field: QWidget, note: str = "") -> QWidget:
    """A label over its field, help below."""
    label = Label(text)
    label.setBuddy(field)
    holder = QWidget()
    parts: list[QWidget] = [label, field]
    if note:
        field.setAccessibleDescription(note)
        parts.append(Label(note, "muted", "caption", wrap=True))
    holder.setLayout(column(*parts, gap=5))
    return holder
