"""A template's address with a field at the place of each variable; the server completes what is typed."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QWidget

from wireglass.protocol.uritemplate import Piece, UriTemplate
from wireglass_app.controls import Label, row
from wireglass_app.forms.flow import FlowLayout
from wireglass_app.forms.suggest import Suggestions
from wireglass_app.plain import visible
from wireglass_app.theme import theme

__all__ = ["TemplateAddress", "TemplateField"]


class TemplateField(QWidget):
    """One variable of a template."""

    def __init__(self, name: str, text: str) -> None:
        super().__init__()
        shown = visible(name, 40)
        self.line = QLineEdit(text)
        self.line.setAccessibleName(shown)
        self.line.setPlaceholderText(shown)
        self.line.setProperty("type", "mono")
        self.line.setFixedWidth(theme().px(150))
        self.setLayout(row(self.line))
        self.setFocusProxy(self.line)
        self.suggestions = Suggestions(self.line)


class TemplateAddress(QWidget):
    """`changed` as values are typed, `submitted` on Enter, `wanted(name, text)` when suggestions are."""

    changed = Signal()
    submitted = Signal()
    wanted = Signal(str, str)

    def __init__(self, template: UriTemplate, values: dict[str, str]) -> None:
        super().__init__()
        self.template = template
        self.fields: dict[str, TemplateField] = {}
        self._flow = FlowLayout(gap=3)
        for piece in template.pieces:
            if piece.names:
                self._add_variables(piece, values)
            else:
                self._flow.addWidget(_literal(piece.text))
        self.setLayout(self._flow)

    def _add_variables(self, piece: Piece, values: dict[str, str]) -> None:
        for at, name in enumerate(piece.names):
            before = piece.lead if at == 0 else piece.between
            before += f"{visible(name, 40)}=" if piece.named else ""
            if before:
                self._flow.addWidget(_literal(before))
            if name in self.fields:  # one variable, one value: the second place repeats the first
                self._flow.addWidget(_literal(f"{{{visible(name, 40)}}}"))
                continue
            field = TemplateField(name, values.get(name, ""))
            field.line.textChanged.connect(lambda _text: self.changed.emit())
            field.line.returnPressed.connect(self.submitted)
            field.suggestions.wanted.connect(lambda text, name=name: self.wanted.emit(name, text))
            self.fields[name] = field
            self._flow.addWidget(field)

    def values(self) -> dict[str, str]:
        """What is typed; an empty field is an undefined variable."""
        return {name: field.line.text() for name, field in self.fields.items() if field.line.text()}

    def uri(self) -> str:
        """The address with what is typed (RFC 6570)."""
        return self.template.expand(self.values())

    def first_empty(self) -> QLineEdit | None:
        """Where typing starts."""
        lines = [field.line for field in self.fields.values()]
        return next((line for line in lines if not line.text()), lines[0] if lines else None)


def _literal(text: str) -> Label:
    label = Label(visible(text, 200), "secondary", "mono")
    label.setMinimumHeight(theme().px(28))
    return label
