"""Jobs: steps in a thread, results on the UI thread."""

import threading
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot
from shiboken6 import delete

from wireglass_app import background
from wireglass_app.background import Job


@pytest.fixture
def owner() -> QObject:
    """What the callbacks touch."""
    return QObject()


def test_steps_run_elsewhere_and_results_arrive_here_in_order(qtbot: QtBot, owner: QObject) -> None:
    here = threading.get_ident()
    threads: set[int] = set()
    found: list[int] = []
    done: list[int] = []

    def steps() -> Iterator[int]:
        for number in range(50):
            threads.add(threading.get_ident())
            yield number

    def take(number: int) -> None:
        assert threading.get_ident() == here
        found.append(number)

    job = Job(steps(), owner, take, lambda: done.append(threading.get_ident()))
    qtbot.waitUntil(lambda: bool(done), timeout=20_000)
    assert found == list(range(50))
    assert done == [here]
    assert here not in threads
    assert job.finished


def test_after_stop_nothing_arrives(qtbot: QtBot, owner: QObject) -> None:
    found: list[int] = []
    gate = threading.Event()

    def steps() -> Iterator[int]:
        gate.wait(10)
        yield 1

    Job(steps(), owner, found.append).stop()
    gate.set()
    qtbot.wait(30)
    assert found == []


def test_a_failure_is_told(qtbot: QtBot, owner: QObject) -> None:
    told: list[Exception] = []

    def steps() -> Iterator[int]:
        yield 1
        raise ValueError("broken")

    Job(steps(), owner, lambda _number: None, on_error=told.append)
    qtbot.waitUntil(lambda: bool(told), timeout=20_000)
    assert str(told[0]) == "broken"


def test_an_owner_that_qt_deleted_hears_nothing(qtbot: QtBot, owner: QObject) -> None:
    """A view is closed while its value is still being formatted: neither its methods nor its lambdas are called."""
    called: list[str] = []
    walked = threading.Event()
    gate = threading.Event()

    def steps() -> Iterator[int]:
        gate.wait(10)
        yield 1
        walked.set()

    over: list[int] = []
    Job(steps(), owner, lambda _number: called.append("step"), lambda: called.append("done"))
    delete(owner)
    gate.set()
    assert walked.wait(20), "what it does goes on: it may be writing a file"
    other = QObject()
    Job(iter([2]), other, over.append)
    qtbot.waitUntil(lambda: over == [2], timeout=20_000)
    assert called == []


def test_a_view_that_fails_keeps_nobody_elses_results(qtbot: QtBot, owner: QObject) -> None:
    found: list[int] = []

    def fail(_number: int) -> None:
        raise ValueError("a fault of one view")

    with qtbot.captureExceptions() as faults:
        Job(iter([1]), owner, fail)
        Job(iter([2]), owner, found.append)
        qtbot.waitUntil(lambda: found == [2] and bool(faults), timeout=20_000)
    assert [str(fault[1]) for fault in faults] == ["a fault of one view"]


def test_a_lost_event_is_asked_for_again(qtbot: QtBot, owner: QObject) -> None:
    """An event loop that was closed took the mailbox's event with it."""
    found: list[int] = []
    Job(iter([1]), owner, found.append)
    qtbot.waitUntil(lambda: found == [1], timeout=20_000)
    background._the_mailbox()._posted_ns = 1  # a drain that was asked for long ago and never came
    Job(iter([2]), owner, found.append)
    qtbot.waitUntil(lambda: found == [1, 2], timeout=20_000)
