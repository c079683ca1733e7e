"""Colours people can read, a sheet Qt accepts, icons that follow the theme."""

import re
from pathlib import Path

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QLabel, QPushButton, QToolButton

import wireglass_app
from wireglass_app.theme import Theme, fill_template, set_icon
from wireglass_app.tokens import TINTS, TOKENS, contrast_table

SURFACES = ("bg.window", "bg.panel", "bg.sunken", "bg.raised", "bg.hover", "bg.selected")
TEXTS = [
    name
    for name in TOKENS
    if name.endswith(".text") or (name.startswith(("text.", "syn.")) and name != "text.disabled")
]


def table(column: int) -> dict[str, str]:
    return {name: pair[column] for name, pair in TOKENS.items()}


TABLES = {
    "light": table(0),
    "dark": table(1),
    "contrast-light": contrast_table(table(0)),
    "contrast-dark": contrast_table(table(1)),
}


def ratio(first: str, second: str) -> float:
    """WCAG 2.2 contrast ratio."""
    high, low = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("name", TABLES)
def test_text_reaches_4_5_on_every_surface(name: str) -> None:
    """Design section 7."""
    colours = TABLES[name]
    poor = {
        (text, place): round(ratio(colours[text], colours[place]), 2)
        for text in TEXTS
        for place in SURFACES
        if ratio(colours[text], colours[place]) < 4.5
    }
    assert poor == {}


@pytest.mark.parametrize("name", TABLES)
def test_tints_fills_bars_and_lines_keep_their_contrast(name: str) -> None:
    """Design section 7: 4.5 for text on tints and fills, 3.0 for control lines, 3.5 for bars."""
    colours = TABLES[name]
    for tint in TINTS:
        assert ratio(colours[tint.replace(".bg", ".text")], colours[tint]) >= 4.5, tint
    for fill in ("accent", "bad"):
        assert ratio(colours[f"{fill}.on"], colours[f"{fill}.fill"]) >= 4.5, fill
    for place in ("bg.panel", "bg.sunken", "bg.window"):
        assert ratio(colours["line.control"], colours[place]) >= 3.0, place
        assert ratio(colours["focus"], colours[place]) >= 3.0, place
    for bar in (name for name in TOKENS if name.startswith("bar.") and name != "bar.ink"):
        assert ratio(colours["bar.ink"], colours[bar]) >= 4.5, bar
        for place in ("bg.panel", "bg.sunken", "bg.selected"):
            assert ratio(colours[bar], colours[place]) >= 3.5, (bar, place)


@pytest.mark.parametrize("choice", ["light", "dark", "contrast"])
def test_each_theme_is_taken_by_qt_without_a_warning(look: Theme, qtbot, choice) -> None:
    """Qt drops a whole sheet for one mistake and only prints a line; pytest-qt turns that line into a failure."""
    label = QLabel("text")
    qtbot.addWidget(label)
    look.choose(choice)
    label.show()
    label.ensurePolished()
    assert look.choice == choice
    assert label.palette().windowText().color() == look.color("text.primary")


def test_an_unknown_token_in_the_sheet_is_an_error() -> None:
    with pytest.raises(KeyError, match=r"bg\.nowhere"):
        fill_template("QLabel { background: @bg.nowhere; }", {"bg.panel": "white"})


def test_an_icon_is_drawn_again_in_the_new_ink(look: Theme, qtbot) -> None:
    """Icons have one ink; after a change of theme a bound button shows the new one."""
    button = QToolButton()
    qtbot.addWidget(button)
    set_icon(button, "play", "text.primary")

    def ink() -> str:
        image = button.icon().pixmap(16, 16).toImage()
        return QColor(image.pixel(image.width() // 2, image.height() // 2)).name()

    assert ink() == look.color("text.primary").name()
    look.choose("dark")
    assert ink() == look.color("text.primary").name() == "#e7edec"


def test_zoom_scales_type_within_its_limits(look: Theme, qtbot) -> None:
    before = look.font().pointSizeF()
    look.zoom(1.5)
    assert look.font().pointSizeF() == pytest.approx(before * 1.5)
    look.zoom(9)
    assert look.scale == 2.0


def test_the_bundled_fonts_are_used_where_the_system_has_none_of_its_own(look: Theme) -> None:
    from PySide6.QtGui import QFontInfo

    assert QFontInfo(look.font()).family() == "Inter"
    assert QFontInfo(look.font("mono")).family() == "JetBrains Mono"


def test_no_module_but_the_theme_names_a_colour() -> None:
    """Design section 13, point 4."""
    root = Path(wireglass_app.__file__).parent
    hexes = re.compile(r"[\"']#[0-9A-Fa-f]{3,8}[\"']|QColor\(\s*\d|Qt\.GlobalColor\.(?!transparent)")
    found = [
        f"{path.relative_to(root)}:{number}"
        for path in root.rglob("*.py")
        if path.name != "tokens.py"
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if hexes.search(line)
    ]
    assert found == []


def test_buttons_keep_their_size_when_focused(look: Theme, qtbot) -> None:
    """The focus ring is a thicker border inside the same box: nothing moves when Tab is pressed."""
    button = QPushButton("Run")
    qtbot.addWidget(button)
    button.show()
    before = button.sizeHint()
    button.setFocus()
    assert button.sizeHint() == before


def test_icons_are_drawn_for_the_screens_there_are_and_for_those_that_come(look: Theme, qtbot, monkeypatch) -> None:
    """Three sizes of each icon, twice, were most of what a start drew; a second screen must not show blurred ones."""
    button = QToolButton()
    qtbot.addWidget(button)
    set_icon(button, "spark", "text.primary")
    ratio = look._app.primaryScreen().devicePixelRatio()
    drawn = {key[3] for key in look._pixmaps if key[0] == "spark"}
    assert drawn == {screen.devicePixelRatio() for screen in look._app.screens()}
    monkeypatch.setattr("wireglass_app.theme._screen_ratios", lambda: (ratio, ratio * 1.5))
    look._app.screenAdded.emit(look._app.primaryScreen())
    assert {key[3] for key in look._pixmaps if key[0] == "spark"} == {ratio, ratio * 1.5}
    assert button.icon().pixmap(QSize(16, 16), ratio * 1.5).width() == round(16 * ratio * 1.5)
