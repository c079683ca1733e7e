"""Compare: what the last reload changed in a server's lists, breaking changes first, with both versions beside."""

import json
from typing import Any

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtWidgets import QListView, QSplitter, QStackedWidget, QWidget

from wireglass_app.catalogue import Change
from wireglass_app.controls import Chip, Elided, Empty, Label, column, row, surface
from wireglass_app.models.rows import ROW, RowsModel
from wireglass_app.panels.base import Desk, Panel, PanelSpec
from wireglass_app.payloads.code import CodeView
from wireglass_app.plain import visible
from wireglass_app.server_session import ServerSession

__all__ = ["SPEC", "ChangesPanel"]

_KINDS = {"breaking": "bad", "gone": "warn", "changed": "info", "new": "ok"}


class ChangesPanel(Panel):
    """F8 steps through the changes."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.setAccessibleName("Compare")
        self.summary = Label("", "secondary", "small")
        self.model: RowsModel[Change] = RowsModel(_words, parent=self)
        self.list = QListView()
        self.list.setAccessibleName("Changes")
        self.list.setModel(self.model)
        self.list.setUniformItemSizes(True)
        self.list.setSpacing(1)
        self.list.selectionModel().currentChanged.connect(self._chosen)
        self.chip = Chip("", "info")
        self.name = Elided("", type="mono-strong")
        self.detail = Label("", "secondary", wrap=True)
        self.before = CodeView(name="Before")
        self.after = CodeView(name="After")
        sides = QSplitter(Qt.Orientation.Horizontal)
        sides.setHandleWidth(1)
        for title, view in (("Before", self.before), ("After", self.after)):
            side = QWidget()
            side.setLayout(column(row(Label(title, "secondary", "small-strong"), margins=(14, 6, 14, 2)), view, gap=0))
            sides.addWidget(side)
        head = row(self.chip, self.name)
        head.setStretch(1, 1)
        right = QWidget()
        right.setLayout(column(column(head, self.detail, gap=6, margins=(14, 12, 14, 8)), sides, gap=0))
        left = surface(QWidget(), "sunken")
        title = column(Label("Compare", type="title"), self.summary, gap=2, margins=(14, 12, 14, 8))
        left.setLayout(column(title, self.list, gap=0))
        body = QSplitter(Qt.Orientation.Horizontal)
        body.setHandleWidth(1)
        body.addWidget(left)
        body.addWidget(right)
        body.setSizes([320, 900])
        body.setStretchFactor(1, 1)
        self.empty = Empty(
            "compare",
            "Nothing to compare yet",
            "Save a server's file, or press F5: what changed in its tools, resources and prompts appears here.",
        )
        self._stack = QStackedWidget()
        self._stack.addWidget(self.empty)
        self._stack.addWidget(body)
        self._body = body
        self.setLayout(column(self._stack))
        desk.workbench.session_changed.connect(self._show)
        desk.workbench.current_changed.connect(self._show)
        self._show()

    def _show(self, _session: object = None) -> None:
        session: ServerSession | None = self.desk.workbench.current
        changes = session.changes if session is not None else None
        items = list(changes.items) if changes is not None else []
        if session is not None and changes is not None:
            self.summary.setText(f"{visible(session.name, 60)}, last reload: {changes.summary}")
        if list(self.model.rows) != items:
            self.model.replace(items)
            if items:
                self.list.setCurrentIndex(self.model.index(0))
        self._stack.setCurrentWidget(self._body if items else self.empty)
        if changes is not None and not items:
            self.empty.title.setText("The last reload changed nothing")

    def _chosen(self, index: QModelIndex) -> None:
        change: Change | None = index.data(ROW) if index.isValid() else None
        if change is None:
            return
        self.chip.setText(change.what)
        self.chip.set_kind(_KINDS[change.what])
        self.name.setText(change.name)
        self.detail.setText(visible(change.detail, 1000))
        for view, value in ((self.before, change.before), (self.after, change.after)):
            if value is None:
                view.set_text("")
            else:
                view.set_text(json.dumps(value, ensure_ascii=False, indent=2), "json")

    def step_problem(self, forward: bool) -> bool:
        at = self.list.currentIndex().row() + (1 if forward else -1)
        if 0 <= at < self.model.rowCount():
            self.list.setCurrentIndex(self.model.index(at))
        return True

    def step(self, forward: bool) -> None:
        self.step_problem(forward)

    def regions(self) -> list[QWidget]:
        return [self.list, self.before, self.after]


def _words(change: Change) -> str:
    return f"{change.what}: {change.kind} {visible(change.name, 80)}"


def _count(workbench: Any) -> int:
    current = workbench.current
    return len(current.changes.items) if current is not None and current.changes is not None else 0


SPEC = PanelSpec("changes", "Compare", "compare", "session", ChangesPanel, count=_count)
