"""Starts a child process in a group of its own and ends the whole group, whatever becomes of us.

If we die without cleaning up, the child sees the end of its stdin; for those that ignore it there is a guard: on
POSIX a small shell that waits for our end of a pipe to close and then ends the group, on Windows a job object.
(Linux' PR_SET_PDEATHSIG was not chosen: it reaches only the direct child, so not the server behind `npx` or `uv run`,
it fires when the starting *thread* ends, and it needs code between fork and exec in a process with many threads.)
"""

import contextlib
import ntpath
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import Final, Protocol

from wireglass.errors import TransportError

__all__ = [
    "SAFE_VARIABLES",
    "Guard",
    "batch_command",
    "child_environment",
    "end_group",
    "find_program",
    "group_is_alive",
    "guard_child",
    "safe_environment",
    "start_options",
]

SAFE_VARIABLES: Final = (
    (
        "APPDATA",
        "COMSPEC",
        "HOMEDRIVE",
        "HOMEPATH",
        "LOCALAPPDATA",
        "PATH",
        "PATHEXT",
        "PROCESSOR_ARCHITECTURE",
        "PROGRAMDATA",
        "PROGRAMFILES",
        "SYSTEMDRIVE",
        "SYSTEMROOT",
        "TEMP",
        "TMP",
        "USERNAME",
        "USERPROFILE",
        "WINDIR",
    )
    if sys.platform == "win32"
    else (
        "DISPLAY",
        "HOME",
        "LANG",
        "LC_ALL",
        "LC_CTYPE",
        "LOGNAME",
        "PATH",
        "SHELL",
        "TERM",
        "TMPDIR",
        "TZ",
        "USER",
        "WAYLAND_DISPLAY",
        "XDG_CACHE_HOME",
        "XDG_CONFIG_HOME",
        "XDG_DATA_HOME",
        "XDG_RUNTIME_DIR",
    )
)
"""What a server gets of our environment unless told otherwise: enough to find programs and folders, no secrets."""

ALIAS_VARIABLES: Final = (
    "PYTHONPATH",
    "WIREGLASS_COMPAT",
    "WIREGLASS_COMPAT_HOME",
    "WIREGLASS_COMPAT_PREFIX",
    "WIREGLASS_DIALECT",
)
"""Passed on as well inside a process that runs a user's file with the import aliases: its own children need them."""

_GUARD_SCRIPT: Final = """
trap '' HUP INT TERM
read -r line && exit 0
sleep 1
kill -s TERM -- "-$1" 2>/dev/null || exit 0
sleep 2
kill -s KILL -- "-$1" 2>/dev/null
"""


def safe_environment(source: Mapping[str, str] | None = None) -> dict[str, str]:
    """The safe subset of `source` (default: our own environment). Shell functions are left out."""
    given = os.environ if source is None else source
    names = (*SAFE_VARIABLES, *ALIAS_VARIABLES) if "WIREGLASS_COMPAT" in given else SAFE_VARIABLES
    return {name: given[name] for name in names if name in given and not given[name].startswith("()")}


def child_environment(base: Mapping[str, str], extra: Mapping[str, str]) -> dict[str, str]:
    """`base` with `extra`. On Windows `Path` and `PATH` are one variable, and a child must not get both."""
    if sys.platform != "win32":
        return {**base, **extra}
    return {name.upper(): value for name, value in (*base.items(), *extra.items())}


def batch_command(program: str, args: Sequence[str]) -> str | None:
    """The command line for a `.bat` or `.cmd` file, such as `npx` is on Windows; None for any other program.

    Windows has `cmd.exe` run them, which reads the line by rules of its own: an `&` in a URL would end the command and
    begin another one. So every argument is quoted, quotes are doubled, and a percent sign is followed by an expansion
    that is always empty, which keeps it from beginning one of its own. Raises TransportError for a line break, which
    no quoting can carry.
    """
    if sys.platform != "win32" or ntpath.splitext(program)[1].lower() not in (".bat", ".cmd"):
        return None
    for word in args:
        if any(letter in word for letter in "\0\r\n"):
            raise TransportError(
                f"{ntpath.basename(program)} is a batch file, and those take no argument with a line break.",
                next_step="Name the program that the batch file runs (node, python, ...), or leave the break out.",
            )
    return " ".join(_batch_word(word) for word in (program, *args))


def _batch_word(word: str) -> str:
    backslashes = len(word) - len(word.rstrip("\\"))
    quoted = word.replace('"', '""').replace("%", "%%cd:~,%") + "\\" * backslashes
    return f'"{quoted}"'


def find_program(command: str, env: Mapping[str, str], cwd: str | None) -> str:
    """The program to start, looked up on the child's own PATH. Raises TransportError with what to do."""
    if cwd is not None and not os.path.isdir(cwd):
        raise TransportError(f"There is no folder {cwd}.", next_step="Choose a working directory that exists.")
    if os.path.dirname(command):
        path = command if os.path.isabs(command) or cwd is None else os.path.join(cwd, command)
        found = shutil.which(path)
        if found is None and os.path.exists(path):
            raise TransportError(
                f"{command} is there but cannot be run.",
                next_step="Make the file executable, or name the program that runs it (python, node, ...).",
            )
    else:
        found = shutil.which(command, path=env.get("PATH"))
    if found is None:
        raise TransportError(
            f"There is no program {command!r}.",
            next_step="Check the spelling, install it, or give its full path. A desktop application may have a "
            "shorter PATH than your terminal.",
        )
    return found


def start_options() -> dict[str, object]:
    """Options of `subprocess.Popen` that give the child its own process group and no window."""
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW}
    return {"start_new_session": True}


class Guard(Protocol):
    """Ends the child's group when we die. `release` gives it up after the child has been ended properly."""

    def release(self) -> None:
        """Ends the guard itself. Safe to call twice."""
        ...


class _ShellGuard:
    """POSIX: a shell in its own session that reads from a pipe whose other end only we hold."""

    def __init__(self, group: int) -> None:
        self._process: subprocess.Popen[bytes] | None = subprocess.Popen(
            ["/bin/sh", "-c", _GUARD_SCRIPT, "wireglass-guard", str(group)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={"PATH": os.defpath},
            cwd="/",
            start_new_session=True,
        )

    def release(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        if process.stdin is not None:
            process.stdin.close()


def guard_child(pid: int) -> Guard | None:
    """A guard for the child `pid` and its group, or None where the system offers none."""
    if sys.platform == "win32":
        from wireglass.wire.windows_job import WindowsJob

        return WindowsJob.around(pid)
    try:
        return _ShellGuard(pid)
    except OSError:
        return None  # no /bin/sh: a stripped container; the end of stdin remains


def end_group(pid: int, *, force: bool) -> bool:
    """Asks the group of `pid` to end (`force`: ends it). False when nothing of it is left."""
    if sys.platform == "win32":
        command = [_taskkill(), "/T", "/PID", str(pid)] + (["/F"] if force else [])
        try:
            done = subprocess.run(command, capture_output=True, check=False, creationflags=subprocess.CREATE_NO_WINDOW)
        except OSError:
            return False  # a stripped system: asyncio ends the child, the job object the rest
        return done.returncode == 0
    try:
        os.killpg(pid, signal.SIGKILL if force else signal.SIGTERM)
    except ProcessLookupError:
        return False
    except PermissionError:
        # macOS says so for a group of zombies; a member that changed its user is not ours to end.
        return False
    return True


def _taskkill() -> str:
    """By its full path: Windows looks for programs in the current folder first, which may be anybody's."""
    return ntpath.join(os.environ.get("SYSTEMROOT") or "C:\\Windows", "System32", "taskkill.exe")


def group_is_alive(pid: int) -> bool:
    """Whether any process of the group is left (POSIX; elsewhere False)."""
    if sys.platform == "win32":
        return False
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, 0)
        return True
    return False
