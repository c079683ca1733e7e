"""Arguments of a call, from the command line to JSON."""

from typing import Any

import pytest

from wireglass.cli.call import read_arguments
from wireglass.errors import LaunchError

SCHEMA: dict[str, Any] = {
    "properties": {
        "name": {"type": "string"},
        "count": {"type": "integer"},
        "tags": {"type": "array", "items": {"type": "string"}},
        "note": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        "limit": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
        "size": {"enum": ["s", "m"]},
    }
}


@pytest.mark.parametrize(
    ("pair", "expected"),
    [
        ("name=12", {"name": "12"}),
        ("count=12", {"count": 12}),
        ("count=many", {"count": "many"}),
        ('tags=["a", "b"]', {"tags": ["a", "b"]}),
        ("note=null", {"note": None}),
        ("note=3", {"note": "3"}),
        ("limit=3", {"limit": 3}),
        ("size=s", {"size": "s"}),
        ("name:=12", {"name": 12}),
        ("name=a=b", {"name": "a=b"}),
        ("unknown=true", {"unknown": True}),
    ],
)
def test_the_schema_decides_what_is_text(pair: str, expected: dict[str, Any]) -> None:
    assert read_arguments([pair], None, SCHEMA) == expected


def test_a_whole_object_and_pairs_go_together() -> None:
    assert read_arguments(["count=2"], '{"name": "x", "count": 1}', SCHEMA) == {"name": "x", "count": 2}


@pytest.mark.parametrize(("pairs", "whole"), [(["loose"], None), (["a:=oops"], None), ([], "[1]"), ([], "{")])
def test_what_cannot_be_read_is_refused_with_a_next_step(pairs: list[str], whole: str | None) -> None:
    with pytest.raises(LaunchError) as refused:
        read_arguments(pairs, whole, SCHEMA)
    assert refused.value.next_step
