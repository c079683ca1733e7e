"""How large the parts of the timeline are now, in pixels: they grow with the zoom, as the words in them do."""

from wireglass_app.theme import theme

__all__ = ["bar_height", "gutter", "ruler_height", "server_height", "ticks_height", "track_height"]


def gutter() -> int:
    """The column with the rows' titles."""
    return theme().px(162)


def ruler_height() -> int:
    """The line of times at the top."""
    return theme().px(22)


def server_height() -> int:
    """The line with a server's name."""
    return theme().px(20)


def track_height() -> int:
    """A line of bars."""
    return theme().px(20)


def ticks_height() -> int:
    """A row of marks, which are all in one line."""
    return theme().px(23)


def bar_height() -> int:
    """A bar in its line."""
    return theme().px(16)
