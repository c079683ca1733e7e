"""What a window remembers across restarts: where it is, its navigation, drawer, split, and the views it showed."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QByteArray
from PySide6.QtWidgets import QMainWindow

from wireglass_app.settings import Settings
from wireglass_app.shell.center import Center
from wireglass_app.shell.drawer import Drawer

__all__ = ["WindowMemory"]


class WindowMemory:
    """Reads and writes `window.*`; of the second window of a session `window2.*`, and so on."""

    def __init__(
        self,
        window: QMainWindow,
        center: Center,
        drawer: Drawer,
        settings: Settings,
        number: int,
        put_back: Callable[[str], None],
    ) -> None:
        """`put_back(view)` shows a view in the active pane, or what can be shown in its place."""
        self._window, self._center, self._drawer = window, center, drawer
        self._settings, self._put_back = settings, put_back
        self._prefix = "window" if number == 1 else f"window{number}"

    def restore(self) -> bool:
        """Puts all back; returns whether the navigation is wanted."""
        saved = self._get("geometry", "")
        if saved:
            self._window.restoreGeometry(QByteArray.fromBase64(saved.encode()))
        self._drawer.setVisible(self._get("drawer", False))
        known = self._center.host.specs
        views = [view for view in self._get("views", []) if view in known]
        self._put_back(views[0] if views else "welcome")
        if self._get("split", False):
            self._restore_split(views[1] if len(views) > 1 else "frames")
        return self._get("nav", True)

    def _restore_split(self, view: str) -> None:
        self._center.split()
        self._put_back(view)
        self._center.other()
        sizes = self._get("split.sizes", [])
        if len(sizes) == self._center.count() and all(type(one) is int for one in sizes) and any(sizes):
            self._center.setSizes(sizes)

    def keep(self, *, nav: bool) -> None:
        """Notes everything as it is now."""
        self.keep_geometry()
        self._set("nav", nav)
        self._set("drawer", not self._drawer.isHidden())
        self._set("split", self._center.is_split)
        self._set("views", [pane.host.place[0] for pane in self._center.panes])
        if self._center.is_split:
            self._set("split.sizes", self._center.sizes())

    def keep_geometry(self) -> None:
        """Notes where the window is; a maximised one also where it was before."""
        self._set("geometry", bytes(self._window.saveGeometry().toBase64().data()).decode())

    def _get(self, name: str, default: Any) -> Any:
        return self._settings.get(f"{self._prefix}.{name}", default)

    def _set(self, name: str, value: object) -> None:
        self._settings.set(f"{self._prefix}.{name}", value)
