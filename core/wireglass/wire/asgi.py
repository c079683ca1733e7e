"""The server end of Streamable HTTP, for every revision, as a plain ASGI app.

It tells the eras apart, checks what HTTP says about a message, and turns answers into HTTP; what a message means is
the business of the session layer, which comes in as `Serving`. Sources: transports pages of 2025-03-26 to 2026-07-28.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

from wireglass.errors import (
    HEADER_MISMATCH,
    INTERNAL_ERROR,
    INVALID_PARAMS,
    INVALID_REQUEST,
    METHOD_NOT_FOUND,
    MISSING_CLIENT_CAPABILITY,
    PARSE_ERROR,
    UNSUPPORTED_PROTOCOL_VERSION,
)
from wireglass.protocol import messages
from wireglass.protocol.framing import dump, parse
from wireglass.protocol.messages import JsonObject, RequestId, is_object, is_request_id
from wireglass.protocol.versions import (
    ALL_VERSIONS,
    ASSUMED_HTTP_VERSION,
    BATCH_VERSION,
    HANDSHAKE_VERSIONS,
    HEADER_PROTOCOL_VERSION,
    META_PROTOCOL_VERSION,
    is_stateless,
)
from wireglass.wire.base import HttpContext
from wireglass.wire.event_store import EventStore
from wireglass.wire.held_answer import HeldAnswer, Receive, Send, read_request, refuse
from wireglass.wire.http_checks import (
    LOOPBACK_HOSTS,
    NO_BATCHES,
    Admission,
    accepts,
    duplicated_header,
    header_mismatch,
    is_json,
)
from wireglass.wire.http_sessions import HttpSessions
from wireglass.wire.serving import Directory, Identify, Serving, admitted, scope_identity

__all__ = ["Identify", "McpEndpoint", "Serving"]

_STATUS: Final = {
    PARSE_ERROR: 400,
    INVALID_REQUEST: 400,
    INVALID_PARAMS: 400,
    HEADER_MISMATCH: 400,
    MISSING_CLIENT_CAPABILITY: 400,
    UNSUPPORTED_PROTOCOL_VERSION: 400,
    METHOD_NOT_FOUND: 404,
}
"""HTTP status of an error answer in the stateless era; other codes go out with 200."""


class McpEndpoint:
    """The ASGI app. It answers on whatever path it is mounted.

    - `allowed_hosts`, `allowed_origins`: see Admission; only this machine by default.
    - `stateless`: no sessions in the handshake eras either; every POST stands alone. The newest era never has any.
    - `json_response`: never stream, except for `subscriptions/listen`.
    - `event_store`, `retry_ms`: make streams resumable; `retry_ms` is how long clients shall wait before they return.
    - `max_body_bytes`: larger requests get 413. `keep_alive`: seconds between comments on quiet streams.
    - `session_idle_seconds`: a session unused for so long ends (None: never); `max_sessions` bounds their number.
    - `directory`: what all workers know of sessions, so that each can go on with any; None: they stay in this process.
    """

    def __init__(
        self,
        serving: Serving,
        *,
        allowed_hosts: Sequence[str] = LOOPBACK_HOSTS,
        allowed_origins: Sequence[str] = (),
        stateless: bool = False,
        json_response: bool = False,
        event_store: EventStore | None = None,
        retry_ms: int | None = None,
        max_body_bytes: int = 16 * 1024 * 1024,
        keep_alive: float = 15.0,
        session_idle_seconds: float | None = 1800.0,
        max_sessions: int = 10_000,
        identify: Identify | None = None,
        directory: Directory | None = None,
    ) -> None:
        self._serving = serving
        self._admission = Admission(allowed_hosts, allowed_origins)
        self._json_only = json_response
        self._max_body_bytes = max_body_bytes
        self._keep_alive = keep_alive
        self._identify = identify or scope_identity
        self._sessions: HttpSessions | None = None
        if not stateless:
            self._sessions = HttpSessions(
                serving.serve,
                store=event_store,
                retry_ms=retry_ms,
                json_only=json_response,
                idle_seconds=session_idle_seconds,
                limit=max_sessions,
                directory=directory,
            )

    async def aclose(self) -> None:
        """Ends every session."""
        if self._sessions is not None:
            await self._sessions.aclose()

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        """One HTTP request, or the life of the server when nothing is around this app that watches it."""
        headers = await admitted(scope, receive, send, self._admission, self.aclose)
        if headers is None:
            return None
        verb = scope["method"]
        if verb == "POST":
            return await self._post(scope, headers, receive, send)
        if self._sessions is None or verb not in ("GET", "DELETE") or _speaks_stateless(headers):
            allow = "POST" if self._sessions is None or _speaks_stateless(headers) else "GET, POST, DELETE"
            text = f"{verb} is not allowed here."
            return await refuse(send, 405, INVALID_REQUEST, text, headers=[(b"allow", allow.encode())])
        principal, _ = self._identify(scope)
        if verb == "DELETE":
            return await self._sessions.delete(headers, principal, send)
        if not accepts(headers.get("accept"), "text/event-stream"):
            return await refuse(send, 406, INVALID_REQUEST, "GET answers with text/event-stream only.")
        answer = HeldAnswer(receive, send, can_stream=True, keep_alive=self._keep_alive)
        return await self._sessions.get(headers, principal, answer, send)

    # POST

    async def _post(self, scope: Any, headers: dict[str, str], receive: Receive, send: Send) -> None:
        if not is_json(headers.get("content-type")):
            return await refuse(send, 415, INVALID_REQUEST, "The body must be application/json.")
        accept = headers.get("accept")
        streams, plain = accepts(accept, "text/event-stream"), accepts(accept, "application/json")
        if not streams and not plain:
            text = "The client must accept application/json or text/event-stream."
            return await refuse(send, 406, INVALID_REQUEST, text)
        body = await read_request(headers, receive, self._max_body_bytes)
        if body is None:
            text = f"The message is larger than {self._max_body_bytes} bytes."
            return await refuse(send, 413, INVALID_REQUEST, text)
        parsed = parse(body)
        if parsed.error is not None:
            return await refuse(send, 400, PARSE_ERROR, parsed.error)
        principal, token = self._identify(scope)
        http = HttpContext(headers, scope, principal, token)
        answer = HeldAnswer(receive, send, can_stream=streams, keep_alive=self._keep_alive)
        return await self._route(parsed.value, http, answer, send, plain)

    async def _route(self, message: Any, http: HttpContext, answer: HeldAnswer, send: Send, plain: bool) -> None:
        """Which era is it? The body decides; the header only for a body that does not say."""
        claimed = _claimed_version(message)
        if claimed is not None or (_speaks_stateless(http.headers) and not _is_initialize(message)):
            return await self._stateless(message, claimed, http, answer, send, plain)
        version = http.headers.get(HEADER_PROTOCOL_VERSION)
        if version is not None and version not in HANDSHAKE_VERSIONS and not _is_initialize(message):
            text = f"The protocol version {version!r} is not supported."
            data = {"supported": list(ALL_VERSIONS), "requested": version}
            return await refuse(send, 400, UNSUPPORTED_PROTOCOL_VERSION, text, id=_id_of(message), data=data)
        flaw = _flaw(message)
        if flaw is not None:
            return await refuse(send, 400, INVALID_REQUEST, flaw, id=_id_of(message))
        if self._sessions is None:
            version = version or ASSUMED_HTTP_VERSION
            if isinstance(message, list) and version != BATCH_VERSION:
                return await refuse(send, 400, INVALID_REQUEST, NO_BATCHES)
            return await self._alone(message, version, http, answer)
        if self._json_only and plain:
            answer.can_stream = False
        return await self._sessions.post(message, http, answer, send)

    # The stateless era, and servers that keep no sessions

    async def _stateless(
        self, message: Any, claimed: str | None, http: HttpContext, answer: HeldAnswer, send: Send, plain: bool
    ) -> None:
        if not is_object(message) or not isinstance(message.get("method"), str):
            text = "One request or notification is expected."
            return await refuse(send, 400, INVALID_REQUEST, text, id=_id_of(message))
        twice = duplicated_header(name for name, _ in http.scope["headers"])
        mismatch = f"The header {twice} came twice." if twice else None
        if mismatch is None and claimed is not None:
            mismatch = header_mismatch(http.headers, message, claimed)
        if mismatch is not None:
            return await refuse(send, 400, HEADER_MISMATCH, mismatch, id=_id_of(message))
        listens = message["method"] == "subscriptions/listen"
        if listens and not answer.can_stream:
            return await refuse(send, 406, INVALID_REQUEST, "The answer to subscriptions/listen is text/event-stream.")
        if self._json_only and plain and not listens:
            answer.can_stream = False
        async with answer:
            await self._answer(message, None, http, answer)

    async def _alone(self, message: Any, version: str, http: HttpContext, answer: HeldAnswer) -> None:
        """One POST of a handshake era without sessions. A batch is answered member by member, in one array."""
        if not is_object(message):
            answer.can_stream = False
        elif "method" not in message:
            return await answer.empty()
        async with answer:
            if is_object(message):
                return await self._answer(message, version, http, answer)
            replies = [await self._reply(member, version, http, answer) for member in cast("list[Any]", message)]
            kept = [reply for reply in replies if reply is not None]
            return await answer.json(dump(kept)) if kept else await answer.empty()

    async def _answer(self, message: JsonObject, version: str | None, http: HttpContext, answer: HeldAnswer) -> None:
        reply = await self._reply(message, version, http, answer)
        if reply is None:
            return await answer.empty()
        try:
            data = dump(reply)
        except ValueError:
            reply = messages.error(_id_of(message), INTERNAL_ERROR, "The answer cannot be written as JSON.")
            data = dump(reply)
        error = reply.get("error")
        status = 200 if error is None or version is not None else _STATUS.get(error["code"], 200)
        return await answer.answer(data, status)

    async def _reply(
        self, message: Any, version: str | None, http: HttpContext, answer: HeldAnswer
    ) -> JsonObject | None:
        async def notify(notification: JsonObject) -> None:
            await answer.event(dump(notification))

        return await self._serving.answer(message, notify=notify, http=http, version=version)


def _speaks_stateless(headers: Mapping[str, str]) -> bool:
    return is_stateless(headers.get(HEADER_PROTOCOL_VERSION))


def _claimed_version(message: Any) -> str | None:
    """The version in the `_meta` of a body; its mere presence makes a message one of the stateless era."""
    params = message.get("params") if is_object(message) else None
    meta = params.get("_meta") if is_object(params) else None
    version = meta.get(META_PROTOCOL_VERSION) if is_object(meta) else None
    return version if isinstance(version, str) else None


def _is_initialize(message: Any) -> bool:
    return is_object(message) and message.get("method") == "initialize"


def _id_of(message: Any) -> RequestId | None:
    id = message.get("id") if is_object(message) else None
    return id if is_request_id(id) else None


def _flaw(message: Any) -> str | None:
    """Why a message of a handshake era can get no answer by the session, which needs an id to route one."""
    members = cast("list[Any]", message) if isinstance(message, list) else [message]
    if not members:
        return "An empty batch is not a message."
    for member in members:
        if not is_object(member) or member.get("jsonrpc") != "2.0":
            return "A message is a JSON-RPC 2.0 object."
        if "method" in member and "id" in member and not is_request_id(member["id"]):
            return "A request id is a string or an integer."
        if "method" not in member and "result" not in member and "error" not in member:
            return "A message has a method, a result or an error."
    return None
