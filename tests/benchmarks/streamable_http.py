"""Calls a second over HTTP: our runtime, FastMCP 4.x and a bare uvicorn echo, in turn, with one load generator.

    python tests/benchmarks/streamable_http.py [--seconds 3] [--rounds 3] [--connections 8]

Stateless JSON at 2026-07-28, one `tools/call` of a tool that adds two numbers; 8 connections, each with one request in
flight. The servers run in processes of their own. Prints medians and the two ratios that count, and exits with 1 when
one misses its target. The processor time per call is printed too: on a busy machine it is what can be compared. The
peer's environment comes from tests/peers/requirements/fastmcp-4.txt.
"""

import argparse
import asyncio
import json
import os
import socket
import statistics
import subprocess
import sys
import time
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "core"), str(ROOT / "tests")]

from peers.environments import python_of  # noqa: E402

ECHO = """
import sys, uvicorn
async def app(scope, receive, send):
    body = (await receive())["body"]
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})
uvicorn.run(app, port=int(sys.argv[1]), log_level="warning", lifespan="off", access_log=False)
"""
SERVER = """
import sys
from {module} import FastMCP
mcp = FastMCP("bench")
@mcp.tool
def add(a: int, b: int) -> int:
    return a + b
mcp.run(transport="http", host="127.0.0.1", port=int(sys.argv[1]), stateless_http=True, json_response=True,
        log_level="warning", uvicorn_config={{"access_log": False}}, show_banner=False)
"""
ASYNC_SERVER = SERVER.replace("def add", "async def add")
META = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": {},
    "io.modelcontextprotocol/clientInfo": {"name": "bench", "version": "1"},
}


def call(port: int) -> bytes:
    """One request as bytes."""
    params = {"name": "add", "arguments": {"a": 1, "b": 2}, "_meta": META}
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}).encode()
    head = (
        f"POST /mcp HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n"
        "Accept: application/json, text/event-stream\r\nMCP-Protocol-Version: 2026-07-28\r\n"
        f"Mcp-Method: tools/call\r\nMcp-Name: add\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes) -> bytes:
    """Sends a request and returns the body of the answer. Raises AssertionError for a status other than 200."""
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200"), head + await reader.read(2000)
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return await reader.readexactly(int(line[15:]))
    raise AssertionError(f"an answer without length: {head!r}")


async def load(port: int, connections: int, seconds: float) -> tuple[float, float]:
    """Calls a second, and the median latency in milliseconds."""
    request = call(port)
    latencies: list[float] = []
    until = time.perf_counter() + seconds

    async def one() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while (began := time.perf_counter()) < until:
            await ask(reader, writer, request)
            latencies.append(time.perf_counter() - began)
        writer.close()

    began = time.perf_counter()
    await asyncio.gather(*(one() for _ in range(connections)))
    return len(latencies) / (time.perf_counter() - began), statistics.median(latencies) * 1000


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


async def started(python: str, code: str) -> tuple["subprocess.Popen[bytes]", int]:
    """A server process that answers. Raises AssertionError when it does not within 60 s."""
    port = free_port()
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "core") if python == sys.executable else ""}
    process = subprocess.Popen(  # noqa: ASYNC220  # quick, and nothing else runs
        [python, "-c", code, str(port)], env=environment
    )
    for _ in range(600):
        try:
            await load(port, 1, 0.05)
        except OSError:
            await asyncio.sleep(0.1)
        else:
            return process, port
        assert process.poll() is None, "the server ended"
    raise AssertionError("the server does not answer")


def processor_seconds(process: "subprocess.Popen[bytes]") -> float:
    """User and system time that a server has used."""
    times = psutil.Process(process.pid).cpu_times()
    return times.user + times.system


async def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--connections", type=int, default=8)
    options = parser.parse_args()
    wanted = {
        "echo": (sys.executable, ECHO),
        "wireglass, async tool": (sys.executable, ASYNC_SERVER.format(module="wireglass")),
        "wireglass, sync tool": (sys.executable, SERVER.format(module="wireglass")),
        "fastmcp 4, async tool": (python_of("fastmcp-4"), ASYNC_SERVER.format(module="fastmcp")),
    }
    rates: dict[str, list[float]] = {name: [] for name in wanted}
    costs: dict[str, list[float]] = {name: [] for name in wanted}
    for _ in range(options.rounds):
        for name, (python, code) in wanted.items():
            process, port = await started(python, code)
            try:
                before = processor_seconds(process)
                rate, latency = await load(port, options.connections, options.seconds)
                cost = (processor_seconds(process) - before) / (rate * options.seconds)
            finally:
                process.terminate()
                process.wait(10)
            rates[name].append(rate)
            costs[name].append(cost)
            print(f"{name:24} {rate:8.0f} calls/s   p50 {latency:6.2f} ms   {cost * 1e6:6.0f} µs CPU", flush=True)
    median = {name: statistics.median(values) for name, values in rates.items()}
    spent = {name: statistics.median(values) for name, values in costs.items()}
    ours, peer = "wireglass, async tool", "fastmcp 4, async tool"
    to_echo, to_peer = median[ours] / median["echo"], median[ours] / median[peer]
    print(f"of a bare echo: {to_echo:.2f} (target 0.5)   times FastMCP 4: {to_peer:.1f} (target 5)")
    by_cpu = f"{spent['echo'] / spent[ours]:.2f} of a bare echo, {spent[peer] / spent[ours]:.1f} times FastMCP 4"
    print(f"by processor time: {by_cpu}")
    return 0 if to_echo >= 0.5 and to_peer >= 5 else 1


if __name__ == "__main__":
    raise SystemExit(asyncio.run(main()))
