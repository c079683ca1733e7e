"""How the timeline stands up to a long session: filling, zoom and pan, the filter, memory, opening a saved file.

    python tests/benchmarks/timeline.py [SPANS] [FRAMES]    (default 500,000 bars and a file of 1,000,000 frames)

Targets: zoom and pan under 16 ms a paint over 500,000 bars; the filter under 200 ms in its worker; a saved file of
1,000,000 frames to the first paint of its window under 2 s, and under 400 MB.
"""

import asyncio
import gc
import os
import random
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtWidgets import QApplication

from wireglass.protocol.messages import Frame
from wireglass.recording.archive import save
from wireglass.recording.ledger import Ledger
from wireglass.recording.masking import Masker
from wireglass_app.charts.board import TimelineBoard
from wireglass_app.models.call_filter import compile_calls_filter
from wireglass_app.models.timeline import TimelineModel

MS = 1_000_000


def resident_mb() -> float:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return 0.0


def row(what: str, figure: float, unit: str, target: float) -> None:
    print(f"{what:58} {figure:9.2f} {unit:3} target {target:6.0f}  {'ok' if figure <= target else 'over'}", flush=True)


def filled(count: int) -> TimelineModel:
    """Calls of four servers over half an hour, some failed, some overlapping, with waits and log lines among them."""
    chance = random.Random(7)
    model = TimelineModel()
    at = 0
    open_calls: list[tuple[int, int]] = []
    for key in range(count):
        at += chance.randrange(1, 7 * MS)
        while open_calls and open_calls[0][1] <= at:
            done, end = open_calls.pop(0)
            model.end_call(done, end, failed=done % 97 == 0, cached=done % 5 == 0)
        server = f"server {key % 4}"
        model.begin_call(key, server, "tools/call", f"tool_{key % 40}", at)
        open_calls.append((key, at + chance.randrange(MS // 10, 30 * MS)))
        open_calls.sort(key=lambda one: one[1])
        if key % 500 == 0:
            model.begin_wait(key, server, "Sure? · you", at, call=key)
            model.end_wait(key, at + 900 * MS)
        if key % 3 == 0:
            model.tick(server, "Logs", at)
    for key, end in open_calls:
        model.end_call(key, max(at, end), failed=False)
    return model


def paints(board: TimelineBoard, app: QApplication) -> None:
    """Zooms in from everything to 10 us and pans on the way; each step paints the lanes at once."""
    lanes, times = board.lanes, []
    lanes.set_follow(False)
    lanes.fit()
    lanes.repaint()
    lanes.select(len(board._model.calls) // 2)
    for _ in range(3):
        lanes.fit()
        for _ in range(28):
            for act in (lambda: lanes.zoom(2), lambda: pan(lanes, 0.1), lambda: pan(lanes, -0.07)):
                began = time.perf_counter()
                act()
                lanes.repaint()
                times.append((time.perf_counter() - began) * 1000)
    times.sort()
    row("zoom and pan, median of a step with its paint", median(times), "ms", 16)
    row("zoom and pan, 95 % of all steps", times[int(len(times) * 0.95)], "ms", 16)
    row("zoom and pan, the slowest step", times[-1], "ms", 16)
    app.processEvents()


def pan(lanes: Any, share: float) -> None:
    view = lanes.viewport
    by = int(view.span * share)
    lanes.show_range(view.begin + by, view.until + by)


def filters(model: TimelineModel) -> None:
    for text in ("dur:>5ms", 'server:"server 1" name:tool_1*', "not status:failed and (tool_3 or dur:<2ms)"):
        passing = compile_calls_filter(text, model.calls)
        assert passing is not None
        began = time.perf_counter()
        shown = passing()
        model.filtered_rows(shown)
        row(f"filter {text}", (time.perf_counter() - began) * 1000, "ms", 200)


def saved(folder: Path, count: int) -> Path:
    """A file as a session of `count` frames leaves it."""
    import json

    ledger = Ledger(wall_ns=time.time_ns(), clock_ns=0)
    for number in range(count // 2):
        asked = {"jsonrpc": "2.0", "id": number, "method": "tools/call", "params": {"name": f"tool_{number % 40}"}}
        answered = {"jsonrpc": "2.0", "id": number, "result": {"content": [{"type": "text", "text": "y" * 100}]}}
        at = number * 3 * MS
        ledger.append(Frame("client", "stdio", json.dumps(asked), asked, at), f"desk #{number % 3}")
        ledger.append(Frame("server", "stdio", json.dumps(answered), answered, at + 2 * MS), f"desk #{number % 3}")
    path = folder / "long.wglass"
    save(ledger, path, masker=Masker(), application="benchmark", connections=[("desk #0", {"name": "desk"})])
    return path


async def opening(path: Path, home: Path) -> None:
    from wireglass.launch.trust import TrustStore
    from wireglass_app.application import Application
    from wireglass_app.settings import Settings

    app = Application(Settings(home / "s.json"), TrustStore(home / "t.json"))
    gc.collect()
    before = resident_mb()
    began = time.perf_counter()
    window = await app.recordings.open(path)
    assert window is not None
    window.resize(1440, 900)
    window.grab()
    row("open a saved file, to the first paint", time.perf_counter() - began, "s", 2)
    panel: Any = window.host.panel
    longest = 0.0
    while len(panel.model.calls) < len(window.workbench.ledger.exchanges):
        turn = time.perf_counter()
        await asyncio.sleep(0.001)
        longest = max(longest, time.perf_counter() - turn)
    row("until all of it is drawn", time.perf_counter() - began, "s", 60)
    row("longest turn of the window meanwhile", longest * 1000, "ms", 50)
    row("memory that it took, drawn in full", resident_mb() - before, "MB", 400)
    await app.close()


def main(spans: int, frames: int) -> None:
    qt = QApplication(sys.argv[:1])
    from wireglass_app.application import run_qt

    before = resident_mb()
    began = time.perf_counter()
    model = filled(spans)
    print(f"{spans:,} bars filled in {time.perf_counter() - began:.1f} s, {resident_mb() - before:.0f} MB")
    board = TimelineBoard(model)
    board.resize(1440, 860)
    board.show()
    qt.processEvents()
    paints(board, qt)
    filters(model)
    board.close()
    del board, model
    gc.collect()
    with tempfile.TemporaryDirectory() as name:
        path = saved(Path(name), frames)
        gc.collect()

        async def scene() -> int:
            await opening(path, Path(name))
            return 0

        run_qt(qt, scene)


if __name__ == "__main__":
    numbers = [int(one) for one in sys.argv[1:]]
    main(*(numbers + [500_000, 1_000_000][len(numbers) :]))
