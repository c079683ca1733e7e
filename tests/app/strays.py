"""Widgets that were shown before they had a parent: for a moment each is a window, and takes the focus and all keys."""

from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QApplication, QMainWindow, QWidget

__all__ = ["no_strays"]


class _Strays(QObject):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        shown = event.type() == QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow()
        if shown and watched.windowType() == Qt.WindowType.Window and not isinstance(watched, QMainWindow):
            self.found.append(f"{type(watched).__name__} {watched.accessibleName()}".strip())
        return False


@contextmanager
def no_strays() -> Iterator[None]:
    """Fails when something other than a main window, a dialog or a popup was a window while this lasted."""
    strays, application = _Strays(), QApplication.instance()
    assert application is not None
    application.installEventFilter(strays)
    try:
        yield
    finally:
        application.removeEventFilter(strays)
    assert not strays.found, "shown before they had a parent"
