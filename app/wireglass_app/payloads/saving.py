"""Saving and opening what a server sent, by the user's act only."""

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath

from PySide6.QtCore import QObject, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QWidget

from wireglass_app.background import Job
from wireglass_app.controls import Button
from wireglass_app.plain import tip

__all__ = ["SaveButton", "Saver", "open_with_system", "safe_name"]


def safe_name(name: str, otherwise: str = "data.bin") -> str:
    """The last part of a server's name without anything that a file system reads as more than a name."""
    last = PurePosixPath(name.replace("\\", "/")).name
    kept = "".join(sign if sign.isalnum() or sign in "-_. " else "_" for sign in last).strip(". ")
    return kept[:120] or otherwise


def _dialog(window: QWidget, name: str) -> QFileDialog:
    """The system's; a name that is typed without an ending gets that of `name`, before the system asks about
    another file of that name."""
    dialog = QFileDialog(window, "Save as", name)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setFileMode(QFileDialog.FileMode.AnyFile)
    dialog.setDefaultSuffix(PurePosixPath(name).suffix)
    dialog.selectFile(name)
    return dialog


class Saver(QObject):
    """Asks where to save, then writes in the background; `said` tells what came of it. Lives until then."""

    said = Signal(str)

    def __init__(self, parent: QWidget, data: bytes | Callable[[], bytes], name: str) -> None:
        super().__init__(parent)
        self._window = parent.window()
        self._data = data
        self._name = safe_name(name)
        self._job: Job | None = None

    def ask(self) -> None:
        """Opens the system's dialog."""
        dialog = _dialog(self._window, self._name)
        dialog.fileSelected.connect(self.save_to)
        dialog.rejected.connect(self.deleteLater)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def save_to(self, path: str) -> None:
        """Writes to `path`; an earlier file there was agreed to in the dialog."""

        def writing() -> Iterator[None]:
            Path(path).write_bytes(self._data() if callable(self._data) else self._data)
            yield None

        self._job = Job(writing(), self, lambda _done: None, lambda: self._end(f"Saved as {path}"), self._failed)

    def _failed(self, error: Exception) -> None:
        why = error.strerror if isinstance(error, OSError) else error
        self._end(f"Not saved: {why}. Choose another place.")

    def _end(self, text: str) -> None:
        self.said.emit(text)
        self.deleteLater()


class SaveButton(Button):
    """Asks where, then writes in the background. Tells on itself what came of it."""

    def __init__(self, data: bytes | Callable[[], bytes], name: str) -> None:
        super().__init__("Save\u2026", "link", name=f"Save {safe_name(name)}", clicked=self._ask)
        self._data = data
        self._name = safe_name(name)
        self._job: Job | None = None

    def _ask(self) -> None:
        dialog = _dialog(self.window(), self._name)
        dialog.fileSelected.connect(self.save_to)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def save_to(self, path: str) -> None:
        """Writes to `path`; an earlier file there was agreed to in the dialog."""
        self._job = Job(self._writing(path), self, lambda _done: None, self._saved, self._not_saved)

    def _writing(self, path: str) -> Iterator[None]:
        data = self._data() if callable(self._data) else self._data
        Path(path).write_bytes(data)
        yield None

    def _saved(self) -> None:
        self.setText("Saved")

    def _not_saved(self, error: Exception) -> None:
        self.setText("Not saved")
        self.setToolTip(tip(f"{error.strerror if isinstance(error, OSError) else error}. Choose another place."))


def open_with_system(data: bytes, suffix: str) -> None:
    """Hands a copy of `data` to the system's program for `suffix`, which the caller has checked to be harmless."""
    with tempfile.NamedTemporaryFile(prefix="wireglass-", suffix=suffix, delete=False) as copy:
        copy.write(data)
    QDesktopServices.openUrl(QUrl.fromLocalFile(copy.name))
