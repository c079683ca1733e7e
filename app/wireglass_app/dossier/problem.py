"""A call that ended without a good result: what was said, why, and what can be done now."""

import json
import re

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QWidget

from wireglass.errors import McpError, SignInError
from wireglass_app.calls import Call
from wireglass_app.controls import Button, Label, column, row, surface
from wireglass_app.dossier.words import blocks_of, verdict, wants_handshake
from wireglass_app.layouts import scrolling
from wireglass_app.plain import visible
from wireglass_app.server_session import ServerSession

__all__ = ["Handshake", "ProblemPage", "traceback_of"]

_TRACEBACK = "Traceback (most recent call last)"
_LAST_LINES = 8
"""Of the stderr of a server that is gone."""
_LEAST_REPEATED, _MOST_REPEATED = 3, 200
"""Characters of a value that an error may repeat: shorter ones are said by chance."""


class Handshake(Button):
    """For a server that can ask only in the handshake eras: first it reconnects that way, then it runs the call again.

    Nothing runs by itself: the failed call may have done half of its work.
    """

    wanted = Signal()
    """Reconnect with a handshake."""
    again = Signal()
    """Run the call again."""

    def __init__(self) -> None:
        super().__init__("", "primary", clicked=self._pressed)
        self._does = ""

    def show_call(self, session: ServerSession | None, call: Call) -> None:
        """What it does for a call now, if anything."""
        self._does = "" if session is None or not wants_handshake(call) else _way_to_handshake(session, call)
        self.setText(_HANDSHAKE_WORDS.get(self._does, ""))
        self.setAccessibleName(self.text())
        self.setVisible(bool(self._does))

    def _pressed(self) -> None:
        if self._does == "reconnect":
            self.wanted.emit()
        elif self._does == "again":
            self.again.emit()


_HANDSHAKE_WORDS = {
    "reconnect": "Reconnect with handshake",
    "connecting": "Reconnecting…",
    "again": "Run the call again",
}


def _way_to_handshake(session: ServerSession, call: Call) -> str:
    if session.recorded:
        return ""
    if session.changing_mode:
        return "connecting"
    if not session.usable:
        return ""
    return "reconnect" if session.stateless else "again" if call.start < session.starts else ""


class ProblemPage(QWidget):
    """A call that ended without a result: text, next step, what can be done."""

    def __init__(self) -> None:
        super().__init__()
        self.pointer = ""
        self.well = surface(QFrame(), "well")
        self.text = Label("", "primary", "mono", wrap=True).selectable()
        self.well.setLayout(column(self.text, margins=(12, 9, 12, 9)))
        self.why = Label("", "secondary", wrap=True).selectable()
        self.data = _Told("Data sent with the error")
        self.trace = _Told("The server's traceback, from its stderr")
        body = QWidget()
        body.setLayout(column(self.well, self.why, self.data, self.trace, None, gap=12, margins=(14, 14, 14, 14)))
        scroll = scrolling(surface(body, "panel"))
        self.handshake = Handshake()
        self.field = Button("Go to the field")
        self.longer = Button("Run with 300 s")
        self.restart = Button("Start again", key="F5")
        self.frames = Button("Frames", "ghost")
        self.logs = Button("All stderr", "ghost")
        self.copy = Button("Copy report", "ghost")
        buttons = (self.field, self.longer, self.restart, self.frames, self.logs, self.copy)
        foot = surface(QWidget(), "sunken", "top")
        foot.setLayout(row(self.handshake, *buttons, None, margins=(14, 9, 14, 9)))
        self.setLayout(column(scroll, foot, gap=0))

    def show_call(self, call: Call, session: ServerSession | None = None, frames: int = 0) -> None:
        """Says what became of `call`, which has so many `frames`."""
        words = verdict(call)
        self.handshake.show_call(session, call)
        said = "\n".join(
            str(block.get("text", ""))
            for block in blocks_of(call)
            if isinstance(block, dict) and block.get("type") == "text"
        )
        told = visible(said, 20_000, lines=True) if said else words.text
        quoted = bool(said) or isinstance(call.problem, McpError)
        self.text.setText(told if quoted else "")
        self.well.setVisible(bool(quoted and told))
        self.pointer = _likely_field(call, told)
        name = visible(self.pointer.lstrip("/"), 40)
        likely = f"Argument {name} is the likely cause." if name and call.state == "tool-error" else ""
        why = " ".join(part for part in ("" if quoted else told, words.next_step, likely) if part)
        self.why.setText(why)
        self.why.setVisible(bool(why))
        data = getattr(call.problem, "data", None)
        self.data.tell(json.dumps(data, ensure_ascii=False, indent=2) if data else "")
        self._show_stderr(call)
        self._offer(call, name, frames)

    def _show_stderr(self, call: Call) -> None:
        trace = traceback_of(call)
        if not trace and call.state == "lost":
            self.trace.tell("\n".join(_stderr(call)[-_LAST_LINES:]), "The end of its stderr")
        else:
            self.trace.tell(trace, "The server's traceback, from its stderr")

    def _offer(self, call: Call, field: str, frames: int) -> None:
        self.field.setVisible(bool(field))
        self.field.setText(f"Edit {field}")
        self.field.setAccessibleName(f"Edit {field}")
        self.longer.setVisible(call.state == "timeout")
        self.restart.setVisible(call.state == "lost")
        words = "Sign in again" if isinstance(call.problem, SignInError) else "Start again"
        self.restart.setText(words)
        self.restart.setAccessibleName(words)
        self.frames.setText(f"Frames {frames}" if frames else "Frames")
        self.logs.setVisible(call.state == "lost" and bool(_stderr(call)))


class _Told(QWidget):
    """Lines of the server under a heading; hidden while there are none."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self.title = Label(title, "secondary", "small-strong")
        self.text = Label("", "primary", "mono-small", wrap=True).selectable()
        well = surface(QFrame(), "well")
        well.setLayout(column(self.text, margins=(12, 9, 12, 9)))
        self.setLayout(column(self.title, well, gap=6))

    def tell(self, text: str, title: str = "") -> None:
        self.text.setText(visible(text, 8000, lines=True))
        if title:
            self.title.setText(title)
        self.setVisible(bool(text))


def _stderr(call: Call) -> list[str]:
    return [line.text for line in call.logs if line.source == "stderr"]


def traceback_of(call: Call) -> str:
    """The last traceback among what the server wrote to its stderr during a call, else an empty text."""
    written = _stderr(call)
    starts = [at for at, text in enumerate(written) if _TRACEBACK in text]
    if not starts:
        return ""
    found = written[starts[-1] :]
    # Its lines are indented or boxed; the exception's own line ends it.
    end = next(
        (at for at, text in enumerate(found[1:], 1) if text and not text.startswith((" ", "\t", "│", "╭", "╰"))), 0
    )
    return "\n".join(found[: end + 1] if end else found)


def _likely_field(call: Call, text: str) -> str:
    """The argument that the error names, or whose value it repeats, if that is exactly one."""
    arguments = call.params.get("arguments")
    if call.state not in ("tool-error", "refused") or not isinstance(arguments, dict):
        return ""
    named = [name for name in arguments if len(name) > 1 and _says(text, name)]
    named = named or [name for name, value in arguments.items() if isinstance(value, str) and _repeats(text, value)]
    return f"/{named[0]}" if len(named) == 1 else ""


def _says(text: str, word: str) -> bool:
    """As a word of its own: an argument `a` is not meant by "a", nor `code` by "decoded"."""
    return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text) is not None


def _repeats(text: str, value: str) -> bool:
    return _LEAST_REPEATED <= len(value) <= _MOST_REPEATED and _says(text, value)
