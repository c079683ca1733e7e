"""A call that ended without a good result: what was said, why, and what can be done now."""

import json

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from wireglass_app.calls import Call
from wireglass_app.controls import Button, Label, column, row, surface
from wireglass_app.dossier.words import blocks_of, verdict, wants_handshake
from wireglass_app.plain import visible
from wireglass_app.server_session import ServerSession

__all__ = ["Handshake", "ProblemPage", "Violations", "traceback_of"]

_TRACEBACK = "Traceback (most recent call last)"


class Violations(QWidget):
    """What the output schema says against the result."""

    def __init__(self, call: Call) -> None:
        super().__init__()
        surface(self, "panel", "bottom")
        lines = column(gap=4, margins=(14, 8, 14, 8))
        lines.addWidget(Label("Result does not match its schema.", "bad", "strong"))
        for one in (call.verdicts or ())[:4]:
            place = visible(one.path or "/", 120)
            step = one.next_step if one.keyword == "format" else ""  # the other steps are for who fills in a form
            words = " ".join(part for part in (visible(one.message, 300), step) if part)
            lines.addWidget(Label(f"{place}: {words}", "primary", "small", wrap=True).selectable())
        self.setLayout(lines)


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
        self.why = Label("", "secondary", wrap=True)
        self.data_title = Label("Data sent with the error", "secondary", "small-strong")
        self.data = Label("", "primary", "mono-small", wrap=True).selectable()
        self.trace_title = Label("The server's traceback, from its stderr", "secondary", "small-strong")
        self.trace = Label("", "primary", "mono-small", wrap=True).selectable()
        body = QWidget()
        told = (self.data_title, self.data, self.trace_title, self.trace)
        body.setLayout(column(self.well, self.why, *told, None, gap=12, margins=(14, 14, 14, 14)))
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(surface(body, "panel"))
        self.handshake = Handshake()
        self.field = Button("Go to the field", "primary")
        self.longer = Button("Run with 300 s")
        self.frames = Button("Frames", "ghost")
        self.copy = Button("Copy report", "ghost")
        foot = surface(QWidget(), "sunken", "top")
        foot.setLayout(
            row(self.handshake, self.field, self.longer, self.frames, self.copy, None, margins=(14, 9, 14, 9))
        )
        self.setLayout(column(scroll, foot, gap=0))

    def show_call(self, call: Call, session: ServerSession | None = None) -> None:
        words = verdict(call)
        self.handshake.show_call(session, call)
        texts = [
            str(block.get("text", ""))
            for block in blocks_of(call)
            if isinstance(block, dict) and block.get("type") == "text"
        ]
        text = visible("\n".join(texts), 20_000, lines=True) if texts else words.text
        self.text.setText(text)
        self.well.setVisible(bool(text))
        self.why.setText(words.next_step)
        self.why.setVisible(bool(words.next_step))
        data = getattr(call.problem, "data", None)
        self.data.setText(visible(json.dumps(data, ensure_ascii=False, indent=2), 8000, lines=True) if data else "")
        for widget in (self.data, self.data_title):
            widget.setVisible(bool(data))
        trace = traceback_of(call)
        self.trace.setText(visible(trace, 8000, lines=True))
        for widget in (self.trace, self.trace_title):
            widget.setVisible(bool(trace))
        self.longer.setVisible(call.state == "timeout")
        self.pointer = _likely_field(call, text)
        self.field.setVisible(bool(self.pointer))
        self.field.setText(f"Edit {visible(self.pointer.lstrip('/'), 40)}")


def traceback_of(call: Call) -> str:
    """The last traceback among what the server wrote to its stderr during a call, else an empty text."""
    written = [line.text for line in call.logs if line.source == "stderr"]
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
    """The argument that the error names, if exactly one is named."""
    arguments = call.params.get("arguments")
    if call.state not in ("tool-error", "refused") or not isinstance(arguments, dict):
        return ""
    named = [name for name in arguments if len(name) > 1 and name in text]
    return f"/{named[0]}" if len(named) == 1 else ""
