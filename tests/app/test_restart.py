"""What was typed is there again after a restart of the application, but for secrets."""

import json
import os
from pathlib import Path
from typing import Any

from PySide6.QtTest import QTest

from app.desk import Desktop, python_target
from wireglass_app.forms.fields import LineEditor

SERVER = """
from wireglass import FastMCP

mcp = FastMCP("clerk")

@mcp.prompt
def letter(to: str, password: str = "", tone: str = "") -> str:
    return f"Write to {to}, {tone}"

@mcp.tool
def letter(to: str = "nobody") -> str:
    return to

@mcp.tool
def log_in(user: str, password: str) -> str:
    return f"{user} is in"

@mcp.resource("clerk://{shelf}/{token}/{page}")
def page(shelf: str, token: str, page: str) -> str:
    return f"{shelf} {page}"
"""


def test_arguments_of_prompts_and_fields_of_templates_outlive_a_restart(loop: Any, tmp_path: Path) -> None:
    """Design section 1: the thing you typed is never lost. What looks like a secret is not written down."""
    file, folder = tmp_path / "clerk.py", tmp_path / "home"
    file.write_text(SERVER, encoding="utf-8")
    env = (("PYTHONPATH", os.environ.get("PYTHONPATH", "")),)
    target = python_target("clerk", "-m", "wireglass.compat", str(file), env=env)

    async def typed(desk: Desktop) -> None:
        form = desk.window.host.panel.form
        for name, text in (("to", "Ada"), ("password", "hunter2"), ("tone", "kind")):
            row = form.root.rows[name]
            if name != "to":
                row.tick.click()  # an optional argument is sent when it is ticked
            line = row.findChild(LineEditor).line
            QTest.keyClicks(line, text)
        assert form.value() == {"to": "Ada", "password": "hunter2", "tone": "kind"}
        desk.window.go("resources")
        fields = desk.window.host.panel.template.fields
        for name, text in (("shelf", "top"), ("token", "hunter3"), ("page", "7")):
            QTest.keyClicks(fields[name].line, text)

    async def once(first: bool) -> None:
        desk = Desktop(folder)
        try:
            session = await desk.open(target)
            assert session.state == "ready", session.failure
            desk.window.go("prompts")
            if first:
                await typed(desk)
                return
            assert desk.window.host.panel.form.value() == {"to": "Ada", "tone": "kind"}
            desk.window.go("tools")
            assert desk.tools.form.value() == {"to": "nobody"}, "a tool of the same name has its own"
            desk.window.go("resources")
            panel = desk.window.host.panel
            assert panel.template.values() == {"shelf": "top", "page": "7"}
            assert panel.expands.whole() == "clerk://top//7"
        finally:
            await desk.close()

    loop.run(once(True), 60)
    kept = (folder / "workbench.json").read_text(encoding="utf-8")
    assert "Ada" in kept
    assert "hunter" not in kept
    loop.run(once(False), 60)


def test_what_a_tool_was_given_is_written_down_but_for_secrets(loop: Any, tmp_path: Path) -> None:
    file, folder = tmp_path / "clerk.py", tmp_path / "home"
    file.write_text(SERVER, encoding="utf-8")
    env = (("PYTHONPATH", os.environ.get("PYTHONPATH", "")),)

    async def scene() -> None:
        desk = Desktop(folder)
        try:
            session = await desk.open(python_target("clerk", "-m", "wireglass.compat", str(file), env=env))
            assert session.state == "ready", session.failure
            call = await desk.run("log_in", {"user": "Ada", "password": "hunter2"})
            assert call.params["arguments"] == {"user": "Ada", "password": "hunter2"}
            desk.tools.list.select("letter")
            desk.tools.list.select("log_in")
            assert desk.tools.form.value() == {"user": "Ada", "password": "hunter2"}, "it stays in the form"
        finally:
            await desk.close()

    loop.run(scene(), 60)
    kept = json.loads((folder / "workbench.json").read_text(encoding="utf-8"))
    assert [value for key, value in kept.items() if key.startswith("runs.")] == [[{"user": "Ada"}]]
    assert {"user": "Ada"} in [value for key, value in kept.items() if key.startswith("drafts.")]
    assert "hunter" not in json.dumps(kept)
