"""Where a window goes: to a view by its key, to the view of a call or of a log line, and from a server that is gone."""

from typing import TYPE_CHECKING, Any

from wireglass_app.calls import PANEL_OF, Call, LogLine
from wireglass_app.plain import visible
from wireglass_app.server_session import ServerSession
from wireglass_app.window_actions import request

if TYPE_CHECKING:
    from wireglass_app.mainwindow import MainWindow

__all__ = ["Places"]


class Places:
    """Works for its window, in the pane that is active."""

    def __init__(self, window: "MainWindow") -> None:
        self._window = window

    def go(self, key: str, *, session: ServerSession | None = None, **facts: Any) -> None:
        """Shows a view by its key; also takes the few requests that are not views."""
        window = self._window
        if session is not None and session not in window.workbench.sessions:  # the link to it was shown for longer
            window.announce(f"{visible(session.name, 60)} was closed.")
            return
        if request(window, key, session, facts):
            return
        if key not in window.host.specs:
            return
        server = session or window.server
        if window.host.specs[key].group == "server":
            if server is None:
                window.host.show_place("welcome", None)
                return
            window.show_server(server)
        window.host.show_place(key, server, **facts)

    def to_call(self, session: ServerSession, call: Call) -> None:
        """The call in the view of what was called."""
        panel = PANEL_OF.get(call.method)
        if panel is not None:
            self.go(panel, session=session, call=call)

    def to_line(self, session: ServerSession | None, line: LogLine) -> None:
        """The call during which a line was written, or else its frame."""
        call = session.call_of(line) if session is not None else None
        if session is not None and call is not None and call.method in PANEL_OF:
            self.to_call(session, call)
        elif line.seq is not None:
            self.go("frames", seq=line.seq)

    def to_reload(self) -> None:
        """What the last reload changed, or why it failed."""
        server = self._window.server
        if server is not None and server.failure is not None:
            self.go("connection", session=server)
        else:
            self.go("changes", source="reload")

    def to_server(self, session: ServerSession) -> None:
        """A server was opened: the view of it that was shown when it was last open."""
        view = self._window.settings.get(f"view.{session.target.key}", "tools")
        wanted = self._window.host.specs.get(view)
        self.go(view if wanted is not None and wanted.group == "server" else "tools", session=session)

    def leave(self, session: ServerSession, rest: ServerSession | None) -> None:
        """A server is gone: panes that showed it show `rest`."""
        window = self._window
        for pane in window.center.panes:
            host = pane.host
            host.forget(session)
            if host.place[1] is session or not window.workbench.sessions:
                host.place = ("", None)
                host.show_place("tools" if rest else "welcome", rest)

    def put_back(self, view: str) -> None:
        """A view that a window without servers can show; what belongs to a server comes back with it."""
        window = self._window
        fits = window.host.specs[view].group in ("session", "setup") or window.server is not None
        self.go(view if fits else "welcome")
