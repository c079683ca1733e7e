"""What will be written and the buttons for it; while a server is started once, how far that is."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from wireglass_app.controls import Button, Elided, IconLabel, Label, restyle, row, surface
from wireglass_app.plain import counted, tip
from wireglass_app.theme import set_icon

__all__ = ["Footer"]


class Footer(QWidget):
    """One line in one of four states: ready to write, trying, a server did not answer, cannot be written."""

    write_wanted = Signal()
    anyway_wanted = Signal()
    discard_wanted = Signal()
    stop_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        surface(self, "sunken", "top")
        self.mark = IconLabel("shield", "ok.text")
        self.lead = Label("", type="strong")
        self.text = Elided("", "secondary")
        self.discard_button = Button("Discard", "ghost", clicked=self.discard_wanted.emit)
        self.stop_button = Button("Stop", clicked=self.stop_wanted.emit)
        self.anyway_button = Button("Write anyway", clicked=self.anyway_wanted.emit)
        self.write_button = Button("Write", "primary", key="Ctrl+S", large=True, clicked=self.write_wanted.emit)
        buttons = (self.discard_button, self.stop_button, self.anyway_button, self.write_button)
        line = row(self.mark, self.lead, self.text, *buttons, gap=6, margins=(14, 7, 14, 7))
        line.setStretch(2, 1)
        self.setLayout(line)

    def ready(self, files: int, restart: str) -> None:
        """So many files will change; `restart` names the apps to start again."""
        kept = "A dated copy of each is kept, Undo puts it back."
        lead = f"{counted(files, 'file')} will change."
        self._say("shield", "ok", f"{kept} {restart}".strip(), files, write=files > 0, lead=lead)

    def trying(self, text: str, files: int) -> None:
        """Servers are being started once."""
        self._say("clock", "muted", text, files, write=False, stop=True)

    def refused(self, text: str, files: int) -> None:
        """A server did not answer; it can be written all the same."""
        self._say("warning", "warn", text, files, write=True, anyway=True)

    def blocked(self, text: str, files: int) -> None:
        """It cannot be written as it is."""
        self._say("cross-circle", "bad", text, files, write=False)

    def _say(
        self,
        icon: str,
        tone: str,
        text: str,
        files: int,
        *,
        write: bool,
        stop: bool = False,
        anyway: bool = False,
        lead: str = "",
    ) -> None:
        token = "text.muted" if tone == "muted" else f"{tone}.text"
        set_icon(self.mark, icon, token)
        self.lead.setText(lead)
        self.lead.setVisible(bool(lead))
        self.text.setText(text)
        self.text.set_tone("secondary" if lead else "primary")
        self.text.setToolTip(tip(f"{lead} {text}".strip()))
        self.write_button.setText("Try again" if anyway else f"Write {counted(files, 'file')}")
        self.write_button.setEnabled(write)
        self.stop_button.setVisible(stop)
        self.anyway_button.setVisible(anyway)
        self.discard_button.setEnabled(not stop)
        restyle(self.write_button, busy=stop)
