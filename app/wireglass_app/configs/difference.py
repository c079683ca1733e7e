"""What will be written: one tab a file, unified or side by side, secrets masked."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QSplitter, QStackedWidget, QTabBar, QWidget

from wireglass.targets.edit import FileEdit
from wireglass.targets.servers import hide_secrets
from wireglass_app.configs.log_view import LogView
from wireglass_app.controls import Empty, Label, Segments, column, row, surface
from wireglass_app.counted_tabs import CountedTabs
from wireglass_app.payloads.code import CodeView, Mark
from wireglass_app.plain import counted
from wireglass_app.theme import theme

__all__ = ["Comparison", "DifferencePane", "numbered", "sides"]

_BESIDE = 46
"""Margins and gaps of the head."""
_MARGIN, _SIDE_MARGIN = 12, 7
"""Characters of line numbers and sign before the text."""
_HUNK = re.compile(r"@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@")


@dataclass(frozen=True)
class Comparison:
    """Two entries of one server, as text that says the same for every host."""

    title: str
    left: str
    right: str
    lines: tuple[str, ...]
    """A unified difference without its head."""


class DifferencePane(QWidget):
    """Shows the plans it is given, a comparison, a log; the open tab stays when its subject is still there."""

    def __init__(self) -> None:
        super().__init__()
        self._edits: list[FileEdit] = []
        self.tabs = CountedTabs("Files that will change")
        self.tabs.setElideMode(Qt.TextElideMode.ElideNone)
        self.tabs.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.tabs.currentChanged.connect(lambda _at: self._show())
        self.layout_choice = Segments((("unified", "Unified"), ("sides", "Side by side")), "Layout of the difference")
        self.layout_choice.chosen.connect(lambda _key: self._show())
        self.unified = CodeView(numbers=False, name="Difference")
        self.left, self.right = CodeView(numbers=False, name="Before"), CodeView(numbers=False, name="After")
        both = QSplitter(Qt.Orientation.Horizontal)
        for view in (self.left, self.right):
            both.addWidget(view)
        self.left.verticalScrollBar().valueChanged.connect(self.right.verticalScrollBar().setValue)
        self.right.verticalScrollBar().valueChanged.connect(self.left.verticalScrollBar().setValue)
        self.empty = Empty(
            "sliders", "Nothing will change", "Turn a cell of the table on or off, or edit an entry, to see it here."
        )
        self.log = LogView()
        self._log: Path | None = None
        self._comparison: Comparison | None = None
        self.stack = QStackedWidget()
        for view in (self.empty, self.unified, both, self.log):
            self.stack.addWidget(view)
        head = QWidget()
        self.kept = Label("comments and order kept", "muted", "small")
        line = row(self.tabs, self.kept, self.layout_choice, gap=10, margins=(10, 0, 12, 0))
        line.setStretch(0, 1)
        head.setLayout(line)
        self._head = head
        theme().changed.connect(self._sized)
        self._sized()
        self.setLayout(column(surface(head, "panel", "bottom"), self.stack, gap=0))
        self.set_edits([])

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_kept()

    def _fit_kept(self) -> None:
        """The tabs come first: where they need the room, the words beside them go."""
        beside = (self.kept, self.layout_choice)
        needed = self.tabs.sizeHint().width() + sum(one.sizeHint().width() for one in beside) + _BESIDE
        self.kept.setVisible(isinstance(self._subject(), FileEdit) and self.width() >= needed)

    def _sized(self) -> None:
        self._head.setFixedHeight(theme().px(36))

    def set_edits(self, edits: Sequence[FileEdit]) -> None:
        """Shows these plans."""
        keep = self._subject()
        self._edits = list(edits)
        self._fill_tabs(keep)

    def compare(self, comparison: Comparison | None) -> None:
        """Shows two entries side by side in a tab of their own; None takes it away."""
        keep = comparison or self._subject()
        self._comparison = comparison
        if comparison is not None:
            self.layout_choice.set_current("sides")
        self._fill_tabs(keep)

    def set_log(self, path: Path | None) -> None:
        """Offers a log as one more tab."""
        if path != self._log:
            keep = self._subject()
            self._log = path
            self.log.follow(path)
            self._fill_tabs(keep)

    def current(self) -> FileEdit | None:
        """The plan of the open tab."""
        at = self.tabs.currentIndex()
        return self._edits[at] if 0 <= at < len(self._edits) else None

    def _subjects(self) -> list[FileEdit | Comparison | Path]:
        more = (one for one in (self._comparison, self._log) if one is not None)
        return [*self._edits, *more]

    def _subject(self) -> FileEdit | Comparison | Path | None:
        at, subjects = self.tabs.currentIndex(), self._subjects()
        return subjects[at] if 0 <= at < len(subjects) else None

    def _fill_tabs(self, keep: FileEdit | Comparison | Path | None) -> None:
        self.tabs.blockSignals(True)
        while self.tabs.count():
            self.tabs.removeTab(0)
        chosen = 0
        for at, subject in enumerate(self._subjects()):
            text, tip = _tab(subject)
            self.tabs.addTab(text)
            self.tabs.setTabToolTip(at, tip)
            if isinstance(subject, FileEdit):
                self._count(at, text, subject)
            if _identity(subject) == _identity(keep):
                chosen = at
        self.tabs.setCurrentIndex(chosen)
        self.tabs.blockSignals(False)
        self.tabs.setVisible(self.tabs.count() > 0)
        self._show()

    def _count(self, at: int, text: str, edit: FileEdit) -> None:
        """How many lines come and go, beside the name of the file."""
        more, less = edit.counts()
        counts = QWidget()
        added, taken = Label(f"+{more}", "ok", "small-strong"), Label(f"\N{MINUS SIGN}{less}", "bad", "small-strong")
        counts.setLayout(row(added, taken, gap=6, margins=(0, 0, 6, 0)))
        self.tabs.setTabButton(at, QTabBar.ButtonPosition.RightSide, counts)
        self.tabs.setAccessibleTabName(at, f"{text}, {counted(more, 'line')} added, {less} removed")

    def _show(self) -> None:
        subject = self._subject()
        self._fit_kept()
        self.layout_choice.setVisible(isinstance(subject, (FileEdit, Comparison)))
        if subject is None:
            self.stack.setCurrentWidget(self.empty)
        elif isinstance(subject, Path):
            self.stack.setCurrentWidget(self.log)
        elif self.layout_choice.current() == "sides":
            before, after = sides(subject)
            for view, lines in ((self.left, before), (self.right, after)):
                _fill(view, lines, f"{_language(subject)}@{_SIDE_MARGIN}")
            self.stack.setCurrentIndex(2)
        else:
            _fill(self.unified, numbered(subject), f"{_language(subject)}@{_MARGIN}")
            self.stack.setCurrentIndex(1)


def _tab(subject: FileEdit | Comparison | Path) -> tuple[str, str]:
    if isinstance(subject, Comparison):
        return f"{subject.left} / {subject.right}", subject.title
    if isinstance(subject, Path):
        return subject.name, str(subject)
    path = subject.path
    name = path.name if path.name != "mcp.json" else f"{path.parent.name}/{path.name}"
    return name, str(path)


def _identity(subject: FileEdit | Comparison | Path | None) -> object:
    return subject.path if isinstance(subject, FileEdit) else subject


Line = tuple[str, str]
"""Sign (" ", "+", "-", "…") and the text to show."""


def numbered(subject: FileEdit | Comparison, context: int = 3) -> list[Line]:
    """Unified lines with the old and new line number in front."""
    lines: list[Line] = []
    old = new = 0
    text = subject.diff(context)[2:] if isinstance(subject, FileEdit) else subject.lines
    for line in text:
        if found := _HUNK.match(line):
            old, new = int(found.group(1)), int(found.group(2))
            lines += [("…", "")] if lines else []
            continue
        sign, shown = line[0], hide_secrets(line[1:])
        left = "" if sign == "+" else str(old)
        right = "" if sign == "-" else str(new)
        lines.append((sign, f"{left:>4} {right:>4} {sign} {shown}"))
        old, new = old + (sign != "+"), new + (sign != "-")
    return lines


def sides(subject: FileEdit | Comparison) -> tuple[list[Line], list[Line]]:
    """The same as two columns of equal length."""
    before: list[Line] = []
    after: list[Line] = []
    for sign, text in numbered(subject, context=6):
        old, new, shown = text[:4], text[5:9], text[12:]
        if sign == "-":
            before.append((sign, f"{old} {sign} {shown}"))
            continue
        if sign == "+":
            after.append((sign, f"{new} {sign} {shown}"))
            continue
        _level(before, after)
        before.append((sign, f"{old}   {shown}"))
        after.append((sign, f"{new}   {shown}"))
    _level(before, after)
    return before, after


def _level(before: list[Line], after: list[Line]) -> None:
    while len(before) < len(after):
        before.append((" ", ""))
    while len(after) < len(before):
        after.append((" ", ""))


def _language(subject: FileEdit | Comparison) -> str:
    return subject.config.facts.grammar.language if isinstance(subject, FileEdit) else "json"


def _fill(view: CodeView, lines: list[Line], language: str) -> None:
    view.set_text("\n".join(text for _, text in lines), language)
    tints = {"+": "ok", "-": "bad"}
    view.set_marks([Mark(at, at, tints[sign]) for at, (sign, _) in enumerate(lines) if sign in tints])  # type: ignore[arg-type]  # a literal of the table
