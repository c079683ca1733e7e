"""The client: what it is made of, and its requests. It speaks with one server in whichever era that one speaks.

Its connection is in `connecting.py` (the choice of the era in `opening.py`), the typed calls in `calls.py`, what
servers ask in `inputs.py`.
"""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Self, cast

from wireglass import telemetry
from wireglass.client.capabilities import implementation, plain_object
from wireglass.client.connecting import Connecting, Seconds, in_seconds
from wireglass.client.eras import SHARED, EraMemory, refutes
from wireglass.client.following import Follower, VisitedPages
from wireglass.client.handlers import LogMessage, progress_listener
from wireglass.client.inputs import InputBroker
from wireglass.client.opening import parse_mode
from wireglass.client.opening_rules import OpeningRules
from wireglass.client.rounds import DEFAULT_ROUNDS
from wireglass.client.spans import call_traced, request_traced
from wireglass.client.tasks import TaskNews
from wireglass.client.transports import ClientTransport, MCPConfigTransport, auths, infer_transport
from wireglass.client.typed_session import TypedSession
from wireglass.errors import McpError, SessionLost
from wireglass.protocol.connection import Finding
from wireglass.protocol.messages import HttpExchange, JsonObject, RequestId
from wireglass.session import Progressed
from wireglass.settings import dialect
from wireglass.wire.base import Tap

if TYPE_CHECKING:
    from wireglass.auth.steps import OnStep
    from wireglass.client.several import SeveralServers

__all__ = ["Client"]


class _Unnamed(str):
    """A mode that nobody named."""


_BY_DIALECT = _Unnamed("auto")
_HELPFUL = OpeningRules()


class Client(Connecting):
    """A connection to one server, used as `async with Client(...) as client`.

    `transport` is a URL, the path of a .py or .js file, a server object, an `mcpServers` configuration with one
    server, or a transport recipe. `mode` is "auto" (in dialects 1 and 2 "handshake"), "stateless", "handshake" or a
    version. `timeout` is in seconds, for each request, and starts again with each progress notification. `tap` sees
    every frame.
    """

    def __init__(
        self,
        transport: Any,
        *,
        name: str | None = None,
        roots: Any = None,
        sampling_handler: Callable[..., Any] | None = None,
        sampling_capabilities: Any = None,
        elicitation_handler: Callable[..., Any] | None = None,
        log_handler: Callable[[LogMessage], Any] | None = None,
        message_handler: Callable[..., Any] | None = None,
        progress_handler: Callable[..., Any] | None = None,
        timeout: Seconds = None,
        auto_initialize: bool = True,
        init_timeout: Seconds = None,
        client_info: Any = None,
        auth: Any = None,
        verify: Any = None,
        mode: str | None = _BY_DIALECT,
        input_required_max_rounds: int = DEFAULT_ROUNDS,
        cache: bool = True,
        extensions: JsonObject | None = None,
        tap: Tap | None = None,
        on_stderr: Callable[[str], object] | None = None,
        on_finding: Callable[[Finding], None] | None = None,
        on_http: Callable[[HttpExchange], None] | None = None,
        on_sign_in: "OnStep | None" = None,
        inputs: InputBroker | None = None,
        answers: Any = None,
        on_task: Callable[[JsonObject], object] | None = None,
        listen: bool | None = None,
        eras: EraMemory | None = None,
        opening: OpeningRules = _HELPFUL,
        max_timeout: Seconds = None,
        reconnect: bool = False,
    ) -> None:
        """The other parameters:

        `roots` to `progress_handler` are described in `handlers.py`. `extensions` are declared to stateless servers
        (default: tasks). `inputs` gets the questions that no handler takes. `answers` are rules that answer before any
        handler: a list of `Rule` or their JSON, or a YAML file (see `rule_files.py`). `on_http` gets every HTTP
        exchange when it is over, those without a message too; `on_sign_in` each step of a sign-in (`auth`). `on_task`
        hears each state of a task that a call became.
        `listen` asks stateless servers to announce changed lists (default: with a message_handler).
        `max_timeout` is in seconds too, and holds whatever the progress (default: no such limit).
        With `reconnect`, a request after the connection has ended opens a new one first, which starts a server again
        that crashed; what was in flight fails all the same, since nobody knows how far it came.
        `eras` remembers what servers speak (default: one memory for the process). `opening` is for programs with a
        person in front of them, who is asked rather than helped.
        With `auto_initialize=False` the connection is opened by `initialize()`, not by entering the context.
        Raises ConfigError when no transport can be made, ValueError for an unknown mode or rule.
        """
        self.transport: ClientTransport = infer_transport(transport)
        if auth is not None:
            self.transport.set_auth(auth)
        if verify is not None and hasattr(self.transport, "verify"):
            cast("Any", self.transport).verify = verify
        for auth in auths(self.transport):
            auth.observe(on_sign_in)
            auth.on_http = auth.on_http or on_http
        super().__init__(cache=cache, timeout=in_seconds(timeout))
        self.name = name or self.generate_name()
        self.inputs = inputs or InputBroker()
        if answers is not None:
            from wireglass.client.answering import answers_from

            self.inputs.rules = answers_from(answers)
        self.auto_initialize = auto_initialize
        # Programs of dialects 1 and 2 read what only a handshake gives, such as `initialize_result`.
        if mode is _BY_DIALECT and dialect() in ("1", "2"):
            mode = "handshake"
        self.mode = str(mode or "auto")
        """The mode that was asked for."""
        self._mode, self._version = parse_mode(self.mode)
        self._eras = SHARED if eras is None else eras
        self._init_timeout = in_seconds(init_timeout)
        self._opening_rules = opening
        self._max_timeout = in_seconds(max_timeout)
        self._reconnects = reconnect
        self._client_info = implementation(client_info, name)
        self._rounds = input_required_max_rounds
        self._listen = message_handler is not None if listen is None else listen
        self._extensions = None if extensions is None else plain_object(extensions)
        self._sampling_capabilities = sampling_capabilities
        self._log_handler = log_handler
        self._message_handler = message_handler
        self._progress_handler = progress_handler
        self._tap = tap
        self._on_stderr = on_stderr
        self._on_finding = on_finding
        self._on_http = on_http
        self._session: TypedSession | None = None
        self._users = 0
        self._gate = asyncio.Lock()
        self._visited, self._news, self._own_tasks = VisitedPages(), TaskNews(), None
        self._calls: dict[RequestId, JsonObject] = {}
        self._follower = Follower(
            self.inputs,
            self._visited,
            self._ask,
            lambda: self._server_name,
            input_required_max_rounds,
            on_task,
            self._news,
        )
        if elicitation_handler is not None:
            self.set_elicitation_callback(elicitation_handler)
        if sampling_handler is not None:
            self.set_sampling_callback(sampling_handler, sampling_capabilities)
        if roots is not None:
            self.set_roots(roots)

    def __class_getitem__(cls, item: Any) -> "type[Client]":
        """`Client[Transport]` in annotations means this class."""
        return cls

    def new(self) -> Self:
        """A client for the same server with the same handlers and a connection of its own."""
        other = object.__new__(type(self))
        other.__dict__.update(self.__dict__)
        other._session, other._facts, other._users, other._gate = None, None, 0, asyncio.Lock()
        other._opening_result = None
        other.name = self.generate_name(self.name)
        other._reset_lists()
        other._visited, other._news, other._own_tasks = VisitedPages(), TaskNews(), None
        other._calls = {}
        other._follower = replace(
            self._follower,
            pages=other._visited,
            ask=other._ask,
            server=lambda: other._server_name,
            news=other._news,
        )
        return other

    def answer_with(self, inputs: InputBroker) -> None:
        """From here on `inputs` gets the server's questions, instead of the broker it was made with."""
        self.inputs = inputs
        self._follower = replace(self._follower, broker=inputs)

    def _several(self, config: MCPConfigTransport) -> "SeveralServers":
        from wireglass.client.several import SeveralServers

        return SeveralServers(
            config.servers, lambda name: self._part(name, config.servers[name]), prefix=config.name_as_prefix
        )

    def _part(self, name: str, recipe: ClientTransport) -> "Client":
        """A client for one of several servers, with everything that this one has."""
        part = self.new()
        part.transport, part.name, part._beside = recipe, f"{self.name}/{name}", self
        return part

    # Requests

    async def request(
        self,
        method: str,
        params: JsonObject | None = None,
        *,
        timeout: Seconds = None,
        on_progress: Progressed | None = None,
        meta: JsonObject | None = None,
        on_sent: Callable[[RequestId], object] | None = None,
        headers: dict[str, str] | None = None,
    ) -> JsonObject:
        """Sends any request and returns its raw, complete result; questions of the server are answered on the way.

        Raises McpError, RequestTimeout, TransportClosed, ProtocolError. Cancelling the await cancels the request.
        """
        result, _ = await self._complete(
            method, params, timeout=timeout, on_progress=on_progress, meta=meta, on_sent=on_sent, headers=headers
        )
        return result

    async def _complete(
        self,
        method: str,
        params: JsonObject | None = None,
        *,
        timeout: Seconds = None,
        on_progress: Progressed | None = None,
        meta: JsonObject | None = None,
        on_sent: Callable[[RequestId], object] | None = None,
        headers: dict[str, str] | None = None,
    ) -> tuple[JsonObject, bool]:
        session = self.session if self._is_open() else await self._ready()
        seconds = self._timeout if timeout is None else in_seconds(timeout)
        listener = on_progress
        if listener is None and self._progress_handler is not None and method == "tools/call":
            listener = progress_listener(self._progress_handler)
        last_id: RequestId | None = None

        def sent(id: RequestId) -> None:
            nonlocal last_id
            if last_id is not None:
                self._calls.pop(last_id, None)
            last_id = id
            self._calls[id] = params or {}
            if on_sent is not None:
                on_sent(id)

        async def send(params: JsonObject) -> JsonObject:
            nonlocal session
            options: dict[str, Any] = {"meta": meta, "headers": headers, "on_sent": sent, "patient": timeout is None}
            options |= {"timeout": seconds, "on_progress": listener}
            if self._max_timeout is not None:
                options |= {"max_timeout": self._max_timeout, "timeout": seconds or self._max_timeout}
            request = partial(request_traced, session) if traced else session.request
            try:
                return await request(method, params, **options)
            except SessionLost as lost:
                session = await self._begin_again(session)
                if lost.begun and method == "tools/call":
                    raise  # it may have been carried out: whether it is run again is not ours to decide
            except McpError as error:
                wrong = refutes(error, stateless=session.stateless, written=[*(meta or ()), *(headers or ())])
                if wrong:
                    self._eras.forget(self._era_key)
                if wrong != "now" or self._mode != "auto":
                    raise
                before, session = session.version, await self._begin_again(session)
                if session.version == before:
                    raise
            request = partial(request_traced, session) if traced else session.request
            return await request(method, params, **options)

        traced = telemetry.is_on()
        work = self._follower.run(method, params or {}, send, lambda: last_id)
        try:
            return await (call_traced(session, method, params or {}, work) if traced else work)
        finally:
            if last_id is not None:
                self._calls.pop(last_id, None)

    async def _ask(self, method: str, params: JsonObject) -> JsonObject:
        return await self.session.request(method, params, timeout=self._timeout)

    async def notify(self, method: str, params: JsonObject | None = None) -> None:
        """Sends any notification."""
        await self.session.notify(method, params)

    @property
    def _server_name(self) -> str:
        info = self._facts.server_info if self._facts is not None else {}
        return str(info.get("title") or info.get("name") or self.transport.label)
