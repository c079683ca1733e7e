"""How the lanes of the timeline are drawn: one call of the painter for each colour, and pictures of bytes where it is
crowded. What is shown and what keys do is in `lanes`.
"""

from collections.abc import Iterator

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFontMetricsF, QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from wireglass_app.charts.bar_labels import LEAST_ELIDED, LEAST_LABEL, BarLabels
from wireglass_app.charts.glide import Glide
from wireglass_app.charts.sizes import bar_height, gutter, ruler_height, server_height, ticks_height, track_height
from wireglass_app.charts.viewport import Viewport, ruler_marks
from wireglass_app.controls import left_to_right
from wireglass_app.models.lanes import Bar, Lane
from wireglass_app.models.occupancy import Strip
from wireglass_app.models.timeline import TONES, VIOLET, LaneRow, TimelineModel
from wireglass_app.moments import zone_mark
from wireglass_app.plain import visible
from wireglass_app.theme import theme

__all__ = ["LanePainting", "row_height"]

_MOST_TICK_LABELS = 400
_FEW = 100
"""Bars of a track in view that are each looked at, however narrow."""
_SERIES = " × "  # noqa: RUF001 (the sign of how many a label stands for)
_PLAIN = 6
"""Pixels below which a bar has no round corners: nobody sees them, and thousands of them take time."""


class LanePainting(QWidget):
    """Paints the rows of a TimelineModel over `viewport`, with one call marked."""

    def __init__(self, model: TimelineModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        left_to_right(self)
        self._model = model
        self._rows: list[LaneRow] = []
        self._current: int | None = None
        self._folded: set[str] = set()
        self._table: list[int] = []
        """A colour for each combination of tones."""
        self._labels = BarLabels()
        self.viewport = Viewport(*model.extent, 1)
        self.glide = Glide(self)
        theme().changed.connect(self._restyled)

    @property
    def seen(self) -> Viewport:
        """The stretch that is painted now: on its way to `viewport` while that has just been zoomed."""
        return self.glide.between(self.viewport)

    def _restyled(self) -> None:
        self._labels.forget()
        self._table = []
        self.updateGeometry()  # lines are as high as their words
        self.update()

    def _places(self) -> Iterator[tuple[int, str, LaneRow | None]]:
        """(top, server, row) of everything below the ruler; the row is None for the line with a server's name."""
        top, server = ruler_height(), ""
        for row in self._rows:
            if row.server != server:
                server = row.server
                yield top, server, None
                top += server_height()
            if server not in self._folded:
                yield top, server, row
                top += row_height(row)

    def _layout_height(self) -> int:
        bottom = ruler_height()
        for top, _, row in self._places():
            bottom = top + (server_height() if row is None else row_height(row))
        return bottom

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        look = theme()
        painter.fillRect(self.rect(), look.color("bg.panel"))
        self._paint_band(painter)
        self._paint_ruler(painter)
        places = list(self._places())
        for top, server, row in places:
            if row is None:
                self._paint_server(painter, top, server)
        if self._model.gaps:
            self._paint_gaps(painter, places)
        for top, _, row in places:
            if row is not None:
                self._paint_row(painter, row, top, row_height(row))
        painter.setPen(QPen(look.color("line.default"), 1))
        painter.drawLine(gutter(), 0, gutter(), self.height())
        if self.hasFocus():
            painter.setPen(QPen(look.color("focus"), 2))
            painter.drawRect(QRectF(self.rect()).adjusted(1, 1, -1, -1))

    def _paint_gaps(self, painter: QPainter, places: list[tuple[int, str, LaneRow | None]]) -> None:
        """Hatched where a server was gone, through all its lanes; on the line of its name what had happened."""
        look, view = theme(), self.seen
        tops = {server: top for top, server, row in places if row is None}
        bottoms = {server: top + (server_height() if row is None else row_height(row)) for top, server, row in places}
        painter.save()
        painter.setClipRect(gutter() + 1, ruler_height(), self.width() - gutter() - 1, self.height() - ruler_height())
        painter.setFont(look.font("caption"))
        for gap in self._model.gaps:
            left = max(-4.0, view.x(gap.begin))
            right = view.width + 4.0 if gap.until is None else min(view.width + 4.0, view.x(gap.until))
            if gap.server not in tops or right < 0 or left > view.width:
                continue
            top = tops[gap.server]
            box = QRectF(gutter() + left, top, max(2.0, right - left), bottoms[gap.server] - top - 1)
            painter.fillRect(box, look.color("bg.sunken"))
            painter.fillRect(box, QBrush(_faded(look.color("text.muted")), Qt.BrushStyle.BDiagPattern))
            painter.setPen(QPen(look.color("text.muted"), 1, Qt.PenStyle.DashLine))
            painter.drawLine(box.topLeft(), box.bottomLeft())
            if gap.until is not None:
                painter.drawLine(box.topRight(), box.bottomRight())
            self._paint_gap_words(painter, self._model.gap_words(gap), box)
        painter.restore()

    def _paint_gap_words(self, painter: QPainter, words: str, box: QRectF) -> None:
        """On a ground of their own, so that no line crosses them; elided, and left out of a gap that is too narrow."""
        seen = box.intersected(QRectF(gutter(), box.top(), self.width() - gutter(), box.height()))
        text = QFontMetricsF(painter.font()).elidedText(words, Qt.TextElideMode.ElideRight, seen.width() - 14)
        if seen.width() < LEAST_ELIDED:
            return
        wide = QFontMetricsF(painter.font()).horizontalAdvance(text)
        ground = QRectF(seen.left() + 3, box.top() + 2, wide + 8, server_height() - 4)
        painter.fillRect(ground, theme().color("bg.sunken"))
        painter.setPen(theme().color("text.secondary"))
        painter.drawText(ground, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextSingleLine, text)

    def _paint_band(self, painter: QPainter) -> None:
        """The stretch of the current call, through all lanes."""
        row = None if self._current is None else self._model.calls.row(self._current)
        if row is None:
            return
        calls = self._model.calls
        end = calls.ends[row] if calls.ends[row] >= 0 else self._model.now
        left = max(0.0, self.seen.x(calls.begins[row]))
        right = min(float(self.seen.width), self.seen.x(end))
        if right >= 0 and left <= self.seen.width:
            band = QColor(theme().color("accent.fill"))
            band.setAlphaF(0.14)
            painter.fillRect(
                QRectF(gutter() + left, ruler_height(), max(2.0, right - left), self.height() - ruler_height()), band
            )

    def _paint_ruler(self, painter: QPainter) -> None:
        look = theme()
        painter.fillRect(0, 0, self.width(), ruler_height(), look.color("bg.sunken"))
        painter.setFont(look.font("caption"))
        painter.setPen(look.color("text.muted"))
        painter.drawText(QRectF(10, 0, gutter() - 12, ruler_height()), Qt.AlignmentFlag.AlignVCenter, zone_mark())
        for x, label in ruler_marks(self.seen, self._model.wall_offset_ns):
            painter.setPen(QPen(_faint(look.color("line.subtle"), look.color("text.primary")), 1))
            painter.drawLine(QPointF(gutter() + x, ruler_height()), QPointF(gutter() + x, self.height()))
            painter.setPen(look.color("text.muted"))
            painter.drawText(QRectF(gutter() + x + 4, 0, 90, ruler_height()), Qt.AlignmentFlag.AlignVCenter, label)
        painter.setPen(QPen(look.color("line.default"), 1))
        painter.drawLine(0, ruler_height() - 1, self.width(), ruler_height() - 1)

    def _paint_server(self, painter: QPainter, top: int, server: str) -> None:
        look = theme()
        painter.fillRect(0, top, self.width(), server_height(), look.color("bg.sunken"))
        painter.setFont(look.font("small-strong"))
        painter.setPen(look.color("text.primary"))
        title = visible(self._model.title_of(server))
        state = self._model.state_of(server)
        left = look.px(42 if state else 28)
        name = QFontMetricsF(painter.font()).elidedText(title, Qt.TextElideMode.ElideRight, gutter() - left - 8)
        painter.drawText(QRectF(left, top, gutter() - left - 4, server_height()), Qt.AlignmentFlag.AlignVCenter, name)
        if state:
            dot = look.px(12)
            mark = look.pixmap("dot", state, dot, self.devicePixelRatioF())
            painter.drawPixmap(look.px(27), top + (server_height() - dot) // 2, mark)
        chevron = "chevron-right" if server in self._folded else "chevron-down"
        side = look.px(14)
        picture = look.pixmap(chevron, "text.secondary", side, self.devicePixelRatioF())
        painter.drawPixmap(10, top + (server_height() - side) // 2, picture)

    def _paint_row(self, painter: QPainter, row: LaneRow, top: int, height: int) -> None:
        look = theme()
        side, left = look.px(16), look.px(38)
        picture = look.pixmap(row.icon, "text.muted", side, self.devicePixelRatioF())
        painter.drawPixmap(14, top + (height - side) // 2, picture)
        painter.setFont(look.font("small"))
        painter.setPen(look.color("text.secondary"))
        painter.drawText(QRectF(left, top, gutter() - left - 4, height), Qt.AlignmentFlag.AlignVCenter, row.title)
        painter.setPen(QPen(look.color("line.subtle"), 1))
        painter.drawLine(0, top + height - 1, self.width(), top + height - 1)
        painter.save()
        painter.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        painter.setClipRect(gutter() + 1, top, self.width() - gutter(), height)
        for track, lane in enumerate(row.tracks):
            if row.ticks:
                self._paint_ticks(painter, lane, top + 6, height - 12)
                self._paint_tick_labels(painter, row, top)
            else:
                self._paint_track(painter, row, track, top + 4 + track * track_height())
        painter.restore()

    def _paint_ticks(self, painter: QPainter, lane: Lane, top: int, height: int) -> None:
        view = self.seen
        if not len(lane):
            return
        strip = lane.strip(view.begin, view.until, view.width)
        if strip is None:
            row = lane.pixels(view.begin, view.until, view.width)
            for at in range(len(row) - 1, 0, -1):  # a tick is two pixels wide where nothing follows
                row[at] = row[at] or row[at - 1]
            strip = Strip(bytes(row), 0, view.width)
        self._paint_strip(painter, strip, top, height)

    def _paint_strip(self, painter: QPainter, strip: Strip, top: int, height: int) -> None:
        """Bytes as a picture one pixel high: nothing here looks at each of them."""
        if not strip.data:
            return
        picture = QImage(strip.data, len(strip.data), 1, len(strip.data), QImage.Format.Format_Indexed8)
        picture.setColorTable(self._tone_table())
        painter.drawImage(QRectF(gutter() + strip.left, top, strip.right - strip.left, height), picture)

    def _tone_table(self) -> list[int]:
        """A colour for each combination of tones: that of the highest."""
        if not self._table:
            colors = [theme().color(token).rgba() for token in TONES]
            self._table = [0] + [colors[value.bit_length() - 1] for value in range(1, 1 << len(TONES))]
        return self._table

    def _paint_track(self, painter: QPainter, row: LaneRow, track: int, top: int) -> None:
        """What is too narrow to have a shape of its own, a picture one pixel high for all of it, then the others."""
        view, lane = self.seen, row.tracks[track]
        if not len(lane):
            return
        crowd = lane.strip(view.begin, view.until, view.width)
        pixels = lane.pixels(view.begin, view.until, view.width) if crowd is None else bytearray(view.width)
        shaped: list[tuple[Bar, QRectF]] = []
        plain: list[tuple[int, int, int]] = []
        scale, plain_ns = view.width / view.span, int(_PLAIN * view.span / view.width)
        first_in, after = lane.between(view.begin, view.until)
        few = after - first_in <= _FEW  # so that a call of a microsecond has a name too
        for bar in lane.bars(view.begin, view.until, 0 if few else max(1, 2 * view.span // view.width)):
            if bar.end is None or bar.end - bar.start >= plain_ns or (bar.key == self._current and bar.key >= 0):
                shaped.append((bar, self._bar_rect(bar, top)))
                if 0 <= (start := int((bar.start - view.begin) * scale)) < view.width:
                    pixels[start] = 0  # it would look out behind the round corner
                continue
            first = max(0, int((bar.start - view.begin) * scale))
            last = min(view.width, max(first + 2, int((bar.end - view.begin) * scale) + 1))
            if first >= last:
                continue
            plain.append((bar.tone, first, last))
            room = self._room_behind(lane, bar, view)
            if room - last >= LEAST_LABEL:
                box = QRectF(gutter() + first, top, last - first, bar_height())
                self._paint_label_of(painter, row, track, bar, box, gutter() + room)
        for tone, first, last in sorted(plain):  # the louder one last, so that it wins a pixel
            pixels[first:last] = bytes((1 << tone,)) * (last - first)
        if crowd is not None:
            self._paint_strip(painter, crowd, top, bar_height())
        self._paint_strip(painter, Strip(bytes(pixels), 0, view.width), top, bar_height())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for bar, rect in shaped:
            self._paint_bar(painter, bar, rect, current=bar.key >= 0 and bar.key == self._current)
            if row.title == "Requests" and row.server in self._model.permissions:
                self._paint_permission(painter, row.server, bar, rect)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        for bar, rect in shaped:
            if row.title == "Requests":
                self._paint_join(painter, bar, rect)
            room = gutter() + self._room_behind(lane, bar, view)
            if max(rect.width(), room - rect.right()) >= LEAST_LABEL:
                self._paint_label_of(painter, row, track, bar, rect, room)

    def _room_behind(self, lane: Lane, bar: Bar, view: Viewport) -> float:
        """Where the next bar begins, in pixels, or the view ends."""
        following = lane.next_start(bar.index)
        return float(view.width) if following is None else min(float(view.width), view.x(following))

    def _paint_label_of(
        self, painter: QPainter, row: LaneRow, track: int, bar: Bar, rect: QRectF, room_until: float
    ) -> None:
        label = self._model.label(row, track, bar.index)
        if label:
            painter.setFont(theme().font("caption"))
            self._labels.paint(painter, label, bar, rect, room_until)

    def _paint_tick_labels(self, painter: QPainter, row: LaneRow, top: int) -> None:
        """Words after a tick, where the next labelled one leaves room for them."""
        view, lane, labels = self.seen, row.tracks[0], row.labels[0]
        painter.setFont(theme().font("caption"))
        painter.setPen(theme().color("text.secondary"))
        first, end = lane.between(view.begin, view.until)
        if end - first > _MOST_TICK_LABELS:
            return
        for index in range(first, end):
            label = labels.get(index)
            if not label:
                continue
            x = gutter() + view.x(lane.bar(index).start)
            if row.title == "Notifications" and _SERIES not in label:
                self._paint_diamond(painter, lane.bar(index).tone, x, top)
            following = lane.next_start(index)
            room = gutter() + min(float(view.width), view.x(view.until if following is None else following)) - x
            if self._labels.width(label) + 14 <= room:
                painter.drawText(
                    QRectF(x + 8, top, room - 8, ticks_height()), Qt.AlignmentFlag.AlignVCenter, visible(label)
                )

    def _paint_diamond(self, painter: QPainter, tone: int, x: float, top: int) -> None:
        """One that stands for itself; those of a series stay ticks."""
        middle, reach = top + ticks_height() / 2 - 0.5, 4.5
        painter.save()
        painter.fillRect(QRectF(x - reach, top + 1, 2 * reach + 1, ticks_height() - 3), theme().color("bg.panel"))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme().color(TONES[tone]))
        corners = [(x - reach, middle), (x, middle - reach), (x + reach, middle), (x, middle + reach)]
        painter.drawPolygon([QPointF(*corner) for corner in corners])
        painter.restore()

    def _paint_join(self, painter: QPainter, bar: Bar, rect: QRectF) -> None:
        """A dotted line from the round before."""
        calls = self._model.calls
        row = calls.row(bar.key) if bar.key >= 0 else None
        before = None if row is None or calls.previous[row] < 0 else calls.row(calls.previous[row])
        if before is None:
            return
        left = gutter() + max(-4.0, self.seen.x(calls.ends[before]))
        y = rect.bottom() + 1.5
        painter.setPen(QPen(theme().color("text.muted"), 1, Qt.PenStyle.DotLine))
        painter.drawLine(QPointF(left, y - 4), QPointF(left, y))
        painter.drawLine(QPointF(left, y), QPointF(rect.left(), y))
        painter.drawLine(QPointF(rect.left(), y), QPointF(rect.left(), y - 4))

    def _bar_rect(self, bar: Bar, top: int) -> QRectF:
        end = self._model.now if bar.end is None else bar.end
        left = max(-4.0, self.seen.x(bar.start))
        right = min(self.seen.width + 4.0, self.seen.x(end))
        return QRectF(gutter() + left, top, max(2.0, right - left), bar_height())

    def _paint_bar(self, painter: QPainter, bar: Bar, rect: QRectF, *, current: bool) -> None:
        color = theme().color(TONES[bar.tone])
        painter.setPen(Qt.PenStyle.NoPen)
        if bar.tone == VIOLET or (bar.end is None and bar.tone == 0):
            painter.setBrush(theme().color("human.bg") if bar.tone == VIOLET else theme().color("info.bg"))
            painter.drawRoundedRect(rect, 3, 3)
            painter.setBrush(QBrush(_faded(color), Qt.BrushStyle.BDiagPattern))
            painter.setPen(QPen(color, 1))
        else:
            painter.setBrush(color)
        painter.drawRoundedRect(rect, 3, 3)
        if current:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme().color("text.primary"), 2))
            painter.drawRoundedRect(rect.adjusted(-1, -1, 1, 1), 3, 3)

    def _paint_permission(self, painter: QPainter, server: str, bar: Bar, rect: QRectF) -> None:
        """The part of a request in which a person had a permission page open, hatched as all waits are."""
        end = self._model.now if bar.end is None else bar.end
        for begin, until in self._model.permissions.within(server, bar.start, end):
            left, right = gutter() + self.seen.x(begin), gutter() + self.seen.x(until)
            part = QRectF(left, rect.top(), right - left, rect.height()).intersected(rect)
            if part.width() < 2:
                continue
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme().color("human.bg"))
            painter.drawRect(part)
            painter.setBrush(QBrush(_faded(theme().color("bar.violet")), Qt.BrushStyle.BDiagPattern))
            painter.setPen(QPen(theme().color("bar.violet"), 1))
            painter.drawRect(part)


def row_height(row: LaneRow) -> int:
    """Pixels of a row."""
    return ticks_height() if row.ticks else 5 + track_height() * len(row.tracks)


def _faint(line: QColor, ink: QColor) -> QColor:
    """A line behind text: where lines have the colour of text (high contrast), it would cross the letters out."""
    return _faded(line) if line == ink else line


def _faded(color: QColor) -> QColor:
    faded = QColor(color)
    faded.setAlphaF(0.45)
    return faded
