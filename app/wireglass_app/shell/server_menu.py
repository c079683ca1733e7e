"""What can be done with a server from the navigation: right click, or the Menu key."""

from collections.abc import Callable

from PySide6.QtWidgets import QMenu, QWidget

from wireglass_app.plain import visible
from wireglass_app.server_session import ServerSession
from wireglass_app.workbench import Workbench

__all__ = ["server_menu"]


def server_menu(
    parent: QWidget,
    session: ServerSession,
    workbench: Workbench,
    go: Callable[..., None],
    act: Callable[[str], None],
) -> QMenu:
    """A menu about one server. `act` triggers an action of the table, which is about the current server."""

    def with_it(key: str) -> Callable[[], None]:
        def run() -> None:
            workbench.make_current(session)
            act(key)

        return run

    menu = QMenu(parent)
    menu.addAction("Overview", lambda: go("overview", session=session))
    live = not workbench.recording.opened
    if live:
        if session.target.kind != "stdio" and not session.recorded:
            menu.addAction("Sign-in and token…", lambda: go("sign-in", session=session))
        menu.addAction("Edit connection…", lambda: go("edit-target", session=session))
        menu.addSeparator()
        menu.addAction("Reload", with_it("reload"))
        menu.addAction("Disconnect", with_it("disconnect"))
    menu.addSeparator()
    others = [one for one in workbench.sessions if one is not session]
    beside = menu.addMenu("Compare with")
    beside.setEnabled(bool(others))
    for other in others:
        name = visible(other.name, 80).replace("&", "&&")
        beside.addAction(name, lambda other=other: go("changes", source="servers", first=session, second=other))
    if live:
        changed = menu.addAction("What the last reload changed", with_it("changes"))
        changed.setEnabled(session.changes is not None)
        menu.addSeparator()
        menu.addAction("Close", with_it("close-server"))
    return menu
