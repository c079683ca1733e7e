"""The connect dialog's five ways: what a person sees of each, and what comes of it."""

import json
from typing import Any

import pytest
from PySide6.QtWidgets import QLineEdit

from app.desk import DESK, Desktop, texts
from wireglass_app.calls import Target
from wireglass_app.dialogs.allow import AllowDialog
from wireglass_app.dialogs.connect import ConnectDialog
from wireglass_app.dialogs.trust import TrustDialog
from wireglass_app.known import KnownServer


async def opened(desk: Desktop, target: Target | None = None) -> ConnectDialog:
    desk.app.opener.ask_target(target)
    dialog = await desk.until(lambda: desk.app.opener.dialog, "the dialog")
    assert isinstance(dialog, ConnectDialog)
    return dialog


def test_it_offers_the_five_ways_that_the_design_draws(desktop) -> None:
    """Picture 10."""

    async def scene(desk: Desktop) -> None:
        dialog = await opened(desk)
        names = [dialog.tabs.tabText(at) for at in range(dialog.tabs.count())]
        assert names == ["Python file", "Command", "URL", "From another app", "Paste JSON"]
        assert dialog.tab == "command"
        assert not dialog.check.isVisible()
        dialog.show_tab("url")
        assert dialog.check.isVisible()
        await desk.until(dialog.form.url.hasFocus, "the focus in the address")
        size = dialog.size()
        for way in ("file", "apps", "json", "command"):
            dialog.show_tab(way)
            assert dialog.size() == size, "same place, same size"
        dialog.reject()

    desktop(scene)


def test_headers_and_scopes_are_rows_and_chips_and_secrets_are_not_shown(desktop) -> None:
    target = Target(
        "northline",
        "http",
        url="https://mcp.northline.example/mcp",
        headers=(("X-Depot", "HAM-2"), ("X-Client-Key", "t0ps3cret")),
        scopes=("shipments:read", "labels:write"),
    )

    async def scene(desk: Desktop) -> None:
        dialog = await opened(desk, target)
        depot, key = dialog.form.headers.rows
        assert (depot.name.text(), depot.value.text()) == ("X-Depot", "HAM-2")
        assert depot.value.echoMode() == QLineEdit.EchoMode.Normal
        assert key.value.echoMode() == QLineEdit.EchoMode.Password
        assert key.kept.isVisible()
        assert "t0ps3cret" not in texts(dialog)
        assert {"shipments:read", "labels:write"} <= set(texts(dialog).splitlines())
        dialog.form.headers.add.click()
        await desk.until(dialog.form.headers.rows[-1].name.hasFocus, "the focus in the name")
        dialog.form.headers.rows[-1].name.setText("X-Trace")
        dialog.form.headers.rows[-1].value.setText("on")
        depot.remove.click()
        made = dialog.form.target()
        assert made.headers == (("X-Client-Key", "t0ps3cret"), ("X-Trace", "on"))
        assert made.scopes == target.scopes
        dialog.reject()

    desktop(scene)


def test_an_address_shows_the_transport_that_it_is_reached_over(desktop) -> None:
    async def scene(desk: Desktop) -> None:
        dialog = await opened(desk)
        dialog.show_tab("url")
        dialog.form.url.setText("http://127.0.0.1:8000/sse")
        assert dialog.form.url.chip.text() == "older SSE, deprecated"
        assert dialog.form.target().kind == "sse"
        dialog.form.url.setText("http://127.0.0.1:8000/mcp")
        assert dialog.form.url.chip.text() == "Streamable HTTP"
        assert (dialog.form.target().kind, dialog.form.target().mode) == ("http", "auto")
        dialog.form.era.setCurrentIndex(dialog.form.era.findData("sse"))
        assert dialog.form.target().kind == "sse", "what was chosen is not guessed again"
        dialog.show_tab("command")
        assert dialog.form.era.findData("sse") < 0, "a command has one transport"
        dialog.reject()

    desktop(scene)


def test_a_python_file_is_read_and_asked_about_before_it_runs(desktop, tmp_path) -> None:
    file = tmp_path / "server.py"
    file.write_text("from fastmcp import FastMCP\nmcp = FastMCP('x')\n")

    async def scene(desk: Desktop) -> None:
        dialog = await opened(desk)
        dialog.show_tab("file")
        dialog.go.click()
        assert "Choose a Python file" in dialog.problem.text()
        dialog.file_page.file.set_path(str(tmp_path / "nowhere.py"))
        dialog.go.click()
        assert "There is no Python file" in dialog.problem.text()
        dialog.file_page.file.set_path(str(file))
        dialog.go.click()
        asked = await desk.until(
            lambda: isinstance(desk.app.opener.dialog, TrustDialog) and desk.app.opener.dialog, "the trust prompt"
        )
        asked.reject()
        assert desk.app.workbench.sessions == []

    desktop(scene)


def test_pasted_json_says_what_it_names_and_what_is_wrong_with_it(desktop) -> None:
    async def scene(desk: Desktop) -> None:
        dialog = await opened(desk)
        dialog.show_tab("json")
        assert not dialog.go.isEnabled()
        dialog.json_page.edit.setPlainText("{")
        assert "not valid JSON" in dialog.json_page.found.text()
        entry = {"command": "x"}
        dialog.json_page.edit.setPlainText(json.dumps({"mcpServers": {"one": entry, "two": entry}}))
        assert dialog.json_page.found.text() == "2 servers: one, two"
        assert dialog.go.text() == "Open 2 servers"
        dialog.go.click()
        asked = await desk.until(
            lambda: isinstance(desk.app.opener.dialog, AllowDialog) and desk.app.opener.dialog, "the question"
        )
        asked.reject()

    desktop(scene)


@pytest.mark.parametrize("ticked", [0, 1])
def test_servers_of_other_apps_are_listed_and_asked_about(desktop, ticked: int) -> None:
    known = [KnownServer(Target("desk", "stdio", command="python", args=(str(DESK),)), ("Claude Desktop",), "file")]

    async def scene(desk: Desktop) -> None:
        dialog: Any = await opened(desk)
        dialog._asked_apps = True  # this machine's own apps are not this test's
        dialog.show_tab("apps")
        assert "Reading the config files" in texts(dialog)
        dialog.show_known(known * ticked)
        if not ticked:
            assert "No server is set up in another app" in texts(dialog)
            dialog.reject()
            return
        assert "Claude Desktop" in texts(dialog)
        assert not dialog.go.isEnabled()
        dialog.apps_page.checks[0].setChecked(True)
        assert dialog.go.text() == "Open 1 server"
        dialog.go.click()
        asked = await desk.until(
            lambda: isinstance(desk.app.opener.dialog, AllowDialog) and desk.app.opener.dialog, "the question"
        )
        assert str(DESK) in texts(asked)
        asked.reject()

    desktop(scene)
