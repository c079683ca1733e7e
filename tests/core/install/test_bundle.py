"""A bundle that Claude Desktop would take."""

import json
import zipfile
from pathlib import Path

import pytest

from wireglass.errors import ConfigError
from wireglass.install.bundle import build_bundle, bundle_manifest, manifest_problems
from wireglass.targets.servers import StdioServer


def make(folder: Path) -> tuple[StdioServer, Path]:
    for name in ("src/server.py", ".venv/bin/python", "__pycache__/x.pyc", ".env", "data/list.txt", ".git/config"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)
    script = folder / "src" / "server.py"
    return StdioServer("My Server", "/usr/bin/uv", ("run", str(script)), {"API_TOKEN": "x", "MODE": "test"}), script


def test_the_bundle_holds_the_folder_without_secrets_and_environments(tmp_path: Path):
    server, script = make(tmp_path / "app")
    path = build_bundle(server, script, tmp_path / "x.mcpb", author="ada", folder=tmp_path / "app")
    with zipfile.ZipFile(path) as archive:
        assert sorted(archive.namelist()) == ["manifest.json", "server/data/list.txt", "server/src/server.py"]
        manifest = json.loads(archive.read("manifest.json"))
    assert manifest["name"] == "my-server"
    assert manifest["server"]["mcp_config"] == {
        "command": "/usr/bin/uv",
        "args": ["run", "${__dirname}/server/src/server.py"],
        "env": {"API_TOKEN": "${user_config.api_token}", "MODE": "test"},
    }
    assert manifest["user_config"]["api_token"]["sensitive"] is True
    assert manifest_problems(manifest) == []


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"version": "1"}, "version"),
        ({"author": {}}, "author.name"),
        ({"color": "red"}, "color"),
        ({"manifest_version": "9"}, "manifest_version"),
        ({"server": {"type": "ruby", "entry_point": "x", "mcp_config": {"command": "x"}}}, "server.type"),
        ({"server": {"type": "python", "mcp_config": {"command": "x"}}}, "entry_point"),
        ({"server": {"type": "python", "entry_point": "x"}}, "command"),
        ({"user_config": {"a": {"type": "list"}}}, "user_config.a.type"),
        ({"user_config": {}}, "user_config.api_token"),
    ],
)
def test_every_mistake_in_a_manifest_is_found(tmp_path: Path, change: dict, word: str):
    server, script = make(tmp_path)
    manifest = bundle_manifest(server, script, tmp_path, author="ada")
    assert any(word in problem for problem in manifest_problems({**manifest, **change}))


def test_a_manifest_that_would_be_refused_is_not_written(tmp_path: Path):
    server, script = make(tmp_path)
    with pytest.raises(ConfigError, match="author"):
        build_bundle(server, script, tmp_path / "x.mcpb", author="")
    assert not (tmp_path / "x.mcpb").exists()
