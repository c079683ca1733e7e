"""The plain check must never disagree with the engine: it may only say less. Our demand; the engine is the measure."""

import json
import random
from copy import deepcopy
from typing import Any

import jsonschema_rs
import pytest

from wireglass import schema_check
from wireglass.protocol.conformance import Conformance
from wireglass.protocol.plain_check import is_plain_schema, missing_members, surely_fits
from wireglass.protocol.versions import ALL_VERSIONS
from wireglass.recording.judge import official_schema

TOOL = {
    "name": "get-sum",
    "title": "Sum",
    "description": "Adds",
    "inputSchema": {
        "type": "object",
        "properties": {"a": {"type": "number"}, "b": {"type": "number", "description": "zweite Zahl ü"}},
        "required": ["a", "b"],
    },
    "annotations": {"readOnlyHint": True},
}
MESSAGES: list[tuple[str, str | None, Any]] = [
    (
        "client",
        None,
        {
            "jsonrpc": "2.0",
            "id": 1,
            "method": "initialize",
            "params": {
                "protocolVersion": "2025-06-18",
                "capabilities": {"roots": {"listChanged": True}, "sampling": {}},
                "clientInfo": {"name": "wireglass", "version": "1.0"},
            },
        },
    ),
    (
        "server",
        "initialize",
        {
            "jsonrpc": "2.0",
            "id": 1,
            "result": {
                "protocolVersion": "2025-06-18",
                "capabilities": {"tools": {"listChanged": True}, "logging": {}},
                "serverInfo": {"name": "everything", "version": "2.0.0"},
                "instructions": "Try it.",
            },
        },
    ),
    ("client", None, {"jsonrpc": "2.0", "method": "notifications/initialized"}),
    ("client", None, {"jsonrpc": "2.0", "id": 2, "method": "tools/list", "params": {}}),
    ("server", "tools/list", {"jsonrpc": "2.0", "id": 2, "result": {"tools": [TOOL, TOOL]}}),
    (
        "server",
        "resources/list",
        {
            "jsonrpc": "2.0",
            "id": 3,
            "result": {"resources": [{"uri": "demo://resource/static/1.md", "name": "one", "size": 3}]},
        },
    ),
    (
        "server",
        "resources/templates/list",
        {
            "jsonrpc": "2.0",
            "id": 3,
            "result": {"resourceTemplates": [{"uriTemplate": "demo://text/{resourceId}", "name": "Text"}]},
        },
    ),
    (
        "client",
        None,
        {"jsonrpc": "2.0", "id": 4, "method": "tools/call", "params": {"name": "get-sum", "arguments": {"a": 1.5}}},
    ),
    (
        "server",
        "tools/call",
        {
            "jsonrpc": "2.0",
            "id": 4,
            "result": {
                "content": [
                    {"type": "text", "text": "3"},
                    {"type": "image", "data": "aGk=", "mimeType": "image/png"},
                    {"type": "resource", "resource": {"uri": "demo://a", "text": "x"}},
                ],
                "isError": False,
            },
        },
    ),
    ("server", None, {"jsonrpc": "2.0", "method": "notifications/message", "params": {"level": "info", "data": 1}}),
    ("server", "ping", {"jsonrpc": "2.0", "id": 5, "error": {"code": -32601, "message": "no"}}),
]
ODD = [None, True, False, 0, 1, 1.0, 1.5, -1, "", "x", "2.0", "ü", [], [1], {}, {"a": None}, 1 << 70, 1e300]


class _NeverPlain(Conformance):
    """The engine alone."""

    def _revision(self, version: str) -> Any:
        revision = super()._revision(version)
        revision._plain_left = 0
        return revision


def _changed(value: Any, dice: random.Random) -> Any:
    """A copy with one part replaced, removed or added."""
    value = deepcopy(value)
    at, parents = value, []
    while isinstance(at, dict | list) and at and (not parents or dice.random() < 0.75):
        key = dice.choice(list(at)) if isinstance(at, dict) else dice.randrange(len(at))
        parents.append((at, key))
        at = at[key]
    if not parents:
        return dice.choice(ODD)
    parent, key = parents[-1]
    act = dice.random()
    if act < 0.3:
        del parent[key]
    elif act < 0.4 and isinstance(parent, dict):
        parent["extra"] = dice.choice(ODD)
    else:
        parent[key] = dice.choice(ODD)
    return value


@pytest.mark.parametrize("version", ALL_VERSIONS)
def test_messages_are_judged_alike_with_and_without_the_engine(version: str) -> None:
    """Also when something in them is wrong."""
    dice = random.Random(7)
    engine = _NeverPlain(official_schema)
    for sender, method, message in MESSAGES:
        for number in range(60):
            tried = message if number == 0 else _changed(message, dice)
            plain = Conformance(official_schema).check(tried, version, method=method, sender=sender)  # type: ignore[arg-type]  # a literal
            assert plain == engine.check(tried, version, method=method, sender=sender), tried  # type: ignore[arg-type]  # a literal


def test_the_opening_of_a_session_needs_no_engine() -> None:
    """What a client and a server say until the tools are listed."""
    for version in ALL_VERSIONS[:-1]:
        conformance = Conformance(official_schema)
        for sender, method, message in MESSAGES[:7]:
            if method == "resources/templates/list" and version == ALL_VERSIONS[-1]:
                continue
            conformance.check(message, version, method=method, sender=sender)  # type: ignore[arg-type]  # a literal
        assert conformance._revision(version)._validators == {}, version


SCHEMAS: list[Any] = [
    TOOL["inputSchema"],
    {"type": "object", "properties": {"n": {"type": "integer", "minimum": 1, "maximum": 5}}, "required": ["n"]},
    {"type": "object", "properties": {"s": {"type": "string", "minLength": 1, "maxLength": 1}}},
    {"type": "object", "properties": {"e": {"enum": ["a", 1, None]}, "c": {"const": True}}, "required": ["e", "c"]},
    {"type": "object", "additionalProperties": {"type": "number"}},
    {"type": "object", "properties": {"a": {}}, "additionalProperties": False},
    {"type": "array", "items": {"$ref": "#/$defs/n"}, "minItems": 1, "$defs": {"n": {"type": ["number", "null"]}}},
    {"anyOf": [{"type": "string", "format": "email"}, {"type": "integer"}]},
    {"allOf": [{"type": "object"}, {"required": ["a"]}]},
    {"type": "object", "properties": {"u": {"type": "string", "format": "uri"}}, "required": ["u", "v"]},
    {"oneOf": [{"type": "integer"}, {"type": "number"}]},
    {"type": "string", "pattern": "^a"},
    {"type": "object", "properties": {"a": {"type": "nonsense"}}},
    {"type": "object", "required": ["a", "a"]},
    {"type": "object", "properties": {"a": {"minLength": -1}}},
    {"$schema": "https://example.org/unknown", "type": "object"},
    {"type": "object", "examples": 3},
    {"$ref": "#/$defs/loop", "$defs": {"loop": {"$ref": "#/$defs/loop"}}},
    True,
    False,
    {},
]
VALUES: list[Any] = [
    *ODD,
    {"a": 1, "b": 2},
    {"a": "x", "b": 2},
    {"n": 3},
    {"n": 3.0},
    {"n": 9},
    {"n": True},
    {"s": "🙂"},
    {"s": "ab"},
    {"e": 1.0, "c": True},
    {"e": True, "c": 1},
    {"e": "a", "c": True, "more": [1, {"deep": None}]},
    {"u": "https://example.org/a", "v": 1},
    {"u": "no uri", "v": 1},
    {"u": "https://example.org/a"},
    [None, 1, 2.5],
    [None, "x"],
    "name@example.org",
    float("nan"),
    {"a": float("inf")},
]


@pytest.mark.parametrize("schema", SCHEMAS, ids=json.dumps)
def test_verdicts_are_the_same_with_and_without_the_engine(schema: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for value in VALUES:
        fresh = deepcopy(schema)
        plain = schema_check.check(fresh, value)
        with monkeypatch.context() as engine_only:
            engine_only.setattr(schema_check, "_is_plain", lambda _schema: False)
            assert plain == schema_check.check(deepcopy(schema), value), value


def test_what_a_form_first_shows_needs_no_engine() -> None:
    """An empty form lacks its required members."""
    schema = TOOL["inputSchema"]
    assert is_plain_schema(schema)
    assert missing_members(schema, {}) == ("a", "b")
    assert missing_members(schema, {"a": 1}) == ("b",)
    assert missing_members(schema, {"a": "x"}) == ()  # more is wrong: the engine says it
    assert surely_fits(schema, {"a": 1, "b": 2})


def test_large_values_are_left_to_the_engine() -> None:
    schema = {"type": "array", "items": {"type": "integer"}}
    assert surely_fits(schema, list(range(100)))
    assert not surely_fits(schema, list(range(10_000)))
    assert jsonschema_rs.validator_for(schema).is_valid(list(range(10_000)))
