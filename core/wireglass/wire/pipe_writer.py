"""The writing end of a pipe whose reader may be slow: takes what fits, keeps the rest, and goes on as room comes."""

import asyncio
import contextlib
import os
import stat
import sys
from collections import deque
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Final

from wireglass.errors import TransportClosed

__all__ = ["PipeWriter"]

_HIGH_WATER: Final = 1 << 20
"""Bytes that wait to be written before the pipe counts as full."""
_UNMADE: Final = _HIGH_WATER + 1
"""What pieces count for that are not made yet: whoever sends them waits until they are."""
_BATCH: Final = 16
"""Pieces written with one call."""
_GATHERS: Final = hasattr(os, "writev")


class PipeWriter:
    """Owns `descriptor` for writing from the loop's thread; `on_room` is called when it is full no longer.

    A pipe or socket is made non-blocking until `restore`. A terminal is shared with the shell and stays as it is.
    """

    def __init__(self, descriptor: int, loop: asyncio.AbstractEventLoop, on_room: Callable[[], None]) -> None:
        self._descriptor, self._loop, self._on_room = descriptor, loop, on_room
        self._unsent: deque[memoryview | Iterator[bytes]] = deque()
        self._unsent_size = 0
        self._was_blocking = sys.platform != "win32" and _is_pipe(descriptor) and os.get_blocking(descriptor)
        if self._was_blocking:
            os.set_blocking(descriptor, False)

    @property
    def is_full(self) -> bool:
        """Whether more than a megabyte waits for the reader."""
        return self._unsent_size > _HIGH_WATER

    @property
    def is_waiting(self) -> bool:
        """Whether anything waits for the reader."""
        return bool(self._unsent)

    def write(self, data: bytes) -> None:
        """Hands over what the pipe takes now and keeps the rest. Raises TransportClosed when nobody reads."""
        view = memoryview(data)
        if not self._unsent:
            taken = self._write_some(view)
            if taken == len(data):
                return
            view = view[taken:]
            _widen(self._descriptor)
            self._loop.add_writer(self._descriptor, self._writable)
        self._unsent.append(view)
        self._unsent_size += len(view)

    def write_pieces(self, pieces: Iterator[bytes]) -> None:
        """Hands over what the pipe takes now; what is left is made when the pipe has room for it.

        Raises TransportClosed when nobody reads.
        """
        rest: list[memoryview] = []
        if not self._unsent:
            _widen(self._descriptor)
            rest = self._take_pieces(pieces)
            if not rest:
                return
            self._loop.add_writer(self._descriptor, self._writable)
        self._unsent.extend(rest)
        self._unsent.append(pieces)
        self._unsent_size += sum(map(len, rest)) + _UNMADE

    def drop(self) -> None:
        """Forgets what waits."""
        if self._unsent:
            self._loop.remove_writer(self._descriptor)
        self._unsent.clear()
        self._unsent_size = 0

    def restore(self) -> None:
        """Lets the descriptor block again if it did before."""
        if self._was_blocking:
            with contextlib.suppress(OSError):
                os.set_blocking(self._descriptor, True)

    def _take_pieces(self, pieces: Iterator[bytes]) -> list[memoryview]:
        """Writes pieces until there are no more, or the pipe is full: then what it did not take of those made."""
        while batch := list(islice(pieces, _BATCH)):
            if rest := self._write_batch(batch):
                return rest
        return []

    def _write_batch(self, batch: list[bytes]) -> list[memoryview]:
        """What the pipe did not take. Raises TransportClosed when nobody reads."""
        views = [memoryview(piece) for piece in batch]
        while views:
            try:
                taken = os.writev(self._descriptor, views) if _GATHERS else os.write(self._descriptor, views[0])
            except BlockingIOError:
                return views
            except InterruptedError:
                continue
            except OSError as error:
                raise TransportClosed("The client no longer reads our stdout.") from error
            while views and taken >= len(views[0]):
                taken -= len(views.pop(0))
            if taken:
                views[0] = views[0][taken:]
        return views

    def _write_some(self, view: memoryview) -> int:
        """How many bytes the pipe took. Raises TransportClosed when nobody reads."""
        taken = 0
        while taken < len(view):
            try:
                taken += os.write(self._descriptor, view[taken:])
            except BlockingIOError:
                break
            except InterruptedError:
                continue
            except OSError as error:
                raise TransportClosed("The client no longer reads our stdout.") from error
        return taken

    def _writable(self) -> None:
        try:
            while self._unsent and self._send_first():
                pass
        except TransportClosed:  # nobody reads; the end of stdin will follow
            self._unsent.clear()
            self._unsent_size = 0
        if not self._unsent:
            self._loop.remove_writer(self._descriptor)
        if not self.is_full:
            self._on_room()

    def _send_first(self) -> bool:
        """Writes what waits first; False when the pipe took only a part of it. Raises TransportClosed."""
        first = self._unsent.popleft()
        if isinstance(first, memoryview):
            taken = self._write_some(first)
            self._unsent_size -= taken
            if taken < len(first):
                self._unsent.appendleft(first[taken:])
                return False
            return True
        if rest := self._take_pieces(first):
            self._unsent.appendleft(first)
            self._unsent.extendleft(reversed(rest))
            self._unsent_size += sum(map(len, rest))
            return False
        self._unsent_size -= _UNMADE
        return True


def _is_pipe(descriptor: int) -> bool:
    mode = os.fstat(descriptor).st_mode
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)


def _widen(descriptor: int) -> None:
    """Lets a Linux pipe hold a megabyte instead of 64 KiB: a large answer then crosses in a few wake-ups."""
    if sys.platform == "linux":
        import fcntl

        with contextlib.suppress(OSError):
            fcntl.fcntl(descriptor, fcntl.F_SETPIPE_SZ, 1 << 20)
