"""The Appearance group: theme, density, size, fonts with a sample, motion, times. Every choice is seen at once."""

from collections.abc import Callable
from time import time

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QComboBox, QSizePolicy, QWidget

from wireglass_app import appearance
from wireglass_app.controls import Button, Label, Segments, surface
from wireglass_app.fonts import BUNDLED_MONO, mono_families, sans_families
from wireglass_app.moments import clock, moments
from wireglass_app.preferences.lines import Card, Group, Line
from wireglass_app.settings import Settings
from wireglass_app.theme import theme

__all__ = ["AppearanceGroup"]

_THEMES = (("system", "System"), ("light", "Light"), ("dark", "Dark"), ("contrast", "High contrast"))
_DENSITIES = (("comfortable", "Comfortable"), ("compact", "Compact"), ("touch", "Touch"))
_MOTIONS = (("system", "As the system"), ("reduced", "Reduced"), ("full", "Full"))
_TIMES = (("local", "Local"), ("utc", "UTC"))
_SAMPLE = "Quote a shipment to Łódź: 1 204 ms, 18.40 €"
_CODE_SAMPLE = '{"id": 61, "O0": "l1I|", "ok": != null}'


class AppearanceGroup(Group):
    """`act` triggers an action of the table: theme and zoom have some."""

    def __init__(self, settings: Settings, act: Callable[[str], None]) -> None:
        self._settings = settings
        self.theme_choice = self._choice(appearance.THEME, _THEMES, "Theme")
        self.density = self._choice(appearance.DENSITY, _DENSITIES, "Density")
        self.motion = self._choice(appearance.MOTION, _MOTIONS, "Motion")
        self.times = self._choice(appearance.TIMES, _TIMES, "Times")
        self.now = Label("", "muted", "mono")
        self.zoom = Label("", type="mono")
        self.zoom.setAccessibleName("Size now")
        self.zoom.setAlignment(Qt.AlignmentFlag.AlignCenter)
        smaller = Button("Smaller", key="Ctrl+-", clicked=lambda: act("zoom-out"))
        larger = Button("Larger", key="Ctrl++", clicked=lambda: act("zoom-in"))
        normal = Button("Normal size", key="Ctrl+0", clicked=lambda: act("zoom-reset"))
        self.ui_font = FontChoice("Font of the interface", mono=False)
        self.mono_font = FontChoice("Font of code", mono=True)
        for choice, name in ((self.ui_font, appearance.UI_FONT), (self.mono_font, appearance.MONO_FONT)):
            choice.activated.connect(lambda _at, c=choice, n=name: settings.set(n, c.family()))
        size = Line("zoom", smaller, self.zoom, larger, normal, note="From 80 % to 200 %, also with these keys.")
        super().__init__(
            "appearance",
            "Appearance",
            Card(
                Line("theme", self.theme_choice, note="System follows the desktop, also its high contrast."),
                Line("density", self.density, note="Rows of 26, 22 or 34 pixels; Touch also makes buttons taller."),
                size,
            ),
            Card(
                Line("font.ui", self.ui_font, self.ui_font.sample),
                Line("font.mono", self.mono_font, self.mono_font.sample),
            ),
            Card(
                Line("motion", self.motion, note="Reduced: nothing fades, slides or pulses."),
                Line("times", self.times, self.now, note="Dates and times inside data stay as the server wrote them."),
            ),
        )
        self._tick = QTimer(self, interval=1000)
        self._tick.timeout.connect(self._show_now)
        self._tick.start()
        settings.changed.connect(self._changed)
        moments().changed.connect(self._show_now)
        theme().changed.connect(self.show_values)
        self.show_values()

    def _choice(self, name: str, choices: tuple[tuple[str, str], ...], title: str) -> Segments:
        made = Segments(choices, title)
        made.chosen.connect(lambda key: self._settings.set(name, key))
        return made

    def _changed(self, _name: str) -> None:
        self.show_values()

    def show_values(self) -> None:
        """What is in use now, also when an action or another window changed it."""
        self.theme_choice.set_current(theme().choice)
        self.density.set_current(theme().density)
        self.motion.set_current(self._settings.get(appearance.MOTION, "system"))
        self.times.set_current(moments().choice)
        self.zoom.setText(f"{round(theme().scale * 100)} %")
        self.zoom.setMinimumWidth(theme().px(56))
        self.ui_font.show_family(self._settings.get(appearance.UI_FONT, ""))
        self.mono_font.show_family(self._settings.get(appearance.MONO_FONT, ""))
        self._show_now()

    def _show_now(self) -> None:
        self.now.setText(f"now {clock(time())}")


class FontChoice(QComboBox):
    """Families of this machine, filled when it is first opened: asking for them takes a while. `sample` shows them."""

    def __init__(self, name: str, *, mono: bool) -> None:
        super().__init__()
        self._mono = mono
        self._filled = False
        self.setAccessibleName(name)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(22)
        self.setMaxVisibleItems(14)
        self.addItem(self._usual(), "")
        self.sample = Sample(_CODE_SAMPLE if mono else _SAMPLE, mono=mono)
        self.highlighted.connect(lambda at: self.sample.show_family(self.itemData(at) or self._usual_family()))

    def family(self) -> str:
        """The chosen one; "" means the usual."""
        return str(self.currentData() or "")

    def show_family(self, family: str) -> None:
        """Marks what is set; a family that is not installed is named, and the usual one is used."""
        if self.findData(family) < 0:
            self.addItem(family, family)
        self.setItemText(0, self._usual())
        self.setCurrentIndex(self.findData(family))
        self.sample.show_family(theme().mono if self._mono else theme().sans)

    def showPopup(self) -> None:
        self._fill()
        super().showPopup()

    def focusInEvent(self, event: object) -> None:
        self._fill()  # the keys step through the families without opening the list
        super().focusInEvent(event)  # type: ignore[arg-type]  # a QFocusEvent

    def hidePopup(self) -> None:
        super().hidePopup()
        self.sample.show_family(theme().mono if self._mono else theme().sans)

    def _fill(self) -> None:
        if self._filled:
            return
        self._filled = True
        for family in mono_families() if self._mono else sans_families():
            if self.findData(family) < 0:
                self.addItem(family, family)

    def _usual_family(self) -> str:
        return BUNDLED_MONO if self._mono else theme().families.usual_sans

    def _usual(self) -> str:
        family = self._usual_family()
        return f"Usual: {family}, bundled" if family in ("Inter", BUNDLED_MONO) else f"Usual: {family}"


class Sample(QWidget):
    """A line of text in a family, painted because the sheet would set the family of a label."""

    def __init__(self, text: str, *, mono: bool) -> None:
        super().__init__()
        self._text = text
        self._mono = mono
        self._family = ""
        surface(self, "sunken")
        self.setAccessibleName("Sample")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        QTimer.singleShot(0, self, self.updateGeometry)

    def show_family(self, family: str) -> None:
        self._family = family
        self.setAccessibleDescription(f"{self._text}, in {family}")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme().px(320), theme().px(28))

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        font = QFont(theme().font("mono" if self._mono else "body"))
        font.setFamily(self._family)
        painter.setFont(font)
        painter.setPen(theme().color("text.primary"))
        box = self.rect().adjusted(8, 0, -8, 0)
        text = painter.fontMetrics().elidedText(self._text, Qt.TextElideMode.ElideRight, box.width())
        painter.drawText(box, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), text)
