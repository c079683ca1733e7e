"""A whole workbench on a qasync loop, with the hand-written desk server or any target, for tests of the window."""

import asyncio
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QWidget

from wireglass.launch.trust import TrustStore
from wireglass_app.application import Application
from wireglass_app.calls import Call, Target
from wireglass_app.panels.tools import ToolsPanel
from wireglass_app.server_session import ServerSession
from wireglass_app.settings import Settings

__all__ = ["DESK", "Desktop", "python_target"]

DESK = Path(__file__).parent / "servers" / "desk.py"


def python_target(name: str, *args: str, **options: Any) -> Target:
    """A server run by the interpreter of the tests."""
    return Target(name, "stdio", command=sys.executable, args=args, **options)


class Desktop:
    """What a test sees of the application."""

    def __init__(self, folder: Path) -> None:
        self.app = Application(
            Settings(folder / "workbench.json"), TrustStore(folder / "trust.json"), folder / "recordings"
        )
        self.window = self.app.window
        self.window.resize(1440, 900)
        self.window.show()
        self.window.activateWindow()

    async def until(self, come: Callable[[], Any], what: str, seconds: float = 30.0) -> Any:
        """Waits for something to become true, with a bound; the value is returned."""
        async with asyncio.timeout(seconds):
            while not (found := come()):  # noqa: ASYNC110 (Qt state has no event to await; the wait is bounded)
                await asyncio.sleep(0.01)
        return found

    async def open(self, target: Target) -> ServerSession:
        """Opens a server and waits until it is ready or has failed."""
        session = self.app.opener.open_target(target)
        await self.until(lambda: session.state not in ("idle", "connecting"), "a settled connection")
        return session

    async def desk(self) -> ServerSession:
        session = await self.open(python_target("desk", str(DESK)))
        assert session.state == "ready", session.failure
        return session

    @property
    def tools(self) -> ToolsPanel:
        panel = self.window.host.panel
        assert isinstance(panel, ToolsPanel)
        return panel

    async def run(self, tool: str, arguments: dict[str, Any] | None = None) -> Call:
        """Chooses a tool, fills its form, presses Run, and waits until it ended or asks."""
        panel = self.tools
        assert panel.list.select(tool)
        assert panel.form is not None
        assert panel.session is not None
        if arguments is not None:
            panel.form.set_value(arguments)
        before = len(panel.session.calls)
        panel.run.click()
        await self.until(lambda: panel.session and len(panel.session.calls) > before, "a call")
        call = panel.session.calls[-1]
        await self.until(lambda: call.ended or call.state == "waiting", "an end of the call")
        return call

    async def close(self) -> None:
        await self.app.close()


Scene = Callable[[Desktop], Coroutine[Any, Any, None]]


def texts(widget: QWidget) -> str:
    """All text a person can read in a widget, for assertions about words."""
    from PySide6.QtWidgets import QAbstractButton, QLabel

    found = [label.text() for label in widget.findChildren(QLabel) if label.isVisible()]
    found += [button.text().replace("&&", "&") for button in widget.findChildren(QAbstractButton) if button.isVisible()]
    return "\n".join(found)
