"""One difference explained: what it means, and both sides as JSON, aligned."""

from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from wireglass.recording.json_diff import Difference, difference
from wireglass_app.bridge import Bridge
from wireglass_app.compare.items import KINDS, Item
from wireglass_app.controls import Button, Chip, Elided, Empty, Label, column, row, surface
from wireglass_app.payloads.difference import DifferenceView
from wireglass_app.plain import visible

__all__ = ["ChangeDetail"]


class ChangeDetail(QWidget):
    """Compares in a worker, and only what is looked at."""

    step_wanted = Signal(bool)
    """Forward or back, from one difference to the next, over the end of this item to the next item."""

    def __init__(self, bridge: Bridge) -> None:
        super().__init__()
        self._bridge = bridge
        self.item: Item | None = None
        self._compared: object = None
        self.chip = Chip("", "info")
        self.name = Elided("", type="mono-strong", middle=True)
        self.part = Label("", "secondary", "small")
        self.place = Label("", "muted", "small")
        self.previous = Button(
            "Back", "ghost", icon="chevron-up", key="Shift+F8", name="Previous change",
            clicked=lambda: self.step_wanted.emit(False),
        )  # fmt: skip
        self.next = Button("Next", "ghost", key="F8", name="Next change", clicked=lambda: self.step_wanted.emit(True))
        self.meaning = Label("", "secondary", wrap=True)
        self.view = DifferenceView()
        for one in (self.view.previous, self.view.next):
            one.hide()  # the buttons above go on to the next item too
        head = row(self.chip, self.name, self.part, None, self.previous, self.next, self.place)
        top = surface(QWidget(), "panel", "bottom")
        top.setLayout(column(head, self.meaning, gap=6, margins=(14, 10, 14, 10)))
        whole = QWidget()
        lines = column(top, self.view, gap=0)
        lines.setStretch(1, 1)
        whole.setLayout(lines)
        self.none = Empty("compare", "Choose a change", "Both sides of it are shown here.")
        self.stack = QStackedWidget()
        self.stack.addWidget(self.none)
        self.stack.addWidget(whole)
        self._whole = whole
        self.setLayout(column(self.stack))

    def show_item(self, item: Item | None, before: str, after: str, place: tuple[int, int]) -> None:
        """Explains an item; None shows nothing. `place`: which of how many."""
        self.item = item
        self.stack.setCurrentWidget(self.none if item is None else self._whole)
        if item is None:
            self._compared = None
            return
        self.chip.setText(item.what)
        self.chip.set_kind(KINDS[item.what])
        self.name.setText(visible(item.title, 200))
        self.part.setText(visible(item.part, 60))
        self.meaning.setText(visible(". ".join(_sentences(item)), 1000))
        self.place.setText(f"change {place[0]} of {place[1]}")
        self.view.left_title.setText(visible(before, 120))
        self.view.right_title.setText(visible(after, 120))
        group = item.group if item.group is not None else item
        if group is self._compared:
            self._go_to_path()
            return
        self._compared = group
        self.view.show_difference(None, "Comparing")
        self._bridge.spawn(self._comparing(item, group), self)

    async def _comparing(self, item: Item, group: object) -> None:
        try:
            found = await self._bridge.compute(_compared, item)
        except LookupError:
            if self._compared is group:
                self.view.show_difference(None, "The recording no longer has the text of this.")
            return
        if self._compared is group:
            self.view.show_difference(found if found.rows else None, "Nothing was run, so there is nothing to show.")
            self._go_to_path()

    def _go_to_path(self) -> None:
        if self.item is not None and self.item.path is not None:
            self.view.show_path(self.item.path)

    def step(self, forward: bool) -> bool:
        """To the next difference of this item; False when there is none in that direction."""
        first, last = self.view.at_end
        if self.item is None or self.item.path is not None or (last if forward else first):
            return False
        self.view.step(forward)
        return True

    @property
    def looked_at(self) -> Any:
        """What F6 goes to."""
        return self.view.left


def _sentences(item: Item) -> list[str]:
    detail = item.detail[:1].upper() + item.detail[1:] if item.detail else ""
    return [one.rstrip(".") for one in (detail, item.meaning) if one] + [""]


def _compared(item: Item) -> Difference:
    left, right = item.sides()
    return difference(left, right)
