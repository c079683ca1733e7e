"""The regions of a window: which of them are in sight, and moving the focus from one to the next."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from wireglass_app import motion
from wireglass_app.placing import focus_into

if TYPE_CHECKING:
    from wireglass_app.mainwindow import MainWindow

__all__ = ["Regions"]


class Regions:
    """Works for its window: shows and hides navigation, drawer, second view and help."""

    def __init__(self, window: "MainWindow") -> None:
        self._window = window
        self.nav_wanted = True
        """Whether the user wants the navigation in sight."""

    def toggle_nav(self) -> None:
        """The navigation at the side."""
        self.nav_wanted = not self.nav_wanted
        self._window.navigation.setVisible(self.nav_wanted)

    def toggle_drawer(self) -> None:
        """The drawer below; a focus inside it goes back to the view."""
        window = self._window
        if window.drawer.isHidden():
            window.drawer.show()
            return
        focus = QApplication.focusWidget()
        inside = focus is not None and window.drawer.isAncestorOf(focus)
        window.drawer.hide()
        if inside:
            window.host.take_focus()

    def toggle_split(self) -> None:
        """A second view beside the first, or only the active one."""
        window = self._window
        if window.center.is_split:
            window.center.unsplit(next(pane for pane in window.center.panes if pane.host is window.host))
            return
        before = window.host.place
        host = window.center.split()
        if not host.place[0]:
            beside = "frames" if before[0] != "frames" else "tools" if window.server is not None else "inbox"
            window.go(beside)
        else:
            window.pane_activated()
        host.take_focus()

    def other_pane(self) -> None:
        """Moves to the view beside."""
        host = self._window.center.other()
        if host is not None:
            host.take_focus()

    def step_region(self, step: int) -> None:
        """Moves the focus to the next region in sight (1), or the one before (-1), where something takes it."""
        window = self._window
        panels = [one for host in window.center.hosts for one in host.panel.regions()]
        drawer = list(window.drawer.lists.values())
        regions = [
            window.header.field,
            window.navigation.list,
            *panels,
            *drawer,
            window.help.words,
            window.strip.lane,
        ]
        regions = [one for one in regions if one.isVisible()]
        focus = QApplication.focusWidget()
        here = next((i for i, one in enumerate(regions) if focus is one or (focus and one.isAncestorOf(focus))), -1)
        for away in range(1, len(regions)):
            if focus_into(regions[(here + step * away) % len(regions)], Qt.FocusReason.TabFocusReason):
                return

    def toggle_help(self) -> None:
        """Help on the view in sight."""
        window = self._window
        if window.help.isVisible():
            window.help.hide()
            return
        window.announce(window.help.show_view(*self._view_for_help()))
        window.help.show()
        window.help.raise_()
        motion.fade_in(window.help)

    def refresh_help(self) -> None:
        """Another view came into sight."""
        if self._window.help.isVisible():
            self._window.help.show_view(*self._view_for_help())

    def _view_for_help(self) -> tuple[str, str]:
        key = next(
            (key for key in self._window.host.specs if self._window.host.is_built(key, self._window.host.panel)),
            "welcome",
        )
        return key, self._window.host.specs[key].title
