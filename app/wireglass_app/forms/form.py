"""SchemaForm: a form for one JSON Schema, with a JSON twin kept in step and live verdicts. Calls no server."""

from typing import Any, Literal

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from wireglass.protocol.schema import UNSET, Node, defaults, plan
from wireglass.protocol.verdicts import address_verdicts
from wireglass.schema_check import Verdict, check
from wireglass_app.controls import Button, Elided, Label, Notice, Pages, Segments, column, row, surface
from wireglass_app.forms.build import build
from wireglass_app.forms.editor import Editor, Place
from wireglass_app.forms.footer import FormFooter
from wireglass_app.forms.groups import ObjectEditor
from wireglass_app.forms.json_field import JsonEdit, JsonEditor, explain_json
from wireglass_app.forms.json_help import JsonHelp
from wireglass_app.forms.rows import FieldRow
from wireglass_app.forms.scalars import Finding, fields_within
from wireglass_app.payloads.json_text import split_pointer
from wireglass_app.plain import visible

__all__ = ["SchemaForm"]

_CHECK_AFTER_MS = 60
_FOLDED = 200
"""Fields above which groups are closed at first."""


class SchemaForm(QWidget):
    """Edits a value of `schema`, with or without a `header` (title and switch) and a `footer` (verdict, exact JSON).

    The value is what would be sent at this moment; the form never changes parts that it cannot show.
    """

    changed = Signal()
    """The value is another one."""
    checked = Signal()
    """The verdicts are those of the present value."""

    def __init__(
        self,
        schema: Any,
        value: Any = UNSET,
        *,
        name: str = "Arguments",
        header: bool = True,
        footer: bool = True,
        elicited: bool = False,
        node: Node | None = None,
        of: str = "tool",
    ) -> None:
        """`of` says whose arguments they are, for when there are none."""
        super().__init__()
        self.schema = schema
        self.node = node or plan(schema)
        self._name = name
        self._none = Label(f"This {of} takes no arguments." if name == "Arguments" else "Nothing to fill in.", "muted")
        self._elicited = elicited
        self._verdicts: tuple[Verdict, ...] = ()
        self._fault = ""
        self._told_unusable = False
        self._below: QWidget | None = None
        self._value: Any = UNSET
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_CHECK_AFTER_MS)
        self._timer.timeout.connect(self._check)
        self._root = self._make_root(elicited)
        self._json = JsonEdit(f"{name} as JSON")
        self._json.help = JsonHelp(self._json, self.node)
        self._json.textChanged.connect(self._json_edited)
        self._lay_out(header, footer)
        self.set_value(value)
        self._root.changed.connect(self._form_edited)

    # -- layout ----------------------------------------------------------------------------------------------------

    @property
    def unusable(self) -> str:
        """Why the schema can judge nothing, or empty. Then the arguments are typed as JSON, and sent as they are."""
        return next((verdict.message for verdict in self._verdicts if verdict.keyword == "schema"), "")

    def _make_root(self, elicited: bool) -> Editor:
        if self.node.kind == "json":
            return JsonEditor(self.node, Place(self._name, 0, build), self.node.reason)
        # The fields of an object are called by their own names alone.
        name = "" if self.node.kind == "object" else self._name
        folds = fields_within(self.node, _FOLDED + 1) > _FOLDED
        return build(self.node, Place(name, 0, build, elicited, folds))

    def _lay_out(self, header: bool, footer: bool) -> None:
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        inner = QWidget()
        surface(inner, "panel")
        (self._root if self._is_empty() else self._none).hide()
        self._left = Label("", "bad", "caption", wrap=True)
        self._left.hide()
        self._inner = column(self._none, self._root, self._left, None, gap=0, margins=(14, 10, 14, 14))
        inner.setLayout(self._inner)
        self._scroll.setWidget(inner)
        self._frozen = Notice("warn", "", icon="warning")
        self._frozen.hide()
        self._back = Button("Back to the JSON", clicked=lambda: self.set_mode("json"))
        self._frozen.lines.addWidget(self._back)
        fields = QWidget()
        fields.setLayout(column(self._frozen, self._scroll, gap=0))
        self._json_fault = Label("", "bad", "caption", wrap=True)
        twin = QWidget()
        self._twin = column(self._json, self._json_fault, gap=4, margins=(14, 10, 14, 10))
        twin.setLayout(self._twin)
        self._stack = Pages()
        self._stack.addWidget(fields)
        self._stack.addWidget(twin)
        self.modes = Segments([("form", "Form"), ("json", "JSON")], f"{self._name} as")
        self.modes.chosen.connect(self._mode_chosen)
        self.subtitle = Elided("", "muted", "small")
        self.footer = FormFooter()
        self.footer.jump.clicked.connect(self.focus_problem)
        head = self._make_header()
        self.setLayout(column(head, self._stack, self.footer, gap=0))
        if not header:
            head.hide()
        if not footer:
            self.footer.hide()

    def _make_header(self) -> QWidget:
        bar = QWidget()
        line = row(Label(self._name, type="strong"), self.subtitle, self.modes, margins=(14, 5, 14, 5))
        line.setStretch(1, 1)
        bar.setLayout(line)
        return surface(bar, "panel", edge="bottom")

    def _is_empty(self) -> bool:
        return self.node.kind == "object" and not self.node.properties and self.node.additional is None

    def hold(self, below: QWidget) -> None:
        """Takes a widget below the fields, or below the JSON: what belongs to sending them. Another form may take it
        away again."""
        self._below = below
        self._place_below()

    def _place_below(self) -> None:
        if self._below is not None:
            self._inner.removeWidget(self._below)
            if self.mode == "json":
                self._twin.addWidget(self._below)
            else:
                self._inner.insertWidget(self._inner.count() - 1, self._below)
            self._below.show()

    # -- value -----------------------------------------------------------------------------------------------------

    def value(self) -> Any:
        """What would be sent: JSON, or UNSET. While the JSON twin does not parse, the last value that did."""
        return self._value

    def set_value(self, value: Any = UNSET) -> None:
        """Fills the form; UNSET fills in defaults. Emits nothing but `checked`."""
        self._fault = ""
        self._json.mark_fault(None)
        self._root.set_value(defaults(self.node) if value is UNSET else value)
        self._value = self._root.value()
        self._after_change()

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """What is wrong with the value, as of the last check."""
        return self._verdicts

    @property
    def fault(self) -> str:
        """Why the typed JSON is not JSON, be it of the whole or of one field, or empty."""
        broken = self._broken()
        return self._fault or (broken.fault if broken is not None else "")

    def _broken(self) -> JsonEditor | None:
        """The first field in sight whose text is not JSON: what is sent would be another value than what is seen."""
        within = self._root.findChildren(JsonEditor)
        fields = [self._root, *within] if isinstance(self._root, JsonEditor) else within
        return next((one for one in fields if one.fault and one.isVisibleTo(self._scroll)), None)

    def is_valid(self) -> bool:
        """Checks now: nothing is wrong, and what is typed is what is sent. An unusable schema forbids nothing."""
        self._check()
        return not self.fault and (not self._verdicts or bool(self.unusable))

    # -- form and JSON ---------------------------------------------------------------------------------------------

    @property
    def mode(self) -> Literal["form", "json"]:
        """Which twin is shown."""
        return "json" if self._stack.currentIndex() == 1 else "form"

    def set_mode(self, mode: Literal["form", "json"]) -> None:
        """Shows the fields or the JSON. Text that is not JSON stays, and the fields stay frozen until it is."""
        self._stack.setCurrentIndex(1 if mode == "json" else 0)
        self._place_below()
        self.modes.set_current(mode)
        if mode == "json" and not self._fault:
            self._show_json()
            self._show_in_json()
        self._show_frozen()

    def toggle_mode(self) -> None:
        """Ctrl+Shift+E: the other twin, with the focus in it."""
        self._mode_chosen("form" if self.mode == "json" else "json")

    def _mode_chosen(self, mode: str) -> None:
        self.set_mode("json" if mode == "json" else "form")
        if self.mode == "json":
            self._json.setFocus()
        elif self._fault:
            self._back.setFocus()  # the fields are frozen
        else:
            self.focus_first_empty()

    def _show_json(self) -> None:
        self._json.blockSignals(True)
        self._json.set_json(self._value)
        self._json.blockSignals(False)

    def _json_edited(self) -> None:
        if self.mode != "json":
            return
        try:
            value = self._json.parsed()
            if value is UNSET:
                raise ValueError("the text is empty")
            if not self._root.takes(value):
                raise ValueError("an object in braces is needed here")
        except ValueError as error:
            self._fault = explain_json(self._json.toPlainText(), error)
            self._json.mark_fault(error)
        else:
            self._fault = ""
            self._json.mark_fault(None)
            self._root.set_value(value)
            self._value = value
        self._after_change()
        self.changed.emit()

    def _form_edited(self) -> None:
        if self._fault:
            return
        self._value = self._root.value()
        if self.mode == "json":
            self._show_json()
        self._after_change()
        self.changed.emit()

    def _after_change(self) -> None:
        self._json_fault.setText(self._fault)
        self._json_fault.setVisible(bool(self._fault))
        self._show_frozen()
        self._timer.start()

    def _show_frozen(self) -> None:
        frozen = bool(self._fault)
        self._frozen.text.setText(f"{self._fault}. The fields keep the last good values until the JSON is complete.")
        self._frozen.setVisible(frozen)
        self._scroll.setEnabled(not frozen)

    # -- verdicts --------------------------------------------------------------------------------------------------

    def _check(self) -> None:
        self._timer.stop()
        value = {} if self._value is UNSET else self._value
        self._verdicts = check(self.schema, value)
        if self._elicited and not any(verdict.keyword == "format" for verdict in self._verdicts):
            self._verdicts += tuple(address_verdicts(self.schema, value))
        self._spread(reveal=False)
        self._tell_unusable()
        self.footer.show_state(self._value, self.fault, self._verdicts, self._sent_counts())
        self.checked.emit()

    def _tell_unusable(self) -> None:
        """A schema that can judge nothing has no fields to trust: its arguments are typed as JSON."""
        if self._told_unusable or not self.unusable:
            return
        self._told_unusable = True
        inside = self._scroll.isAncestorOf(self.window().focusWidget())
        self.set_mode("json")
        if inside:
            self._json.setFocus()

    def _spread(self, *, reveal: bool) -> None:
        if self.mode == "json" and not self._fault:
            self._show_in_json()
        findings = [
            Finding(tuple(split_pointer(verdict.path)), verdict.message, verdict.keyword) for verdict in self._verdicts
        ]
        if isinstance(self._root, ObjectEditor):
            left = self._root.spread(findings, reveal=reveal)
        else:
            left = self._root.show_findings(findings)
            self._root.mark("error" if left else "")
        self._left.setText(visible(" · ".join(left[:3]), 600))
        self._left.setVisible(bool(left))

    def _show_in_json(self) -> None:
        assert self._json.help is not None
        shown = [] if self.unusable else [(verdict.path, verdict.message) for verdict in self._verdicts]
        self._json.help.show_verdicts(shown)
        first = f"{self.unusable} What you type is sent as it is." if self.unusable else self._json.help.first_words
        self._json_fault.setText(first)
        self._json_fault.setVisible(bool(first))

    def reveal_problems(self) -> None:
        """Tells about missing values too, which an untouched form does not: the user wanted to send."""
        self._check()
        self._spread(reveal=True)
        self.focus_problem()

    def _sent_counts(self) -> tuple[int, int] | None:
        if self.node.kind != "object" or not isinstance(self._value, dict) or self._is_empty():
            return None
        return len(self._value), max(len(self._value), len(self.node.properties))

    # -- focus -----------------------------------------------------------------------------------------------------

    def focus_first_empty(self) -> bool:
        """Puts the focus into the first needed field without a value, else the first field. False if there is none."""
        if self.mode == "json":
            self._json.setFocus()
            return True
        if isinstance(self._root, ObjectEditor):
            target = self._root.first_empty() or next(iter(self._root.rows.values()), None)
            if target is None:
                return False
            self._focus_row(target)
            return True
        self._root.setFocus()
        return True

    def focus_problem(self) -> None:
        """Puts the focus into the first field that is wrong."""
        broken = self._broken()
        if self._fault:
            self.set_mode("json")
            self._json.setFocus()
        elif broken is not None:
            self.set_mode("form")
            broken.edit.setFocus()
            self._scroll.ensureWidgetVisible(broken, 20, 40)
        elif self._verdicts:
            self.focus_place(self._verdicts[0].path)

    def focus_place(self, pointer: str) -> bool:
        """Puts the focus into the field that a JSON Pointer names; False when there is none."""
        tokens = split_pointer(pointer)
        target = self._root.row_at(tokens) if self.mode == "form" and isinstance(self._root, ObjectEditor) else None
        if target is not None:
            self._focus_row(target)
        return target is not None

    def _focus_row(self, target: FieldRow) -> None:
        target.focus_entry()
        self._scroll.ensureWidgetVisible(self.window().focusWidget() or target, 20, 40)

    @property
    def root(self) -> Editor:
        """The editor of the whole value."""
        return self._root

    @property
    def json_edit(self) -> JsonEdit:
        """The JSON twin."""
        return self._json
