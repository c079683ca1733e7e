"""How long the event loop stands still while large things are shown. Run: python tests/benchmarks/payloads.py

Each case is shown in a real (offscreen) window while a zero timer beats; the longest gap between two beats is the lag
a person would feel, and `busy` the most that the UI thread computed in one turn. `first` is the time until the first
rows are painted, `whole` until everything is there. Exits with 1 when a budget of the design is missed (first paint
300 ms, no gap over 50 ms; forms and tables 100 ms).
"""

import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication, QWidget

from wireglass.protocol.messages import Frame, request, result
from wireglass.recording.ledger import Ledger
from wireglass_app.forms.form import SchemaForm
from wireglass_app.models.frames import FramesModel
from wireglass_app.payloads.code import CodeView
from wireglass_app.payloads.hex import HexView
from wireglass_app.payloads.json import JsonView
from wireglass_app.theme import theme


@dataclass
class Measured:
    """Milliseconds."""

    first: float = 0.0
    whole: float = 0.0
    gaps: list[float] = field(default_factory=list)
    busy: list[float] = field(default_factory=list)
    """The part of each gap in which the UI thread computed; on a busy machine the rest is waiting for a processor."""

    @property
    def worst(self) -> float:
        return max(self.gaps, default=0.0)


def rows_of(megabytes: float) -> Any:
    """A result as tools give it: many small objects."""
    row = {"id": 1, "at": "2026-11-27T10:00:00Z", "carrier": "Orbit Parcel", "cost": 18.4, "pickup": True, "note": None}
    size = len(json.dumps(row))
    return {"next": None, "rows": [row | {"id": number} for number in range(int(megabytes * 1e6 / size))]}


def watch(
    start: Callable[[], None], first: Callable[[], bool], done: Callable[[], bool], limit_s: float = 60
) -> Measured:
    """Starts something, then beats until `done`."""
    found = Measured()
    loop = QEventLoop()
    beat = QTimer()
    began = last = time.perf_counter()
    computed = time.thread_time()

    def tick() -> None:
        nonlocal last, computed
        now, spent = time.perf_counter(), time.thread_time()
        found.gaps.append((now - last) * 1e3)
        found.busy.append((spent - computed) * 1e3)
        last, computed = now, spent
        if not found.first and first():
            found.first = (now - began) * 1e3
        if done() or now - began > limit_s:
            found.whole = (now - began) * 1e3
            beat.stop()
            loop.quit()

    beat.timeout.connect(tick)
    beat.start(0)
    QTimer.singleShot(0, start)
    loop.exec()
    return found


def shown(widget: QWidget) -> QWidget:
    widget.resize(900, 700)
    widget.show()
    QApplication.sendPostedEvents()
    return widget


def raw_json(megabytes: float) -> Measured:
    value, view = rows_of(megabytes), CodeView()
    shown(view)
    return watch(lambda: view.set_json(value), lambda: bool(view.rows), lambda: bool(view.rows) and not view.loading)


def table(megabytes: float) -> Measured:
    value = rows_of(megabytes)
    made: list[JsonView] = []
    return watch(lambda: made.append(shown(JsonView(value))), lambda: bool(made), lambda: bool(made))  # type: ignore[arg-type]


def tree(megabytes: float) -> Measured:
    view = JsonView(rows_of(megabytes))
    shown(view)
    state: list[bool] = []

    def start() -> None:
        view.select("/rows/17000/cost")
        view.show_as("tree")
        state.append(True)

    return watch(start, lambda: bool(state), lambda: bool(state))


def bytes_view(megabytes: float) -> Measured:
    data = bytes(range(256)) * int(megabytes * 1e6 / 256)
    made: list[Any] = []
    return watch(lambda: made.append(shown(HexView(data))), lambda: bool(made), lambda: bool(made))


def form(fields: float) -> Measured:
    names = [f"field_{number}" for number in range(int(fields))]
    kinds = (
        {"type": "string"},
        {"type": "integer"},
        {"enum": ["a", "b"]},
        {"type": "array", "items": {"type": "string"}},
    )
    schema = {
        "type": "object",
        "properties": {name: kinds[at % 4] for at, name in enumerate(names)},
        "required": names[::2],
    }
    made: list[SchemaForm] = []
    ready: list[bool] = []

    def start() -> None:
        view = SchemaForm(schema)
        view.root.built.connect(lambda: ready.append(True))  # type: ignore[attr-defined]  # an ObjectEditor
        made.append(view)
        shown(view)

    return watch(start, lambda: bool(made), lambda: bool(ready))


def frames(count: float) -> Measured:
    """A filter over a long recording."""
    ledger = Ledger()
    for number in range(int(count) // 2):
        call = request(number, "tools/call", {"name": f"tool_{number % 40}"})
        ledger.append(Frame("client", "stdio", '{"x":1}', call, number * 2000), "a")
        ledger.append(Frame("server", "stdio", '{"x":1}', result(number, {}), number * 2000 + 900), "a")
    model = FramesModel(ledger)
    over: list[bool] = []
    model.filtered.connect(lambda: over.append(True))
    return watch(lambda: model.set_filter("name:tool_7 and dur:<1ms or id:9*"), lambda: bool(over), lambda: bool(over))


CASES: tuple[tuple[str, Callable[[float], Measured], float, float, float], ...] = (
    # name, case, size, budget for the first paint, budget for the longest gap (ms)
    ("raw JSON, 1 MB", raw_json, 1, 300, 50),
    ("raw JSON, 5 MB", raw_json, 5, 300, 50),
    ("raw JSON, 20 MB", raw_json, 20, 300, 50),
    ("JSON table, 5 MB", table, 5, 300, 100),
    ("JSON table, 20 MB", table, 20, 300, 100),
    ("JSON tree to row 17 000, 5 MB", tree, 5, 300, 100),
    ("hex, 50 MB", bytes_view, 50, 300, 100),
    ("form, 40 fields", form, 40, 300, 100),
    ("form, 2 000 fields", form, 2_000, 300, 100),
    ("filter over 500 000 frames", frames, 500_000, 30_000, 50),
)


def main() -> int:
    app = QApplication.instance() or QApplication([])
    assert app is not None
    theme()
    missed = 0
    print(f"{'case':34} {'first ms':>9} {'whole ms':>9} {'gap ms':>8} {'busy ms':>8}")
    for name, case, amount, first, gap in CASES:
        found = case(amount)
        bad = found.first > first or found.worst > gap
        missed += bad
        figures = f"{found.first:9.1f} {found.whole:9.1f} {found.worst:8.1f} {max(found.busy):8.1f}"
        print(f"{name:34} {figures}{'  over budget' if bad else ''}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
