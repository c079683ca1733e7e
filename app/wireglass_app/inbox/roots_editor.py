"""The folders that a server is told when it asks for roots: added, dropped, ordered, removed. Names only; nothing in
them is read."""

from pathlib import Path

from PySide6.QtCore import QMimeData, Qt, QUrl, Signal
from PySide6.QtGui import (
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QAbstractItemView, QCheckBox, QFileDialog, QLineEdit, QListWidget, QWidget

from wireglass_app.calls import Roots
from wireglass_app.controls import Button, Label, column, row, tool_button
from wireglass_app.inbox.roots import root_of
from wireglass_app.plain import visible
from wireglass_app.theme import theme

__all__ = ["RootsEditor"]

_ROW = 26
_MOST_ROWS = 6


class RootsEditor(QWidget):
    """`changed` carries the new Roots with each edit."""

    changed = Signal(object)

    def __init__(self, roots: Roots, *, note: str = "") -> None:
        """`note` says what an edit means for this server."""
        super().__init__()
        self.list = _Folders()
        self.list.setAccessibleName("Folders, in order")
        self.list.removed.connect(self.remove)
        self.list.dropped.connect(self._add_dropped)
        self.list.model().rowsMoved.connect(self._tell)
        self.field = QLineEdit()
        self.field.setAccessibleName("Folder to add")
        self.field.setPlaceholderText("/home/you/project, or file:// and a path")
        self.field.setProperty("type", "mono")
        self.field.returnPressed.connect(self.add)
        self.ask = QCheckBox("Ask me each time, in the Inbox")
        self.ask.setChecked(roots.ask)
        self.ask.toggled.connect(self._tell)
        self.fault = Label("", "bad", "caption", wrap=True)
        self.fault.hide()
        self._up = tool_button("chevron-up", "Move the folder up", clicked=lambda: self._move(-1))
        self._down = tool_button("chevron-down", "Move the folder down", clicked=lambda: self._move(1))
        self._drop = tool_button("bin", "Remove the folder", key="Del", once=True, clicked=self.remove)
        side = column(self._up, self._down, self._drop, None, gap=4)
        folders = row(self.list)
        folders.addLayout(side)
        folders.setStretch(0, 1)
        pick = Button("Choose…", name="Choose a folder to add", clicked=self._pick)
        adding = row(self.field, Button("Add folder", icon="plus", clicked=self.add), pick)
        adding.setStretch(0, 1)
        words = Label(note, "muted", "small", wrap=True)
        if not note:
            words.hide()
        self.setLayout(column(folders, adding, self.fault, self.ask, words, gap=6))
        self._fill(roots.folders)
        self.list.currentRowChanged.connect(self._show_buttons)

    def roots(self) -> Roots:
        """As edited."""
        uris = [self.list.item(at).data(Qt.ItemDataRole.UserRole) for at in range(self.list.count())]
        return Roots(tuple(uris), self.ask.isChecked())

    def _fill(self, folders: tuple[str, ...]) -> None:
        for uri in folders:
            self._append(uri)
        self._fit()

    def _append(self, uri: str) -> None:
        shown = QUrl(uri).toLocalFile() or uri
        self.list.addItem(visible(shown, 400))
        item = self.list.item(self.list.count() - 1)
        item.setData(Qt.ItemDataRole.UserRole, uri)

    def add(self) -> None:
        """Adds what is typed, when it is a path from the root of the disk or a file:// URI."""
        text = self.field.text().strip()
        root = root_of(text) if text else None
        if root is None:
            self._complain(f"“{visible(text, 80)}” is no absolute path." if text else "Type a folder first.")
            return
        self._add_uri(root["uri"])

    def _add_uri(self, uri: str) -> None:
        if uri in self.roots().folders:
            self._complain("This folder is in the list already.")
            return
        self.fault.hide()
        self._append(uri)
        self.list.setCurrentRow(self.list.count() - 1)
        self.field.clear()
        self._fit()
        self._tell()

    def _pick(self) -> None:
        dialog = QFileDialog(self.window(), "Add folder", str(Path.home()))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self._add_folder)
        dialog.open()

    def _add_folder(self, path: str) -> None:
        self._add_uri(Path(path).as_uri())

    def _add_dropped(self, paths: list[str]) -> None:
        """Folders from a file manager. What is none is named, and the folders beside it are taken all the same."""
        files = [path for path in paths if not Path(path).is_dir()]
        for path in paths:
            if path not in files:
                self._add_folder(path)
        if files:
            self._complain(f"{visible(Path(files[0]).name, 80)} is no folder: only folders can be roots.")

    def remove(self) -> None:
        """Removes the chosen folder from the list, not from the disk."""
        at = self.list.currentRow()
        if at >= 0:
            self.list.takeItem(at)
            self._fit()
            self._tell()

    def _move(self, step: int) -> None:
        at = self.list.currentRow()
        to = at + step
        if at >= 0 and 0 <= to < self.list.count():
            self.list.insertItem(to, self.list.takeItem(at))
            self.list.setCurrentRow(to)
            self._tell()

    def _complain(self, words: str) -> None:
        self.fault.setText(words)
        self.fault.show()

    def _fit(self) -> None:
        rows = min(max(self.list.count(), 2), _MOST_ROWS)
        self.list.setFixedHeight(theme().px(_ROW) * rows + 6)
        self._show_buttons()

    def _show_buttons(self) -> None:
        at, last = self.list.currentRow(), self.list.count() - 1
        self._up.setEnabled(at > 0)
        self._down.setEnabled(0 <= at < last)
        self._drop.setEnabled(at >= 0)

    def _tell(self, *_facts: object) -> None:
        self._show_buttons()
        self.changed.emit(self.roots())


class _Folders(QListWidget):
    """Del removes; rows can be dragged; folders of a file manager can be dropped on it."""

    removed = Signal()
    dropped = Signal(list)
    """Paths, as they were dropped."""

    def __init__(self) -> None:
        super().__init__()
        self.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.setProperty("type", "mono")
        self._hot = False

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if _paths(event.mimeData()):
            self._set_hot(True)
            _take_copy(event)
        else:
            super().dragEnterEvent(event)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        if _paths(event.mimeData()):
            _take_copy(event)
        else:
            super().dragMoveEvent(event)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._set_hot(False)
        super().dragLeaveEvent(event)

    def dropEvent(self, event: QDropEvent) -> None:
        self._set_hot(False)
        if paths := _paths(event.mimeData()):
            _take_copy(event)
            self.dropped.emit(paths)
        else:
            super().dropEvent(event)

    def _set_hot(self, hot: bool) -> None:
        self._hot = hot
        self.viewport().update()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self.viewport())
        if self._hot:
            painter.setPen(QPen(theme().color("focus"), 2))
            painter.drawRect(self.viewport().rect().adjusted(1, 1, -1, -1))
        if not self.count():
            painter.setPen(theme().color("text.muted"))
            painter.setFont(theme().font("small"))
            box = self.viewport().rect().adjusted(8, 6, -8, -6)
            top = Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextWordWrap
            painter.drawText(box, int(top), "No folder: a server that asks gets an empty list. Drop folders here.")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.removed.emit()
        else:
            super().keyPressEvent(event)


def _paths(data: QMimeData) -> list[str]:
    """What a file manager drags; rows of the list itself have none."""
    return [url.toLocalFile() for url in data.urls() if url.isLocalFile()]


def _take_copy(event: QDropEvent) -> None:
    """Never a move, which some file managers offer first and end by removing what was dragged."""
    event.setDropAction(Qt.DropAction.CopyAction)
    event.accept()
