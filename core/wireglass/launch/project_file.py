"""`fastmcp.json`: where a server's source is, what it needs, and how it is served. Models and nothing else runs."""

import asyncio
import json
import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from wireglass.errors import LaunchError
from wireglass.launch.find import split_spec

__all__ = [
    "Deployment",
    "Environment",
    "FileSystemSource",
    "LogLevel",
    "ProjectFile",
    "Source",
    "Transport",
    "UVEnvironment",
    "generate_schema",
    "interpolate",
    "read_project_file",
]

FILE_NAME = "fastmcp.json"
SCHEMA_ID = "https://gofastmcp.com/public/schemas/fastmcp.json/v1.json"
Transport = Literal["stdio", "http", "sse", "streamable-http"]
LogLevel = Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"]

_VARIABLE = re.compile(r"\$\{([A-Za-z_]\w*)\}")


class Source(BaseModel):
    """Where a server's code is."""

    type: str

    async def prepare(self) -> None:
        """Fetches it, where it has to be fetched."""


class FileSystemSource(Source):
    """A Python file, and the name of the object in it. `path` may be written FILE:NAME."""

    type: Literal["filesystem"] = "filesystem"  # pyright: ignore[reportIncompatibleVariableOverride] - narrower on purpose
    path: str
    entrypoint: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _split(cls, given: Any) -> Any:
        if not isinstance(given, dict) or not isinstance(given.get("path"), str) or given.get("entrypoint"):
            return given
        path, name = split_spec(given["path"])
        return {**given, "path": str(path), "entrypoint": name} if name is not None else given

    def spec(self, folder: Path) -> str:
        """FILE or FILE:NAME, from the folder that the configuration is in."""
        path = str(folder / self.path)
        return f"{path}:{self.entrypoint}" if self.entrypoint else path


class Environment(BaseModel):
    """What a server needs around it."""

    type: str

    def build_command(self, command: list[str]) -> list[str]:
        """The command, run inside."""
        return command

    async def prepare(self, output_dir: Path | None = None) -> None:
        """Makes it, where it has to be made."""


class UVEnvironment(Environment):
    """Packages that uv puts into place."""

    type: Literal["uv"] = "uv"  # pyright: ignore[reportIncompatibleVariableOverride] - narrower on purpose
    python: str | None = None
    """A version or constraint: "3.12", ">=3.10"."""
    dependencies: list[str] | None = None
    requirements: Path | None = None
    project: Path | None = None
    """A folder with a pyproject.toml; it decides the Python too."""
    editable: list[Path] | None = None

    @property
    def wanted(self) -> bool:
        """Whether it asks for anything."""
        return any((self.python, self.dependencies, self.requirements, self.project, self.editable))

    def _must_run_with_uv(self) -> bool:
        return self.wanted

    def resolved(self, folder: Path) -> "UVEnvironment":
        """With paths from the folder that the configuration is in."""
        return self.model_copy(
            update={
                "requirements": folder / self.requirements if self.requirements else None,
                "project": folder / self.project if self.project else None,
                "editable": [folder / path for path in self.editable] if self.editable else None,
            }
        )

    def build_command(self, command: list[str]) -> list[str]:
        """`uv run OPTIONS COMMAND`; the command itself when nothing is asked for."""
        if not self.wanted:
            return command
        words = ["uv", "run"]
        if self.project:
            words += ["--project", _full(self.project)]
        elif self.python:
            words += ["--python", self.python]
        for package in sorted(set(self.dependencies or ())):
            words += ["--with", package]
        if self.requirements:
            words += ["--with-requirements", _full(self.requirements)]
        for path in self.editable or ():
            words += ["--with-editable", _full(path)]
        return [*words, *command]

    async def prepare(self, output_dir: Path | None = None) -> None:
        """Makes a uv project in `output_dir` that has everything; without a folder, fills uv's cache.

        Raises RuntimeError when uv is not there or fails.
        """
        if not shutil.which("uv"):
            raise RuntimeError("uv is not installed. Install it, or run without the configuration's environment.")
        if not self.wanted:
            return
        if output_dir is None:
            await _run(self.build_command(["python", "-c", "pass"]), "fill uv's cache")
            return
        here = ["--directory", str(output_dir)]
        python = ["--python", self.python] if self.python else []
        await asyncio.to_thread(os.makedirs, output_dir, exist_ok=True)
        await _run(["uv", "init", *here, "--bare", "--name", "fastmcp-environment", *python], "initialize project")
        await _run(["uv", "add", *here, *sorted({"fastmcp", *(self.dependencies or ())})], "add dependencies")
        if self.requirements:
            await _run(["uv", "add", *here, "-r", _full(self.requirements)], "add the requirements")
        for path in (*(self.editable or ()), *([self.project] if self.project else [])):
            await _run(["uv", "add", *here, "--editable", _full(path)], "add an editable package")
        await _run(["uv", "sync", *here], "sync the environment")


def _full(path: Path) -> str:
    return str(path.expanduser().resolve())


async def _run(command: Sequence[str], purpose: str) -> None:
    try:
        await asyncio.to_thread(subprocess.run, command, check=True, capture_output=True, text=True)
    except subprocess.CalledProcessError as error:
        raise RuntimeError(f"Failed to {purpose}: {error.stderr or error}") from error


class Deployment(BaseModel):
    """How a server is served."""

    transport: Transport | None = None
    host: str | None = None
    port: int | None = None
    path: str | None = None
    log_level: LogLevel | None = None
    cwd: str | None = None
    env: dict[str, str] | None = None
    args: list[str] | None = None

    def apply_runtime_settings(self, config_path: Path | None = None) -> None:
        """Sets this process's variables and folder. `${NAME}` in a value is another variable's value."""
        for name, value in (self.env or {}).items():
            os.environ[name] = interpolate(value)
        if self.cwd:
            os.chdir((config_path.absolute().parent if config_path else Path.cwd()) / self.cwd)


def interpolate(text: str) -> str:
    """`${NAME}` becomes the variable's value; a name without one stays as it is written."""
    return _VARIABLE.sub(lambda found: os.environ.get(found[1], found[0]), text)


class ProjectFile(BaseModel):
    """A `fastmcp.json`. Only `source` has to be given."""

    model_config = ConfigDict(populate_by_name=True)

    schema_: str | None = Field(default=SCHEMA_ID, alias="$schema")
    source: FileSystemSource
    environment: UVEnvironment = Field(default_factory=UVEnvironment)
    deployment: Deployment = Field(default_factory=Deployment)

    @classmethod
    def from_file(cls, file_path: Path) -> Self:
        """Reads one. Raises FileNotFoundError, json.JSONDecodeError, pydantic.ValidationError."""
        path = Path(file_path)
        if not path.is_file():
            raise FileNotFoundError(f"Configuration file not found: {path}")
        return cls.model_validate(json.loads(path.read_text(encoding="utf-8")))

    @classmethod
    def find_config(cls, start_path: Path | None = None) -> Path | None:
        """The `fastmcp.json` in a folder (default: the working folder), or None. Parents are not looked at."""
        found = (start_path or Path.cwd()) / FILE_NAME
        return found if found.is_file() else None

    async def prepare(self, skip_source: bool = False, output_dir: Path | None = None) -> None:
        """Makes the environment, and fetches the source. Raises RuntimeError."""
        await self.prepare_environment(output_dir=output_dir)
        if not skip_source:
            await self.prepare_source()

    async def prepare_environment(self, output_dir: Path | None = None) -> None:
        """Makes the environment. Raises RuntimeError."""
        await self.environment.prepare(output_dir=output_dir)

    async def prepare_source(self) -> None:
        """Fetches the source."""
        await self.source.prepare()


def read_project_file(path: Path) -> ProjectFile:
    """As `ProjectFile.from_file`, for a person: raises LaunchError that says what is wrong in one line."""
    try:
        return ProjectFile.from_file(path)
    except OSError as error:
        raise LaunchError(f"{path} cannot be read: {error}", next_step="Check the path.") from error
    except ValueError as error:  # JSON's and pydantic's
        raise LaunchError(f"{path} is no valid fastmcp.json: {error}") from error


def generate_schema(output_path: Path | str | None = None) -> dict[str, Any] | None:
    """The JSON Schema of these files; written to a file when one is named, and then nothing is returned."""
    made = ProjectFile.model_json_schema(by_alias=True)
    made["$id"] = SCHEMA_ID
    if output_path is None:
        return made
    Path(output_path).write_text(json.dumps(made, indent=2) + "\n", encoding="utf-8")
    return None
