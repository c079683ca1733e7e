"""Where the server is away, Run becomes "Reconnect and run": it starts the server, and runs when that is ready."""

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

from wireglass_app.controls import Button
from wireglass_app.plain import visible
from wireglass_app.server_session import ServerSession

__all__ = ["Reconnect"]


class Reconnect(QObject):
    """Owns the words of one primary button, whether it can be pressed, and one run that waits for the server."""

    def __init__(
        self,
        button: Button,
        again: str,
        run: Callable[[], None],
        say: Callable[[str], None],
        what: Callable[[], object],
    ) -> None:
        """`again` is what the button says while the server is away; `run` is what the button does.

        `what` names what would run now: when the user has chosen something else meanwhile, nothing runs.
        """
        super().__init__(button)
        self._button, self._plain, self._again = button, button.text().strip(), again
        self._run, self._say, self._what = run, say, what
        self._wanted: object = None
        self._session: ServerSession | None = None
        self._waits = False

    def follow(self, session: ServerSession | None) -> None:
        """Another server; a run that waited for the one before is given up. In a recording nothing can be run."""
        if self._session is not None and self._session is not session:
            self._session.state_changed.disconnect(self._state_changed)
            self._waits = False
        if session is not None and self._session is not session:
            session.state_changed.connect(self._state_changed)
        self._session = session
        if session is not None:
            self._button.setEnabled(not session.recorded)
        self._state_changed()

    def holds(self) -> bool:
        """Whether the server is away, so that the run has to wait; then it is on its way, or was announced as lost."""
        session = self._session
        if session is None or session.usable:
            return False
        self._waits, self._wanted = True, self._what()
        self._say(f"{visible(session.name, 60)} is not connected: starting it, then this runs.")
        session.connect_to()
        return True

    def _state_changed(self) -> None:
        session = self._session
        away = session is not None and not session.usable and not session.recorded
        self._button.setText(self._again if away else self._plain)
        self._button.setAccessibleDescription("The server is away: it is started first." if away else "")
        if session is None or not self._waits:
            return
        if session.usable:
            self._waits = False
            QTimer.singleShot(0, self, self._run_now)  # after everyone else has heard that it is back
        elif session.state != "connecting":
            self._waits = False
            self._say(f"{visible(session.name, 60)} did not start, so nothing was run.")

    def _run_now(self) -> None:
        if self._what() == self._wanted:
            self._run()
