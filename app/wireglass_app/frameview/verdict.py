"""What is wrong with a frame, one violation at a time: what it means, where, by which rule, how often, what to do."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QFrame, QGridLayout, QWidget

from wireglass.protocol.conformance import Violation
from wireglass.recording.entries import Entry
from wireglass_app.controls import Button, IconLabel, Label, column, row, surface
from wireglass_app.forms.flow import FlowLayout
from wireglass_app.frameview.source import rule_page
from wireglass_app.layouts import scrolling
from wireglass_app.models.frame_words import message_text
from wireglass_app.payloads.code import CodeView, Mark
from wireglass_app.plain import duration, tip, visible
from wireglass_app.theme import set_icon, theme

__all__ = ["VerdictPane"]

_ROWS = ("At", "Rule", "Schema", "Seen", "Took")
_AROUND = 2
"""Lines of the server's code shown on either side of the one that is meant."""


class VerdictPane(QWidget):
    """`mask` takes secrets out of what is copied."""

    next_wanted = Signal()
    shown = Signal(object)
    """The violation that is explained now."""

    def __init__(self, mask: Callable[[str], str] = str) -> None:
        super().__init__()
        self._mask = mask
        self._entry: Entry | None = None
        self._at = 0
        self._icon = IconLabel("check-circle", "ok.text")
        self.title = Label("", type="strong", wrap=True)
        self.meaning = Label("", "secondary", wrap=True)
        self.step = Label("", wrap=True)
        self._cells: dict[str, tuple[Label, Label]] = {}
        self.source_title = Label("", type="small-strong")
        self.source = CodeView(name="The server's code", numbers=False)
        self._code_box = surface(QFrame(), "card")
        self._place: tuple[Path, int] | None = None
        self.code = Button("", "primary", icon="external", clicked=self._open_code)
        self._copy = Button("Copy report", clicked=self._copy_report)
        self._next = Button("Next violation", "ghost", key="F8", clicked=self.next_wanted.emit)
        self.page = Button("Rule in the specification", "link", icon="external", clicked=self._open_page)
        self._more = Button("", "link", clicked=self._other)
        self._lay_out()
        self.show_entry(None)

    def _lay_out(self) -> None:
        head = row(self._icon, self.title)
        head.setStretch(1, 1)
        self._code_box.setLayout(column(self.source, margins=(1, 1, 1, 1)))
        self.source.setFixedHeight(theme().px(106))
        buttons = FlowLayout(8)
        for one in (self.code, self._copy, self._next):
            buttons.addWidget(one)
        lines = column(
            head,
            self.meaning,
            self._grid(),
            self.step,
            self.source_title,
            self._code_box,
            buttons,
            row(self.page, None),
            row(self._more, None),
            None,
        )
        lines.setContentsMargins(16, 14, 16, 14)
        words = surface(QWidget(), "sunken")
        words.setLayout(lines)
        area = scrolling(words)  # a low window must not squeeze the words
        self.setLayout(column(area, gap=0))
        surface(self, "sunken", edge="left")
        self.setMinimumWidth(theme().px(240))

    def _grid(self) -> QWidget:
        holder = QWidget()
        grid = QGridLayout(holder)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(12)
        grid.setColumnStretch(1, 1)
        for at, name in enumerate(_ROWS):
            cells = Label(name, "muted", "small"), Label("", type="mono", wrap=True).selectable()
            for across, cell in enumerate(cells):
                grid.addWidget(cell, at, across, Qt.AlignmentFlag.AlignTop)
            self._cells[name] = cells
        return holder

    @property
    def current(self) -> Violation | None:
        """The violation that is explained."""
        found = self._entry.violations if self._entry is not None else ()
        return found[self._at] if self._at < len(found) else None

    def cell(self, name: str) -> str:
        """What stands beside "At", "Rule", "Schema", "Seen" or "Took"."""
        return self._cells[name][1].text()

    def show_entry(self, entry: Entry | None) -> None:
        """Explains a frame's first violation."""
        self._entry, self._at = entry, 0
        self.show_code(None)
        self.show_seen("")
        self._show()

    def show_seen(self, words: str) -> None:
        """How often it was seen: "1 of 9 results of create_label"."""
        self._set("Seen", words)

    def show_code(self, place: tuple[Path, int] | None, lines: tuple[int, list[str]] | None = None) -> None:
        """Where the server's code for this frame is, and the lines around (number of the first); None if unknown."""
        self._place = place
        for one in (self.code, self.source_title, self._code_box):
            one.setVisible(place is not None)
        if place is None:
            return
        self._code_box.setVisible(lines is not None)
        self.source_title.setText(f"In {visible(place[0].name, 80)}")
        self.code.setText(f"Open line {place[1]}")
        self.code.setAccessibleName(f"Open {place[0].name} at line {place[1]}")
        self.code.setToolTip(tip(f"Opens {place[0]}"))
        if lines is not None:
            first, texts = lines
            self.source.set_text("\n".join(f"{first + at:>4}  {text}" for at, text in enumerate(texts)), "python")
            self.source.set_marks([Mark(place[1] - first, place[1] - first, "info")])

    # --- inside ---

    def _other(self) -> None:
        assert self._entry is not None
        self._at = (self._at + 1) % len(self._entry.violations)
        self._show()
        self.shown.emit(self.current)

    def _show(self) -> None:
        found = self.current
        if found is None:
            self._show_good()
            return
        bad = found.severity == "error"
        set_icon(self._icon, "cross-circle" if bad else "warning", "bad.text" if bad else "warn.text")
        self.title.setText(visible(found.message, 400))
        self.meaning.setText(visible(found.meaning, 600))
        self.step.setText(visible(found.next_step, 600))
        schema = " · ".join(part for part in (found.revision, found.within or found.definition) if part)
        for name, text in (("At", found.path or "the whole message"), ("Rule", _rule(found)), ("Schema", schema)):
            self._set(name, text)
        self._set("Took", "")
        count = len(self._entry.violations) if self._entry else 0
        self._more.setText(f"{self._at + 1} of {count} in this frame: next one")
        self._copy.show()
        self._more.setVisible(count > 1)
        page = rule_page(found)
        self.page.setVisible(bool(page))
        self.page.setToolTip(tip(f"Opens {page} in the browser") if page else "")

    def _show_good(self) -> None:
        entry = self._entry
        set_icon(self._icon, "check-circle", "ok.text" if entry is not None else "text.muted")
        self.title.setText("Nothing is wrong with this frame" if entry is not None else "")
        self.meaning.setText(message_text(entry) if entry is not None else "")
        self.step.setText("")
        took = entry.exchange.answered_after_ns if entry is not None and entry.exchange is not None else None
        for name in ("At", "Rule", "Schema"):
            self._set(name, "")
        self._set("Took", duration(took / 1e6) if took is not None else "")
        for one in (self._copy, self._more, self.page):
            one.hide()

    def _set(self, name: str, text: str) -> None:
        for cell in self._cells[name]:
            cell.setVisible(bool(text))
        self._cells[name][1].setText(visible(text, 300))

    def _open_page(self) -> None:
        if self.current is not None:
            QDesktopServices.openUrl(QUrl(rule_page(self.current)))

    def _open_code(self) -> None:
        if self._place is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._place[0])))

    def _copy_report(self) -> None:
        found, entry = self.current, self._entry
        if found is None or entry is None:
            return
        try:
            raw = entry.raw[:20_000]
        except LookupError:
            raw = "(the recording no longer has its text)"
        text = (
            f"{found.message}\n{found.meaning}\n{found.next_step}\n\nAt: {found.path or '/'}\nRule: {found.rule}\n"
            f"Schema: {found.revision} {found.definition}\n"
            f"Frame {entry.seq}, {message_text(entry)}:\n{raw}\n"
        )
        QGuiApplication.clipboard().setText(self._mask(text))


def _rule(found: Violation) -> str:
    """A member that the schema requires, by the name of what it belongs to; else the rule's own name."""
    missing = found.rule == "schema/required" and found.within
    return f"required member of {found.within.rpartition(' ')[2]}" if missing else found.rule
