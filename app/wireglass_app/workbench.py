"""The servers that are open, which one is current, and the questions of all of them in one queue."""

from collections.abc import Callable
from itertools import count
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from wireglass_app.answers import Answers
from wireglass_app.bridge import Bridge
from wireglass_app.calls import Roots, Target
from wireglass_app.recording import LiveRecording, Recording
from wireglass_app.server_session import ServerSession
from wireglass_app.settings import Settings
from wireglass_app.verdicts import Verdicts

if TYPE_CHECKING:
    from wireglass_app.questions import Question
    from wireglass_app.recorded_facts import Gathered

__all__ = ["Workbench"]


class Workbench(QObject):
    """Several sessions at once. Cross-server views listen here."""

    added = Signal(object)
    removed = Signal(object)
    current_changed = Signal(object)
    session_changed = Signal(object)
    """State, lists or changes of a session."""
    entries_added = Signal(object, list)
    call_changed = Signal(object, object)
    brush_changed = Signal(object)
    """Another stretch of time was brushed in the Timeline: (from, to) on the frames' clock, or None for all of it."""
    questions_changed = Signal()
    asked = Signal(object)
    """A new question; assertive announcement."""

    def __init__(
        self,
        bridge: Bridge,
        recording: Recording | None = None,
        settings: Settings | None = None,
        parent: QObject | None = None,
    ) -> None:
        """Without a `recording` frames are kept in memory only; without `settings` so are rules and folders."""
        super().__init__(parent)
        self.settings = settings
        self.answers = Answers(settings)
        """Rules, earlier answers and model endpoints."""
        self.bridge = bridge
        self.recording = recording if recording is not None else LiveRecording(bridge)
        self.recording.setParent(self)
        self.ledger = self.recording.ledger
        """Every frame of every server, in one order."""
        self.verdicts = Verdicts(self.ledger, self)
        """Judges the frames in the background; `ledger.violations` fills."""
        self.entries_added.connect(self.verdicts.recorded)
        self.brushed: tuple[int, int] | None = None
        """The stretch of time that Protocol and Network show; None for all of it."""
        self.sessions: list[ServerSession] = []
        self._current: ServerSession | None = None
        self._opened = 0
        self._names: dict[str, str] = {}
        """Of servers by connection, as they were last asked for."""

    @property
    def current(self) -> ServerSession | None:
        """The server of the server panels."""
        return self._current

    @property
    def questions(self) -> list["Question"]:
        """All questions of all servers, oldest first."""
        found = [question for session in self.sessions for question in session.questions]
        return sorted(found, key=lambda question: question.asked_ns)

    @property
    def waiting(self) -> list["Question"]:
        """The questions that wait, oldest first."""
        found = [question for session in self.sessions for question in session.waiting]
        return sorted(found, key=lambda question: question.asked_ns)

    def session_of(self, connection: str) -> ServerSession | None:
        """The session whose frames carry this connection name in the ledger."""
        return next((session for session in self.sessions if session.connection == connection), None)

    def server_name(self, connection: str) -> str:
        """The server's own name, also after it was closed; of one that was never open what its connection is called."""
        session = self.session_of(connection)
        if session is not None:
            self._names[connection] = session.name
        return self._names.get(connection, connection.partition(" #")[0] or connection)

    def brush(self, stretch: tuple[int, int] | None) -> None:
        """Another stretch of time for the views that follow the Timeline's brush."""
        if stretch != self.brushed:
            self.brushed = stretch
            self.brush_changed.emit(stretch)

    def make_current(self, session: ServerSession | None) -> None:
        """The server of the server panels from now on; one that was closed meanwhile becomes it no more."""
        if session is not self._current and (session is None or session in self.sessions):
            self._current = session
            self.current_changed.emit(session)

    def next_server(self) -> None:
        """The next one becomes current."""
        if self.sessions and self._current is not None:
            self.make_current(self.sessions[(self.sessions.index(self._current) + 1) % len(self.sessions)])

    def open(self, target: Target) -> ServerSession:
        """Adds a server, makes it current and starts connecting."""
        self._opened += 1
        if isinstance(self.recording, LiveRecording):
            self.recording.learn(target)
        session = ServerSession(
            self.bridge,
            self.ledger,
            target,
            f"{target.name} #{self._opened}",
            self,
            inbox=self.answers,
            roots=self._roots_of(target),
        )
        self._add(session)
        self.make_current(session)
        session.connect_to()
        return session

    def _add(self, session: ServerSession) -> None:
        session.number_for = lambda name: self._number_for(session, name)
        self.sessions.append(session)
        self._listen(session)
        self.added.emit(session)

    def _number_for(self, session: ServerSession, name: str) -> int:
        """1 for the only server of a name; each keeps its number while it is open."""
        taken = {one.numbered[1] for one in self.sessions if one is not session and one.numbered[0] == name}
        return next(number for number in count(1) if number not in taken)

    def show_recorded(self, found: list["Gathered"]) -> None:
        """Adds the servers of a recording, or tells those that are shown what more was read."""
        from wireglass_app.recorded_session import RecordedSession

        for one in found:
            session = self.session_of(one.connection)
            if isinstance(session, RecordedSession):
                session.take(one)
                continue
            session = RecordedSession(self.bridge, self.ledger, one, self)
            self._add(session)
        if self._current is None and self.sessions:
            self.make_current(self.sessions[0])
        self.questions_changed.emit()

    async def draft(self, params: dict[str, Any], on_text: Callable[[str], object]) -> dict[str, Any]:
        """A reply of the configured model to sampling params, for no server. Raises TransportError."""
        from wireglass_app.link import draft_with

        def deliver(texts: list[Any]) -> None:
            on_text("".join(texts))

        return await self.bridge.run(draft_with, self.answers.endpoint, params, self.bridge.channel(deliver, self))

    def _roots_of(self, target: Target) -> Roots:
        kept = self.settings.get(f"roots.{target.key}", {}) if self.settings is not None else {}
        folders = kept.get("folders")
        texts = [one for one in folders if isinstance(one, str)] if isinstance(folders, list) else []
        return Roots(tuple(texts), kept.get("ask") is True)

    def set_roots(self, session: ServerSession, roots: Roots) -> None:
        """Other folders for a server, now and when it is opened again."""
        session.set_roots(roots)
        if self.settings is not None:
            self.settings.set(f"roots.{session.target.key}", {"folders": list(roots.folders), "ask": roots.ask})

    async def close(self, session: ServerSession) -> None:
        """Disconnects a server and removes it."""
        await session.close()
        await self.bridge.settled()  # its last frames are on the way, and belong to it
        if session not in self.sessions:
            return
        index = self.sessions.index(session)
        self.sessions.remove(session)
        if session is self._current:
            rest = self.sessions[index : index + 1] or self.sessions[-1:]
            self.make_current(rest[0] if rest else None)
        self.removed.emit(session)
        self.questions_changed.emit()
        session.deleteLater()

    async def close_all(self) -> None:
        """Disconnects every server."""
        for session in list(self.sessions):
            await session.disconnect_from()

    def _listen(self, session: ServerSession) -> None:
        def told(*_facts: Any) -> None:
            self.session_changed.emit(session)

        def added(question: "Question") -> None:
            question.changed.connect(self.questions_changed)
            self.questions_changed.emit()

        session.state_changed.connect(told)
        session.sign_in.changed.connect(told)
        session.state_changed.connect(lambda: self._describe(session))
        session.catalogue_changed.connect(told)
        session.entries_added.connect(lambda entries: self.entries_added.emit(session, entries))
        session.call_changed.connect(lambda call: self.call_changed.emit(session, call))
        session.question_added.connect(added)
        session.asked.connect(self.asked)

    def _describe(self, session: ServerSession) -> None:
        if isinstance(self.recording, LiveRecording) and session.state in ("connecting", "ready"):
            self.recording.describe(session.connection, session.target, session.facts)
