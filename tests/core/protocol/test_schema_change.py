"""Which changes of a schema break those who know the old one: arguments must not get narrower, results not wider."""

from typing import Any

import pytest

from wireglass.protocol.schema_change import schema_changes


def obj(properties: dict[str, Any], *required: str, **more: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(required), **more}


INT, TEXT, NULL = {"type": "integer"}, {"type": "string"}, {"type": "null"}

CASES = [
    # before, after, words, whether it breaks callers (arguments), whether it breaks readers (result)
    (obj({}), obj({"y": TEXT}, "y"), "y is now required", True, None),
    (obj({"y": TEXT}, "y"), obj({"y": TEXT}), "y is now optional", False, None),
    (obj({"x": INT}), obj({"x": TEXT}), "x is now string, was integer", True, True),
    (obj({"x": INT}), obj({"x": {"type": "number"}}), "x is now number, was integer", False, True),
    (obj({"x": {"type": "number"}}), obj({"x": INT}), "x is now integer, was number", True, False),
    (obj({"x": INT}), obj({"x": {}}), "x is now of any type, was integer", False, True),
    (obj({"x": {"enum": ["a", "b"]}}), obj({"x": {"enum": ["b"]}}), 'x no longer has the value "a"', True, False),
    (obj({"x": {"enum": ["b"]}}), obj({"x": {"enum": ["a", "b"]}}), 'x has the new value "a"', False, True),
    (obj({"x": TEXT}), obj({"x": TEXT | {"enum": ["a"]}}), 'x is now one of "a"', True, False),
    (obj({"x": {"const": 1}}), obj({"x": {"const": 2}}), "x no longer has the value 1", True, False),
    (obj({"x": INT}), obj({"x": INT | {"minimum": 1}}), "x minimum is now 1", True, False),
    (obj({"x": INT | {"maximum": 9}}), obj({"x": INT | {"maximum": 5}}), "x maximum is now 5, was 9", True, False),
    (obj({"x": INT | {"maximum": 5}}), obj({"x": INT}), "x has no maximum any more, was 5", False, True),
    (obj({"x": TEXT}), obj({"x": TEXT | {"pattern": "^a"}}), 'x pattern is now "^a"', True, False),
    (obj({"x": TEXT}), obj({"x": TEXT | {"format": "email"}}), "x has another format", False, False),
    (obj({"x": TEXT}), obj({"x": TEXT | {"description": "d"}}), "x has another description", False, False),
    (obj({"x": INT}), obj({"x": {"anyOf": [INT, NULL]}}), "x now also takes null", False, None),
    (obj({"x": {"anyOf": [INT, NULL]}}), obj({"x": INT}), "x no longer takes null", True, None),
    (obj({}), obj({}, additionalProperties=False), "the whole refuses other members now", True, False),
    (obj({"a": {"type": "array", "items": INT}}), obj({"a": {"type": "array", "items": TEXT}}),
     "a[] is now string, was integer", True, True),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after", "words", "callers", "readers"), CASES)
def test_a_rule(before: Any, after: Any, words: str, callers: bool, readers: bool | None) -> None:
    found = {change.words: change.breaking for change in schema_changes(before, after, "arguments")}
    assert found[words] is callers
    if readers is not None:
        found = {change.words: change.breaking for change in schema_changes(before, after, "result")}
        assert found[words] is readers


def test_a_member_that_goes_breaks_both_sides() -> None:
    for side in ("arguments", "result"):
        (change,) = schema_changes(obj({"x": INT, "y": INT}), obj({"x": INT}), side)
        assert (change.path, change.breaking, change.pointer) == ("y", True, "/properties/y")


def test_a_new_member_breaks_only_readers_of_a_closed_object() -> None:
    assert [one.breaking for one in schema_changes(obj({}), obj({"n": INT}), "arguments")] == [False]
    assert [one.breaking for one in schema_changes(obj({}), obj({"n": INT}), "result")] == [False]
    closed = schema_changes(obj({}, additionalProperties=False), obj({"n": INT}, additionalProperties=False), "result")
    assert [one.breaking for one in closed] == [True]


def test_references_are_followed_and_paths_read_like_code() -> None:
    def with_part(part: dict[str, Any]) -> dict[str, Any]:
        return obj({"parcels": {"type": "array", "items": {"$ref": "#/$defs/P"}}}, **{"$defs": {"P": part}})

    before, after = with_part(obj({"weight_kg": INT})), with_part(obj({"weight_kg": INT}, "weight_kg"))
    (change,) = schema_changes(before, after, "arguments")
    assert change.words == "parcels[].weight_kg is now required"


def test_a_limit_beside_a_nullable_type_is_compared_with_the_plain_one() -> None:
    before = obj({"x": {"type": "integer", "minimum": 0, "title": "X"}})
    after = obj({"x": {"anyOf": [{"type": "integer", "minimum": 0}, NULL], "title": "X"}})
    assert [one.words for one in schema_changes(before, after, "result")] == ["x may now be null"]


def test_recursion_and_nonsense_end() -> None:
    loop = {"type": "object", "properties": {"next": {"$ref": "#"}}}
    (first, second) = schema_changes(loop, loop | {"properties": {"next": {"$ref": "#"}, "n": INT}}, "arguments")
    assert {first.words, second.words} == {"n is new", "next.n is new"}
    assert [one.words for one in schema_changes(7, {"type": "object"}, "arguments")] == ["the whole changed"]
    assert schema_changes({"$ref": "#/gone"}, {"$ref": "#/other"}, "arguments")[0].breaking is False
    assert schema_changes(loop, dict(loop), "result") == ()
