"""Whatever a peer sends is a finding with place, rule and revision, and the session lives on: both ends, both eras.

A hostile server speaks to our client, a hostile client to our server; a record and its judge watch the wire.
"""

import asyncio
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from mutations import META, ask, tell
from server import Server

from wireglass import Client
from wireglass.client.transports import StdioTransport
from wireglass.errors import TransportError, WireglassError
from wireglass.protocol import framing
from wireglass.protocol.conformance import Violation
from wireglass.recording.judge import Judge
from wireglass.recording.ledger import Ledger
from wireglass.session import ClientSession, ServerSession
from wireglass.wire import stdio
from wireglass.wire.memory import MemoryTransport, memory_pair

pytestmark = pytest.mark.anyio
CORE = Path(__file__).parents[2] / "core"
OLD, NEW = "2025-11-25", "2026-07-28"
HELLO = {"protocolVersion": OLD, "capabilities": {"tools": {}}, "serverInfo": {"name": "s", "version": "1"}}
GOOD = {"content": [{"type": "text", "text": "x"}]}


@dataclass
class Scene:
    """One session under a judge's eyes: our client, and a server that the test plays by hand."""

    client: ClientSession
    server: MemoryTransport
    ledger: Ledger
    findings: list[str] = field(default_factory=list)

    async def asked(self, method: str) -> Any:
        """The id of the client's next request of this method."""
        async with asyncio.timeout(30):
            while True:
                message: Any = (await self.server.receive()).message
                if isinstance(message, dict) and message.get("method") == method and "id" in message:
                    return message["id"]

    async def call(self) -> tuple["asyncio.Task[dict[str, Any]]", Any]:
        """A call of the client that waits for its answer, and the id of its request."""
        calling = asyncio.create_task(self.client.request("tools/call", {"name": "t", "arguments": {}}, timeout=60))
        return calling, await self.asked("tools/call")

    def violations(self) -> list[Violation]:
        return [violation for entry in self.ledger.entries for violation in entry.violations]

    async def lives_on(self) -> None:
        """The next call is asked and answered as if nothing had been."""
        calling, id = await self.call()
        result = GOOD | ({"resultType": "complete"} if self.client.stateless else {})
        await self.server.send({"jsonrpc": "2.0", "id": id, "result": result})
        assert await asyncio.wait_for(calling, 30) == result
        assert self.client.is_open


async def play(version: str) -> Scene:
    ledger = Ledger()
    Judge(ledger).watch()
    client_end, server_end = memory_pair(ledger.tap("s"))
    findings: list[str] = []

    async def answer(method: str, params: Any, id: Any) -> dict[str, Any]:
        return {}

    client = ClientSession(client_end, on_request=answer, on_finding=lambda found: findings.append(found.rule))
    await client.start()
    scene = Scene(client, server_end, ledger, findings)
    if version == OLD:
        opening = asyncio.create_task(client.request("initialize", {"protocolVersion": OLD, **CLIENT}, timeout=60))
        await server_end.send({"jsonrpc": "2.0", "id": await scene.asked("initialize"), "result": HELLO})
        await opening
        client.settle(OLD)
        await client.notify("notifications/initialized")
    else:
        client.settle(NEW)
        client.client_info = CLIENT["clientInfo"]
        opening = asyncio.create_task(client.request("server/discover", {}, timeout=60))
        found = {"supportedVersions": [NEW], "capabilities": {"tools": {}}, "ttlMs": 0, "cacheScope": "private"}
        found["resultType"] = "complete"
        await server_end.send({"jsonrpc": "2.0", "id": await scene.asked("server/discover"), "result": found})
        await opening
    assert scene.violations() == []
    return scene


CLIENT: dict[str, Any] = {"capabilities": {}, "clientInfo": {"name": "c", "version": "1"}}


@pytest.fixture(params=[OLD, NEW])
async def scene(request: pytest.FixtureRequest) -> Any:
    """A session of each era."""
    made = await play(request.param)
    yield made
    await made.client.aclose()


def expect(scene: Scene, rule: str, path: str) -> None:
    """One finding that says where, what and by which revision."""
    revision = scene.client.version
    found = [(one.rule, one.path, one.revision) for one in scene.violations()]
    assert (rule, path, revision) in found, found
    assert all(one.message for one in scene.violations())


# A server's faults


@pytest.mark.parametrize("line", ["not json", "{", '{"jsonrpc":"2.0",', "[1,", "\x00", "NaN"])
async def test_a_line_that_is_not_json(scene: Scene, line: str) -> None:
    await scene.server.send(line)
    await scene.lives_on()
    expect(scene, "not-json", "")
    assert "not-json" in scene.findings


@pytest.mark.parametrize("value", ["17", '"text"', "null", "true"])
async def test_a_message_that_is_no_object(scene: Scene, value: str) -> None:
    await scene.server.send(value)
    await scene.lives_on()
    expect(scene, "message-kind", "")
    assert "message-not-object" in scene.findings
    answered = [entry for entry in scene.ledger.entries if entry.sender == "client" and entry.kind == "error"]
    assert len(answered) == (0 if scene.client.stateless else 1), "clients of the stateless era never answer"


async def test_a_wrong_type_deep_in_a_result(scene: Scene) -> None:
    calling, id = await scene.call()
    result = {"content": [{"type": "text", "text": 5}]} | ({"resultType": "complete"} if scene.client.stateless else {})
    await scene.server.send({"jsonrpc": "2.0", "id": id, "result": result})
    assert await calling == result, "what came is what the caller gets: it is the inspector's to show"
    expect(scene, "schema/type", "/result/content/0/text")
    await scene.lives_on()


async def test_a_result_that_is_no_object_ends_the_call_with_an_error(scene: Scene) -> None:
    calling, id = await scene.call()
    await scene.server.send({"jsonrpc": "2.0", "id": id, "result": [1]})
    with pytest.raises(WireglassError):
        await calling
    assert any(one.path == "/result" for one in scene.violations())
    await scene.lives_on()


async def test_an_answer_to_nobodys_request(scene: Scene) -> None:
    result = GOOD | ({"resultType": "complete"} if scene.client.stateless else {})
    await scene.server.send({"jsonrpc": "2.0", "id": "made up", "result": result})
    await scene.lives_on()
    expect(scene, "answer-unknown", "/id")
    assert "answer-unknown" in scene.findings


async def test_a_second_answer(scene: Scene) -> None:
    calling, id = await scene.call()
    for text in ("first", "second"):
        result = {"content": [{"type": "text", "text": text}]}
        result |= {"resultType": "complete"} if scene.client.stateless else {}
        await scene.server.send({"jsonrpc": "2.0", "id": id, "result": result})
    assert (await calling)["content"][0]["text"] == "first"
    await scene.lives_on()
    expect(scene, "answer-duplicate", "/id")
    assert "answer-duplicate" in scene.findings


async def test_an_answer_after_the_cancel(scene: Scene) -> None:
    calling, id = await scene.call()
    calling.cancel()
    await asyncio.wait([calling])
    result = GOOD | ({"resultType": "complete"} if scene.client.stateless else {})
    await scene.server.send({"jsonrpc": "2.0", "id": id, "result": result})
    await scene.lives_on()
    expect(scene, "answer-late", "/id")
    assert "answer-late" in scene.findings


@pytest.mark.parametrize("version", ["1.0", None, 2.0])
async def test_a_wrong_version_of_json_rpc(scene: Scene, version: Any) -> None:
    calling, id = await scene.call()
    result = GOOD | ({"resultType": "complete"} if scene.client.stateless else {})
    message = {"jsonrpc": version, "id": id, "result": result}
    await scene.server.send({key: value for key, value in message.items() if value is not None})
    assert await calling == result, "an answer is too precious to drop for it"
    assert "jsonrpc-version" in scene.findings
    assert any("jsonrpc" in one.rule or one.path == "/jsonrpc" for one in scene.violations())
    await scene.lives_on()


async def test_an_id_of_another_type(scene: Scene) -> None:
    """`"1"` is not `1`: the call ends all the same, and the finding says what is wrong."""
    calling, id = await scene.call()
    result = GOOD | ({"resultType": "complete"} if scene.client.stateless else {})
    await scene.server.send({"jsonrpc": "2.0", "id": str(id), "result": result})
    assert await calling == result
    assert "answer-id-type" in scene.findings
    expect(scene, "answer-unknown", "/id")
    await scene.lives_on()


async def test_a_malformed_entry_of_a_list(scene: Scene) -> None:
    """Its place in the list is named. That the others are kept is tried over every transport, see `test_calls.py`."""
    listing = asyncio.create_task(scene.client.request("tools/list", timeout=60))
    tools = [{"name": "a", "inputSchema": {"type": "object"}}, {"name": 5, "inputSchema": {"type": "object"}}]
    result: dict[str, Any] = {"tools": tools}
    result |= {"resultType": "complete", "ttlMs": 0, "cacheScope": "private"} if scene.client.stateless else {}
    await scene.server.send({"jsonrpc": "2.0", "id": await scene.asked("tools/list"), "result": result})
    assert await listing == result
    expect(scene, "schema/type", "/result/tools/1/name")
    await scene.lives_on()


@pytest.mark.parametrize("mode", ["stateless", OLD])
async def test_a_line_that_is_too_long_is_dropped_and_noted(monkeypatch: pytest.MonkeyPatch, mode: str) -> None:
    """Over stdio, where frames come in lines: its call fails at once, and the next answer arrives."""
    monkeypatch.setattr(framing, "MAX_MESSAGE_BYTES", 100_000)
    monkeypatch.setattr(stdio, "LineDecoder", lambda: framing.LineDecoder(100_000))
    ledger = Ledger()
    Judge(ledger).watch()
    target = StdioTransport(sys.executable, [str(Path(__file__).with_name("server.py"))], env={"PYTHONPATH": str(CORE)})
    async with asyncio.timeout(30), Client(target, mode=mode, tap=ledger.tap("s")) as client:
        with pytest.raises(TransportError, match="dropped"):
            await client.call_tool("big", {"size": 300_000})
        assert (await client.call_tool("echo", {"a": 1})).text == '{"a":1}'
    assert any("dropped" in one.message for entry in ledger.entries for one in entry.violations)


async def test_requests_of_a_stateless_server_are_findings_and_get_no_answer() -> None:
    scene = await play(NEW)
    await scene.server.send(ask("s1", "roots/list"))
    await scene.lives_on()
    assert "server-request" in scene.findings
    assert any(one.path == "/method" for one in scene.violations())
    assert not any(
        entry.sender == "client" and (entry.message or {}).get("id") == "s1" for entry in scene.ledger.entries
    )
    await scene.client.aclose()


async def test_a_field_of_another_revision(scene: Scene) -> None:
    """A stateless result without its `resultType` is read as complete; the missing member is noted."""
    calling, id = await scene.call()
    await scene.server.send({"jsonrpc": "2.0", "id": id, "result": GOOD})
    assert await calling == GOOD
    found = [(one.rule, one.path) for one in scene.violations()]
    assert found == ([("schema/required", "/result/resultType")] if scene.client.stateless else [])
    await scene.lives_on()


@pytest.mark.parametrize(
    ("params", "rule"),
    [
        ({"progressToken": "made up", "progress": 1}, "progress-token"),
        ({"progressToken": [], "progress": 1}, "progress-token"),
        ({}, "progress-token"),
    ],
)
async def test_progress_of_nothing(scene: Scene, params: dict[str, Any], rule: str) -> None:
    await scene.server.send(tell("notifications/progress", **params))
    await scene.lives_on()
    assert rule in scene.findings
    assert scene.violations()


# A client's faults

Fault = tuple[str, Any, str, str]
CLIENT_FAULTS: list[Fault] = [
    # what is sent, the code it is answered with, the rule, the place
    ("not json", None, "not-json", ""),
    ("17", -32600, "message-kind", ""),
    ('{"jsonrpc":"2.0","id":7}', -32600, "message-kind", ""),
    ('{"jsonrpc":"1.0","id":7,"method":"ping"}', -32600, "schema/const", "/jsonrpc"),
    ('{"jsonrpc":"2.0","id":null,"method":"ping"}', -32600, "schema/type", "/id"),
    ('{"jsonrpc":"2.0","id":1.5,"method":"ping"}', -32600, "schema/type", "/id"),
    ('{"jsonrpc":"2.0","id":7,"method":5}', -32600, "schema/type", "/method"),
    ('{"jsonrpc":"2.0","id":7,"method":"tools/call","params":[1]}', -32602, "schema/type", "/params"),
    ('{"jsonrpc":"2.0","id":7,"method":"sampling/createMessage"}', -32601, "direction", "/method"),
    ('{"jsonrpc":"2.0","id":7,"method":"subscriptions/listen"}', -32602, "method-version", "/method"),
    ('{"jsonrpc":"2.0","id":"x","result":{}}', None, "answer-unknown", "/id"),
    ('[{"jsonrpc":"2.0","id":7,"method":"ping"}]', -32600, "batch", ""),
]


@pytest.mark.parametrize(
    ("text", "code", "rule", "path"), CLIENT_FAULTS, ids=[fault[0][:40] for fault in CLIENT_FAULTS]
)
async def test_a_clients_fault_is_recorded_answered_and_survived(text: str, code: Any, rule: str, path: str) -> None:
    ledger = Ledger()
    Judge(ledger).watch()
    client_end, server_end = memory_pair(ledger.tap("s"))
    subject = Server()
    serving = asyncio.create_task(ServerSession(subject._handle, server_end).run())

    async def answered(is_it: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        async with asyncio.timeout(30):
            while True:
                message: Any = (await client_end.receive()).message
                if isinstance(message, dict) and is_it(message):
                    return message

    hello = ask(0, "initialize", protocolVersion=OLD, capabilities={}, clientInfo={"name": "c", "version": "1"})
    await client_end.send(hello)
    await answered(lambda message: message.get("id") == 0)
    await client_end.send(tell("notifications/initialized"))
    await client_end.send(text)
    if code is not None:
        refusal = await answered(lambda message: "error" in message)
        assert refusal["error"]["code"] == code
    await client_end.send(ask("after", "tools/list", _meta=META | {"progressToken": "p"}))
    assert "result" in await answered(lambda message: message.get("id") == "after")
    own = next(entry for entry in ledger.entries if entry.sender == "client" and entry.raw == text)
    found = [(one.rule, one.path, one.revision) for one in own.violations]
    assert (rule, path, OLD) in found, found
    await client_end.aclose()
    await asyncio.wait_for(serving, 30)
