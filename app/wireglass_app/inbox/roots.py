"""Roots: the folders a server may be told about, when it asks for them one by one."""

from pathlib import Path
from typing import Any

from PySide6.QtCore import QUrl
from PySide6.QtWidgets import QPlainTextEdit

from wireglass_app.controls import Label, column
from wireglass_app.inbox.base import QuestionView
from wireglass_app.questions import Question

__all__ = ["RootsView", "root_of"]


def root_of(line: str) -> dict[str, Any] | None:
    """A `Root` from a file:// URI or an absolute path; None when it is neither (specification: file URIs only)."""
    text = line.strip()
    if text.startswith("file://"):
        return {"uri": text, "name": QUrl(text).fileName() or text}
    path = Path(text).expanduser()
    return {"uri": path.as_uri(), "name": path.name or str(path)} if path.is_absolute() else None


class RootsView(QuestionView):
    """One folder a line."""

    accept_text = "Send these folders"

    def __init__(self, question: Question) -> None:
        super().__init__(question)
        self.lines = QPlainTextEdit("\n".join(question.session.roots.folders))
        self.lines.setAccessibleName("Folders, one a line")
        self.lines.setTabChangesFocus(True)
        self.lines.setPlaceholderText("/home/you/project")
        words = Label(
            "The server asks which folders it should work with. Names only: nothing in them is read or sent.",
            "secondary",
            wrap=True,
        )
        self.lines.textChanged.connect(self.edited)
        self.setLayout(column(words, self.lines, gap=8, margins=(14, 12, 14, 12)))

    def accept(self) -> bool:
        lines = [line for line in self.lines.toPlainText().splitlines() if line.strip()]
        roots = [root_of(line) for line in lines]
        if None in roots:
            self.wanted.emit(
                f"“{lines[roots.index(None)][:80]}” is no absolute path. Write it from the root of the disk."
            )
            return False
        self.question.answer({"roots": roots})
        return True

    def decline(self) -> None:
        self.question.refuse()

    def begin(self) -> None:
        self.lines.setFocus()

    def rule_content(self) -> Any:
        return [line.strip() for line in self.lines.toPlainText().splitlines() if line.strip()]

    def draft(self) -> Any:
        return self.lines.toPlainText() or None

    def restore(self, draft: Any) -> None:
        if isinstance(draft, str):
            self.lines.setPlainText(draft)

    def draft_text(self) -> str:
        return self.lines.toPlainText()
