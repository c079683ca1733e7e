"""A server fitted to a host: folder, secrets, bridge."""

import json
from pathlib import Path

import pytest

from core.targets.machines import config_in, machine_in
from wireglass.targets.base import NotSupported
from wireglass.targets.check import differing, entry_warnings, machine_warnings, remote_urls
from wireglass.targets.edit import apply, set_entry, undo
from wireglass.targets.entry import fitted, mcp_remote, own_bridge
from wireglass.targets.hosts import target_of
from wireglass.targets.inventory import survey
from wireglass.targets.journal import Journal
from wireglass.targets.servers import RemoteServer, StdioServer

NATIVE = json.loads((Path(__file__).parents[2] / "data" / "clients" / "native-entries.json").read_bytes())["entries"]
HTTP = RemoteServer("wg-demo", "https://mcp.example.com/mcp", "http", {"X-Team": "Zoë"})
SECRET = StdioServer("a", "/x", (), {"TOKEN": "abc", "MODE": "m"}, secret_env=frozenset({"TOKEN"}))


def test_a_host_without_remote_servers_gets_a_bridge():
    desktop = target_of("claude-desktop")
    assert fitted(HTTP, desktop, bridge=mcp_remote).entry == NATIVE["claude-desktop"]["http"]["_bridge"]
    sse = RemoteServer("wg-demo", "https://mcp.example.com/sse", "sse")
    assert fitted(sse, desktop, bridge=mcp_remote).entry == NATIVE["claude-desktop"]["sse"]["_bridge"]
    ours = fitted(HTTP, desktop, bridge=own_bridge(("/opt/wireglass",)))
    assert ours.entry == {
        "command": "/opt/wireglass",
        "args": ["bridge", HTTP.url, "--header", "X-Team: ${WIREGLASS_X_TEAM}"],
        "env": {"WIREGLASS_X_TEAM": "Zoë"},
    }
    assert "bridge" in ours.notes[0]
    with pytest.raises(NotSupported):
        fitted(HTTP, desktop)


def test_a_host_with_remote_servers_gets_no_bridge():
    assert fitted(HTTP, target_of("cursor"), bridge=mcp_remote).entry["url"] == HTTP.url


def test_a_folder_is_written_where_there_is_a_key_and_worked_around_where_it_is_needed():
    server = StdioServer("a", "/py", ("s.py",), cwd="/srv", needs_cwd=True)
    assert fitted(server, target_of("cursor")).entry["cwd"] == "/srv"
    assert fitted(server, target_of("warp")).entry["working_directory"] == "/srv"
    desktop = fitted(server, target_of("claude-desktop")).entry
    assert desktop == {"command": "/bin/sh", "args": ["-c", 'cd "$0" && exec "$@"', "/srv", "/py", "s.py"]}
    windows = fitted(server, target_of("claude-desktop"), platform="windows").entry
    assert windows["args"][:5] == ["/c", "cd", "/d", "/srv", "&&"]
    uv = StdioServer("a", "/opt/uv", ("run", "s.py"), cwd="/srv", needs_cwd=True)
    assert fitted(uv, target_of("claude-desktop")).entry["args"] == ["run", "--directory", "/srv", "s.py"]
    idle = StdioServer("a", "/py", ("/srv/s.py",), cwd="/srv")
    assert fitted(idle, target_of("claude-desktop")).entry == {"command": "/py", "args": ["/srv/s.py"]}


@pytest.mark.parametrize(
    ("host", "wanted"),
    [
        ("cursor", {"env": {"TOKEN": "${env:TOKEN}", "MODE": "m"}}),
        ("claude-code", {"env": {"TOKEN": "${TOKEN}", "MODE": "m"}}),
        ("opencode", {"environment": {"TOKEN": "{env:TOKEN}", "MODE": "m"}}),
        ("continue", {"env": {"TOKEN": "${{ secrets.TOKEN }}", "MODE": "m"}}),
        ("codex", {"env": {"MODE": "m"}, "env_vars": ["TOKEN"]}),
        ("goose", {"envs": {"MODE": "m"}, "env_keys": ["TOKEN"]}),
        ("claude-desktop", {"env": {"TOKEN": "abc", "MODE": "m"}}),
    ],
)
def test_secrets_are_written_in_the_hosts_own_way(host: str, wanted: dict):
    fit = fitted(SECRET, target_of(host))
    assert wanted.items() <= fit.entry.items()
    assert "TOKEN" in fit.notes[0]
    assert ("abc" in json.dumps(fit.entry)) == (host == "claude-desktop")


def test_vs_code_asks_for_a_secret_once_and_undo_takes_the_question_back(tmp_path: Path):
    config = config_in(tmp_path, "vscode", content=b'{\n\t// mine\n\t"servers": {},\n}\n')
    fit = fitted(SECRET, config.target)
    assert fit.entry["env"]["TOKEN"] == "${input:TOKEN}"
    journal = Journal(tmp_path / "state")
    outcome = apply([set_entry(config, "a", fit.entry, extra=fit.extra)], journal, label="t")
    data = config.document(config.content()).data
    assert data["inputs"][0]["id"] == "TOKEN"
    assert data["inputs"][0]["password"] is True
    again = set_entry(config, "b", fit.entry, extra=fit.extra)
    assert len(config.document(again.after).data["inputs"]) == 1
    config.path.write_bytes(config.path.read_bytes() + b"\n")
    assert outcome.act is not None
    undo(outcome.act, journal, machine_in(tmp_path))
    assert config.path.read_bytes() == b'{\n\t// mine\n\t"servers": {},\n}\n\n'


# Warnings


def kinds(tmp_path: Path, host: str, entry: dict, name: str = "a") -> set[str]:
    config = config_in(tmp_path, host)
    return {warning.kind for warning in entry_warnings(config, name, entry, machine_in(tmp_path))}


@pytest.mark.parametrize(
    ("host", "entry", "wanted"),
    [
        ("cursor", {"command": "/bin/sh"}, set()),
        ("cursor", {"command": "/nowhere/x"}, {"missing command"}),
        ("cursor", {"command": "surely-not-installed"}, {"missing command"}),
        ("cursor", {"command": "./run.sh"}, {"relative path"}),
        ("cursor", {"command": "/bin/sh", "args": ["server.py"]}, {"relative path"}),
        ("cursor", {"command": "/bin/sh", "args": ["server.py"], "cwd": "/srv"}, set()),
        ("cursor", {"command": "/bin/sh", "args": ["/nowhere/server.py"]}, {"missing file"}),
        ("cursor", {"command": "/bin/sh", "env": {"API_TOKEN": "abc"}}, {"secret"}),
        ("cursor", {"command": "/bin/sh", "env": {"API_TOKEN": "${env:T}"}}, set()),
        ("cursor", {"url": "https://x.example", "headers": {"Authorization": "Bearer abc"}}, {"secret"}),
        ("cursor", {"url": "ftp://x"}, {"bad url"}),
        ("cursor", {"url": "http://example.com"}, {"bad url"}),
        ("cursor", {"url": "http://localhost:3000"}, set()),
        ("cursor", {"note": 1}, {"no server"}),
        ("gemini-cli", {"command": "/bin/sh", "disabled": True}, {"unknown key"}),
        ("vscode", {"command": "/bin/sh", "colour": 1}, {"unknown key"}),
        ("claude-desktop", {"command": "/bin/sh", "type": "stdio", "note": "mine", "//": "x"}, set()),
        ("claude-desktop", {"command": "/bin/sh", "disabled": True}, {"unknown key"}),
        ("claude-desktop", {"url": "https://x.example"}, {"unknown key"}),
        ("cline", {"command": "/bin/sh", "disabled": True}, set()),
        ("codex", {"command": "/bin/sh", "headers": {}}, {"unknown key"}),
    ],
)
def test_each_trouble_is_warned_about(tmp_path: Path, host: str, entry: dict, wanted: set[str]):
    assert kinds(tmp_path, host, entry) == wanted


def test_servers_that_cannot_be_reached_are_warned_about_in_every_host(tmp_path: Path):
    far = b'{"mcpServers": {"far": {"url": "http://gone.example/mcp"}, "off": {"url": "http://off", "disabled": true}}}'
    config_in(tmp_path, "cline", content=far)
    config_in(
        tmp_path,
        "claude-desktop",
        content=b'{"mcpServers": {"far": {"command": "npx", "args": ["-y", "mcp-remote", "http://gone.example/mcp"]}}}',
    )
    found = survey(machine_in(tmp_path))
    assert remote_urls(found) == ["http://gone.example/mcp"]
    warnings = machine_warnings(found, machine_in(tmp_path), {"http://gone.example/mcp": "Nothing listens."})
    (one,) = [warning for warning in warnings if warning.kind == "unreachable"]
    assert (one.server, one.text) == ("far", "Nothing listens.")
    assert {config.target.id for config in one.configs} == {"cline", "claude-desktop"}


def test_names_that_a_host_refuses(tmp_path: Path):
    assert kinds(tmp_path, "claude-code", {"type": "stdio", "command": "/bin/sh"}, "a b") == {"name"}
    assert kinds(tmp_path, "claude-code", {"type": "stdio", "command": "/bin/sh"}, "workspace") == {"name"}


def test_a_machine_is_surveyed_with_differences_and_duplicates(tmp_path: Path):
    config_in(tmp_path, "cursor", content=b'{"mcpServers": {"a": {"command": "/bin/sh"}, "b": {"command": "/bin/sh"}}}')
    config_in(tmp_path, "junie", content=b'{"mcpServers": {"a": {"command": "/bin/ls"}}}')
    config_in(tmp_path, "kiro", content=b'{"mcpServers": {"a": }}')
    config_in(tmp_path, "zed", content=b'{"context_servers": {"ext": {"settings": {}}}}')
    machine = machine_in(tmp_path)
    found = [host for host in survey(machine) if host.installed]
    assert {host.target.id for host in found} == {"cursor", "junie", "kiro", "zed"}
    zed = next(host for host in found if host.target.id == "zed")
    assert dict(zed.files[0].entries) == {}
    warnings = machine_warnings(found, machine)
    assert [warning.kind for warning in warnings] == ["unreadable", "duplicate", "differs"]
    assert warnings[1].text.startswith("b is the same server")
    assert [config.target.id for config in differing(found)[0].configs] == ["cursor", "junie"]
