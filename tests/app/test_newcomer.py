"""A newcomer gets from the welcome screen to the first result by keys that the screen itself shows, and by no other
entry point (design sections 3 and 13, point 7)."""

import shutil
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QWidget

from app.desk import Desktop
from app.test_keyboard import CONTROL, Key, focus, press, type_in
from wireglass.resources import resource_path
from wireglass_app.dialogs.trust import TrustDialog
from wireglass_app.panels.tools import ToolsPanel
from wireglass_app.panels.welcome import WelcomePanel

pytestmark = pytest.mark.slow


async def tab_to(desk: Desktop, wanted: QWidget, most: int = 30) -> None:
    """Tab until `wanted` has the focus."""
    for _ in range(most):
        if focus() is wanted:
            return
        press(Key.Key_Tab)
    raise AssertionError(f"{wanted.accessibleName()!r} is out of reach of Tab; the focus is at {focus()!r}")


async def welcome(desk: Desktop) -> WelcomePanel:
    """The first thing that is seen, with its first button focused."""
    panel = desk.window.host.panel
    assert isinstance(panel, WelcomePanel)
    await desk.until(lambda: QApplication.focusWidget() is panel.open_button, "the focus on Open file")
    return panel


async def first_result(desk: Desktop) -> None:
    """Tools opens with the focus in the form; Ctrl+Enter shows a result."""
    session = await desk.until(lambda: desk.app.workbench.current, "a server")
    await desk.until(lambda: session.state not in ("idle", "connecting"), "a settled connection")
    assert session.usable, session.failure
    await desk.until(lambda: isinstance(desk.window.host.panel, ToolsPanel) and desk.tools.form, "a tool's form")
    tools = desk.tools
    chosen = tools.list.current
    assert chosen is not None
    first = next(one for one in session.catalogue.tools if one["name"] == chosen.name)
    assert first["annotations"]["readOnlyHint"], "the first tool does no harm"
    await desk.until(lambda: tools.form.isAncestorOf(QApplication.focusWidget()), "the focus in the form")
    press(Key.Key_Return, CONTROL)
    await desk.until(lambda: session.calls and session.calls[-1].ended, "a result")
    call = session.calls[-1]
    assert (call.state, call.name) == ("done", chosen.name)
    await desk.until(lambda: tools.dossier.call is call, "the result in the pane")
    assert tools.dossier.isVisible()
    assert tools.dossier.title.text() == "Complete"
    assert focus() is not None


def test_an_example_is_started_from_the_welcome_screen(desktop) -> None:
    """Servers that ship with Wireglass are not asked about."""

    async def scene(desk: Desktop) -> None:
        panel = await welcome(desk)
        await tab_to(desk, panel.starts["shop.py"])
        press(Key.Key_Return)
        await first_result(desk)

    desktop(scene)


def test_a_file_is_named_in_the_field_and_its_folder_trusted(desktop, tmp_path: Path) -> None:
    """A file of one's own is asked about; the safe answer has the focus, and trusting is two keys away."""
    folder = tmp_path / "project"
    folder.mkdir()
    file = shutil.copy(resource_path("servers", "shop.py"), folder / "shop.py")

    async def scene(desk: Desktop) -> None:
        panel = await welcome(desk)
        press(Key.Key_Tab)
        assert panel.field.hasFocus()
        type_in(str(file))
        press(Key.Key_Return)
        dialog = await desk.until(lambda: desk.app.opener.dialog, "the trust prompt")
        assert isinstance(dialog, TrustDialog)
        await desk.until(lambda: QApplication.focusWidget() is dialog.dont, "the focus on the safe answer")
        assert desk.app.workbench.sessions == []
        await tab_to(desk, dialog.folder, 3)
        press(Key.Key_Return)
        await desk.until(lambda: desk.app.opener.dialog is None, "the end of the prompt")
        desk.window.activateWindow()  # as a window manager does once the dialog is gone
        await first_result(desk)

    desktop(scene)
