"""How long after a save the lists of a bundled example are shown anew, and where the time goes. Prints a table.

    python tests/benchmarks/reload.py [--times 3]

The target is 1 s for each. "noticed" is until the watcher has told the window, "ended" until the old process is gone,
"answered" until the new one has answered, "shown" until the window has the lists. Run on an otherwise idle machine.
"""

import argparse
import asyncio
import os
import shutil
import sys
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

HERE = Path(__file__).resolve()
sys.path.insert(0, str(HERE.parent))

from hostile import until  # noqa: E402 - beside this file

ROOT = HERE.parents[2]
EXAMPLES = ROOT / "resources" / "servers"
STAGES = ("noticed", "ended", "answered", "shown")
TARGET_MS = 1000


def command(path: Path) -> Any:
    from wireglass_app.calls import Target

    found = (("PYTHONPATH", str(ROOT / "core")),)
    words = ("-m", "wireglass.compat", str(path))
    return Target(path.stem, "stdio", command=sys.executable, args=words, spec=str(path), reload=True, added=found)


def save(path: Path) -> None:
    path.write_text(path.read_text(encoding="utf-8") + "\n# saved\n", encoding="utf-8")


def copied(folder: Path) -> list[Path]:
    return sorted(Path(shutil.copytree(EXAMPLES, folder)).glob("*.py"))


async def saved(session: Any, path: Path) -> list[float]:
    """Milliseconds from one save to each stage."""
    states: dict[str, float] = {}
    session.state_changed.connect(lambda: states.setdefault(session.state, perf_counter()))
    read = session.catalogue.readings
    disconnect = session._life.end

    async def noticed(*why: str) -> None:
        states["noticed"] = perf_counter()
        await disconnect(*why)

    session._life.end = noticed
    save(path)
    began = perf_counter()
    await until(lambda: session.state == "ready" and session.catalogue.readings > read)
    await asyncio.sleep(0)
    session._life.end = disconnect
    ends = (states["noticed"], states["closed"], states["ready"], perf_counter())
    return [(end - began) * 1000 for end in ends]


async def scenes(times: int) -> list[tuple[str, list[float]]]:
    from wireglass.launch.trust import TrustStore
    from wireglass_app.application import Application, _preload
    from wireglass_app.settings import Settings

    rows: list[tuple[str, list[float]]] = []
    with tempfile.TemporaryDirectory() as home:
        folder = Path(home)
        app = Application(Settings(folder / "s.json"), TrustStore(folder / "t.json"), folder / "recordings")
        app.window.resize(1440, 900)
        app.window.show()
        await app.bridge.compute(_preload)  # as `run` does
        for path in copied(folder / "servers"):
            session = app.opener.open_target(command(path))
            await until(lambda session=session: session.state not in ("idle", "connecting"))
            assert session.state == "ready", session.failure
            await asyncio.sleep(1.0)  # the watcher looks at its files
            runs = []
            for _ in range(times):
                runs.append(await saved(session, path))
                await asyncio.sleep(0.7)
            rows.append((path.stem, [median(run[at] for run in runs) for at in range(len(STAGES))]))
            await app.workbench.close(session)
        await app.close()
    return rows


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=3)
    options = parser.parse_args()
    from PySide6.QtWidgets import QApplication

    from wireglass_app.application import run_qt

    app = QApplication(sys.argv[:1])
    rows: list[tuple[str, list[float]]] = []

    async def all_scenes() -> int:
        rows.extend(await scenes(options.times))
        return 0

    run_qt(app, all_scenes)
    for name, ends in rows:
        stages = "   ".join(f"{stage} {end:6.0f} ms" for stage, end in zip(STAGES, ends, strict=True))
        print(f"{name:10} {stages}   target {TARGET_MS}   {'ok' if ends[-1] <= TARGET_MS else 'over'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
