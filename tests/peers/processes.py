"""Server processes for interop tests: started, waited for, ended."""

import os
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from ports import free_port

__all__ = ["HERE", "environment", "free_port", "listening"]

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]


def environment(*, ours: bool) -> dict[str, str]:
    """Variables for a child: with our sources only if it runs our package, and never through a proxy."""
    local = "localhost,127.0.0.1,::1"
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    kept |= {"NO_PROXY": local, "no_proxy": local}
    return {**kept, "PYTHONPATH": str(ROOT / "core")} if ours else kept


@contextmanager
def listening(command: Sequence[str], port: int, variables: Mapping[str, str], log: Path) -> Iterator[None]:
    """Runs a server until the end of the block. Raises AssertionError, with its output, if it never listens."""
    with log.open("wb") as sink:
        process = subprocess.Popen([*command], env={**variables}, stdout=sink, stderr=sink, stdin=subprocess.DEVNULL)
        try:
            assert _listens(port, process), f"{command} did not listen:\n{log.read_text(errors='replace')}"
            yield
        finally:
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(30)


def _listens(port: int, process: "subprocess.Popen[bytes]") -> bool:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return True
        time.sleep(0.1)
    return False
