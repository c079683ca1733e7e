"""One file replaced so that a crash leaves the old or the new content, and nobody's change is lost unseen.

The new content is written beside the file, synced, and exchanged with it in one system call. Where the system can
exchange two names, what came back is compared with what was expected: a change made at the last moment is put back.
"""

import ctypes
import glob
import os
import stat
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from wireglass.errors import ConfigError

__all__ = [
    "ChangedMeanwhile",
    "Disk",
    "FileProblem",
    "leftovers",
    "read_file",
    "real_file",
    "remove_file",
    "replace_file",
]

_MARK = ".wireglass-"
_READ_LIMIT = 64_000_000
_PATIENCE = 100
"""How often a program that writes without a pause is waited for."""
_AT_FDCWD, _EXCHANGE, _SWAP_MAC = -100, 2, 2


class FileProblem(ConfigError):
    """A file that cannot be read or written; `path` says which. Nothing was changed."""

    def __init__(self, path: Path, reason: str, *, next_step: str = "") -> None:
        super().__init__(f"{path}: {reason}", next_step=next_step)
        self.path = path
        self.reason = reason


class ChangedMeanwhile(FileProblem):
    """Another program changed the file after it was read. Its change is still there."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            path,
            "another program changed the file after it was read, so nothing was written.",
            next_step="Look at the new difference, then write again.",
        )


class Disk:
    """The system calls that change something, one method each, so that a test can stop at any of them."""

    def make_folder(self, path: Path) -> None:
        """The folder and those above it; one that exists is fine."""
        path.mkdir(parents=True, exist_ok=True)

    def create(self, path: Path, mode: int) -> int:
        """A new file, open for writing. Raises FileExistsError."""
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), mode)

    def write(self, handle: int, content: bytes) -> None:
        """All of the content, however often the system has to be asked."""
        view = memoryview(content)
        while view:
            view = view[os.write(handle, view) :]

    def sync(self, handle: int) -> None:
        """Returns when what was written is on the disk."""
        os.fsync(handle)

    def close(self, handle: int) -> None:
        """Gives the handle back."""
        os.close(handle)

    def own(self, path: Path, like: os.stat_result) -> None:
        """Mode and owner of another file. Raises PermissionError when the owner cannot be kept."""
        mine = os.stat(path)
        if hasattr(os, "chown") and (mine.st_uid, mine.st_gid) != (like.st_uid, like.st_gid):
            self._chown(path, mine, like)
        os.chmod(path, stat.S_IMODE(like.st_mode))

    def exchange(self, path: Path, other: Path) -> bool:
        """Swaps the two names in one step; False where the system or the file system cannot."""
        return _exchange(path, other)

    def replace(self, source: Path, path: Path) -> None:
        """Gives the source the name `path`, in one step."""
        os.replace(source, path)

    def link(self, source: Path, path: Path) -> bool:
        """A second name for the source unless `path` exists (FileExistsError); False where links are not possible."""
        try:
            os.link(source, path)
        except FileExistsError:
            raise
        except (OSError, NotImplementedError, AttributeError):
            return False
        return True

    def unlink(self, path: Path) -> None:
        """Removes a name. Raises FileNotFoundError."""
        os.unlink(path)

    def sync_folder(self, path: Path) -> None:
        """Returns when the names in a folder are on the disk; Windows has no such thing."""
        if os.name == "nt":
            return
        handle = os.open(path, os.O_RDONLY)
        try:
            with suppress(OSError):  # some network file systems refuse
                os.fsync(handle)
        finally:
            os.close(handle)

    def _chown(self, path: Path, mine: os.stat_result, like: os.stat_result) -> None:
        try:
            os.chown(path, like.st_uid, like.st_gid)
        except PermissionError:
            if mine.st_uid != like.st_uid:
                raise
            # Same user, a group we are not in: the file stays readable for its owner.


def real_file(path: Path) -> Path:
    """The file behind symbolic links. Raises FileProblem for loops, links to nothing and folders."""
    try:
        real = path.resolve(strict=False)
        if path.is_symlink() and not real.exists():
            raise FileProblem(
                path, f"it is a link to {real}, which does not exist.", next_step="Repair or remove the link."
            )
        if real.is_dir():
            raise FileProblem(path, "a folder stands where the file should be.", next_step="Move the folder away.")
        if real.exists() and not real.is_file():
            raise FileProblem(path, "it is not a regular file.")
    except (RuntimeError, OSError) as error:
        if isinstance(error, OSError) and error.errno not in (40, 62, None):
            raise _explained(path, error) from error
        raise FileProblem(path, "its links lead in a circle.", next_step="Repair or remove the link.") from error
    return real


def read_file(path: Path) -> bytes | None:
    """The content, or None when there is no such file. Raises FileProblem with the reason."""
    real = real_file(path)
    try:
        with real.open("rb") as file:
            content = file.read(_READ_LIMIT + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _explained(path, error) from error
    if len(content) > _READ_LIMIT:
        raise FileProblem(path, "it is far too large for a configuration file.")
    return content


def replace_file(path: Path, content: bytes, *, expected: bytes | None, new_mode: int = 0o600, disk: Disk) -> None:
    """Makes `content` the file's content if it still holds `expected` (None: does not exist yet).

    Follows links, keeps mode and owner, reads back what was written. Raises ChangedMeanwhile or FileProblem; the file
    then has its old content.
    """
    real = real_file(path)
    temporary = real.with_name(f".{real.name}{_MARK}{os.urandom(6).hex()}")
    try:
        _check_writable(path, real)
        if expected is None:
            disk.make_folder(real.parent)
        _write_beside(temporary, real, content, expected, new_mode, disk)
        if read_file(path) != expected:
            raise ChangedMeanwhile(path)
        _put_in_place(path, temporary, real, content, expected, disk)
        disk.sync_folder(real.parent)
    except OSError as error:
        raise _explained(path, error) from error
    finally:
        with suppress(OSError):
            if temporary.exists():
                disk.unlink(temporary)
    if read_file(path) != content:
        raise ChangedMeanwhile(path)


def leftovers(path: Path, *, older_than: float) -> list[Path]:
    """Files beside this one that a write left behind when its process was killed, `older_than` seconds ago or more."""
    real = real_file(path)
    now = time.time()
    found = real.parent.glob(f".{glob.escape(real.name)}{_MARK}*")
    return sorted(one for one in found if one.is_file() and now - one.lstat().st_mtime >= older_than)


def remove_file(path: Path, *, expected: bytes, disk: Disk) -> None:
    """Deletes a file that we created, if it still holds what we wrote."""
    real = real_file(path)
    if read_file(path) != expected:
        raise ChangedMeanwhile(path)
    try:
        disk.unlink(real)
        disk.sync_folder(real.parent)
    except OSError as error:
        raise _explained(path, error) from error


def _write_beside(
    temporary: Path, real: Path, content: bytes, expected: bytes | None, new_mode: int, disk: Disk
) -> None:
    handle = disk.create(temporary, new_mode)
    try:
        disk.write(handle, content)
        if expected is not None:
            disk.own(temporary, os.stat(real))
        disk.sync(handle)
    finally:
        disk.close(handle)


def _put_in_place(path: Path, temporary: Path, real: Path, content: bytes, expected: bytes | None, disk: Disk) -> None:
    if expected is None:
        try:
            if not disk.link(temporary, real):
                disk.replace(temporary, real)
        except FileExistsError as error:
            raise ChangedMeanwhile(path) from error
        return
    if not disk.exchange(temporary, real):
        disk.replace(temporary, real)
        return
    theirs = temporary.read_bytes()
    if theirs != expected:
        _give_back(temporary, real, theirs, content, disk)
        raise ChangedMeanwhile(path)


def _give_back(temporary: Path, real: Path, theirs: bytes, ours: bytes, disk: Disk) -> None:
    """Puts back what another program wrote at the last moment, or what it has written since then."""
    for _ in range(_PATIENCE):
        if not disk.exchange(temporary, real):
            return
        found = temporary.read_bytes()
        if found == ours:
            return
        theirs, ours = found, theirs  # it wrote once more in between: that is newer than what stands there now


def _check_writable(path: Path, real: Path) -> None:
    """A read-only file could be replaced through its folder; its owner's wish counts more."""
    if real.exists() and not os.access(real, os.W_OK):
        raise FileProblem(path, "the file is read-only.", next_step="Make it writable, then try again.")
    if os.name != "nt" and real.exists() and not real.stat().st_mode & 0o222:
        raise FileProblem(path, "the file is read-only.", next_step="Make it writable, then try again.")


def _explained(path: Path, error: OSError) -> FileProblem:
    name = type(error).__name__
    if isinstance(error, PermissionError):
        return FileProblem(path, "permission was denied.", next_step="Check who owns the file and its folder.")
    if error.errno == 28:
        return FileProblem(
            path, "the disk is full, so nothing was written.", next_step="Free some space, then try again."
        )
    if error.errno == 30:
        return FileProblem(path, "the file system is read-only.")
    if isinstance(error, (NotADirectoryError, FileExistsError)):
        return FileProblem(path, "a file stands where one of its folders should be.")
    return FileProblem(path, f"{error.strerror or name}.".lower())


def _exchange(path: Path, other: Path) -> bool:
    if sys.platform == "win32":
        return _exchange_windows(path, other)
    if sys.platform not in ("linux", "darwin"):
        return False
    try:
        libc = ctypes.CDLL(None, use_errno=True)
        if sys.platform == "linux":
            done = libc.renameat2(_AT_FDCWD, os.fsencode(path), _AT_FDCWD, os.fsencode(other), _EXCHANGE)
        else:
            done = libc.renamex_np(os.fsencode(path), os.fsencode(other), _SWAP_MAC)
    except (AttributeError, OSError):
        return False
    return done == 0


def _kernel32() -> Any:
    return getattr(ctypes, "WinDLL")("kernel32", use_last_error=True)  # noqa: B009 (only Windows has it)


def _exchange_windows(path: Path, other: Path) -> bool:
    """`ReplaceFile` puts `other` in the place of `path` and keeps what was there under a third name, with its rights.

    When it fails after it has moved the old file away (ERROR_UNABLE_TO_MOVE_REPLACEMENT_2), that is put back.
    """
    kept = other.with_name(f"{other.name}.old")
    try:
        done = _kernel32().ReplaceFileW(str(path), str(other), str(kept), 0, None, None)
    except (AttributeError, OSError):
        return False
    if done:
        os.replace(kept, other)
    elif kept.exists() and not path.exists():
        os.replace(kept, path)
    return bool(done)
