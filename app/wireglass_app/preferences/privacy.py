"""The Privacy group: how much is recorded and where, what is masked in it, and forgetting what was typed."""

import re
from collections.abc import Callable

from PySide6.QtWidgets import QCheckBox, QLineEdit

from wireglass_app.controls import Button, Segments
from wireglass_app.preferences.index import MASK_NAMES, RECORD_DISK, RECORD_MINUTES
from wireglass_app.preferences.lines import Card, Group, Line
from wireglass_app.settings import Settings

__all__ = ["PrivacyGroup"]

_MINUTES = (("5", "5 minutes"), ("30", "30 minutes"), ("120", "2 hours"), ("480", "8 hours"))
_TYPED = ("drafts.", "runs.", "recent", "palette.recent")
_NAME = re.compile(r"[\w.$-]{2,60}")


class PrivacyGroup(Group):
    """`say` tells what was done."""

    def __init__(self, settings: Settings, say: Callable[[str], None]) -> None:
        self._settings, self._say = settings, say
        self.minutes = Segments(_MINUTES, "Recording kept")
        self.minutes.chosen.connect(lambda key: settings.set(RECORD_MINUTES, int(key)))
        self.disk = QCheckBox("Also on disk, so that a crash does not take it")
        self.disk.toggled.connect(lambda on: settings.set(RECORD_DISK, on))
        self.names = QLineEdit()
        self.names.setAccessibleName("Names whose values are masked too")
        self.names.setPlaceholderText("names, separated by commas: iban, x-tenant")
        self.names.editingFinished.connect(self._names_edited)
        self.forget = Button("Forget what was typed", clicked=self._forget)
        masked = (
            "Passwords, tokens, keys, cookies and authorization headers are masked in everything that is saved or "
            "written to disk. Values of members and headers with these names are masked too."
        )
        super().__init__(
            "privacy",
            "Privacy",
            Card(
                Line("record", self.minutes, note="Frames older than this leave the recording of the session."),
                Line("record.disk", self.disk, note="Masked, until Wireglass ends. Takes effect at the next start."),
                Line("mask", self.names, note=masked),
            ),
            Card(
                Line(
                    "typed",
                    self.forget,
                    note="Drafts and earlier arguments of tools, the servers opened lately, and the palette's memory.",
                )
            ),
        )
        self.names.setMinimumWidth(340)
        settings.changed.connect(self._changed)
        self.show_values()

    def _changed(self, name: str) -> None:
        if name in (RECORD_MINUTES, RECORD_DISK, MASK_NAMES):
            self.show_values()

    def show_values(self) -> None:
        """What is set now."""
        self.minutes.set_current(str(self._settings.get(RECORD_MINUTES, 30)))
        self.disk.setChecked(self._settings.get(RECORD_DISK, True))
        if not self.names.hasFocus():
            self.names.setText(", ".join(self._settings.get(MASK_NAMES, [])))

    def _names_edited(self) -> None:
        wanted = [name.strip() for name in self.names.text().split(",") if name.strip()]
        good = [name for name in wanted if _NAME.fullmatch(name)]
        self._settings.set(MASK_NAMES, list(dict.fromkeys(good)))
        if good != wanted:
            self._say("A name has 2 to 60 letters, digits, dots, dashes or underscores; the others were left out.")

    def _forget(self) -> None:
        for prefix in _TYPED:
            self._settings.forget(prefix)
        self._say("Forgotten: drafts, earlier arguments, recent servers, and what the palette remembered.")
