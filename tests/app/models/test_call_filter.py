"""The filter of the timeline: the frame table's language over columns of calls."""

import pytest

from wireglass.recording.filter_grammar import FilterError
from wireglass_app.models.call_columns import CallColumns
from wireglass_app.models.call_filter import compile_calls_filter

MS = 1_000_000


def calls() -> CallColumns:
    """Four calls on two servers: 5, 50, 500 ms and one that runs; the second failed."""
    found = CallColumns()
    for key, (server, name, took) in enumerate(
        [("shop #1", "quote", 5), ("shop #1", "label", 50), ("books #2", "quote", 500), ("books #2", "index", None)]
    ):
        found.begin(key, server, "tools/call", name, key * 1000 * MS)
        if took is not None:
            found.end(key, key * 1000 * MS + took * MS, failed=name == "label", human_ns=400 * MS if took == 500 else 0)
    return found


def passing(text: str) -> list[int]:
    compiled = compile_calls_filter(text, calls(), lambda one: {"shop #1": "Parcel shop"}.get(one, one))
    assert compiled is not None
    return [row for row, passes in enumerate(compiled()) if passes]


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("name:quote", [0, 2]),
        ("name:quote,label", [0, 1, 2]),
        ("server:shop*", [0, 1]),
        ('server:"Parcel shop"', [0, 1]),
        ("parcel", [0, 1]),
        ("dur:>5ms", [1, 2]),
        ("dur:>=5ms", [0, 1, 2]),
        ("dur:<60ms", [0, 1]),
        ("dur:<=50", [0, 1]),
        ("dur:100ms", [2]),
        ("status:failed", [1]),
        ("status:running", [3]),
        ("status:complete", [0, 2]),
        ("not status:failed", [0, 2, 3]),
        ("name:quote and not server:books*", [0]),
        ("(name:label or name:index) method:tools/*", [1, 3]),
    ],
)
def test_filters(text: str, rows: list[int]) -> None:
    assert passing(text) == rows


@pytest.mark.parametrize(
    ("text", "start"),
    [("colour:red", 0), ("name:quote )", 11), ("dur:soon", 0), ("(name:a", 0), ("name:", 0), ("status:odd", 0)],
)
def test_faults_are_told_with_their_place(text: str, start: int) -> None:
    with pytest.raises(FilterError) as fault:
        compile_calls_filter(text, calls())
    assert fault.value.start == start


def test_an_empty_filter_passes_everything() -> None:
    assert compile_calls_filter("  ", calls()) is None
