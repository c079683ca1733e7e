"""What a side can do, as a column of yes and no."""

from collections.abc import Sequence

from PySide6.QtWidgets import QFrame, QWidget

from wireglass_app.controls import Chip, Elided, IconLabel, Label, column, row, surface
from wireglass_app.overview.words import Ability

__all__ = ["abilities_card", "card", "deprecated_chip"]


def card(title: str, *rows: QWidget) -> QFrame:
    """A titled card of rows."""
    made = surface(QFrame(), "card")
    made.setLayout(column(Label(title, type="strong"), *rows, None, gap=8, margins=(16, 12, 16, 14)))
    return made  # type: ignore[return-value]  # surface returns the widget it was given


def deprecated_chip() -> Chip:
    """The one quiet mark of a feature that still works, but will go."""
    chip = Chip("deprecated", "warn")
    chip.setToolTip("Deprecated in 2026-07-28: it works at least until 2027-07-28.")
    return chip


def abilities_card(title: str, abilities: Sequence[Ability]) -> QFrame:
    """One column; extensions come last, under their own heading."""
    known = [_line(one) for one in abilities if not one.extension]
    further = [_line(one) for one in abilities if one.extension]
    heading = [Label("Extensions", "secondary", "small-strong")] if further else []
    return card(title, *known, *heading, *further)


def _line(one: Ability) -> QWidget:
    box = QWidget()
    mark = IconLabel("check" if one.yes else "minus", "ok.text" if one.yes else "text.muted", 16)
    mark.setAccessibleName("yes" if one.yes else "no")
    text = Label(one.text, "primary" if one.yes else "muted", "mono" if one.extension else "body")
    note = Elided(one.note if one.yes or one.note else "no", "muted", "small")
    line = row(mark, text, *([deprecated_chip()] if one.deprecated and one.yes else []), note, gap=8)
    line.setStretchFactor(note, 1)
    box.setLayout(line)
    return box
