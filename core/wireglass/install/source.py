"""What to install, from what a person names: a server file, a fastmcp.json, or a URL."""

import json
import os
import re
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from wireglass.errors import LaunchError
from wireglass.launch.environment import child_environment
from wireglass.launch.find import ServerFinding, find_server, split_spec
from wireglass.launch.interpreter import Interpreter, choose
from wireglass.launch.run import _reach_ourselves as reach_ourselves
from wireglass.launch.run import child_command
from wireglass.targets.servers import RemoteServer, Server, StdioServer

__all__ = ["Wishes", "leans_on_us", "own_command", "read_env_file", "server_from"]


@dataclass(frozen=True)
class Wishes:
    """What the person said beside the file."""

    name: str | None = None
    env: Mapping[str, str] | None = None
    secret_env: frozenset[str] = frozenset()
    packages: tuple[str, ...] = ()
    """Packages that uv installs beside the file's own."""
    python: str | None = None
    project: Path | None = None
    """The folder whose environment is used and in which the server runs."""
    arguments: tuple[str, ...] = ()
    headers: Mapping[str, str] | None = None
    variables: Mapping[str, str] | None = None
    """Values of the `${NAME}` in headers, for hosts that cannot refer to them."""


def server_from(spec: str, wishes: Wishes | None = None) -> Server:
    """The server that a host must start or reach. Raises LaunchError with a next step."""
    wishes = wishes or Wishes()
    if re.match(r"https?://", spec):
        kind = "sse" if spec.rstrip("/").endswith("/sse") else "http"
        headers, variables = dict(wishes.headers or {}), dict(wishes.variables or {})
        return RemoteServer(wishes.name or _name_of_url(spec), spec, kind, headers, variables)
    path, _ = split_spec(spec)
    if path.suffix == ".json":
        return _from_config(path, wishes)
    return _from_file(spec, wishes)


def own_command() -> tuple[tuple[str, ...], dict[str, str]]:
    """How another program starts `wireglass` on this machine: the command, and variables when we are not installed."""
    if getattr(sys, "frozen", False):
        return (sys.executable,), {}
    reach = reach_ourselves()
    beside = Path(sys.executable).with_name("wireglass.exe" if os.name == "nt" else "wireglass")
    if beside.is_file() and not reach:
        return (str(beside),), {}
    return (sys.executable, "-P", "-m", "wireglass.cli.main"), reach


def leans_on_us(server: Server) -> bool:
    """Whether the entry starts a script of ours: the file does not call `run()` itself, so we do it for it."""
    ours = str(Path(__file__).parents[1])
    return isinstance(server, StdioServer) and any(arg.startswith(ours) for arg in server.args)


def read_env_file(path: Path) -> dict[str, str]:
    """The variables of a .env file. Raises LaunchError when it cannot be read."""
    from dotenv import dotenv_values

    if not path.is_file():
        raise LaunchError(f"There is no file {path}.", next_step="Check the path after --env-file.")
    return {name: value for name, value in dotenv_values(path).items() if value is not None}


def _from_file(spec: str, wishes: Wishes) -> StdioServer:
    finding = find_server(spec)
    for problem in finding.problems:
        if problem.level == "error":
            raise LaunchError(problem.text, next_step=problem.next_step)
    name = wishes.name or _name_of(finding)
    if wishes.packages or (wishes.project and not wishes.python):
        return _with_uv(finding, wishes, name)
    interpreter = choose(finding, python=wishes.python)
    return _as_launched(finding, interpreter, wishes, name)


def _as_launched(finding: ServerFinding, interpreter: Interpreter, wishes: Wishes, name: str) -> StdioServer:
    plain = child_environment()
    command = child_command(finding, interpreter, arguments=wishes.arguments, added=dict(wishes.env or {}))
    env = {key: value for key, value in command.env.items() if plain.get(key) != value}
    cwd = wishes.project or command.cwd
    needed = finding.module is not None or wishes.project is not None
    return StdioServer(name, command.command, command.args, env, str(cwd), needed, wishes.secret_env)


def _with_uv(finding: ServerFinding, wishes: Wishes, name: str) -> StdioServer:
    uv = shutil.which("uv")
    if uv is None:
        raise LaunchError(
            "--with and --project need uv, which was not found.",
            next_step="Install uv, or name a Python that has the packages with --python.",
        )
    project = wishes.project or finding.project
    line = ["run"]
    packages = list(wishes.packages)
    if finding.script is not None:
        line += ["--script"]
    elif project is not None and (project / "pyproject.toml").is_file():
        line += ["--directory", str(project.absolute())]
    else:
        line += ["--no-project"]
        packages = [*(each for each in ("fastmcp", "mcp") if each in finding.packages), *packages]
    line += [part for package in dict.fromkeys(packages) for part in ("--with", package)]
    line += [str(finding.path)] if finding.script is not None else ["python", str(finding.path)]
    line += wishes.arguments
    folder = str((project or finding.folder).absolute())
    needed = wishes.project is not None
    return StdioServer(name, uv, tuple(line), dict(wishes.env or {}), folder, needed, wishes.secret_env)


def _from_config(path: Path, wishes: Wishes) -> Server:
    """A fastmcp.json: where the source is, what it needs, how it is deployed."""
    try:
        data: Any = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise LaunchError(f"{path} cannot be read: {error}", next_step="Check that it is valid JSON.") from error
    source = data.get("source") if isinstance(data, dict) else None
    file = source.get("path") if isinstance(source, dict) else source
    if not isinstance(file, str):
        raise LaunchError(f"{path} names no source.", next_step='Add "source": {"path": "server.py"}.')
    entrypoint = source.get("entrypoint") if isinstance(source, dict) else None
    environment, deployment = _table(data, "environment"), _table(data, "deployment")
    folder = path.absolute().parent
    packages = tuple(map(str, environment.get("dependencies") or ()))
    project = environment.get("project")
    merged = Wishes(
        name=wishes.name or data.get("name"),
        env={**_texts(deployment.get("env")), **(wishes.env or {})},
        secret_env=wishes.secret_env,
        packages=(*packages, *wishes.packages),
        python=wishes.python,
        project=wishes.project or (folder / project if isinstance(project, str) else None),
        arguments=(*map(str, deployment.get("args") or ()), *wishes.arguments),
    )
    server = _from_file(f"{folder / file}:{entrypoint}" if entrypoint else str(folder / file), merged)
    cwd = deployment.get("cwd")
    return replace(server, cwd=str(folder / cwd), needs_cwd=True) if isinstance(cwd, str) else server


def _table(data: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = data.get(key)
    return value if isinstance(value, dict) else {}


def _texts(value: Any) -> dict[str, str]:
    return {str(key): str(one) for key, one in value.items()} if isinstance(value, dict) else {}


def _name_of(finding: ServerFinding) -> str:
    found = re.search(r"""\(\s*(?:name\s*=\s*)?(["'])([^"'\\]{1,100})\1""", finding.declaration)
    return found.group(2) if found else finding.path.stem


def _name_of_url(url: str) -> str:
    host = re.sub(r"^https?://", "", url).split("/")[0].split("@")[-1].split(":")[0]
    if re.fullmatch(r"[0-9.]+", host):
        return "local" if host.startswith("127.") else host.replace(".", "-")
    parts: Sequence[str] = [part for part in host.split(".") if part not in ("www", "mcp", "api", "com", "io", "dev")]
    return parts[0] if parts else host
