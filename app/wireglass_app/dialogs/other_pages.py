"""Ways into the connect dialog that end in another question: a Python file, servers of other apps, pasted JSON."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QPlainTextEdit, QVBoxLayout, QWidget

from wireglass.launch.find import split_spec
from wireglass_app.controls import Elided, Empty, Label, Pages, column, row, surface
from wireglass_app.dialogs.fields import FileField, above
from wireglass_app.dialogs.target_text import targets_in_json
from wireglass_app.known import KnownServer
from wireglass_app.layouts import scrolling
from wireglass_app.plain import counted, visible

__all__ = ["AppsPage", "FilePage", "JsonPage"]

_MOST = 200


class FilePage(QWidget):
    """FILE or FILE:NAME. The file is read, and shown with its command before it runs."""

    def __init__(self) -> None:
        super().__init__()
        surface(self, "panel")
        self.file = FileField("Python file", "server.py, or server.py:mcp for one object of several")
        self.file.line.setProperty("type", "mono")
        note = (
            "Wireglass reads the file and finds the server object and the right Python. "
            "Nothing runs before you have seen the exact command and agreed to it."
        )
        self.setLayout(column(above("Python file", self.file, note), None, gap=14, margins=(22, 20, 22, 16)))
        self.setFocusProxy(self.file)

    def spec(self) -> str:
        """What was given. Raises ValueError with a sentence when that is nothing."""
        given = self.file.path()
        if not given:
            raise ValueError("Choose a Python file, or type its path.")
        path = split_spec(given)[0].expanduser()
        if path.suffix != ".py" or not path.is_file():
            raise ValueError(f"There is no Python file {visible(str(path), 200)}. Check the path.")
        return given


class AppsPage(QWidget):
    """Servers that other apps on this machine have set up."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        surface(self, "panel")
        self.checks: list[QCheckBox] = []
        """One for each server, in their order."""
        self._servers: list[KnownServer] = []
        self.waiting = Label("Reading the config files of other apps…", "muted")
        self.waiting.setAlignment(Qt.AlignmentFlag.AlignCenter)
        none = Empty(
            "sliders",
            "No server is set up in another app",
            "Wireglass looked into the config files of the apps it knows. Client configs lists them.",
        )
        self._rows = QVBoxLayout()
        self._rows.setSpacing(10)
        listed = surface(QWidget(), "panel")
        listed.setLayout(column(self._rows, None, gap=0, margins=(22, 20, 22, 16)))
        scroll = scrolling(listed)
        self._pages = Pages()
        for page in (self.waiting, none, scroll):
            self._pages.addWidget(page)
        self.setLayout(column(self._pages))

    def show_servers(self, servers: Sequence[KnownServer]) -> None:
        """What was found; nothing is ticked."""
        self._servers = list(servers)[:_MOST]
        for one in self._servers:
            self._rows.addWidget(self._row(one))
        rest = len(servers) - len(self._servers)
        if rest > 0:
            self._rows.addWidget(Label(f"{rest} more in Client configs", "muted", "small"))
        self._pages.setCurrentIndex(2 if self._servers else 1)
        if self.checks:
            self.setFocusProxy(self.checks[0])
        self.changed.emit()

    def chosen(self) -> list[KnownServer]:
        """Those that are ticked."""
        return [one for one, check in zip(self._servers, self.checks, strict=True) if check.isChecked()]

    def _row(self, one: KnownServer) -> QWidget:
        name, apps = visible(one.target.name, 60), visible(", ".join(one.apps), 80)
        check = QCheckBox(name.replace("&", "&&"))
        check.setAccessibleName(f"{name}, set up in {apps}")
        check.toggled.connect(lambda _on: self.changed.emit())
        self.checks.append(check)
        what = one.target.url or " ".join((one.target.command, *one.target.args))
        line = QWidget()
        top = row(check, None, Label(apps, "secondary", "small"))
        line.setLayout(column(top, row(Elided(what, "muted", "mono-small", middle=True), margins=(26, 0, 0, 0)), gap=0))
        return line


class JsonPage(QWidget):
    """A config of another app, pasted. What it names is told while it is typed."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        surface(self, "panel")
        self.edit = QPlainTextEdit()
        self.edit.setAccessibleName("JSON")
        self.edit.setPlaceholderText('{"mcpServers": {"name": {"command": "npx", "args": ["-y", "…"]}}}')
        self.edit.setProperty("type", "mono")
        self.edit.setTabChangesFocus(True)
        self.found = Label("", "secondary", "small", wrap=True)
        holder = above("Config of another app, or one server of it", self.edit)
        lines = column(holder, self.found, gap=10, margins=(22, 20, 22, 16))
        lines.setStretch(0, 1)
        self.setLayout(lines)
        self.setFocusProxy(self.edit)
        self.edit.textChanged.connect(self._look)
        self._look()

    def text(self) -> str:
        """What was pasted. Raises ValueError with a sentence when it names no server."""
        if not targets_in_json(self.edit.toPlainText()):
            raise ValueError("The JSON names no server with a command or a URL.")
        return self.edit.toPlainText()

    def number(self) -> int:
        """How many servers it names."""
        try:
            return len(targets_in_json(self.edit.toPlainText()))
        except ValueError:
            return 0

    def _look(self) -> None:
        text = self.edit.toPlainText().strip()
        words, tone = "Nothing is started: you see each command first.", "secondary"
        if text:
            try:
                names = [visible(one.name, 60) for one in targets_in_json(text)]
            except ValueError as problem:
                words, tone = visible(str(problem), 300), "bad"
            else:
                many = counted(len(names), "server")
                words = f"{many}: {', '.join(names[:12])}{'…' if len(names) > 12 else ''}" if names else many
        self.found.setText(words)
        self.found.set_tone(tone)
        self.changed.emit()
