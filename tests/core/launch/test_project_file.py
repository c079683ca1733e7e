"""`fastmcp.json` as models (the file's documentation) and what `wireglass run` makes of it."""

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from wireglass.cli import run_json
from wireglass.cli.main import main
from wireglass.client import Client
from wireglass.client.transports import StdioTransport
from wireglass.errors import LaunchError
from wireglass.launch import project_file
from wireglass.launch.project_file import (
    Deployment,
    FileSystemSource,
    ProjectFile,
    UVEnvironment,
    generate_schema,
    read_project_file,
)

CORE = Path(__file__).resolve().parents[3] / "core"
SERVER = """
import os, sys
from fastmcp import FastMCP

mcp = FastMCP("Configured")

@mcp.tool
def facts() -> list[str]:
    return [os.environ.get("GREETING", ""), os.path.basename(os.getcwd()), *sys.argv[1:]]

def build():
    made = FastMCP("Built")
    made.tool(facts)
    return made
"""


def write(path: Path, data: Any) -> Path:
    path.write_text(data if isinstance(data, str) else json.dumps(data), encoding="utf-8")
    return path


def test_only_a_source_is_needed() -> None:
    config = ProjectFile.model_validate({"source": {"path": "server.py"}})
    assert (config.source.path, config.source.entrypoint) == ("server.py", None)
    assert not config.environment.wanted
    assert config.deployment == Deployment()
    with pytest.raises(ValueError, match="source"):
        ProjectFile.model_validate({})


def test_a_path_may_name_the_object() -> None:
    assert FileSystemSource(path="server.py:desk").entrypoint == "desk"
    assert FileSystemSource(path="a/b.py", entrypoint="desk").spec(Path("/p")) == f"{Path('/p/a/b.py')}:desk"


def test_without_wishes_a_command_stays_as_it_is() -> None:
    assert UVEnvironment().build_command(["python", "x.py"]) == ["python", "x.py"]


def test_wishes_become_options_of_uv(tmp_path: Path) -> None:
    environment = UVEnvironment(
        python="3.12", dependencies=["b", "a"], requirements=Path("r.txt"), editable=[Path("lib")]
    ).resolved(tmp_path)
    packages = ["--with", "a", "--with", "b"]
    files = ["--with-requirements", str(tmp_path / "r.txt"), "--with-editable", str(tmp_path / "lib")]
    assert environment.build_command(["python"]) == ["uv", "run", "--python", "3.12", *packages, *files, "python"]


def test_a_project_decides_the_python() -> None:
    command = UVEnvironment(python="3.12", project=Path("/p")).build_command(["python"])
    assert "--python" not in command
    assert command[2] == "--project"


def test_settings_reach_the_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WHO", "Ada")
    monkeypatch.setenv("GREETING", "")
    monkeypatch.delenv("NOBODY", raising=False)
    (tmp_path / "work").mkdir()
    deployment = Deployment(env={"GREETING": "Hello ${WHO}, ${NOBODY}"}, cwd="work")
    deployment.apply_runtime_settings(tmp_path / "fastmcp.json")
    assert os.environ["GREETING"] == "Hello Ada, ${NOBODY}"
    assert Path.cwd() == (tmp_path / "work").resolve()


def test_a_bad_file_is_explained(tmp_path: Path) -> None:
    with pytest.raises(LaunchError, match="cannot be read"):
        read_project_file(tmp_path / "nowhere.json")
    with pytest.raises(LaunchError, match="transport"):
        read_project_file(write(tmp_path / "a.json", {"source": {"path": "s.py"}, "deployment": {"transport": "fax"}}))
    with pytest.raises(LaunchError, match="no valid"):
        read_project_file(write(tmp_path / "b.json", "{"))


def test_only_the_folder_itself_is_searched(tmp_path: Path) -> None:
    write(tmp_path / "fastmcp.json", {"source": {"path": "s.py"}})
    (tmp_path / "inner").mkdir()
    assert ProjectFile.find_config(tmp_path) == tmp_path / "fastmcp.json"
    assert ProjectFile.find_config(tmp_path / "inner") is None


def test_the_schema_describes_the_file(tmp_path: Path) -> None:
    import jsonschema_rs

    schema = generate_schema()
    assert schema is not None
    checker = jsonschema_rs.validator_for(schema)
    assert checker.is_valid({"source": {"path": "s.py"}, "deployment": {"transport": "streamable-http"}})
    assert not checker.is_valid({"deployment": {}})
    assert generate_schema(tmp_path / "schema.json") is None
    assert json.loads((tmp_path / "schema.json").read_text()) == schema


def test_nothing_named_and_no_file_here_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["run"]) == 1
    assert "fastmcp.json" in capsys.readouterr().err


def test_a_fresh_environment_gets_a_runtime_unless_one_is_named() -> None:
    def packages(*named: str) -> list[str] | None:
        return run_json._with_a_server_package(UVEnvironment(dependencies=list(named))).dependencies

    assert packages("httpx") == ["httpx", "fastmcp"]
    assert packages("fastmcp>=2") == ["fastmcp>=2"]
    assert packages("mcp[cli]") == ["mcp[cli]"]
    assert packages("mcpify") == ["mcpify", "fastmcp"]


@pytest.mark.anyio
async def test_an_environment_is_made_by_uv_and_its_failures_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[list[str]] = []

    async def run(command: list[str], purpose: str) -> None:
        ran.append(command)

    monkeypatch.setattr(project_file.shutil, "which", lambda name: "uv")
    with monkeypatch.context() as patched:
        patched.setattr(project_file, "_run", run)
        await UVEnvironment().prepare(tmp_path / "none")
        assert ran == []
        await UVEnvironment(python="3.12", dependencies=["httpx"]).prepare(tmp_path / "env")
    assert [command[1] for command in ran] == ["init", "add", "sync"]
    assert ran[1][-2:] == ["fastmcp", "httpx"]
    assert (tmp_path / "env").is_dir()
    with pytest.raises(RuntimeError, match="Failed to do it"):
        await project_file._run([sys.executable, "-c", "raise SystemExit(1)"], "do it")
    monkeypatch.setattr(project_file.shutil, "which", lambda name: None)
    with pytest.raises(RuntimeError, match="uv is not installed"):
        await UVEnvironment(python="3.12").prepare()


def run_words(*words: str) -> StdioTransport:
    environment = {**os.environ, "PYTHONPATH": str(CORE), "WHO": "Ada"}
    return StdioTransport(
        sys.executable, ["-m", "wireglass.cli.main", "run", *words], env=environment, keep_alive=False
    )


async def ask(transport: StdioTransport, tool: str = "facts") -> tuple[str, Any]:
    async with asyncio.timeout(60), Client(transport) as client:
        return client.facts.server_info["name"], (await client.call_tool(tool, {})).data


@pytest.fixture
def project(tmp_path: Path) -> Path:
    write(tmp_path / "server.py", SERVER)
    (tmp_path / "work").mkdir()
    return tmp_path


@pytest.mark.anyio
async def test_a_project_file_is_run_as_it_says(project: Path) -> None:
    config = write(
        project / "fastmcp.json",
        {
            "source": {"path": "server.py", "entrypoint": "mcp"},
            "deployment": {"env": {"GREETING": "Hello ${WHO}"}, "cwd": "work", "args": ["--desk", "7"]},
        },
    )
    assert await ask(run_words(str(config), "--runtime", "embedded")) == (
        "Configured",
        ["Hello Ada", "work", "--desk", "7"],
    )


@pytest.mark.anyio
async def test_an_entry_point_may_be_a_function(project: Path) -> None:
    config = write(project / "fastmcp.json", {"source": {"path": "server.py", "entrypoint": "build"}})
    name, _ = await ask(run_words(str(config), "--runtime", "embedded"))
    assert name == "Built"


@pytest.mark.anyio
async def test_a_file_of_servers_is_served_as_one(project: Path) -> None:
    inner = ["-m", "wireglass.cli.main", "run", str(project / "server.py"), "--runtime", "embedded"]
    entry = {"command": sys.executable, "args": inner, "env": {"PYTHONPATH": str(CORE), "GREETING": "Hi"}}
    config = write(project / "mcp.json", {"mcpServers": {"left": entry, "right": entry}})
    _, said = await ask(run_words(str(config)), "left_facts")
    assert said[0] == "Hi"
