"""Every colour, font, size and icon of the workbench, from one table. No other module names a colour.

`theme()` is the one Theme of the application. Widgets read `theme().color("bg.panel")` while painting, are styled by
the QSS template in `resources/themes`, and get icons through `set_icon`, which draws them again when the theme changes.
"""

import re
import sys
from typing import Any, Literal
from weakref import WeakKeyDictionary

from PySide6.QtCore import QByteArray, QDir, QObject, QRectF, QSize, Qt, QTemporaryDir, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QIcon, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication
from shiboken6 import isValid

from wireglass.resources import resource_path

__all__ = ["BARS", "TINTS", "TOKENS", "Choice", "Theme", "contrast_table", "fill_template", "set_icon", "theme"]

Choice = Literal["system", "light", "dark", "contrast"]

TOKENS: dict[str, tuple[str, str]] = {
    # name: (light, dark)
    "bg.window": ("EFF3F2", "121718"),
    "bg.panel": ("FFFFFF", "191F20"),
    "bg.sunken": ("F7F9F9", "141A1B"),
    "bg.raised": ("FFFFFF", "222A2B"),
    "bg.hover": ("E6ECEB", "263031"),
    "bg.selected": ("D3EAE6", "17403C"),
    "bg.pressed": ("C3DFDA", "1D4F4A"),
    "line.subtle": ("E0E6E5", "273031"),
    "line.default": ("C6D0CF", "364243"),
    "line.control": ("7F8E8D", "6C7C7C"),
    "focus": ("0A7D76", "5BD3C7"),
    "text.primary": ("13201F", "E7EDEC"),
    "text.secondary": ("3F4F4E", "B9C5C4"),
    "text.muted": ("566665", "9DABAA"),
    "text.disabled": ("8C9998", "647271"),
    "accent.fill": ("0B6B65", "35B8AC"),
    "accent.on": ("FFFFFF", "06201E"),
    "accent.text": ("0A625D", "5BD3C7"),
    "ok.text": ("2B6A14", "96D67C"),
    "warn.text": ("804A00", "F2BB63"),
    "bad.text": ("A8231B", "FF9C92"),
    "info.text": ("1B579F", "8FBEFF"),
    "human.text": ("6B36B8", "C9A8FF"),
    "bad.fill": ("B3261E", "E5695E"),
    "bad.on": ("FFFFFF", "240604"),
    "ok.bg": ("E5F3DC", "1C3014"),
    "warn.bg": ("FDF0D5", "38290E"),
    "bad.bg": ("FCE7E4", "431E1B"),
    "info.bg": ("E3EEFB", "172C49"),
    "human.bg": ("F0E8FC", "2E2148"),
    "syn.key": ("1A5480", "84C5F4"),
    "syn.str": ("2B6A14", "A2D88A"),
    "syn.num": ("8F4200", "F0A868"),
    "syn.literal": ("6B36B8", "C9A8FF"),
    "syn.punct": ("566665", "9DABAA"),
    "bar.blue": ("2F6FCC", "6EA8F5"),
    "bar.violet": ("7C4BC9", "B18CF0"),
    "bar.teal": ("0D8078", "3DBFB2"),
    "bar.green": ("458329", "83C267"),
    "bar.orange": ("B85B08", "EE9A4A"),
    "bar.magenta": ("B23B80", "EC85BC"),
    "bar.slate": ("64757A", "8DA0A5"),
    "bar.gold": ("8A6D00", "D9B93B"),
    "bar.ink": ("FFFFFF", "0B1514"),
}
BARS = tuple(name for name in TOKENS if name.startswith("bar.") and name != "bar.ink")
TINTS = ("ok.bg", "warn.bg", "bad.bg", "info.bg", "human.bg")

_PLAIN_SANS = ("dejavu", "bitstream", "sans serif", "sans-serif", "helvetica", "fixed")
_TOKEN = re.compile(r"@([a-z]+(?:[.-][a-z]+)*)")
_ICONS_FOR_QSS = {  # file in the sheet: (icon, token)
    "check": ("check", "accent.on"),
    "check-off": ("check", "text.disabled"),
    "partial": ("minus", "accent.on"),
    "radio": ("dot", "accent.on"),
    "down": ("chevron-down", "text.secondary"),
    "up": ("chevron-up", "text.secondary"),
    "right": ("chevron-right", "text.secondary"),
    "updown": ("updown", "text.secondary"),
    "close": ("close", "text.muted"),
}


def contrast_table(base: dict[str, str]) -> dict[str, str]:
    """The high-contrast form of a table: lines are text, tints are the panel, grey text is text."""
    table = dict(base)
    for name in table:
        if name.startswith("line.") or name in ("text.secondary", "text.muted"):
            table[name] = base["text.primary"]
        elif name in TINTS or name in ("bg.window", "bg.sunken", "bg.raised"):
            table[name] = base["bg.panel"]
    return table


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
        self._pixmaps: dict[tuple[Any, ...], QPixmap] = {}
        self._bound: WeakKeyDictionary[Any, tuple[str, str, int]] = WeakKeyDictionary()
        self._sheet_icons = QTemporaryDir(QDir.tempPath() + "/wireglass-theme-XXXXXX")
        self._hex: dict[str, str] = {}
        self._colors: dict[str, QColor] = {}
        self._load_fonts()
        self.body_points, self.sans = self._system_font()
        self.mono = "JetBrains Mono"
        app.setStyle("Fusion")
        app.styleHints().colorSchemeChanged.connect(self._system_changed)
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

    # what widgets read

    def color(self, token: str) -> QColor:
        """The colour of a token; KeyError when there is none."""
        return self._colors[token]

    def px(self, pixels: float) -> int:
        """A length of the design in this zoom."""
        return round(pixels * self._scale)

    def font(self, role: str = "body") -> QFont:
        """Roles: body, strong, small, caption, title, welcome, mono, mono.strong, mono.small."""
        ratio, weight, mono = _ROLES[role]
        font = QFont(self.mono if mono else self.sans)
        font.setPointSizeF(self.body_points * self._scale * ratio)
        font.setWeight(weight)
        if mono:
            font.setStyleHint(QFont.StyleHint.Monospace)
            _no_ligatures(font)
        return font

    def icon(self, name: str, token: str = "text.secondary", size: int = 16) -> QIcon:
        """An icon of `resources/icons` in one ink, drawn for the usual pixel ratios and for the disabled state."""
        icon = QIcon()
        for ratio in (1.0, 1.5, 2.0):
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
        """Gives a widget with `setIcon` or `setPixmap` an icon, now and after each theme change."""
        self._bound[widget] = (name, token, size)
        self._dress(widget, name, token, size)

    # how it is made

    def _dress(self, widget: Any, name: str, token: str, size: int) -> None:
        if hasattr(widget, "setIcon"):
            widget.setIcon(self.icon(name, token, size))
            if hasattr(widget, "setIconSize"):
                widget.setIconSize(QSize(size, size))
        else:
            widget.setPixmap(self.pixmap(name, token, size, widget.devicePixelRatioF()))

    def _system_changed(self) -> None:
        if self._choice in ("system", "contrast"):
            self._apply()

    def _system_wants_contrast(self) -> bool:
        hints: Any = self._app.styleHints()
        accessibility = getattr(hints, "accessibility", lambda: None)()
        preference = getattr(accessibility, "contrastPreference", lambda: None)()
        return getattr(preference, "name", "") == "HighContrast"

    def _apply(self) -> None:
        column = 1 if self.is_dark else 0
        table = {name: pair[column] for name, pair in TOKENS.items()}
        if self.name.startswith("contrast"):
            table = contrast_table(table)
        self._hex = {name: f"#{value}" for name, value in table.items()}
        self._colors = {name: QColor(value) for name, value in self._hex.items()}
        self._pixmaps.clear()
        self._app.setFont(self.font())
        self._app.setPalette(_palette(self._colors))
        self._app.setStyleSheet(self._sheet())
        for widget, facts in list(self._bound.items()):
            if isValid(widget):
                self._dress(widget, *facts)
        self.changed.emit()

    def _sheet(self) -> str:
        values = dict(self._hex)
        for role, (ratio, _weight, _mono) in _ROLES.items():
            values[f"pt.{role}"] = f"{self.body_points * self._scale * ratio:.2f}pt"
        values["font.mono"] = f'"{self.mono}"'
        values["line.tint"] = self._hex["text.primary"] if self.name.startswith("contrast") else "transparent"
        for file, (icon, token) in _ICONS_FOR_QSS.items():
            path = self._sheet_icons.filePath(f"{file}-{self.name}.svg")
            with open(path, "w", encoding="utf-8") as out:
                out.write(_svg(icon, self._hex[token]))
            values[f"icon.{file}"] = f'url("{path}")'
        template = resource_path("themes", "wireglass.qss").read_text(encoding="utf-8")
        return fill_template(template, values)

    def _load_fonts(self) -> None:
        for file in sorted(resource_path("fonts").glob("*/*.[ot]tf")):
            QFontDatabase.addApplicationFont(str(file))

    def _system_font(self) -> tuple[float, str]:
        """Size in points and family: the system's, unless it resolves to one that is only a fallback."""
        font = QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont)
        family = font.family()
        bundled = QGuiApplication.platformName() in ("offscreen", "minimal") or (
            sys.platform.startswith("linux") and family.lower().startswith(_PLAIN_SANS)
        )
        size = font.pointSizeF()
        return (9.75, "Inter") if bundled else (min(13.0, max(9.0, size)), family)


_W = QFont.Weight
_ROLES: dict[str, tuple[float, QFont.Weight, bool]] = {
    # role: (size as a part of body, weight, mono)
    "body": (1.0, _W.Normal, False),
    "strong": (1.0, _W.DemiBold, False),
    "medium": (1.0, _W.Medium, False),
    "small": (0.92, _W.Normal, False),
    "small-strong": (0.88, _W.DemiBold, False),
    "caption": (0.85, _W.Normal, False),
    "caption-strong": (0.85, _W.DemiBold, False),
    "title": (1.23, _W.DemiBold, False),
    "welcome": (1.9, _W.Bold, False),
    "mono": (0.94, _W.Normal, True),
    "mono-strong": (0.94, _W.DemiBold, True),
    "mono-small": (0.86, _W.Normal, True),
}


def _no_ligatures(font: QFont) -> None:
    if hasattr(font, "setFeature"):
        for tag in ("liga", "calt"):
            font.setFeature(QFont.Tag(tag), 0)


def _svg(name: str, ink: str) -> str:
    return resource_path("icons", f"{name}.svg").read_text(encoding="utf-8").replace("currentColor", ink)


def _draw(svg: str, size: int, ratio: float) -> QPixmap:
    pixmap = QPixmap(round(size * ratio), round(size * ratio))
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    QSvgRenderer(QByteArray(svg.encode())).render(painter, QRectF(pixmap.rect()))
    painter.end()
    pixmap.setDevicePixelRatio(ratio)
    return pixmap


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
