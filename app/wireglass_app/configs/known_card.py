"""The card of the welcome page that lists what can be opened again: servers of other apps, and recent ones."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QFrame, QVBoxLayout, QWidget

from wireglass_app.calls import Target
from wireglass_app.controls import Button, Elided, Label, column, row, surface
from wireglass_app.known import KnownServer
from wireglass_app.layouts import clear
from wireglass_app.plain import visible

__all__ = ["KnownCard", "RecentCard"]

_ROWS = 6


class KnownCard(QFrame):
    """`wanted([KnownServer])`: open these; `look`: show the files."""

    wanted = Signal(list)
    look = Signal()

    def __init__(self) -> None:
        super().__init__()
        surface(self, "card")
        self.setAccessibleName("Already set up in your other apps")
        self._servers: list[KnownServer] = []
        self.checks: list[QCheckBox] = []
        self._rows = QVBoxLayout()
        self._rows.setSpacing(6)
        self.more = Label("", "muted", "small")
        self.open = Button("", clicked=self._open)
        self.files = Button("Look at the files", "ghost", clicked=self.look.emit)
        title = Label("Already set up in your other apps", type="strong")
        self.setLayout(
            column(title, self._rows, self.more, row(self.open, self.files, None), gap=10, margins=(16, 14, 16, 14))
        )
        self.hide()

    def show_servers(self, servers: Sequence[KnownServer]) -> None:
        """Lists them; the card hides when there are none."""
        checked = {self._servers[at].target for at, check in enumerate(self.checks) if check.isChecked()}
        self._servers = list(servers)
        self.checks = []
        clear(self._rows)
        for server in self._servers[:_ROWS]:
            self._rows.addWidget(self._row(server, server.target in checked))
        rest = len(self._servers) - _ROWS
        self.more.setText(f"{rest} more in Client configs" if rest > 0 else "")
        self.more.setVisible(rest > 0)
        self._count()
        self.setVisible(bool(self._servers))

    def _row(self, server: KnownServer, checked: bool) -> QWidget:
        name = visible(server.target.name, 60)
        check = QCheckBox(name.replace("&", "&&"))
        check.setChecked(checked)
        check.toggled.connect(lambda _on: self._count())
        apps = ", ".join(server.apps)
        check.setAccessibleName(f"{name}, set up in {apps}")
        self.checks.append(check)
        what = server.target.url or " ".join((server.target.command, *server.target.args))
        check.setToolTip("")
        command = Elided(what, "muted", "mono-small", middle=True)
        where = Label(visible(apps, 60), "secondary", "caption")
        line = QWidget()
        top = row(check, None, where)
        line.setLayout(column(top, row(command, margins=(26, 0, 0, 0)), gap=0))
        return line

    def _count(self) -> None:
        number = sum(1 for check in self.checks if check.isChecked())
        self.open.setText(f"Open {number} selected" if number else "Open selected")
        self.open.setAccessibleName(self.open.text())
        self.open.setEnabled(number > 0)

    def _open(self) -> None:
        self.wanted.emit(
            [server for server, check in zip(self._servers, self.checks, strict=False) if check.isChecked()]
        )


class RecentCard(QFrame):
    """`wanted(key)`: open this one again."""

    wanted = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        surface(self, "card")
        self.setAccessibleName("Opened before")
        self._rows = QVBoxLayout()
        self._rows.setSpacing(2)
        self.buttons: list[Button] = []
        self.setLayout(column(Label("Opened before", type="strong"), self._rows, gap=8, margins=(16, 14, 16, 14)))
        self.hide()

    def show_targets(self, targets: Sequence[Target]) -> None:
        """Newest first; the card hides when there are none."""
        clear(self._rows)
        self.buttons = []
        for target in targets[:_ROWS]:
            name = visible(target.name, 60)
            button = Button(name, "link", name=f"Open {name} again")
            button.clicked.connect(lambda _checked=False, key=target.key: self.wanted.emit(key))
            self.buttons.append(button)
            line = QWidget()
            what = Elided(target.spec or target.url or target.key, "muted", "mono-small", middle=True)
            layout = row(button, what)
            layout.setStretch(1, 1)
            line.setLayout(layout)
            self._rows.addWidget(line)
        self.setVisible(bool(targets))
