"""History: every call of this session, of all servers, newest first. Enter opens its dossier."""

import json
from typing import Any

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtWidgets import QStackedWidget, QWidget

from wireglass_app.calls import PANEL_OF, Call
from wireglass_app.controls import Button, Empty, Label, SearchField, column, row, surface
from wireglass_app.dossier.words import verdict
from wireglass_app.models.columns import ColumnsModel, Index
from wireglass_app.moments import clock
from wireglass_app.panels.base import Desk, Panel
from wireglass_app.panels.open_file import OpenFile
from wireglass_app.plain import column_size, counted, duration, visible
from wireglass_app.server_session import ServerSession
from wireglass_app.tables import Table
from wireglass_app.theme import theme

__all__ = ["HistoryModel", "HistoryPanel"]

_Pair = tuple[ServerSession, Call]


def _place(rows: list[_Pair], call: Call) -> int:
    """Where a call belongs among others, newest first: nearly always at the top."""
    return next((at for at, (_, one) in enumerate(rows) if one.started_ns <= call.started_ns), len(rows))


def _put(rows: list[_Pair], pair: _Pair) -> None:
    rows.insert(_place(rows, pair[1]), pair)


class HistoryModel(ColumnsModel):
    """Calls newest first; a filter keeps those whose name, server or arguments hold it."""

    columns = ("Time", "Server", "Call", "Arguments", "Outcome", "Took", "Size")
    at_right = (5, 6)

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        self._all: list[tuple[ServerSession, Call]] = []
        self._known: set[Call] = set()
        self._shown: list[tuple[ServerSession, Call]] = []
        self._wanted = ""

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 (Qt's own default)
        return 0 if parent.isValid() else len(self._shown)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        session, call = self._shown[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return _text(session, call, index.column())
        if role == Qt.ItemDataRole.ForegroundRole and index.column() == 4:
            tone = verdict(call).tone
            return theme().color("text.muted" if tone == "muted" else f"{tone}.text")
        if role == Qt.ItemDataRole.ForegroundRole and index.column() in (0, 3, 5, 6):
            return theme().color("text.secondary")
        if role == Qt.ItemDataRole.FontRole and index.column() in (0, 2, 3, 5, 6):
            return theme().font("mono")
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return self.alignment(index.column())
        return None

    def call_at(self, row: int) -> tuple[ServerSession, Call]:
        return self._shown[row]

    def take(self, session: ServerSession, call: Call) -> None:
        """A new call, or a change of one."""
        if call not in self._known:
            self._known.add(call)
            _put(self._all, (session, call))
            if self._fits(session, call):
                at = _place(self._shown, call)
                self.beginInsertRows(QModelIndex(), at, at)
                self._shown.insert(at, (session, call))
                self.endInsertRows()
            return
        for number, (_, mine) in enumerate(self._shown):
            if mine is call:
                self.tell_changed(number, number)
                return

    def filter(self, wanted: str) -> None:
        self.beginResetModel()
        self._wanted = wanted.lower()
        self._shown = [pair for pair in self._all if self._fits(*pair)]
        self.endResetModel()

    def _fits(self, session: ServerSession, call: Call) -> bool:
        if not self._wanted:
            return True
        return self._wanted in f"{call.name} {session.name} {_arguments(call)}".lower()


def _text(session: ServerSession, call: Call, column_: int) -> str:
    if column_ == 0:
        return clock(call.at)
    if column_ == 1:
        return visible(session.name, 60)
    if column_ == 2:
        return visible(call.name, 120)
    if column_ == 3:
        return _arguments(call)
    if column_ == 4:
        return verdict(call).title
    if column_ == 5:
        return duration(call.milliseconds)
    return column_size(call.size) if call.size else ""


def _arguments(call: Call) -> str:
    found = call.params.get("arguments")
    return visible(json.dumps(found, ensure_ascii=False), 200) if found else ""


class HistoryPanel(Panel):
    """Calls of every server, in one table."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.setAccessibleName("History")
        self.field = SearchField("Filter calls", "Ctrl+L")
        self.total = Label("", "muted", "caption")
        self.model = HistoryModel(self)
        self.table = Table(self.model, "Calls of this session", (90, 130, 190, 300, 190, 100, 90), grows=3)
        self.table.activated.connect(self._open)
        words = "Every call of every server appears here as you make it."
        self.empty = Empty("history", "No calls yet", words, [OpenFile(desk)])
        clear = Button("Clear the filter", key="Esc", clicked=self.field.clear)
        self.hidden = Empty("filter", "No call passes the filter", "It looks at names, servers and arguments.", [clear])
        self._stack = QStackedWidget()
        self._stack.addWidget(self.empty)
        self._stack.addWidget(self.hidden)
        self._stack.addWidget(self.table)
        head = surface(QWidget(), "panel", "bottom")
        head.setLayout(
            row(Label("History", type="title"), self.field, self.total, None, margins=(14, 9, 14, 9), gap=12)
        )
        self.setLayout(column(head, self._stack, gap=0))
        self.field.textChanged.connect(self._filter)
        self.field.left.connect(self.table.setFocus)
        for session in desk.workbench.sessions:
            for call in session.calls:
                self._take(session, call)
        desk.workbench.call_changed.connect(self._take)

    def _take(self, session: ServerSession, call: Call) -> None:
        self.model.take(session, call)
        self._counts()

    def _filter(self, text: str) -> None:
        self.model.filter(text)
        self._counts()

    def _counts(self) -> None:
        number = self.model.rowCount()
        self.total.setText(counted(number, "call"))
        self._stack.setCurrentWidget(self.table if number else self.hidden if self.field.text() else self.empty)

    def _open(self, index: QModelIndex) -> None:
        session, call = self.model.call_at(index.row())
        if call.method in PANEL_OF and session in self.desk.workbench.sessions:
            self.desk.go(PANEL_OF[call.method], session=session, call=call)

    def run_primary(self) -> None:
        if self.table.currentIndex().isValid():
            self._open(self.table.currentIndex())

    def focus_filter(self) -> None:
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def regions(self) -> list[QWidget]:
        return [self.field, self.table]
