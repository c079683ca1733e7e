"""Two JSON values beside each other: equal number of rows, what differs, and where."""

import json
import random
from typing import Any

import pytest

from wireglass.recording.json_diff import ABSENT, difference, same


def kinds(left: Any, right: Any) -> list[tuple[str, str]]:
    return [(place.path, place.kind) for place in difference(left, right).places]


def text(rows: Any, side: str) -> str:
    return "\n".join(line for row in rows if (line := getattr(row, side)))


def test_a_member_that_changed_is_named_by_its_pointer() -> None:
    assert kinds({"a": 1, "b/c": 2}, {"a": 1, "b/c": 3}) == [("/b~1c", "changed")]


def test_members_that_came_and_went() -> None:
    assert kinds({"a": 1, "b": 2}, {"b": 2, "c": 3}) == [("/a", "gone"), ("/c", "new")]


def test_items_with_an_id_are_compared_with_their_own() -> None:
    before = [{"id": 1, "price": 5}, {"id": 2, "price": 6}]
    after = [{"id": 3, "price": 1}, {"id": 1, "price": 5}, {"id": 2, "price": 7}]
    assert kinds(before, after) == [("/0", "new"), ("/2/price", "changed")]


def test_an_inserted_item_does_not_make_the_rest_differ() -> None:
    assert kinds(["a", "b", "c"], ["a", "x", "b", "c"]) == [("/1", "new")]


def test_one_and_true_differ_and_one_and_one_point_zero_do_not() -> None:
    assert kinds({"a": 1}, {"a": True}) == [("/a", "changed")]
    assert same({"a": [1]}, {"a": [1.0]})


def test_long_equal_stretches_fold() -> None:
    left = {"rows": list(range(100)), "end": 1}
    found = difference(left, left | {"end": 2}).folded()
    assert [row.kind for row in found.rows if row.kind != "same"] == ["fold", "changed"]
    assert found.rows[found.places[0].first].kind == "changed"


@pytest.mark.parametrize("seed", range(40))
def test_each_side_reads_as_its_own_value(seed: int) -> None:
    """Whatever is compared, the left column is the left value as JSON, and the right column the right one."""
    chance = random.Random(seed)

    def value(depth: int) -> Any:
        pick = chance.random()
        if depth == 0 or pick < 0.4:
            return chance.choice([None, True, False, 0, 1, 2.5, "", "text", "é\u202e"])
        if pick < 0.7:
            return {chance.choice("abcdef"): value(depth - 1) for _ in range(chance.randrange(4))}
        items = [value(depth - 1) for _ in range(chance.randrange(4))]
        return [{"id": at, "v": item} for at, item in enumerate(items)] if chance.random() < 0.3 else items

    for _ in range(25):
        left, right = value(4), value(4)
        found = difference(left, right)
        assert same(json.loads(text(found.rows, "left")), left)
        assert same(json.loads(text(found.rows, "right")), right)
        assert bool(found.places) == (not same(left, right))
        for place in found.places:
            assert all(row.kind == place.kind for row in found.rows[place.first : place.last + 1])


def test_two_values_that_are_absent_have_no_rows() -> None:
    assert difference(ABSENT, ABSENT).rows == ()
    assert [row.right for row in difference(ABSENT, 1).rows] == ["1"]
