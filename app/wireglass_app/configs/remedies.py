"""What the button beside a warning does. Nothing is written: the change is shown as a difference first."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from wireglass.targets.check import EntryWarning
from wireglass.targets.draft import Draft
from wireglass.targets.inventory import find_program
from wireglass.targets.matrix import Column
from wireglass.targets.servers import StdioServer
from wireglass_app.configs.compare import compared
from wireglass_app.configs.difference import Comparison
from wireglass_app.configs.words import action_word

__all__ = ["Remedies", "concerned"]


def concerned(draft: Draft, warning: EntryWarning) -> list[Column]:
    """The hosts that a warning is about."""
    paths = {config.path for config in warning.configs}
    return [one for one in draft.columns if {listed.config.path for listed in one.files} & paths]


class Remedies:
    """Each remedy of a warning; `ask_file(title, then)` gives `then` the path that a person picks."""

    def __init__(
        self,
        draft: Draft,
        *,
        announce: Callable[[str], None],
        compare: Callable[[Comparison | None], None],
        open_file: Callable[[Path], object],
        ask_file: Callable[[str, Callable[[str], None]], object],
        changed: Callable[[], None],
    ) -> None:
        self._draft = draft
        self._announce = announce
        self._compare = compare
        self._open_file = open_file
        self._ask_file = ask_file
        self._changed = changed

    def act(self, warning: EntryWarning) -> None:
        """Does what `action_word` says; "Show" does nothing here."""
        action, columns = action_word(warning), concerned(self._draft, warning)
        if warning.kind == "unreadable":
            self._open_file(warning.configs[0].path)
        elif action == "Compare":
            self._compare(compared(self._draft, warning.server, columns[0] if columns else None))
        elif action.startswith("Use ") and columns:
            self.refer(warning.server, columns[0])
        elif action.startswith("Remove "):
            for one in columns:
                self._draft.drop_keys(warning.server, one, warning.about)
        elif action.startswith("Find "):
            self._find_command(warning.server, columns)

    def refer(self, name: str, column: Column) -> None:
        """References in the place of the secrets of one entry."""
        if said := self._draft.refer(name, column):
            self._announce(said)

    def _find_command(self, name: str, columns: Sequence[Column]) -> None:
        servers = (self._draft.server(name, each) for each in columns)
        server = next((one for one in servers if isinstance(one, StdioServer)), None)
        if server is None:
            return
        program = Path(server.command).name

        def found(path: str) -> None:
            for one in columns:
                self._draft.set_server(name, one, replace(server, command=path))
            self._announce(f"{program} is {path}.")
            self._changed()

        if path := find_program(program, self._draft.machine):
            found(path)
        else:
            self._ask_file(f"Find {program}", found)
