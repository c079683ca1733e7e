"""What Tools, Resources and Prompts share: a list of what the current server offers, and one server at a time."""

from collections.abc import Iterable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QStackedWidget

from wireglass_app.calls import Call
from wireglass_app.catalogue_list import CatalogueList
from wireglass_app.controls import Empty
from wireglass_app.models.catalogue import ItemRow
from wireglass_app.panels.base import Desk, Panel
from wireglass_app.reconnect import Reconnect
from wireglass_app.server_session import ServerSession

__all__ = ["CataloguePanel", "NoneChosen", "Offered"]

_CHOOSE = "Choose one from the list, or press Ctrl+P."
Offered = tuple[Iterable[list[ItemRow]], int, str]
"""What makes the rows, of how many items, and why they could not all be read (or an empty text)."""


class NoneChosen(Empty):
    """In place of an item while none is chosen: says that, or why there is none to choose."""

    def __init__(self, icon: str, title: str) -> None:
        super().__init__(icon, title, _CHOOSE)
        self._words = title, _CHOOSE

    def tell(self, why: tuple[str, str] | None) -> None:
        """`why` is a title and a sentence; None when there are items to choose from."""
        title, text = why or self._words
        self.title.setText(title)
        self.text.setText(text)


class CataloguePanel(Panel):
    """Follows the lists and the calls of its server. A subclass makes the parts that are named here."""

    list: CatalogueList
    reconnect: Reconnect
    detail: QStackedWidget
    none: NoneChosen
    """One of the pages of `detail`."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._shown: object = None

    def set_session(self, session: ServerSession | None) -> None:
        before = self.session
        if session is before:
            return
        if before is not None:
            before.catalogue_changed.disconnect(self._lists_changed)
            before.call_changed.disconnect(self._call_changed)
        self.session = session
        self.list.follow(session)
        self.reconnect.follow(session)
        self._shown = None
        self._forget()
        if session is not None:
            session.catalogue_changed.connect(self._lists_changed)
            session.call_changed.connect(self._call_changed)
        self._lists_changed(None)

    def focus_filter(self) -> None:
        self.list.field.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _lists_changed(self, _changes: object) -> None:
        session = self.session
        shown = session.shown if session is not None else ()
        if self._shown == shown:
            return
        self._shown = shown
        parts, number, problem = ((), 0, "") if session is None else self._offered(session)
        self.list.make_rows(parts, number, problem, self._show_chosen)

    def _show_none(self) -> None:
        """Nothing is chosen."""
        self.none.tell(self.list.why_none())
        self.detail.setCurrentWidget(self.none)

    def _forget(self) -> None:
        """What was chosen belongs to another server."""
        raise NotImplementedError

    def _offered(self, session: ServerSession) -> Offered:
        raise NotImplementedError

    def _show_chosen(self, rows: Sequence[ItemRow]) -> None:
        """The list has these rows now: one of them is chosen, if there are any."""
        raise NotImplementedError

    def _call_changed(self, call: Call) -> None:
        raise NotImplementedError
