"""One entry changes, every other byte stays."""

import difflib

import pytest

from core.targets.fixtures import FIXTURES, Fixture
from wireglass.targets.document import Add, Remove, Rename, Update

ENTRY = {
    "command": "/opt/wg/bin/uv",
    "args": ["run", "--directory", "/srv/ünï code", "server.py", "--flag=a&b+c%d"],
    "env": {"WG_MODE": "test", "quoted key": 'say "hi"\\'},
    "enabled": True,
    "timeout": 30,
}

every_fixture = pytest.mark.parametrize("fixture", FIXTURES, ids=lambda one: one.file)
with_servers = pytest.mark.parametrize("fixture", [f for f in FIXTURES if f.servers], ids=lambda one: one.file)


def removed_and_added(before: bytes, after: bytes) -> tuple[bytes, bytes]:
    """The bytes between what both texts have in common at their start and at their end."""
    start = next(
        (i for i, (a, b) in enumerate(zip(before, after, strict=False)) if a != b), min(len(before), len(after))
    )
    limit = min(len(before), len(after)) - start
    end = next((i for i in range(limit) if before[-1 - i] != after[-1 - i]), limit)
    return before[start : len(before) - end], after[start : len(after) - end]


@every_fixture
def test_reads_the_servers(fixture: Fixture):
    assert tuple(fixture.load().entries(fixture.place)) == fixture.servers


@every_fixture
def test_loading_and_writing_changes_nothing(fixture: Fixture):
    assert fixture.load().to_bytes() == fixture.content


@every_fixture
def test_adding_removes_no_byte_and_leaves_one_window_and_a_comma(fixture: Fixture):
    after = fixture.load().changed(fixture.place, Add("wg-demo", ENTRY))
    gone, new = removed_and_added(fixture.content, after.to_bytes())
    assert b"wg-demo" in new
    assert len(gone) < 20
    rest = iter(new)
    assert all(byte in rest for byte in gone), "an old byte is missing"
    assert after.entries(fixture.place)["wg-demo"].items() >= ENTRY.items()
    assert tuple(after.entries(fixture.place))[:-1] == fixture.servers


@every_fixture
def test_added_then_removed_restores_every_byte(fixture: Fixture):
    added = fixture.load().changed(fixture.place, Add("wg-demo", ENTRY))
    prune = fixture.load().missing(fixture.place)
    assert added.changed(fixture.place, Remove("wg-demo", prune=prune)).to_bytes() == fixture.content


@with_servers
def test_an_addition_keeps_the_line_ends(fixture: Fixture):
    after = fixture.load().changed(fixture.place, Add("wg-demo", ENTRY)).to_bytes()
    if b"\r\n" in fixture.content:
        assert after.count(b"\n") == after.count(b"\r\n")
    else:
        assert b"\r" not in after
    assert after.endswith(b"\n") == fixture.content.endswith(b"\n")


@with_servers
def test_removing_any_server_leaves_the_others_lines_as_they_were(fixture: Fixture):
    for name in fixture.servers:
        document = fixture.load()
        after = document.changed(fixture.place, Remove(name))
        assert list(after.entries(fixture.place)) == [one for one in fixture.servers if one != name]
        old, new = fixture.content.decode().splitlines(), after.to_bytes().decode().splitlines()
        added = [line[2:] for line in difflib.ndiff(old, new) if line.startswith("+ ")]
        assert len(added) <= 1, added


@with_servers
def test_updating_one_key_changes_only_its_value(fixture: Fixture):
    document = fixture.load()
    servers = document.entries(fixture.place).items()
    name, entry = next(one for one in servers if any(isinstance(value, (str, bool)) for value in one[1].values()))
    key = next(key for key, value in entry.items() if isinstance(value, (str, bool)) and key != fixture.place.list_key)
    after = document.changed(fixture.place, Update(name, {key: "/changed"}))
    gone, new = removed_and_added(fixture.content, after.to_bytes())
    assert b"\n" not in new
    assert after.entries(fixture.place)[name] == entry | {key: "/changed"}
    assert len(gone) <= 120


@with_servers
def test_a_new_key_and_its_removal_restore_every_byte(fixture: Fixture):
    name = fixture.servers[-1]
    added = fixture.load().changed(fixture.place, Update(name, {"x-disabled": True}))
    assert added.entries(fixture.place)[name]["x-disabled"] is True
    assert added.changed(fixture.place, Update(name, {}, drop=("x-disabled",))).to_bytes() == fixture.content


@with_servers
def test_renaming_there_and_back_restores_the_data_and_the_place(fixture: Fixture):
    name = fixture.servers[0]
    after = fixture.load().changed(fixture.place, Rename(name, "wg renamed"))
    assert next(iter(after.entries(fixture.place))) == "wg renamed"
    back = after.changed(fixture.place, Rename("wg renamed", name))
    assert back.data == fixture.load().data


@with_servers
def test_an_update_with_the_same_values_changes_nothing(fixture: Fixture):
    document = fixture.load()
    for name, entry in document.entries(fixture.place).items():
        assert document.changed(fixture.place, Update(name, entry)).to_bytes() == fixture.content
