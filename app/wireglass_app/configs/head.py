"""The line above the table: what was found, whose files, and what can be done with them as a whole."""

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QMenu, QWidget

from wireglass_app.configs.words import menu_button
from wireglass_app.controls import Button, Elided, Label, Segments, row, surface
from wireglass_app.plain import tip, visible
from wireglass_app.theme import theme

__all__ = ["Head"]

_NARROW = 1000
"""Below this the buttons say less; their names for people who hear them stay."""


class Head(QWidget):
    """`scope_chosen("user" | "project")`, `undo_wanted`, `new_wanted`; the menus are filled when they open."""

    scope_chosen = Signal(str)
    undo_wanted = Signal()
    new_wanted = Signal()

    def __init__(self, fill_import: Callable[[QMenu], None], fill_install: Callable[[QMenu], None]) -> None:
        super().__init__()
        self._name: str | None = None
        surface(self, "panel", "bottom")
        title = Label("Client configs", type="title")
        self.summary = Elided("", "secondary")
        self.scope = Segments((("user", "For you"), ("project", "This project")), "Whose files")
        self.scope.chosen.connect(self.scope_chosen.emit)
        self.undo_button = Button(
            "Undo last write", "ghost", icon="undo", clicked=self.undo_wanted.emit, name="Undo last write"
        )
        self.import_button = menu_button("Import", fill_import)
        self.new_button = Button("New server", icon="plus", clicked=self.new_wanted.emit, name="New server")
        self.install_button = menu_button("Install", fill_install, kind="primary", icon="download")
        buttons = (self.undo_button, self.import_button, self.new_button, self.install_button)
        line = row(title, self.summary, self.scope, *buttons, gap=10, margins=(14, 8, 14, 8))
        line.setStretch(1, 1)
        self.setLayout(line)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        narrow = event.size().width() < theme().px(_NARROW)
        self.undo_button.setText("Undo" if narrow else "Undo last write")
        self.new_button.setText("New" if narrow else "New server")
        self._show_install(narrow=narrow)

    def _show_install(self, *, narrow: bool) -> None:
        self.install_button.setText("Install" if narrow or not self._name else f"Install {visible(self._name, 24)}")

    def show_current(self, name: str | None, project: str | None) -> None:
        """The server that is open, and the folder whose project files can be edited."""
        self.install_button.setVisible(name is not None)
        self._name = name
        self._show_install(narrow=self.width() < theme().px(_NARROW))
        self.scope.setVisible(project is not None)
        self.scope.setToolTip(tip(f"Files in {project}") if project else "")
