"""How a call ended, in one sentence, once: for the status bar and for those who do not see the result."""

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

from wireglass_app.calls import Call
from wireglass_app.dossier.words import schema_chip, verdict
from wireglass_app.plain import duration

__all__ = ["ResultNews"]

_SETTLED_MS = 80
"""Frames come after the result, and with them the times of the wire: they reach the window within 33 ms."""


class ResultNews(QObject):
    """Of calls that end at once, the latest is told."""

    def __init__(self, say: Callable[[str], None], parent: QObject) -> None:
        super().__init__(parent)
        self._say = say
        self._call: Call | None = None
        self._has_schema = False
        self._timer = QTimer(self, singleShot=True, interval=_SETTLED_MS)
        self._timer.timeout.connect(self._tell)

    def changed(self, call: Call, *, has_schema: bool = False) -> None:
        """A call that is in sight changed. `has_schema`: its result is held against a schema."""
        if call.ended and call is not self._call:
            self._call, self._has_schema = call, has_schema
            self._timer.start()

    def _tell(self) -> None:
        if (call := self._call) is not None:
            judged = schema_chip(call, self._has_schema)[0].removeprefix("✓ ")
            parts = (verdict(call).title, duration(call.milliseconds), judged[:1].lower() + judged[1:])
            self._say(", ".join(part for part in parts if part))
