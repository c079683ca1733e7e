"""Each host gets a server in its own form, and is read back from it."""

import base64
import difflib
import json
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from core.targets.fixtures import FIXTURES, Fixture
from wireglass.targets.base import NotSupported, Target
from wireglass.targets.facts import Machine, host_ids
from wireglass.targets.hosts import TARGETS, target_of
from wireglass.targets.links import has_secrets, without_secrets
from wireglass.targets.servers import RemoteServer, Server, StdioServer

NATIVE = json.loads((Path(__file__).parents[2] / "data" / "clients" / "native-entries.json").read_bytes())
STDIO = StdioServer(
    "wg-demo",
    "/opt/wg/bin/uv",
    ("run", "--directory", "/srv/ünï code", "server.py", "--flag=a&b+c%d"),
    {"WG_MODE": "test"},
)
HTTP = RemoteServer("wg-demo", "https://mcp.example.com/mcp", "http", {"X-Team": "Zoë"})
SSE = RemoteServer("wg-demo", "https://mcp.example.com/sse", "sse")
SERVERS: dict[str, Server] = {"stdio": STDIO, "http": HTTP, "sse": SSE}

every_target = pytest.mark.parametrize("target", TARGETS, ids=lambda one: one.id)


def test_the_list_and_the_table_hold_the_same_hosts():
    assert tuple(target.id for target in TARGETS) == host_ids()
    assert len(TARGETS) == len({target.id for target in TARGETS})


def with_empty_left_out(value):
    return {key: inner for key, inner in value.items() if inner not in ({}, [])} if isinstance(value, dict) else value


@pytest.mark.parametrize("kind", ["stdio", "http", "sse"])
@pytest.mark.parametrize("host", NATIVE["entries"])
def test_entries_are_what_the_host_must_get(host: str, kind: str):
    """Demand: the collected native forms of every host; empty values may be left out."""
    identity, _, file = host.partition("#")
    wanted = NATIVE["entries"][host][kind]
    target = target_of(identity)
    if wanted is None or "_bridge" in wanted:
        with pytest.raises(NotSupported):
            target.entry(SERVERS[kind], file=file or "windsurf")
        return
    entry = target.entry(SERVERS[kind], file=file or "windsurf")
    assert with_empty_left_out(entry) == with_empty_left_out(wanted)


@every_target
@pytest.mark.parametrize("kind", ["stdio", "http", "sse"])
def test_an_entry_reads_back_as_the_server_it_was_made_from(target: Target, kind: str):
    for file in ["user", *target.shapes]:
        try:
            entry = target.entry(SERVERS[kind], file=file)
        except NotSupported:
            continue
        back = target.server("wg-demo", entry, file=file)
        if kind == "sse" and isinstance(back, RemoteServer) and back.transport == "http":
            assert target.shape_of(file).sse_type in (None, target.shape_of(file).http_type)
        else:
            assert back == SERVERS[kind]
        assert not target.foreign(entry)
        assert target.enabled(entry)


@every_target
def test_every_key_we_write_is_one_that_the_host_knows(target: Target):
    for kind in SERVERS.values():
        try:
            entry = target.entry(kind)
        except NotSupported:
            continue
        known = target.known_keys(entry)
        extra = (
            set(entry) - known - {"source", "name", "enabled", "disabled", "tools", "type", "baseUrl", "description"}
        )
        assert not known or not extra


@every_target
def test_switching_off_and_on(target: Target):
    entry = target.entry(STDIO)
    off = target.switched("wg-demo", entry, on=False)
    if off is None:
        return
    stopped = entry | dict(off.values)
    assert not target.enabled(stopped)
    on = target.switched("wg-demo", stopped, on=True)
    assert on is not None
    started = {key: value for key, value in (stopped | dict(on.values)).items() if key not in on.drop}
    assert started == entry


WITH_SWITCH = [
    fixture
    for fixture in FIXTURES
    if fixture.servers and fixture.host in host_ids() and target_of(fixture.host).shape.off is not None
]


@pytest.mark.parametrize("fixture", WITH_SWITCH, ids=lambda one: one.file)
def test_switching_off_and_on_again_changes_nothing_but_the_switch(fixture: Fixture):
    """Demand: every fixture is disabled where its host can; only the entry's own bytes change."""
    target = target_of(fixture.host)
    for name, entry in fixture.load().entries(fixture.place).items():
        if target.foreign(entry):
            continue
        was_on = target.enabled(entry)
        change = target.switched(name, entry, on=not was_on)
        assert change is not None
        document = fixture.load().changed(fixture.place, change)
        switched = document.entries(fixture.place)
        assert target.enabled(switched[name]) is not was_on
        others = [each for each in fixture.servers if each != name]
        assert all(switched[each] == fixture.load().entries(fixture.place)[each] for each in others)
        back = target.switched(name, switched[name], on=was_on)
        assert back is not None
        restored = document.changed(fixture.place, back)
        assert target.enabled(restored.entries(fixture.place)[name]) is was_on
        key = target.shape.off[0] if target.shape.off else ""
        without = {k: v for k, v in entry.items() if k != key}
        assert {k: v for k, v in restored.entries(fixture.place)[name].items() if k != key} == without
        for after in (document, restored):
            old, new = fixture.content.decode().splitlines(), after.to_bytes().decode().splitlines()
            changed = [line for line in difflib.ndiff(old, new) if line[0] in "+-"]
            commas = [line for line in changed if key not in line]
            assert len(commas) <= 2, "a neighbouring line may get or lose its comma"


def test_most_fixtures_have_a_switch():
    assert len(WITH_SWITCH) >= 12


@pytest.mark.parametrize(("host", "kind"), [(h, k) for h, links in NATIVE["deeplinks"].items() for k in links])
def test_links_carry_the_same_data_as_the_collected_ones(host: str, kind: str):
    target = target_of(host)
    wanted = NATIVE["deeplinks"][host][kind]
    if host == "goose" and kind == "stdio":
        server: Server = StdioServer("wg-demo", "uvx", ("fastmcp", "run", "/srv/ünï code/server.py"))
    else:
        server = SERVERS[kind]
    try:
        entry = target.entry(server)
    except NotSupported:
        entry = {}
    assert target.link is not None
    link = target.link(server, entry)
    assert link is not None
    assert decoded(link) == decoded(wanted)
    assert all(char.isascii() and char not in ' "<>' for char in link)


def decoded(link: str):
    """Scheme, path and the payload as data; descriptions are free text."""
    parts = urlsplit(link)
    if "=" not in parts.query or parts.query.startswith("%7B"):
        return parts[:3], json.loads(unquote(parts.query))
    values = {
        key: value for key, value in parse_qs(parts.query, keep_blank_values=True).items() if key != "description"
    }
    for key in ("config", "servers"):
        if key in values:
            text = values[key][0]
            values[key] = json.loads(text if text.startswith("{") else base64.b64decode(text, validate=True))
    return parts[:3], values


@pytest.mark.parametrize(("host", "kind"), [(h, k) for h, argv in NATIVE["cli_argv"].items() for k in argv])
def test_commands_are_the_ones_that_were_run_with_the_real_programs(host: str, kind: str):
    target = target_of(host)
    assert target.commands is not None
    command = target.commands(SERVERS[kind], "user")
    assert command is not None
    assert list(command.argv) == NATIVE["cli_argv"][host][kind]


def test_secrets_never_enter_a_link():
    server = StdioServer("a", "x", env={"API_TOKEN": "abc", "MODE": "test"}, secret_env=frozenset({"OTHER"}))
    assert has_secrets(server)
    assert without_secrets(server) == StdioServer("a", "x", env={"MODE": "test"})
    remote = RemoteServer("a", "https://x", headers={"Authorization": "Bearer abc", "X-Ref": "${env:T}"})
    assert without_secrets(remote) == RemoteServer("a", "https://x", headers={"X-Ref": "${env:T}"})


# Paths: platform, home and environment are arguments

LINUX = Machine("linux", "/home/ada", project="/srv/app")
MAC = Machine("macos", "/Users/ada", project="/srv/app")
WINDOWS = Machine("windows", "C:\\Users\\ada", project="C:\\app")


def paths(host: str, file: str, machine: Machine) -> list[str]:
    facts = next(each for each in target_of(host).facts.files if each.id == file)
    return [candidate.path.as_posix() for candidate in facts.candidates(machine)]


@pytest.mark.parametrize(
    ("host", "file", "machine", "wanted"),
    [
        ("claude-desktop", "user", MAC, ["/Users/ada/Library/Application Support/Claude/claude_desktop_config.json"]),
        (
            "claude-desktop",
            "user",
            WINDOWS,
            [
                "C:/Users/ada/AppData/Local/Packages/Claude_*/LocalCache/Roaming/Claude/claude_desktop_config.json",
                "C:/Users/ada/AppData/Roaming/Claude/claude_desktop_config.json",
            ],
        ),
        ("claude-code", "user", LINUX, ["/home/ada/.claude.json"]),
        ("claude-code", "project", LINUX, ["/srv/app/.mcp.json"]),
        ("zed", "user", MAC, ["/Users/ada/.config/zed/settings.json"]),
        ("zed", "user", WINDOWS, ["C:/Users/ada/AppData/Roaming/Zed/settings.json"]),
        ("vscode", "user", LINUX, ["/home/ada/.config/Code/User/mcp.json"]),
        ("goose", "user", WINDOWS, ["C:/Users/ada/AppData/Roaming/Block/goose/config/config.yaml"]),
        ("lm-studio", "user", LINUX, ["/home/ada/.cache/lm-studio/mcp.json", "/home/ada/.lmstudio/mcp.json"]),
    ],
)
def test_files_are_where_the_vendor_says(host: str, file: str, machine: Machine, wanted: list[str]):
    assert paths(host, file, machine) == wanted


def test_a_variable_that_is_set_leaves_only_its_place():
    machine = Machine("linux", "/home/ada", {"CLAUDE_CONFIG_DIR": "/x", "XDG_CONFIG_HOME": "/cfg", "CODEX_HOME": ""})
    assert paths("claude-code", "user", machine) == ["/x/.claude.json"]
    assert paths("opencode", "user", machine) == ["/cfg/opencode/opencode.jsonc", "/cfg/opencode/opencode.json"]
    assert paths("codex", "user", machine) == ["/home/ada/.codex/config.toml"]
    relative = Machine("linux", "/home/ada", {"XDG_CONFIG_HOME": "cfg"})
    assert paths("goose", "user", relative) == ["/home/ada/.config/goose/config.yaml"]


def test_a_pointer_file_is_followed():
    machine = Machine("linux", "/home/ada", read=lambda path: "/data/lms\n" if path.endswith("-pointer") else None)
    assert paths("lm-studio", "user", machine) == ["/data/lms/mcp.json"]


def test_project_files_need_a_project():
    assert paths("cursor", "project", Machine("linux", "/home/ada")) == []


def test_a_project_key_is_the_project_path():
    facts = next(each for each in target_of("claude-code").facts.files if each.id == "local")
    assert facts.place_in(LINUX).path == ("projects", "/srv/app", "mcpServers")


@every_target
def test_paths_are_absolute_on_every_system(target: Target):
    for machine in (LINUX, MAC, WINDOWS):
        for facts in target.facts.files:
            assert all(candidate.path.is_absolute() for candidate in facts.candidates(machine))


# Environment overrides, for every host that has one


OVERRIDES = sorted({(target.id, name) for target in TARGETS for row in target.facts.files for name in row.variables()})


def test_there_are_overrides_to_test():
    assert ("claude-code", "CLAUDE_CONFIG_DIR") in OVERRIDES
    assert len(OVERRIDES) > 8


@pytest.mark.parametrize(("host", "variable"), OVERRIDES)
def test_a_variable_of_the_host_moves_its_file(host: str, variable: str):
    for system, home, place in (
        ("linux", "/home/ada", "/moved"), ("macos", "/Users/ada", "/moved"), ("windows", "C:\\Users\\ada", "D:\\moved"),
    ):  # fmt: skip
        moved = Machine(system, home, {variable: place}, project="/srv/app")
        still = Machine(system, home, project="/srv/app")
        for row in target_of(host).facts.files:
            if variable in row.variables(system):
                found = row.candidates(moved)
                assert [each.path.is_relative_to(moved.path(place)) for each in found] == [True], found
                assert all(not each.path.is_relative_to(still.path(place)) for each in row.candidates(still))
