"""What a picture of a window must hold, asked of widgets and pixels: nothing cut, no overlap, contrast of all text."""

from collections import Counter
from collections.abc import Iterator
from functools import cache

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QAbstractButton, QLabel, QPushButton, QWidget

from wireglass_app.controls import Elided

__all__ = ["faults_seen"]

_SLACK = 2
_DIRECT = Qt.FindChildOption.FindDirectChildrenOnly
_FAINT = 4.5
_FAINT_DISABLED = 1.6


def faults_seen(root: QWidget) -> list[str]:
    """Everything wrong with what is visible in `root` now."""
    picture = root.grab().toImage()
    found = [*_cut(root), *_overlaps(root), *_faint(root, picture)]
    return sorted(set(found))


def _visible(root: QWidget, kind: type) -> Iterator[QWidget]:
    for widget in root.findChildren(kind):
        if widget.isVisible() and not widget.visibleRegion().isEmpty():
            yield widget


def _where(widget: QWidget) -> str:
    text = widget.text() if isinstance(widget, QLabel | QAbstractButton) else ""
    parents = []
    parent = widget.parentWidget()
    while parent is not None and len(parents) < 3:
        if parent.accessibleName() or type(parent).__module__.startswith("wireglass_app"):
            parents.append(parent.accessibleName() or type(parent).__name__)
        parent = parent.parentWidget()
    return f"{type(widget).__name__} {text[:60]!r} in {' < '.join(parents)}"


def _cut(root: QWidget) -> Iterator[str]:
    for label in _visible(root, QLabel):
        assert isinstance(label, QLabel)
        if not label.text() or isinstance(label, Elided):
            continue
        if label.wordWrap():
            needed = label.heightForWidth(label.width())
            if needed > label.height() + label.fontMetrics().lineSpacing() // 2:
                yield f"{_where(label)}: {label.height()} px high, its lines need {needed}"
        else:
            needed = max(label.fontMetrics().horizontalAdvance(line) for line in label.text().split("\n"))
            if needed > label.width() + _SLACK:
                yield f"{_where(label)}: {label.width()} px wide, its text needs {needed}"
    for button in _visible(root, QPushButton):
        if (
            isinstance(button, QPushButton)
            and button.text()
            and button.width() + _SLACK < button.minimumSizeHint().width()
        ):
            yield f"{_where(button)}: {button.width()} px wide, it needs {button.minimumSizeHint().width()}"


def _overlaps(root: QWidget) -> Iterator[str]:
    """Of children that one layout placed; a widget laid over another on purpose is in no layout."""
    for parent in [root, *root.findChildren(QWidget)]:
        layout = parent.layout()
        if layout is None or not parent.isVisible():
            continue
        placed = [
            child
            for child in parent.findChildren(QWidget, options=_DIRECT)
            if child.isVisible() and _in_layout(layout, child) and child.width() > 0 and child.height() > 0
        ]
        for at, one in enumerate(placed):
            for other in placed[at + 1 :]:
                common = one.geometry().intersected(other.geometry())
                if common.width() > _SLACK and common.height() > _SLACK:
                    yield f"{_where(one)} and {_where(other)} overlap by {common.width()} x {common.height()}"


def _in_layout(layout, child: QWidget) -> bool:
    if layout.indexOf(child) >= 0:
        return True
    return any(
        _in_layout(inner, child) for at in range(layout.count()) if (inner := layout.itemAt(at).layout()) is not None
    )


def _faint(root: QWidget, picture: QImage) -> Iterator[str]:
    """The strongest ink of a text against the ground it stands on."""
    ratio = picture.devicePixelRatio()
    for label in _visible(root, QLabel):
        assert isinstance(label, QLabel)
        if not label.text().strip():
            continue
        area = label.visibleRegion().boundingRect()
        at = label.mapTo(root, area.topLeft())
        box = QRect(QPoint(round(at.x() * ratio), round(at.y() * ratio)), area.size() * ratio)
        box = box.intersected(picture.rect())
        if box.width() < 6 or box.height() < 8 or not _on_top(label, area.center()):
            continue
        contrast = _contrast(picture, box)
        if contrast < (_FAINT if label.isEnabled() else _FAINT_DISABLED):
            yield f"{_where(label)}: contrast {contrast:.1f}"


def _on_top(label: QLabel, at: QPoint) -> bool:
    """Not under a popup or another widget."""
    window = label.window()
    hit = window.childAt(label.mapTo(window, at))
    return hit is None or hit is label or label.isAncestorOf(hit) or hit.isAncestorOf(label)


def _contrast(picture: QImage, box: QRect) -> float:
    part = picture.copy(box).convertToFormat(QImage.Format.Format_ARGB32)
    pixels = memoryview(part.constBits()).cast("B").cast("I")  # asking for each by itself takes seconds for a window
    step = max(1, box.width() // 240)
    colours: Counter[int] = Counter()
    for y in range(box.height()):
        colours.update(pixels[y * box.width() : (y + 1) * box.width() : step].tolist())
    ground = _light(colours.most_common(1)[0][0])
    best = 1.0
    for colour in colours:
        ink = _light(colour)
        best = max(best, (max(ink, ground) + 0.05) / (min(ink, ground) + 0.05))
    return best


@cache
def _light(colour: int) -> float:
    def part(value: int) -> float:
        share = value / 255
        return share / 12.92 if share <= 0.03928 else ((share + 0.055) / 1.055) ** 2.4

    return 0.2126 * part(colour >> 16 & 255) + 0.7152 * part(colour >> 8 & 255) + 0.0722 * part(colour & 255)
