"""Nothing runs before the user agrees; what they agree to is exactly what runs."""

import json
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from app.desk import texts
from wireglass_app.application import _names_a_file
from wireglass_app.dialogs.allow import AllowDialog
from wireglass_app.dialogs.connect import ConnectDialog
from wireglass_app.dialogs.target_text import guess_target, targets_in_json
from wireglass_app.dialogs.trust import TrustDialog

pytestmark = pytest.mark.slow
"""Each scene starts servers as processes of their own, and some wait for a time-out."""

SERVER = """
from pathlib import Path

Path(__file__).with_name("ran").touch()
from fastmcp import FastMCP

mcp = FastMCP("tiny")


@mcp.tool
def hello() -> str:
    return "hello"
"""


def write(folder: Path) -> Path:
    file = folder / "project" / "server.py"
    file.parent.mkdir()
    file.write_text(SERVER)
    return file


def test_a_file_is_read_and_not_run_until_the_user_agrees(desktop, tmp_path) -> None:
    file = write(tmp_path)

    async def scene(desk) -> None:
        desk.window.open_spec.emit(str(file))
        dialog = await desk.until(lambda: desk.app.opener.dialog, "the trust prompt")
        assert isinstance(dialog, TrustDialog)
        shown = texts(dialog)
        assert "Run server.py from project?" in shown
        assert "This folder is not trusted yet." in shown
        assert "wireglass.compat" in dialog.command.text()
        assert str(file) in dialog.command.text()
        assert "PATH" in dialog.variables.text().split()
        await desk.until(lambda: QApplication.focusWidget() is dialog.dont, "the focus on the safe answer")
        dialog.dont.click()
        await desk.until(lambda: desk.app.opener.dialog is None, "the end of the prompt")
        assert desk.app.workbench.sessions == []
        assert not file.with_name("ran").exists()

    desktop(scene)


def test_trusting_a_folder_runs_it_and_is_not_asked_again(desktop, tmp_path) -> None:
    file = write(tmp_path)

    async def scene(desk) -> None:
        desk.window.open_spec.emit(str(file))
        dialog = await desk.until(lambda: desk.app.opener.dialog, "the trust prompt")
        dialog.folder.click()
        session = await desk.until(lambda: desk.app.workbench.current, "a server")
        await desk.until(lambda: session.state not in ("idle", "connecting"), "a settled connection")
        assert session.state == "ready", session.failure
        assert [tool["name"] for tool in session.catalogue.tools] == ["hello"]
        assert file.with_name("ran").exists()
        desk.window.open_spec.emit(str(file))
        await desk.until(lambda: session.starts == 2 and session.state == "ready", "a second start without a question")
        assert desk.app.opener.dialog is None
        assert len(desk.app.workbench.sessions) == 1

    desktop(scene)


def test_saving_the_file_reloads_it_and_says_what_changed(desktop, tmp_path) -> None:
    file = write(tmp_path)

    async def scene(desk) -> None:
        desk.window.open_spec.emit(str(file))
        dialog = await desk.until(lambda: desk.app.opener.dialog, "the trust prompt")
        dialog.once.click()
        session = await desk.until(lambda: desk.app.workbench.current, "a server")
        await desk.until(lambda: session.state == "ready", "the server")
        added = SERVER + '\n\n@mcp.tool\ndef bye() -> str:\n    return "bye"\n'
        for attempt in range(3):  # the watcher may still be on its way to the folder
            file.write_text(added + f"# {attempt}\n")
            try:
                await desk.until(lambda: session.changes, "the reload", 20.0)
                break
            except TimeoutError:
                continue
        assert session.changes.summary == "+1 tool"
        assert "+1 tool" in desk.window.header.note.text()
        desk.window.header.note.click()
        assert "bye" in texts(desk.window.host.panel)

    desktop(scene)


def test_a_file_without_a_server_cannot_be_run(desktop, tmp_path) -> None:
    file = tmp_path / "broken.py"
    file.write_text("def (:\n")

    async def scene(desk) -> None:
        desk.window.open_spec.emit(str(file))
        dialog = await desk.until(lambda: desk.app.opener.dialog, "the trust prompt")
        assert "not valid Python" in texts(dialog)
        assert not dialog.once.isEnabled()
        dialog.dont.click()

    desktop(scene)


def test_a_missing_file_is_told_in_the_status_bar(desktop, tmp_path) -> None:
    async def scene(desk) -> None:
        desk.window.open_spec.emit(str(tmp_path / "nowhere.py"))
        await desk.until(lambda: "There is no file" in desk.window.status.said.whole(), "a sentence")

    desktop(scene)


@pytest.mark.parametrize(
    ("text", "kind", "name"),
    [
        ("https://mcp.example.com/mcp", "http", "mcp.example.com"),
        ("http://127.0.0.1:8000/sse", "sse", "127.0.0.1:8000"),
        ("npx -y @modelcontextprotocol/server-everything", "stdio", "server-everything"),
        ("uv run server.py", "stdio", "server.py"),
    ],
)
def test_what_people_paste_is_understood(text: str, kind: str, name: str) -> None:
    target = guess_target(text)
    assert (target.kind, target.name) == (kind, name)


def test_a_pasted_config_is_shown_before_it_runs(desktop) -> None:
    config = {"mcpServers": {"files": {"command": "npx", "args": ["-y", "files"], "env": {"KEY": "value"}}}}

    async def scene(desk) -> None:
        desk.window.go("open-text", text=json.dumps(config))
        dialog = await desk.until(lambda: desk.app.opener.dialog, "the connect dialog")
        assert isinstance(dialog, ConnectDialog)
        assert dialog.form.command.text() == "npx -y files"
        assert dialog.form.env.pairs() == (("KEY", "value"),)
        assert desk.app.workbench.sessions == []
        dialog.cancel.click()

    desktop(scene)


def test_what_is_pasted_into_the_command_line_of_the_dialog_finds_its_place(desktop) -> None:
    """A config was taken for a program's name, and the error showed its secrets."""
    entry = {"command": "npx", "args": ["-y", "files"], "env": {"KEY": "value"}}

    async def scene(desk) -> None:
        desk.window.actions_table.trigger("connect")
        dialog = await desk.until(lambda: desk.app.opener.dialog, "the connect dialog")
        dialog.form.command.setText(json.dumps({"mcpServers": {"files": entry}}))
        assert (dialog.form.name.text(), dialog.form.command.text()) == ("files", "npx -y files")
        assert dialog.form.env.pairs() == (("KEY", "value"),)
        dialog.form.command.setText("https://mcp.example.com/mcp")
        assert dialog.tab == "url"
        assert dialog.form.url.text() == "https://mcp.example.com/mcp"
        dialog.form.url.setText('"files": ' + json.dumps(entry) + ",")  # as many a README shows it
        assert dialog.tab == "command"
        assert dialog.form.command.text() == "npx -y files"
        dialog.form.command.setText(json.dumps({"one": entry, "two": {"url": "http://localhost:1/mcp"}}))
        assert dialog.tab == "json"
        assert dialog.json_page.found.text() == "2 servers: one, two"
        assert dialog.go.text() == "Open 2 servers"
        dialog.go.click()
        allow = await desk.until(
            lambda: isinstance(desk.app.opener.dialog, AllowDialog) and desk.app.opener.dialog, "the question"
        )
        assert "value" not in texts(allow)
        allow.reject()
        assert desk.app.workbench.sessions == []

    desktop(scene)


def test_a_server_file_in_the_command_line_of_the_dialog_is_opened_as_one(desktop, tmp_path: Path) -> None:
    file = tmp_path / "server.py"
    file.write_text("from fastmcp import FastMCP\nmcp = FastMCP('x')\n")

    async def scene(desk) -> None:
        desk.window.actions_table.trigger("connect")
        dialog = await desk.until(lambda: desk.app.opener.dialog, "the connect dialog")
        dialog.form.command.setText(str(file))
        dialog.go.click()
        asked = await desk.until(
            lambda: isinstance(desk.app.opener.dialog, TrustDialog) and desk.app.opener.dialog, "the trust prompt"
        )
        asked.reject()

    desktop(scene)


def test_of_several_servers_in_a_file_one_is_chosen_in_the_trust_prompt(desktop, tmp_path: Path) -> None:
    """It named the words to type, and there was no place to type them."""
    file = tmp_path / "two.py"
    file.write_text("from fastmcp import FastMCP\none = FastMCP('1')\ntwo = FastMCP('2')\n")

    async def scene(desk) -> None:
        desk.window.go("open-text", text=str(file))
        first = await desk.until(lambda: desk.app.opener.dialog, "the trust prompt")
        assert isinstance(first, TrustDialog)
        assert not first.once.isEnabled()
        assert [button.text() for button in first.choices] == ["Choose one", "Choose two"]
        first.choices[1].click()
        second = await desk.until(lambda: desk.app.opener.dialog not in (None, first) and desk.app.opener.dialog, "two")
        assert second.command.text().endswith(f"{file}:two")
        second.once.click()
        session = await desk.until(lambda: desk.app.workbench.current, "a server")
        await desk.until(lambda: session.state == "ready", "the second server", 30)
        assert session.name == "2"

    desktop(scene)


def test_json_without_a_server_says_so() -> None:
    with pytest.raises(ValueError, match="No servers found"):
        targets_in_json("[]")
    with pytest.raises(ValueError, match="not valid JSON"):
        targets_in_json("{")


def test_the_connect_dialog_keeps_what_is_wrong_on_screen(desktop) -> None:
    async def scene(desk) -> None:
        desk.window.actions_table.trigger("connect")
        dialog = await desk.until(lambda: desk.app.opener.dialog, "the connect dialog")
        dialog.go.click()
        assert dialog.isVisible()
        assert dialog.problem.text() == "Type a command or a URL."
        dialog.form.command.setText("python3 server.py")
        dialog.form.env.add_row()
        dialog.form.env.rows[0].value.setText("a value without a name")
        dialog.go.click()
        assert "NAME=value" in dialog.problem.text()
        dialog.cancel.click()

    desktop(scene)


@pytest.mark.parametrize(
    ("what", "is_file"),
    [
        ("", False),
        ("server.py", True),
        ("folder/server.py:mcp", True),
        ("python server.py", False),
        ("https://example.com/mcp.py", False),
        ("npx -y something", False),
    ],
)
def test_the_command_line_tells_files_from_commands(what: str, is_file: bool) -> None:
    assert _names_a_file(what) is is_file


def test_how_many_rounds_a_call_may_take_is_kept_by_the_dialog(qtbot, look) -> None:
    """2026-07-28: questions come in rounds of the call; other fields must not set the number back."""
    from PySide6.QtWidgets import QWidget

    from wireglass_app.calls import Target

    window = QWidget()
    qtbot.addWidget(window)
    dialog = ConnectDialog(window, Target("a", "stdio", command="python", args=("a.py",), rounds=3))
    assert dialog.form.target().rounds == 3
    dialog.form.rounds.setValue(7)
    assert dialog.form.target().rounds == 7
