"""Claude Desktop while it runs: asked to quit, started again, looked at."""

from pathlib import Path

import pytest

from core.targets.machines import config_in
from wireglass.targets.facts import Machine
from wireglass.targets.inventory import ConfigFile
from wireglass_app.bridge import Bridge
from wireglass_app.configs.desktop_strip import DesktopStrip
from wireglass_app.configs.log_view import LogView

ENTRY = {"command": "/bin/sh"}


@pytest.fixture
def made(qtbot, look, tmp_path: Path):
    bridge = Bridge()
    done: list[tuple[str, ...]] = []
    said: list[str] = []
    strip = DesktopStrip(bridge, said.append, running=lambda machine: True, launch=lambda command: done.append(command))
    qtbot.addWidget(strip)
    config = config_in(tmp_path, "claude-desktop", content=b'{"mcpServers": {"a": {"command": "/bin/sh"}}}')
    mac = ConfigFile(config.target, config.facts, config.path, Machine("macos", str(tmp_path / "home")))
    yield strip, mac, done, said
    bridge.close_now()


def test_a_running_app_is_asked_to_quit_before_the_write(made) -> None:
    strip, config, done, said = made
    strip.planned(config)
    assert "Quit it fully before you write" in strip.notice.text.text()
    strip.quit_button.click()
    assert done == [("osascript", "-e", 'quit app "Claude"')]
    assert said[-1] == "Claude Desktop was asked to quit."
    strip.planned(None)
    assert strip.isHidden()


def test_after_the_start_the_entry_is_looked_for(made) -> None:
    strip, config, done, _ = made
    strip.written(config, {"a": ENTRY})
    strip.start_button.click()
    assert done == [("open", "-a", "Claude")]
    strip.look()
    assert strip.notice.text.text() == "Claude Desktop has kept the entry."


def test_a_lost_entry_is_named(made) -> None:
    strip, config, _, said = made
    strip.written(config, {"a": ENTRY, "b": ENTRY})
    config.path.write_bytes(b'{"preferences": {}}')
    strip.look()
    assert "dropped or changed a, b" in said[-1]


def test_its_log_is_followed(qtbot, look, tmp_path: Path) -> None:
    path = tmp_path / "mcp-server-a.log"
    path.write_text("one\ntwo\n")
    view = LogView()
    qtbot.addWidget(view)
    view.follow(path)
    assert list(view.code.rows) == ["one", "two"]
    with path.open("a") as file:
        file.write("three\n")
    view.read()
    assert list(view.code.rows) == ["one", "two", "three"]
