"""Plan, apply, undo: other programs' files on a disk where things go wrong."""

import errno
import os
import stat
import time
from pathlib import Path

import pytest

from core.targets.fixtures import FIXTURES, Fixture
from core.targets.machines import config_in, machine_in
from wireglass.targets.disk import ChangedMeanwhile, Disk, FileProblem
from wireglass.targets.document import Add, DocumentError, Remove, Rename, Update, load
from wireglass.targets.edit import apply, plan, set_entry, undo
from wireglass.targets.hosts import TARGETS, target_of
from wireglass.targets.inventory import ConfigFile
from wireglass.targets.journal import Journal

BEFORE = b'{\n  "mcpServers": {\n    "a": {"command": "x", "x-note": 1}\n  }\n}\n'
HERE = {target.id for target in TARGETS if any("linux" in row._paths for row in target.facts.files)}
ADD = Add("wg", {"command": "/bin/uv", "args": ["run"]})


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "state")


def write(config: ConfigFile, journal: Journal, *changes, disk: Disk | None = None):
    return apply([plan(config, changes, journal=journal)], journal, label="test", disk=disk)


def test_a_plan_shows_and_writes_nothing(tmp_path: Path):
    config = config_in(tmp_path, content=BEFORE)
    edit = plan(config, [ADD])
    assert edit.counts() == (5, 1)
    assert any(line.startswith('+    "wg": {') for line in edit.diff())
    assert config.path.read_bytes() == BEFORE


def test_apply_writes_keeps_a_copy_and_undo_restores_it_after_a_restart(tmp_path: Path, journal: Journal):
    config = config_in(tmp_path, content=BEFORE)
    outcome = write(config, journal, ADD)
    assert outcome.written == (config.path,)
    assert b'"wg"' in config.path.read_bytes()
    reopened = Journal(journal.folder)
    act = reopened.last()
    assert act is not None
    assert act.state == "applied"
    assert [one.how for one in undo(act, reopened, machine_in(tmp_path))] == ["restored"]
    assert config.path.read_bytes() == BEFORE
    assert Journal(journal.folder).last() is None


def test_a_new_file_is_private_and_goes_again_with_undo(tmp_path: Path, journal: Journal):
    config = config_in(tmp_path)
    outcome = write(config, journal, ADD)
    assert stat.S_IMODE(config.path.stat().st_mode) == 0o600
    assert outcome.act is not None
    undo(outcome.act, journal, machine_in(tmp_path))
    assert not config.path.exists()


def test_undo_after_the_host_wrote_takes_back_only_our_entry(tmp_path: Path, journal: Journal):
    config = config_in(tmp_path, content=b'{"theme": 1}')
    outcome = write(config, journal, ADD)
    rewritten = config.path.read_bytes().replace(b'"theme": 1', b'"theme": 2')
    config.path.write_bytes(rewritten)
    assert outcome.act is not None
    assert [one.how for one in undo(outcome.act, journal, machine_in(tmp_path))] == ["entries taken back"]
    assert config.path.read_bytes() == b'{"theme": 2}'


@pytest.mark.parametrize(
    "change", [Remove("a"), Rename("a", "b"), Update("a", {"command": "y", "new": 2}, drop=("x-note",))]
)
def test_every_kind_of_change_can_be_taken_back_from_a_rewritten_file(tmp_path: Path, journal: Journal, change):
    config = config_in(tmp_path, content=BEFORE)
    outcome = write(config, journal, change)
    config.path.write_bytes(config.path.read_bytes() + b"\n\n")
    assert outcome.act is not None
    assert [one.how for one in undo(outcome.act, journal, machine_in(tmp_path))] == ["entries taken back"]
    assert config.document(config.content()).data == config.document(BEFORE).data


def test_undo_leaves_an_entry_that_was_changed_since(tmp_path: Path, journal: Journal):
    config = config_in(tmp_path, content=BEFORE)
    outcome = write(config, journal, ADD)
    config.path.write_bytes(config.path.read_bytes().replace(b"/bin/uv", b"/other"))
    assert outcome.act is not None
    result = undo(outcome.act, journal, machine_in(tmp_path))[0]
    assert result.how == "not possible"
    assert "changed since" in result.reason
    assert b"/other" in config.path.read_bytes()


@pytest.mark.parametrize("fixture", [f for f in FIXTURES if f.host in HERE], ids=lambda one: one.file)
def test_adding_and_removing_later_restores_every_fixture(tmp_path: Path, journal: Journal, fixture: Fixture):
    """Also the ones whose container we had to make, or whose empty container was written over several lines."""
    config = config_in(tmp_path, fixture.host, file_id(fixture), fixture.content)
    entry = {"command": "x"}
    write(config, journal, Add("wg demo", entry))
    write(config, Journal(journal.folder), Remove("wg demo"))
    assert config.path.read_bytes() == fixture.content


def file_id(fixture: Fixture) -> str | None:
    """The first of the host's Linux files that has its servers in the same place and takes the fixture's comments."""
    for row in target_of(fixture.host).facts.files:
        if "linux" in row._paths and row.place.path == fixture.place.path:
            try:
                load(fixture.content, row.grammar)
            except DocumentError:
                continue
            return row.id
    return None


def test_setting_an_entry_again_keeps_the_users_keys(tmp_path: Path, journal: Journal):
    config = config_in(tmp_path, content=BEFORE)
    edit = set_entry(config, "a", {"command": "z", "args": ["1"]})
    apply([edit], journal, label="test")
    assert config.path.read_bytes() == BEFORE.replace(b'"x", "x-note": 1', b'"z", "x-note": 1, "args": ["1"]')


def test_a_server_that_moves_to_a_url_loses_its_command(tmp_path: Path):
    config = config_in(tmp_path, content=b'{"mcpServers": {"a": {"command": "x", "args": [], "keep": 1}}}')
    edit = set_entry(config, "a", {"url": "https://x"})
    assert config.document(edit.after).data == {"mcpServers": {"a": {"url": "https://x", "keep": 1}}}


def test_setting_the_same_entry_again_does_nothing(tmp_path: Path, journal: Journal):
    config = config_in(tmp_path, content=BEFORE)
    assert apply([set_entry(config, "a", {"command": "x"})], journal, label="test").act is None


# Others write too


def test_a_change_in_between_is_seen_before_writing(tmp_path: Path, journal: Journal):
    config = config_in(tmp_path, content=BEFORE)
    edit = plan(config, [ADD])
    config.path.write_bytes(b'{"mcpServers": {}}')
    with pytest.raises(ChangedMeanwhile):
        apply([edit], journal, label="test")
    assert config.path.read_bytes() == b'{"mcpServers": {}}'
    assert journal.acts() == []


def test_a_change_at_the_very_last_moment_is_put_back(tmp_path: Path, journal: Journal):
    """Demand: two writers at once never lose the other's change silently."""
    config = config_in(tmp_path, content=BEFORE)
    theirs = b'{"mcpServers": {"theirs": {"command": "t"}}}'

    class Host(Disk):
        def exchange(self, path: Path, other: Path) -> bool:
            if other.read_bytes() == BEFORE:
                beside = other.with_name("host.tmp")
                beside.write_bytes(theirs)
                os.replace(beside, other)
            return super().exchange(path, other)

    if not Disk().exchange(_file(tmp_path / "one"), _file(tmp_path / "two")):
        pytest.skip("this file system cannot exchange two names")
    with pytest.raises(ChangedMeanwhile):
        write(config, journal, ADD, disk=Host())
    assert config.path.read_bytes() == theirs
    assert [path.name for path in config.path.parent.iterdir()] == ["mcp.json"]


def test_the_last_of_several_changes_at_the_last_moment_stays(tmp_path: Path, journal: Journal):
    """The host writes again while its first change is given back."""
    config = config_in(tmp_path, content=BEFORE)
    changes = [b'{"mcpServers": {"first": {}}}', b'{"mcpServers": {"second": {}}}', b'{"mcpServers": {"third": {}}}']
    waiting = list(changes)

    class Host(Disk):
        def exchange(self, path: Path, other: Path) -> bool:
            if waiting:
                beside = config.path.with_name("host.tmp")
                beside.write_bytes(waiting.pop(0))
                os.replace(beside, config.path)
            return super().exchange(path, other)

    if not Disk().exchange(_file(tmp_path / "one"), _file(tmp_path / "two")):
        pytest.skip("this file system cannot exchange two names")
    with pytest.raises(ChangedMeanwhile):
        write(config, journal, ADD, disk=Host())
    assert config.path.read_bytes() == changes[-1]
    assert [path.name for path in config.path.parent.iterdir()] == ["mcp.json"]


def _file(path: Path) -> Path:
    path.write_bytes(b"")
    return path


def test_a_file_that_appears_meanwhile_is_not_overwritten(tmp_path: Path, journal: Journal):
    config = config_in(tmp_path)

    class Host(Disk):
        def link(self, source: Path, path: Path) -> bool:
            path.write_bytes(b"theirs")
            return super().link(source, path)

    with pytest.raises(ChangedMeanwhile):
        write(config, journal, ADD, disk=Host())
    assert config.path.read_bytes() == b"theirs"


# All or nothing


def test_a_failure_at_the_second_file_puts_the_first_one_back(tmp_path: Path, journal: Journal):
    one = config_in(tmp_path, "cursor", content=BEFORE)
    two = config_in(tmp_path, "junie", content=BEFORE)
    three = config_in(tmp_path, "kiro")

    class Full(Disk):
        def create(self, path: Path, mode: int) -> int:
            if path.parent == two.path.parent:
                raise OSError(errno.ENOSPC, "no space")
            return super().create(path, mode)

    edits = [plan(config, [ADD]) for config in (three, one, two)]
    with pytest.raises(FileProblem, match="disk is full"):
        apply(edits, journal, label="test", disk=Full())
    assert (one.path.read_bytes(), two.path.read_bytes()) == (BEFORE, BEFORE)
    assert not three.path.exists()
    assert [act.state for act in journal.acts()] == ["rolled back"]


def test_two_hosts_that_share_a_file_write_it_once(tmp_path: Path, journal: Journal):
    """`.mcp.json` is read by Claude Code and Copilot CLI, `.vscode/mcp.json` by both editions of the editor."""
    one, two = (config_in(tmp_path, host, "project", BEFORE) for host in ("claude-code", "copilot-cli"))
    assert one.path == two.path
    outcome = apply([plan(one, [Remove("a")]), plan(two, [Remove("a")])], journal, label="test")
    assert outcome.written == (one.path,)
    edits = [plan(one, [ADD]), plan(two, [Add("other", {"command": "x"})])]
    with pytest.raises(FileProblem, match="Claude Code and Copilot CLI share this file"):
        apply(edits, journal, label="test")


# Files in all conditions


def test_links_are_followed_and_mode_is_kept(tmp_path: Path, journal: Journal):
    config = config_in(tmp_path, content=BEFORE)
    real = tmp_path / "dotfiles.json"
    config.path.rename(real)
    real.chmod(0o640)
    middle = tmp_path / "middle"
    middle.symlink_to(real)
    config.path.symlink_to(middle)
    write(config, journal, ADD)
    assert config.path.is_symlink()
    assert b'"wg"' in real.read_bytes()
    assert stat.S_IMODE(real.stat().st_mode) == 0o640


def _dangling(path: Path) -> None:
    path.unlink()
    path.symlink_to(path.parent / "nowhere")


def _looping(path: Path) -> None:
    path.unlink()
    path.symlink_to(path.parent / "second")
    (path.parent / "second").symlink_to(path)


def _folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _read_only(path: Path) -> None:
    path.chmod(0o444)


def _broken(path: Path) -> None:
    path.write_bytes(b'{\n  "mcpServers": {,}\n}')


def _binary(path: Path) -> None:
    path.write_bytes(b"\x00\xff\xfe")


@pytest.mark.parametrize(
    ("spoil", "word"),
    [
        (_dangling, "does not exist"),
        (_looping, "circle|does not exist"),
        (_folder, "a folder stands"),
        (_read_only, "read-only"),
        (_broken, "Line 2, column 18"),
        (_binary, "not UTF-8"),
    ],
)
def test_a_file_in_a_bad_state_is_named_and_left_alone(tmp_path: Path, journal: Journal, spoil, word: str):
    config = config_in(tmp_path, content=BEFORE)
    spoil(config.path)
    listing = sorted(path.name for path in config.path.parent.iterdir())
    content = config.path.read_bytes() if config.path.is_file() else None
    with pytest.raises(FileProblem, match=word) as caught:
        write(config, journal, ADD)
    assert str(config.path) in str(caught.value)
    assert sorted(path.name for path in config.path.parent.iterdir()) == listing
    assert (config.path.read_bytes() if config.path.is_file() else None) == content


def test_a_file_where_a_folder_should_be(tmp_path: Path, journal: Journal):
    config = config_in(tmp_path)
    config.path.parent.write_bytes(b"")
    with pytest.raises(FileProblem, match="file stands where"):
        write(config, journal, ADD)


@pytest.mark.parametrize(
    ("code", "word"),
    [
        (errno.ENOSPC, "disk is full"),
        (errno.EACCES, "permission"),
        (errno.EROFS, "read-only"),
        (errno.EIO, "i/o|input"),
    ],
)
@pytest.mark.parametrize("call", ["create", "write", "sync", "own", "exchange"])
def test_a_failing_system_call_changes_nothing(tmp_path: Path, journal: Journal, call: str, code: int, word: str):
    config = config_in(tmp_path, content=BEFORE)

    class Failing(Disk):
        pass

    def fail(*args: object) -> None:
        raise OSError(code, os.strerror(code))

    setattr(Failing, call, fail)
    with pytest.raises(FileProblem, match=word):
        write(config, journal, ADD, disk=Failing())
    assert config.path.read_bytes() == BEFORE
    assert [path.name for path in config.path.parent.iterdir()] == ["mcp.json"]


def test_what_a_killed_write_left_behind_is_moved_to_the_copies(tmp_path: Path, journal: Journal):
    config = config_in(tmp_path, content=BEFORE)
    old, fresh = (config.path.with_name(f".mcp.json.wireglass-{name}") for name in ("aaaa", "bbbb"))
    old.write_bytes(b"theirs")
    fresh.write_bytes(b"")
    os.utime(old, (1_000_000_000, 1_000_000_000))
    outcome = write(config, journal, ADD)
    assert outcome.act is not None
    assert sorted(path.name for path in config.path.parent.iterdir()) == [fresh.name, "mcp.json"]
    assert (journal.folder / outcome.act.id / "left-0-mcp.json").read_bytes() == b"theirs"


def test_a_megabyte_is_planned_and_written_in_half_a_second(tmp_path: Path, journal: Journal):
    """The parser, the copy, the write and every comparison, on a file of Claude Code with two thousand projects."""
    entry = '{"type": "stdio", "command": "uvx", "note": "' + "x" * 450 + '"}'
    body = ",\n".join(f'    "/home/ada/{i}": {{"mcpServers": {{"one": {entry}}}, "n": {i}.50}}' for i in range(2000))
    content = f'{{\n  "projects": {{\n{body}\n  }},\n  "mcpServers": {{"time": {{"command": "uvx"}}}}\n}}\n'.encode()
    assert len(content) > 1_000_000
    config = config_in(tmp_path, "claude-code", content=content)
    spent: list[float] = []
    for number in range(3):
        start = time.thread_time()  # our own time: others work on this machine too
        edit = set_entry(config, f"n{number}", {"type": "stdio", "command": "x"}, journal=journal)
        apply([edit], journal, label="test")
        spent.append(time.thread_time() - start)
    assert min(spent) < 0.5, spent


def test_a_file_that_may_not_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    config = config_in(tmp_path, content=BEFORE)
    config.path.chmod(0)
    if os.access(config.path, os.R_OK):  # an administrator may read everything

        def denied(self: Path, *args: object, **options: object) -> None:
            raise PermissionError(errno.EACCES, "denied")

        monkeypatch.setattr(Path, "open", denied)
    with pytest.raises(FileProblem, match=r"mcp\.json: permission was denied"):
        plan(config, [ADD])


def test_without_room_for_the_copy_nothing_is_written(tmp_path: Path):
    config = config_in(tmp_path, content=BEFORE)
    blocked = tmp_path / "blocked"
    blocked.write_bytes(b"")
    with pytest.raises(FileProblem, match="no dated copy"):
        write(config, Journal(blocked / "state"), ADD)
    assert config.path.read_bytes() == BEFORE


def test_a_damaged_copy_is_not_put_back(tmp_path: Path, journal: Journal):
    config = config_in(tmp_path, content=BEFORE)
    outcome = write(config, journal, ADD)
    after = config.path.read_bytes()
    assert outcome.act is not None
    next((journal.folder / outcome.act.id).glob("1-*")).write_bytes(b"{}")
    assert undo(outcome.act, journal, machine_in(tmp_path))[0].how == "not possible"
    assert config.path.read_bytes() == after


def test_a_byte_order_mark_that_the_host_cannot_read_is_reported_and_removed(tmp_path: Path, journal: Journal):
    config = config_in(tmp_path, "claude-desktop", content=b"\xef\xbb\xbf" + BEFORE)
    edit = plan(config, [ADD])
    assert "byte order mark" in edit.notes[0]
    apply([edit], journal, label="test")
    assert config.path.read_bytes().startswith(b"{")


def test_old_acts_are_forgotten_with_their_copies(tmp_path: Path, journal: Journal):
    config = config_in(tmp_path, content=BEFORE)
    for number in range(4):
        write(config, journal, Add(f"n{number}", {"command": "x"}))
    journal.forget_old(2)
    assert len(journal.acts()) == 2
    assert len(list(journal.folder.iterdir())) == 2
