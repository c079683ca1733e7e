"""What the actions of the table, and the requests of its views, do in a window."""

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, cast

from PySide6.QtCore import Qt

from wireglass_app.actions import Actions, view_keys
from wireglass_app.appearance import THEME, ZOOM
from wireglass_app.server_session import ServerSession
from wireglass_app.theme import Choice, theme

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from wireglass_app.mainwindow import MainWindow

__all__ = ["handlers", "only_look", "request"]

_COMPARED = ("runs", "sessions", "servers")
_LIVE_ACTIONS = (
    "save-session",
    "reload",
    "sign-in",
    "disconnect",
    "close-server",
    "run",
    "stop",
    "repeat",
    "repeat-compare",
    "oldest-question",
    "note",
)
"""What runs or writes something: off in the window of a recording."""


def handlers(window: "MainWindow") -> dict[str, Callable[[], Any]]:
    """What each action of the table does in this window, by its key."""
    panel: Callable[[], Any] = lambda: window.host.panel  # noqa: E731 (the view changes, so it is asked each time)
    return {
        "open": window.open_file.emit,
        "connect": lambda: window.connect_wanted.emit(None),
        "save-session": window.save_recording.emit,
        "open-session": lambda: window.open_recordings.emit([]),
        "welcome": lambda: window.go("welcome"),
        "new-window": window.new_window.emit,
        "close-window": window.close,
        "quit": window.closing.quit,
        "save": lambda: panel().save(),
        "undo-write": lambda: window.go("targets", undo=True),
        "install": lambda: window.go("targets", install=window.server.name if window.server else ""),
        "changes": lambda: window.go("changes", source="reload"),
        "sessions": lambda: window.go("sessions"),
        "note": lambda: window.go("sessions", note=True),
        "replay": lambda: window.replay() if window.workbench.recording.opened else window.go("replay"),
        **{f"compare-{one}": lambda one=one: window.go("changes", source=one) for one in _COMPARED},
        "copy-json": lambda: panel().copy_result(),
        "keep-filter": lambda: panel().keep_filter(),
        "filter": lambda: panel().focus_filter(),
        "find": lambda: panel().find(),
        "settings": lambda: window.go("settings"),
        "palette": lambda: window.open_palette(">" if not window.workbench.sessions else ""),
        "go": lambda: window.open_palette("@" if window.workbench.sessions else ""),
        "back": lambda: window.host.back(),
        "forward": lambda: window.host.forward(),
        "nav": window.regions.toggle_nav,
        "drawer": window.regions.toggle_drawer,
        "split": window.regions.toggle_split,
        "other-pane": window.regions.other_pane,
        **{f"view-{key}": lambda key=key: _into_view(window, key) for key in view_keys()},
        "view-timeline": lambda: _to_timeline(window),
        "next-region": lambda: window.regions.step_region(1),
        "previous-region": lambda: window.regions.step_region(-1),
        "zoom-in": lambda: _zoom(window, theme().scale + 0.1),
        "zoom-out": lambda: _zoom(window, theme().scale - 0.1),
        "zoom-reset": lambda: _zoom(window, 1.0),
        "theme-system": lambda: _choose_theme(window, "system"),
        "theme-light": lambda: _choose_theme(window, "light"),
        "theme-dark": lambda: _choose_theme(window, "dark"),
        "theme-contrast": lambda: _choose_theme(window, "contrast"),
        "reload": lambda: _with_current(window, lambda session: session.restart()),
        "doctor": lambda: _check_connection(window),
        "sign-in": lambda: window.sign_in_wanted.emit(window.server) if window.server is not None else None,
        "disconnect": lambda: _with_current(window, lambda session: session.disconnect_from()),
        "close-server": lambda: _with_current(window, window.workbench.close),
        "next-server": window.workbench.next_server,
        "run": lambda: panel().run_primary(),
        "stop": lambda: panel().stop(),
        "repeat": lambda: panel().repeat(),
        "repeat-compare": lambda: window.go("changes", source="reload", repeat=True),
        "watch": lambda: panel().watch(),
        "form-json": lambda: panel().toggle_json(),
        "timing": lambda: panel().show_timing(),
        "previous-run": lambda: panel().step(False),
        "next-run": lambda: panel().step(True),
        "oldest-question": lambda: window.go("inbox", oldest=True),
        "decline": lambda: panel().decline(),
        "draft": lambda: panel().draft_reply(),
        "rules": lambda: window.go("inbox", rules=True),
        "next-problem": lambda: _step_problem(window, True),
        "previous-problem": lambda: _step_problem(window, False),
        "help": window.regions.toggle_help,
        "keys": lambda: window.go("settings", section="keys"),
        "about": lambda: window.go("settings", section="about"),
    }


def only_look(actions: Actions, *, can_save: bool) -> None:
    """Switches off what a recording has no server for. One that a crash left can still be saved: `can_save`."""
    for key in _LIVE_ACTIONS:
        actions[key].setEnabled(False)
    actions["save-session"].setEnabled(can_save)


def request(window: "MainWindow", key: str, session: ServerSession | None, facts: dict[str, Any]) -> bool:
    """Carries out what a view asks of the whole application; False when `key` is none of these requests."""
    requests: dict[str, Callable[[], Any]] = {
        "open-example": lambda: window.open_example.emit(facts["file"]),
        "open-text": lambda: window.open_text.emit(facts["text"]),
        "open-spec": lambda: window.open_spec.emit(facts["spec"]),
        "open-known": lambda: window.open_known.emit(facts["servers"]),
        "open-recent": lambda: window.open_recent.emit(facts["server"]),
        "open-recordings": lambda: window.open_recordings.emit(facts["paths"]),
        "save-recording": window.save_recording.emit,
        "sign-in": lambda: window.sign_in_wanted.emit(session) if session else None,
        "mend": lambda: window.mend_wanted.emit(session, facts["offer"]) if session else None,
        "edit-target": lambda: window.connect_wanted.emit(session.target if session else None),
    }
    if key in requests:
        requests[key]()
    return key in requests


def _into_view(window: "MainWindow", key: str) -> None:
    """Shows a view, and takes the focus there from header, navigation or strip: who asks for it wants to work in it."""
    window.go(key)
    panel = window.host.panel
    focus = cast("QWidget | None", window.focusWidget())
    if focus is None or panel.isAncestorOf(focus):
        return
    before = cast("QWidget | None", panel.focusWidget())
    if before is not None and before.isVisible():
        before.setFocus(Qt.FocusReason.ShortcutFocusReason)
    else:
        panel.enter()


def _check_connection(window: "MainWindow") -> None:
    if window.server is None:
        window.go("welcome")
        window.announce("Open a server first: its connection is what would be checked.")
    else:
        window.go("connection", session=window.server, check=True)


def _step_problem(window: "MainWindow", forward: bool) -> None:
    if not window.host.panel.step_problem(forward):
        window.go("frames")
        window.host.panel.step_problem(forward)


def _with_current(window: "MainWindow", work: Callable[[ServerSession], Coroutine[Any, Any, Any]]) -> None:
    if window.server is not None:
        window.server.spawn(work(window.server))


def _to_timeline(window: "MainWindow") -> None:
    """With the call selected that is shown now (design section 4, flow 4)."""
    number = window.host.panel.timed()
    facts: dict[str, Any] = {} if number is None else {"exchange": number}
    window.go("timeline", **facts)


def _choose_theme(window: "MainWindow", choice: Choice) -> None:
    window.settings.set(THEME, choice)


def _zoom(window: "MainWindow", scale: float) -> None:
    window.settings.set(ZOOM, min(2.0, max(0.8, round(scale, 2))))
