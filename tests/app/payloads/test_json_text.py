"""JSON as lines and back to pointers."""

import json

import pytest

from wireglass_app.payloads.json_text import compact, count_nodes, format_lines, format_steps, line_range, pointer_at

RESULT = {
    "id": 65,
    "result": {
        "content": [{"type": "text", "text": "[{"}, {"type": "image", "data": "iVBOR"}],
        "a/b": {"~": []},
        "isError": False,
    },
}


def test_small_values_look_like_json_with_two_spaces() -> None:
    assert "\n".join(format_lines(RESULT)) == json.dumps(RESULT, indent=2)


def test_large_values_come_in_batches_and_parse_to_the_same_value() -> None:
    value = {"rows": [{"id": index, "deep": {"x": [index, None]}} for index in range(5_000)], "next": None}
    steps = list(format_steps(value))
    assert len(steps) > 5
    assert json.loads("\n".join(line for step in steps for line in step)) == value


def test_lone_surrogates_and_big_integers_survive() -> None:
    assert json.loads(compact({"a": "\ud800", "b": 10**40})) == {"a": "\ud800", "b": 10**40}
    assert json.loads("\n".join(format_lines({"a": ["\ud800"]}))) == {"a": ["\ud800"]}


def test_counting_stops_at_the_limit() -> None:
    assert count_nodes([[1, 2], {"a": 3}], 100) == 6
    assert count_nodes(list(range(10_000)), 50) == 51


@pytest.mark.parametrize(
    ("pointer", "first", "last"),
    [
        ("", 0, 18),
        ("/id", 1, 1),
        ("/result/content", 3, 12),
        ("/result/content/1", 8, 11),
        ("/result/content/1/data", 10, 10),
        ("/result/a~1b", 13, 15),
        ("/result/a~1b/~0", 14, 14),
        ("/result/isError", 16, 16),
    ],
)
def test_a_pointer_finds_its_lines(pointer: str, first: int, last: int) -> None:
    lines = format_lines(RESULT)
    found = line_range(lines, pointer)
    assert found is not None
    assert found == (first, last)
    if pointer:
        assert pointer_at(lines, found[0]) == pointer
        assert pointer_at(lines, found[1]) == pointer


def test_a_pointer_to_nothing_finds_nothing() -> None:
    lines = format_lines(RESULT)
    assert line_range(lines, "/result/content/2") is None
    assert line_range(lines, "/result/content/x") is None
    assert line_range(lines, "/nope") is None
    assert line_range(lines, "/id/0") is None
