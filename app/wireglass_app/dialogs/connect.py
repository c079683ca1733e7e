"""Connect to any server: a command line over stdio, or a URL. Everything it would be started with is in sight."""

import json
import shlex
import sys
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDoubleSpinBox,
    QFileDialog,
    QGridLayout,
    QLineEdit,
    QPlainTextEdit,
    QStackedWidget,
    QWidget,
)

from wireglass_app.calls import Target
from wireglass_app.controls import Button, Fold, Label, Segments, column, row, surface
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


def guess_target(text: str) -> Target:
    """A URL or a command line as typed. Raises ValueError with a sentence when it is neither."""
    text = text.strip()
    if not text:
        raise ValueError("Type a command or a URL.")
    if text.startswith(("http://", "https://")):
        return Target(_host(text), "sse" if text.rstrip("/").endswith("/sse") else "http", url=text)
    try:
        words = shlex.split(text, posix=sys.platform != "win32")
    except ValueError as problem:
        raise ValueError(f"The command cannot be read: {problem}. Check its quotes.") from problem
    return Target(_name_of(words), "stdio", command=words[0], args=tuple(words[1:]))


def targets_in_json(text: str) -> list[Target]:
    """The servers of a pasted `mcpServers` (or VS Code `servers`) object, or of one entry. Raises ValueError."""
    try:
        data: Any = json.loads(text)
    except ValueError as problem:
        raise ValueError(f"This is not valid JSON: {problem}") from problem
    servers = data.get("mcpServers") or data.get("servers") if isinstance(data, dict) else None
    if servers is None and isinstance(data, dict) and ("command" in data or "url" in data):
        servers = {"server": data}
    if not isinstance(servers, dict):
        raise ValueError('No servers found: expected {"mcpServers": {…}}.')
    found = [_entry(str(name), entry) for name, entry in servers.items() if isinstance(entry, dict)]
    return [target for target in found if target.command or target.url]


def _entry(name: str, entry: dict[str, Any]) -> Target:
    url = entry.get("url") or entry.get("serverUrl") or entry.get("httpUrl")
    if isinstance(url, str):
        sse = entry.get("type") == "sse" or entry.get("transport") == "sse"
        return Target(name, "sse" if sse else "http", url=url, headers=_pairs(entry.get("headers")))
    args = entry.get("args")
    return Target(
        name,
        "stdio",
        command=str(entry.get("command", "")),
        args=tuple(map(str, args)) if isinstance(args, list) else (),
        added=_pairs(entry.get("env")),
        cwd=entry["cwd"] if isinstance(entry.get("cwd"), str) else None,
    )


def _pairs(value: Any) -> tuple[tuple[str, str], ...]:
    return tuple((str(k), str(v)) for k, v in value.items()) if isinstance(value, dict) else ()


def _host(url: str) -> str:
    return url.split("://", 1)[-1].split("/", 1)[0].rsplit("@", 1)[-1]


def _name_of(words: list[str]) -> str:
    """The most telling word: a package or a script rather than the launcher."""
    launchers = ("npx", "uvx", "uv", "python", "python3", "node", "docker", "run")
    for word in words:
        base = word.replace("\\", "/").rsplit("/", 1)[-1]
        if base and not base.startswith("-") and base.split(".")[0] not in launchers:
            return base
    return words[0]


class ConnectDialog(QDialog):
    """`chosen(Target)` when the user agrees to connect."""

    chosen = Signal(object)

    def __init__(self, parent: QWidget, target: Target | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Connect to a server")
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setMinimumWidth(theme().px(600))
        self._start = target
        self.kind = Segments(
            [("stdio", "Command (stdio)"), ("http", "URL (Streamable HTTP)"), ("sse", "URL (older SSE)")], "Transport"
        )
        self.kind.chosen.connect(lambda _kind: self._kind_changed())
        self.command = _line("Command line", "npx -y @modelcontextprotocol/server-everything")
        self.cwd = _line("Working folder", "Where Wireglass runs")
        self.env = _text("Variables", "NAME=value, one a line")
        self.url = _line("URL", "https://mcp.example.com/mcp")
        self.headers = _text("Headers", "Name: value, one a line")
        self.trust = QComboBox()
        self.trust.setAccessibleName("Whom to trust")
        for key, text in _TRUST:
            self.trust.addItem(text, key)
        self.ca_file = _FileField("File of authorities (PEM)", "")
        self.client_cert = _FileField("Client certificate (PEM)", "None")
        self.client_key = _FileField("Key of the client certificate (PEM)", "In the same file")
        self.proxy = _line("Proxy", "From the environment; http://host:port, or the word direct")
        self.trust.currentIndexChanged.connect(lambda _at: self.ca_file.setEnabled(self.trust.currentData() == "file"))
        self.name = _line("Name", "Until the server tells its own")
        self.era = QComboBox()
        self.era.setAccessibleName("Protocol version")
        for key, text in _ERAS:
            self.era.addItem(text, key)
        self.start_timeout = _seconds("Start time-out", 10.0)
        self.timeout = _seconds("Request time-out", 60.0)
        self.problem = Label("", "bad", wrap=True)
        self.problem.hide()
        self._pages = QStackedWidget()
        self._lay_out()
        self._fill(target or Target("", "stdio"))

    def _lay_out(self) -> None:
        stdio, http = _Fields(), _Fields()
        stdio.add("Command line", self.command, "Started as it is, without a shell.")
        stdio.add("Working folder", self.cwd)
        stdio.add("Variables", self.env, "It also gets PATH, HOME and the like, and nothing else of yours.")
        http.add("URL", self.url, "Most servers answer at a path such as /mcp.")
        http.add("Headers", self.headers, "Sent with each request. Authorization is masked in every frame shown.")
        secure = _Fields()
        secure.add("Trust", self.trust)
        secure.add("Authorities", self.ca_file, "With “own file”: one or more certificates.")
        secure.add("Certificate", self.client_cert, "For servers that ask who you are (mutual TLS).")
        secure.add("Key", self.client_key)
        secure.add("Proxy", self.proxy)
        self.secure = Fold("TLS and proxy", secure, opened=False, note="whom to trust, client certificate, proxy")
        self._pages.addWidget(stdio)
        self._pages.addWidget(http)
        more = _Fields()
        more.add("Name", self.name)
        more.add("Protocol version", self.era)
        more.add("Start time-out", self.start_timeout, "Seconds until a silent server is reported.")
        more.add("Request time-out", self.timeout, "Seconds without an answer or progress.")
        options = Fold("Options", more, opened=False, note="name, protocol version, time-outs")
        body = surface(QWidget(), "panel")
        body.setLayout(
            column(
                row(self.kind, None),
                self._pages,
                self.secure,
                options,
                self.problem,
                None,
                gap=14,
                margins=(22, 20, 22, 16),
            )
        )
        self.cancel = Button("Cancel", key="Esc", large=True, clicked=self.reject)
        self.go = Button("Connect", "primary", icon="plug", large=True, clicked=self._connect)
        self.go.setDefault(True)
        foot = surface(QWidget(), "window", "top")
        foot.setLayout(row(None, self.cancel, self.go, margins=(16, 12, 22, 12)))
        self.setLayout(column(body, foot, gap=0))

    def _fill(self, target: Target) -> None:
        self.kind.set_current(target.kind)
        if target.command:
            self.command.setText(shlex.join((target.command, *target.args)))
        self.cwd.setText(target.cwd or "")
        self.env.setPlainText("\n".join(f"{name}={value}" for name, value in target.added))
        self.url.setText(target.url)
        self.headers.setPlainText("\n".join(f"{name}: {value}" for name, value in target.headers))
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
        self._kind_changed()

    def _kind_changed(self) -> None:
        stdio = self.kind.current() == "stdio"
        self._pages.setCurrentIndex(0 if stdio else 1)
        self.secure.setVisible(not stdio)
        (self.command if stdio else self.url).setFocus()

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
            added=_split_lines(self.env.toPlainText(), "=", "Variables are written NAME=value") if stdio else (),
            env=start.env if stdio and same and start is not None else None,
            cwd=(self.cwd.text().strip() or None) if stdio else None,
            url="" if stdio else self.url.text().strip(),
            headers=() if stdio else _split_lines(self.headers.toPlainText(), ":", "Headers are written Name: value"),
            mode=self.era.currentData(),
            timeout=self.timeout.value(),
            start_timeout=self.start_timeout.value(),
            spec=start.spec if same and start is not None else "",
            runner=start.runner if same and start is not None else "",
            **({} if stdio else self._secure()),
        )

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
            target = self.target()
        except ValueError as problem:
            self.problem.setText(str(problem))
            self.problem.show()
            return
        self.chosen.emit(target)
        self.accept()


class _FileField(QWidget):
    """A path, typed or chosen."""

    def __init__(self, name: str, placeholder: str) -> None:
        super().__init__()
        self._name = name
        self.line = _line(name, placeholder)
        self.pick = Button("Choose…", name=f"Choose: {name}", clicked=self._pick)
        layout = row(self.line, self.pick)
        layout.setStretch(0, 1)
        self.setLayout(layout)
        self.setFocusProxy(self.line)

    def path(self) -> str:
        return self.line.text().strip()

    def set_path(self, path: str) -> None:
        self.line.setText(path)

    def _pick(self) -> None:
        picker = QFileDialog(self.window(), self._name, self.path())
        picker.setFileMode(QFileDialog.FileMode.ExistingFile)
        picker.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        picker.fileSelected.connect(self.set_path)
        picker.open()


class _Fields(QWidget):
    """Labels left, fields right, help below."""

    def __init__(self) -> None:
        super().__init__()
        self._grid = QGridLayout()
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(14)
        self._grid.setVerticalSpacing(8)
        self._grid.setColumnStretch(1, 1)
        self._grid.setColumnMinimumWidth(0, theme().px(120))
        self.setLayout(self._grid)

    def add(self, text: str, field: QWidget, note: str = "") -> None:
        at = self._grid.rowCount()
        label = Label(text)
        label.setBuddy(field)
        self._grid.addWidget(label, at, 0, Qt.AlignmentFlag.AlignTop)
        self._grid.addWidget(field, at, 1)
        if note:
            field.setAccessibleDescription(note)
            self._grid.addWidget(Label(note, "muted", "caption", wrap=True), at + 1, 1)


def _line(name: str, placeholder: str) -> QLineEdit:
    field = QLineEdit()
    field.setAccessibleName(name)
    field.setPlaceholderText(placeholder)
    return field


def _text(name: str, placeholder: str) -> QPlainTextEdit:
    field = QPlainTextEdit()
    field.setAccessibleName(name)
    field.setPlaceholderText(placeholder)
    field.setTabChangesFocus(True)
    field.setFixedHeight(theme().px(72))
    field.setProperty("type", "mono")
    return field


def _seconds(name: str, value: float) -> QDoubleSpinBox:
    field = QDoubleSpinBox()
    field.setAccessibleName(f"{name} in seconds")
    field.setRange(0.5, 86_400)
    field.setDecimals(1)
    field.setSuffix(" s")
    field.setValue(value)
    return field


def _split_lines(text: str, sign: str, rule: str) -> tuple[tuple[str, str], ...]:
    found = []
    for line in text.splitlines():
        if not line.strip():
            continue
        name, mark, value = line.partition(sign)
        if not mark or not name.strip():
            raise ValueError(f"{rule}; this line is not: {line[:60]}")
        found.append((name.strip(), value.strip()))
    return tuple(found)
