"""Verdicts on values: right place, plain words, a next step, never a fetch, never an exception."""

import time
from typing import Any

import pytest

from wireglass.schema_check import MAX_VERDICTS, Verdict, check, fits


def only(schema: Any, value: Any) -> Verdict:
    (verdict,) = check(schema, value)
    return verdict


def test_a_fitting_value_has_no_verdicts() -> None:
    assert check({"type": "object", "required": ["a"]}, {"a": 1}) == ()
    assert fits({"type": "string"}, "x")
    assert not fits({"type": "string"}, 1)


def test_the_place_is_a_json_pointer() -> None:
    schema = {"properties": {"a/b": {"items": {"type": "number"}}}}
    verdict = only(schema, {"a/b": [1, "24,90"]})
    assert verdict.path == "/a~1b/1"
    assert verdict.message == 'This is the text "24,90"; a number is needed.'
    assert verdict.next_step == "Enter a number."


def test_missing_and_unknown_members_are_named_at_their_own_place() -> None:
    schema = {"type": "object", "properties": {"a": {}}, "required": ["a"], "additionalProperties": False}
    found = {(verdict.path, verdict.keyword) for verdict in check(schema, {"b": 1, "c": 2})}
    assert found == {("/a", "required"), ("/b", "additionalProperties"), ("/c", "additionalProperties")}


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": ["integer", "null"]}, "x"),
        ({"format": "email"}, "x"),
        ({"format": "date-time"}, "yesterday"),
        ({"enum": ["a", "b"]}, "c"),
        ({"const": 3}, 4),
        ({"minimum": 3}, 1),
        ({"maximum": 3}, 5),
        ({"exclusiveMinimum": 3}, 3),
        ({"exclusiveMaximum": 3}, 3),
        ({"multipleOf": 2}, 3),
        ({"minLength": 2}, "a"),
        ({"maxLength": 2}, "aaa"),
        ({"pattern": "^a"}, "b"),
        ({"minItems": 2}, [1]),
        ({"maxItems": 1}, [1, 2]),
        ({"uniqueItems": True}, [1, 1]),
        ({"contains": {"type": "string"}}, [1]),
        ({"minProperties": 1}, {}),
        ({"maxProperties": 0}, {"a": 1}),
        ({"propertyNames": {"pattern": "^a"}}, {"b": 1}),
        ({"not": {"type": "string"}}, "x"),
        ({"properties": {"a": False}}, {"a": 1}),
        (False, 1),
        ({"items": False, "prefixItems": [True]}, [1, 2]),
        ({"oneOf": [{"type": "integer"}, {"minimum": 2}]}, 3),
        ({"unevaluatedItems": False}, [1]),
        ({"dependentRequired": {"a": ["b"]}}, {"a": 1}),
    ],
)
def test_every_rule_has_words_and_a_next_step(schema: Any, value: Any) -> None:
    verdict = only(schema, value)
    assert verdict.message.endswith((".", "^a"))
    assert verdict.next_step
    assert "keyword" not in verdict.message


def test_of_alternatives_the_meant_one_is_judged() -> None:
    schema = {
        "anyOf": [
            {"type": "object", "properties": {"kind": {"const": "a"}, "n": {"type": "integer"}}, "required": ["kind"]},
            {"type": "object", "properties": {"kind": {"const": "b"}}, "required": ["kind"]},
            {"type": "null"},
        ]
    }
    assert only(schema, {"kind": "a", "n": "x"}).path == "/n"
    assert only(schema, 5).keyword == "anyOf"


def test_alternatives_of_simple_types_are_listed() -> None:
    verdict = only({"anyOf": [{"type": "string"}, {"type": "null"}]}, 3)
    assert verdict.message == "This is the number 3; text or null is needed."


def test_titled_choices_are_listed() -> None:
    verdict = only({"oneOf": [{"const": "a"}, {"const": "b"}]}, "c")
    assert verdict.next_step == 'Choose one of "a", "b".'


def test_draft_07_is_judged_by_its_own_rules() -> None:
    schema = {"$schema": "http://json-schema.org/draft-07/schema#", "items": [{"type": "string"}]}
    assert only(schema, [1]).path == "/0"


@pytest.mark.parametrize(
    ("schema", "reason"),
    [
        ({"$ref": "https://example.com/other.json"}, "nothing is fetched"),
        ({"$schema": "https://example.com/dialect"}, "dialect"),
        ({"type": "text"}, "/type"),
        ({"pattern": "("}, "/pattern"),
        ({"$ref": "#/nowhere"}, "nowhere"),
        (7, "neither"),
        ({"type": {1, 2}}, "Unsupported type"),
    ],
)
def test_an_unusable_schema_is_said_and_nothing_raises(schema: Any, reason: str) -> None:
    verdict = only(schema, 1)
    assert verdict.keyword == "schema"
    assert reason in verdict.message


def test_verdicts_are_bounded() -> None:
    assert len(check({"items": {"type": "string"}}, list(range(10_000)))) == MAX_VERDICTS


def test_deep_values_and_catastrophic_patterns_end() -> None:
    """Our demand: schema and value both come from servers."""
    value: Any = 1
    for _ in range(5000):
        value = [value]
    began = time.process_time()
    check({"$ref": "#/$defs/a", "$defs": {"a": {"items": {"$ref": "#/$defs/a"}, "type": "array"}}}, value)
    check({"pattern": "^(a+)+$"}, "a" * 5000 + "!")
    check({"pattern": "^(a|b|ab)*(?=c)$"}, "ab" * 200)
    assert time.process_time() - began < 5


def test_a_long_text_is_cut_in_the_message() -> None:
    assert len(only({"type": "integer"}, "x" * 100_000).message) < 200


def test_a_changed_copy_of_a_schema_is_another_schema() -> None:
    schema = {"type": "string"}
    assert fits(schema, "a")
    assert not fits({**schema, "minLength": 2}, "a")


@pytest.mark.parametrize("value", ["2026-01-02T03:04:05", "2026-01-02 03:04:05.123456"])
def test_a_time_without_its_zone_is_told_as_that(value: str) -> None:
    """What Python writes of a naive datetime; "not a date and time" leaves its author puzzled."""
    [verdict] = check({"type": "string", "format": "date-time"}, value)
    assert verdict.message == f'"{value}" has no time zone, and the format date-time needs one.'
    assert "Add Z" in verdict.next_step
