"""The list at the left of Tools, Resources and Prompts: filter field, pills, groups, two-line rows."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from PySide6.QtCore import QModelIndex, Qt, QTimer, Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from wireglass_app.catalogue_rows import RowsView
from wireglass_app.controls import Button, Empty, Label, SearchField, Segments, column, row, surface
from wireglass_app.given_icon import carried_icon
from wireglass_app.list_state import ListState
from wireglass_app.models.catalogue import Heading, ItemRow, filtered
from wireglass_app.models.rows import ROW, RowsModel
from wireglass_app.plain import count, visible
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
        self.retry = Button("Try again", "link", name=f"Read the {what} once more", clicked=self._read_again)
        self._stale = QWidget()
        self._stale.setLayout(column(self.problem, row(self.retry, None), gap=0, margins=(12, 0, 12, 0)))
        self._stale.hide()
        self.model: RowsModel[ItemRow | Heading] = RowsModel(
            lambda one: f"{one.text}, group, {one.count}" if isinstance(one, Heading) else one.spoken, parent=self
        )
        self.view = RowsView(what)
        self.view.setModel(self.model)
        self.view.selectionModel().currentChanged.connect(self._moved)
        self.view.picked.connect(self._picked)
        self.field.left.connect(self.view.setFocus)
        self._adding = adding
        self._session: ServerSession | None = None
        self._make_pages(what, empty_icon, empty_title)
        self.state.changed.connect(self._show)
        self._lay_out()
        self.pills.setVisible(pills)  # only now: before, it would have shown as a window of its own

    def _make_pages(self, what: str, empty_icon: str, empty_title: str) -> None:
        """The rows, and what stands in their place when there are none."""
        self.nothing = Empty(empty_icon, empty_title, _NONE)
        self.none_fits = Label("Nothing fits the filter. Esc clears it.", "muted", "small", wrap=True)
        self.none_fits.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
        self.none_fits.setContentsMargins(12, 24, 12, 0)
        self._stack = QStackedWidget()
        self.skeleton = Skeleton()
        self._loading = QWidget()
        self._loading.setLayout(column(self.skeleton, None, margins=(14, 10, 14, 0)))
        again = Button("Try again", icon="reload", name=f"Read the {what} again", clicked=self._read_again)
        self.failed = Empty("warning", f"The {what} could not be read", "", [again])
        for label in (self.nothing.title, self.nothing.text, self.failed.title, self.failed.text):
            label.setMinimumWidth(theme().px(170))  # the list must not be wider for what it says when it is empty
        for page in (self.view, self.nothing, self.none_fits, self._loading, self.failed):
            self._stack.addWidget(page)

    def _lay_out(self) -> None:
        top = row(self.field, margins=(10, 9, 10, 0))
        pills_row = row(self.pills, None, margins=(10, 0, 10, 2))
        above = column(self._stale, self.state.bar, gap=3)
        lines = column(top, pills_row, above, column(self._stack, self.state, gap=0), gap=6)
        lines.setStretch(3, 1)
        self.setLayout(lines)

    @property
    def current(self) -> ItemRow | None:
        """The item that is selected."""
        return next((one for one in self._rows if one.name == self._current), None)

    def why_none(self) -> tuple[str, str] | None:
        """A title and a sentence for the pane beside it while there is nothing to choose; None when there is."""
        title = f"No {self._what} to choose from"
        if self._stack.currentWidget() is self.nothing:
            return title, "When it announces some, one is shown here."
        if self._stack.currentWidget() is self.failed:
            return title, "The list could not be read. It says why, and can be read again."
        return None

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
        self._stale.setVisible(bool(problem and rows))
        self.state.set_old(bool(problem and rows))
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
    rows = [one for one in rows if one.change != "gone"]  # as the navigation counts
    choices = [("", f"All {count(len(rows))}")]
    for flag, text in (("read-only", "Read-only"), ("destructive", "Destructive")):
        number = sum(1 for one in rows if flag in one.flags)
        if number:
            choices.append((flag, f"{text} {number}"))
    return choices
