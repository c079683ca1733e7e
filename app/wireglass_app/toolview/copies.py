"""The menu of what a call can be copied as, and saving its result."""

import json
from collections.abc import Callable
from typing import Any

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu, QWidget

from wireglass_app.calls import Call, Target
from wireglass_app.dossier.copying import as_cli, as_json, as_pytest, as_python
from wireglass_app.payloads.saving import Saver

__all__ = ["CopyMenu", "Written", "save_result"]

Written = tuple[Target, str, dict[str, Any]]
"""A call as the form has it: the server, the tool, the arguments."""


class CopyMenu(QMenu):
    """`written` gives the call as it would be sent now, or None; `say` tells what was done."""

    def __init__(
        self,
        parent: QWidget,
        written: Callable[[], Written | None],
        say: Callable[[str], None],
        *,
        result: Callable[[], None],
        save: Callable[[], None],
    ) -> None:
        super().__init__(parent)
        self._written = written
        self._say = say
        self.addAction("Result as JSON", result)
        self.addAction("Save result…", save)
        self.addSeparator()
        self.addAction("Request as JSON", lambda: self._copy(_request))
        self.addAction("Command line", lambda: self._copy(as_cli))
        self.addAction("Python client code", lambda: self._copy(as_python))
        self.addAction("pytest test", lambda: self._copy(as_pytest))

    def _copy(self, make: Callable[[Target, str, dict[str, Any]], str]) -> None:
        written = self._written()
        if written is None:
            self._say("There is nothing to copy: choose a tool first.")
            return
        QGuiApplication.clipboard().setText(make(*written))
        self._say("Copied.")


def _request(_target: Target, name: str, arguments: dict[str, Any]) -> str:
    return as_json("tools/call", {"name": name, "arguments": arguments})


def save_result(parent: QWidget, call: Call | None, say: Callable[[str], None]) -> None:
    """Asks for a file, then writes the whole result there."""
    if call is None or call.result is None:
        say("There is no result to save yet: run the tool first.")
        return
    result = call.result
    saver = Saver(parent, lambda: json.dumps(result, ensure_ascii=False, indent=2).encode(), f"{call.name}.json")
    saver.said.connect(say)
    saver.ask()
