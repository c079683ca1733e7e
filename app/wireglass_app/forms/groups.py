"""Editors with named parts: objects and unions."""

from collections.abc import Sequence
from time import perf_counter_ns
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QComboBox, QWidget

from wireglass.protocol.schema import UNSET, Node, defaults
from wireglass_app.controls import Button, Label, Rule, SearchField, Segments, column, restyle, row
from wireglass_app.forms.editor import Editor, Place
from wireglass_app.forms.flow import PairsLayout
from wireglass_app.forms.frame import Indent
from wireglass_app.forms.maps import MapEditor
from wireglass_app.forms.rows import FieldRow
from wireglass_app.forms.scalars import Finding, fields_within, fits, mentions
from wireglass_app.plain import count, counted, visible

__all__ = ["ObjectEditor", "UnionEditor"]

_AT_ONCE = 3
"""Rows built before the first paint; the others follow in slices of some milliseconds."""
_SLICE_NS = 8_000_000
_PAGE = 40
_SEARCHED = 40
"""Fields above which there is a search, those of groups counted."""
_COUNTED = 10_000
_FOLDED_DEPTH = 4


def _heading_width(part: QWidget) -> int:
    return part.heading_width() if isinstance(part, FieldRow) else 0


class ObjectEditor(Editor):
    """An object with known properties. Rows are built when they are needed; values of unbuilt ones are kept as given.

    What has to be filled in and what is sent comes first, then the optional fields that are not sent.
    """

    built = Signal()
    """Every row that is shown at first is there."""

    def __init__(self, node: Node, place: Place) -> None:
        super().__init__(node, place)
        self._nodes = dict(node.properties)
        self._given: dict[str, Any] = {}
        self._rows: dict[str, FieldRow] = {}
        self._waiting: list[str] = []
        self._findings: list[Finding] = []
        self._extra: MapEditor | None = None
        self._search: SearchField | None = None
        self._needle = ""
        self._below: list[str] = []
        """Names of rows among the optional ones."""
        self._limit = _PAGE
        self._main = PairsLayout(needs=_heading_width)
        self._rest = column(gap=4)
        self._rest_head = Label("Optional, not sent", "muted", "caption-strong")
        self._rest_rule = Rule()
        self._more = Button("", "link", clicked=self._show_more)
        self._more.hide()
        self._lines = column(self._main, self._rest_rule, self._rest_head, self._rest, self._more, gap=8)
        self._folded = place.depth > _FOLDED_DEPTH or (place.folds and place.depth > 0)
        self._timer = QTimer(self)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._build_slice)
        body = QWidget()
        body.setLayout(self._lines)
        self._body = body if place.depth == 0 else Indent(body)
        inside = counted(len(self._nodes), "field") if self._nodes else "the object"  # a whole path is too wide to show
        name = f"Open {place.name}"
        self._opener = Button(f"Open {inside}", "link", icon="chevron-right", name=name, clicked=self.unfold)
        self.setLayout(column(self._opener, self._body, gap=2))
        (self._body if self._folded else self._opener).hide()
        self._rest_head.hide()
        self._rest_rule.hide()

    # -- value -----------------------------------------------------------------------------------------------------

    def value(self) -> Any:
        result: dict[str, Any] = {}
        for name in self._nodes:
            built = self._rows.get(name)
            value = built.value() if built is not None else self._given.get(name, UNSET)
            if value is not UNSET:
                result[name] = value
        if self._extra is not None:
            result.update(self._extra.value())
        else:
            result.update({name: value for name, value in self._given.items() if name not in self._nodes})
        return result

    def takes(self, value: Any) -> bool:
        return value is UNSET or isinstance(value, dict)

    def set_value(self, value: Any) -> None:
        if value is UNSET:
            initial = defaults(self.node)
            value = initial if isinstance(initial, dict) else {}
        self._given = dict(value)
        for name, built in self._rows.items():
            built.set_value(self._given.get(name, UNSET))
        self._name_rest()
        if self._extra is not None:
            self._extra.set_value({name: kept for name, kept in self._given.items() if name not in self._nodes})
        if not self._rows and not self._folded:
            self._begin()

    def unfold(self) -> None:
        """Builds and shows what is inside a folded group."""
        self._folded = False
        self._opener.hide()
        self._body.show()
        self._begin()

    @property
    def rows(self) -> dict[str, FieldRow]:
        """The rows that are built, by property name."""
        return self._rows

    def row(self, name: str) -> FieldRow:
        """The row of one property, built if it was not."""
        if name not in self._rows:
            if name in self._waiting:
                self._waiting.remove(name)
            self._add_row(name)
        return self._rows[name]

    # -- building --------------------------------------------------------------------------------------------------

    def _begin(self) -> None:
        names = sorted(self._nodes, key=lambda name: not self._comes_first(name))
        total = fields_within(self.node, _COUNTED) if self.place.depth == 0 else len(names)
        if total > _SEARCHED:
            self._add_search(total)
        self._waiting = names
        for _ in range(min(_AT_ONCE, len(names))):
            self._add_row(self._waiting.pop(0))
        if self.node.additional is not None:
            self._add_extra()
        if self._waiting and len(self._rows) < self._limit:
            self._timer.start()
        else:
            self._finish_building()

    def _comes_first(self, name: str) -> bool:
        return self._nodes[name].required or name in self._given

    def _build_slice(self) -> None:
        until = perf_counter_ns() + _SLICE_NS
        while self._waiting and len(self._rows) < self._limit and perf_counter_ns() < until:
            self._add_row(self._waiting.pop(0))
        if not self._waiting or len(self._rows) >= self._limit:
            self._timer.stop()
            self._finish_building()

    def _finish_building(self) -> None:
        left = len(self._waiting)
        self._more.setText(f"Show {count(min(left, _PAGE))} of {count(left)} more fields")
        self._more.setVisible(left > 0 and not self._needle)
        self.built.emit()

    def _show_more(self) -> None:
        self._limit += _PAGE
        self._timer.start()

    def build_all(self) -> None:
        """Builds every row now, all in one turn."""
        self._timer.stop()
        while self._waiting:
            self._add_row(self._waiting.pop(0))
        self._finish_building()

    def _add_row(self, name: str) -> None:
        node = self._nodes[name]
        built = FieldRow(name, node, self.place, required=node.required)
        self._rows[name] = built
        built.set_value(self._given.get(name, UNSET))
        built.changed.connect(self._row_changed)
        first = self._comes_first(name)
        self._rest_head.setVisible(self._rest_head.isVisibleTo(self) or not first)
        self._rest_rule.setVisible(self._rest_head.isVisibleTo(self))
        (self._main if first else self._rest).addWidget(built)
        if not first:
            self._below.append(name)
        if self._findings:
            self._hand_down(name, built, reveal=False)
        if self._needle:
            built.setVisible(mentions(name, node, self._needle))

    def _row_changed(self) -> None:
        self._name_rest()
        self.changed.emit()

    def _name_rest(self) -> None:
        """The optional fields are not sent until one of them is."""
        sent = any(self._rows[name].sent for name in self._below)
        self._rest_head.setText("Optional" if sent else "Optional, not sent")

    def _add_extra(self) -> None:
        additional = self.node.additional
        assert additional is not None
        self._extra = MapEditor(self.node, self.place)
        self._extra.set_value({name: value for name, value in self._given.items() if name not in self._nodes})
        self._extra.changed.connect(self.changed)
        self._lines.addWidget(self._extra)

    def _add_search(self, total: int) -> None:
        self._search = SearchField(f"Search {count(total)} fields")
        self._search.textChanged.connect(self._filter)
        self._no_fit = Label("No field has this in its name. Esc clears the search.", "muted", "small", wrap=True)
        self._no_fit.hide()
        self._lines.insertWidget(0, self._search)
        self._lines.insertWidget(1, self._no_fit)

    def _filter(self, text: str) -> None:
        """Fields whose name or title holds the text, and groups that have such fields, which open."""
        needle = self._needle = text.strip().lower()
        matching = [name for name, node in self._nodes.items() if mentions(name, node, needle)]
        for name in matching[:_PAGE] if needle else ():
            self.row(name)
        for name, built in self._rows.items():
            built.setVisible(not needle or name in matching)
            if isinstance(built.editor, ObjectEditor) and (not needle or name in matching):
                built.editor.narrow(needle, whole=mentions(name, built.node, needle, below=False))
        self._more.setVisible(not needle and bool(self._waiting))
        if self._search is not None:
            none = bool(needle) and not matching
            self._no_fit.setVisible(none)

    def narrow(self, needle: str, *, whole: bool) -> None:
        """As part of a form that is searched: shows what fits; everything when the group's own name does."""
        if needle and self._folded:
            self.unfold()
        self._filter("" if whole else needle)

    # -- findings --------------------------------------------------------------------------------------------------

    def show_findings(self, findings: Sequence[Finding]) -> list[str]:
        return self.spread(findings, reveal=False)

    def spread(self, findings: Sequence[Finding], *, reveal: bool) -> list[str]:
        """Hands each finding to the field it is about; returns what is left for this place."""
        self._findings = list(findings)
        for name, built in self._rows.items():
            self._hand_down(name, built, reveal=reveal)
        own = [finding for finding in findings if not finding.tokens or finding.tokens[0] not in self._nodes]
        if self._extra is not None:
            self._extra.tell([finding for finding in own if finding.tokens])
            own = [finding for finding in own if not finding.tokens]
        return [finding.message for finding in own if finding.keyword != "required"]

    def _hand_down(self, name: str, built: FieldRow, *, reveal: bool) -> None:
        mine = [finding.below() for finding in self._findings if finding.tokens and finding.tokens[0] == name]
        built.show_findings(mine, reveal=reveal)

    def first_empty(self) -> FieldRow | None:
        """The first required row without a value, here or in a group that is sent, else None."""
        for built in self._rows.values():
            within = built.editor.first_empty() if built.sent and isinstance(built.editor, ObjectEditor) else None
            if within is not None or (built.required and not built.sent):
                return within or built
        return None

    def take_focus(self) -> None:
        """A group has nothing to type into: its first empty field has, or the button that unfolds it."""
        first = self.first_empty() or next(iter(self._rows.values()), None)
        if first is not None:
            first.focus_entry()
        else:
            self._opener.setFocus(Qt.FocusReason.OtherFocusReason)

    def row_at(self, tokens: Sequence[str]) -> FieldRow | None:
        """The row that the tokens of a JSON Pointer lead to, as far as there are rows on the way."""
        if not tokens or tokens[0] not in self._nodes:
            return None
        found = self.row(tokens[0])
        within = found.editor.row_at(tokens[1:]) if isinstance(found.editor, ObjectEditor) else None
        return within or found

    def mark(self, state: str) -> None:
        """A group has no frame to mark; its fields have."""

    def entry(self) -> QWidget | None:
        return next((built for built in self._rows.values()), None)


class UnionEditor(Editor):
    """One of several shapes: a picker of branches and the editor of the one in use. Each branch keeps its value."""

    def __init__(self, node: Node, place: Place) -> None:
        super().__init__(node, place)
        self._editors: dict[int, Editor] = {}
        self._index = 0
        labels = [visible(branch.label, 60) for branch in node.branches]
        self._picker: Segments | QComboBox
        if len(labels) <= 4 and sum(map(len, labels)) <= 36:
            self._picker = Segments([(str(index), label) for index, label in enumerate(labels)], f"{place.name}, shape")
            self._picker.chosen.connect(lambda key: self._pick(int(key)))
        else:
            self._picker = QComboBox()
            self._picker.addItems(labels)
            self._picker.setAccessibleName(f"{place.name}, shape")
            self._picker.activated.connect(self._pick)
        self._lines = column(row(self._picker, None), gap=6)
        self.setLayout(self._lines)
        self.setFocusProxy(self._picker)

    def value(self) -> Any:
        editor = self._editors.get(self._index)
        return editor.value() if editor is not None else UNSET

    def takes(self, value: Any) -> bool:
        return value is UNSET or self._best(value) >= 0

    def set_value(self, value: Any) -> None:
        index = 0 if value is UNSET else self._best(value)
        current = self._editors.get(self._index)
        if value is not UNSET and current is not None and current.takes(value) and self._score(self._index, value) > 0:
            index = self._index if self._score(self._index, value) >= self._score(index, value) else index
        self._show(index).set_value(value)

    def _score(self, index: int, value: Any) -> int:
        return fits(self.node.branches[index], value)

    def _best(self, value: Any) -> int:
        scores = [self._score(index, value) for index in range(len(self.node.branches))]
        best = max(scores, default=0)
        return scores.index(best) if best > 0 else -1

    def _pick(self, index: int) -> None:
        fresh = index not in self._editors
        editor = self._show(index)
        if fresh:
            editor.set_value(defaults(self.node.branches[index]))
        self.changed.emit()

    def _show(self, index: int) -> Editor:
        for other in self._editors.values():
            other.hide()
        if index not in self._editors:
            branch = self.node.branches[index]
            made = self.place.build(branch, self.place.below(visible(branch.label, 40)))
            made.changed.connect(self.changed)
            self._lines.addWidget(made)
            self._editors[index] = made
        self._index = index
        if isinstance(self._picker, Segments):
            self._picker.set_current(str(index))
        else:
            self._picker.setCurrentIndex(index)
        self._editors[index].show()
        return self._editors[index]

    @property
    def editor(self) -> Editor | None:
        """The editor of the branch in use."""
        return self._editors.get(self._index)

    def show_findings(self, findings: Sequence[Finding]) -> list[str]:
        editor = self.editor
        below = [finding for finding in findings if finding.tokens]
        own = [finding.message for finding in findings if not finding.tokens]
        return own + (editor.show_findings(below) if editor is not None and below else [])

    def mark(self, state: str) -> None:
        if self.editor is not None:
            self.editor.mark(state)
        elif isinstance(self._picker, QComboBox):
            restyle(self._picker, state=state)
