"""From what a person names to a server that any host can start."""

import json
import shutil
import sys
from pathlib import Path

import pytest

from wireglass.errors import LaunchError
from wireglass.install.source import Wishes, read_env_file, server_from
from wireglass.targets.servers import RemoteServer, StdioServer

SERVER = 'from fastmcp import FastMCP\nmcp = FastMCP("Parcel Desk")\nif __name__ == "__main__":\n    mcp.run()\n'


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "my server.py"
    path.write_text(SERVER)
    return path


def test_a_file_becomes_an_absolute_command(file: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(file.parent)
    server = server_from("my server.py", Wishes(python=sys.executable, env={"K": "v"}, arguments=("--fast",)))
    assert server == StdioServer(
        "Parcel Desk", sys.executable, (str(file), "--fast"), {"K": "v"}, str(file.parent), needs_cwd=False
    )


def test_packages_are_left_to_uv(file: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(shutil, "which", lambda name: f"/opt/{name}")
    server = server_from(str(file), Wishes(packages=("httpx>=0.28",), name="x"))
    assert isinstance(server, StdioServer)
    assert (server.name, server.command) == ("x", "/opt/uv")
    wanted = ("run", "--no-project", "--with", "fastmcp", "--with", "httpx>=0.28", "python", str(file))
    assert server.args == wanted


def test_a_project_is_left_to_uv(file: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(shutil, "which", lambda name: f"/opt/{name}")
    (file.parent / "pyproject.toml").write_text('[project]\nname = "x"\nversion = "1"\n')
    server = server_from(str(file), Wishes(project=file.parent))
    assert isinstance(server, StdioServer)
    assert server.args == ("run", "--directory", str(file.parent), "python", str(file))


def test_a_script_block_is_left_to_uv(file: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(shutil, "which", lambda name: f"/opt/{name}")
    file.write_text('# /// script\n# dependencies = ["fastmcp"]\n# ///\n' + SERVER)
    server = server_from(str(file), Wishes(packages=("rich",)))
    assert isinstance(server, StdioServer)
    assert server.args == ("run", "--script", "--with", "rich", str(file))


def test_a_configuration_names_its_source(file: Path):
    config = file.parent / "fastmcp.json"
    deployment = {"env": {"A": "1"}, "args": ["--x"], "cwd": "data"}
    config.write_text(json.dumps({"source": {"path": file.name, "entrypoint": "mcp"}, "deployment": deployment}))
    server = server_from(str(config), Wishes(python=sys.executable, env={"B": "2"}))
    assert isinstance(server, StdioServer)
    assert {"A": "1", "B": "2"}.items() <= server.env.items()
    assert (server.cwd, server.needs_cwd) == (str(file.parent / "data"), True)
    assert server.args[-2:] == (f"{file}:mcp", "--x")


@pytest.mark.parametrize(
    ("url", "name", "kind"),
    [
        ("https://mcp.linear.app/mcp", "linear", "http"),
        ("http://localhost:3001/sse", "localhost", "sse"),
        ("http://127.0.0.1:8000/mcp", "local", "http"),
        ("https://user@api.example.com/v1/mcp/", "example", "http"),
    ],
)
def test_a_url_becomes_a_remote_server(url: str, name: str, kind: str):
    assert server_from(url, Wishes(headers={"A": "b"})) == RemoteServer(name, url, kind, {"A": "b"})


def test_what_cannot_work_is_said(file: Path, tmp_path: Path):
    with pytest.raises(LaunchError, match="no file"):
        server_from(str(tmp_path / "none.py"))
    file.write_text("def build():\n    return 1\n")
    with pytest.raises(LaunchError):
        server_from(str(file))
    broken = tmp_path / "fastmcp.json"
    broken.write_text("{")
    with pytest.raises(LaunchError, match="cannot be read"):
        server_from(str(broken))
    broken.write_text("{}")
    with pytest.raises(LaunchError, match="names no source"):
        server_from(str(broken))


def test_variables_from_a_file(tmp_path: Path):
    path = tmp_path / ".env"
    path.write_text("A=1\nB='two words' # note\n")
    assert read_env_file(path) == {"A": "1", "B": "two words"}
    with pytest.raises(LaunchError):
        read_env_file(tmp_path / "none")
