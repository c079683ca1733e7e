"""The way on from a view that is empty because no server is open: the button that Welcome begins with."""

from wireglass_app.controls import Button
from wireglass_app.panels.base import Desk

__all__ = ["OpenFile"]


class OpenFile(Button):
    """In sight while no server is open: with one, the view fills by what is done in it."""

    def __init__(self, desk: Desk) -> None:
        super().__init__("Open file…", icon="folder", key="Ctrl+O", clicked=lambda: desk.act("open"))
        self._workbench = desk.workbench
        self._workbench.added.connect(self._show)
        self._workbench.removed.connect(self._show)
        if desk.workbench.sessions:
            self.hide()  # nothing is ever shown here: without a parent that would be a window

    def _show(self) -> None:
        self.setVisible(not self._workbench.sessions)
