"""Wishes on top of files, before anything is written."""

from pathlib import Path

from core.targets.machines import config_in, machine_in
from wireglass.targets.draft import Draft
from wireglass.targets.edit import apply
from wireglass.targets.entry import mcp_remote
from wireglass.targets.inventory import survey
from wireglass.targets.journal import Journal
from wireglass.targets.matrix import Column
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


# Names, references, keys, questions, projects


def test_a_rename_keeps_the_place_and_every_other_byte_in_every_host(tmp_path: Path):
    draft = made(tmp_path)
    assert draft.rename("a", "far") == 'There is a server called "far" already.'
    assert draft.rename("a", "b") == ""
    assert draft.names == ["b", "far"]
    assert draft.cell("b", column(draft, "cursor")).pending == "edit"
    draft.set_server("b", column(draft, "cursor"), StdioServer("b", "/bin/cat"))
    write(draft)
    assert (tmp_path / "home/.cline/data/settings/cline_mcp_settings.json").read_bytes() == CLINE.replace(
        b'"a"', b'"b"'
    )
    cursor = (tmp_path / "home/.cursor/mcp.json").read_bytes()
    assert cursor.startswith(b'{"mcpServers": {"b": {"command": "/bin/cat", "envFile": "x"')
    assert cursor.endswith(b', "far": {"url": "https://x.example/mcp"}}}')


def test_a_rename_there_and_back_is_no_wish(tmp_path: Path):
    draft = made(tmp_path)
    draft.rename("a", "b")
    assert draft.is_dirty
    draft.rename("b", "a")
    assert not draft.is_dirty
    assert draft.edits() == ([], [])


def test_a_server_that_is_only_open_is_installed_under_its_new_name(tmp_path: Path):
    draft = made(tmp_path)
    draft.offer(StdioServer("open", "/bin/sh"))
    draft.rename("open", "mine")
    assert draft.offer(StdioServer("open", "/bin/sh")) == "mine"
    assert draft.names == ["mine", "a", "far"]
    draft.toggle("mine", column(draft, "cursor"))
    draft.rename("mine", "ours")
    write(draft)
    assert b'"ours"' in (tmp_path / "home/.cursor/mcp.json").read_bytes()
    assert b'"mine"' not in (tmp_path / "home/.cursor/mcp.json").read_bytes()


def test_a_removed_entry_is_not_renamed(tmp_path: Path):
    draft = made(tmp_path)
    draft.remove("a", column(draft, "cursor"))
    draft.rename("a", "b")
    edits, problems = draft.edits()
    assert problems == []
    texts = {edit.config.target.id: edit.after for edit in edits}
    assert b'"a"' not in texts["cursor"]
    assert b'"b"' not in texts["cursor"]
    assert b'"b"' in texts["cline"]


def test_a_secret_becomes_a_reference(tmp_path: Path):
    config_in(
        tmp_path, "cursor", content=b'{"mcpServers": {"a": {"command": "/x", "env": {"API_TOKEN": "abc", "M": "1"}}}}'
    )
    draft = Draft(machine_in(tmp_path), Journal(tmp_path / "state"), bridge=mcp_remote)
    draft.load(survey(draft.machine))
    said = draft.refer("a", column(draft, "cursor"))
    assert said == "Cursor takes API_TOKEN from its environment: set it there."
    assert draft.entry("a", column(draft, "cursor"))["env"] == {"API_TOKEN": "${env:API_TOKEN}", "M": "1"}


def test_a_secret_header_becomes_one_too(tmp_path: Path):
    far = b'{"mcpServers": {"my far": {"url": "https://x", "headers": {"Authorization": "Bearer abc", "X": "1"}}}}'
    config_in(tmp_path, "cursor", content=far)
    draft = Draft(machine_in(tmp_path), Journal(tmp_path / "state"))
    draft.load(survey(draft.machine))
    assert "MY_FAR_AUTHORIZATION" in draft.refer("my far", column(draft, "cursor"))
    headers = draft.entry("my far", column(draft, "cursor"))["headers"]
    assert headers == {"Authorization": "${env:MY_FAR_AUTHORIZATION}", "X": "1"}


def test_keys_that_a_host_does_not_know_can_go(tmp_path: Path):
    draft = made(tmp_path)
    draft.drop_keys("a", column(draft, "cursor"), ["envFile"])
    assert draft.entry("a", column(draft, "cursor")) == {"command": "/bin/sh"}


def test_a_host_that_was_asked_is_asked_until_its_file_shows_the_server(tmp_path: Path):
    """Demand: "asked", not "installed", until the file has been re-read."""
    draft = made(tmp_path)
    desktop = column(draft, "claude-desktop")
    draft.asked("far", desktop)
    assert draft.cell("far", desktop).pending == "asked"
    assert draft.cell("far", desktop).text == "not there, asked, not seen in its file yet"
    draft.load(survey(draft.machine))
    assert draft.cell("far", column(draft, "claude-desktop")).pending == "asked"
    config_in(tmp_path, "claude-desktop", content=b'{"mcpServers": {"far": {"command": "x"}}}')
    draft.load(survey(draft.machine))
    assert draft.cell("far", column(draft, "claude-desktop")).pending == ""
    draft.remove("far", column(draft, "claude-desktop"))
    assert draft.cell("far", column(draft, "claude-desktop")).pending == "remove"


def test_the_files_of_a_project_are_a_table_of_their_own(tmp_path: Path):
    draft = made(tmp_path)
    config_in(tmp_path, "claude-code", "project", b'{"mcpServers": {"ours": {"command": "/bin/sh"}}}')
    (tmp_path / "home" / ".claude").mkdir()
    draft.scope = "project"
    draft.load(survey(draft.machine))
    assert draft.names == ["ours"]
    assert {"cursor", "claude-code"} <= {one.target.id for one in draft.columns}
    assert "claude-desktop" not in {one.target.id for one in draft.columns}
    draft.toggle("ours", column(draft, "cursor"))
    write(draft)
    assert b'"ours"' in (tmp_path / "app/.cursor/mcp.json").read_bytes()


def test_a_question_that_nothing_asks_any_more_is_not_written(tmp_path: Path):
    config_in(tmp_path, "vscode", content=b'{"servers": {}}')
    draft = Draft(machine_in(tmp_path), Journal(tmp_path / "state"))
    draft.load(survey(draft.machine))
    code = column(draft, "vscode")
    draft.offer(StdioServer("a", "/x", (), {"T": "v"}, secret_env=frozenset({"T"})))
    draft.toggle("a", code)
    assert b'"inputs"' in draft.edits()[0][0].after
    draft.set_entry("a", code, {"command": "/x"})
    assert b'"inputs"' not in draft.edits()[0][0].after


def test_servers_that_cannot_be_reached_join_the_warnings(tmp_path: Path):
    draft = made(tmp_path)
    draft.note_unreachable({"https://x.example/mcp": "Nothing listens."})
    assert [one.kind for one in draft.warnings if one.server == "far"] == ["unreachable"]
