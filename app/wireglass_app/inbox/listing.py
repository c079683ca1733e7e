"""The list of questions: waiting oldest first, then answered, newest first."""

from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from wireglass_app import motion
from wireglass_app.controls import left_to_right
from wireglass_app.inbox.words import age_text, clock_text, icon_of, left_text, outcome_text, subtitle_of, title_of
from wireglass_app.plain import count
from wireglass_app.questions import Question
from wireglass_app.theme import theme

__all__ = ["QuestionsList", "QuestionsModel"]

Index = QModelIndex | QPersistentModelIndex
Role = Qt.ItemDataRole
_ROOT = QModelIndex()
_ANSWERED_SHOWN = 200
_WAITING_SHOWN = 200
_LITTLE_S = 60
"""Seconds before a time-out from which the list counts down."""
Entry = Question | str


class QuestionsModel(QAbstractListModel):
    """Headings and questions in one list, so that arrow keys walk both groups."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._entries: list[Entry] = []
        self._ages: dict[int, str] = {}

    def show_questions(self, questions: list[Question]) -> None:
        """Takes the present state of all questions, oldest first. Rows that stay keep their indexes."""
        waiting = [question for question in questions if question.open]
        answered = [question for question in reversed(questions) if not question.open]
        wanted: list[Entry] = []
        if waiting:
            wanted.append("Waiting for you")
            wanted += waiting[:_WAITING_SHOWN]
            if len(waiting) > _WAITING_SHOWN:
                wanted.append(f"{count(len(waiting) - _WAITING_SHOWN)} more are waiting")
        if answered:
            wanted.append(f"Answered · {count(len(answered))} this session")
            wanted += answered[:_ANSWERED_SHOWN]
        self._become(wanted)

    def _become(self, wanted: list[Entry]) -> None:
        kept = set(map(id, wanted))
        for row in range(len(self._entries) - 1, -1, -1):
            if id(self._entries[row]) not in kept and self._entries[row] not in wanted:
                self.beginRemoveRows(_ROOT, row, row)
                del self._entries[row]
                self.endRemoveRows()
        row = 0
        while row < len(wanted):
            if row >= len(self._entries) or not _same(self._entries[row], wanted[row]):
                row = self._fetch(wanted, row)
            row += 1
        if self._entries:
            self.dataChanged.emit(self.index(0), self.index(len(self._entries) - 1))

    def _fetch(self, wanted: list[Entry], row: int) -> int:
        """Row `row` becomes what is wanted there, and what follows as long as it is new; returns the last such row."""
        later = self._entries[row:]
        last = row
        while last < len(wanted) and not any(_same(one, wanted[last]) for one in later):
            last += 1
        if last > row:
            self.beginInsertRows(_ROOT, row, last - 1)
            self._entries[row:row] = wanted[row:last]
            self.endInsertRows()
            return last - 1
        old = row + next(at for at, one in enumerate(later) if _same(one, wanted[row]))
        self.beginMoveRows(_ROOT, old, old, _ROOT, row)
        self._entries.insert(row, self._entries.pop(old))
        self.endMoveRows()
        return row

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self._entries)

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        if isinstance(self._entries[index.row()], str):
            return Qt.ItemFlag.ItemIsEnabled
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable

    def data(self, index: Index, role: int = Role.DisplayRole) -> Any:
        if not index.isValid():
            return None
        entry = self._entries[index.row()]
        if isinstance(entry, str):
            return entry if role in (Role.DisplayRole, Role.AccessibleTextRole) else None
        if role == Role.DisplayRole:
            return title_of(entry)
        if role == Role.AccessibleTextRole:
            state = f"{_OPEN_WORDS[entry.state]} {age_text(entry.seconds)}" if entry.open else outcome_text(entry)
            return f"{title_of(entry)}, {subtitle_of(entry)}, {state}"
        return None

    def question(self, index: Index) -> Question | None:
        """The question of a row; None for a heading."""
        entry = self._entries[index.row()] if index.isValid() else None
        return entry if isinstance(entry, Question) else None

    def index_of(self, question: Question | None) -> QModelIndex:
        """The row of a question."""
        row = next((row for row, entry in enumerate(self._entries) if entry is question), -1)
        return self.index(row) if row >= 0 else QModelIndex()

    def when(self, question: Question) -> str:
        """How long it waits, as of the last `age`: what paints in between must not be ahead of the card beside it."""
        return self._ages.setdefault(id(question), _when(question)) if question.open else _when(question)

    def age(self) -> None:
        """A second went by."""
        self._ages.clear()
        for row, entry in enumerate(self._entries):
            if isinstance(entry, Question) and entry.open:
                self.dataChanged.emit(self.index(row), self.index(row), [Role.DisplayRole])


def _same(one: Entry, other: Entry) -> bool:
    return one is other or (isinstance(one, str) and isinstance(other, str) and one == other)


def _question(index: Index) -> Question | None:
    """Asked of the model itself: a QObject in a variant may outlive the object."""
    model = index.model()
    return model.question(index) if isinstance(model, QuestionsModel) else None


class _Rows(QStyledItemDelegate):
    """Questions that arrive come up within 120 ms, in their place from the start."""

    def __init__(self, view: QListView) -> None:
        super().__init__(view)
        self._known: set[int] = set()
        self._new: set[int] = set()
        self.arriving = motion.Once(motion.INSERT_MS, self)
        self.arriving.moved.connect(view.viewport().update)

    def greet(self, model: "QuestionsModel") -> None:
        """Rows came or went."""
        shown = {id(one) for row in range(model.rowCount()) if (one := model.question(model.index(row))) is not None}
        self._new, self._known = shown - self._known, shown
        if self._new:
            self.arriving.start()

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(240, theme().row(52 if _question(index) is not None else 26))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        look, box = theme(), QRect(option.rect)  # type: ignore[attr-defined]  # members the stubs leave out
        state = option.state  # type: ignore[attr-defined]
        question = _question(index)
        painter.save()
        painter.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        if id(question) in self._new:
            painter.setOpacity(self.arriving.at)
        selected = bool(state & QStyle.StateFlag.State_Selected) and question is not None
        painter.fillRect(box, look.color("bg.selected" if selected else "bg.sunken"))
        if selected and state & QStyle.StateFlag.State_HasFocus:
            painter.fillRect(QRect(box.left(), box.top(), 3, box.height()), look.color("focus"))
        painter.fillRect(QRect(box.left(), box.bottom(), box.width(), 1), look.color("line.subtle"))
        if question is None:
            painter.setFont(look.font("caption-strong"))
            painter.setPen(look.color("text.secondary"))
            text, _, beside = str(index.data()).partition(" · ")
            painter.drawText(box.adjusted(12, 0, -12, 0), Qt.AlignmentFlag.AlignVCenter, text)
            painter.setFont(look.font("caption"))
            right = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
            painter.drawText(box.adjusted(12, 0, -12, 0), int(right), beside or "Alt ↑ ↓ to move")
        else:
            model = index.model()
            when = model.when(question) if isinstance(model, QuestionsModel) else _when(question)
            self._paint_question(painter, box, question, when)
        painter.restore()

    def _paint_question(self, painter: QPainter, box: QRect, question: Question, when: str) -> None:
        look = theme()
        ink = "human.text" if question.waiting else _OUTCOME_INK.get(question.state, "text.muted")
        side = look.px(16)
        icon = look.pixmap(icon_of(question), ink, side, painter.device().devicePixelRatioF())
        painter.drawPixmap(box.left() + 12, box.top() + look.px(10), icon)
        painter.setFont(look.font("small-strong" if question.waiting else "small"))
        painter.setPen(look.color("human.text" if question.waiting else "text.muted"))
        left = 20 + side
        top = QRect(
            box.left() + left, box.top() + (box.height() - look.px(40)) // 2, box.width() - left - 12, look.px(20)
        )
        painter.drawText(top, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, when)
        wide = painter.fontMetrics().horizontalAdvance(when) + 10
        painter.setFont(look.font("strong" if question.waiting else "body"))
        painter.setPen(look.color("text.primary" if question.waiting else "text.secondary"))
        _line(painter, top.adjusted(0, 0, -wide, 0), title_of(question))
        painter.setFont(look.font("caption"))
        painter.setPen(look.color("text.secondary" if question.waiting else "text.muted"))
        _line(
            painter,
            QRect(top.left(), top.bottom() + 2, top.width(), look.px(18)),
            subtitle_of(question) if question.open and question.state != "held" else outcome_text(question),
        )


def _when(question: Question) -> str:
    """How long it waits, what is left of a time-out when that is little, or when it was asked."""
    if question.state == "held":
        return "kept"
    if not question.open:
        return clock_text(question.at)
    left = question.seconds_left
    return left_text(left) if left is not None and left < _LITTLE_S else age_text(question.seconds)


_OPEN_WORDS = {"waiting": "waiting", "automatic": "a rule answers", "visiting": "page open", "held": "answer kept"}
_OUTCOME_INK = {
    "held": "ok.text",
    "automatic": "text.muted",
    "answered": "ok.text",
    "declined": "bad.text",
    "withdrawn": "warn.text",
    "gone": "warn.text",
}


def _line(painter: QPainter, box: QRect, text: str) -> None:
    shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, box.width())
    painter.drawText(box, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)


class QuestionsList(QListView):
    """A accepts, D declines, E edits; Enter goes into the form. Repeated keys do nothing."""

    accept_wanted = Signal()
    decline_wanted = Signal()
    edit_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        left_to_right(self)
        self._rows = _Rows(self)
        self.setItemDelegate(self._rows)
        self.setAccessibleName("Questions of servers")
        self.setProperty("surface", "sunken")
        self.setUniformItemSizes(False)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def rowsInserted(self, parent: Index, start: int, end: int) -> None:
        super().rowsInserted(parent, start, end)
        model = self.model()
        if isinstance(model, QuestionsModel):
            self._rows.greet(model)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        signals: dict[int, Any] = {
            Qt.Key.Key_A: self.accept_wanted,
            Qt.Key.Key_D: self.decline_wanted,
            Qt.Key.Key_E: self.edit_wanted,
            Qt.Key.Key_Return: self.edit_wanted,
            Qt.Key.Key_Enter: self.edit_wanted,
        }
        plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if plain and event.key() in signals:
            if not event.isAutoRepeat():
                signals[event.key()].emit()
            return
        super().keyPressEvent(event)
