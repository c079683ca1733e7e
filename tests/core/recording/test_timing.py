"""Self times must add up: issue "the times add up: total = sum of self times + human time"."""

import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wireglass.protocol.messages import WAITS, Span
from wireglass.recording.timing import median, percentiles, self_times, shares, waterfall


def span(name: str, start: int, duration: int, parent: int | None = None, kind: str = "middleware") -> Span:
    return Span(name, kind, start, duration, parent)  # type: ignore[arg-type]


CHAIN = [
    span("ErrorHandling", 0, 1000),
    span("RateLimiting", 10, 980, 0),
    span("handler", 310, 600, 1, "handler"),
    span("you", 400, 300, 2, "human"),
]


def test_nested_spans_keep_what_their_children_leave() -> None:
    assert self_times(CHAIN) == [20, 380, 300, 300]


def test_self_times_add_up_to_the_outermost_span() -> None:
    assert sum(self_times(CHAIN)) == 1000


def test_spans_side_by_side_share_the_time_they_overlap() -> None:
    spans = [span("handler", 0, 100, kind="handler"), span("a", 0, 60, 0), span("b", 40, 60, 0)]
    assert self_times(spans) == [0, 50, 50]


def test_time_of_a_human_is_told_apart() -> None:
    assert [time for span, time in zip(CHAIN, self_times(CHAIN), strict=True) if span.kind in WAITS] == [300]


def test_rows_come_parents_first_with_the_stretches_of_their_own() -> None:
    rows = waterfall(CHAIN)
    assert [(row.span.name, row.depth) for row in rows] == [
        ("ErrorHandling", 0),
        ("RateLimiting", 1),
        ("handler", 2),
        ("you", 3),
    ]
    assert rows[1].own == ((10, 310), (910, 990))


def test_the_bar_keeps_the_largest_and_sums_up_the_rest() -> None:
    spans = [span(str(n), n * 10, 10) for n in range(8)]
    bar = shares(spans, most=3)
    assert [share.name for share in bar] == ["0", "1", "Other"]
    assert bar[-1].microseconds == 60


def test_percentiles_are_values_that_occurred() -> None:
    ranks = percentiles(range(1, 101))
    assert ranks is not None
    assert (ranks.p50, ranks.p95, ranks.p99, ranks.worst) == (50, 95, 99, 100)
    assert percentiles([]) is None


@st.composite
def nested(draw: st.DrawFn) -> list[Span]:
    spans = [span("root", 0, 10_000)]
    for number in range(draw(st.integers(0, 12))):
        parent = draw(st.integers(0, len(spans) - 1))
        room = spans[parent].duration_us
        start = spans[parent].start_us + draw(st.integers(0, room))
        duration = draw(st.integers(0, spans[parent].start_us + room - start))
        spans.append(span(str(number), start, duration, parent))
    return spans


@given(nested())
def test_any_tree_adds_up(spans: list[Span]) -> None:
    assert sum(self_times(spans)) == pytest.approx(10_000)


@given(st.lists(st.floats(0, 1e9)))
def test_the_median_is_that_of_the_standard_library(times: list[float]) -> None:
    assert median(times) == (statistics.median(times) if times else None)
