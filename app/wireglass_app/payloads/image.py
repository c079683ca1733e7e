"""Pictures, decoded off the UI thread and never larger than a screen needs, on a checkerboard, with zoom."""

import base64
import binascii
from collections.abc import Callable, Iterator

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QImage, QImageReader, QKeyEvent, QPainter, QPaintEvent, QPen, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QScrollArea, QSizePolicy, QWidget

from wireglass_app.background import Job
from wireglass_app.controls import Button, Label, column, row, tool_button
from wireglass_app.payloads.base import PayloadView
from wireglass_app.payloads.preparing import Preparing
from wireglass_app.payloads.saving import SaveButton
from wireglass_app.plain import size
from wireglass_app.theme import theme

__all__ = ["ImageView", "decode_image"]

_LONGEST = 2_400
_PIXELS = 16_000_000
_UNASKED_MB, _ASKED_MB = 64, 512
_SQUARE = 8
_ZOOMS = (0.1, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 4.0, 8.0)


def decode_image(data: bytes, *, large: bool = False) -> tuple[QImage | None, QSize, str]:
    """The picture (bounded), its real size and its format; None instead of a picture that is too large to decode
    unasked. Raises ValueError with the reason."""
    QImageReader.setAllocationLimit(_ASKED_MB if large else _UNASKED_MB)
    store = QByteArray(data)
    buffer = QBuffer(store)
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    reader = QImageReader(buffer)
    reader.setAutoTransform(True)
    whole = reader.size()
    form = bytes(reader.format().data()).decode("ascii", "replace")
    if whole.isValid() and whole.width() * whole.height() > _PIXELS and not large:
        return None, whole, form
    if whole.width() * whole.height() * 4 > _ASKED_MB * 1_000_000:
        raise ValueError(f"{whole.width()} by {whole.height()} pixels are too many")
    if whole.isValid() and max(whole.width(), whole.height()) > _LONGEST:
        reader.setScaledSize(whole.scaled(_LONGEST, _LONGEST, Qt.AspectRatioMode.KeepAspectRatio))
    image = reader.read()
    if image.isNull():
        raise ValueError(reader.errorString())
    return image, whole if whole.isValid() else image.size(), form


class _Canvas(QWidget):
    """The picture itself, drawn at a zoom."""

    def __init__(self) -> None:
        super().__init__()
        self.image: QImage | None = None
        self.zoom = 1.0

    def sizeHint(self) -> QSize:
        if self.image is None:
            return QSize(80, 60)
        return (self.image.size().toSizeF() * self.zoom).toSize()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.image is None:
            return
        painter = QPainter(self)
        box = QRectF(QPointF(0, 0), self.sizeHint().toSizeF())
        painter.setClipRect(event.rect())
        _checkerboard(painter, box.intersected(QRectF(event.rect())))
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, self.zoom < 2)
        painter.drawImage(box, self.image)
        painter.setPen(QPen(theme().color("line.subtle"), 1))  # a white picture on white has an edge too
        painter.drawRect(box.adjusted(0.5, 0.5, -0.5, -0.5))


def _checkerboard(painter: QPainter, box: QRectF) -> None:
    painter.fillRect(box, theme().color("bg.sunken"))
    dark = theme().color("line.subtle")
    first_row, first_column = int(box.top()) // _SQUARE, int(box.left()) // _SQUARE
    for down in range(first_row, int(box.bottom()) // _SQUARE + 1):
        for across in range(first_column + (first_column + down) % 2, int(box.right()) // _SQUARE + 1, 2):
            painter.fillRect(QRectF(across * _SQUARE, down * _SQUARE, _SQUARE, _SQUARE).intersected(box), dark)


class ImageView(PayloadView):
    """A picture from base64 or bytes. Plus, minus and 0 zoom; so do Ctrl and the wheel."""

    kind = "image"
    copies = False

    def __init__(self, data: str | bytes, mime_type: str = "") -> None:
        super().__init__()
        self._data = data
        self._fitted = True
        self.facts = mime_type
        self._canvas = _Canvas()
        self._scroll = QScrollArea()
        self._scroll.setWidget(self._canvas)
        self._scroll.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self._scroll.setAccessibleName("Picture")
        self._note = Label("", "muted", "small", wrap=True)
        self._note.hide()
        self._preparing = Preparing(self)
        self._preparing.cancelled.connect(self.stop_drawing)
        self._preparing.wanted.connect(lambda: self._decode(large=self._large))
        self._large = False
        self._anyway = Button("Show a preview", clicked=lambda: self._decode(large=True))
        self._anyway.hide()
        self._save = SaveButton(self._whole, f"image.{mime_type.rpartition('/')[2].split('+')[0] or 'bin'}")
        self._buttons = [
            tool_button("minus", "Smaller", clicked=lambda: self.zoom_by(-1)),
            tool_button("plus", "Larger", clicked=lambda: self.zoom_by(1)),
        ]
        self.setLayout(column(row(self._note, self._anyway, None), self._preparing, self._scroll, gap=4))
        self.setFocusProxy(self._scroll)
        self._scroll.hide()
        self._scroll.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._job: Job | None = None
        self._decode(large=False)

    def _decode(self, *, large: bool) -> None:
        self._anyway.hide()
        self._note.hide()
        self._large = large
        # four letters of base64 are three bytes
        whole = size(len(self._data) * 3 // 4 if isinstance(self._data, str) else len(self._data))
        self._preparing.begin(lambda: f"Drawing a picture of {whole}")
        self._job = Job(self._decoding(large), self, self._decoded, on_error=self._failed)

    def stop_drawing(self) -> None:
        """It is not drawn, unless it is asked for once more."""
        if self._job is not None:
            self._job.stop()
        self._preparing.stopped("Stopped: the picture is not drawn. It can be saved.")

    def _whole(self) -> bytes:
        """The picture as it was sent. Raises ValueError where it is not base64."""
        data = self._data
        return base64.b64decode(data, validate=True) if isinstance(data, str) else data

    def _decoding(self, large: bool) -> Iterator[tuple[bytes, QImage | None, QSize, str]]:
        try:
            data = self._whole()
        except binascii.Error as error:
            raise ValueError(f"the data is not base64 ({error})") from error
        yield (data, *decode_image(data, large=large))

    def _decoded(self, result: tuple[bytes, QImage | None, QSize, str]) -> None:
        self._preparing.end()
        data, image, whole, form = result
        facts = (form, f"{whole.width()}\u00d7{whole.height()}", size(len(data)))
        self.facts = " · ".join(part for part in facts if part)
        self.facts_changed.emit()
        if image is None:
            self._note.setText("More than 16 million pixels: not drawn unasked.")
            self._note.show()
            self._anyway.show()
            return
        self._note.hide()
        self._canvas.image = image
        self._canvas.setAccessibleName(f"Picture, {self.facts}")
        self._scroll.show()
        self._fit()

    def _failed(self, error: Exception) -> None:
        self._preparing.end()
        self._note.show()
        self._note.setText(f"This picture cannot be drawn: {error}. Save it, or look at the raw frame.")
        self._note.set_tone("bad")
        self.facts_changed.emit()

    # -- zoom ------------------------------------------------------------------------------------------------------

    @property
    def zoom(self) -> float:
        """1.0 is one picture pixel per logical pixel."""
        return self._canvas.zoom

    def zoom_by(self, steps: int) -> None:
        """Goes to the next (1) or previous (-1) zoom of the list."""
        now = self._canvas.zoom
        larger = [zoom for zoom in _ZOOMS if zoom > now + 0.001]
        smaller = [zoom for zoom in _ZOOMS if zoom < now - 0.001]
        choice = larger[:1] if steps > 0 else smaller[-1:]
        if choice:
            self._fitted = False
            self._zoom_to(choice[0])

    def _fit(self) -> None:
        image = self._canvas.image
        if image is None or not self._fitted:
            return
        room = self._scroll.viewport().size()
        self._zoom_to(max(0.02, min(1.0, room.width() / image.width(), max(room.height(), 120) / image.height())))

    def _zoom_to(self, zoom: float) -> None:
        self._canvas.zoom = zoom
        self._canvas.resize(self._canvas.sizeHint())
        self._canvas.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def sizeHint(self) -> QSize:
        height = self._canvas.image.height() + 10 if self._canvas.image is not None else 60
        return QSize(240, min(theme().px(320), height))

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.zoom_by(1 if event.angleDelta().y() > 0 else -1)
            event.accept()
        else:
            super().wheelEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        commands: dict[int, Callable[[], None]] = {
            Qt.Key.Key_Plus: lambda: self.zoom_by(1),
            Qt.Key.Key_Minus: lambda: self.zoom_by(-1),
            Qt.Key.Key_0: self._refit,
        }
        if event.key() in commands and not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            commands[event.key()]()
        else:
            super().keyPressEvent(event)

    def _refit(self) -> None:
        self._fitted = True
        self._fit()

    def actions(self) -> list[QWidget]:
        return [*self._buttons, self._save]
