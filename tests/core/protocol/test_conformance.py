"""Violations in single messages, by the official schema of each revision and the rules beside it."""

import json
from collections import Counter
from typing import Any

import pytest

from wireglass.protocol import messages
from wireglass.protocol.conformance import Conformance, Violation, check
from wireglass.protocol.messages import Sender
from wireglass.protocol.versions import ALL_VERSIONS
from wireglass.resources import resource_path

loads: Counter[str] = Counter()


def load(version: str) -> dict[str, Any]:
    loads[version] += 1
    return json.loads(resource_path("schemas", f"{version}.json").read_text(encoding="utf-8"))


conformance = Conformance(load)


def found(
    message: Any, version: str = "2025-11-25", *, method: str | None = None, sender: Sender = "client"
) -> list[tuple[str, str]]:
    return [(one.path, one.rule) for one in conformance.check(message, version, method=method, sender=sender)]


def modern(method: str, **params: Any) -> dict[str, Any]:
    meta = {
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
        "io.modelcontextprotocol/clientInfo": {"name": "w", "version": "1"},
    }
    return messages.request(1, method, {**params, "_meta": meta})


TEXT = {"type": "text", "text": "x"}


@pytest.mark.parametrize("version", ALL_VERSIONS)
def test_good_messages_of_every_revision_have_no_violation(version: str) -> None:
    stateless = version == "2026-07-28"
    kind = {"resultType": "complete"} if stateless else {}
    cached = {**kind, "ttlMs": 0, "cacheScope": "private"} if stateless else {}
    tool = {"name": "a", "inputSchema": {"type": "object", "x-other": 1}, "somethingNew": True}
    good = [
        (modern("tools/call", name="a", arguments={"b": 1.5}), None, "client"),
        (messages.result("x", {**kind, "content": [TEXT], "extra": None}), "tools/call", "server"),
        (messages.result(0, {**cached, "tools": [tool]}), "tools/list", "server"),
        (messages.error(1, -32602, "no", {"a": 1}), "tools/call", "server"),
        (messages.error(None, -32700, "no"), None, "server"),
        ({"jsonrpc": "2.0", "id": None, "error": {"code": -32700, "message": "no"}}, None, "server"),
        (messages.notification("notifications/progress", {"progressToken": 0, "progress": 0.5}), None, "server"),
        (messages.request(1, "x.example/own", {"a": None}), None, "client"),
    ]
    for message, method, sender in good:
        assert found(message, version, method=method, sender=sender) == [], message  # type: ignore[arg-type]  # literals


def test_the_place_the_rule_and_the_definition_are_named() -> None:
    message = messages.result(7, {"content": [TEXT, {"type": "text", "text": 24.9}]})
    (violation,) = conformance.check(message, "2025-06-18", method="tools/call", sender="server")
    assert violation == Violation(
        path="/result/content/1/text",
        rule="schema/type",
        message="This is the number 24.9; text is needed.",
        revision="2025-06-18",
        definition="CallToolResult",
        meaning=violation.meaning,
        next_step="Send text.",
        within="CallToolResult → ContentBlock → TextContent",
    )
    assert violation.meaning


def test_a_wrong_block_is_judged_as_the_kind_it_says_it_is() -> None:
    message = messages.result(7, {"content": [{"type": "image", "data": "x"}]})
    assert found(message, method="tools/call", sender="server") == [("/result/content/0/mimeType", "schema/required")]


def test_without_the_method_only_the_envelope_of_an_answer_is_judged() -> None:
    message = messages.result(7, {"content": 3})
    assert found(message, sender="server") == []
    assert found(message, method="tools/call", sender="server") == [("/result/content", "schema/type")]


@pytest.mark.parametrize("id", [None, 1.5, True, [], {}])
def test_ids_are_text_or_whole_numbers(id: Any) -> None:
    assert found({"jsonrpc": "2.0", "id": id, "method": "ping"}) == [("/id", "schema/type")]


@pytest.mark.parametrize(
    ("message", "rule"),
    [
        ([], "message-kind"),
        ("text", "message-kind"),
        (7, "message-kind"),
        (None, "message-kind"),
        ({}, "message-kind"),
        ({"jsonrpc": "2.0", "id": 1}, "message-kind"),
        ({"jsonrpc": "2.0", "id": 1, "result": {}, "error": {"code": 1, "message": ""}}, "message-kind"),
        ({"jsonrpc": "2.0", "id": 1, "method": "ping", "result": {}}, "message-kind"),
        ({"jsonrpc": "2.0", "method": "ping"}, "message-kind"),
        ({"jsonrpc": "2.0", "id": 3, "method": "notifications/initialized"}, "message-kind"),
    ],
)
def test_messages_of_no_kind_or_of_two(message: Any, rule: str) -> None:
    expected = "batch" if message == [] else rule
    assert expected in [name for _, name in found(message)]


def test_only_2025_03_26_has_batches() -> None:
    batch = [messages.request(1, "ping"), messages.request(2, "ping", {"_meta": 3}), messages.request(3, "initialize")]
    assert found(batch, "2024-11-05") == found(batch, "2025-06-18") == [("", "batch")]
    inside = found(batch, "2025-03-26")
    assert ("/1/params/_meta", "schema/type") in inside
    assert ("/2", "batch") in inside
    assert found([], "2025-03-26") == [("", "batch")]


@pytest.mark.parametrize(
    ("method", "version", "sender", "rule"),
    [
        ("elicitation/create", "2025-03-26", "server", "method-version"),
        ("tasks/list", "2025-06-18", "client", "method-version"),
        ("ping", "2026-07-28", "client", "method-version"),
        ("server/discover", "2025-11-25", "client", "method-version"),
        ("tools/call", "2025-11-25", "server", "direction"),
        ("sampling/createMessage", "2025-11-25", "client", "direction"),
        ("roots/list", "2026-07-28", "server", "direction"),
    ],
)
def test_methods_outside_their_revision_or_direction(method: str, version: str, sender: Sender, rule: str) -> None:
    assert ("/method", rule) in found(messages.request(1, method, {}), version, sender=sender)


def test_clients_of_the_stateless_era_send_no_answers() -> None:
    answer = messages.result(1, {"resultType": "complete"})
    assert ("", "direction") in found(answer, "2026-07-28", sender="client")


def test_the_stateless_era_demands_its_meta_and_its_result_type() -> None:
    bare = messages.request(1, "tools/list", {})
    assert ("/params/_meta", "schema/required") in found(bare, "2026-07-28")
    old = messages.result(1, {"content": []})
    assert found(old, "2026-07-28", method="tools/call", sender="server") == [("/result/resultType", "schema/required")]
    uncached = messages.result(1, {"resultType": "complete", "tools": []})
    assert found(uncached, "2026-07-28", method="tools/list", sender="server") == [
        ("/result/cacheScope", "schema/required"),
        ("/result/ttlMs", "schema/required"),
    ]


def test_results_of_other_kinds_are_judged_by_their_own_definitions() -> None:
    asking = {"resultType": "input_required", "requestState": "s"}
    assert found(messages.result(1, asking), "2026-07-28", method="tools/call", sender="server") == []
    assert found(messages.result(1, asking), "2026-07-28", method="tools/list", sender="server") == [
        ("/result/resultType", "input-required")
    ]
    empty = {"resultType": "input_required"}
    assert ("/result", "input-required") in found(
        messages.result(1, empty), "2026-07-28", method="tools/call", sender="server"
    )
    odd = {"resultType": "later"}
    assert found(messages.result(1, odd), "2026-07-28", method="tools/call", sender="server") == [
        ("/result/resultType", "result-type")
    ]
    task = {"task": {"taskId": "t", "status": "working", "createdAt": "x", "lastUpdatedAt": "x", "ttl": None}}
    assert found(messages.result(1, task), method="tools/call", sender="server") == []
    extension = {"resultType": "task", "taskId": "t"}
    assert found(messages.result(1, extension), "2026-07-28", method="tools/call", sender="server") == []


def test_embedded_requests_are_bare_and_judged() -> None:
    request = {"jsonrpc": "2.0", "id": 1, "method": "elicitation/create", "params": {"message": 3}}
    answer = messages.result(1, {"resultType": "input_required", "inputRequests": {"a/b": request}})
    seen = found(answer, "2026-07-28", method="tools/call", sender="server")
    assert ("/result/inputRequests/a~1b/id", "input-required") in seen
    assert any(path.startswith("/result/inputRequests/a~1b") and rule.startswith("schema/") for path, rule in seen)


@pytest.mark.parametrize(
    ("code", "version", "wrong"),
    [
        (-32002, "2025-11-25", False),
        (-32002, "2026-07-28", True),
        (-32042, "2025-06-18", True),
        (-32050, "2026-07-28", True),
        (-32020, "2025-11-25", True),
        (-32001, "2025-11-25", False),
        (5, "2026-07-28", False),
    ],
)
def test_error_codes_belong_to_their_revision(code: int, version: str, wrong: bool) -> None:
    seen = found(messages.error(1, code, "m"), version, sender="server")
    assert (("/error/code", "error-code") in seen) is wrong


def test_errors_with_a_code_of_the_protocol_carry_its_data() -> None:
    bare = messages.error(1, -32022, "no")
    assert ("/error/data", "schema/required") in found(bare, "2026-07-28", sender="server")


@pytest.mark.parametrize("version", ["2025-06-18", "2025-11-25", "2026-07-28"])
def test_the_errata_of_the_schemas_are_known(version: str) -> None:
    """Digest section 23: numbers in elicitation answers may have a fraction."""
    answer = messages.result(1, {"action": "accept", "content": {"a": 1.5}})
    seen = found(answer, version, method="elicitation/create", sender="client")
    assert [rule for rule in seen if rule[1].startswith("schema/") and "content" in rule[0]] == []


def test_optional_members_are_left_out_and_never_null() -> None:
    """Digest section 2."""
    answer = messages.result(1, {"tools": [], "nextCursor": None})
    assert found(answer, method="tools/list", sender="server") == [("/result/nextCursor", "schema/type")]


def test_unknown_revisions_are_judged_by_the_newest_known_before_them() -> None:
    (violation, *_) = conformance.check({}, "2027-01-01", sender="client")
    assert violation.revision == "2026-07-28"
    (violation, *_) = conformance.check({}, "1999-01-01", sender="client")
    assert violation.revision == "2024-11-05"


def test_each_schema_is_loaded_once_and_violations_are_bounded() -> None:
    many = messages.result(1, {"tools": [3] * 10_000})
    assert len(conformance.check(many, "2025-11-25", method="tools/list", sender="server")) == 50
    assert max(loads.values()) == 1


def test_deeply_nested_messages_do_no_harm() -> None:
    value: Any = 1
    for _ in range(3000):
        value = [value]
    found(messages.request(1, "tools/call", {"name": "a", "arguments": {"a": value}}))


def test_the_function_form() -> None:
    assert check(messages.request(1, "ping"), "2025-11-25", sender="client", load=load) == ()
