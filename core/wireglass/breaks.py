"""Where long work offers the interpreter to the other threads of the process. Imports nothing.

Python runs one thread at a time and lets the one that waits have its turn after a while, or after the call into C that
runs. A window in the same process needs it many times for a single paint, and would wait each time. So whatever works
on megabytes does it in pieces and calls `pause` between two of them; the application says once, with `at_pause`, what a
pause is. Without a window nothing happens.
"""

from collections.abc import Callable

__all__ = ["at_pause", "pause"]

_rest: Callable[[], object] | None = None


def at_pause(rest: Callable[[], object] | None) -> None:
    """What every thread does at a `pause` from now on: something short, safe on any thread. None for nothing."""
    global _rest
    _rest = rest


def pause() -> None:
    """To be called between two pieces of long work, about every millisecond or more often; never with a lock held."""
    if _rest is not None:
        _rest()
