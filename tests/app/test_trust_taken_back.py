"""Trust that is taken back in Settings: the next opening asks again, an open server runs on, and both are said."""

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.desk import Desktop
from wireglass.launch.trust import TrustStore
from wireglass_app.dialogs.trust import TrustDialog
from wireglass_app.panels.settings import SettingsPanel

SERVER = """
from fastmcp import FastMCP

mcp = FastMCP("small")
"""


def test_what_is_forgotten_is_asked_again_and_what_runs_goes_on(desktop, tmp_path: Path) -> None:
    """Design section 5, Trust. Before, nothing was said, and the focus was nowhere after the button had gone."""
    folder = tmp_path / "trusted"
    folder.mkdir()
    files = [folder / "small.py", folder / "other.py"]
    for file in files:
        file.write_text(SERVER)

    async def scene(desk: Desktop) -> None:
        store, opener = TrustStore(desk.app.settings.path.parent / "trust.json"), desk.app.opener
        for number, file in enumerate(files, 1):
            opener.open_spec(str(file))
            dialog = await desk.until(lambda: opener.dialog, "the question")
            assert isinstance(dialog, TrustDialog)
            dialog.folder.click()
            await desk.until(lambda n=number: len(store.agreements()) == n, "the agreement")
            await desk.until(lambda n=number: len(desk.app.workbench.sessions) == n, "the server")
        sessions = desk.app.workbench.sessions
        await desk.until(lambda: all(one.state == "ready" for one in sessions), "both ready")
        said: list[str] = []
        desk.window.announcer.say = lambda text, **_how: said.append(text)

        desk.window.activateWindow()
        desk.window.go("settings", section="trust")
        page = desk.window.host.panel
        assert isinstance(page, SettingsPanel)
        first = page.running._forgets()[0]
        await desk.until(first.hasFocus, "the focus on the first line")
        QTest.keyClick(first, Qt.Key.Key_Space)
        assert [Path(one.target).name for one in store.agreements()] == ["other.py"]
        assert "small.py asks again" in said[-1]
        assert "small runs on" in said[-1]
        (left,) = page.running._forgets()
        await desk.until(left.hasFocus, "the focus on the line that is left")

        opener.open_spec(str(files[0]))
        asked = await desk.until(lambda: opener.dialog, "the question again")
        assert isinstance(asked, TrustDialog)
        asked.reject()
        assert [one.state for one in sessions] == ["ready", "ready"], "nothing was stopped, nothing started"
        assert [one.starts for one in sessions] == [1, 1]

        await desk.until(lambda: opener.dialog is None, "the question gone")
        desk.window.activateWindow()
        desk.window.go("settings", section="trust")
        (left,) = page.running._forgets()
        await desk.until(left.hasFocus, "the focus on the line that is left")
        QTest.keyClick(left, Qt.Key.Key_Space)
        assert store.agreements() == ()
        focus = QApplication.focusWidget()
        assert focus is page.running.notify, "no line is left: the next setting has it"

    desktop(scene)
