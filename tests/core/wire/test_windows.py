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
    return commands


def test_a_child_gets_a_process_group_of_its_own_and_no_window(ran: list[list[str]]) -> None:
    assert child.start_options() == {"creationflags": 0x08000200}


def test_the_whole_tree_is_ended_first_politely_then_by_force(ran: list[list[str]]) -> None:
    assert child.end_group(7, force=False)
    assert child.end_group(7, force=True)
    assert not child.end_group(8, force=True)  # taskkill found nothing
    assert ran == [
        ["taskkill", "/T", "/PID", "7"],
        ["taskkill", "/T", "/PID", "7", "/F"],
        ["taskkill", "/T", "/PID", "8", "/F"],
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
from wireglass.wire import own_streams

own_streams.StdioServerTransport._poll = lambda self, descriptor: False  # asyncio cannot wait for pipes there
own_streams._is_pipe = lambda descriptor: False  # and they stay blocking
own_streams._GATHERS = False  # nor is there writev

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
