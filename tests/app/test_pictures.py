"""The shell's views look as they did when a person last looked: see `reference_pictures` for how to make them anew."""

import asyncio
import shutil
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QWidget

from app.desk import Desktop
from app.reference_pictures import Check, as_palette, difference, reduced, tries
from wireglass.launch.find import find_server
from wireglass.launch.interpreter import Interpreter
from wireglass_app.dialogs.trust import TrustDialog
from wireglass_app.shell.palette import Palette
from wireglass_app.theme import theme

CHOICES = ("light", "dark", "contrast")
ZOOMS = (1.0, 1.5)
LOOKS = [(choice, zoom) for zoom in ZOOMS for choice in CHOICES]

Scene = Callable[[Desktop, Path], Coroutine[Any, Any, tuple[QWidget, list[QWidget]]]]


@pytest.fixture(autouse=True)
def empty_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No other app is installed here, and nothing of this machine's is shown."""
    for name in ("HOME", "USERPROFILE", "APPDATA", "LOCALAPPDATA", "XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(name, str(tmp_path / "empty"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "empty"))
    found = shutil.which
    monkeypatch.setattr(shutil, "which", lambda name, **how: "/usr/bin/uv" if name == "uv" else found(name, **how))


async def settled() -> None:
    """Some turns of the loop, in which layouts find their sizes."""
    for _ in range(8):
        await asyncio.sleep(0.02)


async def begin(desk: Desktop, zoom: float) -> None:
    """The first look: what is built in it is then seen in the others too."""
    desk.app.settings.set("theme", CHOICES[0])
    desk.app.settings.set("zoom", zoom)
    desk.window.resize(1440, 900)
    assert theme().scale == zoom


async def differing(
    desk: Desktop, check: Check, shown: QWidget, name: str, zoom: float, hidden: Sequence[QWidget]
) -> list[str]:
    """What is wrong in each of the themes, one after the other: most of the time goes into building a scene."""
    wrong: list[str] = []
    for choice in CHOICES:
        desk.app.settings.set("theme", choice)
        await settled()
        try:
            for _ in tries(check, shown, f"{name}-{choice}-{round(zoom * 100)}", hidden):
                await asyncio.sleep(0.3)
        except AssertionError as problem:
            wrong.append(str(problem).splitlines()[0])
    return wrong


async def welcome(desk: Desktop, _folder: Path) -> tuple[QWidget, list[QWidget]]:
    return desk.window, []


async def settings(desk: Desktop, _folder: Path) -> tuple[QWidget, list[QWidget]]:
    desk.window.go("settings")
    page = desk.window.host.panel
    return desk.window, [page.appearance.now]


async def shell(desk: Desktop, _folder: Path) -> tuple[QWidget, list[QWidget]]:
    window = desk.window
    await desk.desk()
    window.go("tools", name="add")
    window.actions_table.trigger("drawer")
    window.actions_table.trigger("help")
    session = desk.app.workbench.current
    await desk.until(lambda: session.usable, "the server")
    window.status.say("")
    return window, [window.strip, *window.drawer.lists.values()]


async def palette(desk: Desktop, _folder: Path) -> tuple[QWidget, list[QWidget]]:
    await desk.desk()
    desk.window.go("settings")
    await settled()  # the focus has found its place, and nothing takes it from the palette
    desk.window.actions_table.trigger("palette")
    desk.window.status.say("")
    desk.window.findChild(Palette).field.setText("a")
    return desk.window, [desk.window.strip, desk.window.host.panel.appearance.now]


async def trust(desk: Desktop, folder: Path) -> tuple[QWidget, list[QWidget]]:
    """With a path and interpreters that are as long on every machine: their lengths set the height."""
    file = folder / "server.py"
    file.write_text(
        "from fastmcp import FastMCP\n\nmcp = FastMCP('tea')\n\nif __name__ == '__main__':\n    mcp.run()\n"
    )
    finding = replace(
        find_server(str(file)), path=Path("/srv/tea/server.py"), import_root=Path("/srv/tea"), project=None
    )
    ways = [
        Interpreter(
            "project", ("/srv/tea/.venv/bin/python",), "Project environment", "/srv/tea/.venv", "It is beside."
        ),
        Interpreter("embedded", ("/opt/wireglass/python",), "Wireglass runtime", "built in", "Always there.", "3.12"),
    ]
    dialog = TrustDialog(desk.window, finding, ways, ways[0], "")
    dialog.variables.setText("HOME LANG PATH")
    dialog.open()
    return dialog, []


async def connect(desk: Desktop, _folder: Path) -> tuple[QWidget, list[QWidget]]:
    desk.app.opener.ask_target(None)
    return await desk.until(lambda: desk.app.opener.dialog, "the connect dialog"), []


SCENES: dict[str, Scene] = {
    "welcome": welcome,
    "settings": settings,
    "shell": shell,
    "palette": palette,
    "trust": trust,
    "connect": connect,
}


@pytest.mark.slow
@pytest.mark.parametrize("zoom", ZOOMS)
@pytest.mark.parametrize("scene", SCENES)
def test_the_picture_of(desktop, reference_check: Check, tmp_path: Path, scene: str, zoom: float) -> None:
    """Design section 13, point 1."""
    wrong: list[str] = []

    async def play(desk: Desktop) -> None:
        await begin(desk, zoom)
        shown, hidden = await SCENES[scene](desk, tmp_path)
        await settled()
        status = [desk.window.status] if shown is desk.window else []
        wrong.extend(await differing(desk, reference_check, shown, scene, zoom, [*hidden, *status]))

    desktop(play)
    assert not wrong, "\n".join(wrong)


def picture(paint: Callable[[QPainter], None] = lambda _painter: None) -> QImage:
    image = QImage(1440, 900, QImage.Format.Format_RGB32)
    image.fill(QColor.fromRgb(240, 243, 242))
    painter = QPainter(image)
    painter.fillRect(200, 100, 300, 40, QColor.fromRgb(11, 107, 101))
    for at in range(20):
        painter.fillRect(600, 100 + at * 30, 400, 8, QColor.fromRgb(19, 32, 31))
    paint(painter)
    painter.end()
    return reduced(image)


@pytest.mark.parametrize(
    "paint",
    [
        lambda painter: painter.fillRect(200, 100, 300, 40, QColor.fromRgb(240, 243, 242)),
        lambda painter: painter.fillRect(600, 90, 420, 620, QColor.fromRgb(240, 243, 242)),
        lambda painter: painter.fillRect(0, 0, 1440, 46, QColor.fromRgb(168, 35, 27)),
        lambda painter: painter.fillRect(900, 500, 100, 60, QColor.fromRgb(168, 35, 27)),
    ],
    ids=["a button is gone", "the text is gone", "another ground", "something new"],
)
def test_a_picture_that_changed_is_noticed(look, paint) -> None:
    assert difference(picture(paint), as_palette(picture()))[0] != ""


def test_another_shade_at_an_edge_is_not(look) -> None:
    """What another version of the font renderer would do."""

    def paler(painter: QPainter) -> None:
        painter.fillRect(600, 100, 400, 1, QColor.fromRgb(80, 90, 90))

    assert difference(picture(paler), as_palette(picture()))[0] == ""
