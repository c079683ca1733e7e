"""What is subscribed to on one server: each resource, its last update, how many there were, and when."""

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtWidgets import QSizePolicy, QWidget

from wireglass_app.controls import Elided, Label, column, row, surface
from wireglass_app.models.columns import ColumnsModel, Index
from wireglass_app.moments import clock
from wireglass_app.plain import count, visible
from wireglass_app.resourceview.words import update_words
from wireglass_app.tables import Table
from wireglass_app.theme import theme

__all__ = ["SubscriptionList"]

_ROOT = QModelIndex()
_EARLIER = 20
_ROWS = 4
"""Seen at once."""


class _Model(ColumnsModel):
    """One row a resource, in the order of subscribing."""

    columns = ("Resource", "Last update", "Updates", "Earlier")

    def __init__(self, parent: Any) -> None:
        super().__init__(parent)
        self.rows: list[tuple[str, Sequence[float]]] = []

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        uri, heard = self.rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return _cell(uri, heard, index.column())
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{visible(uri)}, {update_words(heard)}"
        if role == Qt.ItemDataRole.ForegroundRole and index.column() == 2 and heard:
            return theme().color("human.text")
        if role == Qt.ItemDataRole.FontRole and index.column() in (0, 1, 3):
            return theme().font("mono-small")
        return None

    def show(self, subscriptions: Mapping[str, Sequence[float]]) -> None:
        rows: list[tuple[str, Sequence[float]]] = [(uri, tuple(heard)) for uri, heard in subscriptions.items()]
        if [uri for uri, _ in rows] == [uri for uri, _ in self.rows]:
            self.rows = rows
            if rows:
                self.tell_changed(0, len(rows) - 1)
            return
        self.beginResetModel()
        self.rows = rows
        self.endResetModel()


def _cell(uri: str, heard: Sequence[float], at: int) -> str:
    if at == 0:
        return visible(uri)
    if at == 1:
        return clock(heard[-1]) if heard else ""
    if at == 2:
        return update_words(heard)
    return "  ".join(clock(one) for one in reversed(heard[:-1][-_EARLIER:]))


class SubscriptionList(QWidget):
    """`opened(uri)` when one is chosen with Enter or a double click. Hidden while there is none."""

    opened = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        surface(self, "sunken", "top")
        self.facts = Elided("", "muted", "small")
        self.model = _Model(self)
        self.table = Table(self.model, "Subscriptions", (260, 110, 130, 160), grows=3)
        self.table.setProperty("surface", "sunken")
        self.table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        theme().changed.connect(self._fit)
        self.table.activated.connect(lambda index: self.opened.emit(self.model.rows[index.row()][0]))
        self.table.doubleClicked.connect(lambda index: self.opened.emit(self.model.rows[index.row()][0]))
        head = row(Label("Subscriptions", type="strong"), self.facts)
        head.setStretch(1, 1)
        self.setLayout(column(head, self.table, gap=6, margins=(16, 10, 14, 12)))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.hide()

    def _fit(self) -> None:
        """As high as its rows, up to a bound: the pane above has the rest."""
        rows = min(_ROWS, max(1, self.model.rowCount()))
        height = self.table.horizontalHeader().sizeHint().height()
        self.table.setFixedHeight(height + rows * self.table.verticalHeader().defaultSectionSize() + 2)

    def show_subscriptions(self, subscriptions: Mapping[str, Sequence[float]], how: str) -> None:
        """`how` says by which means: "on one listen stream, open for 5 min", "one request each"."""
        self.model.show(subscriptions)
        self.facts.setText(f"{count(len(subscriptions))} {how}")
        self._fit()
        self.setVisible(bool(subscriptions))
