"""Connect to any server: a Python file, a command, a URL, what another app has, pasted JSON. Everything it would be
started with is in sight.

For a URL the dialog stays open while it connects: its right side shows each step, and the page that asks for
permission opens only by hand.
"""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QDialog, QWidget

from wireglass.launch.find import split_spec
from wireglass_app.calls import Target
from wireglass_app.controls import Button, Label, Pages, column, row, surface
from wireglass_app.counted_tabs import CountedTabs
from wireglass_app.dialogs.check_pane import CheckPane
from wireglass_app.dialogs.other_pages import AppsPage, FilePage, JsonPage
from wireglass_app.dialogs.target_form import TargetForm
from wireglass_app.dialogs.target_text import is_json, targets_in_json
from wireglass_app.inbox.two_panes import TwoPanes
from wireglass_app.known import KnownServer
from wireglass_app.offers import Offers
from wireglass_app.placing import Placing
from wireglass_app.plain import counted
from wireglass_app.reading import ReadingDialog
from wireglass_app.server_session import ServerSession
from wireglass_app.theme import theme

__all__ = ["ConnectDialog"]

_TABS = (
    ("file", "Python file"),
    ("command", "Command"),
    ("url", "URL"),
    ("apps", "From another app"),
    ("json", "Paste JSON"),
)
_WIDE, _HIGH, _NARROW = 1000, 716, 860


class ConnectDialog(ReadingDialog):
    """`chosen(Target)` when the user agrees to connect. After `follow` it shows how that goes, and closes when it is
    done. The other ways end in `handed_over(text)` or `servers_chosen([KnownServer])`."""

    chosen = Signal(object)
    handed_over = Signal(str)
    """Instead of `chosen`, after it closed: a server file, or JSON with several servers, which others open."""
    servers_chosen = Signal(list)
    """The same for servers of other apps."""
    mend_wanted = Signal(object, str)
    """The session that is shown, and the key of the `Offer` that its failure makes."""
    apps_wanted = Signal()
    """The servers of other apps are to be read, for `show_known`."""

    def __init__(self, parent: QWidget, target: Target | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Connect to a server")
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.session: ServerSession | None = None
        """Whose connection is shown."""
        self._stays = False
        self._placing = Placing(self)
        self._asked_apps = False
        self.tabs = CountedTabs("What to connect to")
        self.tabs.setUsesScrollButtons(True)
        for _key, text in _TABS:
            self.tabs.addTab(text)
        self.form = TargetForm(target)
        self.file_page, self.apps_page, self.json_page = FilePage(), AppsPage(), JsonPage()
        self.apps_page.changed.connect(self._name_button)
        self.json_page.changed.connect(self._name_button)
        self.problem = Label("", "bad", wrap=True)
        self.problem.hide()
        self.offers = Offers(lambda offer: self.mend_wanted.emit(self.session, offer))
        self.check = CheckPane()
        self._lay_out()
        self._fill(target or Target("", "stdio"))
        self.tabs.currentChanged.connect(lambda _at: self._tab_changed())
        for field in (self.form.command, self.form.url):
            field.textChanged.connect(self._recognise)

    def _lay_out(self) -> None:
        self.pages = Pages()
        for page in (self.form, self.file_page, self.apps_page, self.json_page):
            self.pages.addWidget(page)
        said = surface(QWidget(), "panel")
        said.setLayout(column(self.problem, self.offers, gap=8, margins=(22, 0, 22, 8)))
        left = QWidget()
        lines = column(self.pages, said, gap=0)
        lines.setStretch(0, 1)
        left.setLayout(lines)
        self.panes = TwoPanes(left, self.check, ("Server", "Connection check"), least=_NARROW)
        self.panes.set_shares(1, 0)
        top = surface(QWidget(), "panel", "bottom")
        top.setLayout(row(self.tabs, margins=(9, 2, 18, 0)))
        self.copy_check = Button("Copy check as report", "ghost", clicked=self._copy_report)
        self.cancel = Button("Cancel", key="Esc", large=True, clicked=self.reject)
        self.go = Button("Connect", "primary", large=True, clicked=self._connect)
        self.go.setDefault(True)
        foot = surface(QWidget(), "window", "top")
        foot.setLayout(row(self.copy_check, None, self.cancel, self.go, margins=(16, 10, 18, 10)))
        whole = column(top, self.panes, foot, gap=0)
        whole.setStretch(1, 1)
        self.setLayout(whole)
        self.take_size(theme().px(_WIDE), theme().px(_HIGH), least=(theme().px(560), theme().px(420)))

    def _fill(self, target: Target) -> None:
        self.show_tab("command" if target.kind == "stdio" else "url")
        self.form.fill(target)

    # which way

    @property
    def tab(self) -> str:
        """ "file", "command", "url", "apps" or "json"."""
        return _TABS[self.tabs.currentIndex()][0]

    def show_tab(self, key: str) -> None:
        """Another way to name a server."""
        self.tabs.setCurrentIndex(next(at for at, (one, _text) in enumerate(_TABS) if one == key))
        self._tab_changed()

    def _tab_changed(self) -> None:
        tab = self.tab
        url = tab == "url"
        self.form.show_kind(tab)
        self.panes.show_alone("" if url else "left")
        self.copy_check.setVisible(url)
        page = {"file": self.file_page, "apps": self.apps_page, "json": self.json_page}.get(tab)
        self.pages.setCurrentIndex(0) if page is None else self.pages.setCurrentWidget(page)
        if tab == "apps" and not self._asked_apps:
            self._asked_apps = True
            self.apps_wanted.emit()
        self._say("")
        self._name_button()
        if not self.tabs.hasFocus():  # arrows go on along the tabs
            (page or (self.form.url if url else self.form.command)).setFocus()

    def show_known(self, servers: list[KnownServer]) -> None:
        """What other apps have."""
        self.apps_page.show_servers(servers)

    def _name_button(self) -> None:
        """The button says what it does; what cannot be done yet is disabled."""
        if self.session is not None:
            return
        number = {"apps": len(self.apps_page.chosen()), "json": self.json_page.number()}.get(self.tab)
        text = {"file": "Read the file", "apps": "Open", "json": "Open"}.get(self.tab, "Connect")
        if number:
            text += f" {counted(number, 'server')}"
        self.go.setText(text)
        self.go.setAccessibleName(text)
        self.go.setEnabled(number != 0)

    def _recognise(self, text: str) -> None:
        """What was pasted into the wrong field goes to the right ones: a URL, the JSON of a config."""
        if self.tab == "command" and text.startswith(("http://", "https://")):
            self.form.command.clear()
            self.show_tab("url")
            self.form.url.setText(text)
        elif is_json(text):
            self._take_json(text)

    def _take_json(self, text: str) -> None:
        try:
            found = targets_in_json(text)
        except ValueError:
            return  # not whole yet, or wrong: said when it is to be used
        if len(found) == 1:
            self.form.command.clear()
            self._fill(found[0])
        elif found:
            self.form.command.clear()
            self.form.url.clear()
            self.json_page.edit.setPlainText(text)
            self.show_tab("json")

    def _connect(self) -> None:
        try:
            if self._leave_for():
                return
            target = self.form.target()
        except ValueError as problem:
            self._say(str(problem))
            return
        self._say("")
        self.chosen.emit(target)
        if self.session is None:
            self.accept()

    def _leave_for(self) -> bool:
        """The three ways that go on elsewhere: closes first, since another question follows. False when it is none."""
        if self.tab == "apps":
            servers = self.apps_page.chosen()
            self.accept()
            self.servers_chosen.emit(servers)
            return True
        text = self._handed_over()
        if text:
            self.accept()
            self.handed_over.emit(text)
        return bool(text)

    def _handed_over(self) -> str:
        """A server file or JSON, also from the command line, where they are no command; else an empty text."""
        typed = self.form.command.text().strip()
        match self.tab:
            case "file":
                return self.file_page.spec()
            case "json":
                return self.json_page.text()
            case "command" if is_json(typed):
                targets_in_json(typed)
                return typed
            case "command" if typed:
                path = split_spec(typed)[0]
                return typed if path.suffix == ".py" and path.expanduser().is_file() else ""
            case _:
                return ""

    def _say(self, text: str) -> None:
        self.problem.setText(text)
        self.problem.setVisible(bool(text))

    # while it connects

    def follow(self, session: ServerSession, *, stays: bool = False) -> None:
        """Shows how connecting and signing in go. With `stays`, it is open for its own sake, for the token's facts,
        and does not close by itself."""
        self._leave()
        self.session, self._stays = session, stays
        session.state_changed.connect(self._session_changed)
        session.sign_in.changed.connect(self._session_changed)
        self.form.sign_in.card.set_sign_in(session.sign_in)
        self.check.follow(session)
        self.show_tab("url")
        self._placing.begin()
        self._session_changed()
        if stays:
            self.cancel.setFocus()

    def ask_password(self) -> None:
        """The server refused, and wants a user name and a password."""
        if self.tab != "url":
            self.show_tab("url")
        self.panes.show_pane("left")
        self.form.sign_in.ask_password()

    def _leave(self) -> None:
        session, self.session = self.session, None
        if session is not None:
            session.state_changed.disconnect(self._session_changed)
            session.sign_in.changed.disconnect(self._session_changed)
            self.form.sign_in.card.set_sign_in(None)
            self.check.leave()

    def _session_changed(self) -> None:
        session = self.session
        if session is None:
            return
        asking = session.sign_in.asking is not None
        self.panes.show_pane("left" if asking or (not self._stays and session.usable) else "right")
        busy = session.state == "connecting" or asking
        self._set_editable(not busy and not session.usable)
        self.go.setText("Connected" if session.usable and not asking else "Connect")
        self.go.setEnabled(not (busy or session.usable))
        page = self.form.sign_in.card.go
        (page if asking else self.go).setDefault(True)
        if asking and self._placing.waits:
            self._placing.place(page)  # Enter opens it, and nothing opens it before
        elif self.go.isEnabled() and not self.isAncestorOf(QApplication.focusWidget() or self):
            self.go.setFocus()
        self.cancel.setText("Cancel" if busy else "Close")
        failed = session.failure if session.state in ("failed", "crashed") else None
        problem = session.sign_in.problem if session.usable else None
        self.offers.show_offers(failed.offers if failed is not None else ())
        if failed is not None:
            if self._placing.waits:
                self._placing.place(self.go)
            self._say(f"{failed.title}. {failed.text} {failed.next_step}".strip())
        else:
            self._say(f"{problem.message} {problem.next_step}".strip() if problem is not None else "")
        if session.usable and not asking and problem is None and not self._stays:
            self.accept()

    def _set_editable(self, editable: bool) -> None:
        self.tabs.setEnabled(editable)
        self.form.set_editable(editable)

    def _copy_report(self) -> None:
        QGuiApplication.clipboard().setText(self.check.report())

    def done(self, result: int) -> None:
        """Leaving while it waits for a person stops the sign-in, or the connection that is not there yet."""
        session = self.session
        if session is not None and result == QDialog.DialogCode.Rejected:
            if session.sign_in.asking is not None:
                session.sign_in.stop()
            if session.state == "connecting":
                session.spawn(session.disconnect_from())
        self._leave()
        super().done(result)
