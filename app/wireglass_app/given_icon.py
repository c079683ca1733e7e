"""Icons that a server gives: only those it carries with it (`data:` URIs), small, decoded off the Qt thread.

Nothing is fetched: an icon behind an address would tell a stranger that you look, so its address is only named.
"""

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from typing import Any

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QObject, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QImageReader, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QLabel, QWidget

from wireglass_app.background import Job
from wireglass_app.controls import IconLabel, row
from wireglass_app.theme import theme

__all__ = ["GivenIcon", "GivenIcons", "carried_icon", "draw_icon", "remote_icon"]

_LONGEST = 400_000
"""Characters of a `data:` URI."""
_LONGEST_SVG = 64_000
_RASTER = ("image/png", "image/jpeg", "image/jpg", "image/webp", "image/gif")
_MB = 64
_MOST_PICTURES = 500
# QtSvg follows links to files and draws what entities and <use> multiply; an icon needs none of it.
_UNSAFE_SVG = re.compile(
    rb"<\s*(image|use|script|foreignObject|style|animate|set)\b|<!(?!--)|href|url\(\s*[^#\s)]", re.I
)


def carried_icon(owner: Any, *, dark: bool = False) -> tuple[bytes, str] | None:
    """The bytes and type of the first icon in `icons` that came along and may be drawn, for this theme if one is."""
    listed = owner.get("icons") if isinstance(owner, dict) else None
    icons = [one for one in listed[:20] if isinstance(one, dict)] if isinstance(listed, list) else []
    wanted = "dark" if dark else "light"
    for icon in sorted(icons, key=lambda one: one.get("theme") not in (wanted, None)):
        found = _decoded(icon.get("src"))
        if found is not None:
            return found
    return None


def remote_icon(owner: Any) -> str:
    """The address of the first icon that would have to be fetched, or empty."""
    listed = owner.get("icons") if isinstance(owner, dict) else None
    for icon in listed[:20] if isinstance(listed, list) else ():
        source = icon.get("src") if isinstance(icon, dict) else None
        if isinstance(source, str) and not source.startswith("data:"):
            return source[:400]
    return ""


def _decoded(source: Any) -> tuple[bytes, str] | None:
    if not isinstance(source, str) or not source.startswith("data:") or len(source) > _LONGEST:
        return None
    head, comma, body = source[5:].partition(",")
    kind = head.split(";")[0].lower()
    if not comma or not head.endswith(";base64") or kind not in (*_RASTER, "image/svg+xml"):
        return None
    try:
        return base64.b64decode(body, validate=True), kind
    except (ValueError, binascii.Error):
        return None


def draw_icon(data: bytes, kind: str, pixels: int) -> QImage | None:
    """A square picture of an icon; None for what cannot, or should not, be drawn."""
    image = _drawn_svg(data, pixels) if kind == "image/svg+xml" else _read_raster(data, pixels)
    return None if image is None or image.isNull() else image


def _read_raster(data: bytes, pixels: int) -> QImage | None:
    QImageReader.setAllocationLimit(_MB)
    store = QByteArray(data)
    buffer = QBuffer(store)
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    reader = QImageReader(buffer)
    whole = reader.size()
    if not whole.isValid() or whole.width() * whole.height() * 4 > _MB * 1_000_000:
        return None
    reader.setScaledSize(whole.scaled(pixels, pixels, Qt.AspectRatioMode.KeepAspectRatio))
    return reader.read()


def _drawn_svg(data: bytes, pixels: int) -> QImage | None:
    if len(data) > _LONGEST_SVG or _UNSAFE_SVG.search(data):
        return None
    renderer = QSvgRenderer(QByteArray(data))
    if not renderer.isValid():
        return None
    renderer.setAspectRatioMode(Qt.AspectRatioMode.KeepAspectRatio)
    image = QImage(QSize(pixels, pixels), QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    renderer.render(painter, QRectF(0, 0, pixels, pixels))
    painter.end()
    return image


class GivenIcons(QObject):
    """The icons of a list's items as small pictures, drawn when they are first asked for. `drawn` when one is there."""

    drawn = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._pictures: dict[tuple[int, int, bool], tuple[Any, QPixmap | None]] = {}
        self._jobs: set[Job] = set()

    def picture(self, owner: Any, side: int, ratio: float) -> QPixmap | None:
        """That of `owner`; None while it is drawn, and where there is none."""
        if not isinstance(owner, Mapping) or not owner.get("icons"):
            return None
        pixels, dark = round(side * ratio), theme().is_dark
        key = (id(owner), pixels, dark)
        if key not in self._pictures:
            if len(self._pictures) >= _MOST_PICTURES:
                self._pictures.clear()
            self._pictures[key] = (owner, None)  # with its owner, so that the id stays its own
            found = carried_icon(dict(owner), dark=dark)
            if found is not None:
                self._draw(key, owner, found, pixels, ratio)
        return self._pictures[key][1]

    def _draw(
        self, key: tuple[int, int, bool], owner: Any, found: tuple[bytes, str], pixels: int, ratio: float
    ) -> None:
        def take(image: QImage | None) -> None:
            self._jobs.discard(job)
            if image is not None:
                picture = QPixmap.fromImage(image)
                picture.setDevicePixelRatio(ratio)
                self._pictures[key] = (owner, picture)
                self.drawn.emit()

        job = Job(_drawing(*found, pixels), self, take)
        self._jobs.add(job)


class GivenIcon(QWidget):
    """A server's own icon, or ours until it is drawn and where there is none. Decoration: the name stands beside it."""

    def __init__(self, owner: Any, fallback: str, size: int = 40) -> None:
        super().__init__()
        side = theme().px(size)
        self.setFixedSize(side, side)
        self.ours = IconLabel(fallback, "text.secondary", size - 8)
        self.own = QLabel()
        self.own.setTextFormat(Qt.TextFormat.PlainText)
        self.own.hide()
        self.setLayout(row(self.ours, self.own))
        found = carried_icon(owner, dark=theme().is_dark)
        if found is not None:
            self._job = Job(_drawing(*found, round(side * self.devicePixelRatioF())), self, self._show)

    def _show(self, image: QImage | None) -> None:
        if image is None:
            return
        picture = QPixmap.fromImage(image)
        picture.setDevicePixelRatio(self.devicePixelRatioF())
        self.own.setPixmap(picture)
        self.ours.hide()
        self.own.show()


def _drawing(data: bytes, kind: str, pixels: int) -> Iterator[QImage | None]:
    yield draw_icon(data, kind, pixels)
