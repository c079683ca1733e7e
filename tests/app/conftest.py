"""What tests of the workbench get: the theme, and an asyncio loop that runs inside Qt's."""

import asyncio
import gc
import os
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QObject
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.reference_pictures import reference_check  # noqa: F401 (a fixture)
from wireglass_app import motion
from wireglass_app.moments import moments
from wireglass_app.theme import Theme, theme

# Before the first QApplication: pictures are compared, and every desktop hints letters in its own way.
os.environ["FONTCONFIG_FILE"] = str(Path(__file__).with_name("fonts.conf"))


class Wardrobe(QObject):
    """Gives a view that a test shows by itself the sheet that it has from its window in the application."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Polish and isinstance(watched, QWidget) and watched.parentWidget() is None:
            theme().dress(watched)
        return False


@pytest.fixture(autouse=True)
def collector() -> Iterator[None]:
    """As in the application (`run_qt`): garbage is looked for between tests, never while a QObject dies."""
    gc.disable()
    yield
    gc.collect(1)
    gc.enable()


@pytest.fixture
def look(qapp: QApplication) -> Iterator[Theme]:
    """The application's theme, light, and put back after the test."""
    found = theme()
    found.choose("light")
    wardrobe = Wardrobe()
    qapp.installEventFilter(wardrobe)
    yield found
    qapp.removeEventFilter(wardrobe)
    # Outside a running event loop nobody ends what `deleteLater` was told to: each later restyling would visit it.
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)  # type: ignore[arg-type]  # None is all
    with found.together():
        found.choose("light")
        found.zoom(1.0)
        found.pack("comfortable")
        found.choose_fonts("", "")
    motion.choose("system")
    moments().choose("local")


class Loop:
    """Runs a coroutine to its end on a qasync loop, with a bound."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop

    def run(self, work: Coroutine[Any, Any, Any], seconds: float = 60.0) -> Any:
        async def bounded() -> Any:
            async with asyncio.timeout(seconds):
                return await work

        return self.loop.run_until_complete(bounded())


@pytest.fixture
def loop(qapp: QApplication, look: Theme) -> Iterator[Loop]:
    """A qasync loop for one test."""
    from qasync import QEventLoop

    # A quit that arrives after the loop has ended would end every later QEventLoop of this process at once.
    qapp.setQuitOnLastWindowClosed(False)
    loop = QEventLoop(qapp)
    yield Loop(loop)
    loop.close()


@pytest.fixture
def desktop(loop: Loop, tmp_path: Path) -> Callable[[Any], None]:
    """Plays a scene on a whole workbench; whatever happens, every server is stopped."""
    from app.desk import Desktop

    def play(scene: Callable[[Any], Coroutine[Any, Any, None]], seconds: float = 180.0) -> None:
        async def whole() -> None:
            desk = Desktop(tmp_path / "home")
            try:
                await scene(desk)
            finally:
                await desk.close()

        loop.run(whole(), seconds)

    return play


@pytest.fixture
def make_window(qtbot: QtBot, look: Theme, tmp_path: Path) -> Iterator[Callable[[], Any]]:
    """Makes windows without servers, all on one settings file, as one start after another would."""
    from wireglass.launch.trust import TrustStore
    from wireglass_app.bridge import Bridge
    from wireglass_app.mainwindow import MainWindow
    from wireglass_app.settings import Settings
    from wireglass_app.workbench import Workbench

    bridges: list[Bridge] = []

    def make() -> MainWindow:
        bridge = Bridge()
        bridges.append(bridge)
        settings, trust = Settings(tmp_path / "workbench.json"), TrustStore(tmp_path / "trust.json")
        window = MainWindow(bridge, Workbench(bridge), settings, trust)
        qtbot.addWidget(window)
        window.resize(1440, 900)
        window.show()
        return window

    yield make
    for bridge in bridges:
        bridge.close_now()
