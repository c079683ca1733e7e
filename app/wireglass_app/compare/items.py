"""What a source found: headings and items for the list, each with the two values that are shown beside each other."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from wireglass.recording.json_diff import ABSENT
from wireglass.recording.surface import Change, Changes
from wireglass_app.models.catalogue import CHANGE_TONES
from wireglass_app.plain import counted

__all__ = ["KINDS", "Heading", "Item", "Listing", "Source", "changelog", "items_of", "section"]

KINDS: dict[str, str] = {
    **CHANGE_TONES,
    "same": "plain",
    "ready": "info",
    "skipped": "plain",
    "running": "human",
}
"""The tint of each kind of change."""


@dataclass(frozen=True, slots=True)
class Heading:
    """A line above items: "Capabilities", "4 changes"."""

    text: str
    note: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Item:
    """One line of the list."""

    what: str
    """One of `KINDS`."""
    title: str
    detail: str
    sides: Callable[[], tuple[Any, Any]]
    """Both values, or `ABSENT`; called in a worker thread. May raise LookupError when a text is gone."""
    part: str = ""
    meaning: str = ""
    note: str = ""
    tone: str = "muted"
    path: str | None = None
    """The place among the differences that this item is about; None for all of them."""
    group: object = None
    """Items of one group have the same sides."""


@dataclass(frozen=True, slots=True)
class Listing:
    """Everything the view shows of one comparison."""

    rows: tuple[Heading | Item, ...] = ()
    before: str = "Before"
    after: str = "After"
    note: str = ""
    """Right in the head: what is compared."""
    empty: tuple[str, str] = ("Nothing to compare yet", "")
    """Title and text when there are no items."""
    footer: str = ""

    @property
    def items(self) -> list[Item]:
        """All rows that are no headings."""
        return [one for one in self.rows if isinstance(one, Item)]

    @property
    def found(self) -> bool:
        """Whether there is anything to show; a heading never stands alone."""
        return bool(self.rows)


class Source(QObject):
    """Where the two sides come from. `changed` tells that `listing` is another."""

    changed = Signal()
    busy = Signal(str)
    """Words while something is read or compared; empty when it is over."""
    key = ""
    title = ""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.bar: QWidget | None = None
        """Where the sides are chosen, if they are."""
        self.listing = Listing()
        self.active = False
        """Whether the view shows this source now; one that nobody sees compares nothing."""

    def heard(self, *_facts: Any) -> None:
        """Something that could be compared has changed."""
        if self.active:
            self.enter()

    def enter(self) -> None:
        """The view shows this source now: what can be chosen may have changed."""

    def choose(self, **facts: Any) -> None:
        """Takes what somebody asked to be compared."""

    def leave(self) -> None:
        """The view is closed: files and jobs are let go."""


def section(title: str, items: Iterable[Item], note: str = "") -> list[Heading | Item]:
    """A heading with the number of items, and the items; nothing when there are none."""
    found = list(items)
    number = counted(len(found), "change")
    return [Heading(title, note or number), *found] if found else []


def items_of(changes: Changes) -> list[Item]:
    """What changed in what a server shows."""
    return [_item(change) for change in changes.items]


def _item(change: Change) -> Item:
    before = ABSENT if change.what == "new" else change.before
    after = ABSENT if change.what == "gone" else change.after
    return Item(change.what, change.name, change.detail, lambda: (before, after), change.part, change.meaning)


def changelog(listing: Listing, title: str) -> str:
    """The list as markdown, for a commit message or a release note."""
    lines = [f"# {title}", ""]
    for kind, words in (("breaking", "Breaking"), ("gone", "Removed"), ("changed", "Changed"), ("new", "Added")):
        found = [item for item in listing.items if item.what == kind]
        if found:
            lines += [f"## {words}", "", *(f"- `{one.title}`: {one.detail}" for one in found), ""]
    return "\n".join(lines).rstrip() + "\n"
