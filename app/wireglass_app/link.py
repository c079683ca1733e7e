"""The runtime-thread half of one connected server: owns the client for as long as the connection lives. Knows no Qt.

Everything it tells crosses as an immutable event through `emit`, which may be called from any thread.
"""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter_ns
from typing import TYPE_CHECKING, Any

from wireglass.errors import METHOD_NOT_FOUND, McpError, TransportClosed, TransportError, WireglassError
from wireglass.protocol.messages import JsonObject
from wireglass.protocol.spans import CHAIN, TRACE_KEY
from wireglass.wire.base import Tap
from wireglass_app.calls import Roots, Target
from wireglass_app.catalogue import Lists, lifetime, prepare_words
from wireglass_app.link_sign_in import LinkSignIn
from wireglass_app.reaching import find_command, transport_for

if TYPE_CHECKING:
    from wireglass.client.answering import RuleAnswers
    from wireglass.client.client import Client
    from wireglass.client.inputs import InputRequest
    from wireglass.client.opening import ConnectionFacts
    from wireglass.client.recorded import RecordedAnswers
    from wireglass.client.rules import Rule

__all__ = [
    "Asked",
    "Found",
    "Link",
    "Missed",
    "Ready",
    "Settled",
    "Stderr",
    "Withdrawn",
    "draft_with",
]

_PAGES = 1000
_PATIENT_S = 86_400.0
_MANY_TOOLS = 500


@dataclass(frozen=True, slots=True)
class Ready:
    """Connected, and the lists are read."""

    facts: "ConnectionFacts"
    lists: Lists
    pid: int | None
    offered: JsonObject
    """Our capabilities, as the server was told."""


@dataclass(frozen=True, slots=True)
class Missed:
    """The stream that tells of changes has dropped, or is back: the lists may be out of date."""


@dataclass(frozen=True, slots=True)
class Stderr:
    """A line that the child wrote to stderr."""

    text: str
    at_ns: int


@dataclass(frozen=True, slots=True)
class Asked:
    """The server wants something: of a rule when one is named, else of the human, also after a rule gave up."""

    request: "InputRequest"
    rule: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Settled:
    """A rule, or the list of folders, has answered."""

    request: "InputRequest"
    by: str
    outcome: JsonObject | None
    """None when it was refused."""


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """A question ended without our answer."""

    request: "InputRequest"
    gone: bool
    """The connection ended, rather than that the server took it back."""


@dataclass(frozen=True, slots=True)
class Found:
    """Where the command is that is about to be started; None when it is nowhere."""

    path: str | None


class Link:
    """`live` connects, reports Ready, and returns when closed, or raises why the connection was lost."""

    def __init__(
        self,
        target: Target,
        roots: Roots,
        tap: Tap,
        emit: Callable[[Any], None],
        *,
        rules: "tuple[Rule, ...]" = (),
        recorded: "RecordedAnswers | None" = None,
        endpoint: Callable[[], Any] = lambda: None,
        log_level: str = "",
        token_store: Callable[[], Any] = lambda: None,
    ) -> None:
        """`endpoint` gives the configured `ModelEndpoint` or None; it may take its time (keychain). `log_level` is set
        again for a session of the handshake eras that was started anew. `token_store` gives what keeps tokens."""
        self._target = target
        self._roots = roots
        self._tap = tap
        self._emit = emit
        self._rules = rules
        self._recorded = recorded
        self._endpoint = endpoint
        self._log_level = log_level
        self.sign_in = LinkSignIn(target, emit, token_store)
        self._answers: RuleAnswers | None = None
        self._client: Client | None = None
        self._heard: set[str] = set()
        self._closing = asyncio.Event()
        self._ended = asyncio.Event()

    async def live(self) -> None:
        """The whole life of the connection. Raises WireglassError; cancelling it ends everything it started."""
        try:
            if self._target.kind == "stdio":
                self._emit(Found(await asyncio.to_thread(find_command, self._target)))
            client = self._make_client()
            client.on_missed = lambda: self._emit(Missed())
            async with client:
                self._client = client
                await self.sign_in.known()
                await self._set_level_again(client)
                lists = await self.read_lists()
                pid = getattr(client.session.transport, "pid", None)
                self._emit(Ready(client.facts, lists, pid, client.session.capabilities))
                await self._until_over(client)
        finally:
            self._client = None
            self._ended.set()

    def close(self) -> None:
        """Ends `live` without an error."""
        self._closing.set()

    async def wait_ended(self) -> None:
        """Returns when `live` has cleaned up."""
        await self._ended.wait()

    async def request(self, method: str, params: JsonObject | None = None, **options: Any) -> JsonObject:
        """Any request; questions on the way go to the human. Raises what `Client.request` raises."""
        return await self._connected.request(method, params, **options)

    async def notify(self, method: str, params: JsonObject | None = None) -> None:
        """Any notification."""
        await self._connected.notify(method, params)

    async def subscribe(self, uri: str, wanted: bool) -> None:
        """Hears of updates of a resource, or no longer: a request in the handshake eras, the listen stream after."""
        client = self._connected
        await (client.subscribe_resource(uri) if wanted else client.unsubscribe_resource(uri))

    async def ping(self) -> float:
        """Milliseconds until the server answered `ping`. Raises McpError, RequestTimeout, TransportError."""
        client, began = self._connected, perf_counter_ns()
        await client.ping()
        return (perf_counter_ns() - began) / 1e6

    async def set_log_level(self, level: str) -> None:
        """`logging/setLevel` (handshake eras). Raises McpError, RequestTimeout, TransportError."""
        await self._connected.set_logging_level(level)
        self._log_level = level

    async def _set_level_again(self, client: "Client") -> None:
        facts = client.facts
        if self._log_level and not facts.stateless and "logging" in facts.capabilities:
            with contextlib.suppress(McpError):  # it may have lost the level, not the session
                await client.set_logging_level(self._log_level)

    async def send_raw(self, text: str) -> None:
        """A text as it is: the composer's."""
        await self._connected.session.send_raw(text)

    async def read_lists(self) -> Lists:
        """Every list the server announces, all pages. A list that cannot be read is named with the reason."""
        offers = self._connected.facts.capabilities
        problems: list[tuple[str, str]] = []
        lifetimes: list[tuple[str, float, str]] = []

        async def read(capability: str, method: str, key: str) -> tuple[JsonObject, ...]:
            if capability not in offers:
                return ()
            try:
                return tuple(await self._pages(method, key, lifetimes))
            except TransportClosed:
                raise
            except McpError as problem:
                if problem.code != METHOD_NOT_FOUND or key != "resourceTemplates":
                    problems.append((key, f"{method} was refused: {problem.message} ({problem.code})"))
            except WireglassError as problem:
                problems.append((key, problem.message))
            return ()

        tools, resources, templates, prompts = await asyncio.gather(
            read("tools", "tools/list", "tools"),
            read("resources", "resources/list", "resources"),
            read("resources", "resources/templates/list", "resourceTemplates"),
            read("prompts", "prompts/list", "prompts"),
        )
        if len(tools) > _MANY_TOOLS:
            await asyncio.to_thread(prepare_words, tools)
        return Lists(tools, resources, templates, prompts, tuple(problems), tuple(lifetimes))

    @property
    def _connected(self) -> "Client":
        if self._client is None:
            raise TransportError("The server is not connected.", next_step="Connect it again.")
        return self._client

    async def _pages(self, method: str, key: str, lifetimes: list[tuple[str, float, str]]) -> list[JsonObject]:
        found: list[JsonObject] = []
        cursor: Any = None
        for _ in range(_PAGES):
            # Timed, so that the server's middleware is known before anything is called.
            meta = {TRACE_KEY: CHAIN} if method == "tools/list" else None
            result = await self.request(method, {"cursor": cursor} if cursor is not None else {}, meta=meta)
            if cursor is None and (told := lifetime(key, result)) is not None:
                lifetimes.append(told)
            items = result.get(key)
            found += [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []
            cursor = result.get("nextCursor")
            if cursor is None:
                break
        return found

    async def _until_over(self, client: "Client") -> None:
        """Until we close it, or the other side is gone: then raises TransportClosed with what is known of the end."""
        session = client.session
        listening = asyncio.ensure_future(self._listen(client))
        waits: list[asyncio.Future[Any]] = [
            asyncio.ensure_future(self._closing.wait()),
            asyncio.ensure_future(session.wait_closed()),
        ]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in (*waits, listening):
                wait.cancel()
            await asyncio.gather(*waits, listening, return_exceptions=True)
        if not self._closing.is_set():
            transport: Any = session.transport
            raise TransportClosed(
                "The server closed the connection.",
                exit_status=await _exit_status(transport),
                stderr_tail=getattr(transport, "stderr_tail", ""),
            )

    async def _listen(self, client: "Client") -> None:
        """Changed lists are read again; a stateless server tells of them only on a stream of its own."""
        with contextlib.suppress(WireglassError, TimeoutError):
            await client.listen_for_changes()

    def _make_client(self) -> "Client":
        from wireglass.client.answering import RuleAnswers
        from wireglass.client.client import Client
        from wireglass.client.eras import EraMemory
        from wireglass.client.inputs import InputBroker
        from wireglass.client.opening_rules import OpeningRules

        inputs = InputBroker(self._asked)
        inputs.on_automatic(self._asked)
        inputs.respond("roots", self._answer_roots)
        self._answers = RuleAnswers(self._rules, recorded=self._recorded, model=self._draft)
        inputs.rules = self._answers
        return Client(
            transport_for(self._target),
            auth=self.sign_in.auth(),
            name="wireglass",
            tap=self._tap,
            on_http=self._emit,
            on_stderr=lambda line: self._emit(Stderr(line, perf_counter_ns())),
            mode=self._target.mode,
            timeout=self._target.timeout,
            # A process that is silent is reported, and a person decides how long to wait for it.
            init_timeout=_PATIENT_S if self._target.kind == "stdio" else self._target.start_timeout,
            opening=OpeningRules(
                probe_seconds=self._target.start_timeout, older_sse=False, any_version=self._target.any_version
            ),
            inputs=inputs,
            log_handler=lambda _message: None,
            input_required_max_rounds=self._target.rounds,
            # Whoever connects anew by hand wants to see what the server speaks now; only a probe that costs a process
            # or a long wait is not repeated.
            eras=None if self._target.kind == "stdio" else EraMemory(),
        )

    def set_rules(self, rules: "tuple[Rule, ...]") -> None:
        """What answers from now on."""
        self._rules = rules
        if self._answers is not None:
            self._answers.rules = rules

    async def set_roots(self, roots: Roots) -> None:
        """Gives other folders from now on, and tells a server of the handshake eras. Raises TransportError."""
        changed = roots.folders != self._roots.folders
        self._roots = roots
        if changed and self._client is not None and not self._client.facts.stateless:
            await self._client.send_roots_list_changed()

    async def draft(self, params: JsonObject, on_text: Callable[[str], object] | None = None) -> JsonObject:
        """A reply of the configured model. Raises TransportError, also when none is configured."""
        return await draft_with(self._endpoint, params, on_text)

    async def _draft(self, params: JsonObject) -> JsonObject:
        return await self.draft(params)

    def _asked(self, request: "InputRequest") -> None:
        self._emit(Asked(request, request.rule, request.rule_problem))
        if request.id not in self._heard:
            self._heard.add(request.id)
            request.on_end(self._question_ended)

    def _question_ended(self, request: "InputRequest") -> None:
        self._heard.discard(request.id)
        if request.withdrawn:
            gone = self._client is None or not self._client.is_connected()
            self._emit(Withdrawn(request, gone))
        elif request.by.startswith("rule "):
            self._emit(Settled(request, request.by, request.outcome))

    async def _answer_roots(self, request: "InputRequest") -> JsonObject | None:
        if self._roots.ask:
            return None
        result: JsonObject = {"roots": [{"uri": uri} for uri in self._roots.folders]}
        self._emit(Settled(request, "roots", result))
        return result


async def draft_with(
    endpoint: Callable[[], Any], params: JsonObject, on_text: Callable[[str], object] | None = None
) -> JsonObject:
    """A reply of the model that `endpoint` gives, to sampling params; on the runtime thread. Raises TransportError,
    also when none is configured."""
    from wireglass.client.responders import draft

    found = await asyncio.to_thread(endpoint)
    if found is None:
        raise TransportError("No model is configured.", next_step="Add an endpoint in Settings, Models.")
    return await draft(found, params, on_text=on_text)


async def _exit_status(transport: Any) -> int | None:
    """The child's exit status; the pipe may close a moment before the process is gone."""
    for _ in range(20):
        status = getattr(transport, "exit_status", None)
        if status is not None or not hasattr(transport, "exit_status"):
            return status
        await asyncio.sleep(0.05)
    return None
