"""Zoom and ruler arithmetic (design: from the whole session to 10 µs)."""

from itertools import pairwise

from wireglass_app.charts.viewport import SHORTEST_NS, Viewport, ruler_marks

SECOND = 1_000_000_000
EXTENT = (0, 60 * SECOND)


def test_the_time_under_the_pointer_keeps_its_place() -> None:
    view = Viewport(0, 60 * SECOND, 600)
    closer = view.zoomed(2, 15 * SECOND, EXTENT)
    assert closer.span == 30 * SECOND
    assert closer.x(15 * SECOND) == view.x(15 * SECOND)


def test_zoom_ends_at_ten_microseconds_and_at_the_whole_session() -> None:
    view = Viewport(0, 60 * SECOND, 600)
    assert view.zoomed(1e12, 5, EXTENT).span == SHORTEST_NS
    assert view.zoomed(0.001, 5, EXTENT) == view


def test_moving_stops_at_the_ends() -> None:
    view = Viewport(0, 10 * SECOND, 600)
    assert view.moved(-SECOND, EXTENT).begin == 0
    assert view.moved(100 * SECOND, EXTENT).until == 60 * SECOND


def test_the_ruler_has_round_clock_times_that_do_not_touch() -> None:
    marks = list(ruler_marks(Viewport(0, 60 * SECOND, 1000), 14 * 3600 * SECOND))
    assert [label for _, label in marks][:3] == ["14:00:00", "14:00:10", "14:00:20"]
    assert all(later - earlier >= 90 for (earlier, _), (later, _) in pairwise(marks))


def test_within_a_second_it_counts_from_the_second() -> None:
    labels = [label for _, label in ruler_marks(Viewport(0, 5_000_000, 500), 0)]
    assert labels == ["00:00:00", "+ 1 ms", "+ 2 ms", "+ 3 ms", "+ 4 ms"]
    tiny = [label for _, label in ruler_marks(Viewport(0, 20_000, 500), 0)]
    assert tiny == ["00:00:00", "+ 5 µs", "+ 10 µs", "+ 15 µs"]
