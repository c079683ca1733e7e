"""Starts a child process in a group of its own and ends the whole group, whatever becomes of us.

If we die without cleaning up, the child sees the end of its stdin; for those that ignore it there is a guard: on
POSIX a small shell that waits for our end of a pipe to close and then ends the group, on Windows a job object.
(Linux' PR_SET_PDEATHSIG was not chosen: it reaches only the direct child, so not the server behind `npx` or `uv run`,
it fires when the starting *thread* ends, and it needs code between fork and exec in a process with many threads.)
"""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping
from typing import Final, Protocol

from wireglass.errors import TransportError

__all__ = ["SAFE_VARIABLES", "Guard", "end_group", "find_program", "guard_child", "safe_environment", "start_options"]

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
        command = ["taskkill", "/T", "/PID", str(pid)] + (["/F"] if force else [])
        done = subprocess.run(command, capture_output=True, check=False, creationflags=subprocess.CREATE_NO_WINDOW)
        return done.returncode == 0
    try:
        os.killpg(pid, signal.SIGKILL if force else signal.SIGTERM)
    except ProcessLookupError:
        return False
    except PermissionError:
        # macOS says so for a group of zombies; a member that changed its user is not ours to end.
        return False
    return True


def group_is_alive(pid: int) -> bool:
    """Whether any process of the group is left (POSIX; elsewhere False)."""
    if sys.platform == "win32":
        return False
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, 0)
        return True
    return False
