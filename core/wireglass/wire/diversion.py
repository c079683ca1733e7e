"""The process's stdin and stdout, out of everybody's way while they carry the protocol.

Meanwhile file descriptor 1 and `sys.stdout` lead to stderr and descriptor 0 to nowhere, so that neither a `print()`,
nor C code, nor a child process of a tool can write into the protocol or read from it.
"""

import contextlib
import io
import os
import sys
from typing import TextIO

__all__ = ["Diversion"]


class _StrayOutput(io.TextIOWrapper):
    """What `sys.stdout` is meanwhile: writes to stderr, and says so once."""

    warned = False

    def write(self, text: str, /) -> int:
        if not self.warned and text.strip():
            self.warned = True
            super().write("wireglass: stdout carries the protocol; what is printed goes to stderr.\n")
        return super().write(text)


class Diversion:
    """Moves both streams when it is made: `stdin` and `stdout` are their new descriptors."""

    def __init__(self) -> None:
        self._python_out: TextIO = sys.stdout
        self.stdin = os.dup(0)
        self.stdout = os.dup(1)
        os.dup2(2, 1)
        nowhere = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nowhere, 0)
        os.close(nowhere)
        with contextlib.suppress(OSError, ValueError):
            # After the move: what was printed during start-up and still waits in the buffer goes to stderr too.
            self._python_out.flush()
        self._stray = _StrayOutput(
            io.FileIO(1, "w", closefd=False), encoding="utf-8", errors="backslashreplace", write_through=True
        )
        sys.stdout = self._stray

    def undo(self) -> None:
        """Gives them back."""
        with contextlib.suppress(OSError, ValueError):
            self._stray.flush()
        if sys.stdout is self._stray:
            sys.stdout = self._python_out
        os.dup2(self.stdin, 0)
        os.dup2(self.stdout, 1)
        os.close(self.stdin)
        os.close(self.stdout)
