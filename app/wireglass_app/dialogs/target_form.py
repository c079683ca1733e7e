"""The form of the connect dialog: a command or a URL, and everything that it would be reached with."""

import shlex
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QScrollArea, QSpinBox, QWidget

from wireglass_app.calls import Target
from wireglass_app.controls import Fold, column, row, surface
from wireglass_app.dialogs.address_field import AddressField
from wireglass_app.dialogs.fields import Fields, FileField, above, line_field, seconds_field
from wireglass_app.dialogs.pair_rows import PairRows
from wireglass_app.dialogs.sign_in_fields import SignInFields, other_headers
from wireglass_app.dialogs.target_text import guess_target

__all__ = ["TargetForm"]

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


class TargetForm(QScrollArea):
    """Fields of a `Target`: those of a command or those of a URL, and what both have."""

    def __init__(self, start: Target | None) -> None:
        """`start` is the target that is edited: what no field shows stays its own while the command is the same."""
        super().__init__()
        self._start = start
        self._kind = ""
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
        self._lay_out()

    def _lay_out(self) -> None:
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
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidget(form)

    def fill(self, target: Target) -> None:
        """Shows what this target says."""
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

    def show_kind(self, kind: str) -> None:
        """The fields of a "command", of a "url", or of neither."""
        self._kind = kind
        for part in self._of_commands:
            part.setVisible(kind == "command")
        for part in (*self._of_urls, self.secure):
            part.setVisible(kind == "url")
        self._offer_sse(kind == "url")

    def set_editable(self, editable: bool) -> None:
        """While a connection is made, nothing can be changed."""
        for part in (self.url, self.name, self.era, self.headers, self.secure, self.options):
            part.setEnabled(editable)
        self.sign_in.set_editable(editable)

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

    def target(self) -> Target:
        """What the fields say. Raises ValueError with a sentence for the user."""
        stdio = self._kind == "command"
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
