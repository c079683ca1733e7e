"""The field for a URL: a lock where it is encrypted, and the transport it will be reached over."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent

from wireglass_app.controls import Chip, IconField
from wireglass_app.theme import theme

__all__ = ["AddressField"]


class AddressField(IconField):
    """Looks at what is typed only; nothing is fetched."""

    def __init__(self) -> None:
        super().__init__("globe")
        self.setAccessibleName("URL")
        self.setPlaceholderText("https://mcp.example.com/mcp")
        self.setProperty("type", "mono")
        self.chip = Chip("", "ok")
        self.chip.setParent(self)
        self.chip.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.textChanged.connect(lambda text: self.set_mark("lock" if text.strip().startswith("https://") else "globe"))
        self.show_transport("http")

    def show_transport(self, kind: str) -> None:
        """ "http" or "sse"."""
        self.chip.setText("older SSE, deprecated" if kind == "sse" else "Streamable HTTP")
        self.chip.set_kind("warn" if kind == "sse" else "ok")
        self.setAccessibleDescription(f"Reached over {self.chip.text()}")
        self._place()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()

    def _place(self) -> None:
        self.chip.adjustSize()
        self.chip.move(self.width() - self.chip.width() - 8, (self.height() - self.chip.height()) // 2)
        self.setTextMargins(theme().px(16) + 6, 0, self.chip.width() + 6, 0)
