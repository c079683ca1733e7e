"""A seeded monkey plays with the windows: no crash, no fault of ours, no Qt warning, still usable.

`WIREGLASS_MONKEY=4-30` plays these seeds too, a minute each, and with more acts: it drags, scrolls and resizes, runs
tools and answers them, opens panes, windows and context menus, changes the look, and edits a server's file.
"""

import asyncio
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QApplication, QDialog, QMenu

from app.desk import Desktop, python_target
from app.monkey import LAST_ACTS, OTHERS, SERVER, Monkey
from wireglass.resources import resource_path
from wireglass_app.dialogs.trust import TrustDialog

SEEDS = os.environ.get("WIREGLASS_MONKEY", "")


def seeds() -> list[Any]:
    first, _, last = SEEDS.partition("-")
    more = range(int(first), int(last or first) + 1) if first else range(2, 4)
    return [(1, 6), *(pytest.param(seed, 60, marks=pytest.mark.slow) for seed in more)]


async def watched(desk: Desktop, file: Path) -> None:
    """A server's own file, open and trusted, so that it is started again whenever it is saved."""
    before = len(desk.app.workbench.sessions)
    desk.app.opener.open_spec(str(file))
    dialog = await desk.until(lambda: desk.app.opener.dialog, "the trust prompt")
    assert isinstance(dialog, TrustDialog)
    dialog.folder.click()
    await desk.until(lambda: len(desk.app.workbench.sessions) > before, "the server of the file")


@pytest.mark.parametrize(("seed", "seconds"), seeds())
def test_a_monkey_finds_no_crash(
    desktop, seed: int, seconds: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The seeds give the same choices; what they meet depends on the machine, so `did` tells the way there."""
    for name in (
        "HOME",
        "USERPROFILE",
        "APPDATA",
        "LOCALAPPDATA",
        "XDG_CONFIG_HOME",
        "XDG_DATA_HOME",
        "XDG_CACHE_HOME",
        "XDG_STATE_HOME",
    ):
        monkeypatch.setenv(name, str(tmp_path / "monkey"))
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda *_: True)
    files = tmp_path / "files"
    files.mkdir()
    (files / "broken.wglass").write_text("not a session\n")
    (files / "server.py").write_text(SERVER)

    async def scene(desk: Desktop) -> None:
        await desk.desk()
        await desk.open(python_target("kinds", "-m", "wireglass.compat", str(resource_path("servers", "kinds.py"))))
        await desk.open(OTHERS[seed % len(OTHERS)])
        await desk.app.recordings.save(files / "earlier.wglass")
        if SEEDS:
            await watched(desk, files / "server.py")
        monkey = Monkey(desk, seed, files, long=bool(SEEDS))
        desk.app.bridge.fault.connect(monkey.blame)
        monkeypatch.setattr(sys, "excepthook", lambda _kind, problem, _trace: monkey.blame(problem))
        await monkey.play(seconds)
        print(f"seed {seed}: {len(monkey.did)} acts, slowest {monkey.slowest},", dict(monkey.visited.most_common()))
        assert not monkey.faults, "\n\n".join(monkey.faults.values())
        assert desk.app.window.isVisible(), monkey.did[-LAST_ACTS:]
        assert len(monkey.did) > 3, "on a busy machine it is slow, but it acts"
        for box in QApplication.topLevelWidgets():
            if box.isVisible() and (isinstance(box, QDialog | QMenu) or box.windowType() == Qt.WindowType.Popup):
                box.close()
        sessions = desk.app.workbench.sessions
        desk.app.window.go("tools", session=sessions[0] if sessions else None)
        await asyncio.sleep(0.1)
        assert desk.app.window.grab().width() > 0

    desktop(scene, seconds + 120)
