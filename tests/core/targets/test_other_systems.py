"""Windows and macOS, played below a temporary folder: which file is read, where a new one goes, what stays in it."""

import json
import os
from pathlib import Path

import pytest

from core.targets.fixtures import FOLDER
from wireglass.install.desktop import log_files, start_command
from wireglass.targets import disk
from wireglass.targets.document import Add, Remove
from wireglass.targets.edit import apply, plan, set_entry, undo
from wireglass.targets.facts import Machine, Platform
from wireglass.targets.hosts import TARGETS, target_of
from wireglass.targets.inventory import config_files, files_to_write, survey
from wireglass.targets.journal import Journal
from wireglass.targets.servers import StdioServer

STORE = "Local/Packages/Claude_pzs8sxrjxfjjc/LocalCache/Roaming/Claude/claude_desktop_config.json"
DESKTOP = target_of("claude-desktop")


def windows(folder: Path, **env: str) -> Machine:
    given = {"APPDATA": f"{folder}/Roaming", "LOCALAPPDATA": f"{folder}/Local", "PATH": "", **env}
    return Machine("windows", f"{folder}/home", given)


def made(path: Path, content: bytes = b'{"mcpServers": {}}') -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


# Claude Desktop from the Windows store keeps a private copy of its file


def test_without_a_package_the_ordinary_file_is_written(tmp_path: Path):
    (file,) = files_to_write(DESKTOP, windows(tmp_path))
    assert file.path == tmp_path / "Roaming/Claude/claude_desktop_config.json"


def test_the_private_copy_is_the_file_that_the_app_reads(tmp_path: Path):
    made(tmp_path / "Roaming/Claude/claude_desktop_config.json")
    private = made(tmp_path / STORE)
    (file,) = files_to_write(DESKTOP, windows(tmp_path))
    assert file.path == private


def test_no_copy_is_ever_created_inside_the_package(tmp_path: Path):
    (tmp_path / STORE).parent.mkdir(parents=True)
    (file,) = files_to_write(DESKTOP, windows(tmp_path))
    assert file.path == tmp_path / "Roaming/Claude/claude_desktop_config.json"
    (host,) = survey(windows(tmp_path), [DESKTOP])
    assert host.installed, "the package alone is a sign of it"


def test_of_several_packages_the_newest_copy_counts(tmp_path: Path):
    old = made(tmp_path / STORE.replace("pzs8", "aaaa"))
    new = made(tmp_path / STORE)
    os.utime(old, (1_000_000_000, 1_000_000_000))
    assert files_to_write(DESKTOP, windows(tmp_path))[0].path == new
    os.utime(new, (900_000_000, 900_000_000))
    assert files_to_write(DESKTOP, windows(tmp_path))[0].path == old


def test_the_packages_logs_and_start_are_found_too(tmp_path: Path):
    private = made(tmp_path / STORE)
    (file,) = files_to_write(DESKTOP, windows(tmp_path))
    assert log_files(file, "a")[0] == tmp_path / "Roaming/Claude/logs/mcp.log"
    (private.parent / "logs").mkdir()
    assert log_files(file, "a")[1] == private.parent / "logs" / "mcp-server-a.log"
    wanted = ("explorer.exe", "shell:AppsFolder\\Claude_pzs8sxrjxfjjc!Claude")
    assert start_command(windows(tmp_path)) == wanted


# Line ends, byte order mark, case of variables


def test_a_windows_file_keeps_its_line_ends_and_tabs(tmp_path: Path):
    content = (FOLDER / "claude-desktop.win-crlf-tabs.json").read_bytes()
    made(tmp_path / STORE, content)
    (file,) = files_to_write(DESKTOP, windows(tmp_path))
    journal = Journal(tmp_path / "state")
    apply([set_entry(file, "wg", {"command": "x", "args": []})], journal, label="t")
    written = file.path.read_bytes()
    assert written.count(b"\n") == written.count(b"\r\n") > content.count(b"\n")
    apply([plan(file, [Remove("wg")], journal=journal)], journal, label="t")
    assert file.path.read_bytes() == content


def test_a_byte_order_mark_that_would_make_the_app_forget_its_servers_goes(tmp_path: Path):
    content = (FOLDER / "claude-desktop.bom.json").read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    made(tmp_path / "Roaming/Claude/claude_desktop_config.json", content)
    (file,) = files_to_write(DESKTOP, windows(tmp_path))
    journal = Journal(tmp_path / "state")
    outcome = apply([set_entry(file, "wg", {"command": "x"})], journal, label="t")
    assert not file.path.read_bytes().startswith(b"\xef\xbb\xbf")
    assert outcome.act is not None
    undo(outcome.act, journal, windows(tmp_path))
    assert file.path.read_bytes() == content


# The exchange of two names, as Windows does it


class Kernel:
    """What `ReplaceFileW` does, also when it fails half-way."""

    def __init__(self, outcome: str) -> None:
        self.outcome = outcome

    def ReplaceFileW(self, path: str, other: str, kept: str, flags: int, one: None, two: None) -> int:
        if self.outcome == "refused":
            return 0
        os.replace(path, kept)
        if self.outcome == "half":
            return 0
        os.replace(other, path)
        return 1


@pytest.mark.parametrize(("outcome", "done"), [("done", True), ("refused", False), ("half", False)])
def test_what_stood_there_is_never_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, outcome: str, done: bool):
    monkeypatch.setattr(disk, "_kernel32", lambda: Kernel(outcome))
    path, other = made(tmp_path / "a.json", b"old"), made(tmp_path / "b.json", b"new")
    assert disk._exchange_windows(path, other) is done
    assert (path.read_bytes(), other.read_bytes()) == ((b"new", b"old") if done else (b"old", b"new"))
    assert sorted(each.name for each in tmp_path.iterdir()) == ["a.json", "b.json"]


def test_a_change_at_the_last_moment_is_given_back_on_windows_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(disk, "_kernel32", lambda: Kernel("done"))
    theirs = b'{"mcpServers": {"theirs": {"command": "t"}}}'

    class Host(disk.Disk):
        wrote = False

        def exchange(self, path: Path, other: Path) -> bool:
            if not self.wrote:
                self.wrote = True
                path.write_bytes(theirs)
            return disk._exchange_windows(path, other)

    made(tmp_path / "Roaming/Claude/claude_desktop_config.json")
    (file,) = files_to_write(DESKTOP, windows(tmp_path))
    with pytest.raises(disk.ChangedMeanwhile):
        apply([plan(file, [Add("wg", {"command": "x"})])], Journal(tmp_path / "state"), label="t", disk=Host())
    assert file.path.read_bytes() == theirs


# Every host on every system: written, read back, taken back


def played(system: Platform, folder: Path) -> Machine:
    project = folder / "project"
    project.mkdir()
    env = {"PATH": ""}
    if system == "windows":
        env |= {"APPDATA": f"{folder}/Roaming", "LOCALAPPDATA": f"{folder}/Local"}
    return Machine(system, f"{folder}/home", env, str(project))


@pytest.mark.parametrize("system", ["windows", "macos", "linux"])
@pytest.mark.parametrize("target", [one for one in TARGETS if one.facts.files], ids=lambda one: one.id)
def test_every_file_of_every_host_can_be_made_read_and_taken_back(tmp_path: Path, target, system: Platform):
    """User and project scope alike; a file that we made goes again."""
    machine = played(system, tmp_path)
    journal = Journal(tmp_path / "state")
    server = StdioServer("wg", "C:\\uv.exe" if system == "windows" else "/opt/uv", ("run", "ä b"), {"A": "b"})
    files = config_files(target, machine, ("user", "project", "local"))
    for file in files:
        assert file.path.is_relative_to(tmp_path)
        entry = target.entry(server, file=file.facts.id)
        outcome = apply([set_entry(file, "wg", entry)], journal, label="t")
        entries = file.entries(file.document(file.content()))
        assert target.server("wg", entries["wg"], file=file.facts.id) == server
        assert outcome.act is not None
        assert [one.how for one in undo(outcome.act, journal, machine)] == ["restored"]
        assert not file.path.exists()
    listed = {listed.config.path for host in survey(machine, [target]) for listed in host.files}
    assert listed == set()


def test_old_and_new_places_of_one_host(tmp_path: Path):
    """An old file is read and left where it is; new entries go to the new place."""
    code = target_of("vscode")
    settings = made(tmp_path / "Roaming/Code/User/settings.json", b'{"mcp": {"servers": {"old": {"command": "x"}}},}')
    machine = windows(tmp_path)
    (host,) = survey(machine, [code])
    assert [list(listed.entries) for listed in host.files] == [["old"]]
    (file,) = files_to_write(code, machine)
    assert file.path == settings.with_name("mcp.json")
    apply([plan(file, [Add("wg", {"command": "x"})])], Journal(tmp_path / "state"), label="t")
    (host,) = survey(machine, [code])
    assert sorted(name for listed in host.files for name in listed.entries) == ["old", "wg"]
    assert json.loads(file.path.read_bytes())["servers"] == {"wg": {"command": "x"}}
