"""What fills in a reply: a draft of the configured model, streamed and cancellable, or one of your canned replies."""

import asyncio
import difflib
from collections.abc import Awaitable, Callable
from time import perf_counter
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QInputDialog, QWidget
from shiboken6 import isValid

from wireglass.errors import WireglassError
from wireglass_app.controls import Button, Elided, Label, column, row
from wireglass_app.inbox.base import Tools
from wireglass_app.plain import count, duration, visible

__all__ = ["Canned", "Drafter", "ModelDraft", "changed_words"]

Drafter = Callable[[dict[str, Any], Callable[[str], object]], Awaitable[dict[str, Any]]]
"""Asks a model for a reply to sampling params; its text comes in pieces. Raises WireglassError, ValueError."""

_CANNED = "inbox.canned"
_LONGEST = 100_000


def changed_words(before: str, after: str) -> int:
    """How many words of a draft people changed, took out or put in."""
    matcher = difflib.SequenceMatcher(None, before.split(), after.split(), autojunk=False)
    return sum(max(a1 - a0, b1 - b0) for kind, a0, a1, b0, b1 in matcher.get_opcodes() if kind != "equal")


class ModelDraft(QWidget):
    """The endpoint and its one button. Nothing is asked before the button, or Ctrl+D, is pressed."""

    piece = Signal(str)
    """A piece of text as it comes."""
    began = Signal()
    done = Signal(dict)
    """The whole reply."""
    ended = Signal()
    """Nothing comes any more, whether the reply is whole or not."""

    def __init__(self, draft: Drafter, tools: Tools, params: Callable[[], dict[str, Any]]) -> None:
        """`draft` asks the model; `params` gives the request as it is to be asked."""
        super().__init__()
        self._ask_model = draft
        self._tools = tools
        self._params = params
        self._task: asyncio.Task[None] | None = None
        self.seconds: float | None = None
        """How long the last draft took."""
        self.where = Elided("", "secondary", "mono-small", middle=True)
        self.name = Label("", type="strong")
        self.ask = Button("Draft", icon="reload", key="Ctrl+D", clicked=self.toggle)
        self.fault = Label("", "bad", "small", wrap=True)
        self.fault.hide()
        self.set_up = Button("Set up a model…", clicked=lambda: tools.go("settings", section="models"))
        line = row(self.name, self.where, self.ask, self.set_up)
        line.setStretch(1, 1)
        self.setLayout(column(line, self.fault, gap=4))
        tools.answers.endpoints.changed.connect(self._show)
        self._show()

    @property
    def running(self) -> bool:
        return self._task is not None

    def _show(self) -> None:
        facts = self._tools.answers.endpoints.chosen
        self.set_up.setVisible(facts is None)
        self.ask.setVisible(facts is not None)
        self.ask.setText("Stop" if self.running else "Draft again" if self.seconds is not None else "Draft")
        self.ask.setAccessibleName("Stop drafting" if self.running else "Draft a reply with the model")
        self.name.setText(visible(facts["name"], 40) if facts else "No model is configured.")
        self.where.setText(f"{facts['url']} · {facts['model']}" if facts else "")

    def toggle(self) -> None:
        """Drafts, or stops the draft that runs."""
        if self.running:
            self.stop()
        else:
            self.start()

    def start(self) -> None:
        """Asks the model, if one is configured and none is being asked."""
        if self.running or self._tools.spawn is None or self._tools.answers.endpoints.chosen is None:
            return
        self.fault.hide()
        self.began.emit()
        self._task = self._tools.spawn(self._draft(), self)
        self._show()

    def stop(self) -> None:
        """Ends the request; what has come so far stays."""
        if self._task is not None:
            self._task.cancel()

    async def _draft(self) -> None:
        began = perf_counter()
        try:
            result = await self._ask_model(self._params(), self._heard)
        except asyncio.CancelledError:
            if not isValid(self):
                raise
            self._tell("Stopped. What has come so far is kept.")
        except WireglassError as problem:
            self._tell(f"{problem.message} {problem.next_step}".strip())
        except ValueError as problem:
            self._tell(str(problem))
        else:
            self.seconds = perf_counter() - began
            self.done.emit(result)
        finally:
            self._task = None
            if isValid(self):
                self._show()
                self.ended.emit()

    def _heard(self, text: str) -> None:
        if self.running and isValid(self):
            self.piece.emit(text)

    def _tell(self, words: str) -> None:
        self.fault.setText(visible(words, 600))
        self.fault.show()
        self._tools.announce(words)

    def took(self) -> str:
        """ "drafted in 0.8 s", or nothing."""
        return f"drafted in {duration(self.seconds * 1000)}" if self.seconds is not None else ""


class Canned(QWidget):
    """Replies that were kept under a name."""

    used = Signal(dict)
    """The whole reply to use."""

    def __init__(self, tools: Tools, result: Callable[[], dict[str, Any] | None]) -> None:
        """`result` gives the reply as it stands, or None when it is not complete."""
        super().__init__()
        self._tools = tools
        self._result = result
        self.pick = QComboBox()
        self.pick.setAccessibleName("Canned reply")
        self.use = Button("Use", clicked=self._use)
        self.keep = Button("Keep this reply…", "ghost", clicked=self._keep)
        self.drop = Button("Remove", "ghost", clicked=self._drop)
        line = row(self.pick, self.use, self.keep, self.drop)
        line.setStretch(0, 1)
        self._empty = Label("No reply is kept yet. Write one below, then keep it under a name.", "muted", wrap=True)
        self.setLayout(column(self._empty, line, gap=6))
        tools.settings.changed.connect(self._setting_changed)
        self._show()

    def _setting_changed(self, name: str) -> None:
        if name == _CANNED:
            self._show()

    def _kept(self) -> list[dict[str, Any]]:
        listed = self._tools.settings.get(_CANNED, [])
        return [one for one in listed if isinstance(one, dict) and isinstance(one.get("result"), dict)]

    def _show(self) -> None:
        kept, current = self._kept(), self.pick.currentText()
        self.pick.clear()
        self.pick.addItems([visible(one.get("name", ""), 60) for one in kept])
        self.pick.setCurrentText(current)
        self._empty.setVisible(not kept)
        for part in (self.pick, self.use, self.drop):
            part.setVisible(bool(kept))

    def _use(self) -> None:
        kept = self._kept()
        if 0 <= self.pick.currentIndex() < len(kept):
            self.used.emit(kept[self.pick.currentIndex()]["result"])

    def _keep(self) -> None:
        if self._result() is None:
            self._tools.announce("Complete the reply first, then keep it.")
            return
        dialog = QInputDialog(self)
        dialog.setWindowTitle("Keep this reply")
        dialog.setLabelText("Name of the canned reply")
        dialog.textValueSelected.connect(self.keep_as)
        dialog.open()

    def keep_as(self, name: str) -> None:
        """Keeps the present reply under a name, in place of another of this name."""
        result = self._result()
        if result is None or not name.strip() or len(str(result)) > _LONGEST:
            return
        rest = [one for one in self._kept() if one.get("name") != name.strip()]
        self._tools.settings.set(_CANNED, [*rest, {"name": name.strip(), "result": result}])
        self.pick.setCurrentText(visible(name.strip(), 60))

    def _drop(self) -> None:
        kept = self._kept()
        at = self.pick.currentIndex()
        if 0 <= at < len(kept):
            self._tools.settings.set(_CANNED, kept[:at] + kept[at + 1 :])
            self._tools.announce(f"{count(len(kept) - 1)} canned replies are left.")
