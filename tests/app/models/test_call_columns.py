"""Calls in columns: what overlaps a range is found without looking at all of them."""

from hypothesis import given
from hypothesis import strategies as st

from wireglass.protocol.messages import Span
from wireglass_app.models.call_columns import CallColumns

SECOND = 1_000_000_000


@given(
    st.lists(st.tuples(st.integers(0, 60), st.one_of(st.none(), st.integers(0, 40))), max_size=60),
    st.integers(0, 60),
    st.integers(1, 20),
)
def test_a_range_holds_what_overlaps_it(told: list[tuple[int, int | None]], begin: int, length: int) -> None:
    calls = CallColumns()
    told = sorted(told, key=lambda one: one[0])
    for key, (start, took) in enumerate(told):
        calls.begin(key, "desk", "tools/call", "quote", start * SECOND)
        if took is not None:
            calls.end(key, (start + took) * SECOND, failed=False)
    until = begin + length
    expected = [
        row for row, (start, took) in enumerate(told) if start < until and (took is None or start + took >= begin)
    ]
    assert list(calls.between(begin * SECOND, until * SECOND)) == expected


def test_spans_that_are_not_kept_are_found_again_once() -> None:
    asked: list[int] = []

    def spans_of(key: int) -> tuple[Span, ...]:
        asked.append(key)
        return (Span("handler", "handler", 0, 10),)

    calls = CallColumns(spans_of)
    calls.begin(3, "desk", "tools/call", "quote", 0)
    assert calls[3].spans == (), "a call that runs has told nothing"
    calls.end(3, SECOND, failed=False)
    assert asked == []
    assert [span.name for span in calls[3].spans] == ["handler"]
    assert calls[3].work_ns == SECOND
    assert asked == [3]
