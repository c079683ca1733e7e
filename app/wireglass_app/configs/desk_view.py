"""How the Client configs view is laid out; it knows no draft and decides nothing."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu, QSplitter, QWidget

from wireglass_app.configs.desktop_strip import DesktopStrip
from wireglass_app.configs.difference import DifferencePane
from wireglass_app.configs.entry_form import EntryForm
from wireglass_app.configs.footer import Footer
from wireglass_app.configs.grid import Grid
from wireglass_app.configs.head import Head
from wireglass_app.configs.warnings_bar import WarningsBar
from wireglass_app.configs.words import action_word
from wireglass_app.controls import Empty, column

__all__ = ["DeskView"]

Fill = Callable[[QMenu], None]


class DeskView(QWidget):
    """Head, warnings, table, entry, difference and footer in their places."""

    def __init__(self, grid: Grid, desktop: DesktopStrip, fill_import: Fill, fill_install: Fill) -> None:
        super().__init__()
        self.grid = grid
        self.form = EntryForm()
        self.difference = DifferencePane()
        self.head = Head(fill_import, fill_install)
        self.warnings = WarningsBar(action_word)
        self.footer = Footer()
        self.nothing = Empty(
            "sliders",
            "No app that uses MCP servers was found",
            "Wireglass looks for Claude Desktop, Claude Code, Cursor, VS Code, Codex and some forty more, in the "
            "places where their makers put their files. Install one, start it once, and it appears here.",
        )
        self.split = self._split()
        parts = (self.head, self.warnings, desktop, self.split, self.nothing, self.footer)
        self.setLayout(column(*parts, gap=0))

    def regions(self) -> list[QWidget]:
        """Where F6 goes, in reading order."""
        return [self.grid, self.form.command, self.difference.unified, self.footer.write_button]

    def show_apps(self, count: int) -> None:
        """The table, or what would fill it."""
        self.split.setVisible(count > 0)
        self.nothing.setVisible(count == 0)

    def _split(self) -> QSplitter:
        lower = QSplitter(Qt.Orientation.Horizontal)
        lower.addWidget(self.form)
        lower.addWidget(self.difference)
        lower.setSizes([460, 720])
        lower.setStretchFactor(1, 1)
        lower.setHandleWidth(1)
        split = QSplitter(Qt.Orientation.Vertical)
        split.addWidget(self.grid)
        split.addWidget(lower)
        split.setSizes([276, 380])
        split.setStretchFactor(1, 1)
        split.setChildrenCollapsible(False)
        split.setHandleWidth(1)
        return split
