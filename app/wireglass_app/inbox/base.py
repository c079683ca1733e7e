"""What the view of one question promises."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from wireglass_app.questions import Question

__all__ = ["QuestionView"]


class QuestionView(QWidget):
    """Shows a question and keeps what was typed. Answers only through `accept` and `decline`."""

    wanted = Signal(str)
    """A sentence that says what keeps the answer from being sent."""

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

    def draft_text(self) -> str:
        """What was typed so far, to copy when the question is gone."""
        return ""

    def freeze(self) -> None:
        """The question has ended: nothing can be typed any more, everything stays readable."""
        self.setEnabled(False)
