"""Claude Desktop as a running program."""

from pathlib import Path

from core.targets.machines import config_in
from wireglass.install.desktop import LogTail, ask_to_quit, log_files, running, survived
from wireglass.targets.facts import Machine

MAC = Machine("macos", "/Users/ada")
WINDOWS = Machine("windows", "C:/Users/ada")


def test_running_processes_are_found_on_every_system(tmp_path: Path):
    assert running(MAC, run=lambda command: "41\n42\n" if command[0] == "pgrep" else "") == [41, 42]
    table = '"claude.exe","7","Console","1","90 K"\r\n"other.exe","8","Console","1","1 K"\r\n'
    assert running(WINDOWS, run=lambda command: table) == [7]
    assert running(WINDOWS, run=lambda command: "INFO: No tasks are running") == []
    lines = {
        "10": b"/usr/lib/electron/electron\0/usr/lib/claude-desktop/app.asar\0",
        "11": b"/usr/lib/electron/electron\0--type=renderer\0/usr/lib/claude-desktop\0",
        "12": b"/home/ada/.local/bin/claude\0mcp\0",
        "13": b"/usr/bin/claude-desktop\0",
    }
    for name, line in lines.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "cmdline").write_bytes(line)
    assert running(Machine("linux", "/home/ada"), processes=tmp_path) == [10, 13]


def test_quitting_is_asked_for_never_forced():
    assert ask_to_quit(MAC) == ("osascript", "-e", 'quit app "Claude"')
    assert "/F" not in (ask_to_quit(WINDOWS) or ())
    assert ask_to_quit(Machine("linux", "/home/ada")) is None


def test_whether_an_entry_survived_is_read_from_the_file(tmp_path: Path):
    entry = {"command": "x"}
    config = config_in(tmp_path, "claude-desktop", content=b'{"mcpServers": {"a": {"command": "x"}}}')
    assert survived(config, "a", entry) == "as written"
    assert survived(config, "a", {"command": "y"}) == "changed"
    config.path.write_bytes(b'{"preferences": {}}')
    assert survived(config, "a", entry) == "gone"


def test_logs_lie_where_the_app_writes_them(tmp_path: Path):
    config = config_in(tmp_path, "claude-desktop")
    folder = tmp_path / "home" / ".config" / "Claude" / "logs"
    assert log_files(config, "my server") == [folder / "mcp.log", folder / "mcp-server-my server.log"]


def test_a_log_is_followed_through_growth_and_rotation(tmp_path: Path):
    path = tmp_path / "mcp.log"
    tail = LogTail(path, backlog=2)
    assert tail.poll() == []
    path.write_bytes(b"one\ntwo\nthree\nfo")
    assert tail.poll() == ["two", "three"]
    with path.open("ab") as file:
        file.write("ur é\r\nfive\n".encode())
    assert tail.poll() == ["four é", "five"]
    assert tail.poll() == []
    path.unlink()
    path.write_bytes(b"new\n")
    assert tail.poll() == ["new"]
