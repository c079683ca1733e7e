"""Pictures of views compared with small references by tolerance: a person looked at each reference once.

References are palette PNGs, 320 pixels wide, in `tests/app/references`. Fonts are the bundled ones, so that another
machine draws the same but for the last shade of an edge; what differs by nature (clocks, paths, versions) is painted
over before the comparison. To make references anew, after looking at what changed:

    WIREGLASS_REFERENCES=write python -m pytest tests/app -k picture

Without that variable a missing reference fails. What was drawn and where it differs is saved in the test's folder.
"""

import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QWidget

__all__ = ["Check", "difference", "reduced", "reference_check", "tries"]

FOLDER = Path(__file__).parent / "references"
WIDTH = 320
CELL = 8
_SHADE = 44
"""A pixel differs when one of its channels is this far off."""
_MOST_PIXELS = 0.006
"""This part of all pixels may."""
_MOST_CELL = 26.0
"""And the mean of no cell of 8 x 8 may be farther off than this."""

Check = Callable[..., None]


def reduced(picture: QImage) -> QImage:
    """A picture as it is compared: small, opaque."""
    small = picture.scaledToWidth(WIDTH, Qt.TransformationMode.SmoothTransformation)
    return small.convertToFormat(QImage.Format.Format_RGB32)


def as_palette(picture: QImage) -> QImage:
    """The same with 16 shades a channel and at most 256 colours, the frequent ones: what a small file holds."""
    coarse = [_coarse(pixel) for pixel in _pixels(picture)]
    table = [colour for colour, _ in Counter(coarse).most_common(256)]
    places = {colour: at for at, colour in enumerate(table)}
    for colour in set(coarse) - set(places):
        places[colour] = min(range(len(table)), key=lambda at: _apart(table[at], colour))
    made = QImage(picture.size(), QImage.Format.Format_Indexed8)
    made.setColorTable(table)
    for at, colour in enumerate(coarse):
        y, x = divmod(at, picture.width())
        made.setPixel(x, y, places[colour])
    return made


def _coarse(pixel: int) -> int:
    return 0xFF000000 | sum(round((pixel >> shift & 255) / 17) * 17 << shift for shift in (0, 8, 16))


def _apart(one: int, other: int) -> int:
    return sum(abs((one >> shift & 255) - (other >> shift & 255)) for shift in (0, 8, 16))


def difference(found: QImage, wanted: QImage) -> tuple[str, QImage]:
    """What is wrong in words, "" when nothing is, and a picture of where."""
    if found.size() != wanted.size():
        return f"{found.width()} x {found.height()} pixels, not {wanted.width()} x {wanted.height()}", found
    one, other = (image.convertToFormat(QImage.Format.Format_RGB32) for image in (found, wanted))
    where = QImage(one)
    cells: dict[tuple[int, int], list[int]] = {}
    far = 0
    for at, (a, b) in enumerate(zip(_pixels(one), _pixels(other), strict=True)):
        if a == b:
            continue
        y, x = divmod(at, one.width())
        offs = [(a >> shift & 255) - (b >> shift & 255) for shift in (0, 8, 16)]
        cell = cells.setdefault((x // CELL, y // CELL), [0, 0, 0])
        for channel, off in enumerate(offs):
            cell[channel] += off
        if max(map(abs, offs)) > _SHADE:
            far += 1
            where.setPixelColor(x, y, QColor.fromRgb(255, 0, 255))
    part = far / (one.width() * one.height())
    worst, place = max(((max(map(abs, sums)) / CELL**2, at) for at, sums in cells.items()), default=(0.0, (0, 0)))
    words = []
    if part > _MOST_PIXELS:
        words.append(f"{part:.2%} of the pixels differ, {_MOST_PIXELS:.2%} may")
    if worst > _MOST_CELL:
        words.append(f"at {place[0] * CELL}, {place[1] * CELL} a cell is off by {worst:.0f}, {_MOST_CELL:.0f} may be")
    return "; ".join(words), where


def _pixels(image: QImage) -> list[int]:
    """0xffRRGGBB each, line by line; lines of this format have no padding."""
    return list(memoryview(image.constBits()).cast("I"))


def _grab(widget: QWidget, hidden: Sequence[QWidget]) -> QImage:
    picture = widget.grab().toImage()
    ratio = picture.devicePixelRatio()
    picture.setDevicePixelRatio(1.0)
    painter = QPainter(picture)
    for one in hidden:
        if one.isVisible():
            at = one.mapTo(widget, one.rect().topLeft())
            box = QRect(round(at.x() * ratio), round(at.y() * ratio), 0, 0)
            box.setSize(one.size() * ratio)
            painter.fillRect(box, QColor.fromRgb(128, 128, 128))
    painter.end()
    return picture


@pytest.fixture
def reference_check(tmp_path: Path) -> Check:
    """`check(widget, name, hidden=[…])`: fails when the widget does not look like its reference."""

    def check(widget: QWidget, name: str, hidden: Sequence[QWidget] = ()) -> None:
        found = reduced(_grab(widget, hidden))
        file = FOLDER / f"{name}.png"
        if os.environ.get("WIREGLASS_REFERENCES") == "write":
            FOLDER.mkdir(exist_ok=True)
            as_palette(found).save(str(file), "PNG", 0)
            return
        assert file.is_file(), f"there is no reference {file.name}: make it as the module says, and look at it"
        problem, where = difference(found, QImage(str(file)))
        if problem:
            found.save(str(tmp_path / f"{name}-found.png"))
            where.save(str(tmp_path / f"{name}-where.png"))
        assert not problem, f"{name}: {problem}. See {tmp_path}"

    return check


def tries(check: Check, widget: QWidget, name: str, hidden: Sequence[QWidget] = ()) -> Iterator[None]:
    """Checks, and after each failure but the last yields: the caller then waits a moment in its own way. A view that
    gets its last words from a timer or a thread looks unfinished for longer on a busy machine."""
    for _ in range(10):
        try:
            check(widget, name, hidden)
        except AssertionError:
            yield
        else:
            return
    check(widget, name, hidden)
