"""What can be done about a failure, a button each; who shows it carries out nothing itself."""

from collections.abc import Callable
from functools import partial

from PySide6.QtWidgets import QWidget

from wireglass_app.controls import Button, row
from wireglass_app.failures import Offer

__all__ = ["Offers"]


class Offers(QWidget):
    """Hidden while there are none."""

    def __init__(self, mend: Callable[[str], None]) -> None:
        super().__init__()
        self._mend = mend
        self._shown: tuple[Offer, ...] = ()
        self._line = row(None, gap=8)
        self.setLayout(self._line)
        self.hide()

    def show_offers(self, offers: tuple[Offer, ...]) -> None:
        """These and no others; the same ones stay as they are, with the focus that one of them may have."""
        if offers != self._shown:
            for button in self.findChildren(Button):
                button.deleteLater()
            for at, offer in enumerate(offers):
                variant = "primary" if at == 0 else ""
                clicked = partial(self._mend, offer.key)
                self._line.insertWidget(at, Button(offer.text, variant, clicked=clicked))
            self._shown = offers
        self.setVisible(bool(offers))

    def first(self) -> QWidget | None:
        """The button that is meant to be pressed; None when there is none in sight."""
        item = self._line.itemAt(0) if self._shown and self.isVisible() else None
        return item.widget() if item is not None else None
