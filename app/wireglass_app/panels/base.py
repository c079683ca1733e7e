"""What a panel is: a declaration, and a widget that is built when it is first shown. Knows no panel by name."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from wireglass.launch.trust import TrustStore
from wireglass_app.payloads.code import CodeView
from wireglass_app.placing import focus_into
from wireglass_app.recording import masker_of

if TYPE_CHECKING:
    from wireglass_app.bridge import Bridge
    from wireglass_app.dossier.pane import Dossier
    from wireglass_app.server_session import ServerSession
    from wireglass_app.settings import Settings
    from wireglass_app.workbench import Workbench

__all__ = ["Desk", "Panel", "PanelSpec"]

Group = Literal["server", "session", "setup", "hidden"]


@dataclass(frozen=True, slots=True)
class Desk:
    """What a panel may use of the application. Panels reach each other only through `go`."""

    bridge: "Bridge"
    workbench: "Workbench"
    settings: "Settings"
    go: Callable[..., None]
    """`go("frames", session=…, **facts)` shows a panel and calls its `show_item(**facts)`."""
    announce: Callable[[str], None]
    """Says one sentence to screen readers and in the status bar."""
    act: Callable[[str], None] = lambda _key: None
    """Triggers an action of the action table by its key."""
    trust: TrustStore = field(default_factory=TrustStore)
    """What the user agreed to run; the application gives the one that it asks itself."""


class Panel(QWidget):
    """One view. Server panels get `set_session`; session and setup panels see the whole workbench."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.session: ServerSession | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setProperty("surface", "panel")

    def serve(self, dossier: "Dossier") -> None:
        """What the buttons of a result pane ask for is done alike in every view that has one."""
        dossier.stop.connect(self.stop)
        dossier.again.connect(self.run_again)
        dossier.handshake.connect(self._with_handshake)
        dossier.restart.connect(lambda: self.desk.act("reload"))
        dossier.inbox.connect(lambda question: self.desk.go("inbox", question=question))
        dossier.show_frame.connect(lambda seq: self.desk.go("frames", seq=seq))
        dossier.read_resource.connect(lambda uri: self.desk.go("resources", session=self.session, name=uri, read=True))
        dossier.mask = lambda text: masker_of(self.desk.workbench.recording).text(text)

    def _with_handshake(self) -> None:
        session = self.session
        if session is not None and session.usable:
            session.reconnect_as("handshake")
            self.desk.announce("Reconnecting with a handshake. The call can be run again when the server is back.")

    def set_session(self, session: "ServerSession | None") -> None:
        """Which server a server panel shows; called before it is shown and when the current server changes."""
        self.session = session

    def show_item(self, **facts: Any) -> None:
        """Selects what `desk.go` asked for."""

    def bookmark(self) -> dict[str, Any]:
        """What is chosen now, as `show_item` would take it: Back and Forward return to it."""
        return {}

    def timed(self) -> int | None:
        """The number in the ledger of the request whose time is told here: the timeline selects it."""
        return None

    def enter(self) -> None:
        """The user has come here, and nothing in it has the focus: the first thing to do gets it."""
        any(focus_into(one) for one in [*self.regions(), self] if one.isVisible())

    def run_primary(self) -> None:
        """Ctrl+Enter: run, read, accept."""

    def stop(self) -> None:
        """Ctrl+.: stop what runs."""

    def focus_filter(self) -> None:
        """Ctrl+L: the filter field."""

    def find(self) -> None:
        """Ctrl+F: find in the text that is shown; where there is none, in the list."""
        texts = [one for one in self.findChildren(CodeView) if one.isVisible()]
        focused = next((one for one in texts if one.hasFocus()), None)
        if texts:
            (focused or max(texts, key=lambda one: one.width() * one.height())).open_find()
        else:
            self.focus_filter()

    def decline(self) -> None:
        """Ctrl+Shift+D: declines or refuses the question that is shown. In the Inbox only."""

    def draft_reply(self) -> None:
        """Ctrl+D: asks the model for a draft of the reply. In the Inbox and in a sampling test."""

    def keep_filter(self) -> None:
        """Ctrl+Shift+L: keeps the filter under a name."""

    def regions(self) -> list[QWidget]:
        """Where F6 goes inside the panel, in reading order."""
        return [self]

    def repeat(self) -> None:
        """Ctrl+R: run the last call again."""

    def run_again(self, seconds: float | None) -> None:
        """A button of the result pane: the call that is shown once more, with this time-out; None for its own."""

    def watch(self) -> None:
        """Ctrl+Shift+R: run this call again after each reload and compare."""

    def toggle_json(self) -> None:
        """Ctrl+Shift+E: form or JSON."""

    def show_timing(self) -> None:
        """Ctrl+Shift+T: the Timing tab."""

    def copy_result(self) -> None:
        """Ctrl+Shift+C: the result as JSON."""

    def save(self) -> None:
        """Ctrl+S: save what is shown, or write what was edited."""

    def step(self, forward: bool) -> None:
        """Alt+Up, Alt+Down: previous or next run or item."""

    def step_problem(self, forward: bool) -> bool:
        """F8, Shift+F8: previous or next violation or change. False when this view has none to step through."""
        return False


@dataclass(frozen=True, slots=True)
class PanelSpec:
    """One line of `panels/__init__.py`."""

    key: str
    title: str
    icon: str
    group: Group
    build: Callable[[Desk], Panel]
    shortcut: str = ""
    strip: bool = True
    """Whether the session strip stays visible below it."""
    when: Callable[["ServerSession"], bool] = lambda _session: True
    """Server panels: whether this server has it."""
    count: Callable[[Any], int] = lambda _subject: 0
    """The number beside the entry: of a session for server panels, of the workbench for the others."""
