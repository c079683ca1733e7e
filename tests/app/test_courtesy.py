"""Threads at work stay aside while the Qt thread computes (a past bug: a layout of 40 ms stood for 200 ms, because it
waited for the interpreter at each of its hundred steps)."""

import threading
from collections.abc import Callable, Iterator

import pytest

from wireglass import breaks
from wireglass_app import courtesy


@pytest.fixture
def naps(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[float]]:
    """How long each sleep was to be; none of them lasts."""
    slept: list[float] = []
    monkeypatch.setattr(courtesy, "sleep", slept.append)
    courtesy.let_qt_go_first()
    yield slept
    breaks.at_pause(None)
    monkeypatch.setattr(courtesy, "_qt_thread", 0)
    monkeypatch.setattr(courtesy, "_qt_computed", None)


def elsewhere(work: Callable[[], object]) -> None:
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()


def clock(naps: list[float], busy: int) -> Callable[[], float]:
    """The time that the Qt thread has computed, when it does so for the first `busy` naps and is idle then."""
    return lambda: sum(naps[:busy])


@pytest.mark.parametrize("busy", [0, 1, 10])
def test_work_goes_on_when_the_qt_thread_is_idle(naps: list[float], busy: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(courtesy, "_qt_computed", clock(naps, busy))
    elsewhere(courtesy.give_way)
    assert len(naps) == busy + 1


def test_a_qt_thread_that_is_busy_for_long_stops_nobody_for_ever(
    naps: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(courtesy, "_qt_computed", clock(naps, 1000))
    elsewhere(courtesy.give_way)
    assert 0.05 <= sum(naps) <= 0.2


def test_while_the_qt_thread_is_busy_for_long_others_get_a_third_of_the_time(
    naps: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    worked = [0.0]
    monkeypatch.setattr(courtesy, "_qt_computed", clock(naps, 100_000))
    monkeypatch.setattr(courtesy, "perf_counter", lambda: worked[0] + sum(naps))

    def work() -> None:
        for _ in range(1_000):
            worked[0] += 0.001
            breaks.pause()

    elsewhere(work)
    assert sum(naps) < 2.5 * worked[0]


def test_the_qt_thread_never_waits_for_itself(naps: list[float]) -> None:
    courtesy.give_way()
    breaks.pause()
    assert naps == []


def test_where_the_system_tells_no_times_a_nap_is_all(naps: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(courtesy, "_qt_computed", None)
    elsewhere(courtesy.give_way)
    assert len(naps) == 1


def test_short_work_needs_no_rest(naps: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    """A pause costs next to nothing until a thread has worked for a while."""
    monkeypatch.setattr(courtesy, "perf_counter", lambda: 7.0)

    def work() -> None:
        for _ in range(100):
            breaks.pause()

    elsewhere(work)
    assert len(naps) == 1


def test_the_clock_of_a_thread_goes_when_it_computes() -> None:
    tells = courtesy._clock_of(threading.get_ident())
    if tells is not None:  # not every system has one
        before = tells()
        sum(range(300_000))
        assert tells() > before
