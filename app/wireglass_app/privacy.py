"""Carries what the settings say about the recording over to it: how long frames are kept, and what else is masked."""

from PySide6.QtCore import QObject

from wireglass_app.preferences.index import MASK_NAMES, RECORD_DISK, RECORD_MINUTES
from wireglass_app.recording import KEPT_MINUTES, LiveRecording
from wireglass_app.settings import Settings

__all__ = ["Privacy", "on_disk"]

_MOST_MINUTES = 24 * 60


def on_disk(settings: Settings) -> bool:
    """Whether the recording is also kept on disk; asked once, at the start."""
    return settings.get(RECORD_DISK, True)


class Privacy(QObject):
    """Acts at once, and again whenever one of these settings changes."""

    def __init__(self, settings: Settings, recording: LiveRecording) -> None:
        super().__init__(recording)
        self._settings, self._recording = settings, recording
        settings.changed.connect(self._changed)
        self._take()

    def _changed(self, name: str) -> None:
        if name in (RECORD_MINUTES, MASK_NAMES):
            self._take()

    def _take(self) -> None:
        minutes = self._settings.get(RECORD_MINUTES, KEPT_MINUTES)
        self._recording.keep_minutes = min(max(1, int(minutes)), _MOST_MINUTES)
        self._recording.masker.name(str(name) for name in self._settings.get(MASK_NAMES, []))
        self._recording.trim()
