"""What `wireglass run` does with a `fastmcp.json`, with a file of `mcpServers`, and with a URL."""

import argparse
import json
import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from wireglass.errors import LaunchError

if TYPE_CHECKING:
    from wireglass.launch.project_file import UVEnvironment

__all__ = [
    "apply_project_file",
    "has_servers",
    "is_json",
    "is_url",
    "project_file_here",
    "serve_config",
    "serve_url",
    "source_of",
]

_SERVED = ("transport", "host", "port", "path", "log_level")


def is_url(spec: str) -> bool:
    """Whether it names a server on the network."""
    return spec.startswith(("http://", "https://"))


def is_json(spec: str) -> bool:
    """Whether it names a configuration and no Python file."""
    return not is_url(spec) and Path(spec).suffix == ".json"


def project_file_here() -> str:
    """The `fastmcp.json` of the working folder. Raises LaunchError when there is none."""
    from wireglass.launch.project_file import ProjectFile

    found = ProjectFile.find_config()
    if found is None:
        raise LaunchError("There is no fastmcp.json in this folder.", next_step="Name a server's file.")
    return str(found)


def has_servers(spec: str) -> bool:
    """Whether a JSON file lists servers (`mcpServers`). Raises LaunchError when it cannot be read."""
    data = _read(spec)
    return isinstance(data, dict) and isinstance(data.get("mcpServers"), dict)


def source_of(spec: str) -> str:
    """The Python file, or FILE:NAME, of a `fastmcp.json`. Raises LaunchError."""
    from wireglass.launch.project_file import read_project_file

    path = Path(spec).expanduser().absolute()
    return read_project_file(path).source.spec(path.parent)


def apply_project_file(options: argparse.Namespace) -> "UVEnvironment | None":
    """Fills in what the command line left open; sets variables and folder.

    Returns the environment to run in, or None for this one. Raises LaunchError.
    """
    from wireglass.launch.project_file import read_project_file

    path = Path(options.spec).expanduser().absolute()
    config = read_project_file(path)
    deployment = config.deployment
    for name in _SERVED:
        if getattr(options, name) is None:
            setattr(options, name, getattr(deployment, name))
    options.arguments = options.arguments or list(deployment.args or ())
    options.spec = config.source.spec(path.parent)
    environment = config.environment.resolved(path.parent)
    deployment.apply_runtime_settings(path)
    if options.log_level:
        os.environ["FASTMCP_LOG_LEVEL"] = options.log_level.upper()
    if not environment.wanted or options.skip_env or options.python or options.runtime != "auto":
        return None
    if shutil.which("uv") is None:
        sys.stderr.write(f"{path.name} asks for an environment made by uv, which was not found; going on without.\n")
        return None
    return _with_a_server_package(environment)


def _with_a_server_package(environment: "UVEnvironment") -> "UVEnvironment":
    """uv's environment is a fresh one: somebody has to bring the runtime, as `fastmcp run` does."""
    named = environment.dependencies or []
    if environment.project or environment.requirements or any(_is_server_package(text) for text in named):
        return environment
    return environment.model_copy(update={"dependencies": [*named, "fastmcp"]})


def _is_server_package(requirement: str) -> bool:
    for word in ("fastmcp", "mcp", "wireglass"):
        if requirement.startswith(word) and not requirement[len(word) :][:1].isalnum():
            return True
    return False


def serve_config(options: argparse.Namespace) -> int:
    """The servers of an `mcpServers` file as one. Raises LaunchError when it cannot be read."""
    return _serve_proxy(cast("dict[str, Any]", _read(options.spec)), options)


def serve_url(options: argparse.Namespace) -> int:
    """A server on the network as one of this process."""
    return _serve_proxy(options.spec, options)


def _serve_proxy(target: Any, options: argparse.Namespace) -> int:
    from wireglass.cli.run import serve
    from wireglass.server.proxy import create_proxy

    if options.workers > 1:
        raise LaunchError("Several workers need a Python file.", next_step="Leave out --workers.")
    if options.log_level:
        os.environ["FASTMCP_LOG_LEVEL"] = options.log_level.upper()
    serve(create_proxy(target), options)
    return 0


def _read(spec: str) -> Any:
    path = Path(spec).expanduser()
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise LaunchError(f"{path} cannot be read: {error}", next_step="Check that it is valid JSON.") from error
