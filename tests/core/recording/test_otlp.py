"""Calls as OTLP JSON: the shape that collectors take, ids that fit together, no secret in them."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema_rs import Draft202012Validator
from pydantic_core import to_json

from wireglass.protocol.messages import Frame, Sender, Span, error, request, result
from wireglass.recording.ledger import Ledger
from wireglass.recording.masking import MASK, Masker
from wireglass.recording.otlp import as_resource_spans, write_otlp

MS = 1_000_000
WALL = 1_785_506_680_000_000_000


def _object(required: dict[str, Any], optional: dict[str, Any] | None = None) -> dict[str, Any]:
    properties = required | (optional or {})
    return {"type": "object", "required": list(required), "properties": properties, "additionalProperties": False}


TEXT, NANOSECONDS = {"type": "string"}, {"type": "string", "pattern": "^[0-9]+$"}
TRACE, SPAN = {"type": "string", "pattern": "^[0-9a-f]{32}$"}, {"type": "string", "pattern": "^[0-9a-f]{16}$"}
VALUE = {
    "oneOf": [
        _object({"stringValue": TEXT}),
        _object({"boolValue": {"type": "boolean"}}),
        _object({"intValue": {"type": "string", "pattern": "^-?[0-9]+$"}}),
        _object({"doubleValue": {"type": "number"}}),
    ]
}
ATTRIBUTES = {"type": "array", "items": _object({"key": TEXT, "value": VALUE})}
ONE = _object(
    {
        "traceId": TRACE, "spanId": SPAN, "name": TEXT, "kind": {"enum": [1, 2, 3, 4, 5]},
        "startTimeUnixNano": NANOSECONDS, "endTimeUnixNano": NANOSECONDS, "attributes": ATTRIBUTES,
        "status": _object({}, {"code": {"enum": [0, 1, 2]}, "message": TEXT}),
    },
    {"parentSpanId": SPAN, "links": {"type": "array", "items": _object({"traceId": TRACE, "spanId": SPAN})}},
)  # fmt: skip
SCOPE = _object({"scope": _object({"name": TEXT}), "spans": {"type": "array", "items": ONE}})
RESOURCE = _object({"resource": _object({"attributes": ATTRIBUTES}), "scopeSpans": {"type": "array", "items": SCOPE}})
OTLP = _object({"resourceSpans": {"type": "array", "items": RESOURCE}})
"""`ExportTraceServiceRequest` in the JSON of protocol buffers, as far as it is used: ids in hexadecimal, whole numbers
of 64 bits as text."""


class Wire:
    def __init__(self) -> None:
        self.ledger = Ledger(wall_ns=WALL)

    def put(self, message: Any, sender: Sender, at_ms: int) -> None:
        self.ledger.append(Frame(sender, "stdio", to_json(message).decode(), message, at_ms * MS), "shop #1")

    def call(self, number: int, at_ms: int, answer: Any, **params: Any) -> None:
        self.put(request(number, "tools/call", {"name": "buy", **params}), "client", at_ms)
        self.put(answer, "server", at_ms + 100)

    def spans(self, number: int, *spans: Span) -> list[dict[str, Any]]:
        exchange = self.ledger.exchange(number)
        assert exchange is not None
        found = as_resource_spans(self.ledger, exchange, Masker(), "shop", (lambda _one: spans) if spans else None)
        assert found is not None
        return found["scopeSpans"][0]["spans"]


@pytest.fixture
def wire() -> Wire:
    return Wire()


def values(span: dict[str, Any]) -> dict[str, Any]:
    return {one["key"]: next(iter(one["value"].values())) for one in span["attributes"]}


def test_a_call_is_a_client_span_with_all_that_is_known_inside(wire: Wire) -> None:
    wire.call(1, 0, result(1, {"content": []}))
    whole, server, handler = wire.spans(
        0,
        Span("tools/call buy on the wire", "server", 0, 100_000),
        Span("tools/call buy", "server", 2_000, 90_000, 0, {"cache": "miss", "queued_ms": 311, "api_key": "sssssssss"}),
        Span("buy", "handler", 5_000, 80_000, 1),
    )
    assert (whole["name"], whole["kind"], whole["status"]) == ("tools/call buy", 3, {})
    assert (int(whole["startTimeUnixNano"]), int(whole["endTimeUnixNano"])) == (WALL, WALL + 100 * MS)
    assert values(whole)["gen_ai.tool.name"] == "buy"
    assert "parentSpanId" not in whole
    assert (server["parentSpanId"], handler["parentSpanId"]) == (whole["spanId"], server["spanId"])
    assert (server["kind"], handler["kind"]) == (2, 1)
    assert int(handler["startTimeUnixNano"]) == WALL + 5 * MS
    told = values(server)
    assert (told["wireglass.cache"], told["wireglass.queued_ms"], told["wireglass.api_key"]) == ("miss", "311", MASK)
    assert len({one["spanId"] for one in (whole, server, handler)}) == 3


def test_without_spans_of_the_server_the_wire_tells(wire: Wire) -> None:
    wire.call(1, 0, error(1, -32602, "no"))
    spans = wire.spans(0)
    assert spans[0]["status"] == {"code": 2, "message": "error"}
    assert [one["name"] for one in spans][1:] == ["server and wire"]


def test_the_same_call_has_the_same_ids_in_every_file_and_others_have_others(wire: Wire) -> None:
    for number in (1, 2):
        wire.call(number, number * 200, result(number, {"content": []}))
    first, again, other = wire.spans(0)[0], wire.spans(0)[0], wire.spans(1)[0]
    assert first == again
    assert first["traceId"] != other["traceId"]
    assert first["spanId"] != other["spanId"]


def test_a_traceparent_of_the_request_names_trace_and_parent(wire: Wire) -> None:
    """SEP-414: trace context travels in `_meta`."""
    trace, parent = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
    wire.call(1, 0, result(1, {}), _meta={"traceparent": f"00-{trace}-{parent}-01"})
    wire.call(2, 200, result(2, {}), _meta={"traceparent": f"00-{'0' * 32}-{parent}-01"})
    span = wire.spans(0)[0]
    assert (span["traceId"], span["parentSpanId"]) == (trace, parent)
    assert "parentSpanId" not in wire.spans(1)[0], "all zeros is no trace"


def test_a_later_round_shares_the_trace_and_links_to_the_one_before(wire: Wire) -> None:
    wire.call(1, 0, result(1, {"resultType": "input_required", "requestState": "s", "inputRequests": {}}))
    wire.call(2, 900, result(2, {"content": []}), requestState="s", inputResponses={})
    first, second = wire.spans(0)[0], wire.spans(1)[0]
    assert first["traceId"] == second["traceId"]
    assert second["links"] == [{"traceId": first["traceId"], "spanId": first["spanId"]}]


def test_a_file_is_one_request_to_a_collector_and_holds_no_secret(wire: Wire, tmp_path: Path) -> None:
    wire.call(1, 0, result(1, {"content": []}), arguments={"password": "hunter2222"})
    wire.call(2, 200, result(2, {"resultType": "input_required", "requestState": "s", "inputRequests": {}}))
    wire.call(3, 400, result(3, {"content": []}), requestState="s", inputResponses={})
    wire.put(request("tok-12345678", "resources/read", {"uri": "db://u:pass99@h/x"}), "client", 600)
    wire.put(result("tok-12345678", {"contents": []}), "server", 650)
    wire.put(request(9, "tools/call", {"name": "never answered"}), "client", 700)
    file = tmp_path / "calls.json"
    steps = write_otlp(wire.ledger, range(7), file, Masker(["tok-12345678"]), lambda _connection: "shop")
    for _ in steps:
        pass
    text = file.read_text()
    found = json.loads(text)
    Draft202012Validator(OTLP).validate(found)
    assert len(found["resourceSpans"]) == 4
    resource = values(found["resourceSpans"][0]["resource"])
    assert resource == {"service.name": "shop", "service.instance.id": "shop #1"}
    for secret in ("hunter2222", "tok-12345678", "pass99", "never answered"):
        assert secret not in text
