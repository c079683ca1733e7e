"""Imports without a search for garbage: thousands of functions and classes arrive together and stay.

The collector would look through all of them again and again and find nothing, a tenth of a server's start.
"""

import gc
from collections.abc import Generator
from contextlib import contextmanager

__all__ = ["uncollected"]


@contextmanager
def uncollected() -> Generator[None]:
    """Inside the block nothing is searched for garbage; afterwards all is as it was."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            _count_as_old()
            gc.enable()


def _count_as_old() -> None:
    """What is there counts as if it had survived: the next collection, which comes at once, need not look through all
    that has just arrived. A full one still does. Not where somebody froze objects, who wants them to stay frozen."""
    if not gc.get_freeze_count():
        gc.freeze()
        gc.unfreeze()
