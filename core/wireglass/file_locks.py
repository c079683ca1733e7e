"""A file that one process holds: the system lets go of it at any death of that process."""

import sys
from pathlib import Path
from typing import IO

__all__ = ["hold_nowait"]


def hold_nowait(path: Path) -> IO[bytes] | None:
    """The open file, which is held until it is closed; None when another holds it, here or in another process.

    Raises OSError when there can be no such file.
    """
    file = path.open("ab")
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        return None
    return file
