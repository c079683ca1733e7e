"""The page that waits for a person: it opens only on a click or Enter, can be copied, and its answer can be pasted."""

from collections.abc import Callable
from time import monotonic

from PySide6.QtCore import QTimer, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QFrame, QLineEdit, QWidget

from wireglass_app.controls import Button, IconLabel, Label, column, restyle, row, surface
from wireglass_app.plain import counted, visible
from wireglass_app.signing_in import SigningIn
from wireglass_app.theme import set_icon

__all__ = ["PageCard"]


def _open_in_browser(url: str) -> bool:
    return QDesktopServices.openUrl(QUrl(url, QUrl.ParsingMode.StrictMode))


class PageCard(QFrame):
    """Hidden while no page waits."""

    def __init__(self, sign_in: SigningIn | None = None) -> None:
        super().__init__()
        surface(self, "card")
        self.setAccessibleName("Permission in your browser")
        self._sign_in: SigningIn | None = None
        self.opener: Callable[[str], bool] = _open_in_browser
        self.title = Label("", type="strong")
        self.text = Label("", "secondary", "small", wrap=True)
        self.left = Label("", "human", "strong")
        self.left.setAccessibleName("Time left")
        self.go = Button("Open the page", "primary", icon="external", clicked=self.open_page)
        self.copy = Button("Copy link", icon="copy", clicked=self._copy)
        self.paste = Button("Paste the answer…", "ghost", clicked=self._show_paste)
        self.stop = Button("Stop", "ghost", clicked=self._stop)
        self.address = QLineEdit()
        self.address.setAccessibleName("The address that the browser ended at")
        self.address.setPlaceholderText("http://127.0.0.1:…/callback?code=…")
        self.address.setEchoMode(QLineEdit.EchoMode.Password)  # it holds the code
        self.address.returnPressed.connect(self._use)
        self.use = Button("Use it", clicked=self._use)
        self.wrong = Label("", "bad", "small", wrap=True)
        self.wrong.hide()
        self._pasting = QWidget()
        note = "Where the browser cannot reach this machine: paste the whole address that it ends at."
        line = row(self.address, self.use)
        line.setStretchFactor(self.address, 1)
        self._pasting.setLayout(column(Label(note, "muted", "small", wrap=True), line, self.wrong, gap=6))
        self._pasting.hide()
        head = row(IconLabel("globe", "human.text", 20), column(self.title, self.text, gap=2), self.left, gap=12)
        head.setStretch(1, 1)
        buttons = row(self.go, self.copy, self.paste, None, self.stop)
        self.setLayout(column(head, buttons, self._pasting, gap=12, margins=(14, 12, 14, 12)))
        self._clock = QTimer(self, interval=500)
        self._clock.timeout.connect(self._tick)
        self.hide()
        self.set_sign_in(sign_in)

    def set_sign_in(self, sign_in: SigningIn | None) -> None:
        """Whose page it shows."""
        if self._sign_in is not None:
            self._sign_in.changed.disconnect(self.refresh)
        self._sign_in = sign_in
        if sign_in is not None:
            sign_in.changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Shows the state as it is now."""
        asking = self._sign_in.asking if self._sign_in is not None else None
        if self._sign_in is None or asking is None:
            self._clock.stop()
            self._pasting.hide()
            self.address.clear()
            self.hide()
            return
        opened = self._sign_in.opened
        self.title.setText("Waiting for your browser" if opened else "Permission in your browser")
        host = QUrl(asking.issuer).host() or asking.issuer
        many = len(asking.scopes)
        what = counted(many, "scope") if many else "its default scopes"
        here = QUrl(asking.redirect_uri)
        page = QUrl(asking.url).host()
        elsewhere = f" Its page is at {visible(page, 120)}." if page != host else ""
        self.text.setText(
            f"{visible(host, 120)} asks you to allow {what}.{elsewhere} "
            f"This window listens on {here.host()}:{here.port()} for the answer."
        )
        self.go.setText("Open the page again" if opened else "Open the page")
        restyle(self.go, kind="" if opened else "primary")
        set_icon(self.go, "external", "text.primary" if opened else "accent.on")
        self.go.setAccessibleName(f"Open the page of {visible(host, 120)} in the browser{' again' if opened else ''}")
        self._tick()
        self._clock.start()
        self.show()

    def open_page(self) -> None:
        """In the browser of the system. Only ever by a person's hand."""
        asking = self._sign_in.asking if self._sign_in is not None else None
        if self._sign_in is None or asking is None:
            return
        if self.opener(asking.url):
            self._sign_in.note_opened()
        else:
            self._show_paste()
            self._say("No browser could be opened. Copy the link, open it elsewhere, and paste the answer here.")

    def _tick(self) -> None:
        left = max(0, round(self._sign_in.until - monotonic())) if self._sign_in is not None else 0
        self.left.setText(f"{left // 60}:{left % 60:02d}")

    def _copy(self) -> None:
        asking = self._sign_in.asking if self._sign_in is not None else None
        if self._sign_in is not None and asking is not None:
            QGuiApplication.clipboard().setText(asking.url)
            self._sign_in.note_opened()

    def _show_paste(self) -> None:
        self._pasting.show()
        self.address.setFocus()

    def _use(self) -> None:
        if self._sign_in is not None and self.address.text().strip():
            self._sign_in.paste(self.address.text(), self._pasted)

    def _pasted(self, taken: bool) -> None:
        if not taken:
            self._say("This address is no answer to this page. It must hold code and state, and be of this sign-in.")

    def _say(self, text: str) -> None:
        self.wrong.setText(text)
        self.wrong.show()

    def _stop(self) -> None:
        if self._sign_in is not None:
            self._sign_in.stop()
