"""The numbers beside the waterfall: what counts as a duration."""

import pytest

from wireglass.protocol.messages import Span
from wireglass_app.models.call_columns import CallColumns
from wireglass_app.models.range_numbers import Grouping, measure

MS = 1_000_000


@pytest.mark.parametrize("by", ["layer", "name", "method", "server"])
def test_a_stream_that_only_listens_is_no_slow_call(by: Grouping) -> None:
    """Our choice: it is open as long as the connection, and stood first among the slowest."""
    hour = 3_600_000
    calls = CallColumns(
        lambda key: [Span("listen" if key == 1 else "quote", "handler", 0, hour if key == 1 else 5_000)]
    )
    calls.begin(1, "desk", "subscriptions/listen", "subscriptions/listen", 0)
    for key in range(2, 5):
        calls.begin(key, "desk", "tools/call", "quote", key * MS)
        calls.end(key, (key + 5) * MS, failed=False)
    calls.end(1, hour * MS, failed=False)
    numbers = measure(calls, range(len(calls)), by, 1, 3)
    assert numbers.count == 3
    assert numbers.longest_ms == 5
    assert {call.key for call in numbers.slowest} == {2, 3, 4}
    (group,) = numbers.statistics
    assert (group.times.count, group.times.p99) == (3, pytest.approx(5))
    assert numbers.findings == ()
    assert measure(calls, range(1, len(calls)), by, None, 3) == numbers


def test_without_a_stream_every_call_counts() -> None:
    calls = CallColumns()
    for key in range(3):
        calls.begin(key, "desk", "tools/list", "tools/list", key * MS)
    calls.end(2, 9 * MS, failed=True)
    numbers = measure(calls, range(3), "name", None, 3)
    assert (numbers.count, sum(numbers.failed)) == (1, 1)
