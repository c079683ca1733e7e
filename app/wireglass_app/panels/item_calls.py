"""What Resources and Prompts share: each item has one call, and the result pane shows that of the chosen item."""

from wireglass_app.calls import Call
from wireglass_app.models.catalogue import ItemRow
from wireglass_app.panels.base import Desk, Panel
from wireglass_app.server_session import ServerSession

__all__ = ["ItemCallsPanel"]


class ItemCallsPanel(Panel):
    """Remembers the call of each item of each server."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._row: ItemRow | None = None
        self._calls: dict[tuple[ServerSession | None, str], Call] = {}

    @property
    def call(self) -> Call | None:
        """The last call of the chosen item."""
        return self._calls.get((self.session, self._row.name)) if self._row is not None else None

    def bookmark(self) -> dict[str, str]:
        return {"name": self._row.name} if self._row is not None else {}

    def repeat(self) -> None:
        self.run_primary()

    def stop(self) -> None:
        if self.session is not None and self.call is not None:
            self.session.cancel(self.call)

    def _call_changed(self, call: Call) -> None:
        if self.call is call:
            self._refresh()

    def _refresh(self) -> None:
        """Shows the chosen item's call as it stands."""
        raise NotImplementedError
