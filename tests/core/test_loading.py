"""Imports without a search for garbage leave the collector as it was."""

import gc
import weakref
from collections.abc import Iterator

import pytest

from wireglass.loading import uncollected


@pytest.fixture(autouse=True)
def collector() -> Iterator[None]:
    """Nothing frozen by others before, and no collection of its own accord during a test."""
    thresholds = gc.get_threshold()
    gc.unfreeze()
    gc.set_threshold(1_000_000, 1_000, 1_000)
    gc.collect()
    yield
    gc.set_threshold(*thresholds)
    gc.unfreeze()
    gc.enable()


class Node:
    def __init__(self) -> None:
        self.itself = self


def test_nothing_is_collected_inside_and_everything_is_again_afterwards() -> None:
    with uncollected():
        assert not gc.isenabled()
        node = weakref.ref(Node())
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0
    assert node() is not None
    gc.collect()
    assert node() is None, "a full collection finds it"


def test_an_error_ends_it_too() -> None:
    with pytest.raises(ImportError), uncollected():
        raise ImportError
    assert gc.isenabled()


def test_a_collector_that_was_off_stays_off() -> None:
    gc.disable()
    with uncollected():
        pass
    assert not gc.isenabled()


def test_what_somebody_froze_stays_frozen() -> None:
    """A frozen cycle that nothing refers to stays, since no collection looks at it. Counts of all frozen objects would
    not tell: some of them die by themselves."""
    node = weakref.ref(Node())
    gc.freeze()
    with uncollected():
        pass
    gc.collect()
    assert node() is not None
    gc.unfreeze()
    gc.collect()
    assert node() is None
