"""References to variables: every host's own words, and what happens where there are none."""

import json
from pathlib import Path

import pytest

from core.targets.machines import config_in
from wireglass.targets.draft import Draft
from wireglass.targets.edit import set_entry
from wireglass.targets.entry import fitted, mcp_remote, own_bridge
from wireglass.targets.facts import Machine
from wireglass.targets.hosts import TARGETS, target_of
from wireglass.targets.inventory import survey
from wireglass.targets.journal import Journal
from wireglass.targets.references import filled, in_words_of, neutral, referred
from wireglass.targets.servers import RemoteServer, StdioServer

OWN_WORDS = {
    "claude-code": "${T}",
    "cursor": "${env:T}",
    "vscode": "${input:T}",
    "vscode-insiders": "${input:T}",
    "visual-studio": "${input:T}",
    "windsurf": "${env:T}",
    "roo-code": "${env:T}",
    "gemini-cli": "${T}",
    "qwen-code": "${T}",
    "continue": "${{ secrets.T }}",
    "opencode": "{env:T}",
    "kilo-code": "{env:T}",
    "kiro": "${T}",
    "crush": "$T",
}
"""What the collected facts say with confidence A or B."""


@pytest.mark.parametrize("target", TARGETS, ids=lambda one: one.id)
def test_a_secret_is_written_in_each_hosts_own_words(target):
    """Demand: the host's own syntax where it exists, a warning where it does not."""
    secret = StdioServer("a", "/x", (), {"T": "the value"}, secret_env=frozenset({"T"}))
    fit = fitted(secret, target)
    text = json.dumps(fit.entry)
    if target.id in OWN_WORDS:
        assert OWN_WORDS[target.id] in text
        assert "the value" not in text
    elif target.id in ("codex", "goose"):
        assert "the value" not in text
        assert ["T"] in fit.entry.values()
    else:
        assert "the value" in text
        assert "plain text" in fit.notes[0]
    assert "T" in fit.notes[0]


def test_every_way_of_writing_is_understood():
    text = "a ${env:A} ${input:B} {env:C} ${{ secrets.D }} ${E_2} ${workspaceFolder} $F"
    assert referred(text) == ("A", "B", "C", "D", "E_2")
    assert neutral("x{env:C}") == "x${C}"
    assert filled("Bearer {env:C} ${D}", {"C": "1"}) == "Bearer 1 ${D}"
    assert in_words_of(target_of("opencode"), "Bearer ${env:T}") == "Bearer {env:T}"
    assert in_words_of(target_of("claude-desktop"), "Bearer ${env:T}") == "Bearer ${env:T}"


FAR = RemoteServer(
    "far", "https://x.example/mcp", "http", {"Authorization": "Bearer ${T}", "X-Team": "a"}, {"T": "the value"}
)


@pytest.mark.parametrize(
    ("host", "wanted"),
    [
        ("cursor", {"headers": {"Authorization": "Bearer ${env:T}", "X-Team": "a"}}),
        ("vscode", {"headers": {"Authorization": "Bearer ${input:T}", "X-Team": "a"}}),
        ("opencode", {"headers": {"Authorization": "Bearer {env:T}", "X-Team": "a"}}),
        ("codex", {"http_headers": {"X-Team": "a"}, "bearer_token_env_var": "T"}),
        ("zed", {"headers": {"Authorization": "Bearer the value", "X-Team": "a"}}),
    ],
)
def test_headers_refer_too(host: str, wanted: dict):
    fit = fitted(FAR, target_of(host))
    assert wanted.items() <= fit.entry.items()
    assert "T" in fit.notes[0]
    assert bool(fit.extra) == (host == "vscode")


def test_codex_names_the_variable_of_a_whole_header():
    far = RemoteServer("far", "https://x", "http", {"X-Key": "${T}", "X-Mixed": "a-${T}"}, {"T": "v"})
    entry = fitted(far, target_of("codex")).entry
    assert entry["env_http_headers"] == {"X-Key": "T"}
    assert entry["http_headers"] == {"X-Mixed": "a-v"}


def test_a_bridge_gets_the_value_in_its_environment_never_in_its_arguments():
    desktop = target_of("claude-desktop")
    ours = fitted(FAR, desktop, bridge=own_bridge(("/opt/wireglass",)))
    assert "the value" not in " ".join(ours.entry["args"])
    assert "Authorization: Bearer ${T}" in ours.entry["args"]
    assert ours.entry["env"]["T"] == "the value"
    assert "plain text" in ours.notes[-1]
    npm = fitted(FAR, desktop, bridge=mcp_remote).entry
    assert npm["env"]["AUTHORIZATION"] == "Bearer the value"
    assert "the value" not in " ".join(npm["args"])


def draft(tmp_path: Path) -> Draft:
    config_in(
        tmp_path,
        "cursor",
        content=b'{"mcpServers": {"a": {"command": "/bin/sh", "env": {"T": "${env:T}", "U": "x-${env:V}"}}}}',
    )
    for host in ("opencode", "codex", "claude-desktop", "vscode"):
        path = config_in(tmp_path, host).path
        path.parent.mkdir(parents=True, exist_ok=True)
    config_in(tmp_path, "gemini-cli", content=b'{"mcpServers": {"a": {"command": "/old", "trust": true}}}')
    made = Draft(Machine("linux", str(tmp_path / "home"), {"PATH": "/bin"}), Journal(tmp_path / "state"))
    made.load(survey(made.machine))
    return made


def test_copying_translates_the_references(tmp_path: Path):
    made = draft(tmp_path)
    by_id = {column.target.id: column for column in made.columns}
    made.copy_to_all("a", by_id["cursor"])
    entries = {host: made.entry("a", column) or {} for host, column in by_id.items()}
    assert entries["opencode"]["environment"] == {"T": "{env:T}", "U": "x-{env:V}"}
    assert entries["vscode"]["env"] == {"T": "${input:T}", "U": "x-${input:V}"}
    assert entries["codex"]["env_vars"] == ["T"]
    assert entries["gemini-cli"] == {
        "command": "/bin/sh", "trust": True, "args": [], "env": {"T": "${T}", "U": "x-${V}"},
    }  # fmt: skip
    assert entries["claude-desktop"]["env"]["T"] == "${env:T}"
    assert any("may not fill in the reference to T, V" in note for note in made.notes["a"])
    edits, problems = made.edits()
    assert not problems
    code = next(edit for edit in edits if edit.config.target.id == "vscode")
    assert [one["id"] for one in code.config.document(code.after).data["inputs"]] == ["T", "V"]


def test_the_newer_form_of_opencode_is_kept(tmp_path: Path):
    """A file that uses `mcp.servers` gets its entries there; one that does not, does not."""
    newer = (
        b'{\n  "mcp": {\n    // mine\n    "servers": {\n      "a": {"type": "local", "command": ["x"]}\n    }\n  }\n}\n'
    )
    config = config_in(tmp_path, "opencode", content=newer)
    assert list(config.entries(config.document(newer))) == ["a"]
    edit = set_entry(config, "b", target_of("opencode").entry(StdioServer("b", "/x")))
    data = config.document(edit.after).data
    assert list(data["mcp"]["servers"]) == ["a", "b"]
    assert list(data["mcp"]) == ["servers"]
    assert b"// mine" in edit.after
    older = b'{"mcp": {"servers": {"type": "local", "command": ["x"]}}}'
    assert list(config.entries(config.document(older))) == ["servers"]
