"""What a chain of five middleware costs around a tool that does nothing: ours, and the peer's same five, in one run.

    python tests/benchmarks/middleware.py [--peer-venv FOLDER] [--rounds 9] [--calls 1000]

The cost is the difference between `server.call_tool` with and without the chain; it is set against a whole call through
an in-memory client. CPU time, the best of all rounds, so that other work on the machine counts little. The peer
(fastmcp 4) lives in a virtual environment of its own, made in FOLDER or in a temporary folder.
Targets: under 15 % of a call, and at most 1/5 of the peer's cost.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

PROBE = """
import asyncio, json, logging, sys, time
package, rounds, calls = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
logging.disable(logging.INFO)
if package == "wireglass":
    from wireglass import Client, FastMCP
    from wireglass.middleware.error_handling import ErrorHandlingMiddleware, RetryMiddleware
    from wireglass.middleware.rate_limit import RateLimitingMiddleware
    from wireglass.middleware.request_log import LoggingMiddleware
    from wireglass.middleware.timing import TimingMiddleware
else:
    from fastmcp import Client, FastMCP
    from fastmcp.server.middleware.error_handling import ErrorHandlingMiddleware, RetryMiddleware
    from fastmcp.server.middleware.logging import LoggingMiddleware
    from fastmcp.server.middleware.rate_limiting import RateLimitingMiddleware
    from fastmcp.server.middleware.timing import TimingMiddleware

def server(chain):
    mcp = FastMCP("bench")
    @mcp.tool
    async def nothing(a: int) -> int:
        return a
    if chain:
        mcp.add_middleware(ErrorHandlingMiddleware())
        mcp.add_middleware(TimingMiddleware())
        mcp.add_middleware(LoggingMiddleware())
        mcp.add_middleware(RateLimitingMiddleware(max_requests_per_second=1e9, burst_capacity=10**9))
        mcp.add_middleware(RetryMiddleware())
    return mcp

async def microseconds(call):
    begin = time.process_time()
    for number in range(calls):
        await call("nothing", {"a": number})
    return (time.process_time() - begin) / calls * 1e6

async def main():
    bare, full = server(False), server(True)
    best = {}
    async with Client(server(False)) as client:
        for _ in range(rounds + 1):
            for name, call in (("bare", bare.call_tool), ("full", full.call_tool), ("whole", client.call_tool)):
                took = await microseconds(call)
                best[name] = min(took, best.get(name, took))
    print(json.dumps(best))

asyncio.run(main())
"""


def measured(python: str, package: str, rounds: int, calls: int) -> dict[str, float]:
    command = [python, "-W", "ignore", "-c", PROBE, package, str(rounds), str(calls)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def make_peer(folder: Path) -> str:
    """The peer's interpreter; installs it when the folder does not hold it yet."""
    python = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "-q", "fastmcp>=4,<5"], check=True)
    return str(python)


def show(name: str, found: dict[str, float]) -> float:
    """Prints one line; returns the cost of the chain in microseconds."""
    bare, full, whole = found["bare"], found["full"], found["whole"]
    cost = full - bare
    print(f"{name:10} call_tool {bare:.1f} us, with the chain {full:.1f} us: {cost:.1f} us", end="")
    print(f", {cost / (whole + cost):.0%} of a call through a client ({whole:.0f} us without it)")
    return cost


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--peer-venv", type=Path)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--calls", type=int, default=1000)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        peer = make_peer(arguments.peer_venv or Path(temporary) / "peer")
        ours = show("wireglass", measured(sys.executable, "wireglass", arguments.rounds, arguments.calls))
        theirs = show("fastmcp", measured(peer, "fastmcp", arguments.rounds, arguments.calls))
    print(f"ours to theirs: {ours / theirs:.2f}")


if __name__ == "__main__":
    main()
