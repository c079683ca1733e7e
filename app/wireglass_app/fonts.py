"""Which families the workbench writes in: the system's, the bundled ones, or those of the user; roles and weights."""

import sys

from PySide6.QtGui import QFont, QFontDatabase, QGuiApplication

from wireglass.resources import resource_path

__all__ = ["BUNDLED_MONO", "BUNDLED_SANS", "ROLES", "Families", "mono_families", "sans_families", "without_ligatures"]

BUNDLED_SANS = "Inter"
BUNDLED_MONO = "JetBrains Mono"

_PLAIN_SANS = ("dejavu", "bitstream", "sans serif", "sans-serif", "helvetica", "fixed")
_W = QFont.Weight
ROLES: dict[str, tuple[float, QFont.Weight, bool]] = {
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


class Families:
    """The two families in use, and the size of body text in points. Loads the bundled fonts when it is made."""

    def __init__(self) -> None:
        for file in sorted(resource_path("fonts").glob("*/*.[ot]tf")):
            QFontDatabase.addApplicationFont(str(file))
        self.points, self.usual_sans = _system_font()
        self.sans, self.mono = self.usual_sans, BUNDLED_MONO

    def choose(self, sans: str, mono: str) -> bool:
        """Takes families by name; "" or one that is not installed means the usual one. Whether that changed any."""
        before = self.sans, self.mono
        self.sans = sans if sans and QFontDatabase.hasFamily(sans) else self.usual_sans
        self.mono = mono if mono and QFontDatabase.hasFamily(mono) else BUNDLED_MONO
        return before != (self.sans, self.mono)


def sans_families() -> list[str]:
    """What can be chosen for the interface, by name."""
    return [name for name in QFontDatabase.families() if _usable(name) and not QFontDatabase.isFixedPitch(name)]


def mono_families() -> list[str]:
    """What can be chosen for code: families whose characters are equally wide."""
    return [name for name in QFontDatabase.families() if _usable(name) and QFontDatabase.isFixedPitch(name)]


def without_ligatures(font: QFont) -> None:
    """Code shows the characters that are there."""
    if hasattr(font, "setFeature"):
        for tag in ("liga", "calt"):
            font.setFeature(QFont.Tag(tag), 0)


def _usable(family: str) -> bool:
    latin = QFontDatabase.WritingSystem.Latin
    private = QFontDatabase.isPrivateFamily(family)
    return not private and QFontDatabase.isScalable(family) and latin in QFontDatabase.writingSystems(family)


def _system_font() -> tuple[float, str]:
    """Size in points and family: the system's, unless it resolves to one that is only a fallback."""
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont)
    family = font.family()
    bundled = QGuiApplication.platformName() in ("offscreen", "minimal") or (
        sys.platform.startswith("linux") and family.lower().startswith(_PLAIN_SANS)
    )
    size = font.pointSizeF()
    return (9.75, BUNDLED_SANS) if bundled else (min(13.0, max(9.0, size)), family)
