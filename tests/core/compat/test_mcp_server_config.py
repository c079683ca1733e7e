"""`fastmcp.utilities.mcp_server_config` under its own names: loading and running what a `fastmcp.json` names."""

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from wireglass.client import Client
from wireglass.compat.shims.mcp_server_config import (
    FileSystemSource,
    MCPServerConfig,
    create_mcp_config_server,
    is_url,
    load_mcp_server_config,
)

pytestmark = pytest.mark.anyio

CORE = str(Path(__file__).resolve().parents[3] / "core")
SERVER = """
from wireglass import FastMCP

desk = FastMCP("Desk")
mcp = FastMCP("Main")

async def build():
    return FastMCP("Built")
"""


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(sys, "argv", ["test"])  # loading changes both
    monkeypatch.setattr(sys, "path", list(sys.path))
    path = tmp_path / "configured_server.py"
    path.write_text(SERVER)
    return path


@pytest.mark.parametrize(("entry", "name"), [(None, "Main"), ("desk", "Desk"), ("build", "Built")])
async def test_a_source_loads_its_server(server: Path, entry: str | None, name: str) -> None:
    loaded = await FileSystemSource(path=str(server), entrypoint=entry).load_server()
    assert loaded.name == name


@pytest.mark.parametrize("path", ["nowhere.py", "configured_server.py:nothing"])
async def test_a_server_that_is_not_there_ends_the_process(
    server: Path, path: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        await FileSystemSource(path=str(server.parent / path)).load_server()
    assert ended.value.code == 1
    assert capsys.readouterr().err


async def test_running_gives_the_server_its_deployment(server: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given: dict[str, Any] = {}

    async def run_async(self: Any, **options: Any) -> None:
        given.update(options, name=self.name)

    monkeypatch.setattr("wireglass.server.app.FastMCP.run_async", run_async)
    config = MCPServerConfig.from_cli_args(FileSystemSource(path=str(server)), transport="http", port=1234, python="3")
    assert config.environment.wanted
    await config.run_server(port=99)
    assert given == {"transport": "http", "port": 99, "name": "Main"}


def test_loading_a_file_applies_its_variables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DESK", "old")
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "fastmcp.json"
    path.write_text(json.dumps({"source": {"path": "s.py"}, "deployment": {"env": {"DESK": "new ${DESK}"}}}))
    config = load_mcp_server_config(path)
    assert isinstance(config, MCPServerConfig)
    assert os.environ["DESK"] == "new old"


async def test_a_file_of_servers_becomes_one(server: Path, tmp_path: Path) -> None:
    entry = {
        "command": sys.executable,
        "args": ["-m", "wireglass.cli.main", "run", str(server), "--runtime", "embedded"],
        "env": {**os.environ, "PYTHONPATH": CORE},
        "keep_alive": False,
    }
    path = tmp_path / "mcp.json"
    path.write_text(json.dumps({"mcpServers": {"only": entry}}))
    async with Client(create_mcp_config_server(path)) as client:
        assert await client.ping()
    path.write_text(json.dumps({"mcpServers": {"only": {"x": 1}}}))
    with pytest.raises(ValueError, match="command"):
        create_mcp_config_server(path)


def test_addresses_are_told_from_files() -> None:
    assert is_url("https://example.com/mcp")
    assert not is_url("server.py:app")
