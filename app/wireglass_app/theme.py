"""The look in use: colours from the table of `tokens`, fonts, sizes by zoom and density, icons.

`theme()` is the one Theme of the application. Widgets read `theme().color("bg.panel")` while painting, are styled by
the QSS template in `resources/themes`, and get icons through `set_icon`, which draws them again when the theme changes.

The sheet belongs to each window (`dress`), not to the application: with a sheet of the application Qt styles everything
below a widget anew whenever it gets another parent, and a view is built from its leaves up. That was seven times for
each widget of the Protocol view, two thirds of the time its building took.
"""

import math
import re
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, Literal
from weakref import WeakKeyDictionary, WeakSet

from PySide6.QtCore import QByteArray, QDir, QObject, QRectF, QSize, Qt, QTemporaryDir, Signal
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QGuiApplication, QIcon, QPainter, QPalette, QPixmap, QScreen
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication, QWidget
from shiboken6 import isValid

from wireglass.resources import resource_path
from wireglass_app.fonts import ROLES, Families, without_ligatures
from wireglass_app.tokens import TOKENS, contrast_table

__all__ = ["Choice", "Density", "Theme", "fill_template", "set_icon", "theme"]

Choice = Literal["system", "light", "dark", "contrast"]
Density = Literal["comfortable", "compact", "touch"]

_TOUCH = 34
"""Height of what a finger is to meet, in the design's pixels."""
_LEAST_ROW = 18
_TWO_LINES = 40
"""A row of this height or more holds two lines."""
_SIZES: dict[Density, dict[str, int]] = {
    # least heights and paddings of the sheet; with its border and padding a control of 20 is 28 high
    "comfortable": {"control": 20, "large": 26, "tool": 16, "segment": 18, "small": 20, "check": 18, "pad": 0},
    "compact": {"control": 18, "large": 22, "tool": 16, "segment": 18, "small": 20, "check": 18, "pad": 0},
    "touch": {"control": 26, "large": 30, "tool": 26, "segment": 28, "small": 30, "check": 28, "pad": 5},
}
_WORDS = {"control": 1.0, "large": 1.0, "check": 1.0, "segment": 0.9, "small": 0.85}
"""The smallest words in what has such a least height, of those of the body; tools have none."""
_SIDES = {"mark": 14, "arrow": 14, "menu": 12, "spin": 18, "combo": 22}
"""What is drawn beside text, and grows with it: marks of boxes and circles, arrows, the room that buttons with a menu,
spin fields and lists to choose from keep for them."""
_PADDINGS = {"menu": 4, "tab": 6, "header": 3}

_TOKEN = re.compile(r"@([a-z]+(?:[.-][a-z]+)*)")
_ICONS_FOR_QSS = {  # file in the sheet: (icon, token)
    "check": ("check", "accent.on"),
    "check-off": ("check", "text.disabled"),
    "partial": ("minus", "accent.on"),
    "radio": ("dot", "accent.on"),
    "down": ("chevron-down", "text.secondary"),
    "down-on": ("chevron-down", "accent.on"),
    "up": ("chevron-up", "text.secondary"),
    "right": ("chevron-right", "text.secondary"),
    "updown": ("updown", "text.secondary"),
    "close": ("close", "text.muted"),
}


def fill_template(template: str, values: dict[str, str]) -> str:
    """Fills `@name`; raises KeyError on an unknown name, because Qt would drop the sheet with one console line."""
    return _TOKEN.sub(lambda found: values[found.group(1)], template)


class Theme(QObject):
    """The look in use. `changed` comes after palette and sheet are set, so that painters may drop their caches."""

    changed = Signal()

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self._app = app
        self._choice: Choice = "system"
        self._scale = 1.0
        self._density: Density = "comfortable"
        self._held = self._stale = False
        self._pixmaps: dict[tuple[Any, ...], QPixmap] = {}
        self._fonts: dict[str, QFont] = {}
        self._ratios = _screen_ratios()
        self._bound: WeakKeyDictionary[Any, tuple[str, str, int]] = WeakKeyDictionary()
        self._dressed: WeakSet[QWidget] = WeakSet()
        self._sheet = ""
        self._sheet_icons = QTemporaryDir(QDir.tempPath() + "/wireglass-theme-XXXXXX")
        self._hex: dict[str, str] = {}
        self._colors: dict[str, QColor] = {}
        self.families = Families()
        self.body_points = self.families.points
        app.setStyle("Fusion")
        app.styleHints().colorSchemeChanged.connect(self._system_changed)
        app.screenAdded.connect(self._watch_screen)
        for screen in app.screens():
            screen.geometryChanged.connect(self._screens_changed)
        self._apply()

    # what is chosen

    @property
    def choice(self) -> Choice:
        """What the user asked for; `name` is what it resolved to."""
        return self._choice

    @property
    def name(self) -> str:
        """ "light", "dark", "contrast-light" or "contrast-dark"."""
        dark = self.is_dark
        contrast = self._choice == "contrast" or (self._choice == "system" and self._system_wants_contrast())
        return ("contrast-" if contrast else "") + ("dark" if dark else "light")

    @property
    def is_dark(self) -> bool:
        if self._choice in ("light", "dark"):
            return self._choice == "dark"
        return self._app.styleHints().colorScheme() == Qt.ColorScheme.Dark

    @property
    def scale(self) -> float:
        """Zoom of fonts and row heights, 0.8 to 2.0."""
        return self._scale

    @property
    def density(self) -> Density:
        """How much room rows and controls take."""
        return self._density

    @property
    def sans(self) -> str:
        """The family of the interface in use."""
        return self.families.sans

    @property
    def mono(self) -> str:
        """The family of code in use."""
        return self.families.mono

    def choose(self, choice: Choice) -> None:
        """Takes a theme; "system" follows the desktop."""
        if choice != self._choice:
            self._choice = choice
            self._apply()

    def zoom(self, scale: float) -> None:
        """Scales type and rows; limited to 0.8 to 2.0."""
        scale = min(2.0, max(0.8, round(scale, 2)))
        if scale != self._scale:
            self._scale = scale
            self._apply()

    def pack(self, density: Density) -> None:
        """Takes a density."""
        if density != self._density:
            self._density = density
            self._apply()

    def choose_fonts(self, sans: str, mono: str) -> None:
        """Takes families by name; "" or one that is not installed means the usual one."""
        if self.families.choose(sans, mono):
            self._apply()

    @contextmanager
    def together(self) -> Generator[None]:
        """Several choices inside cost one new look: restyling a whole window takes a good part of a second."""
        self._held, self._stale = True, False
        try:
            yield
        finally:
            self._held = False
            if self._stale:
                self._apply()

    # what widgets read

    def color(self, token: str) -> QColor:
        """The colour of a token; KeyError when there is none."""
        return self._colors[token]

    def px(self, pixels: float) -> int:
        """A length of the design in this zoom."""
        return round(pixels * self._scale)

    def row(self, pixels: float) -> int:
        """The height of a row that is `pixels` high in the design, in this zoom and density."""
        double = pixels >= _TWO_LINES
        if self._density == "compact":
            return self.px(pixels - 7 if double else max(pixels - 4, _LEAST_ROW))
        if self._density == "touch":
            return self.px(pixels + 9 if double else max(pixels, _TOUCH))
        return self.px(pixels)

    def font(self, role: str = "body") -> QFont:
        """Roles: those of `fonts.ROLES`. The caller's own: made once for each look, because painting a table asks for
        hundreds."""
        found = self._fonts.get(role)
        if found is None:
            found = self._fonts[role] = self._made_font(role)
        return QFont(found)

    def _made_font(self, role: str) -> QFont:
        ratio, weight, mono = ROLES[role]
        font = QFont(self.mono if mono else self.sans)
        font.setPointSizeF(self.body_points * self._scale * ratio)
        font.setWeight(weight)
        if mono:
            font.setStyleHint(QFont.StyleHint.Monospace)
            without_ligatures(font)
        return font

    def icon(self, name: str, token: str = "text.secondary", size: int = 16) -> QIcon:
        """An icon of `resources/icons` in one ink, drawn for the screens there are and for the disabled state."""
        icon = QIcon()
        for ratio in self._ratios:
            icon.addPixmap(self.pixmap(name, token, size, ratio))
            icon.addPixmap(self.pixmap(name, "text.disabled", size, ratio), QIcon.Mode.Disabled)
        return icon

    def pixmap(self, name: str, token: str = "text.secondary", size: int = 16, ratio: float = 1.0) -> QPixmap:
        """One icon as pixels, cached until the theme changes."""
        key = (name, token, size, ratio)
        found = self._pixmaps.get(key)
        if found is None:
            found = self._pixmaps[key] = _draw(_svg(name, self._hex[token]), size, ratio)
        return found

    def bind(self, widget: Any, name: str, token: str, size: int) -> None:
        """Gives a widget with `setIcon` or `setPixmap` an icon, now and after each theme change. `size` is the
        design's: an icon beside a text grows with it."""
        self._bound[widget] = (name, token, size)
        self._dress(widget, name, token, size)

    def dress(self, window: QWidget | None) -> None:
        """Gives a window, or a popup that belongs to none, the sheet, now and after each theme change. What is below
        it, and dialogs and menus that have it as parent, take it from there. Costs nothing when it has it already."""
        if window is None:
            return
        self._dressed.add(window)
        if window.styleSheet() != self._sheet:
            window.setStyleSheet(self._sheet)

    # how it is made

    def _dress_all(self) -> None:
        for widget, facts in list(self._bound.items()):
            if isValid(widget):
                self._dress(widget, *facts)

    def _dress(self, widget: Any, name: str, token: str, size: int) -> None:
        size = self.px(size)
        if hasattr(widget, "setIcon"):
            widget.setIcon(self.icon(name, token, size))
            if hasattr(widget, "setIconSize"):
                widget.setIconSize(QSize(size, size))
        else:
            widget.setPixmap(self.pixmap(name, token, size, widget.devicePixelRatioF()))

    def _watch_screen(self, screen: QScreen) -> None:
        screen.geometryChanged.connect(self._screens_changed)
        self._screens_changed()

    def _screens_changed(self) -> None:
        """A screen with another pixel ratio came: icons need pixels for it."""
        if self._ratios != _screen_ratios():
            self._ratios = _screen_ratios()
            self._dress_all()

    def _system_changed(self) -> None:
        if self._choice in ("system", "contrast"):
            self._apply()

    def _system_wants_contrast(self) -> bool:
        hints: Any = self._app.styleHints()
        accessibility = getattr(hints, "accessibility", lambda: None)()
        preference = getattr(accessibility, "contrastPreference", lambda: None)()
        return getattr(preference, "name", "") == "HighContrast"

    def _apply(self) -> None:
        if self._held:
            self._stale = True
            return
        column = 1 if self.is_dark else 0
        table = {name: pair[column] for name, pair in TOKENS.items()}
        if self.name.startswith("contrast"):
            table = contrast_table(table)
        self._hex = {name: f"#{value}" for name, value in table.items()}
        self._colors = {name: QColor(value) for name, value in self._hex.items()}
        self._pixmaps.clear()
        self._fonts.clear()
        self._app.setFont(self.font())
        self._app.setPalette(_palette(self._colors))
        self._sheet = self._filled_sheet()
        for window in list(self._dressed):
            if isValid(window):
                self.dress(window)
        self._dress_all()
        self.changed.emit()

    def _filled_sheet(self) -> str:
        values = dict(self._hex)
        sizes = _SIZES[self._density]
        line = QFontMetricsF(self.font()).height()
        for name, pixels in sizes.items():
            # A least height of the sheet counts for more than what a widget itself needs: at 200 % a crowded layout
            # would squeeze it below its own words.
            values[f"h.{name}"] = f"{max(pixels, math.floor(line * _WORDS.get(name, 0.0)))}px"
        values |= {f"pad.{name}": f"{pixels + sizes['pad']}px" for name, pixels in _PADDINGS.items()}
        for role, (ratio, _weight, _mono) in ROLES.items():
            values[f"pt.{role}"] = f"{self.body_points * self._scale * ratio:.2f}pt"
        values |= {f"side.{name}": f"{self.px(pixels)}px" for name, pixels in _SIDES.items()}
        values["side.round"] = f"{self.px(_SIDES['mark']) // 2 + 1}px"  # one more, and Qt draws a box
        values["font.mono"] = f'"{self.mono}"'
        values["line.tint"] = self._hex["text.primary"] if self.name.startswith("contrast") else "transparent"
        for file, (icon, token) in _ICONS_FOR_QSS.items():
            path = self._sheet_icons.filePath(f"{file}-{self.name}.svg")
            with open(path, "w", encoding="utf-8") as out:
                out.write(_svg(icon, self._hex[token]))
            values[f"icon.{file}"] = f'url("{path}")'
        template = resource_path("themes", "wireglass.qss").read_text(encoding="utf-8")
        return fill_template(template, values)


def _svg(name: str, ink: str) -> str:
    return resource_path("icons", f"{name}.svg").read_text(encoding="utf-8").replace("currentColor", ink)


def _draw(svg: str, size: int, ratio: float) -> QPixmap:
    pixmap = QPixmap(round(size * ratio), round(size * ratio))
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    QSvgRenderer(QByteArray(svg.encode())).render(painter, QRectF(pixmap.rect()))
    painter.end()
    drawn = pixmap.copy()  # pixels that were painted on keep their painter's buffers, 40 KB for each icon
    drawn.setDevicePixelRatio(ratio)
    return drawn


def _screen_ratios() -> tuple[float, ...]:
    """The pixel ratios for which icons are drawn: those of the screens."""
    return tuple(sorted({screen.devicePixelRatio() for screen in QGuiApplication.screens()})) or (1.0,)


def _palette(color: dict[str, QColor]) -> QPalette:
    palette, role = QPalette(), QPalette.ColorRole
    pairs = {
        role.Window: "bg.window",
        role.WindowText: "text.primary",
        role.Base: "bg.panel",
        role.AlternateBase: "bg.sunken",
        role.Text: "text.primary",
        role.Button: "bg.panel",
        role.ButtonText: "text.primary",
        role.BrightText: "bad.text",
        role.ToolTipBase: "bg.raised",
        role.ToolTipText: "text.primary",
        role.PlaceholderText: "text.muted",
        role.Highlight: "bg.selected",
        role.HighlightedText: "text.primary",
        role.Accent: "accent.fill",
        role.Link: "accent.text",
        role.LinkVisited: "accent.text",
        role.Light: "bg.raised",
        role.Midlight: "line.subtle",
        role.Mid: "line.default",
        role.Dark: "line.control",
        role.Shadow: "line.control",
    }
    for where, token in pairs.items():
        palette.setColor(where, color[token])
    for where in (role.WindowText, role.Text, role.ButtonText, role.HighlightedText):
        palette.setColor(QPalette.ColorGroup.Disabled, where, color["text.disabled"])
    palette.setColor(QPalette.ColorGroup.Disabled, role.Accent, color["line.default"])
    return palette


def theme() -> Theme:
    """The application's theme, made on first use. Needs a QApplication."""
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        raise RuntimeError("theme() needs a QApplication")
    found = getattr(app, "_wireglass_theme", None)
    if found is None:
        found = Theme(app)
        app._wireglass_theme = found  # type: ignore[attr-defined]  # lives exactly as long as the application
    return found


def set_icon(widget: Any, name: str, token: str = "text.secondary", size: int = 16) -> None:
    """Gives a button, action or label an icon that follows the theme."""
    theme().bind(widget, name, token, size)
