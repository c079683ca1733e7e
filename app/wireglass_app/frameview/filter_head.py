"""The head of a view with a filter (Protocol, Network): its title, the filter, the brushed stretch, the kept filters,
and the bar in which a filter gets its name."""

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from wireglass_app.controls import Label, column, surface
from wireglass_app.frameview.brushed import BrushChip
from wireglass_app.frameview.filter_field import FilterField
from wireglass_app.frameview.saved_filters import NameBar, SavedFilters
from wireglass_app.headline import HeadLine
from wireglass_app.theme import theme

__all__ = ["FilterHead"]


_LEAST = 380
"""Where the filter would be narrower (pixels of the design), it has a row of its own."""


class FilterHead(QWidget):
    """The filter takes the room that is left."""

    def __init__(
        self,
        title: str,
        field: FilterField,
        brushed: BrushChip,
        saved: SavedFilters,
        *more: QWidget,
        applied: Callable[[], str],
        say: Callable[[str], None],
    ) -> None:
        """`applied()` is the last good filter; `say` announces; `more` stands at the right end."""
        super().__init__()
        self._field, self._saved = field, saved
        self._applied, self._say = applied, say
        self.name_bar = NameBar()
        line = HeadLine(Label(title, type="title"), (field, brushed), (saved, *more), grows=field, least=_LEAST)
        line.wrapped.connect(lambda lines: self._wrapped(line, lines))
        self._broke_at = 0
        theme().changed.connect(self._rescaled)
        self.setLayout(column(surface(line, "panel", edge="bottom"), self.name_bar, gap=0))
        saved.wanted.connect(self._use)
        saved.keep.connect(self.keep)
        self.name_bar.named.connect(self._named)

    def _wrapped(self, line: HeadLine, lines: int) -> None:
        """Shorter words where one line is too narrow. They may fit into one again: then they stay, for with the longer
        ones it would break again, and so on for ever."""
        if lines > 1:
            self._broke_at = line.width()
            self._saved.setText("Filters")
        elif line.width() > self._broke_at:
            self._saved.setText("Saved filters")

    def _rescaled(self) -> None:
        self._broke_at = 0

    def keep(self) -> None:
        """Ctrl+Shift+L: keeps the filter under a name."""
        text = self._applied().strip()
        if text:
            self.name_bar.ask(text)
        else:
            self._say("There is no filter to keep: type one first.")

    def focus_filter(self) -> None:
        """Ctrl+L."""
        self._field.line.setFocus()
        self._field.line.selectAll()

    def _use(self, text: str) -> None:
        self._field.set_text(text)
        self._field.line.setFocus()

    def _named(self, name: str) -> None:
        self._saved.keep_as(name, self._applied().strip())
        self._say(f"The filter is kept as “{name}”.")
        self._field.line.setFocus()
