"""Flows 1, 2 and 6 of the design (section 4) to their ends, without a mouse; the focus is never lost on the way."""

from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from app.desk import Desktop, texts
from app.test_keyboard import ALT, CONTROL, SHIFT, Key, focus, press, type_in
from wireglass_app.panels.changes import ChangesPanel
from wireglass_app.panels.inbox import InboxPanel
from wireglass_app.panels.resources import ResourcesPanel

pytestmark = pytest.mark.slow

SERVER = """
from fastmcp import FastMCP

from words import GREETING

mcp = FastMCP("greeter")


@mcp.tool(annotations={"readOnlyHint": True})
def greet(name: str, loud: bool = False) -> dict[str, str]:
    text = f"{GREETING}, {name}"
    return {"said": text.upper() if loud else text}
"""


async def to_tool(desk: Desktop, name: str) -> None:
    """Ctrl+P, a part of the name, Enter."""
    await desk.until(lambda: QApplication.focusWidget() is not None, "a focus")
    press(Key.Key_P, CONTROL)
    await desk.until(lambda: focus().accessibleName() == "Go to", "the palette")
    type_in(name)
    press(Key.Key_Return)
    await desk.until(lambda: desk.tools.list.current and desk.tools.list.current.name == name, "the tool")


def test_flow_1_an_optional_field_is_sent_a_run_is_stopped_and_copied(desktop) -> None:
    async def scene(desk: Desktop) -> None:
        session = await desk.desk()
        await to_tool(desk, "slow")
        tick = desk.tools.form.root.row("steps").tick
        for _ in range(12):
            if focus() is tick:
                break
            press(Key.Key_Tab)
        if not tick.isChecked():
            await desk.until(lambda: focus() is tick, "the tick in reach of Tab")
            press(Key.Key_Space)
        assert "steps" in desk.tools.form.value()
        desk.tools.form.set_value({"steps": 600})
        press(Key.Key_Return, CONTROL)
        await desk.until(lambda: session.calls, "a call")
        await desk.until(lambda: desk.tools.head.stop.isVisible(), "Stop")
        press(Key.Key_Period, CONTROL)
        await desk.until(lambda: session.calls[-1].state == "cancelled", "the end")
        assert focus() is not None
        await to_tool(desk, "add")
        await desk.until(lambda: desk.tools.form.isAncestorOf(focus()), "the focus in the first field")
        type_in("40")
        press(Key.Key_Return, CONTROL)
        await desk.until(lambda: session.calls[-1].name == "add" and session.calls[-1].ended, "a result")
        press(Key.Key_C, CONTROL | SHIFT)
        assert '"sum": 42' in QGuiApplication.clipboard().text()
        press(Key.Key_E, CONTROL | SHIFT)
        assert focus() is desk.tools.form.json_edit
        type_in("oops")
        await desk.until(lambda: desk.tools.form.fault, "the fault")
        press(Key.Key_E, CONTROL | SHIFT)
        assert desk.tools.form._frozen.isVisible()
        assert desk.tools.form.value() == {"a": 40, "b": 2}, "invalid JSON wipes nothing"

    desktop(scene)


def test_flow_2_a_question_is_declined_and_esc_answers_nothing(desktop) -> None:
    async def scene(desk: Desktop) -> None:
        session = await desk.desk()
        await to_tool(desk, "ask")
        before = focus()
        press(Key.Key_Return, CONTROL)
        await desk.until(lambda: desk.app.workbench.waiting, "the question")
        assert focus() is before or focus() is desk.tools.head.stop, "an arrival takes no focus"
        press(Key.Key_I, CONTROL)
        await desk.until(lambda: isinstance(desk.window.host.panel, InboxPanel), "the Inbox")
        press(Key.Key_Escape)
        assert desk.app.workbench.waiting, "Esc only leaves"
        press(Key.Key_I, CONTROL)

        def declined() -> bool:
            press(Key.Key_D, CONTROL | SHIFT)  # deaf for half a second after an arrival
            return not desk.app.workbench.waiting

        await desk.until(declined, "the refusal")
        await desk.until(lambda: session.calls[-1].ended, "the end of the call")
        assert session.calls[-1].questions[0].outcome == {"action": "decline"}
        assert focus() is not None

    desktop(scene)


def test_flow_6_a_saved_module_reloads_keeps_the_draft_and_shows_what_changed(desktop, tmp_path: Path) -> None:
    """Also a module that the server imports from its own folder."""
    folder = tmp_path / "project"
    folder.mkdir()
    file, words = folder / "server.py", folder / "words.py"
    file.write_text(SERVER, encoding="utf-8")
    words.write_text('GREETING = "Hello"\n', encoding="utf-8")

    async def scene(desk: Desktop) -> None:
        desk.window.open_spec.emit(str(file))
        dialog = await desk.until(lambda: desk.app.opener.dialog, "the trust prompt")
        dialog.once.click()
        session = await desk.until(lambda: desk.app.workbench.current, "a server")
        await desk.until(lambda: session.state not in ("idle", "connecting"), "a settled connection")
        assert session.usable, session.failure
        desk.window.activateWindow()  # the dialog was the active window
        await to_tool(desk, "greet")
        await desk.until(lambda: desk.tools.form.isAncestorOf(focus()), "the first field")
        type_in("Ada")
        press(Key.Key_Return, CONTROL)
        await desk.until(lambda: session.calls and session.calls[-1].ended, "a result")
        assert session.calls[-1].result["structuredContent"] == {"said": "Hello, Ada"}
        press(Key.Key_R, CONTROL | SHIFT)
        assert desk.tools.head.watched.isVisible()
        for attempt in range(4):  # the watcher may still be on its way to the folder
            words.write_text(f'GREETING = "Good day"  # {attempt}\n', encoding="utf-8")
            try:
                await desk.until(lambda: session.starts > 1 and session.usable, "the reload", 20.0)
                break
            except TimeoutError:
                continue
        assert desk.tools.form.value() == {"name": "Ada", "loud": False}, "the draft stays"
        assert desk.tools.list.current.name == "greet", "the selection stays"
        await desk.until(lambda: session.watched, "the watched call")
        assert desk.tools.dossier.call is not None, "history stays"
        press(Key.Key_R, CONTROL)
        await desk.until(
            lambda: (
                session.calls[-1].ended
                and session.calls[-1].result
                and session.calls[-1].result["structuredContent"] == {"said": "Good day, Ada"}
            ),
            "the run after the reload",
        )
        press(Key.Key_G, CONTROL | SHIFT)
        await desk.until(lambda: isinstance(desk.window.host.panel, ChangesPanel), "Compare")
        assert "greet" in texts(desk.window.host.panel)
        press(Key.Key_Left, ALT)
        await desk.until(lambda: desk.window.host.place[0] == "tools", "the way back")
        starts = session.starts
        press(Key.Key_F5)
        await desk.until(lambda: session.starts > starts and session.usable, "a reload by key", 30)
        assert focus() is not None

    desktop(scene, 300.0)


def test_a_template_and_a_prompt_are_gone_to_and_filled_in(desktop) -> None:
    """As with a tool: after Ctrl+P and Enter one types into the first field. The focus stayed in the list."""

    async def scene(desk: Desktop) -> None:
        desk.app.opener.open_example("notes.py")
        session = await desk.until(lambda: desk.app.workbench.current, "a server")
        await desk.until(lambda: session.usable and session.catalogue.prompts, "its lists")
        await desk.until(lambda: QApplication.focusWidget() is not None, "a focus")
        press(Key.Key_P, CONTROL)
        await desk.until(lambda: focus().accessibleName() == "Go to", "the palette")
        type_in("note/{slug")
        press(Key.Key_Return)
        await desk.until(lambda: desk.window.host.place[0] == "resources", "Resources")
        panel = desk.window.host.panel
        assert isinstance(panel, ResourcesPanel)
        await desk.until(lambda: focus() is panel.template.fields["slug"].line, "the focus in the variable")
        type_in("kept")
        press(Key.Key_Return, CONTROL)
        await desk.until(lambda: session.calls and session.calls[-1].ended, "what was read")
        assert session.calls[-1].params["uri"] == "notes://note/kept"
        press(Key.Key_P, CONTROL)
        await desk.until(lambda: focus().accessibleName() == "Go to", "the palette")
        type_in("improve")
        press(Key.Key_Return)
        await desk.until(lambda: desk.window.host.place[0] == "prompts", "Prompts")
        await desk.until(lambda: focus().accessibleName() == "slug", "the focus in the first argument")

    desktop(scene)
