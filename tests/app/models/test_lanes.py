"""A lane answers what to draw without walking over what it will not draw."""

from hypothesis import given
from hypothesis import strategies as st

from wireglass_app.models.lanes import Lane
from wireglass_app.models.occupancy import LOWEST_NS

FAILED = 3


def filled(*bars: tuple[int, int]) -> Lane:
    lane = Lane()
    for start, end in bars:
        lane.add(start, end)
    return lane


def lit(lane: Lane, begin: int, until: int, width: int) -> dict[int, int]:
    """The tone of each pixel in which a bar starts."""
    row = lane.pixels(begin, until, width)
    return {at: value.bit_length() - 1 for at, value in enumerate(row) if value}


def test_bars_wide_enough_come_singly_and_all_as_pixels() -> None:
    lane = filled((0, 400), (500, 501), (510, 511), (900, 1000))
    assert sorted(bar.start for bar in lane.bars(0, 1000, shortest=10)) == [0, 900]
    assert lit(lane, 0, 1000, 100) == {0: 0, 50: 0, 51: 0, 90: 0}


def test_a_long_bar_that_began_before_the_stretch_is_found() -> None:
    lane = filled((0, 10_000), (20, 21))
    assert [bar.start for bar in lane.bars(5_000, 5_100, shortest=1)] == [0]


def test_an_open_bar_is_found_until_it_is_closed() -> None:
    lane = Lane()
    index = lane.add(10)
    assert [bar.end for bar in lane.bars(100, 200, shortest=1)] == [None]
    lane.close(index, 50, FAILED)
    assert list(lane.bars(100, 200, shortest=1)) == []
    assert lane.bar(index) == (index, 10, 50, FAILED, -1)


def test_closing_twice_changes_nothing() -> None:
    lane = Lane()
    index = lane.add(10)
    lane.close(index, 50, 0)
    lane.close(index, 90, FAILED)
    assert lane.bar(index).end == 50


def test_a_failure_wins_its_pixel() -> None:
    lane = Lane()
    for start in range(0, 1000, 2):
        lane.add(start, start + 1, FAILED if start == 502 else 0)
    assert lit(lane, 0, 1000, 10) == {pixel: FAILED if pixel == 5 else 0 for pixel in range(10)}


def test_the_bar_under_a_point_is_found() -> None:
    lane = filled((0, 100), (200, 300))
    assert lane.nearest(250) == 1
    assert lane.nearest(110) == 0
    assert lane.nearest(190) == 1
    assert Lane().nearest(5) is None


@given(st.lists(st.tuples(st.integers(0, 500), st.integers(0, 200)), max_size=40), st.integers(0, 500))
def test_what_is_drawn_is_what_overlaps(bars: list[tuple[int, int]], begin: int) -> None:
    bars = sorted(bars)
    lane = filled(*[(start, start + length) for start, length in bars])
    until = begin + 100
    expected = sorted(
        (start, start + length) for start, length in bars if start < until and start + length >= begin and length >= 4
    )
    found = sorted((bar.start, bar.end or 0) for bar in lane.bars(begin, until, shortest=4))
    assert found == expected
    assert sum(lane.histogram(0, 701, 7)) == len(bars)


def test_a_lane_of_some_calls_draws_only_theirs() -> None:
    lane = Lane()
    for key in range(6):
        lane.add(key * 10, key * 10 + 5, FAILED if key == 3 else 0, key)
    lane.add(70, 75)
    running = lane.add(80, key=5)
    some = lane.only(bytes([0, 1, 0, 1, 0, 1]) + b"\x01")
    assert [bar.key for bar in sorted(some.bars(0, 100, 1), key=lambda bar: bar.start)] == [1, 3, 5, -1, 5]
    assert lit(some, 0, 100, 10) == {1: 0, 3: FAILED, 5: 0, 7: 0, 8: 0}
    assert some.nearest(48) == 5
    assert some.nearest(22) == 1
    assert some.next_start(1) == 30
    lane.close(running, 90, 0)
    assert len(some) == 5


@given(st.lists(st.integers(0, 999), min_size=1, max_size=400), st.integers(1, 60))
def test_pixels_cover_each_start_and_nothing_else(starts: list[int], pixels: int) -> None:
    lane = filled(*[(start, start) for start in sorted(starts)])
    assert set(lit(lane, 0, 1000, pixels)) == {start * pixels // 1000 for start in starts}


@given(
    st.lists(st.integers(0, 2**34), min_size=1, max_size=300),
    st.sets(st.integers(0, 299)),
    st.integers(2, 40),
    st.integers(0, 2**32),
)
def test_a_crowded_lane_is_drawn_from_its_pyramid(starts: list[int], failed: set[int], pixels: int, begin: int) -> None:
    """Nothing is left out, a failure is seen wherever one is, and nothing is drawn where nothing is near."""
    lane = Lane()
    for index, start in enumerate(sorted(starts)):
        lane.add(start, start + 1, FAILED if index in failed else 0)
    width = pixels * LOWEST_NS * 3
    strip = lane._occupied.strip(begin, begin + width, pixels)
    for index, start in enumerate(sorted(starts)):
        if begin <= start < begin + width:
            x = (start - begin) * pixels / width
            part = int((x - strip.left) * len(strip.data) / (strip.right - strip.left))
            found = strip.data[min(part, len(strip.data) - 1)] | strip.data[max(0, part - 1)]
            assert found & 1
            assert index not in failed or found & 1 << FAILED
    for part, value in enumerate(strip.data):
        if value:
            left = strip.left + part * (strip.right - strip.left) / len(strip.data)
            near = [start for start in starts if -0.01 <= (start - begin) * pixels / width - left <= 2.01]
            assert near


def test_a_pyramid_of_many_is_the_same_as_marking_one_by_one() -> None:
    lane = Lane()
    for index in range(500):
        lane.add(index * LOWEST_NS * 3, index * LOWEST_NS * 3 + 5, FAILED if index % 7 == 0 else 0, index)
    some = lane.only(bytes(500).replace(b"\0", b"\1") + b"\1")
    again = some._occupied
    for begin, until, pixels in ((0, 2**34, 50), (LOWEST_NS * 7, LOWEST_NS * 900, 300), (2**30, 2**33, 7)):
        one, other = again.strip(begin, until, pixels), lane._occupied.strip(begin, until, pixels)
        assert one.left == other.left
        loudest = [[value.bit_length() for value in strip.data.rstrip(b"\0")] for strip in (one, other)]
        assert loudest[0] == loudest[1]


def test_bars_without_a_length_come_when_all_are_wanted() -> None:
    lane = filled((10, 10), (20, 21), (30, 90))
    assert sorted(bar.start for bar in lane.bars(0, 100, shortest=0)) == [10, 20, 30]
    assert sorted(bar.start for bar in lane.bars(0, 100, shortest=1)) == [20, 30]


@given(
    st.lists(st.tuples(st.integers(0, 500), st.sampled_from([0, 1, FAILED]), st.booleans()), max_size=60),
    st.integers(0, 400),
    st.integers(1, 30),
)
def test_a_lane_of_some_draws_what_a_lane_of_only_those_would(
    bars: list[tuple[int, int, bool]], begin: int, width: int
) -> None:
    whole, alone = Lane(), Lane()
    for key, (start, tone, wanted) in enumerate(sorted(bars)):
        whole.add(start, start + 5, tone, key)
        if wanted:
            alone.add(start, start + 5, tone, key)
    some = whole.only(bytes(wanted for _, _, wanted in sorted(bars)) + b"\x01")
    assert len(some) == len(alone)
    assert some.pixels(begin, begin + 90, width) == alone.pixels(begin, begin + 90, width)
    for tone in (None, 1, FAILED):
        assert some.histogram(0, 501, 7, tone) == alone.histogram(0, 501, 7, tone)
