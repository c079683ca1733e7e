"""Connect to any server: a Python file, a command, a URL, what another app has, pasted JSON. Everything it would be
started with is in sight.

For a URL the dialog stays open while it connects: its right side shows each step, and the page that asks for
permission opens only by hand.
"""

import shlex
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QComboBox, QDialog, QScrollArea, QSpinBox, QTabBar, QWidget

from wireglass.launch.find import split_spec
from wireglass_app.calls import Target
from wireglass_app.controls import Button, Fold, Label, Pages, column, row, surface
from wireglass_app.dialogs.address_field import AddressField
from wireglass_app.dialogs.check_pane import CheckPane
from wireglass_app.dialogs.fields import Fields, FileField, above, line_field, seconds_field
from wireglass_app.dialogs.other_pages import AppsPage, FilePage, JsonPage
from wireglass_app.dialogs.pair_rows import PairRows
from wireglass_app.dialogs.sign_in_fields import SignInFields, other_headers
from wireglass_app.dialogs.target_text import guess_target, is_json, targets_in_json
from wireglass_app.inbox.two_panes import TwoPanes
from wireglass_app.known import KnownServer
from wireglass_app.plain import counted
from wireglass_app.server_session import ServerSession
from wireglass_app.theme import theme

__all__ = ["ConnectDialog", "guess_target", "targets_in_json"]

_TABS = (
    ("file", "Python file"),
    ("command", "Command"),
    ("url", "URL"),
    ("apps", "From another app"),
    ("json", "Paste JSON"),
)
_SSE = "sse"
_ERAS = (
    ("auto", "Automatic · 2026-07-28 first"),
    ("stateless", "Stateless only (2026-07-28)"),
    ("handshake", "Handshake only (2025-11-25 and older)"),
    ("2026-07-28", "2026-07-28"),
    ("2025-11-25", "2025-11-25"),
    ("2025-06-18", "2025-06-18"),
    ("2025-03-26", "2025-03-26"),
    ("2024-11-05", "2024-11-05"),
)
_OLDER = "Older SSE transport (2024-11-05), deprecated"
_TRUST = (
    ("bundled", "Authorities that come with Wireglass"),
    ("system", "This system's authorities"),
    ("file", "Own file"),
)
_WIDE, _HIGH, _NARROW = 1000, 716, 860
_MARGIN = 60
"""Pixels that the dialog leaves of the screen."""


class ConnectDialog(QDialog):
    """`chosen(Target)` when the user agrees to connect. After `follow` it shows how that goes, and closes when it is
    done. The other three ways end in `file_given(spec)`, `servers_chosen([KnownServer])` or `json_given(text)`."""

    chosen = Signal(object)
    handed_over = Signal(str)
    """Instead of `chosen`, after it closed: a server file, or JSON with several servers, which others open."""
    servers_chosen = Signal(list)
    """The same for servers of other apps."""
    apps_wanted = Signal()
    """The servers of other apps are to be read, for `show_known`."""

    def __init__(self, parent: QWidget, target: Target | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Connect to a server")
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self._start = target
        self.session: ServerSession | None = None
        """Whose connection is shown."""
        self._stays = False
        self._asked_apps = False
        self.tabs = QTabBar()
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        self.tabs.setUsesScrollButtons(True)
        self.tabs.setAccessibleName("What to connect to")
        self.tabs.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        for _key, text in _TABS:
            self.tabs.addTab(text)
        self.command = line_field("Command line", "npx -y @modelcontextprotocol/server-everything")
        self.command.setProperty("type", "mono")
        self.cwd = line_field("Working folder", "Where Wireglass runs")
        self.env = PairRows("variable", "Variables are written NAME=value")
        self.url = AddressField()
        self.url.textChanged.connect(lambda _text: self._guess_transport())
        self.headers = PairRows("header", "Headers are written Name: value")
        self.sign_in = SignInFields()
        self.trust = QComboBox()
        self.trust.setAccessibleName("Whom to trust")
        for key, text in _TRUST:
            self.trust.addItem(text, key)
        self.ca_file = FileField("File of authorities (PEM)", "")
        self.client_cert = FileField("Client certificate (PEM)", "None")
        self.client_key = FileField("Key of the client certificate (PEM)", "In the same file")
        self.proxy = line_field("Proxy", "From the environment; http://host:port, or the word direct")
        self.trust.currentIndexChanged.connect(lambda _at: self.ca_file.setEnabled(self.trust.currentData() == "file"))
        self.name = line_field("Name", "Until the server tells its own")
        self.era = QComboBox()
        self.era.setAccessibleName("Protocol version")
        self.era.setMinimumContentsLength(12)
        for key, text in _ERAS:
            self.era.addItem(text, key)
        self.era.currentIndexChanged.connect(lambda _at: self.url.show_transport(self._url_kind()))
        self._guessed_sse = False
        self.start_timeout = seconds_field("Start time-out", 10.0)
        self.timeout = seconds_field("Request time-out", 60.0)
        self.rounds = QSpinBox()
        self.rounds.setRange(1, 1000)
        self.rounds.setAccessibleName("Rounds of questions in one call")
        self.file_page, self.apps_page, self.json_page = FilePage(), AppsPage(), JsonPage()
        self.apps_page.changed.connect(self._name_button)
        self.json_page.changed.connect(self._name_button)
        self.problem = Label("", "bad", wrap=True)
        self.problem.hide()
        self.check = CheckPane()
        self._lay_out()
        self._fill(target or Target("", "stdio"))
        self.tabs.currentChanged.connect(lambda _at: self._tab_changed())
        for field in (self.command, self.url):
            field.textChanged.connect(self._recognise)

    def _lay_out(self) -> None:
        self.pages = Pages()
        for page in (self._make_form(), self.file_page, self.apps_page, self.json_page):
            self.pages.addWidget(page)
        said = surface(QWidget(), "panel")
        said.setLayout(column(self.problem, margins=(22, 0, 22, 8)))
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
        self._parts = (self.tabs, self.url, self.name, self.era, self.headers, self.secure, self.options)
        room = self.screen().availableSize().expandedTo((self.parentWidget() or self).window().size())
        self.setMinimumSize(min(theme().px(560), room.width() - _MARGIN), min(theme().px(420), room.height() - _MARGIN))
        self.resize(min(theme().px(_WIDE), room.width() - _MARGIN), min(theme().px(_HIGH), room.height() - _MARGIN))

    def _make_form(self) -> QWidget:
        """Of a command or a URL: both have a name, a protocol and time-outs."""
        note = "It also gets PATH, HOME and the like, and nothing else of yours."
        self._of_commands = (
            above("Command line", self.command, "Started as it is, without a shell."),
            above("Working folder", self.cwd),
            above("Variables", self.env, note),
        )
        note = "Sent with each request. Authorization is masked in every frame shown."
        self._of_urls = (above("Address", self.url), self.sign_in, above("Headers", self.headers, note))
        secure = Fields()
        secure.add("Trust", self.trust)
        secure.add("Authorities", self.ca_file, "With “own file”: one or more certificates.")
        secure.add("Certificate", self.client_cert, "For servers that ask who you are (mutual TLS).")
        secure.add("Key", self.client_key)
        secure.add("Proxy", self.proxy)
        self.secure = Fold("TLS and proxy", secure, opened=False, note="whom to trust, client certificate, proxy")
        more = Fields()
        more.add("Start time-out", self.start_timeout, "Seconds until a silent server is reported.")
        more.add("Request time-out", self.timeout, "Seconds without an answer or progress.")
        more.add("Rounds", self.rounds, "Of questions that one call may take (2026-07-28).")
        self.options = Fold("Time-outs", more, opened=False, note="of the start, and of each request")
        both = row(above("Name", self.name), above("Protocol", self.era), gap=14)
        both.setStretch(0, 3)
        both.setStretch(1, 4)
        parts = (self._of_commands[0], self._of_urls[0], both, *self._of_commands[1:], *self._of_urls[1:])
        form = surface(QWidget(), "panel")
        form.setLayout(column(*parts, self.secure, self.options, None, gap=12, margins=(18, 16, 18, 16)))
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(form)
        return scroll

    def _fill(self, target: Target) -> None:
        self.show_tab("command" if target.kind == "stdio" else "url")
        if target.command:
            self.command.setText(shlex.join((target.command, *target.args)))
        self.cwd.setText(target.cwd or "")
        self.env.set_pairs(target.added)
        self.url.setText(target.url)
        self.headers.set_pairs(other_headers(target))
        self.sign_in.fill(target)
        self.trust.setCurrentIndex(max(0, self.trust.findData(target.trust)))
        self.ca_file.set_path(target.ca_file)
        self.ca_file.setEnabled(target.trust == "file")
        self.client_cert.set_path(target.client_cert)
        self.client_key.set_path(target.client_key)
        self.proxy.setText(target.proxy)
        self.name.setText(target.name)
        self.era.setCurrentIndex(max(0, self.era.findData(_SSE if target.kind == "sse" else target.mode)))
        self.start_timeout.setValue(target.start_timeout)
        self.timeout.setValue(target.timeout)
        self.rounds.setValue(target.rounds)

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
        url, command = tab == "url", tab == "command"
        for part in self._of_commands:
            part.setVisible(command)
        for part in (*self._of_urls, self.secure):
            part.setVisible(url)
        self._offer_sse(url)
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
            (page or (self.url if url else self.command)).setFocus()

    def _offer_sse(self, offered: bool) -> None:
        """The transport of 2024-11-05 is one of the ways to speak with a URL, and none with a command."""
        at = self.era.findData(_SSE)
        if offered and at < 0:
            self.era.addItem(_OLDER, _SSE)
        elif not offered and at >= 0:
            self.era.removeItem(at)

    def _url_kind(self) -> str:
        return "sse" if self.era.currentData() == _SSE else "http"

    def _guess_transport(self) -> None:
        """An address that ends in /sse speaks the older transport, as long as nothing else was chosen."""
        sse = self.url.text().strip().rstrip("/").endswith("/sse")
        if sse and self.era.currentData() == "auto":
            self._guessed_sse = True
            self.era.setCurrentIndex(self.era.findData(_SSE))
        elif not sse and self._guessed_sse:
            self._guessed_sse = False
            self.era.setCurrentIndex(self.era.findData("auto"))

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
            self.command.clear()
            self.show_tab("url")
            self.url.setText(text)
        elif is_json(text):
            self._take_json(text)

    def _take_json(self, text: str) -> None:
        try:
            found = targets_in_json(text)
        except ValueError:
            return  # not whole yet, or wrong: said when it is to be used
        if len(found) == 1:
            self.command.clear()
            self._fill(found[0])
        elif found:
            self.command.clear()
            self.url.clear()
            self.json_page.edit.setPlainText(text)
            self.show_tab("json")

    def target(self) -> Target:
        """What the fields say. Raises ValueError with a sentence for the user."""
        stdio = self.tab == "command"
        mode = self.era.currentData()
        if not stdio and not self.url.text().strip().startswith(("http://", "https://")):
            raise ValueError("A URL starts with http:// or https://.")
        base = guess_target(self.command.text() if stdio else self.url.text())
        if stdio and base.kind != "stdio":
            raise ValueError("This is a URL: it belongs under URL.")
        start = self._start
        same = start is not None and start.command == base.command and start.args == base.args
        return Target(
            name=self.name.text().strip() or base.name,
            kind="stdio" if stdio else "sse" if mode == _SSE else "http",
            command=base.command if stdio else "",
            args=base.args if stdio else (),
            added=self.env.pairs() if stdio else (),
            env=start.env if stdio and same and start is not None else None,
            cwd=(self.cwd.text().strip() or None) if stdio else None,
            url="" if stdio else self.url.text().strip(),
            headers=() if stdio else self._all_headers(),
            mode="auto" if mode == _SSE else mode,
            timeout=self.timeout.value(),
            rounds=self.rounds.value(),
            start_timeout=self.start_timeout.value(),
            spec=start.spec if same and start is not None else "",
            runner=start.runner if same and start is not None else "",
            **({} if stdio else self._secure() | self.sign_in.facts()),
        )

    def _all_headers(self) -> tuple[tuple[str, str], ...]:
        return (*self.sign_in.headers(), *self.headers.pairs())

    def _secure(self) -> dict[str, Any]:
        proxy = self.proxy.text().strip()
        if proxy and proxy != "direct" and "://" not in proxy:
            raise ValueError("A proxy is written http://host:port, or the word direct for none.")
        if self.trust.currentData() == "file" and not self.ca_file.path():
            raise ValueError("Choose the file of authorities, or trust someone else.")
        return {
            "trust": self.trust.currentData(),
            "ca_file": self.ca_file.path() if self.trust.currentData() == "file" else "",
            "client_cert": self.client_cert.path(),
            "client_key": self.client_key.path(),
            "proxy": proxy,
        }

    def _connect(self) -> None:
        try:
            if self._leave_for():
                return
            target = self.target()
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
        typed = self.command.text().strip()
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
        self.sign_in.card.set_sign_in(session.sign_in)
        self.check.follow(session)
        self.show_tab("url")
        self._session_changed()
        (self.cancel if stays else self.go).setFocus()

    def _leave(self) -> None:
        session, self.session = self.session, None
        if session is not None:
            session.state_changed.disconnect(self._session_changed)
            session.sign_in.changed.disconnect(self._session_changed)
            self.sign_in.card.set_sign_in(None)
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
        page = self.sign_in.card.go
        (page if asking else self.go).setDefault(True)
        if asking and not session.sign_in.opened and not page.hasFocus():
            page.setFocus()  # Enter opens it, and nothing opens it before
        elif self.go.isEnabled() and not self.isAncestorOf(QApplication.focusWidget() or self):
            self.go.setFocus()
        self.cancel.setText("Cancel" if busy else "Close")
        failed = session.failure if session.state in ("failed", "crashed") else None
        problem = session.sign_in.problem if session.usable else None
        if failed is not None:
            if self.focusWidget() in (None, self.copy_check):
                self.go.setFocus()
            self._say(f"{failed.title}. {failed.text} {failed.next_step}".strip())
        else:
            self._say(f"{problem.message} {problem.next_step}".strip() if problem is not None else "")
        if session.usable and not asking and problem is None and not self._stays:
            self.accept()

    def _set_editable(self, editable: bool) -> None:
        for part in self._parts:
            part.setEnabled(editable)
        self.sign_in.set_editable(editable)

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
