"""One line of a form: name, type, whether it is sent or null, its editor, and what is wrong with it."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QCheckBox, QLineEdit, QMenu, QSizePolicy, QToolButton, QWidget

from wireglass.protocol.schema import UNSET, Node
from wireglass_app.buttons import ToolButton
from wireglass_app.controls import Elided, IconLabel, Label, column, left_to_right, restyle, row
from wireglass_app.forms.editor import Editor, Place
from wireglass_app.forms.fields import LineEditor, TextEditor
from wireglass_app.forms.json_field import JsonEditor
from wireglass_app.forms.scalars import Finding, is_short, type_hint
from wireglass_app.plain import tip, visible
from wireglass_app.theme import theme

__all__ = ["FieldRow"]


class FieldRow(QWidget):
    """A named field. Optional ones have a tick "send"; nullable ones may be null; every one may be edited as JSON."""

    changed = Signal()

    def __init__(self, name: str, node: Node, place: Place, *, required: bool) -> None:
        super().__init__()
        self.name = name
        self.node = node
        self.required = required
        self._place = place.below(visible(node.title or name, 80))
        self._null = False
        self._editor: Editor | None = None
        self._as_json = False
        self._reveal = False
        self._findings: list[Finding] = []
        self._make_header(name, node)
        self._null_view = _NullView(self._place.name)
        self._null_view.left.connect(self._leave_null)
        self._null_view.hide()
        self._error = Label("", "bad", "caption", wrap=True)
        self._error_line = QWidget()
        self._error_line.setLayout(row(IconLabel("cross-circle", "bad.text", 14), self._error, gap=6))
        self._error_line.layout().setStretch(1, 1)  # type: ignore[union-attr]  # set two lines above
        self._error_line.hide()
        self._body = column(self._null_view, gap=0)
        self.setLayout(column(self._header, self._body, self._error_line, gap=4))
        self.setProperty(
            "short", is_short(node) and not (place.elicited and node.kind == "enum" and len(node.choices) < 6)
        )
        self._show_state()

    # -- header ----------------------------------------------------------------------------------------------------

    def _make_header(self, name: str, node: Node) -> None:
        title = visible(node.title or name, 80)
        self.tick = _Tick()
        self.tick.setAccessibleName(f"Send {self._place.name}")
        if self.required:
            self.tick.hide()
        self.tick.clicked.connect(self._ticked)
        self.label = Label(title, type="medium")
        if title != name:
            self.label.setToolTip(tip(visible(name)))
        star = Label("*", "bad", "medium")
        star.setAccessibleName("needed")
        if not self.required:
            star.hide()
        self.note = Elided(node.description, "muted", "caption")
        self.note.setToolTip(tip(visible(node.description, 4000, lines=True)))
        self.note.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)  # has what name and type leave
        self.null_button = QToolButton()
        self.null_button.setText("null")
        self.null_button.setProperty("pill", "true")
        self.null_button.setCheckable(True)
        self.null_button.setAccessibleName(f"{self._place.name} is null")
        if not node.nullable:
            self.null_button.hide()
        self.null_button.clicked.connect(self._null_clicked)
        self.hint = _Hint()
        self.hint.setProperty("type", "mono-small")
        self.hint.setText(visible(type_hint(node, optional=not self.required), 40))
        self.hint.setAccessibleName(f"Type of {self._place.name}: {self.hint.text()}. More ways to fill it in")
        whole = visible(type_hint(node, optional=not self.required))
        self.hint.setToolTip(tip(f"{whole}\nMore ways to fill it in (Alt+Enter)"))  # the line may have no room for it
        self.hint.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.hint.clicked.connect(self._open_menu)
        self._header = QWidget()
        line = row(self.tick, self.label, star, self.note, self.null_button, self.hint, gap=6)
        line.setStretch(3, 1)
        self._header.setLayout(line)
        self._header.setMinimumHeight(theme().px(22))

    def heading_width(self) -> int:
        """What name and type need to be read whole."""
        return self._header.sizeHint().width()

    def _open_menu(self) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if self._shown_value() is not UNSET:
            menu.addAction("Leave out" if not self.required else "Clear", lambda: self._take(UNSET))
        if self.node.kind == "string":
            menu.addAction("Set to empty text", lambda: self._take(""))
        if self.node.nullable:
            menu.addAction("Set to null", lambda: self._take(None))
        if self.node.default is not UNSET:
            menu.addAction("Use the default", lambda: self._take(self.node.default))
        for example in self.node.examples[:4]:
            text = visible(str(example), 30).replace("&", "&&")
            menu.addAction(f"Use example {text}", lambda value=example: self._take(value))
        if isinstance(self._editor, LineEditor) and self.node.kind == "string" and not self.node.write_only:
            menu.addAction("Type several lines", self._several_lines)
        if self.node.kind != "json":
            menu.addAction("Edit as field" if self._as_json else "Edit as JSON", self._switch_json)
        menu.popup(self.hint.mapToGlobal(self.hint.rect().bottomLeft()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if enter and event.modifiers() & Qt.KeyboardModifier.AltModifier:
            self._open_menu()
        else:
            super().keyPressEvent(event)

    # -- value -----------------------------------------------------------------------------------------------------

    @property
    def sent(self) -> bool:
        """Whether the field appears in the result."""
        return self.value() is not UNSET

    @property
    def editor(self) -> Editor | None:
        """The editor, once the field was opened."""
        return self._editor

    def value(self) -> Any:
        """The JSON value, or UNSET."""
        if not self.required and not self.tick.isChecked():
            return UNSET
        return self._shown_value()

    def _shown_value(self) -> Any:
        if self._null:
            return None
        return self._editor.value() if self._editor is not None else UNSET

    def set_value(self, value: Any) -> None:
        """Shows `value`, UNSET for not sent. Emits nothing."""
        self._null = value is None and self.node.kind not in ("null", "json") and not self._as_json
        if not self.required:
            self.tick.setChecked(value is not UNSET)
        if not self._null and (value is not UNSET or self.required):
            self._edit(value)
        elif value is UNSET and self._editor is not None:
            self._editor.set_value(UNSET)
        self._show_state()

    def _edit(self, value: Any) -> None:
        if self._editor is None:
            self._editor = self._make_editor()
        if not self._editor.takes(value) and self._holds_lines(value):
            self._replace_editor(TextEditor(self.node, self._place))
        if not self._editor.takes(value):
            self._replace_editor(JsonEditor(self.node, self._place, "the value does not fit the field"))
            self._as_json = True
        self._editor.set_value(value)

    def _holds_lines(self, value: Any) -> bool:
        """Whether a text has several lines, in a field whose schema lets it (design section 5)."""
        return self.node.kind == "string" and not self.node.write_only and isinstance(value, str) and "\n" in value

    def _several_lines(self) -> None:
        value = self._shown_value()
        self._replace_editor(TextEditor(self.node, self._place))
        if self._editor is not None and value is not UNSET:
            self._editor.set_value(value)
        self._show_state()
        self.focus_entry()

    def _make_editor(self) -> Editor:
        if self._as_json and self.node.kind != "json":
            return self._adopt(JsonEditor(self.node, self._place))
        return self._adopt(self._place.build(self.node, self._place))

    def _adopt(self, editor: Editor) -> Editor:
        editor.changed.connect(self._edited)
        self._body.addWidget(editor)
        if self._editor is None:
            self.label.setBuddy(editor)
        return editor

    def _replace_editor(self, editor: Editor) -> None:
        old = self._editor
        self._editor = self._adopt(editor)
        self.label.setBuddy(editor)
        if old is not None:
            self._body.removeWidget(old)
            old.hide()
            old.deleteLater()

    def _switch_json(self) -> None:
        value = self._shown_value()
        self._as_json = not self._as_json
        self._null = value is None and not self._as_json
        self._replace_editor(self._make_editor())
        if not self._null:
            self._edit(value)
        if not self.required:
            self.tick.setChecked(True)
        self._show_state()
        self.focus_entry()
        self.changed.emit()

    # -- what the user does ----------------------------------------------------------------------------------------

    def _take(self, value: Any) -> None:
        self.set_value(value)
        self.changed.emit()
        if value is not UNSET:
            self.focus_entry()

    def _ticked(self, checked: bool) -> None:
        if checked and not self._null and self._editor is None:
            self._edit(UNSET)
            if self._shown_value() is UNSET:
                self._edit(_first_value(self.node))
        self._show_state()
        if checked:
            self.focus_entry()
        self.changed.emit()

    def _null_clicked(self, checked: bool) -> None:
        self._null = checked
        if not self.required:
            self.tick.setChecked(True)
        if not checked and self._editor is None:
            self._edit(_first_value(self.node))
        self._show_state()
        self.changed.emit()

    def _leave_null(self) -> None:
        self.null_button.setChecked(False)
        self._null_clicked(False)
        self.focus_entry()

    def _edited(self) -> None:
        if not self.required and not self.tick.isChecked():
            self.tick.setChecked(True)
            self._show_state()
        self.changed.emit()

    def focus_entry(self) -> None:
        """Puts the focus into the editor, or on the tick when the field is not sent."""
        if not self._null and self._editor is not None and self._editor.isVisibleTo(self):
            self._editor.take_focus()
        else:
            target: QWidget = self._null_view if self._null else self.tick
            target.setFocus(Qt.FocusReason.OtherFocusReason)

    # -- look ------------------------------------------------------------------------------------------------------

    def _show_state(self) -> None:
        opened = self.required or self.tick.isChecked()
        self.null_button.setChecked(self._null)
        self._null_view.setVisible(opened and self._null)
        if self._editor is not None:
            self._editor.setVisible(opened and not self._null)
        restyle(self.label, type="medium" if opened else "mono")
        self._show_findings()

    def show_findings(self, findings: Sequence[Finding], *, reveal: bool = False) -> None:
        """Shows what is wrong here and below. Missing values are told only once `reveal` was asked for."""
        self._findings = list(findings)
        self._reveal = self._reveal or reveal
        self._show_findings()

    def _show_findings(self) -> None:
        findings = self._findings if self.value() is not UNSET else []
        own = [finding.message for finding in findings if not finding.tokens]
        if self._editor is not None and self._editor.isVisibleTo(self):
            own = self._editor.show_findings(findings)
        if self.required and self._reveal and self.value() is UNSET and not own:
            own = ["This is needed."]
        if self._editor is not None:
            self._editor.mark("error" if own else "")
            self._editor.setAccessibleDescription(" ".join([visible(self.node.description, 400), *own]))
        self._error.setText(visible(" · ".join(own[:3]), 600))
        self._error_line.setVisible(bool(own))

    @property
    def error(self) -> str:
        """The message shown under the field, or empty."""
        return self._error.text() if not self._error_line.isHidden() else ""


def _first_value(node: Node) -> Any:
    """What a field holds right after it was ticked."""
    if node.default is not UNSET:
        return node.default
    return {"string": UNSET, "boolean": True, "object": {}, "array": []}.get(node.kind, UNSET)


class _NullView(QLineEdit):
    """Shows null. Backspace, Delete or typing lead back to a value."""

    left = Signal()

    def __init__(self, name: str) -> None:
        super().__init__("null")
        self.setReadOnly(True)
        self.setProperty("type", "mono")
        self.setProperty("state", "null")
        self.setAccessibleName(f"{name} is null")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Backspace, Qt.Key.Key_Delete):
            self.left.emit()
        else:
            super().keyPressEvent(event)


class _Tick(QCheckBox):
    """Without words: as wide as its box and the room around it, also after the zoom changed."""

    def __init__(self) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(theme().px(24), super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()


class _Hint(ToolButton):
    """The type of a field, flush with the field's end: Qt's own buttons keep two blanks of room around a text."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("hint", "true")
        left_to_right(self)  # "enum?" reads this way in every layout

    def sizeHint(self) -> QSize:
        self.ensurePolished()
        return QSize(self.fontMetrics().horizontalAdvance(self.text()) + 4, super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()
