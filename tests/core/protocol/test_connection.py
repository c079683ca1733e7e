"""One end of a connection as a script of what came in and what went out (JSON-RPC 2.0 and the base protocol)."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wireglass.errors import McpError, ProtocolError
from wireglass.protocol.connection import (
    AnswerArrived,
    CancelArrived,
    Connection,
    Finding,
    NotificationArrived,
    ProgressArrived,
    Reply,
    RequestArrived,
)


def arrives(connection: Connection, message: Any) -> list[Any]:
    return list(connection.receive(message))


def rules(events: list[Any]) -> list[str]:
    return [event.rule for event in events if isinstance(event, Finding)]


def ask(id: Any, method: str = "tools/list", **more: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": id, "method": method, **more}


# Requests of the peer


@pytest.mark.parametrize("id", [0, "", "1", -5, 2**60, "é"])
def test_any_string_or_integer_is_an_id_and_comes_back_with_its_type(id: Any) -> None:
    server = Connection("server")
    assert arrives(server, ask(id)) == [RequestArrived(id, "tools/list", {})]
    answer = server.answer(id, {})
    assert answer == {"jsonrpc": "2.0", "id": id, "result": {}}
    assert isinstance(answer, dict)
    assert type(answer["id"]) is type(id)


@pytest.mark.parametrize("id", [None, 1.5, True, [], {}])
def test_any_other_id_is_refused_without_one(id: Any) -> None:
    events = arrives(Connection("server"), ask(id))
    assert rules(events) == ["request-id"]
    assert isinstance(events[1], Reply)
    assert events[1].message["error"]["code"] == -32600  # type: ignore[index,call-overload]  # one message
    assert "id" not in events[1].message


def test_ids_of_different_types_are_different() -> None:
    server = Connection("server")
    assert not rules(arrives(server, ask(1)))
    assert not rules(arrives(server, ask("1")))


def test_an_id_in_flight_is_not_taken_twice_and_the_first_request_survives() -> None:
    server = Connection("server")
    arrives(server, ask(1))
    assert rules(arrives(server, ask(1))) == ["request-id-reused"]
    assert server.answer(1, {}) is not None
    assert not rules(arrives(server, ask(1)))


@pytest.mark.parametrize(
    ("message", "rule", "code"),
    [
        ({"id": 1, "method": "x"}, "jsonrpc-version", -32600),
        ({"jsonrpc": "1.0", "id": 1, "method": "x"}, "jsonrpc-version", -32600),
        (ask(1, method=5), "request-malformed", -32600),
        (ask(1, params=[1]), "request-malformed", -32602),
        (ask(1, params="x"), "request-malformed", -32602),
        ({"jsonrpc": "2.0", "id": 1}, "message-kind", -32600),
        (17, "message-not-object", -32600),
        (None, "message-not-object", -32600),
        ("text", "message-not-object", -32600),
    ],
)
def test_malformed_requests_are_findings_and_get_an_error(message: Any, rule: str, code: int) -> None:
    events = arrives(Connection("server"), message)
    assert rules(events) == [rule]
    assert events[1].message["error"]["code"] == code


def test_malformed_notifications_get_no_answer() -> None:
    for message in ({"jsonrpc": "2.0", "method": 5}, {"method": "x"}, {"jsonrpc": "2.0", "method": "x", "params": 3}):
        assert not [e for e in arrives(Connection("server"), message) if isinstance(e, Reply)]


def test_null_params_are_absent_params() -> None:
    assert arrives(Connection("server"), ask(1, params=None)) == [RequestArrived(1, "tools/list", {})]


def test_a_cancelled_request_is_not_answered_and_initialize_cannot_be_cancelled() -> None:
    server = Connection("server")
    arrives(server, ask(1))
    arrives(server, ask(2, "initialize"))
    cancel = {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 1, "reason": "r"}}
    assert arrives(server, cancel) == [CancelArrived(1, "r")]
    assert server.drop(1) is None
    assert server.answer(1, {}) is None
    cancel["params"] = {"requestId": 2}
    assert rules(arrives(server, cancel)) == ["cancel-initialize"]
    cancel["params"] = {"requestId": 99}
    assert arrives(server, cancel) == [NotificationArrived("notifications/cancelled", {"requestId": 99})]


def test_a_stateless_server_sends_no_requests() -> None:
    client = Connection("client", version="2026-07-28")
    events = arrives(client, ask(1, "sampling/createMessage"))
    assert rules(events) == ["server-request"]
    assert len(events) == 1


# Answers to ours


def test_an_answer_ends_its_request_once() -> None:
    client = Connection("client")
    id, message = client.request("tools/list", {})
    assert message == {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
    assert arrives(client, {"jsonrpc": "2.0", "id": id, "result": {"a": 1}}) == [AnswerArrived(id, {"a": 1})]
    assert rules(arrives(client, {"jsonrpc": "2.0", "id": id, "result": {}})) == ["answer-duplicate"]
    assert rules(arrives(client, {"jsonrpc": "2.0", "id": 99, "result": {}})) == ["answer-unknown"]


def test_a_late_answer_to_a_cancelled_request_is_no_fault() -> None:
    client = Connection("client")
    id, _ = client.request("tools/list", {})
    assert client.withdraw(id, "cancelled", "enough") == {
        "jsonrpc": "2.0",
        "method": "notifications/cancelled",
        "params": {"requestId": id, "reason": "enough"},
    }
    (finding,) = arrives(client, {"jsonrpc": "2.0", "id": id, "result": {}})
    assert (finding.rule, finding.fault) == ("answer-late", False)
    assert client.withdraw(id) is None


def test_initialize_is_never_cancelled_by_us() -> None:
    client = Connection("client")
    id, _ = client.request("initialize", {})
    assert client.withdraw(id) is None


@pytest.mark.parametrize("wrong", ["1", 1.0])
def test_an_id_that_came_back_with_another_type_still_finds_its_request(wrong: Any) -> None:
    client = Connection("client")
    client.request("tools/list", {})
    finding, answer = arrives(client, {"jsonrpc": "2.0", "id": wrong, "result": {}})
    assert finding.rule == "answer-id-type"
    assert answer == AnswerArrived(1, {})


def test_errors_keep_code_message_and_data() -> None:
    client = Connection("client")
    id, _ = client.request("x", None)
    (event,) = arrives(client, {"jsonrpc": "2.0", "id": id, "error": {"code": -7, "message": "m", "data": [1]}})
    assert isinstance(event.error, McpError)
    assert (event.error.code, event.error.message, event.error.data) == (-7, "m", [1])


@pytest.mark.parametrize(
    "answer", [{"error": None}, {"error": "x"}, {"error": {"code": "x"}}, {"result": [1]}, {"result": None}]
)
def test_an_answer_that_is_none_is_the_peers_fault_and_ends_the_request(answer: dict[str, Any]) -> None:
    client = Connection("client")
    id, _ = client.request("x", None)
    event = arrives(client, {"jsonrpc": "2.0", "id": id, **answer})[-1]
    assert isinstance(event, AnswerArrived)
    assert type(event.error) is ProtocolError


def test_an_error_without_an_id_ends_the_only_request_in_flight() -> None:
    client = Connection("client")
    error = {"jsonrpc": "2.0", "id": None, "error": {"code": -32700, "message": "parse"}}
    assert len(arrives(client, error)) == 1
    first, _ = client.request("x", None)
    assert arrives(client, error)[-1].id == first
    client.request("x", None)
    client.request("x", None)
    assert len(arrives(client, error)) == 1


def test_an_error_without_an_id_is_first_of_all_for_what_was_sent_by_hand() -> None:
    client = Connection("client")
    client.sent_unreadable()
    assert client.sent_raw({"id": None}) is None
    id, _ = client.request("x", None)
    error = {"jsonrpc": "2.0", "error": {"code": -32600, "message": "what?"}}
    assert len(arrives(client, error)) == 1
    assert len(arrives(client, error)) == 1
    assert arrives(client, error)[-1].id == id


# Progress


def progress(token: Any, value: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "method": "notifications/progress", "params": {"progressToken": token, "progress": value}}


def test_progress_must_rise_and_belong_to_a_request() -> None:
    client = Connection("client")
    id, message = client.request("tools/call", {"_meta": {"k": 1}}, want_progress=True)
    assert message["params"]["_meta"] == {"k": 1, "progressToken": id}
    assert isinstance(arrives(client, progress(id, 1))[0], ProgressArrived)
    assert rules(arrives(client, progress(id, 1))) == ["progress-order"]
    assert rules(arrives(client, progress(id, "x"))) == ["progress-value"]
    assert rules(arrives(client, progress("other", 1))) == ["progress-token"]
    assert rules(arrives(client, progress(None, 1))) == ["progress-token"]
    arrives(client, {"jsonrpc": "2.0", "id": id, "result": {}})
    (late,) = arrives(client, progress(id, 2))
    assert (late.rule, late.fault) == ("progress-late", False)


def test_a_token_of_zero_works() -> None:
    client = Connection("client")
    client.request("tools/call", {"_meta": {"progressToken": 0}})
    assert isinstance(arrives(client, progress(0, 0))[0], ProgressArrived)


# Batches (2025-03-26 only)


def test_the_answers_of_a_batch_leave_together() -> None:
    server = Connection("server", version="2025-03-26")
    events = arrives(server, [ask(1), ask(2), {"jsonrpc": "2.0", "method": "notifications/x"}, 5])
    assert [type(event).__name__ for event in events] == [
        "RequestArrived",
        "RequestArrived",
        "NotificationArrived",
        "Finding",
    ]
    assert server.answer(2, {}) is None
    together = server.fail(1, McpError(-1, "no"))
    assert isinstance(together, list)
    assert [answer.get("id") for answer in together] == [None, 2, 1]


def test_a_cancelled_member_does_not_hold_up_its_batch() -> None:
    server = Connection("server", version="2025-03-26")
    arrives(server, [ask(1), ask(2)])
    assert server.answer(1, {}) is None
    assert server.drop(2) == [{"jsonrpc": "2.0", "id": 1, "result": {}}]


@pytest.mark.parametrize("version", ["2024-11-05", "2025-06-18", "2025-11-25", "2026-07-28"])
def test_other_versions_have_no_batches(version: str) -> None:
    events = arrives(Connection("server", version=version), [ask(1)])
    assert rules(events) == ["batch"]
    assert events[1].message["error"]["code"] == -32600


def test_an_empty_batch_and_initialize_inside_one_are_refused() -> None:
    server = Connection("server", version="2025-03-26")
    assert rules(arrives(server, [])) == ["batch"]
    events = arrives(server, [ask(1, "initialize")])
    assert rules(events) == ["batch-initialize"]
    assert events[1].message[0]["error"]["code"] == -32600  # type: ignore[index]  # an array here


# Anything at all

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(["2.0", "1", "initialize", "x"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["jsonrpc", "id", "method", "params", "result", "error", "code", "_meta", "progressToken"]),
            inner,
            max_size=6,
        )
    ),
    max_leaves=10,
)


roles = st.sampled_from(["client", "server"])
some_versions = st.sampled_from([None, "2025-03-26", "2026-07-28"])


@given(st.lists(json_values, max_size=6), roles, some_versions)
def test_whatever_arrives_is_an_event_and_never_an_exception(messages: list[Any], role: Any, version: Any) -> None:
    connection = Connection(role, version=version)
    connection.request("x", {}, want_progress=True)
    for message in messages:
        for event in arrives(connection, message):
            if isinstance(event, RequestArrived):
                connection.answer(event.id, {})
    assert connection.in_hand() == ()
    id, _ = connection.request("y", {})
    assert arrives(connection, {"jsonrpc": "2.0", "id": id, "result": {}})[-1] == AnswerArrived(id, {})
