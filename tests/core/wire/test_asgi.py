"""The Streamable HTTP endpoint, rule by rule. The handler is a small double; sessions are the real ones."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest

from asgi_wire import AsgiWire
from loop_clock import LoopClock
from wireglass.errors import (
    HEADER_MISMATCH,
    INVALID_PARAMS,
    INVALID_REQUEST,
    METHOD_NOT_FOUND,
    MISSING_CLIENT_CAPABILITY,
    PARSE_ERROR,
    UNSUPPORTED_PROTOCOL_VERSION,
    McpError,
)
from wireglass.protocol.messages import JsonObject, notification, request, result
from wireglass.protocol.versions import META_CLIENT_CAPABILITIES, META_PROTOCOL_VERSION
from wireglass.session import RequestScope
from wireglass.session.http_serving import HttpServing
from wireglass.wire.asgi import McpEndpoint
from wireglass.wire.event_store import MemoryEventStore

pytestmark = pytest.mark.anyio
URL = "http://127.0.0.1:8000/mcp"
MODERN = "2026-07-28"


class Handler:
    """Answers the methods of the tests and keeps what it saw."""

    def __init__(self) -> None:
        self.scopes: list[RequestScope] = []
        self.notified: list[str] = []
        self.cancelled = asyncio.Event()
        self.go = asyncio.Event()
        self.heard = asyncio.Event()
        self.asked = asyncio.Event()

    async def __call__(self, scope: RequestScope) -> JsonObject:
        self.scopes.append(scope)
        self.asked.set()
        name = scope.params.get("name") if scope.method == "tools/call" else scope.method
        work = getattr(self, str(name).replace("/", "_"), None)
        if work is None:
            raise McpError(METHOD_NOT_FOUND, "no such method")
        return await work(scope)

    async def notification(self, scope: RequestScope) -> None:
        self.notified.append(scope.method)
        self.heard.set()

    async def initialize(self, scope: RequestScope) -> JsonObject:
        if scope.params.get("refuse"):
            raise McpError(INVALID_PARAMS, "no")
        return {"protocolVersion": scope.version, "capabilities": {}, "serverInfo": {"name": "s", "version": "1"}}

    async def tools_list(self, scope: RequestScope) -> JsonObject:
        return {"tools": []}

    async def fail(self, scope: RequestScope) -> JsonObject:
        raise McpError(scope.params["arguments"]["code"], "failed")

    async def crash(self, scope: RequestScope) -> JsonObject:
        raise RuntimeError("a secret")

    async def unwritable(self, scope: RequestScope) -> JsonObject:
        return {"content": object()}

    async def talk(self, scope: RequestScope) -> JsonObject:
        await scope.notify("notifications/progress", {"progress": 1})
        return {"content": []}

    async def ask(self, scope: RequestScope) -> JsonObject:
        return {"answer": await scope.request("roots/list")}

    async def wait(self, scope: RequestScope) -> JsonObject:
        try:
            await scope.notify("notifications/progress", {"progress": 1})
            await self.go.wait()
        except asyncio.CancelledError:
            self.cancelled.set()
            raise
        return {"content": []}

    async def hang(self, scope: RequestScope) -> JsonObject:
        try:
            await self.go.wait()
        except asyncio.CancelledError:
            self.cancelled.set()
            raise
        return {"content": []}

    async def poll(self, scope: RequestScope) -> JsonObject:
        scope.http_scope["wireglass.close_stream"]()
        await self.go.wait()
        return {"content": []}

    async def announce(self, scope: RequestScope) -> JsonObject:
        await scope.session.notify("notifications/tools/list_changed", None)
        return {"content": []}

    async def subscriptions_listen(self, scope: RequestScope) -> JsonObject:
        await scope.notify("notifications/subscriptions/acknowledged", {})
        await self.go.wait()
        return {}


class Site:
    """An endpoint and an HTTP client of it."""

    def __init__(self, **options: Any) -> None:
        self.handler = Handler()
        serving = HttpServing(self.handler, on_notification=self.handler.notification)
        self.endpoint = McpEndpoint(serving, **options)
        self.wire = AsgiWire(self.endpoint)
        self.http = httpx.AsyncClient(transport=self.wire, timeout=60)
        self.session: dict[str, str] = {}

    async def aclose(self) -> None:
        await self.http.aclose()
        await self.endpoint.aclose()

    async def post(self, message: Any, headers: dict[str, str] | None = None, **options: Any) -> httpx.Response:
        body = message if isinstance(message, bytes) else json.dumps(message).encode()
        return await self.http.send(self.request("POST", headers, content=body, **options), stream=False)

    def request(self, verb: str, headers: dict[str, str] | None = None, **options: Any) -> httpx.Request:
        base = {"accept": "application/json, text/event-stream", "content-type": "application/json"}
        return self.http.build_request(verb, URL, headers={**base, **self.session, **(headers or {})}, **options)

    async def stream(self, verb: str, message: Any = None, headers: dict[str, str] | None = None) -> httpx.Response:
        return await self.http.send(self.request(verb, headers, json=message), stream=True)

    async def open(self, version: str = "2025-11-25") -> httpx.Response:
        params = {
            "protocolVersion": version,
            "capabilities": {"roots": {}},
            "clientInfo": {"name": "c", "version": "1"},
        }
        answer = await self.post(request(0, "initialize", params))
        assert answer.status_code == 200, answer.text
        if "mcp-session-id" in answer.headers:
            self.session = {"mcp-session-id": answer.headers["mcp-session-id"], "mcp-protocol-version": version}
            assert (await self.post(notification("notifications/initialized"))).status_code == 202
        return answer


@pytest.fixture
async def site() -> AsyncIterator[Callable[..., Site]]:
    """Makes sites and closes them."""
    made: list[Site] = []

    def make(**options: Any) -> Site:
        made.append(Site(**options))
        return made[-1]

    yield make
    async with asyncio.timeout(30):
        for one in made:
            await one.aclose()


def modern(method: str, params: JsonObject | None = None, id: Any = 1, version: Any = MODERN) -> JsonObject:
    meta = {META_PROTOCOL_VERSION: version, META_CLIENT_CAPABILITIES: {}}
    return request(id, method, {**(params or {}), "_meta": meta})


def mirrored(message: JsonObject, **changes: str | None) -> dict[str, str]:
    headers = {"mcp-protocol-version": MODERN, "mcp-method": message["method"]}
    name = message["params"].get("name") or message["params"].get("uri")
    if name:
        headers["mcp-name"] = name
    for key, value in changes.items():
        key = key.replace("_", "-")
        if value is None:
            headers.pop(key, None)
        else:
            headers[key] = value
    return headers


def call(name: str, id: Any = 1, **arguments: Any) -> JsonObject:
    return modern("tools/call", {"name": name, "arguments": arguments}, id)


async def events(response: httpx.Response) -> AsyncIterator[dict[str, str]]:
    fields: dict[str, str] = {}
    async for line in response.aiter_lines():
        if not line:
            if fields:
                yield fields
            fields = {}
        elif not line.startswith(":"):
            name, _, value = line.partition(": ")
            fields[name.rstrip(":")] = value


def sent(event: dict[str, str]) -> Any:
    return json.loads(event["data"])


async def all_events(response: httpx.Response) -> list[dict[str, str]]:
    return [event async for event in events(response)]


# Who may talk, and in what form


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"host": "localhost:3000"}, 200),
        ({"host": "[::1]:3000"}, 200),
        ({"host": "127.0.0.2"}, 200),
        ({"host": "evil.example.com"}, 421),
        ({"host": "127.0.0.1.evil.example.com"}, 421),
        ({"origin": "http://localhost:5173"}, 200),
        ({"origin": "https://evil.example.com"}, 403),
        ({"origin": "null"}, 403),
    ],
)
async def test_only_this_machine_is_let_in_by_default(site: Any, headers: dict[str, str], status: int) -> None:
    """Security MUST of every revision: DNS rebinding."""
    message = modern("tools/list")
    assert (await site().post(message, {**mirrored(message), **headers})).status_code == status


async def test_hosts_and_origins_can_be_allowed(site: Any) -> None:
    one = site(allowed_hosts=["*.example.com"], allowed_origins=["https://app.test"])
    message = modern("tools/list")
    for origin in ("https://app.test", "https://a.example.com"):
        headers = {**mirrored(message), "host": "mcp.example.com:8443", "origin": origin}
        assert (await one.post(message, headers)).status_code == 200
    assert (await one.post(message, mirrored(message))).status_code == 421


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"content-type": "text/plain"}, 415),
        ({"content-type": "application/json; charset=utf-8"}, 200),
        ({"accept": "text/html"}, 406),
        ({"accept": "*/*"}, 200),
        ({"accept": "text/event-stream;q=0.5, application/json;q=0"}, 200),
        ({"accept": "text/*;q=0, application/*;q=0"}, 406),
    ],
)
async def test_media_types(site: Any, headers: dict[str, str], status: int) -> None:
    message = modern("tools/list")
    assert (await site().post(message, {**mirrored(message), **headers})).status_code == status


async def test_a_body_that_is_too_large_is_refused(site: Any) -> None:
    answer = await site(max_body_bytes=1000).post({"x": "y" * 1000})
    assert answer.status_code == 413


async def test_a_body_that_is_not_json_is_a_parse_error(site: Any) -> None:
    answer = await site().post(b"{oops")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, PARSE_ERROR)
    assert "id" not in answer.json()


# The stateless era


async def test_a_stateless_request_is_answered_as_json(site: Any) -> None:
    one = site()
    message = modern("tools/list", id="0")
    answer = await one.post(message, mirrored(message))
    assert answer.json() == result("0", {"tools": []})
    assert answer.headers["content-type"] == "application/json"
    assert "mcp-session-id" not in answer.headers
    scope = one.handler.scopes[0]
    assert (scope.stateless, scope.version) == (True, MODERN)
    assert scope.headers["mcp-method"] == "tools/list"


@pytest.mark.parametrize(
    ("code", "status"),
    [
        (INVALID_PARAMS, 400),
        (MISSING_CLIENT_CAPABILITY, 400),
        (METHOD_NOT_FOUND, 404),
        (-32603, 200),
        (7, 200),
    ],
)
async def test_error_codes_have_their_status(site: Any, code: int, status: int) -> None:
    """Status map of 2026-07-28."""
    message = call("fail", code=code)
    answer = await site().post(message, mirrored(message))
    assert (answer.status_code, answer.json()["error"]["code"], answer.json()["id"]) == (status, code, 1)


@pytest.mark.parametrize("method", ["initialize", "ping", "logging/setLevel", "resources/subscribe", "unknown/method"])
async def test_methods_that_the_era_lacks_are_404(site: Any, method: str) -> None:
    message = modern(method)
    answer = await site().post(message, mirrored(message))
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, METHOD_NOT_FOUND)


@pytest.mark.parametrize(
    "changes",
    [
        {"mcp_protocol_version": None},
        {"mcp_protocol_version": "2025-11-25"},
        {"mcp_method": None},
        {"mcp_method": "tools/list"},
        {"mcp_method": "TOOLS/CALL"},
        {"mcp_name": None},
        {"mcp_name": "other"},
        {"mcp_name": "=?base64?dGFsaw?="},
    ],
)
async def test_headers_must_mirror_the_body(site: Any, changes: dict[str, str | None]) -> None:
    message = call("talk")
    answer = await site().post(message, mirrored(message, **changes))
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, HEADER_MISMATCH)


async def test_header_names_in_any_case_and_blanks_and_base64_are_fine(site: Any) -> None:
    message = call("talk")
    headers = {"MCP-PROTOCOL-VERSION": MODERN, "mCp-MeThOd": " tools/call ", "Mcp-Name": "=?base64?dGFsaw==?="}
    assert (await site().post(message, headers)).status_code == 200


async def test_a_protocol_header_that_comes_twice_is_refused(site: Any) -> None:
    """Two readers could otherwise see two values."""
    one = site()
    message = modern("tools/list")
    headers = [*mirrored(message).items(), ("mcp-method", "tools/call")]
    headers += [("content-type", "application/json"), ("host", "localhost")]
    answer = await one.http.post(URL, json=message, headers=headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, HEADER_MISMATCH)


async def test_an_unknown_version_names_the_known_ones(site: Any) -> None:
    message = modern("tools/list", version="v999.0.0")
    answer = await site().post(message, mirrored(message, mcp_protocol_version="v999.0.0"))
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (400, UNSUPPORTED_PROTOCOL_VERSION)
    assert error["data"]["requested"] == "v999.0.0"
    assert MODERN in error["data"]["supported"]


async def test_missing_meta_is_bad_params(site: Any) -> None:
    headers = {"mcp-protocol-version": MODERN, "mcp-method": "tools/list"}
    answer = await site().post(request(3, "tools/list"), headers)
    assert (answer.status_code, answer.json()["error"]["code"], answer.json()["id"]) == (400, INVALID_PARAMS, 3)


async def test_a_stateless_batch_is_an_invalid_request(site: Any) -> None:
    answer = await site().post([modern("tools/list")], {"mcp-protocol-version": MODERN})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, INVALID_REQUEST)


async def test_a_stateless_notification_is_accepted(site: Any) -> None:
    one = site()
    message = modern("notifications/cancelled")
    del message["id"]
    answer = await one.post(message, mirrored(message))
    assert (answer.status_code, answer.content) == (202, b"")


async def test_internals_do_not_leak(site: Any) -> None:
    for name in ("crash", "unwritable"):
        message = call(name)
        answer = await site().post(message, mirrored(message))
        assert answer.json()["error"]["code"] == -32603
        assert "secret" not in answer.text


async def test_notifications_turn_the_answer_into_a_stream(site: Any) -> None:
    message = call("talk")
    answer = await site().post(message, mirrored(message))
    assert answer.headers["content-type"] == "text/event-stream"
    assert answer.headers["x-accel-buffering"] == "no"
    got = await all_events(answer)
    assert [sent(event).get("method") for event in got] == ["notifications/progress", None]
    assert sent(got[1]) == result(1, {"content": []})
    assert "id" not in got[0]


@pytest.mark.parametrize("options", [{"json_response": True}, {}])
async def test_json_is_all_there_is_when_the_server_or_the_client_wants_it(site: Any, options: Any) -> None:
    message = call("talk")
    accept = {} if options else {"accept": "application/json"}
    answer = await site(**options).post(message, {**mirrored(message), **accept})
    assert answer.json() == result(1, {"content": []})


async def test_listen_streams_even_in_json_mode(site: Any) -> None:
    one = site(json_response=True)
    message = modern("subscriptions/listen")
    answer = await one.stream("POST", message, mirrored(message))
    got = events(answer)
    assert sent(await anext(got))["method"] == "notifications/subscriptions/acknowledged"
    one.handler.go.set()
    assert sent(await anext(got)) == result(1, {})
    await answer.aclose()


async def test_a_quiet_stream_is_kept_alive_and_a_held_head_goes_out(site: Any) -> None:
    one = site(keep_alive=0.01)
    message = call("hang")
    answer = await one.stream("POST", message, mirrored(message))
    assert answer.headers["content-type"] == "text/event-stream"
    lines = answer.aiter_lines()
    assert await anext(lines) == ": keep-alive"
    one.handler.go.set()
    rest = [line async for line in lines if line.startswith("data")]
    assert json.loads(rest[0][6:]) == result(1, {"content": []})


@pytest.mark.parametrize("name", ["wait", "hang"])
async def test_closing_the_connection_cancels_a_stateless_request(site: Any, name: str) -> None:
    """2026-07-28: closing the response stream is the cancel, before and after its head."""
    one = site()
    message = call(name)
    asking = asyncio.create_task(one.stream("POST", message, mirrored(message)))
    async with asyncio.timeout(30):
        if name == "wait":
            await (await asking).aclose()
        else:
            await one.handler.asked.wait()
            asking.cancel()
        await one.handler.cancelled.wait()
        await asyncio.wait([one.wire.last_task])
    assert one.wire.last_task.exception() is None


@pytest.mark.parametrize("verb", ["GET", "DELETE", "PUT"])
async def test_other_verbs_are_not_allowed_in_the_stateless_era(site: Any, verb: str) -> None:
    one = site()
    answer = await one.http.send(one.request(verb, {"mcp-protocol-version": MODERN}))
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


# The handshake eras with sessions


@pytest.mark.parametrize("version", ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"])
async def test_a_session_from_initialize_to_delete(site: Any, version: str) -> None:
    one = site()
    opened = await one.open(version)
    assert opened.json()["result"]["protocolVersion"] == version
    assert (await one.post(request(1, "tools/list"))).json() == result(1, {"tools": []})
    async with asyncio.timeout(30):
        await one.handler.heard.wait()
    assert one.handler.notified == ["notifications/initialized"]
    assert one.handler.scopes[-1].session.id == one.session["mcp-session-id"]
    assert (await one.http.send(one.request("DELETE"))).status_code == 200
    assert (await one.post(request(2, "tools/list"))).status_code == 404
    assert (await one.http.send(one.request("DELETE"))).status_code == 404
    assert len(one.endpoint._sessions) == 0


async def test_a_request_without_its_session_is_refused(site: Any) -> None:
    one = site()
    answer = await one.post(request(4, "tools/list"))
    assert (answer.status_code, answer.json()["id"]) == (400, 4)
    answer = await one.post(request(5, "tools/list"), {"mcp-session-id": "unknown"})
    assert (answer.status_code, answer.json()["id"]) == (404, 5)


async def test_a_refused_initialize_opens_no_session(site: Any) -> None:
    """Past bug elsewhere: an id on an error answer."""
    one = site()
    answer = await one.post(request(0, "initialize", {"refuse": True}))
    assert answer.json()["error"]["code"] == INVALID_PARAMS
    assert "mcp-session-id" not in answer.headers
    assert len(one.endpoint._sessions) == 0


async def test_a_session_belongs_to_whoever_opened_it(site: Any) -> None:
    who = ["ada"]
    one = site(identify=lambda scope: (who[0], None))
    await one.open()
    assert one.handler.scopes[0].principal == "ada"
    who[0] = "eve"
    assert (await one.post(request(1, "tools/list"))).status_code == 404


async def test_an_unsupported_version_header_is_refused(site: Any) -> None:
    one = site()
    await one.open()
    answer = await one.post(request(1, "tools/list"), {"mcp-protocol-version": "1999-01-01"})
    assert answer.status_code == 400


async def test_related_messages_travel_on_the_stream_of_their_request(site: Any) -> None:
    """Past bug elsewhere: sampling on the GET stream, which the client did not have open."""
    one = site()
    await one.open()
    answer = await one.stream("POST", request(1, "tools/call", {"name": "ask"}))
    got = events(answer)
    asked = sent(await anext(got))
    assert asked["method"] == "roots/list"
    assert (await one.post(result(asked["id"], {"roots": []}))).status_code == 202
    assert sent(await anext(got)) == result(1, {"answer": {"roots": []}})
    await answer.aclose()


async def test_unrelated_messages_travel_on_the_get_stream(site: Any) -> None:
    one = site()
    await one.open()
    message = request(1, "tools/call", {"name": "announce"})
    assert (await one.post(message)).json() == result(1, {"content": []})
    answer = await one.stream("GET")
    got = events(answer)
    assert sent(await anext(got))["method"] == "notifications/tools/list_changed"
    assert (await one.post({**message, "id": 2})).json() == result(2, {"content": []})
    assert sent(await anext(got))["method"] == "notifications/tools/list_changed"
    await answer.aclose()


async def test_a_new_get_takes_the_place_of_the_old(site: Any) -> None:
    """A client that comes back may be quicker than TCP."""
    one = site()
    await one.open()
    first = await one.stream("GET")
    second = await one.stream("GET")
    assert await all_events(first) == []
    await one.post(request(1, "tools/call", {"name": "announce"}))
    assert sent(await anext(events(second)))["method"] == "notifications/tools/list_changed"
    await second.aclose()


async def test_a_disconnect_does_not_cancel_in_the_handshake_eras(site: Any) -> None:
    one = site()
    await one.open()
    answer = await one.stream("POST", request(1, "tools/call", {"name": "wait"}))
    await answer.aclose()
    assert not one.handler.cancelled.is_set()
    cancel = notification("notifications/cancelled", {"requestId": 1})
    assert (await one.post(cancel)).status_code == 202
    async with asyncio.timeout(30):
        await one.handler.cancelled.wait()


async def test_a_batch_is_answered_as_one(site: Any) -> None:
    """2025-03-26 only."""
    one = site()
    await one.open("2025-03-26")
    batch = [request(1, "tools/list"), notification("notifications/x"), request("b", "unknown")]
    got = (await one.post(batch)).json()
    assert {answer["id"] for answer in got} == {1, "b"}
    assert (await one.post([notification("notifications/x")])).status_code == 202


@pytest.mark.parametrize("version", ["2024-11-05", "2025-06-18", "2025-11-25"])
async def test_an_array_is_no_message_in_other_versions(site: Any, version: str) -> None:
    """It would have no stream to be answered on, and its sender would wait for ever."""
    one = site()
    await one.open(version)
    answer = await one.post([request(1, "tools/list")])
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, INVALID_REQUEST)
    alone = site(stateless=True)
    answer = await alone.post([request(1, "tools/list")], {"mcp-protocol-version": version})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, INVALID_REQUEST)


@pytest.mark.parametrize("name", ["wait", "hang"])
async def test_a_cancelled_request_leaves_no_stream_open(site: Any, name: str) -> None:
    """The receiver of a cancel does not answer: the stream ends without one, and the session is not busy any more."""
    one = site(event_store=MemoryEventStore())
    await one.open()
    calling = asyncio.ensure_future(one.post(request(1, "tools/call", {"name": name})))
    await one.handler.asked.wait()
    async with asyncio.timeout(30):
        while len(one.handler.scopes) < 2:  # noqa: ASYNC110  # the handler has no event for it
            await asyncio.sleep(0)
        assert (await one.post(notification("notifications/cancelled", {"requestId": 1}))).status_code == 202
        answer = await calling
    assert '"id":1' not in answer.text
    assert not any(session.transport.busy for session in one.endpoint._sessions._sessions.values())
    assert (await one.post(request(1, "tools/list"))).status_code == 200, "the id is free again"


async def test_a_batch_of_which_one_is_cancelled_is_answered_without_it(site: Any) -> None:
    one = site()
    await one.open("2025-03-26")
    batch = [request("a", "tools/list"), request("b", "tools/call", {"name": "hang"})]
    calling = asyncio.ensure_future(one.post(batch))
    async with asyncio.timeout(30):
        while len(one.handler.scopes) < 3:  # noqa: ASYNC110  # the handler has no event for it
            await asyncio.sleep(0)
        await one.post(notification("notifications/cancelled", {"requestId": "b"}))
        answer = await calling
    assert [part["id"] for part in answer.json()] == ["a"]


@pytest.mark.parametrize(
    "flawed", [[], [1], "text", {"id": 1}, {"jsonrpc": "2.0", "id": None, "method": "x"}, {"jsonrpc": "2.0", "id": 1}]
)
async def test_what_is_no_message_is_refused_at_once(site: Any, flawed: Any) -> None:
    one = site()
    await one.open("2025-03-26")
    answer = await one.post(flawed)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, INVALID_REQUEST)


async def test_an_id_in_flight_cannot_be_used_again(site: Any) -> None:
    one = site()
    await one.open()
    answer = await one.stream("POST", request(1, "tools/call", {"name": "wait"}))
    assert (await one.post(request(1, "tools/list"))).status_code == 400
    one.handler.go.set()
    assert sent((await all_events(answer))[-1]) == result(1, {"content": []})


async def test_idle_sessions_end(site: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    one, clock = site(session_idle_seconds=500), LoopClock(monkeypatch)
    await one.open()
    ended = asyncio.Event()
    one.handler.scopes[0].session.closed.append(ended.set)
    await clock.forward(499)
    assert not ended.is_set()
    await clock.forward(2)
    await asyncio.wait_for(ended.wait(), 30)
    assert (await one.post(request(1, "tools/list"))).status_code == 404


async def test_the_number_of_sessions_is_bounded(site: Any) -> None:
    one = site(max_sessions=1)
    await one.open()
    answer = await one.post(request(0, "initialize", {}))
    assert answer.status_code == 503


# Resumption


async def test_streams_begin_with_an_event_that_can_be_resumed(site: Any) -> None:
    """2025-11-25: priming event with `id`, `retry` and empty data."""
    one = site(event_store=MemoryEventStore(), retry_ms=20)
    await one.open()
    got = await all_events(await one.post(request(1, "tools/call", {"name": "talk"})))
    assert (got[0]["data"], got[0]["retry"]) == ("", "20")
    assert len({event["id"] for event in got}) == 3
    assert one.session["mcp-session-id"] not in got[0]["id"]


async def test_older_clients_get_no_priming_event(site: Any) -> None:
    """They choke on an empty `data`."""
    one = site(event_store=MemoryEventStore(), retry_ms=20)
    await one.open("2025-06-18")
    got = await all_events(await one.post(request(1, "tools/call", {"name": "talk"})))
    assert [bool(event["data"]) for event in got] == [True, True]
    assert "retry" not in got[0]


async def test_polling_the_answer_comes_on_get(site: Any) -> None:
    """2025-11-25: the server closes the connection, not the stream."""
    one = site(event_store=MemoryEventStore(), retry_ms=20)
    await one.open()
    first = await all_events(await one.post(request(1, "tools/call", {"name": "poll"})))
    assert [event["data"] for event in first] == [""]
    resumed = await one.stream("GET", headers={"last-event-id": first[0]["id"]})
    one.handler.go.set()
    got = await all_events(resumed)
    assert [sent(event) for event in got] == [result(1, {"content": []})]
    again = await one.stream("GET", headers={"last-event-id": first[0]["id"]})
    assert await all_events(again) == got


async def test_a_broken_stream_is_taken_up_where_it_broke(site: Any) -> None:
    one = site(event_store=MemoryEventStore())
    await one.open()
    answer = await one.stream("POST", request(1, "tools/call", {"name": "wait"}))
    got = events(answer)
    await anext(got)
    last = await anext(got)
    assert sent(last)["method"] == "notifications/progress"
    await answer.aclose()
    one.handler.go.set()
    resumed = await one.stream("GET", headers={"last-event-id": last["id"]})
    assert [sent(event) for event in await all_events(resumed)] == [result(1, {"content": []})]


async def test_events_of_another_session_cannot_be_fetched(site: Any) -> None:
    one = site(event_store=MemoryEventStore())
    await one.open()
    got = await all_events(await one.post(request(1, "tools/call", {"name": "talk"})))
    one.session = {}
    await one.open()
    for id in (got[0]["id"], "nonsense"):
        answer = await one.http.send(one.request("GET", {"last-event-id": id}))
        assert answer.status_code == 400


# The handshake eras without sessions


async def test_without_sessions_every_post_stands_alone(site: Any) -> None:
    one = site(stateless=True)
    opened = await one.open("2025-06-18")
    assert opened.json()["result"]["protocolVersion"] == "2025-06-18"
    assert "mcp-session-id" not in opened.headers
    answer = await one.post(request(1, "tools/list"), {"mcp-protocol-version": "2025-11-25"})
    assert answer.json() == result(1, {"tools": []})
    assert [scope.version for scope in one.handler.scopes] == ["2025-06-18", "2025-11-25"]
    assert (await one.post(request(2, "tools/list"))).status_code == 200
    assert one.handler.scopes[-1].version == "2025-03-26"
    assert (await one.post(notification("notifications/initialized"))).status_code == 202
    assert (await one.post([request(3, "tools/list"), request(4, "no")])).json()[0]["id"] == 3
    assert (await one.http.send(one.request("GET"))).headers["allow"] == "POST"
    got = await all_events(await one.post(request(5, "tools/call", {"name": "talk"})))
    assert sent(got[-1]) == result(5, {"content": []})


async def test_the_app_answers_the_lifespan_protocol() -> None:
    one = Site()
    await one.open()
    told: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    for event in ("lifespan.startup", "lifespan.shutdown"):
        told.put_nowait({"type": event})
    said: list[str] = []

    async def send(message: dict[str, Any]) -> None:
        said.append(message["type"])

    await one.endpoint({"type": "lifespan"}, told.get, send)
    assert said == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
    assert len(one.endpoint._sessions) == 0
    await one.http.aclose()


# Whatever arrives

ODD_VALUES: list[Any] = [None, True, 0, 1.5, "", "x", [], [1], {}, {"_meta": 3}, {"_meta": {META_PROTOCOL_VERSION: 4}}]


@pytest.mark.parametrize("options", [{}, {"stateless": True}, {"json_response": True}])
@pytest.mark.parametrize("headers", [{}, {"mcp-protocol-version": MODERN, "mcp-method": "tools/list"}])
async def test_no_body_makes_the_server_fail(site: Any, options: Any, headers: dict[str, str]) -> None:
    """Every odd message gets an answer that is no failure of ours, and the server goes on."""
    one = site(**options)
    await one.open("2025-03-26")
    bodies: list[Any] = [*ODD_VALUES]
    for value in ODD_VALUES:
        bodies += [
            {"jsonrpc": "2.0", "id": 1, "method": value},
            {"jsonrpc": "2.0", "id": value, "method": "tools/list"},
            {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": value},
            {"jsonrpc": value, "id": 1, "method": "tools/list"},
            {"jsonrpc": "2.0", "id": 1, "result": value},
            {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": value},
            [value, {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}],
        ]
    async with asyncio.timeout(20):
        for body in bodies:
            answer = await one.post(body, headers)
            assert answer.status_code < 500, (body, answer.text)
            assert answer.status_code == 202 or answer.content, body
    message = modern("tools/list")
    assert (await one.post(message, mirrored(message))).status_code == 200
