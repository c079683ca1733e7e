"""What a view remembers: splitters, columns and sort, filters, closed groups, under its key."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QByteArray, QEvent, QObject, Qt, QTimer
from PySide6.QtWidgets import QHeaderView, QSplitter, QTableView, QWidget

from wireglass_app.settings import Settings

__all__ = ["remember_layout"]

_WAIT_MS = 300


def remember_layout(view: QWidget, name: str, settings: Settings) -> None:
    """Puts the splitters and columns of a view where they were, and notes when the user moves them.

    They are known by their place in the view, so a view that is built otherwise in a later version starts afresh.
    """
    for at, splitter in enumerate(view.findChildren(QSplitter)):
        _Splits(splitter, f"layout.{name}.split{at}", settings)
    for at, table in enumerate(view.findChildren(QTableView)):
        _Columns(table, f"layout.{name}.columns{at}", settings)
    inside: list[Any] = [one for one in view.findChildren(QWidget) if getattr(one, "remember_as", "")]
    for at, widget in enumerate(inside):
        _State(widget, f"{widget.remember_as}.{name}.{at}", settings)


class _State(QObject):
    """A widget that says under what it is remembered: `remember_as`, with `kept()`, `restore(…)` and
    `kept_changed`. What is empty is not kept."""

    def __init__(self, widget: Any, name: str, settings: Settings) -> None:
        super().__init__(widget)
        self._widget, self._name, self._settings = widget, name, settings
        if kept := settings.get(name):
            widget.restore(kept)
        self._timer = QTimer(self, singleShot=True, interval=_WAIT_MS)
        self._timer.timeout.connect(self._keep)
        widget.kept_changed.connect(self._changed)

    def _changed(self, *_facts: object) -> None:
        self._timer.start()

    def _keep(self) -> None:
        state = self._widget.kept()
        if state:
            self._settings.set(self._name, state)
        else:
            self._settings.forget(self._name)


class _Splits(QObject):
    """A narrow window may turn a splitter round, so each direction has sizes of its own."""

    def __init__(self, splitter: QSplitter, name: str, settings: Settings) -> None:
        super().__init__(splitter)
        self._splitter, self._name, self._settings = splitter, name, settings
        self._orientation: Qt.Orientation | None = None
        splitter.splitterMoved.connect(lambda *_: settings.set(self._key(), splitter.sizes()))
        splitter.installEventFilter(self)
        self._restore()

    def _key(self) -> str:
        across = self._splitter.orientation() == Qt.Orientation.Horizontal
        return f"{self._name}.{'across' if across else 'down'}"

    def _restore(self) -> None:
        self._orientation = self._splitter.orientation()
        sizes = self._settings.get(self._key(), [])
        if len(sizes) == self._splitter.count() and all(type(one) is int and one >= 0 for one in sizes) and any(sizes):
            self._splitter.setSizes(sizes)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest and self._splitter.orientation() != self._orientation:
            self._restore()
        return False


class _Columns(QObject):
    """Widths the user gave; stretched columns take what is left, so only the others are kept."""

    def __init__(self, table: QTableView, name: str, settings: Settings) -> None:
        super().__init__(table)
        header = table.horizontalHeader()
        self._header, self._name, self._settings = header, name, settings
        self._timer = QTimer(self, singleShot=True, interval=_WAIT_MS)
        self._timer.timeout.connect(self._keep)
        saved = settings.get(name, "")
        if saved and header.count():
            modes = [header.sectionResizeMode(at) for at in range(header.count())]
            header.restoreState(QByteArray.fromBase64(saved.encode()))
            for at, mode in enumerate(modes):  # what may be resized is the view's to say, not the file's
                header.setSectionResizeMode(at, mode)
        self._watch(header, self._timer.start)

    def _watch(self, header: QHeaderView, changed: Callable[[], None]) -> None:
        header.sectionResized.connect(lambda *_: changed() if header.isVisible() else None)
        header.sortIndicatorChanged.connect(lambda *_: changed())

    def _keep(self) -> None:
        self._settings.set(self._name, bytes(self._header.saveState().toBase64().data()).decode())
