"""Tab goes where the eye goes: through what is in sight, line by line, column by column, whenever it was built.

Qt's own order is the order in which widgets were made. Here views are built when they are first shown, lists of fields
are made again with each tool, and buttons come and go: what was made last would always come last.
"""

from collections.abc import Callable, Iterable, Iterator

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QScrollArea, QWidget

from wireglass_app.placing import left_by_itself

__all__ = ["ReadingDialog", "move_focus", "reading_order"]

_SLACK = 2
"""Pixels by which two lines may reach into each other and still are two."""
_MARGIN = 60
"""Pixels that a dialog leaves of the screen."""


class ReadingDialog(QDialog):
    """A dialog through which Tab goes in reading order."""

    def focusNextPrevChild(self, next: bool) -> bool:
        return move_focus(self, forward=next)

    def take_size(self, wide: int, high: int, *, least: tuple[int, int]) -> None:
        """So many pixels at first, and no less than `least`, as far as the screen has them."""
        room = self.screen().availableSize().expandedTo((self.parentWidget() or self).window().size())
        room -= QSize(_MARGIN, _MARGIN)
        self.setMinimumSize(QSize(*least).boundedTo(room))
        self.resize(QSize(wide, high).boundedTo(room))


def move_focus(window: QWidget, *, forward: bool) -> bool:
    """Gives the focus to what follows in reading order, round the window; False when nothing takes it.

    Meant for a window's `focusNextPrevChild`, where every Tab arrives that no editor keeps for itself.
    """
    here = window.focusWidget()
    stops = list(reading_order(window, here))
    if not stops or stops == [here]:
        return False
    step = 1 if forward else -1
    if left_by_itself(here):
        near = _nearest(here)
        if near is not None:
            near.setFocus(Qt.FocusReason.OtherFocusReason)
        return near is not None
    target = stops[(stops.index(here) + step) % len(stops)] if here in stops else stops[0 if forward else -1]
    reason = Qt.FocusReason.TabFocusReason if forward else Qt.FocusReason.BacktabFocusReason
    target.setFocus(reason)
    _scroll_to(target)
    return True


def _nearest(gone: QWidget) -> QWidget | None:
    """What is closest to a widget that cannot have the focus any more, in the smallest part of the window with
    anything in it that can: it stays in its form, its bar, its view."""
    part = gone.parentWidget()
    while part is not None:
        stops = [one for one in reading_order(part) if one is not gone and one.isVisible()] if part.isVisible() else []
        if stops:
            middle = gone.mapToGlobal(gone.rect().center())
            return min(stops, key=lambda one: (one.mapToGlobal(one.rect().center()) - middle).manhattanLength())
        part = None if part.isWindow() else part.parentWidget()
    return None


def reading_order(root: QWidget, here: QWidget | None = None) -> Iterator[QWidget]:
    """What Tab stops at inside `root`; `here` too, although it may be reached with the mouse alone."""
    wanted = _tab_policy()
    for child in _in_reading_order(root):
        if child is here or (child.focusPolicy() & wanted == wanted and child.isEnabled() and not child.focusProxy()):
            yield child
        yield from reading_order(child, here)


def _tab_policy() -> Qt.FocusPolicy:
    """On macOS a setting of the system decides whether Tab stops at buttons too."""
    hints = QGuiApplication.styleHints()
    everything = hints.tabFocusBehavior() == Qt.TabFocusBehavior.TabFocusAllControls
    return Qt.FocusPolicy.TabFocus if everything else Qt.FocusPolicy.StrongFocus


def _in_reading_order(parent: QWidget) -> list[QWidget]:
    """The children in sight, or that can be scrolled into it."""
    children = parent.findChildren(QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly)
    shown = [one for one in children if one.isVisible() and not one.isWindow() and one.width() and one.height()]
    if len(shown) < 2:
        return shown
    mirror = -1 if parent.isRightToLeft() else 1
    return _lines([(_box(one, mirror), one) for one in shown])


def _box(widget: QWidget, mirror: int) -> QRect:
    box = widget.geometry()
    return box if mirror > 0 else QRect(-box.right(), box.top(), box.width(), box.height())


_Placed = tuple[QRect, QWidget]


def _lines(placed: list[_Placed]) -> list[QWidget]:
    """Lines from the top, in each line columns, in each column lines again; what overlaps, by its upper corner."""
    for start, end in ((QRect.top, QRect.bottom), (QRect.left, QRect.right)):
        groups = list(_apart(placed, start, end))
        if len(groups) > 1:
            return [widget for group in groups for widget in _lines(group)]
    return [widget for _box, widget in sorted(placed, key=lambda one: (one[0].top(), one[0].left()))]


def _apart(
    placed: Iterable[_Placed], start: Callable[[QRect], int], end: Callable[[QRect], int]
) -> Iterator[list[_Placed]]:
    """Groups with a gap between them in one direction."""
    group: list[_Placed] = []
    reach = 0
    for one in sorted(placed, key=lambda one: start(one[0])):
        if group and start(one[0]) > reach - _SLACK:
            yield group
            group = []
        reach = max(reach, end(one[0])) if group else end(one[0])
        group.append(one)
    yield group


def _scroll_to(widget: QWidget) -> None:
    """Brings it into sight; Qt does so only in the area that the focus leaves."""
    parent = widget.parentWidget()
    while parent is not None and not parent.isWindow():
        if isinstance(parent, QScrollArea):
            parent.ensureWidgetVisible(widget)
        parent = parent.parentWidget()
