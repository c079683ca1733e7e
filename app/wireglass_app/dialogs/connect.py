"""Connect to any server: a command line over stdio, or a URL. Everything it would be started with is in sight.

For a URL the dialog stays open while it connects: its right side shows each step, and the page that asks for
permission opens only by hand.
"""

import shlex
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QComboBox, QDialog, QScrollArea, QSpinBox, QWidget

from wireglass.launch.find import split_spec
from wireglass_app.calls import Target
from wireglass_app.controls import Button, Fold, Label, Segments, column, row, surface
from wireglass_app.dialogs.check_pane import CheckPane
from wireglass_app.dialogs.fields import Fields, FileField, above, line_field, seconds_field, text_field
from wireglass_app.dialogs.sign_in_fields import SignInFields, other_headers
from wireglass_app.dialogs.target_text import guess_target, is_json, split_lines, targets_in_json
from wireglass_app.plain import visible
from wireglass_app.server_session import ServerSession
from wireglass_app.theme import theme

__all__ = ["ConnectDialog", "guess_target", "targets_in_json"]

_ERAS = (
    ("auto", "Automatic: ask server/discover, else initialize"),
    ("stateless", "Stateless only (2026-07-28)"),
    ("handshake", "Handshake only (2025-11-25 and older)"),
    ("2026-07-28", "2026-07-28"),
    ("2025-11-25", "2025-11-25"),
    ("2025-06-18", "2025-06-18"),
    ("2025-03-26", "2025-03-26"),
    ("2024-11-05", "2024-11-05"),
)
_TRUST = (
    ("bundled", "Authorities that come with Wireglass"),
    ("system", "This system's authorities"),
    ("file", "Own file"),
)


class ConnectDialog(QDialog):
    """`chosen(Target)` when the user agrees to connect. After `follow` it shows how that goes, and closes when it is
    done."""

    chosen = Signal(object)
    handed_over = Signal(str)
    """Instead of `chosen`, before it closes: a server file, or JSON with several servers, which others open."""

    def __init__(self, parent: QWidget, target: Target | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Connect to a server")
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self._start = target
        self.session: ServerSession | None = None
        """Whose connection is shown."""
        self._stays = False
        self.kind = Segments(
            [("stdio", "Command (stdio)"), ("http", "URL (Streamable HTTP)"), ("sse", "URL (older SSE)")], "Transport"
        )
        self.kind.chosen.connect(lambda _kind: self._kind_changed())
        self.command = line_field("Command line", "npx -y @modelcontextprotocol/server-everything")
        self.cwd = line_field("Working folder", "Where Wireglass runs")
        self.env = text_field("Variables", "NAME=value, one a line")
        self.url = line_field("URL", "https://mcp.example.com/mcp")
        self.headers = text_field("Headers", "Name: value, one a line")
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
        for key, text in _ERAS:
            self.era.addItem(text, key)
        self.start_timeout = seconds_field("Start time-out", 10.0)
        self.timeout = seconds_field("Request time-out", 60.0)
        self.rounds = QSpinBox()
        self.rounds.setRange(1, 1000)
        self.rounds.setAccessibleName("Rounds of questions in one call")
        self.problem = Label("", "bad", wrap=True)
        self.problem.hide()
        self.check = CheckPane()
        self._lay_out()
        self._fill(target or Target("", "stdio"))
        for field in (self.command, self.url):
            field.textChanged.connect(self._recognise)

    def _lay_out(self) -> None:
        note = "It also gets PATH, HOME and the like, and nothing else of yours."
        self._of_commands = (
            above("Command line", self.command, "Started as it is, without a shell."),
            above("Working folder", self.cwd),
            above("Variables", self.env, note),
        )
        note = "Sent with each request. Authorization is masked in every frame shown."
        self._of_urls = (
            above("Address", self.url, "Most servers answer at a path such as /mcp."),
            self.sign_in,
            above("Headers", self.headers, note),
        )
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
        both.setStretch(0, 1)
        both.setStretch(1, 1)
        form = surface(QWidget(), "panel")
        form.setLayout(
            column(
                row(self.kind, None),
                self._of_commands[0],
                self._of_urls[0],
                both,
                *self._of_commands[1:],
                *self._of_urls[1:],
                self.secure,
                self.options,
                None,
                gap=14,
                margins=(22, 20, 22, 16),
            )
        )
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(form)
        scroll.setMinimumWidth(theme().px(540))
        said = surface(QWidget(), "panel")
        said.setLayout(column(self.problem, margins=(22, 0, 22, 8)))
        left = column(scroll, said, gap=0)
        left.setStretchFactor(scroll, 1)
        body = row(left, self.check, gap=0)
        body.setStretchFactor(left, 1)
        self.copy_check = Button("Copy check as report", "ghost", clicked=self._copy_report)
        self.cancel = Button("Cancel", key="Esc", large=True, clicked=self.reject)
        self.go = Button("Connect", "primary", icon="plug", large=True, clicked=self._connect)
        self.go.setDefault(True)
        foot = surface(QWidget(), "window", "top")
        foot.setLayout(row(self.copy_check, None, self.cancel, self.go, margins=(16, 12, 22, 12)))
        whole = column(body, foot, gap=0)
        whole.setStretchFactor(body, 1)
        self.setLayout(whole)
        self._parts = (self.kind, self.url, self.name, self.era, self.headers, self.secure, self.options)

    def _fill(self, target: Target) -> None:
        self.kind.set_current(target.kind)
        if target.command:
            self.command.setText(shlex.join((target.command, *target.args)))
        self.cwd.setText(target.cwd or "")
        self.env.setPlainText("\n".join(f"{name}={value}" for name, value in target.added))
        self.url.setText(target.url)
        self.headers.setPlainText("\n".join(f"{name}: {value}" for name, value in other_headers(target)))
        self.sign_in.fill(target)
        self.trust.setCurrentIndex(max(0, self.trust.findData(target.trust)))
        self.ca_file.set_path(target.ca_file)
        self.ca_file.setEnabled(target.trust == "file")
        self.client_cert.set_path(target.client_cert)
        self.client_key.set_path(target.client_key)
        self.proxy.setText(target.proxy)
        self.name.setText(target.name)
        self.era.setCurrentIndex(max(0, self.era.findData(target.mode)))
        self.start_timeout.setValue(target.start_timeout)
        self.timeout.setValue(target.timeout)
        self.rounds.setValue(target.rounds)
        self._kind_changed()

    def _kind_changed(self) -> None:
        stdio = self.kind.current() == "stdio"
        for part in self._of_commands:
            part.setVisible(stdio)
        for part in self._of_urls:
            part.setVisible(not stdio)
        self.secure.setVisible(not stdio)
        self.check.setVisible(not stdio)
        self.copy_check.setVisible(not stdio)
        self.setMinimumSize(theme().px(600 if stdio else 940), theme().px(520 if stdio else 700))
        self.resize(self.minimumSize())
        (self.command if stdio else self.url).setFocus()

    def _recognise(self, text: str) -> None:
        """What was pasted into the wrong field goes to the right ones: a URL, the JSON of a config."""
        in_command = self.kind.current() == "stdio"
        if in_command and text.startswith(("http://", "https://")):
            self.url.setText(text)
            self.command.clear()
            self.kind.set_current(guess_target(text).kind)
            self._kind_changed()
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
            self._say("")
        elif found:
            names = ", ".join(visible(one.name, 40) for one in found[:8])
            self._say(f"{len(found)} servers: {names}. Connect shows what each of them starts.")

    def _handed_over(self) -> str:
        """What the command field holds that is no command line, else an empty text."""
        text = self.command.text().strip()
        if self.kind.current() != "stdio" or not text:
            return ""
        if is_json(text):
            targets_in_json(text)
            return text
        path = split_spec(text)[0]
        return text if path.suffix == ".py" and path.expanduser().is_file() else ""

    def target(self) -> Target:
        """What the fields say. Raises ValueError with a sentence for the user."""
        kind = self.kind.current()
        stdio = kind == "stdio"
        if not stdio and not self.url.text().strip().startswith(("http://", "https://")):
            raise ValueError("A URL starts with http:// or https://.")
        base = guess_target(self.command.text() if stdio else self.url.text())
        if stdio and base.kind != "stdio":
            raise ValueError("This is a URL: choose a URL transport above.")
        start = self._start
        same = start is not None and start.command == base.command and start.args == base.args
        return Target(
            name=self.name.text().strip() or base.name,
            kind=kind,  # type: ignore[arg-type]  # the segments' keys are the kinds
            command=base.command if stdio else "",
            args=base.args if stdio else (),
            added=split_lines(self.env.toPlainText(), "=", "Variables are written NAME=value") if stdio else (),
            env=start.env if stdio and same and start is not None else None,
            cwd=(self.cwd.text().strip() or None) if stdio else None,
            url="" if stdio else self.url.text().strip(),
            headers=() if stdio else self._all_headers(),
            mode=self.era.currentData(),
            timeout=self.timeout.value(),
            rounds=self.rounds.value(),
            start_timeout=self.start_timeout.value(),
            spec=start.spec if same and start is not None else "",
            runner=start.runner if same and start is not None else "",
            **({} if stdio else self._secure() | self.sign_in.facts()),
        )

    def _all_headers(self) -> tuple[tuple[str, str], ...]:
        own = split_lines(self.headers.toPlainText(), ":", "Headers are written Name: value")
        return (*self.sign_in.headers(), *own)

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
            other = self._handed_over()
            target = self.target() if not other else None
        except ValueError as problem:
            self._say(str(problem))
            return
        self._say("")
        if target is None:
            self.accept()
            self.handed_over.emit(other)
            return
        self.chosen.emit(target)
        if self.session is None:
            self.accept()

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
