"""The list at the left of Tools, Resources and Prompts: filter field, pills, groups, two-line rows."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QListView, QStackedWidget, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from wireglass_app import motion
from wireglass_app.controls import Button, Empty, Label, SearchField, Segments, column, left_to_right, row, surface
from wireglass_app.given_icon import GivenIcons, carried_icon
from wireglass_app.list_state import ListState
from wireglass_app.models.catalogue import Heading, ItemRow, filtered
from wireglass_app.models.rows import ROW, RowsModel
from wireglass_app.plain import count, counted, visible
from wireglass_app.row_ground import paint_ground
from wireglass_app.rows_making import RowsMaking
from wireglass_app.server_session import ServerSession
from wireglass_app.theme import theme
from wireglass_app.waiting import Skeleton

__all__ = ["CatalogueList"]

_NONE = "It did not announce any."


class CatalogueList(QWidget):
    """`chosen(ItemRow)` when another item is selected; `entered(ItemRow)` on Enter or double click."""

    chosen = Signal(object)
    entered = Signal(object)
    kept_changed = Signal()
    """Other groups are closed."""
    remember_as = "groups"

    def __init__(self, what: str, empty_icon: str, empty_title: str, adding: str, *, pills: bool = False) -> None:
        """`adding` tells the author of a file that has none how to add one."""
        super().__init__()
        self._what = what
        self._rows: Sequence[ItemRow] = ()
        self._making = RowsMaking(self)
        self._closed: frozenset[str] = frozenset()
        self._current = ""
        self._known: set[str] = set()
        surface(self, "sunken")
        self.field = SearchField(f"Filter {what}", "Ctrl+L")
        self.field.textChanged.connect(lambda _text: self._show())
        self.pills = Segments([], f"Kind of {what}", pills=True)
        self.pills.chosen.connect(lambda _key: self._show())
        self.state = ListState(*(("resources", "templates") if what == "resources" else (what,)))
        self.problem = Label("", "bad", "small", wrap=True)
        self.problem.hide()
        self.model: RowsModel[ItemRow | Heading] = RowsModel(
            lambda one: f"{one.text}, group, {one.count}" if isinstance(one, Heading) else one.spoken, parent=self
        )
        self.view = RowsView(what)
        self.view.setModel(self.model)
        self.view.selectionModel().currentChanged.connect(self._moved)
        self.view.picked.connect(self._picked)
        self.field.left.connect(self.view.setFocus)
        self._adding = adding
        self.nothing = Empty(empty_icon, empty_title, _NONE)
        for label in (self.nothing.title, self.nothing.text):
            label.setMinimumWidth(theme().px(170))  # the list must not be wider for what it says when it is empty
        self.none_fits = Label("Nothing fits the filter. Esc clears it.", "muted", "small", wrap=True)
        self.none_fits.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
        self.none_fits.setContentsMargins(12, 24, 12, 0)
        self._stack = QStackedWidget()
        self.skeleton = Skeleton()
        lines = QWidget()
        lines.setLayout(column(self.skeleton, None, margins=(14, 10, 14, 0)))
        self._loading = lines
        again = Button("Try again", icon="reload", name=f"Read the {what} again", clicked=self._read_again)
        self.failed = Empty("warning", f"The {what} could not be read", "", [again])
        for label in (self.failed.title, self.failed.text):
            label.setMinimumWidth(theme().px(170))
        for page in (self.view, self.nothing, self.none_fits, self._loading, self.failed):
            self._stack.addWidget(page)
        self._session: ServerSession | None = None
        self.state.changed.connect(self._show)
        top = row(self.field, margins=(10, 9, 10, 0))
        pills_row = row(self.pills, None, margins=(10, 0, 10, 2))
        above = column(row(self.problem, margins=(12, 0, 12, 0)), self.state.bar, gap=3)
        lines = column(top, pills_row, above, column(self._stack, self.state, gap=0), gap=6)
        lines.setStretch(3, 1)
        self.setLayout(lines)
        self.pills.setVisible(pills)  # only now: before, it would have shown as a window of its own

    @property
    def current(self) -> ItemRow | None:
        """The item that is selected."""
        return next((one for one in self._rows if one.name == self._current), None)

    def kept(self) -> list[str]:
        """What is remembered: the groups that are closed."""
        return sorted(self._closed)

    def restore(self, kept: object) -> None:
        """Closes the groups that were remembered as closed."""
        if isinstance(kept, list):
            self.close_groups(frozenset(map(str, kept)))

    def close_groups(self, names: frozenset[str]) -> None:
        """Closes these and opens the others."""
        self._closed = names
        self._show()

    def follow(self, session: ServerSession | None) -> None:
        """Whose list it is: while that server is away or comes back, the list says so and its rows are greyed."""
        self._session = session
        self.state.follow(session)
        own_file = session is not None and not session.recorded and bool(session.target.spec)
        self.nothing.text.setText(f"{_NONE} {self._adding}" if own_file else _NONE)

    def _read_again(self) -> None:
        if self._session is not None:
            self._session.read_again()

    def make_rows(
        self,
        parts: Iterable[list[ItemRow]],
        number: int,
        problem: str,
        done: Callable[[Sequence[ItemRow]], None],
    ) -> None:
        """Other rows, which `parts` makes of `number` items: at once, or those of thousands bit by bit in a thread.
        `done` gets them when the list has them."""

        def made(rows: Sequence[ItemRow]) -> None:
            self.set_rows(rows, problem)
            done(rows)

        self._making.start(parts, number, made)
        if self._making.busy:
            self._show()

    def set_rows(self, rows: Sequence[ItemRow], problem: str = "") -> None:
        """Other rows; the selection and the filter stay."""
        self._making.stop()
        self.view.delegate.greet({one.name for one in rows} - self._known if self._known else set())
        self._known = {one.name for one in rows}
        self.view.delegate.with_icons = any(carried_icon(one.raw) is not None for one in rows if one.raw.get("icons"))
        self._rows = rows
        self.problem.setText(problem)
        self.problem.setVisible(bool(problem and rows))
        self.failed.text.setText(visible(problem, 600))
        if not self.pills.isHidden():
            self.pills.set_choices(_pill_choices(rows))
        self._show()

    def update_row(self, changed: ItemRow) -> None:
        """One item in other words, in its old group; nothing else is made again."""
        old = next((one for one in self._rows if one.name == changed.name), None)
        if old is None:
            return
        changed = replace(changed, group=old.group)
        self._rows = [changed if one is old else one for one in self._rows]
        self.model.swap(old, changed)

    def select(self, name: str, *, reveal: bool = True) -> bool:
        """Selects an item by its raw name; False when there is none. With `reveal`, a filter that hides it goes."""
        if not any(one.name == name for one in self._rows):
            return False
        other = name != self._current
        if other:
            self._leave(self.current)
        self._current = name
        if reveal and not self.model.find(lambda one: isinstance(one, ItemRow) and one.name == name).isValid():
            self.field.clear()
            self._closed = frozenset()
            self.pills.set_current("")
            self._show()
        self._mark()
        if other and self.current is not None:
            self.chosen.emit(self.current)
        return True

    def _show(self) -> None:
        flag = self.pills.current() if not self.pills.isHidden() else ""
        shown = filtered(self._rows, self.field.text(), flag, self._closed)
        self.model.replace(shown)
        self.state.count(sum(1 for one in shown if isinstance(one, ItemRow)), len(self._rows), bool(self.field.text()))
        self.view.delegate.fade(self.state.kind)
        self.view.viewport().update()
        self._stack.setCurrentWidget(self._page(bool(shown)))
        self._mark()

    def _page(self, shown: bool) -> QWidget:
        if shown:
            return self.view
        if self._rows:
            return self.none_fits
        if self.state.kind == "loading" or self._making.busy:
            return self._loading
        return self.failed if self.failed.text.text() else self.nothing

    def _mark(self) -> None:
        index = self.model.find(lambda one: isinstance(one, ItemRow) and one.name == self._current)
        if index.isValid():
            self.view.setCurrentIndex(index)
            self.view.scrollTo(index)
        else:
            self.view.selectionModel().clear()

    def _moved(self, index: QModelIndex) -> None:
        one = index.data(ROW) if index.isValid() else None
        if isinstance(one, ItemRow) and one.name != self._current:
            left = self.current
            self._current = one.name
            self.chosen.emit(one)
            self._leave(left)

    def _leave(self, one: ItemRow | None) -> None:
        """Another item is chosen: the mark of a change on this one has been seen."""
        session = self._session
        if one is None or not one.change or session is None or not self.isVisible():
            return
        session.seen.add((one.kind, one.name))
        QTimer.singleShot(0, self, lambda: self._unmark(one))

    def _unmark(self, one: ItemRow) -> None:
        if one not in self._rows or one.name == self._current:
            return
        if one.change == "gone":
            self._rows = [row for row in self._rows if row is not one]
            self._show()
        else:
            self.update_row(replace(one, change=""))

    def _picked(self, one: ItemRow | Heading) -> None:
        if isinstance(one, Heading):
            self.close_groups(self._closed ^ {one.text})
            self.kept_changed.emit()
        else:
            self.entered.emit(one)


def _pill_choices(rows: Sequence[ItemRow]) -> list[tuple[str, str]]:
    choices = [("", f"All {count(len(rows))}")]
    for flag, text in (("read-only", "Read-only"), ("destructive", "Destructive")):
        number = sum(1 for one in rows if flag in one.flags)
        if number:
            choices.append((flag, f"{text} {number}"))
    return choices


class RowsView(QListView):
    """Arrows move, Enter opens, a click on a heading folds it."""

    picked = Signal(object)

    def __init__(self, what: str) -> None:
        super().__init__()
        self.setProperty("surface", "sunken")
        self.setAccessibleName(what.capitalize())
        left_to_right(self)
        self.delegate = RowDelegate(self)
        self.setItemDelegate(self.delegate)
        self.setMouseTracking(True)
        self.setLayoutMode(QListView.LayoutMode.Batched)
        self.setBatchSize(300)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        theme().changed.connect(self.doItemsLayout)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers() & _CONTROL:
            self._pick(self.currentIndex())
        else:
            super().keyPressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        index = self.indexAt(event.position().toPoint())
        if index.isValid() and isinstance(index.data(ROW), Heading):
            self._pick(index)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        super().mouseDoubleClickEvent(event)
        index = self.indexAt(event.position().toPoint())
        if index.isValid() and isinstance(index.data(ROW), ItemRow):
            self._pick(index)

    def _pick(self, index: QModelIndex) -> None:
        if index.isValid():
            self.picked.emit(index.data(ROW))


_CONTROL = Qt.KeyboardModifier.ControlModifier


class RowDelegate(QStyledItemDelegate):
    """Two lines, 44 high: name and description; marks and a note at the right."""

    _ink = ("text.primary", "text.secondary")
    _opacity = 1.0

    def __init__(self, view: QListView) -> None:
        super().__init__(view)
        self._new: set[str] = set()
        self.arriving = motion.Once(motion.INSERT_MS, self)
        self.arriving.moved.connect(view.viewport().update)
        self.icons = GivenIcons(self)
        """Those that the server's items carry with them."""
        self.icons.drawn.connect(view.viewport().update)
        self.with_icons = False
        """Whether an item has one: then every row keeps the room for it."""

    def greet(self, names: set[str]) -> None:
        """Rows that were not there before come up within 120 ms; they have their place at once."""
        self._new = names
        if names:
            self.arriving.start()

    def fade(self, kind: str) -> None:
        """Stale rows are grey and can be read; rows that are being read anew stand back."""
        self._ink = ("text.muted", "text.muted") if kind == "stale" else ("text.primary", "text.secondary")
        self._opacity = 0.6 if kind == "loading" else 1.0

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(100, theme().row(24 if isinstance(index.data(ROW), Heading) else 44))

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        one: ItemRow | Heading = index.data(ROW)
        painter.save()
        painter.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setOpacity(self._opacity)
        focused = bool(option.state & QStyle.StateFlag.State_HasFocus)
        if isinstance(one, Heading):
            self._heading(painter, option.rect, one, focused)
        else:
            if one.name in self._new:
                painter.setOpacity(self._opacity * self.arriving.at)
            paint_ground(painter, option)
            self._item(painter, option.rect, one)
        painter.restore()

    def _heading(self, painter: QPainter, rect: QRect, one: Heading, focused: bool) -> None:
        chevron = "chevron-down" if one.opened else "chevron-right"
        side = theme().px(12)
        pixmap = theme().pixmap(chevron, "text.secondary", side, painter.device().devicePixelRatioF())
        painter.drawPixmap(rect.left() + 14, rect.center().y() + 1 - side // 2, pixmap)
        painter.setFont(theme().font("small-strong"))
        painter.setPen(theme().color(self._ink[1]))
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(rect.adjusted(18 + side, 0, -60, 0), int(middle | Qt.AlignmentFlag.AlignLeft), one.text)
        painter.setFont(theme().font("small"))
        painter.drawText(rect.adjusted(0, 0, -13, 0), int(middle | Qt.AlignmentFlag.AlignRight), count(one.count))
        if focused:
            painter.setPen(QPen(theme().color("focus"), 2))
            painter.drawRoundedRect(QRectF(rect).adjusted(5, 1, -5, -1), 4, 4)

    def _item(self, painter: QPainter, rect: QRect, one: ItemRow) -> None:
        left = 14
        if one.icon or self.with_icons:
            side = theme().px(16)
            ratio = painter.device().devicePixelRatioF()
            given = self.icons.picture(one.raw, side, ratio)
            pixmap = given or theme().pixmap(one.icon or "tools", "text.secondary", side, ratio)
            painter.drawPixmap(rect.left() + 14, rect.center().y() - side // 2, pixmap)
            left = 22 + side
        top = rect.adjusted(left, (rect.height() - theme().px(34)) // 2, -13, 0)
        top.setHeight(theme().px(18))
        used = self._right_side(painter, top, one)
        self._name(painter, top.adjusted(0, 0, -used, 0), one)
        below = QRect(top.left(), top.bottom() + 1, rect.right() - 12 - top.left(), theme().px(16))
        painter.setFont(theme().font("small"))
        painter.setPen(theme().color(self._ink[1]))
        text = painter.fontMetrics().elidedText(one.text, Qt.TextElideMode.ElideRight, below.width())
        painter.drawText(below, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), text)

    def _right_side(self, painter: QPainter, box: QRect, one: ItemRow) -> int:
        painter.setFont(theme().font("small"))
        painter.setPen(theme().color(self._ink[1]))
        width = painter.fontMetrics().horizontalAdvance(one.note) if one.note else 0
        if one.note:
            right = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight)
            painter.drawText(box, right, one.note)
            width += 6
        for icon, token, _words in reversed(one.marks):
            side = theme().px(14)
            pixmap = theme().pixmap(icon, token, side, painter.device().devicePixelRatioF())
            painter.drawPixmap(box.right() - width + 1 - side, box.center().y() + 1 - side // 2, pixmap)
            width += side + 5
        return width + 4

    def _name(self, painter: QPainter, box: QRect, one: ItemRow) -> None:
        chips = []
        if one.change:
            chips.append((one.change, "bad" if one.change == "breaking" else "info"))
        if one.hidden:
            chips.append((counted(one.hidden, "hidden character"), "warn"))
        painter.setFont(theme().font("caption-strong"))
        room = box.width() - sum(painter.fontMetrics().horizontalAdvance(text) + 16 for text, _ in chips)
        painter.setFont(theme().font("mono"))
        painter.setPen(theme().color(self._ink[0]))
        name = painter.fontMetrics().elidedText(one.shown, Qt.TextElideMode.ElideMiddle, max(40, room))
        painter.drawText(box, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), name)
        x = box.left() + painter.fontMetrics().horizontalAdvance(name) + 8
        painter.setFont(theme().font("caption-strong"))
        for text, kind in chips:
            width = painter.fontMetrics().horizontalAdvance(text) + 10
            chip = QRectF(x, box.top() + 1, width, box.height() - 3)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme().color(f"{kind}.bg"))
            painter.drawRoundedRect(chip, 4, 4)
            painter.setPen(theme().color(f"{kind}.text"))
            painter.drawText(chip, Qt.AlignmentFlag.AlignCenter, text)
            x += width + 6
