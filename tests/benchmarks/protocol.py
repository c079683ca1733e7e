"""Wireglass and FastMCP side by side: the same little client, the same server file, in turn, in one run.

    python tests/benchmarks/protocol.py [--peer-venv FOLDER] [--rounds 5] [--quick] [--json FILE]

The peer lives in a virtual environment of its own, made in FOLDER or in a temporary folder; it needs a package index.
The client is a few lines on blocking pipes, so that what is measured is the servers. Ratios above 1 are in our favour.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).parents[2]
PEER = "fastmcp>=4,<5"

SERVER = """
import os
from {package} import FastMCP, Context
mcp = FastMCP("bench")

@mcp.tool
async def add(a: int, b: int) -> int:
    return a + b

@mcp.tool
async def big(size: int) -> str:
    return "x" * size

@mcp.tool
async def count(to: int, ctx: Context) -> int:
    for step in range(to):
        await ctx.report_progress(step + 1, to)
    return to

def numbered(n):
    async def tool(text: str, limit: int = 10) -> str:
        return text
    tool.__name__ = f"tool_{{n}}"
    tool.__doc__ = f"Tool number {{n}}."
    return tool

for n in range(int(os.environ.get("TOOLS", "0"))):
    mcp.tool(numbered(n))

if __name__ == "__main__":
    mcp.run({run})
"""


@dataclass
class Subject:
    """One of the two."""

    name: str
    package: str
    python: str
    env: dict[str, str] = field(default_factory=dict)
    run: str = ""
    script: str = ""


class Wire:
    """A handshake-era client on blocking pipes."""

    def __init__(self, subject: Subject, tools: int = 0) -> None:
        env = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), "TOOLS": str(tools), **subject.env}
        self.process = subprocess.Popen(
            [subject.python, subject.script],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=env,
        )
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self._in, self._out = self.process.stdin, self.process.stdout
        self._id = 0
        info = {"name": "bench", "version": "1"}
        params = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": info}
        self.request("initialize", params)
        self.write({"jsonrpc": "2.0", "method": "notifications/initialized"})

    def write(self, message: dict[str, Any]) -> None:
        self._in.write(json.dumps(message).encode() + b"\n")
        self._in.flush()

    def new(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        self._id += 1
        return {"jsonrpc": "2.0", "id": self._id, "method": method, "params": params}

    def line(self) -> bytes:
        line = self._out.readline()
        if not line:
            raise RuntimeError("the server is gone")
        return line

    def request(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        message = self.new(method, params)
        self.write(message)
        while True:
            answer = json.loads(self.line())
            if answer.get("id") == message["id"]:
                if "error" in answer:
                    raise RuntimeError(answer["error"])
                return answer["result"]

    def close(self) -> None:
        self._in.close()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._out.close()


@contextmanager
def served(subject: Subject, tools: int = 0) -> Iterator[Wire]:
    wire = Wire(subject, tools)
    try:
        yield wire
    finally:
        wire.close()


def add(n: int) -> dict[str, Any]:
    return {"name": "add", "arguments": {"a": n, "b": 1}}


# Each measurement returns one number; smaller is better unless its name says "per second".


def cold_start(subject: Subject, scale: float) -> float:
    """Seconds from spawn until tools/list is answered."""
    started = time.perf_counter()
    with served(subject) as wire:
        wire.request("tools/list", {})
        return time.perf_counter() - started


def call_p50(subject: Subject, scale: float) -> float:
    """Microseconds of one call, one after another, in the middle."""
    with served(subject) as wire:
        for n in range(50):
            wire.request("tools/call", add(n))
        times: list[float] = []
        for n in range(int(1000 * scale)):
            started = time.perf_counter()
            wire.request("tools/call", add(n))
            times.append(time.perf_counter() - started)
        return statistics.median(times) * 1e6


def pipelined(subject: Subject, scale: float) -> float:
    """Calls per second when all are sent at once."""
    with served(subject) as wire:
        wire.request("tools/call", add(0))
        messages = [wire.new("tools/call", add(n)) for n in range(int(3000 * scale))]
        data = b"".join(json.dumps(message).encode() + b"\n" for message in messages)
        waiting = {message["id"] for message in messages}

        def write() -> None:
            wire._in.write(data)
            wire._in.flush()

        started = time.perf_counter()
        writer = threading.Thread(target=write)
        writer.start()
        while waiting:
            waiting.discard(json.loads(wire.line()).get("id"))
        taken = time.perf_counter() - started
        writer.join()
        return len(messages) / taken


def memory(subject: Subject, scale: float) -> float:
    """Resident megabytes after 200 calls."""
    with served(subject) as wire:
        for n in range(200):
            wire.request("tools/call", add(n))
        return psutil.Process(wire.process.pid).memory_info().rss / 2**20


def thousand_tools(subject: Subject, scale: float) -> float:
    """Milliseconds to list 1,000 tools, in the middle."""
    with served(subject, tools=1000) as wire:
        times: list[float] = []
        for _ in range(max(3, int(10 * scale))):
            started = time.perf_counter()
            cursor, listed = None, 0
            while True:
                page = wire.request("tools/list", {} if cursor is None else {"cursor": cursor})
                listed += len(page["tools"])
                cursor = page.get("nextCursor")
                if cursor is None:
                    break
            assert listed == 1003
            times.append(time.perf_counter() - started)
        return statistics.median(times) * 1e3


def ten_megabytes(subject: Subject, scale: float) -> float:
    """Milliseconds for a result of 10 MB of text, in the middle."""
    with served(subject) as wire:
        times: list[float] = []
        for _ in range(5):
            started = time.perf_counter()
            wire.request("tools/call", {"name": "big", "arguments": {"size": 10_000_000}})
            times.append(time.perf_counter() - started)
        return statistics.median(times) * 1e3


def progress(subject: Subject, scale: float) -> float:
    """Progress notifications per second, of 10,000."""
    with served(subject) as wire:
        many = int(10_000 * scale)
        message = wire.new("tools/call", {"name": "count", "arguments": {"to": many}, "_meta": {"progressToken": "p"}})
        started = time.perf_counter()
        wire.write(message)
        heard = 0
        while True:
            answer = json.loads(wire.line())
            if answer.get("id") == message["id"]:
                break
            heard += answer.get("method") == "notifications/progress"
        assert heard == many, heard
        return many / (time.perf_counter() - started)


MEASUREMENTS: dict[str, tuple[Callable[[Subject, float], float], float | None]] = {
    "cold start, s": (cold_start, 5),
    "sequential call p50, µs": (call_p50, 8),
    "pipelined calls per second": (pipelined, 30),
    "resident memory, MB": (memory, 2),
    "1,000 tools listed, ms": (thousand_tools, None),
    "10 MB text result, ms": (ten_megabytes, None),
    "progress per second, of 10,000": (progress, None),
}
"""Name to the function and the ratio that we want to reach."""


def import_time(python: str, module: str, env: dict[str, str]) -> float:
    """Milliseconds for `import module`, the interpreter's own start not counted."""
    code = f"import time; t=time.perf_counter(); import {module}; print(time.perf_counter()-t)"
    done = subprocess.run([python, "-c", code], env={**os.environ, **env}, capture_output=True, text=True, check=True)
    return float(done.stdout) * 1e3


def make_peer(folder: Path) -> str:
    """The peer's interpreter; installs it when the folder does not hold it yet."""
    python = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "-q", PEER], check=True)
    return str(python)


def compare(ours: Subject, peer: Subject, *, rounds: int, scale: float) -> list[dict[str, Any]]:
    """Every measurement for both, in turn, `rounds` times."""
    rows: list[dict[str, Any]] = []
    for name, (measure, target) in MEASUREMENTS.items():
        values: dict[str, list[float]] = {ours.name: [], peer.name: []}
        for _ in range(rounds):
            for subject in (ours, peer):
                values[subject.name].append(measure(subject, scale))
        us, them = (statistics.median(values[subject.name]) for subject in (ours, peer))
        ratio = us / them if "per second" in name else them / us
        rows.append({"what": name, "ours": us, "peer": them, "ratio": ratio, "target": target})
        print(f"{name:32} {us:12.2f} {them:12.2f} {ratio:8.1f}x {_verdict(ratio, target)}", flush=True)
    return rows


def _verdict(ratio: float, target: float | None) -> str:
    if target is None:
        return ""
    return f"(target {target:g}x: {'met' if ratio >= target else 'MISSED'})"


def compare_imports(ours: Subject, rounds: int) -> dict[str, Any]:
    """`import wireglass` and `from wireglass import FastMCP` against `import pydantic`."""
    times: dict[str, float] = {}
    for module in ("pydantic", "wireglass"):
        times[module] = min(import_time(ours.python, module, ours.env) for _ in range(rounds * 3))
    ratio = times["wireglass"] / times["pydantic"]
    print(f"{'import wireglass / pydantic, ms':32} {times['wireglass']:12.2f} {times['pydantic']:12.2f} {ratio:8.2f}x")
    return {"what": "import, ms", **times, "ratio": ratio, "target": 1.5}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peer-venv", type=Path, help="folder of the peer's virtual environment")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--quick", action="store_true", help="a tenth of the work")
    parser.add_argument("--json", type=Path, help="where to write the figures")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        ours = Subject("wireglass", "wireglass", sys.executable, {"PYTHONPATH": str(ROOT / "core")})
        peer = Subject("fastmcp", "fastmcp", make_peer(arguments.peer_venv or folder / "peer"), run="show_banner=False")
        for subject in (ours, peer):
            path = folder / f"{subject.name}_server.py"
            path.write_text(SERVER.format(package=subject.package, run=subject.run))
            subject.script = str(path)
        print(f"{'':32} {'wireglass':>12} {'fastmcp':>12}")
        rows = compare(ours, peer, rounds=arguments.rounds, scale=0.1 if arguments.quick else 1)
        rows.append(compare_imports(ours, arguments.rounds))
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, indent=2))


if __name__ == "__main__":
    main()
