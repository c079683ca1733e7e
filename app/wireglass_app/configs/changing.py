"""What the table and the form of Client configs change: each act carried over to the draft, and said."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QModelIndex

from wireglass.install.trial import Trial
from wireglass.targets.draft import Draft
from wireglass.targets.matrix import Column
from wireglass.targets.servers import Server
from wireglass_app.configs.grid import Grid
from wireglass_app.models.client_matrix import ClientMatrix
from wireglass_app.plain import visible

__all__ = ["Changing"]


class Changing:
    """Nothing is written here. `changed` is called after each act, for the views to follow the draft."""

    def __init__(
        self, draft: Draft, model: ClientMatrix, grid: Grid, announce: Callable[[str], None], changed: Callable[[], Any]
    ) -> None:
        self._draft, self._model, self._grid = draft, model, grid
        self._announce, self._changed = announce, changed
        self.trials: dict[str, Trial] = {}
        """How servers answered when they were started once, by name; forgotten when their entry changes."""

    def here(self) -> tuple[str, Column | None]:
        """The row, and the host that the form edits: the cell's own, else the first that has the server."""
        index = self._grid.currentIndex()
        name, found = self._model.name_at(index), self._model.column_at(index)
        return name, found if found is not None else next(iter(self._draft.listed_in(name)), None)

    def toggle(self, index: QModelIndex) -> None:
        """Adds the server of a cell, switches it off or removes it."""
        name, found = self._model.name_at(index), self._model.column_at(index)
        if found is not None:
            self._said(name, found, self._draft.toggle(name, found))

    def add(self, name: str, found: Column) -> None:
        """Adds a server to a host."""
        self._said(name, found, self._draft.add(name, found))

    def remove(self, index: QModelIndex) -> None:
        """Removes a server from the host of a cell; from all hosts where the cell has none."""
        name, found = self._model.name_at(index), self._model.column_at(index)
        for one in [found] if found else self._draft.listed_in(name):
            self._draft.remove(name, one)
        self._announce(f"{visible(name, 60)} will be removed.")
        self._changed()

    def rename(self, to: str) -> None:
        """Gives the server of this row another name, in every host; a name that is not possible is said."""
        name, _ = self.here()
        if problem := self._draft.rename(name, to):
            self._announce(problem)
            return
        self.trials.pop(name, None)
        self._model.refresh()
        at = max(1, self._grid.currentIndex().column())
        columns = len(self._draft.columns)
        self._grid.setCurrentIndex(self._model.index(self._draft.names.index(to), min(at, columns)))
        self._announce(f"{visible(name, 60)} will be called {visible(to, 60)}.")
        self._changed()

    def set_server(self, server: Server) -> None:
        """The form has another command, folder or address."""
        name, found = self.here()
        self.trials.pop(name, None)
        if found is not None and (problem := self._draft.set_server(name, found, server)):
            self._announce(problem)
        self._changed()

    def set_entry(self, entry: dict[str, Any]) -> None:
        """The form has another entry, as the host reads it."""
        name, found = self.here()
        self.trials.pop(name, None)
        if found is not None:
            self._draft.set_entry(name, found, entry)
        self._changed()

    def copy_to_all(self) -> None:
        """The entry goes to every host that can have it; the others are named."""
        name, found = self.here()
        if found is None:
            return
        left = self._draft.copy_to_all(name, found)
        self._announce(f"Not possible for {', '.join(left)}." if left else f"{visible(name, 60)} goes to every app.")
        self._changed()

    def _said(self, name: str, found: Column, what: str) -> None:
        self._announce(f"{visible(name, 60)} in {found.target.name}: {what}")
        self._changed()
