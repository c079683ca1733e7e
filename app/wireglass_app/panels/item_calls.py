"""What Resources and Prompts share: each item has one call, and the result pane shows that of the chosen item."""

from collections.abc import Sequence

from PySide6.QtCore import Qt

from wireglass.protocol.uritemplate import UriTemplate
from wireglass_app.calls import Call
from wireglass_app.dossier.pane import Dossier
from wireglass_app.dossier.spoken import ResultNews
from wireglass_app.models.catalogue import ItemRow
from wireglass_app.panels.base import Desk
from wireglass_app.panels.catalogue_panel import CataloguePanel
from wireglass_app.server_session import ServerSession

__all__ = ["ItemCallsPanel"]


class ItemCallsPanel(CataloguePanel):
    """Remembers the call of each item of each server."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._row: ItemRow | None = None
        self._news = ResultNews(desk.announce, self)
        self._chosen: dict[ServerSession | None, ItemRow] = {}
        self.dossier: Dossier
        self._calls: dict[tuple[ServerSession | None, str], Call] = {}

    @property
    def call(self) -> Call | None:
        """The last call of the chosen item; in a recording, the last one that was recorded."""
        if self._row is None:
            return None
        own = self._calls.get((self.session, self._row.name))
        if own is not None or self.session is None or not self.session.recorded:
            return own
        return _recorded(self.session, self._row)

    def bookmark(self) -> dict[str, str]:
        return {"name": self._row.name} if self._row is not None else {}

    def repeat(self) -> None:
        self.run_primary()

    def run_again(self, seconds: float | None) -> None:
        call, session = self.call, self.session
        if call is not None and call.ended and session is not None and session.usable and self._row is not None:
            self.dossier.tabs.setFocus(Qt.FocusReason.OtherFocusReason)  # the button that was pressed goes away
            self._calls[session, self._row.name] = session.again(call, seconds)
            self._refresh()

    def stop(self) -> None:
        if self.session is not None and self.call is not None:
            self.session.cancel(self.call)

    def _forget(self) -> None:
        self._row = None

    def _show_chosen(self, rows: Sequence[ItemRow]) -> None:
        """What was chosen on this server, as it is declared now, or the first."""
        wanted = self._chosen.get(self.session)
        current = next((one for one in rows if wanted is not None and one.name == wanted.name), None)
        if current is None and wanted is not None and wanted.raw == {"uri": wanted.name}:
            current = wanted  # an address that no list has
        current = current or (rows[0] if rows else None)
        if current is None:
            self._row = None
            self._show_none()
        elif not self.list.select(current.name, reveal=False) or self._row is None or self._row.raw != current.raw:
            self._select(current)

    def _select(self, one: ItemRow) -> None:
        """Shows this item."""
        raise NotImplementedError

    def _call_changed(self, call: Call) -> None:
        if self.call is call:
            self._refresh()
            self._news.changed(call)

    def _refresh(self) -> None:
        """Shows the chosen item's call as it stands."""
        raise NotImplementedError


def _recorded(session: ServerSession, row: ItemRow) -> Call | None:
    template = UriTemplate(row.name) if row.kind == "template" else None
    method = "prompts/get" if row.kind == "prompt" else "resources/read"
    for call in reversed(session.calls):
        if call.method == method and (call.name == row.name or (template and template.match(call.name) is not None)):
            return call
    return None
