"""The spans of one call as a tree: name, total, self, and what the bar column needs."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QPersistentModelIndex, Qt

from wireglass.protocol.messages import Span
from wireglass.recording.timing import Row, waterfall
from wireglass_app.plain import count, tip, visible
from wireglass_app.theme import theme

__all__ = ["ROW_ROLE", "WaterfallModel"]

ROW_ROLE = Qt.ItemDataRole.UserRole + 1
_TITLES = ("Middleware chain", "Total ms", "Self ms", "")
_FACTS = 20
_Index = QModelIndex | QPersistentModelIndex

_SELF = 2
_MUCH = 0.05
"""From this share of the call on, a part's own time stands out."""


class WaterfallModel(QAbstractItemModel):
    """Rows of `recording.timing.waterfall`; `length_us` is the width of the bar column."""

    def __init__(self, title: str = _TITLES[0]) -> None:
        """`title` stands over the names."""
        super().__init__()
        self._title = title
        self._rows: list[Row] = []
        self._children: dict[int | None, list[int]] = {}
        self._place: dict[int, tuple[int | None, int]] = {}
        self.length_us = 1

    def show(self, spans: Sequence[Span]) -> None:
        """Replaces what is shown."""
        self.beginResetModel()
        self._rows = waterfall(spans)
        self._children, self._place = {}, {}
        open_at: list[int] = []
        for position, row in enumerate(self._rows):
            del open_at[row.depth :]
            parent = open_at[-1] if open_at else None
            siblings = self._children.setdefault(parent, [])
            self._place[position] = (parent, len(siblings))
            siblings.append(position)
            open_at.append(position)
        self.length_us = max((row.span.start_us + row.span.duration_us for row in self._rows), default=1) or 1
        self.endResetModel()

    def index(self, row: int, column: int, parent: _Index = QModelIndex()) -> QModelIndex:  # noqa: B008 - Qt's signature
        siblings = self._children.get(int(parent.internalId()) if parent.isValid() else None, [])
        if 0 <= row < len(siblings) and 0 <= column < len(_TITLES):
            return self.createIndex(row, column, siblings[row])
        return QModelIndex()

    def parent(self, index: _Index = QModelIndex()) -> Any:  # noqa: B008 - Qt's signature
        above = self._place[int(index.internalId())][0] if index.isValid() else None
        if above is None:
            return QModelIndex()
        return self.createIndex(self._place[above][1], 0, above)

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        if parent.isValid() and parent.column() > 0:
            return 0
        return len(self._children.get(int(parent.internalId()) if parent.isValid() else None, []))

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return len(_TITLES)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return _TITLES[section] if section else self._title
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(section)
        return None

    def data(self, index: _Index, role: int = 0) -> Any:
        if not index.isValid():
            return None
        row = self._rows[int(index.internalId())]
        if role == ROW_ROLE:
            return row
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(index.column())
        if role == Qt.ItemDataRole.DisplayRole:
            return (_name(row.span), _ms(row.span.duration_us), _ms(row.self_us), "")[index.column()]
        if role == Qt.ItemDataRole.FontRole and index.column() <= _SELF:
            return theme().font(self._font(row, index.column()))
        if role == Qt.ItemDataRole.ForegroundRole and index.column() == _SELF:
            return theme().color("text.primary" if row.self_us >= self.length_us * _MUCH else "text.muted")
        if role == Qt.ItemDataRole.ToolTipRole:
            return _facts(row.span)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{_name(row.span)}, total {_ms(row.span.duration_us)} ms, self {_ms(row.self_us)} ms"
        return None

    def _font(self, row: Row, column: int) -> str:
        """Numbers line up; the call, its handler and what took much of the time stand out."""
        strong = row.depth == 0 or row.span.kind == "handler"
        if column == _SELF:
            strong = row.self_us >= self.length_us * _MUCH
        return "strong" if strong and not column else "body" if not column else "mono-strong" if strong else "mono"


def _name(span: Span) -> str:
    """Middleware without the word that all of its names end with; handlers say what they are."""
    name = visible(span.name)
    if span.kind == "middleware":
        return name.removesuffix("Middleware") or name
    return f"handler {name}" if span.kind == "handler" else name


def _facts(span: Span) -> str | None:
    """What the server told about a span, as plain text; nothing when it told nothing."""
    lines = [f"{visible(name, 60)}: {visible(str(value), 200)}" for name, value in list(span.facts.items())[:_FACTS]]
    return tip("\n".join([_name(span), *lines])) if lines else None


def _ms(microseconds: float) -> str:
    milliseconds = microseconds / 1000
    return f"{milliseconds:.1f}" if milliseconds < 100 else count(round(milliseconds))


def _alignment(column: int) -> Qt.AlignmentFlag:
    return (
        Qt.AlignmentFlag.AlignRight if column in (1, 2) else Qt.AlignmentFlag.AlignLeft
    ) | Qt.AlignmentFlag.AlignVCenter
