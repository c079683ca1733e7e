"""Carries what the settings say about appearance over to the look in use, now and whenever one of them changes."""

from typing import Any, get_args

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QAbstractItemView, QApplication

from wireglass_app import motion
from wireglass_app.moments import TimesChoice, moments
from wireglass_app.motion import MotionChoice
from wireglass_app.settings import Settings
from wireglass_app.theme import Choice, Density, theme

__all__ = ["DENSITY", "MONO_FONT", "MOTION", "THEME", "TIMES", "UI_FONT", "ZOOM", "Appearance", "follow"]

THEME, ZOOM, DENSITY = "theme", "zoom", "density"
UI_FONT, MONO_FONT = "font.ui", "font.mono"
MOTION, TIMES = "motion", "times"


class Appearance(QObject):
    """One for each settings file; a value that means nothing counts as the usual one."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._settings = settings
        settings.changed.connect(self._changed)
        self._show()

    def _changed(self, name: str) -> None:
        if name in (THEME, ZOOM, DENSITY, UI_FONT, MONO_FONT, MOTION, TIMES):
            self._show()

    def _show(self) -> None:
        look, settings = theme(), self._settings
        motion.choose(_one_of(MotionChoice, settings.get(MOTION, "system"), "system"))
        with look.together():
            look.choose(_one_of(Choice, settings.get(THEME, "system"), "system"))
            look.zoom(settings.get(ZOOM, 1.0))
            look.pack(_one_of(Density, settings.get(DENSITY, "comfortable"), "comfortable"))
            look.choose_fonts(settings.get(UI_FONT, ""), settings.get(MONO_FONT, ""))
        before = moments().choice
        moments().choose(_one_of(TimesChoice, settings.get(TIMES, "local"), "local"))
        if moments().choice != before:
            _paint_again()


def follow(settings: Settings) -> None:
    """Shows what these settings say from now on; a second call for the same settings does nothing."""
    if settings.findChild(Appearance) is None:
        Appearance(settings)


def _one_of(kind: Any, found: str, usual: str) -> Any:
    """A member of a Literal type, as which it is then taken."""
    return found if found in get_args(kind) else usual


def _paint_again() -> None:
    """Lists ask their models for texts while they paint, and nothing else tells them that the clock changed."""
    for widget in QApplication.allWidgets():
        if isinstance(widget, QAbstractItemView):
            widget.viewport().update()
        else:
            widget.update()
