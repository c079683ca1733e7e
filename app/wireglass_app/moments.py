"""Moments as people read them: in local time or in UTC, as the user chose. The one place that knows which."""

from datetime import UTC, datetime, tzinfo
from typing import Literal

from PySide6.QtCore import QCoreApplication, QObject, Signal

__all__ = ["Moments", "TimesChoice", "at", "clock", "clock_ms", "day_and_clock", "heading", "moments", "zone_mark"]

TimesChoice = Literal["local", "utc"]


class Moments(QObject):
    """`changed`: everything that shows a time is to be shown anew."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.zone: tzinfo | None = None
        """None is the zone of this machine."""

    @property
    def choice(self) -> TimesChoice:
        return "local" if self.zone is None else "utc"

    def choose(self, choice: TimesChoice) -> None:
        """Takes the user's setting."""
        if choice != self.choice:
            self.zone = UTC if choice == "utc" else None
            self.changed.emit()


_before_the_application: list[Moments] = []


def moments() -> Moments:
    """The application's; made on first use."""
    app = QCoreApplication.instance()
    if app is None:
        if not _before_the_application:
            _before_the_application.append(Moments())
        return _before_the_application[0]
    found = getattr(app, "_wireglass_moments", None)
    if found is None:
        found = Moments(app)
        app._wireglass_moments = found  # type: ignore[attr-defined]  # lives exactly as long as the application
    return found


def at(seconds: float) -> datetime:
    """A moment since 1970, in the zone that is shown."""
    return datetime.fromtimestamp(seconds, moments().zone)


def clock(seconds: float) -> str:
    """ "14:03:05"."""
    return f"{at(seconds):%H:%M:%S}"


def clock_ms(wall_ns: int) -> str:
    """ "14:03:05.123", from nanoseconds since 1970; cut, not rounded, so that it never runs ahead."""
    return f"{at(wall_ns // 10**9):%H:%M:%S}.{wall_ns // 10**6 % 1000:03}"


def day_and_clock(seconds: float) -> str:
    """ "2026-11-22 14:03:05"."""
    return f"{at(seconds):%Y-%m-%d %H:%M:%S}"


def zone_mark() -> str:
    """ "UTC" or "local": what the corner of a ruler says."""
    return "UTC" if moments().zone is not None else "local"


def heading(title: str) -> str:
    """A column's heading: "Time" says so when it is not the time on the wall."""
    return f"{title} UTC" if title == "Time" and moments().zone is not None else title
