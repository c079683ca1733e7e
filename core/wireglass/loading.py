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
            gc.enable()
