"""Wishes on top of files, before anything is written."""

from pathlib import Path

from core.targets.machines import config_in, machine_in
from wireglass.targets.draft import Column, Draft
from wireglass.targets.edit import apply
from wireglass.targets.entry import mcp_remote
from wireglass.targets.inventory import survey
from wireglass.targets.journal import Journal
from wireglass.targets.servers import RemoteServer, StdioServer

CURSOR = b'{"mcpServers": {"a": {"command": "/bin/sh", "envFile": "x"}, "far": {"url": "https://x.example/mcp"}}}'
CLINE = b'{"mcpServers": {"a": {"command": "/bin/ls", "disabled": false, "autoApprove": ["x"]}}}'


def made(tmp_path: Path) -> Draft:
    config_in(tmp_path, "cursor", content=CURSOR)
    config_in(tmp_path, "cline", content=CLINE)
    config_in(tmp_path, "claude-desktop", content=b"{}")
    draft = Draft(machine_in(tmp_path), Journal(tmp_path / "state"), bridge=mcp_remote)
    draft.load(survey(draft.machine))
    return draft


def column(draft: Draft, host: str) -> Column:
    return next(one for one in draft.columns if one.target.id == host)


def write(draft: Draft) -> None:
    edits, problems = draft.edits()
    assert problems == []
    apply(edits, draft.journal, label="test")
    draft.discard()
    draft.load(survey(draft.machine))


def test_the_matrix_shows_what_is_where(tmp_path: Path):
    draft = made(tmp_path)
    assert [one.target.id for one in draft.columns] == ["claude-desktop", "cursor", "cline"]
    assert draft.names == ["a", "far"]
    cursor, desktop = column(draft, "cursor"), column(draft, "claude-desktop")
    assert (cursor.count, desktop.count) == (2, 0)
    assert draft.cell("a", cursor).state == "on"
    assert draft.cell("a", cursor).differs
    assert draft.cell("a", desktop).state == "absent"
    assert not draft.is_dirty
    assert draft.edits() == ([], [])


def test_toggling_switches_where_there_is_a_switch_and_removes_where_there_is_none(tmp_path: Path):
    draft = made(tmp_path)
    cline, cursor = column(draft, "cline"), column(draft, "cursor")
    assert draft.toggle("a", cline) == "will be switched off"
    assert draft.toggle("a", cursor) == "will be removed"
    assert (draft.cell("a", cline).pending, draft.cell("a", cursor).pending) == ("edit", "remove")
    write(draft)
    assert (tmp_path / "home/.cline/data/settings/cline_mcp_settings.json").read_bytes() == CLINE.replace(
        b"false", b"true"
    )
    assert draft.cell("a", column(draft, "cline")).state == "off"
    assert draft.cell("a", column(draft, "cursor")).state == "absent"


def test_toggling_twice_is_no_wish(tmp_path: Path):
    draft = made(tmp_path)
    for host in ("cline", "cursor", "claude-desktop"):
        draft.toggle("a", column(draft, host))
        draft.toggle("a", column(draft, host))
    assert not draft.is_dirty


def test_a_remote_server_is_bridged_where_it_must_be(tmp_path: Path):
    draft = made(tmp_path)
    desktop = column(draft, "claude-desktop")
    assert draft.toggle("far", desktop) == "will be added"
    assert draft.entry("far", desktop) == {"command": "npx", "args": ["-y", "mcp-remote", "https://x.example/mcp"]}
    assert "bridge" in draft.notes["far"][0]


def test_editing_keeps_the_keys_that_are_not_ours(tmp_path: Path):
    draft = made(tmp_path)
    cline = column(draft, "cline")
    assert draft.set_server("a", cline, StdioServer("a", "/bin/cat", ("-",), {"K": "1"})) == ""
    wanted = {"command": "/bin/cat", "disabled": False, "autoApprove": ["x"], "args": ["-"], "env": {"K": "1"}}
    assert draft.entry("a", cline) == wanted
    draft.set_server("a", cline, StdioServer("a", "/bin/cat"))
    assert draft.entry("a", cline) == {"command": "/bin/cat", "disabled": False, "autoApprove": ["x"], "args": []}


def test_copying_to_all_brings_every_host_to_one_server(tmp_path: Path):
    draft = made(tmp_path)
    assert draft.copy_to_all("a", column(draft, "cursor")) == []
    write(draft)
    assert not draft.cell("a", column(draft, "cline")).differs
    servers = {draft.server("a", one).command for one in draft.columns}
    assert servers == {"/bin/sh"}
    assert b'"autoApprove": ["x"]' in (tmp_path / "home/.cline/data/settings/cline_mcp_settings.json").read_bytes()


def test_an_open_server_is_offered_until_it_is_withdrawn(tmp_path: Path):
    draft = made(tmp_path)
    draft.offer(StdioServer("open", "/bin/sh"))
    assert draft.names[0] == "open"
    draft.toggle("open", column(draft, "cursor"))
    draft.withdraw("open")
    assert "open" in draft.names, "it is wished into a file"
    draft.discard()
    assert "open" not in draft.names


def test_a_file_that_broke_meanwhile_is_reported_not_planned(tmp_path: Path):
    draft = made(tmp_path)
    draft.toggle("a", column(draft, "cursor"))
    draft.toggle("a", column(draft, "cline"))
    (tmp_path / "home/.cursor/mcp.json").write_bytes(b"{")
    edits, problems = draft.edits()
    assert [edit.config.target.id for edit in edits] == ["cline"]
    assert "mcp.json" in problems[0].message


def test_a_change_by_a_host_is_planned_again_on_top(tmp_path: Path):
    draft = made(tmp_path)
    cursor = column(draft, "cursor")
    draft.set_server("far", cursor, RemoteServer("far", "https://y.example/mcp"))
    (tmp_path / "home/.cursor/mcp.json").write_bytes(CURSOR.replace(b'"/bin/sh"', b'"/bin/zsh"'))
    edits, _ = draft.edits()
    assert b"/bin/zsh" in edits[0].after
    assert b"y.example" in edits[0].after


def test_cells_say_in_words_what_they_show(tmp_path: Path):
    draft = made(tmp_path)
    draft.toggle("a", column(draft, "claude-desktop"))
    assert draft.cell("a", column(draft, "claude-desktop")).text == "on, will be added"
    assert draft.cell("a", column(draft, "cline")).text == "on, differs between hosts"
