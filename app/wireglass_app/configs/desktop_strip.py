"""Claude Desktop rewrites its own file while it runs: asks it to quit, starts it again, and looks what stayed."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from PySide6.QtCore import QProcess, QTimer
from PySide6.QtWidgets import QWidget

from wireglass.errors import WireglassError
from wireglass.install import desktop
from wireglass.targets.inventory import ConfigFile
from wireglass_app.bridge import Bridge
from wireglass_app.controls import Button, Notice, column, restyle
from wireglass_app.plain import visible

__all__ = ["DesktopStrip"]

_LOOK_AFTER_MS = 8000
"""The app writes its settings within a few seconds of its start."""


def _launch(command: Sequence[str]) -> None:
    QProcess.startDetached(command[0], list(command[1:]))


class DesktopStrip(QWidget):
    """Hidden while there is nothing to say."""

    def __init__(
        self,
        bridge: Bridge,
        announce: Callable[[str], None],
        *,
        running: Callable[..., bool] = desktop.is_running,
        launch: Callable[[Sequence[str]], None] = _launch,
    ) -> None:
        super().__init__()
        self._bridge = bridge
        self._announce = announce
        self._running = running
        self._launch = launch
        self._written: dict[str, dict[str, Any]] = {}
        self._config: ConfigFile | None = None
        self.notice = Notice("info", icon="info")
        self.quit_button = Button("Ask it to quit", clicked=self._quit)
        self.start_button = Button("Start Claude Desktop", clicked=self._start)
        for button in (self.quit_button, self.start_button):
            self.notice.lines.addWidget(button)
        self.setLayout(column(self.notice, margins=(14, 0, 14, 8)))
        self._timer = QTimer(self, singleShot=True, interval=_LOOK_AFTER_MS)
        self._timer.timeout.connect(self.look)
        self.hide()

    def planned(self, config: ConfigFile | None) -> None:
        """A change of its file is planned, or none any more: says so if the app runs."""
        self._config = config or self._config
        if config is None:
            if not self._written:
                self.hide()
            return
        try:
            asyncio.get_running_loop()
        except RuntimeError:  # shown before the loop runs, as in a test of one widget
            self._found(self._running(config.machine))
            return
        self._bridge.spawn(self._ask(config), self)

    def written(self, config: ConfigFile, entries: Mapping[str, dict[str, Any]]) -> None:
        """These entries have been written."""
        self._config, self._written = config, dict(entries)
        can_start = desktop.start_command(config.machine) is not None
        self._say(
            "info", "Written. Start Claude Desktop, and Wireglass looks whether it kept the entry.", start=can_start
        )

    def look(self) -> None:
        """Compares the file with what was written."""
        if self._config is None or not self._written:
            return
        lost: list[str] = []
        try:
            for name, entry in self._written.items():
                if desktop.survived(self._config, name, entry) != "as written":
                    lost.append(visible(name, 60))
        except WireglassError as problem:
            self._say("bad", f"{problem.message} {problem.next_step}".strip())
            return
        if lost:
            text = f"Claude Desktop has dropped or changed {', '.join(lost)}. Quit it fully, then write again."
            self._say("bad", text)
        else:
            self._say("ok", "Claude Desktop has kept the entry.")
            self._written = {}

    async def _ask(self, config: ConfigFile) -> None:
        runs: bool = await self._bridge.run(self._look_off_thread, config)
        self._found(runs)

    async def _look_off_thread(self, config: ConfigFile) -> bool:
        return await asyncio.to_thread(self._running, config.machine)

    def _found(self, runs: bool) -> None:
        if not runs:
            if not self._written:
                self.hide()
            return
        text = "Claude Desktop is running and may write its file again. Quit it fully before you write."
        can_quit = self._config is not None and desktop.ask_to_quit(self._config.machine) is not None
        self._say("warn", text, quits=can_quit)

    def _say(self, kind: str, text: str, *, quits: bool = False, start: bool = False) -> None:
        restyle(self.notice, notice=kind)
        self.notice.text.setText(text)
        self.quit_button.setVisible(quits)
        self.start_button.setVisible(start)
        self.show()
        self._announce(text)

    def _quit(self) -> None:
        command = desktop.ask_to_quit(self._config.machine) if self._config else None
        if command:
            self._launch(command)
            self._say("info", "Claude Desktop was asked to quit.")

    def _start(self) -> None:
        command = desktop.start_command(self._config.machine) if self._config else None
        if command:
            self._launch(command)
            self._say("info", "Claude Desktop starts; its file is read again in a moment.")
            self._timer.start()
