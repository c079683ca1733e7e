"""The server runtime beside the peer's: calls in memory, construction, lists, import, memory; in turn, in one run.

    python tests/benchmarks/runtime.py [--rounds 5] [--peer-python PYTHON] [--json FILE]

The same probe runs in a fresh process for each side and each round; every figure is the best of its rounds (CPU time
for what a process does by itself), so that other work on the machine counts little. The peer is fastmcp 4 in an
environment of its own (tests/peers/environments.py). Ratios above 1 are in our favour; the exit status is 1 when a
target is missed: 5 times on every line, 4 times for the import.
"""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
TARGETS = {"import, ms": 4.0}
TARGET = 5.0

PROBE = r"""
import sys, time
package = sys.argv[1]
begin = time.process_time()
if package == "wireglass":
    from wireglass import FastMCP
else:
    from fastmcp import FastMCP
took = {"import, ms": (time.process_time() - begin) * 1e3}

import asyncio, gc, json, logging, resource
from pydantic import BaseModel, Field
from typing import Annotated
logging.disable(logging.WARNING)

class Address(BaseModel):
    street: str
    number: int = Field(ge=1)

class Person(BaseModel):
    name: str
    age: int = Field(ge=0)
    addresses: list[Address] = []

def numbered(n):
    def tool(
        text: str,
        limit: int = 10,
        tags: list[str] | None = None,
        exact: Annotated[bool, Field(description="x")] = False,
    ) -> str:
        return text
    tool.__name__ = f"tool_{n}"
    tool.__doc__ = f"Tool number {n}."
    return tool

functions = [numbered(n) for n in range(1000)]
FastMCP("warm").tool(numbered(-1))

def memory():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize() / 1024

gc.collect()
before = memory()
begin = time.process_time()
big = FastMCP("big")
for fn in functions:
    big.tool(fn)
took["1,000 tools, ms to build"] = (time.process_time() - begin) * 1e3
gc.collect()
took["1,000 tools, KiB"] = memory() - before

mcp = FastMCP("bench")

@mcp.tool
async def nothing() -> None:
    return None

@mcp.tool
async def greet(person: Person) -> str:
    return person.name

ROWS = [{"id": n, "name": f"row {n}", "tags": ["a", "b"], "value": n / 3} for n in range(1300)]

@mcp.tool
async def rows() -> list[dict]:
    return ROWS

PERSON = {"name": "Ada", "age": 36, "addresses": [{"street": "A", "number": 1}, {"street": "B", "number": 2}]}

async def each(call, count):
    await call()
    begin = time.process_time()
    for _ in range(count):
        await call()
    return (time.process_time() - begin) / count * 1e6

async def main():
    if package == "wireglass":
        from wireglass import Client
    else:
        from fastmcp import Client
    async with Client(mcp) as client:
        took["call, no-op, us"] = await each(lambda: client.call_tool("nothing", {}), 300)
        took["call, model argument, us"] = await each(lambda: client.call_tool("greet", {"person": PERSON}), 300)
        took["call, 100 kB result, us"] = await each(lambda: client.call_tool("rows", {}), 30)
    async with Client(big) as client:
        kind = client.list_tools_mcp
        took["tools/list of 1,000, us"] = await each(lambda: kind(), 5)

asyncio.run(main())
print(json.dumps(took))
"""


def probe(python: str, package: str, env: dict[str, str]) -> dict[str, float]:
    """One run of the probe in a process of its own."""
    done = subprocess.run(
        [python, "-c", PROBE, package],
        env={"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), **env},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"{package}: {done.stderr[-2000:]}")
    return json.loads(done.stdout.splitlines()[-1])


def best_of(runs: list[dict[str, float]]) -> dict[str, float]:
    """The smallest value of each figure."""
    return {name: min(run[name] for run in runs) for name in runs[0]}


def peer_python() -> str:
    """The interpreter of the peer's environment; made when it is not there."""
    sys.path.insert(0, str(ROOT / "tests"))
    from peers.environments import python_of

    return str(python_of("fastmcp-4"))


def main() -> int:
    options = _options()
    theirs_python = options.peer_python or peer_python()
    ours: list[dict[str, float]] = []
    theirs: list[dict[str, float]] = []
    for _ in range(options.rounds):
        ours.append(probe(sys.executable, "wireglass", {"PYTHONPATH": str(ROOT / "core")}))
        theirs.append(probe(theirs_python, "fastmcp", {"FASTMCP_CHECK_FOR_UPDATES": "off"}))
    mine, peer = best_of(ours), best_of(theirs)
    rows: list[dict[str, Any]] = []
    for name in mine:
        ratio = peer[name] / mine[name] if mine[name] > 0 else float("inf")
        target = TARGETS.get(name, TARGET)
        rows.append({"what": name, "ours": mine[name], "peer": peer[name], "ratio": ratio, "met": ratio >= target})
    print(f"{'':<28}{'ours':>12}{'fastmcp 4':>12}{'ratio':>8}")
    for row in rows:
        missed = "" if row["met"] else "  below target"
        print(f"{row['what']:<28}{row['ours']:>12.1f}{row['peer']:>12.1f}{row['ratio']:>8.1f}{missed}")
    if options.json:
        Path(options.json).write_text(json.dumps(rows, indent=2))
    return 0 if all(row["met"] for row in rows) else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--peer-python", help="an interpreter that has fastmcp 4")
    parser.add_argument("--json", metavar="FILE")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
