"""What is done on Windows, with its calls replaced by doubles: this runs everywhere, and starts nothing."""

import ctypes
import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from pydantic_core import from_json

from wireglass.errors import TransportError
from wireglass.wire import child

CORE = Path(__file__).parents[3] / "core"


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The module believes that it is on Windows; programs it would run are noted."""
    commands: list[list[str]] = []

    def run(command: list[str], **options: Any) -> Any:
        commands.append(command)
        assert options == {"capture_output": True, "check": False, "creationflags": 0x08000000}
        return SimpleNamespace(returncode=0 if "7" in command else 128)

    fake = SimpleNamespace(run=run, CREATE_NO_WINDOW=0x08000000, CREATE_NEW_PROCESS_GROUP=0x00000200)
    monkeypatch.setattr(child, "subprocess", fake)
    monkeypatch.setattr(child, "sys", SimpleNamespace(platform="win32"))
    monkeypatch.setenv("SYSTEMROOT", "D:\\Windows")
    return commands


def test_a_system_without_taskkill_leaves_the_rest_to_the_job(
    ran: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(*_: Any, **_options: Any) -> None:
        raise FileNotFoundError

    monkeypatch.setattr(child.subprocess, "run", missing)
    assert not child.end_group(7, force=True)


def test_a_variable_has_one_spelling_there(ran: list[list[str]]) -> None:
    """A child that got both `Path` and `PATH` would use whichever comes first."""
    merged = child.child_environment({"PATH": "C:\\old", "TEMP": "t"}, {"Path": "C:\\new", "key": "v"})
    assert merged == {"PATH": "C:\\new", "TEMP": "t", "KEY": "v"}


@pytest.mark.parametrize(
    ("word", "quoted"),
    [
        ("plain", '"plain"'),
        ("https://x.example/sse?a=1&b=2", '"https://x.example/sse?a=1&b=2"'),
        ('" & calc & "', '""" & calc & """'),
        ("100%PATH%", '"100%%cd:~,%PATH%%cd:~,%"'),
        ("C:\\folder\\", '"C:\\folder\\\\"'),
        ("", '""'),
        ("^|<>!()", '"^|<>!()"'),
    ],
)
def test_arguments_of_a_batch_file_are_quoted_for_cmd(ran: list[list[str]], word: str, quoted: str) -> None:
    """`npx` is a batch file there. Unquoted, the `&` of a URL would begin another command."""
    assert child.batch_command("C:\\node\\npx.CMD", ["-y", word]) == f'"C:\\node\\npx.CMD" "-y" {quoted}'


def test_what_no_quoting_can_carry_is_refused_and_programs_are_started_as_they_are(ran: list[list[str]]) -> None:
    for word in ("a\nb", "a\rb", "a\0b"):
        with pytest.raises(TransportError, match="line break"):
            child.batch_command("run.bat", [word])
    assert child.batch_command("C:\\python\\python.exe", ["a\nb"]) is None


def test_a_child_gets_a_process_group_of_its_own_and_no_window(ran: list[list[str]]) -> None:
    assert child.start_options() == {"creationflags": 0x08000200}


def test_the_whole_tree_is_ended_first_politely_then_by_force(ran: list[list[str]]) -> None:
    assert child.end_group(7, force=False)
    assert child.end_group(7, force=True)
    assert not child.end_group(8, force=True)  # taskkill found nothing
    taskkill = "D:\\Windows\\System32\\taskkill.exe"  # not whichever lies in the current folder
    assert ran == [
        [taskkill, "/T", "/PID", "7"],
        [taskkill, "/T", "/PID", "7", "/F"],
        [taskkill, "/T", "/PID", "8", "/F"],
    ]
    assert not child.group_is_alive(7)  # the job object is what makes sure


class Kernel:
    """kernel32, as far as it is called. `refuse` names the call that fails."""

    def __init__(self, refuse: str = "") -> None:
        self.refuse = refuse
        self.calls: list[tuple[Any, ...]] = []
        self.closed: list[int] = []
        self.flags = 0
        for name, value in (("CreateJobObjectW", 11), ("OpenProcess", 22), ("AssignProcessToJobObject", 1)):
            setattr(self, name, self._call(name, value))

    def _call(self, name: str, value: int) -> Any:
        def call(*arguments: Any) -> int:
            self.calls.append((name, *[getattr(each, "value", each) for each in arguments]))
            return 0 if self.refuse == name else value

        return call

    def SetInformationJobObject(self, job: Any, kind: int, limits: Any, size: int) -> int:
        self.flags = limits._obj.BasicLimitInformation.LimitFlags
        assert (kind, size) == (9, ctypes.sizeof(limits._obj))
        return 0 if self.refuse == "SetInformationJobObject" else 1

    def CloseHandle(self, handle: Any) -> int:
        self.closed.append(getattr(handle, "value", handle))
        return 1


def windows_job(monkeypatch: pytest.MonkeyPatch, kernel: Kernel) -> Any:
    """The module as it is on Windows."""
    monkeypatch.setattr(ctypes, "WinDLL", lambda *_a, **_k: kernel, raising=False)
    spec = importlib.util.spec_from_file_location("windows_job_double", CORE / "wireglass/wire/windows_job.py")
    assert spec is not None
    assert spec.loader is not None
    module: ModuleType = importlib.util.module_from_spec(spec)
    with monkeypatch.context() as on_windows:
        on_windows.setattr(sys, "platform", "win32")
        spec.loader.exec_module(module)
    return module.WindowsJob


def test_a_job_ends_its_processes_with_us(monkeypatch: pytest.MonkeyPatch) -> None:
    kernel = Kernel()
    job = windows_job(monkeypatch, kernel).around(7)
    assert kernel.flags == 0x2000, "kill on close"
    assert ("OpenProcess", 0x0101, False, 7) in kernel.calls
    assert ("AssignProcessToJobObject", 11, 22) in kernel.calls
    assert kernel.closed == [22], "the job stays open for as long as we live"
    job.release()
    job.release()
    assert kernel.closed == [22, 11]


@pytest.mark.parametrize("refuse", ["OpenProcess", "SetInformationJobObject", "AssignProcessToJobObject"])
def test_a_job_that_windows_refuses_leaves_no_handle(monkeypatch: pytest.MonkeyPatch, refuse: str) -> None:
    kernel = Kernel(refuse)
    assert windows_job(monkeypatch, kernel).around(7) is None
    assert 11 in kernel.closed
    assert (22 in kernel.closed) == (refuse != "OpenProcess")


SERVE = """
import asyncio, os
from wireglass.session import ServerSession
from wireglass.wire import own_streams, pipe_writer

own_streams.StdioServerTransport._poll = lambda self, descriptor: False  # asyncio cannot wait for pipes there
pipe_writer._is_pipe = lambda descriptor: False  # and they stay blocking
pipe_writer._GATHERS = False  # nor is there writev

async def handle(scope):
    size = scope.params.get("size", 0)
    return {"content": [{"type": "text", "text": "x" * size}]}

asyncio.run(ServerSession(handle, own_streams.StdioServerTransport()).run())
"""


def test_a_server_reads_in_a_thread_where_the_loop_cannot_wait_for_pipes() -> None:
    asked = b"".join(
        b'{"jsonrpc":"2.0","id":%d,"method":"ping","params":{"size":%d}}\n' % (id, size)
        for id, size in ((1, 0), (2, 1_000_000), (3, 10))
    )
    done = subprocess.run(
        [sys.executable, "-c", SERVE], input=asked, capture_output=True, env={"PYTHONPATH": str(CORE)}, timeout=60
    )
    assert done.returncode == 0, done.stderr
    answers = {line["id"]: line["result"]["content"][0]["text"] for line in map(from_json, done.stdout.splitlines())}
    assert {id: len(text) for id, text in answers.items()} == {1: 0, 2: 1_000_000, 3: 10}


IMPORT_ALL = """
import asyncio, importlib, os, pkgutil, signal, sys, warnings
warnings.simplefilter("ignore")
import wireglass

def names(package):
    yield package.__name__
    for found in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        if ".probe" not in found.name and not found.name.endswith("__main__"):
            yield found.name

everything = list(names(wireglass))
for name in everything:  # the standard library and other packages as they are on this system
    importlib.import_module(name)

class Absent:
    lacking = {"fcntl", "grp", "pty", "pwd", "readline", "resource", "spwd", "syslog", "termios", "tty", "posix"}

    def find_spec(self, name, path=None, target=None):
        if name in self.lacking:
            raise ImportError(f"{name} does not exist on Windows")

for name in [name for name in sys.modules if name.partition(".")[0] == "wireglass" or name in Absent.lacking]:
    del sys.modules[name]
for name in ("killpg", "getpgid", "setsid", "fork", "getuid", "geteuid", "getgid", "getegid", "chown", "fchmod",
             "fchown", "mkfifo", "uname", "writev", "readv", "getpgrp", "wait3", "wait4", "O_NOFOLLOW", "O_DIRECTORY",
             "O_CLOEXEC", "O_NONBLOCK", "sched_getaffinity", "register_at_fork"):
    if hasattr(os, name):
        delattr(os, name)
for name in ("SIGKILL", "SIGHUP", "SIGUSR1", "SIGUSR2", "SIGCHLD", "SIGALRM", "SIGPIPE"):
    delattr(signal, name)
sys.meta_path.insert(0, Absent())
sys.platform = "win32"
failed = {}
for name in everything:
    try:
        importlib.import_module(name)
    except Exception as error:
        failed[name] = f"{type(error).__name__}: {error}"
print(len(everything), failed)
sys.stdout.flush()
os._exit(1 if failed else 0)
"""


@pytest.mark.slow
def test_every_module_can_be_imported_without_what_only_posix_has(tmp_path: Path) -> None:
    """`fcntl`, `pwd`, `termios`, `os.killpg`, `signal.SIGKILL` and the like may only be touched behind a check."""
    variables = {"PYTHONPATH": str(CORE), "HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", IMPORT_ALL], capture_output=True, text=True, env=variables, timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr
