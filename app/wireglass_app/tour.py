"""A short tour without a display: the same application, driven through its own widgets, told in words.

Connects to the bundled example (or the file it is given), lists what it offers, calls a tool, answers a question of
the server in the window, and leaves a picture. The exit status tells whether all of it worked.
"""

import asyncio
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

from wireglass.launch.trust import TrustStore
from wireglass.protocol.schema import UNSET
from wireglass_app.application import Application
from wireglass_app.calls import Call
from wireglass_app.dialogs.trust import TrustDialog
from wireglass_app.dossier.words import verdict
from wireglass_app.panels.tools import ToolsPanel
from wireglass_app.plain import counted, duration, visible
from wireglass_app.server_session import ServerSession
from wireglass_app.settings import Settings

__all__ = ["tour"]

_PATIENCE_S = 30.0


class _Stuck(Exception):
    """A step did not come to its end."""


async def tour(what: str, screenshot: Path | None) -> int:
    """Runs the tour on `what`, or on the bundled shop. Returns 0 when every step worked."""
    with tempfile.TemporaryDirectory(prefix="wireglass-tour-") as folder:
        application = Application(Settings(Path(folder) / "workbench.json"), TrustStore(Path(folder) / "trust.json"))
        guide = _Guide(application, screenshot)
        try:
            await guide.walk(what)
        except _Stuck as stuck:
            guide.say(f"Stopped: {stuck}")
            return 1
        finally:
            await application.close()
        guide.say("Everything worked, and nothing is left running.")
        return 0


class _Guide:
    def __init__(self, application: Application, screenshot: Path | None) -> None:
        self._app = application
        self._picture = screenshot or Path(tempfile.gettempdir()) / "wireglass-tour.png"
        self._began = perf_counter()

    def say(self, text: str) -> None:
        sys.stdout.write(f"[{perf_counter() - self._began:5.1f} s] {text}\n")
        sys.stdout.flush()

    async def walk(self, what: str) -> None:
        window = self._app.window
        window.resize(1440, 900)
        window.show()
        self.say("The window is open.")
        session = await self._open(what)
        panel = window.host.panel
        if not isinstance(panel, ToolsPanel):
            raise _Stuck("the Tools view did not open")
        bundled = not what
        call = await self._run(panel, "stock" if bundled else _first_safe(session), {} if bundled else None)
        if call is not None and call.state != "done":
            raise _Stuck(f"{call.name} ended with: {verdict(call).title} {verdict(call).text}")
        if bundled:
            await self._answer(panel)
        self._shoot()

    async def _open(self, what: str) -> ServerSession:
        if what:
            self._app.opener.open_spec(what)
            await self._until(lambda: self._app.opener.dialog or self._app.workbench.current, "the file was not read")
            dialog = self._app.opener.dialog
            if isinstance(dialog, TrustDialog):
                self.say(f"Asked before running: {dialog.command.text()}. Running it once, as the tour was asked to.")
                dialog.once.click()
        else:
            self._app.opener.open_example("shop.py")
        await self._until(lambda: self._app.workbench.current, "no server was opened")
        session = self._app.workbench.current
        assert session is not None
        await self._until(lambda: session.state not in ("idle", "connecting"), "the server did not get ready")
        if session.failure is not None:
            failure = session.failure
            raise _Stuck(f"{failure.title}. {failure.text} {failure.next_step} {' | '.join(failure.lines[-3:])}")
        facts, lists = session.facts, session.catalogue
        self.say(f"Connected to {visible(session.name)} with protocol {facts.version}. {facts.why}")
        self.say(
            f"It offers {counted(len(lists.tools), 'tool')}, {counted(len(lists.resources), 'resource')}, "
            f"{counted(len(lists.templates), 'template')} and {counted(len(lists.prompts), 'prompt')}: "
            + ", ".join(visible(tool.get("name", "")) for tool in lists.tools[:12])
        )
        return session

    async def _run(self, panel: ToolsPanel, name: str, arguments: dict[str, Any] | None) -> Call | None:
        if not name or not panel.list.select(name) or panel.form is None:
            self.say("No tool was called: none is marked read-only.")
            return None
        if arguments is not None:
            panel.form.set_value(arguments if arguments else UNSET)
        before = len(panel.session.calls) if panel.session else 0
        panel.run.click()
        session = panel.session
        assert session is not None
        await self._until(lambda: len(session.calls) > before, f"{name} was not sent")
        call = session.calls[-1]
        await self._until(lambda: call.ended or call.state == "waiting", f"{name} did not end")
        await self._until(lambda: call.size or call.state != "done", f"the answer of {name} was not recorded")
        if call.ended:
            self.say(f"Called {name}: {verdict(call).title}, {duration(call.milliseconds)}, {call.size} bytes.")
        return call

    async def _answer(self, panel: ToolsPanel) -> None:
        call = await self._run(panel, "ask_name", None)
        if call is None or call.state != "waiting":
            raise _Stuck("ask_name did not ask anything")
        asking = panel.dossier.asking
        await self._until(lambda: asking.form is not None, "the question was not shown")
        self.say(f"It asks: {visible(asking.question.message if asking.question else '')}")
        form = asking.form
        assert form is not None
        field = next(iter(form.node.properties))[0]
        form.set_value({field: "Ada"})
        await asyncio.sleep(0.6)  # the pane is deaf to answers for half a second after a question appears
        asking.accept.click()
        await self._until(lambda: call.ended, "the call did not go on after the answer")
        if call.failed:
            raise _Stuck(f"ask_name ended with: {verdict(call).title} {verdict(call).text}")
        texts = [block.get("text") for block in (call.result or {}).get("content", []) if isinstance(block, dict)]
        self.say(f"Answered in the window with “Ada”. The tool says: {visible(' '.join(map(str, texts)))}")

    def _shoot(self) -> None:
        if not self._app.window.grab().save(str(self._picture)):
            raise _Stuck(f"the picture could not be saved at {self._picture}")
        self.say(f"Screenshot: {self._picture}")

    async def _until(self, come: Callable[[], Any], trouble: str) -> None:
        deadline = perf_counter() + _PATIENCE_S
        while not come():
            if perf_counter() > deadline:
                raise _Stuck(f"{trouble} within {_PATIENCE_S:g} s")
            await asyncio.sleep(0.02)


def _first_safe(session: ServerSession) -> str:
    """A tool that changes nothing and needs no arguments."""
    for tool in session.catalogue.tools:
        hints, schema = tool.get("annotations"), tool.get("inputSchema")
        safe = isinstance(hints, dict) and hints.get("readOnlyHint") is True
        if safe and not (isinstance(schema, dict) and schema.get("required")):
            return str(tool.get("name", ""))
    return ""
