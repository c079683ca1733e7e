"""The window under load: thousands of tools, a flood of frames, a session of 500,000 frames. Prints a table.

    python tests/benchmarks/window_load.py [--seconds 60] [--everything .../server-everything/dist/index.js]

Run on an otherwise idle machine. Targets: design section 12, and for start and memory the workbench issue's share of
MCP Inspector 2.12 on an idle machine with 2 cores (connected and listed 3.3 s, 604 MB).
"""

import argparse
import asyncio
import json
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter, perf_counter_ns
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import psutil
from PySide6.QtCore import QEvent, QObject
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from lag import Lag  # noqa: E402 - beside this file
from start import true_node  # noqa: E402 - beside this file

FLOOD = HERE / "servers" / "flood.py"
Row = tuple[str, float, str, float]


class Painted(QObject):
    """When a widget was last painted, without asking it to."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self.at = 0.0
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            self.at = perf_counter()
        return False


def megabytes() -> float:
    """Memory of this process and of what it started, each page counted once by share (PSS where the system tells)."""
    mine = psutil.Process()
    total = 0
    for process in (mine, *mine.children(recursive=True)):
        facts = process.memory_full_info()
        total += getattr(facts, "pss", facts.rss)
    return total / 1e6


async def until(come: Callable[[], Any], seconds: float = 60.0) -> None:
    async with asyncio.timeout(seconds):
        while not come():  # noqa: ASYNC110 (the loop itself is measured)
            await asyncio.sleep(0.001)


def type_in(field: QLineEdit, text: str) -> None:
    """As if typed: views listen to what a person edits."""
    field.setText(text)
    field.textEdited.emit(text)


async def connect(app: Any, name: str, command: str, *args: str) -> tuple[Any, float]:
    from wireglass_app.calls import Target

    began = perf_counter()
    session = app.opener.open_target(Target(name, "stdio", command=command, args=args))
    await until(lambda: session.state not in ("idle", "connecting"))
    assert session.state == "ready", session.failure
    taken = (perf_counter() - began) * 1000
    app.window.go("tools")
    await asyncio.sleep(0.3)
    return session, taken


async def echo(field: QWidget, text: str) -> float:
    """Median milliseconds from a key to the paint that follows it."""
    times = []
    painted = Painted(field)
    for letter in text:
        began, painted.at = perf_counter(), 0.0
        QTest.keyClick(field, letter)
        await until(lambda: painted.at)
        times.append((painted.at - began) * 1000)
    return median(times)


async def many_tools(app: Any, number: int) -> list[Row]:
    session, connected = await connect(app, f"{number} tools", sys.executable, str(FLOOD), str(number))
    panel: Any = app.window.host.panel
    rows = [(f"{number:,} tools: connected and listed", connected, "ms", 3300 * 0.4)]
    lag, times = Lag(), []
    lag.start()
    for text in ("search", "number 77", "e_5", "", "write_1"):
        painted = Painted(panel.list.view.viewport())
        began = perf_counter()
        type_in(panel.list.field, text)
        await until(lambda painted=painted: painted.at)
        times.append((painted.at - began) * 1000)
    lag.stop()
    rows += [
        (f"{number:,} tools: filtered and painted", median(times), "ms", 30.0),
        (f"{number:,} tools: worst hold while filtering", lag.worst, "ms", 50.0),
    ]
    await app.workbench.close(session)
    return rows


async def flooded(app: Any, seconds: float) -> list[Row]:
    session, _ = await connect(app, "flood", sys.executable, str(FLOOD), "1")
    app.window.go("frames")
    await asyncio.sleep(0.3)
    before = len(app.workbench.ledger.entries)
    lag = Lag()
    lag.start()
    call = session.call_tool("flood", {"rate": 2000, "seconds": seconds}, timeout=seconds + 30)
    await until(lambda: call.ended, seconds + 30)
    lag.stop()
    cuts = quantiles(lag.late, n=1000)
    arrived = len(app.workbench.ledger.entries) - before
    rows = [
        (
            f"2,000 frames a second for {seconds:g} s, Protocol view open: frames recorded a second",
            arrived / seconds,
            "",
            0,
        ),
        ("  lag of the window, median", cuts[499], "ms", 8.0),
        ("  lag of the window, 99 of 100", cuts[989], "ms", 33.0),
        ("  lag of the window, worst", lag.worst, "ms", 100.0),
    ]
    await app.workbench.close(session)
    return rows


async def jump(panel: Any) -> float:
    """Median milliseconds from a jump of the scroll bar to the end of the paint that follows it."""
    bar, times = panel.table.verticalScrollBar(), []
    painted = Painted(panel.table.viewport())
    for part in (0.0, 0.3, 0.31, 0.9, 0.5, 1.0, 0.2, 0.7):
        began, painted.at = perf_counter(), 0.0
        bar.setValue(int(bar.maximum() * part))
        await until(lambda: painted.at)
        await asyncio.sleep(0)
        times.append((perf_counter() - began) * 1000)
    return median(times)


async def long_session(app: Any, number: int) -> list[Row]:
    """Frames appended as a session appends them, then looked at."""
    from wireglass.protocol.messages import Frame

    bench = app.workbench
    session, _ = await connect(app, "long", sys.executable, str(FLOOD), "1")
    app.window.go("frames")
    panel: Any = app.window.host.panel
    base = megabytes()
    began = perf_counter()
    for start in range(0, number, 1000):
        frames = []
        for at in range(start, start + 1000, 2):
            ask = {"jsonrpc": "2.0", "id": 10 + at, "method": "tools/call", "params": {"name": f"tool_{at % 40}"}}
            reply = {"jsonrpc": "2.0", "id": 10 + at, "result": {"content": [{"type": "text", "text": f"row {at}"}]}}
            for sender, message in (("client", ask), ("server", reply)):
                frames.append(Frame(sender, "stdio", json.dumps(message), message, perf_counter_ns()))
        session._arrivals.take_frames(frames)
        await asyncio.sleep(0)
    taken = perf_counter() - began
    rows = [(f"{number:,} frames: recorded and listed, a frame", taken / number * 1e6, "us", 100.0)]
    rows.append((f"{number:,} frames: memory above the empty session", megabytes() - base, "MB", 300.0))
    lag = Lag()
    lag.start()
    rows.append((f"{number:,} frames: a jump, while they are still judged and written", await jump(panel), "ms", 50.0))
    await until(lambda: bench.verdicts.done >= number, 300)
    rows.append((f"{number:,} frames: a jump in the table, painted", await jump(panel), "ms", 16.0))
    for text in ("method:tools/call", "name:tool_7 dir:out"):
        done = asyncio.Event()
        panel.model.filtered.connect(done.set)
        began = perf_counter()
        type_in(panel.filter.line, text)
        await asyncio.wait_for(done.wait(), 60)
        rows.append((f"{number:,} frames: filtered, {text}", (perf_counter() - began) * 1000, "ms", 0.0))
        panel.model.filtered.disconnect(done.set)
    type_in(panel.filter.line, "")
    await asyncio.sleep(0.5)
    lag.stop()
    rows.append((f"{number:,} frames: worst hold while scrolling and filtering", lag.worst, "ms", 100.0))
    rows.append((f"{number:,} frames: frames in the ledger", float(len(bench.ledger.entries)), "", 0))
    return rows


async def scenes(options: argparse.Namespace) -> list[Row]:
    from wireglass.launch.trust import TrustStore
    from wireglass_app.application import Application
    from wireglass_app.settings import Settings

    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as home:
        folder = Path(home)
        app = Application(Settings(folder / "s.json"), TrustStore(folder / "t.json"), folder / "recordings")
        app.window.resize(1440, 900)
        app.window.show()
        await asyncio.sleep(0.3)
        rows.append(("memory, empty window", megabytes(), "MB", 604 * 0.3))
        if options.everything:
            session, connected = await connect(app, "everything", true_node("node"), str(options.everything), "stdio")
            rows.append(("server-everything: connected and listed", connected, "ms", 3300 * 0.4))
            rows.append(("memory, with server-everything (node included)", megabytes(), "MB", 604 * 0.3))
            await app.workbench.close(session)
        for number in (1_000, 10_000):
            rows += await many_tools(app, number)
        session, _ = await connect(app, "keys", sys.executable, str(FLOOD), "20")
        panel: Any = app.window.host.panel
        rows.append(("key to echo, in the filter field", await echo(panel.list.field, "read_1"), "ms", 30.0))
        await app.workbench.close(session)
        rows += await flooded(app, options.seconds)
        rows += await long_session(app, 500_000)
        rows.append(("memory, at the end", megabytes(), "MB", 0))
        await app.close()
    return rows


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10.0, help="length of the flood")
    parser.add_argument("--everything", type=Path, help="index.js of server-everything")
    options = parser.parse_args()
    from wireglass_app.application import run_qt

    app = QApplication(sys.argv[:1])
    rows: list[Row] = []

    async def all_scenes() -> int:
        rows.extend(await scenes(options))
        return 0

    run_qt(app, all_scenes)
    for what, figure, unit, target in rows:
        judged = f"target {target:7.0f}   {'ok' if figure <= target else 'over'}" if target else ""
        print(f"{what:80} {figure:9.1f} {unit:3} {judged}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
