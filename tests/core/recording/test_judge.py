"""Violations that only the frames before can tell."""

from typing import Any

import pytest

from wireglass.protocol import messages
from wireglass.protocol.messages import Frame, Sender
from wireglass.recording.entries import Entry
from wireglass.recording.judge import Judge
from wireglass.recording.ledger import Ledger

META = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": {"elicitation": {"form": {}}},
}


class Session:
    def __init__(self) -> None:
        self.ledger = Ledger()
        self.stop = Judge(self.ledger).watch()

    def _add(self, sender: Sender, message: Any, error: str | None = None) -> Entry:
        raw = message if isinstance(message, str) else "{}"
        parsed = None if isinstance(message, str) else message
        return self.ledger.append(Frame(sender, "stdio", raw, parsed, 0, error), "s")

    def client(self, message: Any) -> list[str]:
        return rules(self._add("client", message))

    def server(self, message: Any, error: str | None = None) -> list[str]:
        return rules(self._add("server", message, error))

    def initialize(self, server: dict[str, Any], client: dict[str, Any] | None = None, version: str = "2025-11-25"):
        info = {"name": "n", "version": "1"}
        params = {"protocolVersion": version, "capabilities": client or {}, "clientInfo": info}
        assert self.client(messages.request(0, "initialize", params)) == []
        result = {"protocolVersion": version, "capabilities": server, "serverInfo": info}
        assert self.server(messages.result(0, result)) == []
        assert self.client(messages.notification("notifications/initialized")) == []


def rules(entry: Entry) -> list[str]:
    return [violation.rule for violation in entry.violations]


def call(id: Any, name: str = "a", **meta: Any) -> dict[str, Any]:
    params: dict[str, Any] = {"name": name}
    if meta:
        params["_meta"] = meta
    return messages.request(id, "tools/call", params)


@pytest.fixture
def session() -> Session:
    made = Session()
    made.initialize({"tools": {}, "logging": {}, "resources": {"subscribe": False}})
    return made


def test_answers_are_judged_by_the_method_of_their_request(session: Session) -> None:
    assert session.client(call(1)) == []
    assert session.server(messages.result(1, {"content": 3})) == ["schema/type"]


def test_unknown_duplicate_and_late_answers(session: Session) -> None:
    good = {"content": []}
    session.client(call(1))
    assert session.server(messages.result("1", good)) == ["answer-unknown"]
    assert session.server(messages.result(1, good)) == []
    assert session.server(messages.result(1, good)) == ["answer-duplicate"]
    session.client(call(2))
    session.client(messages.notification("notifications/cancelled", {"requestId": 2}))
    assert session.server(messages.result(2, good)) == ["answer-late"]
    assert session.server(messages.error(None, -32700, "x")) == ["error-without-id"]


def test_an_id_in_use_is_not_used_again(session: Session) -> None:
    session.client(call(1))
    assert session.client(call(1)) == ["id-in-use"]


def test_progress_rises_and_belongs_to_an_open_request(session: Session) -> None:
    def progress(value: float, token: Any = 0) -> list[str]:
        params = {"progressToken": token, "progress": value}
        return session.server(messages.notification("notifications/progress", params))

    session.client(call(1, progressToken=0))
    assert progress(1) == []
    assert progress(1) == ["progress-not-rising"]
    assert progress(1.5) == []
    assert progress(2, "0") == ["progress-unknown"]
    session.server(messages.result(1, {"content": []}))
    assert progress(3) == ["progress-late"]


def test_only_declared_capabilities_are_used(session: Session) -> None:
    assert session.client(messages.request(1, "prompts/list")) == ["capability"]
    assert session.client(messages.request(2, "resources/subscribe", {"uri": "a://b"})) == ["capability"]
    assert session.server(messages.notification("notifications/tools/list_changed")) == ["capability"]
    assert session.server(messages.request(1, "roots/list")) == ["capability"]
    log = messages.notification("notifications/message", {"level": "info", "data": 1})
    assert session.server(log) == []


def test_nothing_but_ping_before_the_handshake_is_over() -> None:
    session = Session()
    assert session.client(messages.request(1, "ping")) == []
    assert session.client(messages.request(2, "tools/list")) == ["order"]
    assert session.server(messages.request(1, "roots/list")) == ["order"]
    session.initialize({"tools": {}})
    info = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "n", "version": "1"}}
    assert session.client(messages.request(9, "initialize", info)) == ["order"]


def test_a_server_that_was_started_again_is_initialized_again() -> None:
    """Before, each reload of a server of the handshake eras counted as a violation, of Wireglass itself."""
    info = {"protocolVersion": "2025-11-25", "capabilities": {"roots": {}}, "clientInfo": {"name": "n", "version": "1"}}
    session = Session()
    for _ in range(2):
        assert session.client(messages.request(1, "initialize", info)) == []
        assert session.server(messages.request(1, "roots/list")) == ["order"], "the new one has to wait as the first"
        answer = {"protocolVersion": "2025-11-25", "capabilities": {}, "serverInfo": {"name": "s", "version": "1"}}
        assert session.server(messages.result(1, answer)) == []
        assert session.client(messages.notification("notifications/initialized")) == []
        assert session.client(messages.request(2, "ping")) == []
        assert session.client(messages.request(3, "initialize", info)) == ["order"], "a second time to the same one"
        session.server(messages.result(3, answer))


def test_the_negotiated_revision_is_used() -> None:
    session = Session()
    session.initialize({}, version="2025-03-26")
    assert session.client([messages.request(1, "ping")]) == []
    assert session.server(messages.request(2, "elicitation/create", {"message": "m", "requestedSchema": {}})) == [
        "method-version",
        "capability",
    ]


def test_the_stateless_era_is_judged_by_each_request() -> None:
    session = Session()
    assert session.client(messages.request(1, "tools/call", {"name": "a", "_meta": META})) == []
    asking = {
        "resultType": "input_required",
        "inputRequests": {
            "f": {
                "method": "elicitation/create",
                "params": {"message": "m", "requestedSchema": {"type": "object", "properties": {}}},
            },
            "u": {
                "method": "elicitation/create",
                "params": {"mode": "url", "message": "m", "url": "https://a.example"},
            },
            "r": {"method": "roots/list"},
        },
    }
    entry_rules = session.server(messages.result(1, asking))
    assert entry_rules == ["capability", "capability"]
    paths = [violation.path for violation in session.ledger.entries[-1].violations]
    assert paths == ["/result/inputRequests/u", "/result/inputRequests/r"]


def test_a_discover_that_an_old_server_refuses_is_no_violation() -> None:
    session = Session()
    assert session.client(messages.request(1, "server/discover", {"_meta": META})) == []
    assert session.server(messages.error(1, -32601, "Method not found")) == []
    session.initialize({})


def test_structured_results_fit_the_schema_that_the_tool_promised(session: Session) -> None:
    schema = {"type": "object", "properties": {"price": {"type": "number"}}, "required": ["price"]}
    tools = [{"name": "a", "inputSchema": {"type": "object"}, "outputSchema": schema}, 7]
    session.client(messages.request(1, "tools/list"))
    session.server(messages.result(1, {"tools": tools}))
    for id, result, expected in [
        (2, {"content": [], "structuredContent": {"price": 2}}, []),
        (3, {"content": [], "structuredContent": {"price": "24,90"}}, ["output-schema"]),
        (4, {"content": []}, ["output-schema"]),
        (5, {"content": [], "isError": True}, []),
    ]:
        session.client(call(id))
        assert session.server(messages.result(id, result)) == expected
    assert session.ledger.entries[-5].violations[0].path == "/result/structuredContent/price"


def test_a_stray_line_is_a_violation_with_what_to_do(session: Session) -> None:
    assert session.server("hello from print", error="The line is not JSON.") == ["not-json"]
    assert "stderr" in session.ledger.entries[-1].violations[0].next_step


def test_watching_ends(session: Session) -> None:
    session.stop()
    assert session.server("x", error="Not JSON.") == []


def test_progress_that_came_in_time_is_not_late_when_it_is_judged_later() -> None:
    """The window judges in the background: by then the answer may be there too."""
    ledger = Ledger()

    def add(sender: Sender, message: Any) -> Entry:
        return ledger.append(Frame(sender, "stdio", "{}", message, 0), "s")

    add("client", call(1, progressToken=0))
    early = add("server", messages.notification("notifications/progress", {"progressToken": 0, "progress": 1}))
    add("server", messages.result(1, {"content": []}))
    late = add("server", messages.notification("notifications/progress", {"progressToken": 0, "progress": 2}))
    judge = Judge(ledger)
    for entry in ledger.entries:
        judge.judge(entry)
    assert "progress-late" not in rules(early)
    assert "progress-late" in rules(late)
