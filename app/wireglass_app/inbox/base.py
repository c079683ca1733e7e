"""What the view of one question promises, and what it may use of the application."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from wireglass_app.answers import Answers
from wireglass_app.questions import Question
from wireglass_app.settings import Settings

__all__ = ["QuestionView", "Tools"]


@dataclass(frozen=True, slots=True)
class Tools:
    """What views of questions may use. Nothing here calls a server, except that a session drafts for its question."""

    settings: Settings
    answers: Answers
    announce: Callable[[str], None] = lambda _text: None
    go: Callable[..., None] = lambda *_where, **_facts: None
    spawn: Callable[..., Any] | None = None
    """Starts a coroutine on the Qt loop; None where there is no loop, then nothing can be drafted."""
    visited: Callable[[str], bool] = lambda _domain: False
    remember: Callable[[str], None] = lambda _domain: None
    opener: Callable[[str], bool] | None = field(default=None)
    """Opens a page; None means the system's browser."""


class QuestionView(QWidget):
    """Shows a question and keeps what was typed. Answers only through `accept` and `decline`."""

    wanted = Signal(str)
    """A sentence that says what keeps the answer from being sent."""
    edited = Signal()
    """`draft` is another one."""
    rule_wanted = Signal()
    """Make a rule that gives this answer the next time."""

    accept_text = "Accept and continue"
    decline_text = "Decline"
    can_dismiss = False
    """Whether "cancel" is an answer of its own."""

    def __init__(self, question: Question) -> None:
        super().__init__()
        self.question = question

    def accept(self) -> bool:
        """Sends the answer if it is complete. False when something is missing, which `wanted` has told."""
        raise NotImplementedError

    def decline(self) -> None:
        """Says no."""
        self.question.decline()

    def dismiss(self) -> None:
        """Elicitation only: neither yes nor no."""
        self.question.cancel()

    def begin(self) -> None:
        """Puts the focus where typing starts. Called only by the user's act."""
        self.setFocus()

    def draft(self) -> Any:
        """What was typed so far, as JSON without secrets, to be kept on disk; None when there is nothing to keep."""
        return None

    def ask_model(self) -> None:
        """Ctrl+D: asks a model for the answer, or stops it. For sampling only."""

    def rule_content(self) -> Any:
        """What a rule would give in place of this answer; None when there is nothing to give yet."""
        return None

    def restore(self, draft: Any) -> None:
        """Takes up what `draft` gave earlier, perhaps in another run of the program. Ignores what does not fit."""

    def draft_text(self) -> str:
        """What was typed so far, to copy when the question is gone."""
        return ""

    def toggle_json(self) -> None:
        """Ctrl+Shift+E, where there is a JSON twin."""

    def freeze(self) -> None:
        """The question has ended: nothing can be typed any more, everything stays readable."""
        self.setEnabled(False)

    def thaw(self) -> None:
        """It may be answered again: a held answer is to be changed."""
        self.setEnabled(True)
