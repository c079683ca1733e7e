"""Rows and columns of widgets, their grounds, and the direction they read in."""

from collections.abc import Iterable, Sequence
from typing import Any

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QBoxLayout,
    QHBoxLayout,
    QLayout,
    QScrollArea,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

__all__ = [
    "Item",
    "Pages",
    "as_written",
    "beside",
    "clear",
    "column",
    "left_to_right",
    "restyle",
    "row",
    "scrolling",
    "surface",
    "unmarked",
]

Item = QWidget | QLayout | int | None
"""What `row` and `column` take: a widget, a layout, a gap in pixels, or None for a stretch."""


def restyle(widget: QWidget, **properties: Any) -> None:
    """Sets dynamic properties that the sheet looks at, and lets it look again."""
    for name, value in properties.items():
        widget.setProperty(name, value)
    widget.style().unpolish(widget)
    widget.style().polish(widget)


def surface(widget: QWidget, kind: str, edge: str = "") -> QWidget:
    """Gives a widget a background and perhaps one line of the design."""
    widget.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    widget.setProperty("surface", kind)
    if edge:
        widget.setProperty("edge", edge)
    return widget


def row(*items: Item, gap: int = 8, margins: tuple[int, int, int, int] = (0, 0, 0, 0)) -> QHBoxLayout:
    """A line of things, vertically centred."""
    layout = QHBoxLayout()
    _fill(layout, items, gap, margins)
    return layout


def column(*items: Item, gap: int = 8, margins: tuple[int, int, int, int] = (0, 0, 0, 0)) -> QVBoxLayout:
    """Things below each other."""
    layout = QVBoxLayout()
    _fill(layout, items, gap, margins)
    return layout


def clear(layout: QLayout) -> None:
    """Takes everything out and deletes it. Hidden at once: until it is deleted it would stand in the way of the new."""
    while (item := layout.takeAt(0)) is not None:
        if (widget := item.widget()) is not None:
            widget.hide()
            widget.deleteLater()


def beside(*panes: QWidget, sizes: Sequence[int], grows: int = 1) -> QSplitter:
    """Panes beside each other with a line between them that can be dragged; none can be dragged out of sight.

    `sizes` are the widths at first, in pixels or only in proportion; of more room pane `grows` gets all.
    """
    splitter = QSplitter(Qt.Orientation.Horizontal)
    splitter.setHandleWidth(1)
    splitter.setChildrenCollapsible(False)
    for pane in panes:
        splitter.addWidget(pane)
    splitter.setSizes(list(sizes))
    splitter.setStretchFactor(grows, 1)
    return splitter


def scrolling(page: QWidget, *, sideways: bool = True) -> QScrollArea:
    """A page that scrolls where it has no room; the focus goes to what is on it, never to the area around."""
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    if not sideways:
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setWidget(page)
    return area


def _fill(layout: QBoxLayout, items: Iterable[Item], gap: int, margins: tuple[int, int, int, int]) -> None:
    layout.setSpacing(gap)
    layout.setContentsMargins(*margins)
    for item in items:
        if item is None:
            layout.addStretch(1)
        elif isinstance(item, int):
            layout.addSpacing(item)
        elif isinstance(item, QLayout):
            layout.addLayout(item)
        else:
            layout.addWidget(item)


class Pages(QStackedWidget):
    """One of several pages. It needs the room of the page in sight, not that of the largest: a page that nobody sees
    must not push the buttons of another out of a low window."""

    def __init__(self) -> None:
        super().__init__()
        self.currentChanged.connect(lambda _at: self.updateGeometry())

    def minimumSizeHint(self) -> QSize:
        page = self.currentWidget()
        return page.minimumSizeHint().expandedTo(page.minimumSize()) if page is not None else QSize(0, 0)


def left_to_right(widget: QWidget) -> None:
    """For what is painted by hand, and for names and code of servers: they read this way in every layout. A layout
    from right to left turns the places of such widgets round, and leaves what is in them."""
    widget.setLayoutDirection(Qt.LayoutDirection.LeftToRight)


_MARKS = str.maketrans(dict.fromkeys("\u2068\u2069"))
"""Around what reads as its own first letter says (Unicode's first strong isolate)."""


def as_written(text: str) -> str:
    """For what Qt paints in the direction of the whole program, as buttons and cells: from right to left "3 tools"
    would read "tools 3", and "Change…" would begin with its dots. Only to be painted: see `unmarked`."""
    if QGuiApplication.layoutDirection() != Qt.LayoutDirection.RightToLeft or not text:
        return text
    words = text.lstrip(" ")  # blanks before are room beside an icon
    return f"{text[: len(text) - len(words)]}\u2068{words}\u2069"


def unmarked(text: str) -> str:
    """A text without what `as_written` put around it."""
    return text.translate(_MARKS)
