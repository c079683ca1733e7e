"""One connected server on the Qt thread: its state, what it offers, its calls, frames and questions.

All wire work happens in `Link` on the runtime thread; what crosses is immutable. States: idle, connecting, ready,
failed (never got ready), crashed (was ready, then lost), closed (by us), recorded (only looked at, never connects).
"""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any, Literal

from PySide6.QtCore import QObject, Signal

from wireglass.protocol.messages import Span
from wireglass.protocol.versions import META_LOG_LEVEL
from wireglass.recording.entries import Entry, Exchange
from wireglass.recording.events import EventKind, SessionEvent
from wireglass.recording.ledger import Ledger
from wireglass_app.answers import Answers
from wireglass_app.bridge import Bridge
from wireglass_app.calls import Call, Completed, LogLine, Roots, Step, Target, WatchedRun
from wireglass_app.catalogue import Catalogue, Changes
from wireglass_app.era import ListenStream, Ping
from wireglass_app.failures import Failure
from wireglass_app.link import Link
from wireglass_app.questions import Question
from wireglass_app.session_arrivals import SessionArrivals
from wireglass_app.session_calls import SessionCalls
from wireglass_app.session_life import SessionLife
from wireglass_app.session_lists import SessionLists
from wireglass_app.session_questions import SessionQuestions
from wireglass_app.session_reaching import SessionReaching
from wireglass_app.session_requests import SessionRequests
from wireglass_app.session_subscriptions import SessionSubscriptions
from wireglass_app.signing_in import SigningIn

__all__ = ["ServerSession", "State"]

State = Literal["idle", "connecting", "ready", "failed", "crashed", "closed", "recorded"]
_STDERR_TAIL = 40


class ServerSession(QObject):
    """Every signal comes on the Qt thread."""

    recorded = False
    """Whether it is a part of a recording, so that nothing can be run."""
    state_changed = Signal()
    catalogue_changed = Signal(object)
    """A `Changes` or None: lists were read."""
    entries_added = Signal(list)
    logs_added = Signal(list)
    call_changed = Signal(object)
    question_added = Signal(object)
    asked = Signal(object)
    """A question wants a person."""
    steps_changed = Signal()
    updated = Signal(str)
    """The server said that a resource changed, or a subscription began or ended; the URI."""
    era_changed = Signal()
    """The log level, a ping, or the listen stream."""

    def __init__(
        self,
        bridge: Bridge,
        ledger: Ledger,
        target: Target,
        connection: str,
        parent: QObject | None = None,
        *,
        inbox: Answers | None = None,
        roots: Roots | None = None,
    ) -> None:
        """`connection` names this server in the ledger that all servers share; `inbox` answers beside people."""
        super().__init__(parent)
        self.bridge = bridge
        self.ledger = ledger
        self.target = target
        self.connection = connection
        self.state: State = "idle"
        self.facts: Any = None
        self.offered: dict[str, Any] = {}
        """Our capabilities, as the server was told; empty before it is connected, and in a recording."""
        self.catalogue = Catalogue()
        self.failure: Failure | None = None
        self.steps: list[Step] = []
        self.calls: list[Call] = []
        self.logs: list[LogLine] = []
        self.questions: list[Question] = []
        self.pid: int | None = None
        self.starts = 0
        self.roots = roots or Roots()
        """What a server that asks for roots is told; changed through `set_roots`."""
        self.number_for: Callable[[str], int] = lambda _name: 1
        """The workbench knows whether another server has the same name."""
        self._numbered = ("", 1)
        self.answers = inbox or Answers()
        """What answers beside people, and what they have typed so far."""
        self.sign_in = SigningIn(bridge, self)
        """How a sign-in stands, for servers behind a URL."""
        self.subscriptions: dict[str, list[float]] = {}
        """By URI: when the server said that it changed (seconds since the epoch), oldest first."""
        self.stream = ListenStream()
        """What is listened to on the one stream of 2026-07-28."""
        self.log_level = ""
        """The level that the session was set to (handshake eras); empty while the server decides."""
        self.pings: list[Ping] = []
        """The newest last; handshake eras alone have pings."""
        self.connected_at: float | None = None
        self.frames_heard = 0
        """How many frames came from it."""
        self.unreached = False
        """The last request did not reach it, though nothing said that it is gone: HTTP keeps no connection."""
        self.changes: Any = None
        """What the last reload changed, or None."""
        self.seen: set[tuple[str, str]] = set()
        """Changes that were looked at: kind and name."""
        self.watched: dict[str, WatchedRun] = {}
        """What became of the watched calls after the last reload, by tool."""
        self.reload_seconds: float | None = None
        self.began_ns = 0
        """When the last start began, on the monotonic clock of the frames."""
        self.link: Link | None = None
        """The client on the runtime thread, while it connects and is connected."""
        self._questions, self._calls, self._lists = SessionQuestions(self), SessionCalls(self), SessionLists(self)
        self._arrivals = SessionArrivals(self, self._calls, self._questions, self._lists)
        self._reaching = SessionReaching(self, self._arrivals.noise_lines)
        self._subscribed = SessionSubscriptions(self)
        self._life = SessionLife(self, self._calls, self._arrivals, self._reaching, self._subscribed)
        self._requests = SessionRequests(self, lambda: self._life.over)
        self.answers.rules.changed.connect(self._rules_changed)

    # facts for views

    @property
    def name(self) -> str:
        """What people know it by: its own name, and a number where another open server has the same."""
        own = self.own_name
        if self._numbered[0] != own:
            self._numbered = own, self.number_for(own)
        number = self._numbered[1]
        return own if number == 1 else f"{own} {number}"

    @property
    def numbered(self) -> tuple[str, int]:
        """The name that it was last known by, and its number among those of that name."""
        return self._numbered

    @property
    def own_name(self) -> str:
        """What the server calls itself once it is known, else the target's name."""
        info = (self.facts.server_info if self.facts else None) or {}
        return str(info.get("title") or info.get("name") or self.target.name)

    @property
    def target_as_used(self) -> Target:
        """For what is copied: a program has to sign in where we did."""
        return replace(self.target, sign_in="oauth") if self.sign_in.token is not None else self.target

    @property
    def era(self) -> str:
        """ "26-07" for the chip; empty before it is known."""
        version = self.facts.version if self.facts else None
        return version[2:7] if version else ""

    @property
    def stateless(self) -> bool:
        return bool(self.facts and self.facts.stateless)

    @property
    def unseen(self) -> Changes | None:
        """What the last reload changed and nobody has looked at yet: the marks of the lists."""
        if self.changes is None or not self.seen:
            return self.changes
        return Changes(tuple(one for one in self.changes.items if (one.kind, one.name) not in self.seen))

    @property
    def shown(self) -> tuple[object, ...]:
        """Another value when the lists, or what is marked in them, are others: no view shows the same ones twice."""
        return self, self.catalogue.readings, len(self.seen), self.catalogue.problem

    @property
    def usable(self) -> bool:
        return self.state == "ready"

    @property
    def alive(self) -> bool:
        """Whether it connects or is connected."""
        return self._life.running

    @property
    def changing_mode(self) -> bool:
        """Whether it connects anew because another mode was asked for."""
        return self._reaching.changing and self.state not in ("ready", "failed")

    @property
    def waiting(self) -> list[Question]:
        """Questions that wait, oldest first."""
        return self._questions.waiting

    @property
    def open_questions(self) -> list[Question]:
        """Questions that can still be answered, oldest first."""
        return self._questions.open

    @property
    def stderr(self) -> list[str]:
        """The last lines of stderr."""
        return [line.text for line in self.logs if line.source == "stderr"][-_STDERR_TAIL:]

    def newest_spans(self, most: int) -> list[tuple[Span, ...]]:
        """The spans that the server reported on its newest answers, the newest first; empty where it told none."""
        return self._calls.newest_spans(most)

    def entries_of(self, call: Call) -> list[Entry]:
        """The frames of one call: requests, progress and answers of all rounds, with what was asked meanwhile."""
        return self._calls.entries_of(call)

    def exchanges_of(self, call: Call) -> list[Exchange]:
        """The requests of one call, first round first."""
        return self._calls.exchanges_of(call)

    def call_with(self, request_id: str | int | None) -> Call | None:
        """The call that one of our requests belongs to."""
        return self._calls.with_id(request_id)

    def call_of(self, line: LogLine) -> Call | None:
        """The call during which a line was written, if there was one."""
        return self.calls[line.call - 1] if line.call is not None and line.call <= len(self.calls) else None

    # connecting

    def connect_to(self) -> None:
        """Starts connecting; does nothing while it runs already, nor after `close`."""
        self._life.begin()

    async def disconnect_from(self) -> None:
        """Ends the connection and what it started."""
        await self._life.end()

    async def close(self) -> None:
        """Disconnects for good: nothing connects it again, and who still waits for an answer gets none."""
        self._life.over = True
        await self._life.end()

    async def restart(self) -> None:
        """Disconnects and connects again; lists are compared when they are read."""
        await self._life.end("The server was started again while this ran: what it did is unknown.")
        self._life.begin()

    def reconnect_as(self, mode: str) -> None:
        """Connects anew in another mode until it is closed; the earlier mode comes back when that fails."""
        self._reaching.reconnect_as(mode)

    @property
    def silence(self) -> Failure | None:
        """While it connects: what is said of a process that has not answered for too long."""
        return self._reaching.silence

    def keep_waiting(self) -> None:
        """Goes on waiting for a silent process."""
        self._reaching.keep_waiting()

    def heard(self) -> None:
        """It has answered everything that is needed to begin."""
        self._reaching.heard()
        self._subscribed.resume()

    @property
    def left_because(self) -> str:
        """Why we ended the connection, in a sentence for the calls that ran; empty when we did not."""
        return self._life.left_because

    async def check(self) -> None:
        """Tries each step of reaching an HTTP server by itself; `steps` fill as they are done."""
        await self._reaching.check()

    def happened(
        self, kind: EventKind, at_ns: int, until_ns: int | None = None, *, text: str = "", facts: Any = None
    ) -> None:
        """What no frame tells goes to the recording beside them."""
        self.ledger.happened(SessionEvent(self.connection, kind, at_ns, until_ns, text, facts or {}))

    def become(self, state: State) -> None:
        """Changes the state, and says so."""
        self.state, self.unreached = state, False
        self.state_changed.emit()

    # lists

    async def read_lists(self) -> None:
        """Reads every list the server announces and tells what changed since the last time."""
        await self._lists.read()

    def read_again(self) -> None:
        """Reads the lists once more, after one could not be read; a server that is gone is started first."""
        if self.usable:
            self._lists.reread()
        elif self.state != "connecting":
            self.connect_to()

    def spawn(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Runs work of this session; it ends with the session at the latest."""
        return self.bridge.spawn(work, self)

    # calls

    def call_tool(self, name: str, arguments: dict[str, Any], *, task: bool = False, **options: Any) -> Call:
        """`tools/call`, with `task` asked to run as a task (2025-11-25). Options: timeout (s), meta (for `_meta`),
        log_level, progress (whether to ask for it)."""
        params: dict[str, Any] = {"name": name, "arguments": arguments}
        return self.start("tools/call", name, params | ({"task": {}} if task else {}), **options)

    def read_resource(self, uri: str, **options: Any) -> Call:
        """`resources/read`."""
        return self.start("resources/read", uri, {"uri": uri}, **options)

    def get_prompt(self, name: str, arguments: dict[str, str], **options: Any) -> Call:
        """`prompts/get`."""
        return self.start("prompts/get", name, {"name": name, "arguments": arguments}, **options)

    async def complete(self, ref: dict[str, Any], argument: str, value: str, context: dict[str, str]) -> Completed:
        """`completion/complete`: suggestions of the server, or none when it cannot."""
        return await self._requests.complete(ref, argument, value, context)

    async def subscribe(self, uri: str, wanted: bool = True) -> None:
        """Starts or stops hearing of updates of a resource; `subscriptions` has them. Raises what the client raises."""
        await self._subscribed.subscribe(self._requests.link, uri, wanted)
        self._requests.still_open()

    async def ping(self) -> Ping:
        """`ping`, with the time it took. Raises what the client raises."""
        return await self._requests.ping()

    async def set_log_level(self, level: str) -> None:
        """`logging/setLevel`: for the session, and again after each restart. Raises what the client raises."""
        await self._requests.set_log_level(level)

    async def ask(self, method: str, params: dict[str, Any] | None = None) -> dict[str, Any]:
        """Any request, outside the list of calls. Raises what the client raises."""
        return await self.bridge.run(self._requests.link.request, method, params)

    async def send_raw(self, text: str) -> None:
        """Sends a text as it is. Raises TransportError."""
        await self.bridge.run(self._requests.link.send_raw, text)

    def start(self, method: str, name: str, params: dict[str, Any], **options: Any) -> Call:
        """Sends a request and returns its Call at once; `call_changed` tells of everything that happens to it.

        Options: timeout (s), meta (for `_meta`), log_level, progress (whether to ask for it)."""
        return self._calls.start(method, name, params, **options)

    def again(self, call: Call, seconds: float | None = None) -> Call:
        """The same request once more, with this time-out; None for the one it had."""
        meta = call.meta if self.stateless else {name: one for name, one in call.meta.items() if name != META_LOG_LEVEL}
        return self.start(call.method, call.name, call.params, timeout=seconds or call.timeout, meta=meta)

    def cancel(self, call: Call) -> None:
        """Stops a running call; the server is told."""
        self._calls.cancel(call)

    # answering beside people

    def _rules_changed(self) -> None:
        if self.link is not None:
            self.bridge.call_soon(self.link.set_rules, self.answers.rules.for_connection(self.connection))

    def set_roots(self, roots: Roots) -> None:
        """Other folders from now on; a connected server of the handshake eras is told that they changed."""
        self.roots = roots
        if self.link is not None and self.usable:
            self.spawn(self._requests.tell_roots(self.link, roots))

    async def draft(self, params: dict[str, Any], on_text: Callable[[str], object]) -> dict[str, Any]:
        """A reply of the configured model. Raises TransportError. Cancelling the await ends the request there."""
        return await self._requests.draft(params, on_text)

    def rename(self, name: str) -> None:
        """Changes the name shown before the server told its own."""
        self.target = replace(self.target, name=name)
