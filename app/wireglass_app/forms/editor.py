"""What every field editor promises."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from wireglass.protocol.schema import UNSET, Node
from wireglass_app.controls import restyle
from wireglass_app.forms.scalars import Finding

__all__ = ["Editor", "Place"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where an editor stands: what to call it when it is read out, how deep it lies, and who builds its children."""

    name: str
    depth: int
    build: Callable[[Node, "Place"], "Editor"]
    elicited: bool = False
    """An elicitation: few choices as radio buttons."""
    folds: bool = False
    """A form of very many fields: groups are closed until they are opened."""

    def below(self, name: str) -> "Place":
        """The place of a child."""
        spoken = f"{self.name}, {name}" if self.name else name
        return Place(spoken, self.depth + 1, self.build, self.elicited, self.folds)


class Editor(QWidget):
    """Edits the value of one node. The value is UNSET until something is filled in."""

    changed = Signal()

    def __init__(self, node: Node, place: Place) -> None:
        super().__init__()
        self.node = node
        self.place = place
        self.setAccessibleName(place.name)

    def value(self) -> Any:
        """What is filled in, as JSON; UNSET when nothing is."""
        return UNSET

    def set_value(self, value: Any) -> None:
        """Shows a value, or UNSET. Emits nothing."""
        raise NotImplementedError

    def takes(self, value: Any) -> bool:
        """Whether this editor can show `value` without changing it. Others go to a JSON editor."""
        return True

    def show_findings(self, findings: Sequence[Finding]) -> list[str]:
        """Shows what is wrong below this place; returns the messages that the row must show."""
        return [finding.message for finding in findings]

    def entry(self) -> QWidget | None:
        """The widget that takes the focus; the one that is marked when the value is wrong."""
        return self.focusProxy()

    def take_focus(self) -> None:
        """Puts the focus to where typing starts."""
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def mark(self, state: str) -> None:
        """ "", "error" or "unset": how the entry looks."""
        entry = self.entry()
        if entry is not None and (entry.property("state") or "") != state:
            restyle(entry, state=state)
