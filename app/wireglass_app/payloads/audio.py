"""Sound: what it is, saved or opened with the system's player. Nothing is played by itself."""

import base64
import binascii

from PySide6.QtWidgets import QWidget

from wireglass_app.controls import Button, IconLabel, Label, row
from wireglass_app.payloads.base import PayloadView
from wireglass_app.payloads.saving import SaveButton, open_with_system
from wireglass_app.plain import size, visible

__all__ = ["AudioView"]

_SUFFIXES = {
    "audio/wav": ".wav",
    "audio/x-wav": ".wav",
    "audio/wave": ".wav",
    "audio/mpeg": ".mp3",
    "audio/mp3": ".mp3",
    "audio/ogg": ".ogg",
    "audio/opus": ".opus",
    "audio/flac": ".flac",
    "audio/aac": ".aac",
    "audio/mp4": ".m4a",
    "audio/webm": ".weba",
}
"""What the system's player may be started with: sound formats only, never a name of the server's choosing."""


class AudioView(PayloadView):
    """An audio block, from base64 or bytes."""

    kind = "audio"
    grows = False
    copies = False

    def __init__(self, data: str | bytes, mime_type: str = "") -> None:
        super().__init__()
        self._data = data
        octets = len(data) * 3 // 4 if isinstance(data, str) else len(data)
        self._suffix = _SUFFIXES.get(mime_type.lower(), "")
        self.facts = " · ".join(part for part in (visible(mime_type, 60), size(octets)) if part)
        self._note = Label("", "muted", "small", wrap=True)
        player = Button("Open with the system player", icon="external", clicked=self._open)
        player.setEnabled(bool(self._suffix))
        self.setLayout(
            row(
                IconLabel("audio"),
                player,
                SaveButton(self._decoded, f"sound{self._suffix or '.bin'}"),
                self._note,
                None,
            )
        )

    def _decoded(self) -> bytes:
        return base64.b64decode(self._data, validate=True) if isinstance(self._data, str) else self._data

    def _open(self) -> None:
        try:
            open_with_system(self._decoded(), self._suffix)
        except (binascii.Error, OSError) as error:
            self._note.setText(f"Not opened: {error}. Look at the raw frame to see what the server sent.")

    def actions(self) -> list[QWidget]:
        return []
