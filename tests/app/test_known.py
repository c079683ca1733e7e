"""Servers that the machine already knows: listed on the welcome page, never started without trust; and opened again."""

import json
import re
import sys
from pathlib import Path

import pytest

from app.desk import DESK, Desktop, texts
from wireglass_app.calls import Target
from wireglass_app.dialogs.allow import AllowDialog
from wireglass_app.dialogs.connect import ConnectDialog
from wireglass_app.known import recent_entry, recent_target
from wireglass_app.panels.welcome import WelcomePanel


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder in which Cursor and Claude Code list servers."""
    home = tmp_path / "person"
    desk = {"command": sys.executable, "args": [str(DESK)], "env": {"DESK_TOKEN": "s3cret"}}
    asked = {"url": "https://example.invalid/mcp", "headers": {"Authorization": "Bearer ${input:key}"}}
    for file, entries in ((".cursor/mcp.json", {"desk": desk, "asked": asked}), (".claude.json", {"desk": desk})):
        path = home / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({"mcpServers": entries}))
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(home))
    for name in ("APPDATA", "XDG_CONFIG_HOME", "CODEX_HOME", "CLAUDE_CONFIG_DIR"):
        monkeypatch.delenv(name, raising=False)
    return home


def test_servers_of_other_apps_run_only_after_trust(desktop, home: Path) -> None:
    """Issue: entry of any installed host's config; design principle (a): nothing runs that the user has not seen."""

    async def scene(desk: Desktop) -> None:
        welcome = desk.window.host.panel
        assert isinstance(welcome, WelcomePanel)
        await desk.until(lambda: welcome.known.isVisible(), "the servers of other apps")
        assert [check.text() for check in welcome.known.checks] == ["desk", "asked"]
        assert "Cursor" in texts(welcome.known)
        assert "Claude Code" in texts(welcome.known)
        assert not welcome.known.open.isEnabled()
        welcome.known.checks[0].setChecked(True)
        welcome.known.open.click()
        dialog = await desk.until(lambda: desk.app.opener.dialog, "the question")
        assert isinstance(dialog, AllowDialog)
        await desk.until(lambda: dialog.dont.hasFocus(), "the focus on the safe answer")
        assert str(DESK) in texts(dialog)
        assert "DESK_TOKEN" in texts(dialog)
        assert "s3cret" not in texts(dialog)
        assert desk.app.workbench.sessions == []
        dialog.always.click()
        session = await desk.until(lambda: desk.app.workbench.current, "the server")
        await desk.until(lambda: session.state == "ready", "a connection")
        await desk.app.workbench.close(session)
        desk.window.go("welcome")
        welcome.known.wanted.emit([welcome.known._servers[0]])
        assert desk.app.workbench.current is not None, "what was trusted is not asked again"

    desktop(scene)


def test_a_value_that_only_the_other_app_knows_is_asked_for(desktop, home: Path) -> None:
    async def scene(desk: Desktop) -> None:
        welcome = desk.window.host.panel
        await desk.until(lambda: welcome.known.isVisible(), "the servers of other apps")
        welcome.known.checks[1].setChecked(True)
        welcome.known.open.click()
        dialog = await desk.until(lambda: desk.app.opener.dialog, "the connect dialog")
        assert isinstance(dialog, ConnectDialog)
        assert dialog.form.url.text() == "https://example.invalid/mcp"
        dialog.reject()

    desktop(scene)


def test_pasted_json_with_several_servers_asks_once_for_all(desktop) -> None:
    async def scene(desk: Desktop) -> None:
        entry = {"command": sys.executable, "args": [str(DESK)]}
        desk.app.opener.open_text(json.dumps({"mcpServers": {"one": entry, "two": {**entry, "cwd": str(DESK.parent)}}}))
        dialog = await desk.until(lambda: desk.app.opener.dialog, "the question")
        assert isinstance(dialog, AllowDialog)
        dialog.checks[1].setChecked(False)
        dialog.once.click()
        await desk.until(lambda: desk.app.workbench.sessions, "the server")
        assert [session.target.name for session in desk.app.workbench.sessions] == ["one"]

    desktop(scene)


def test_a_server_opened_before_is_opened_again_from_the_welcome_page(desktop) -> None:
    async def scene(desk: Desktop) -> None:
        session = await desk.desk()
        await desk.app.workbench.close(session)
        desk.window.go("welcome")
        welcome = desk.window.host.panel
        await desk.until(lambda: welcome.recent.isVisible(), "the recent servers")
        welcome.recent.buttons[0].click()
        again = await desk.until(lambda: desk.app.workbench.current, "the server")
        await desk.until(lambda: again.state == "ready", "a connection")
        assert again.target.args == session.target.args

    desktop(scene)


def test_secrets_are_not_remembered() -> None:
    target = Target("x", "http", url="https://h/mcp", headers=(("Authorization", "Bearer t0p"),), trust="system")
    entry = recent_entry(target)
    assert "t0p" not in json.dumps(entry)
    found, incomplete = recent_target(json.loads(json.dumps(entry)))
    assert incomplete
    assert (found.url, found.trust, found.headers) == ("https://h/mcp", "system", (("Authorization", ""),))


def test_the_time_outs_of_a_server_are_remembered() -> None:
    """Issue, point 2: they are per server; what is no number of seconds is passed over."""
    target = Target("x", "http", url="https://h/mcp", timeout=300.0, start_timeout=42.0, rounds=3, any_version=True)
    entry = json.loads(json.dumps(recent_entry(target)))
    assert recent_target(entry) == (target, False)
    broken = entry | {"timeout": "long", "rounds": True, "start_timeout": -1}
    assert recent_target(broken)[0] == Target("x", "http", url="https://h/mcp", any_version=True)


def test_a_token_in_a_url_is_not_remembered_either(desktop) -> None:
    """Neither in the list of recent servers nor in the name under which its drafts are kept: it is asked for again."""
    target = Target("x", "http", url="https://user:pw@h/mcp?api_key=t0p&page=2", proxy="http://me:pw@proxy:1")
    entry = recent_entry(target)
    assert not {"t0p", "pw"} & set(re.findall(r"\w+", json.dumps(entry) + target.key))
    found, incomplete = recent_target(json.loads(json.dumps(entry)))
    assert incomplete
    assert found.key == target.key == "https://***@h/mcp?api_key=***&page=2"

    async def scene(desk: Desktop) -> None:
        desk.app.settings.set("recent", [entry])
        desk.app.opener.open_recent(found.key)
        dialog = await desk.until(lambda: desk.app.opener.dialog, "the connect dialog")
        assert dialog.form.url.text() == "https://***@h/mcp?api_key=***&page=2"
        dialog.reject()

    desktop(scene)


@pytest.mark.parametrize("entry", [None, [], {}, {"kind": "http"}, {"kind": "stdio", "args": 3}, {"kind": "else"}])
def test_what_cannot_be_read_is_passed_over(entry) -> None:
    assert recent_target(entry) is None
