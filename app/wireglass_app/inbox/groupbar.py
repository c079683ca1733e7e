"""The questions of one result: which one this is, what is still missing, and the way to the others."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from wireglass_app.controls import Button, Chip, Label, row, surface, tool_button
from wireglass_app.inbox.words import title_of
from wireglass_app.plain import count
from wireglass_app.questions import Question

__all__ = ["GroupBar"]

_SHOWN = 12
_MARKS = {"waiting": "", "visiting": "…", "automatic": "…"}


class GroupBar(QWidget):
    """Hidden for a question that came alone."""

    chosen = Signal(object)

    def __init__(self, question: Question) -> None:
        super().__init__()
        self._question = question
        self._place = Chip("", "human")
        self._words = Label("", "secondary", "small")
        self._steps = row(gap=4)
        self._before = tool_button("chevron-up", "Previous question of this group", clicked=lambda: self._step(-1))
        self._after = tool_button("chevron-down", "Next question of this group", clicked=lambda: self._step(1))
        line = row(self._place, self._words, None, margins=(18, 6, 18, 6))
        line.addLayout(self._steps)
        line.addWidget(self._before)
        line.addWidget(self._after)
        self.setLayout(line)
        self._buttons: list[Button] = []
        surface(self, "sunken", edge="bottom")
        self.setAccessibleName("Group of questions")
        if question.group.size < 2:
            self.hide()

    def show_state(self) -> None:
        """As the group is now."""
        group = self._question.group
        if group.size < 2:
            return
        self._place.setText(f"{group.place_of(self._question)} of {group.size}")
        missing = group.missing
        still = f"{count(missing)} still to answer" if missing else "all are answered"
        self._words.setText(f"One result asks all of these; they are sent together: {still}.")
        self._fill()
        here = group.members.index(self._question)
        self._before.setEnabled(here > 0)
        self._after.setEnabled(here < len(group.members) - 1)

    def _fill(self) -> None:
        members = self._question.group.members[:_SHOWN]
        for number in range(len(self._buttons), len(members)):
            button = Button("", "ghost", clicked=lambda at=number: self._go(at))
            self._buttons.append(button)
            self._steps.addWidget(button)
        for number, (button, member) in enumerate(zip(self._buttons, members, strict=False), start=1):
            mark = _MARKS.get(member.state, "✓")
            button.setText(f"{number} {mark}".strip())
            state = {"": "not answered", "…": "under way", "✓": "answered"}[mark]
            button.setAccessibleName(f"Question {number}, {title_of(member)}, {state}")
            button.setEnabled(member is not self._question)

    def _go(self, at: int) -> None:
        members = self._question.group.members
        if at < len(members):
            self.chosen.emit(members[at])

    def _step(self, by: int) -> None:
        members = self._question.group.members
        at = members.index(self._question) + by
        if 0 <= at < len(members):
            self.chosen.emit(members[at])
