"""`fastmcp.utilities.mcp_server_config`: `fastmcp.json` as models that can load and run the server they name."""

import asyncio
import sys
from pathlib import Path
from typing import Any

from wireglass.compat.loader import load_server
from wireglass.compat.shims.mcp_config import MCPConfig
from wireglass.errors import LaunchError
from wireglass.launch import project_file
from wireglass.launch.project_file import Deployment, LogLevel, ProjectFile, Transport, UVEnvironment
from wireglass.server.proxy import create_proxy

__all__ = [
    "FileSystemSource",
    "MCPServerConfig",
    "create_client_server",
    "create_mcp_config_server",
    "is_url",
    "load_mcp_server_config",
]


class FileSystemSource(project_file.FileSystemSource):
    """A Python file whose server can be loaded into this process."""

    async def load_server(self) -> Any:
        """The server: an object, or what a function of that name returns. Ends the process when there is none."""
        try:
            return await asyncio.to_thread(self._load)  # a factory may be async, and has its own loop there
        except LaunchError as error:
            sys.stderr.write(f"{error.message} {error.next_step}".strip() + "\n")
            raise SystemExit(1) from error

    def _load(self) -> Any:
        path = Path(self.path).expanduser().absolute()
        if not path.is_file():
            raise LaunchError(f"There is no file {path}.", next_step="Check the path.")
        return load_server(path, self.entrypoint, sys.argv[1:], factories=True)


class MCPServerConfig(ProjectFile):
    """A `fastmcp.json`."""

    source: FileSystemSource  # pyright: ignore[reportIncompatibleVariableOverride] - narrower on purpose

    @classmethod
    def from_cli_args(
        cls,
        source: FileSystemSource,
        transport: Transport | None = None,
        host: str | None = None,
        port: int | None = None,
        path: str | None = None,
        log_level: LogLevel | None = None,
        python: str | None = None,
        dependencies: list[str] | None = None,
        requirements: str | None = None,
        project: str | None = None,
        editable: str | list[str] | None = None,
        env: dict[str, str] | None = None,
        cwd: str | None = None,
        args: list[str] | None = None,
    ) -> "MCPServerConfig":
        """A configuration of what a command line says."""
        editables = [editable] if isinstance(editable, str) else editable
        return cls(
            source=source,
            environment=UVEnvironment(
                python=python,
                dependencies=dependencies,
                requirements=Path(requirements) if requirements else None,
                project=Path(project) if project else None,
                editable=[Path(each) for each in editables] if editables else None,
            ),
            deployment=Deployment(
                transport=transport, host=host, port=port, path=path, log_level=log_level, env=env, cwd=cwd, args=args
            ),
        )

    async def run_server(self, **kwargs: Any) -> None:
        """Loads the server and serves it. Keyword arguments go to `run_async` and win over the configuration."""
        self.deployment.apply_runtime_settings()
        server = await self.source.load_server()
        names = ("transport", "host", "port", "path", "log_level")
        options = {name: value for name in names if (value := getattr(self.deployment, name)) is not None}
        await server.run_async(**(options | kwargs))


def is_url(path: str) -> bool:
    """Whether it is an http or https address."""
    return path.startswith(("http://", "https://"))


def load_mcp_server_config(config_path: Path) -> MCPServerConfig:
    """Reads a `fastmcp.json`, and sets the variables and the folder that it asks for."""
    config = MCPServerConfig.from_file(config_path)
    config.deployment.apply_runtime_settings(config_path)
    return config


def create_mcp_config_server(mcp_config_path: Path) -> Any:
    """One server of all those in an `mcpServers` file. Raises pydantic.ValidationError."""
    return create_proxy(MCPConfig.from_file(mcp_config_path))


def create_client_server(url: str) -> Any:
    """A server that forwards to the one at a URL."""
    return create_proxy(url)
