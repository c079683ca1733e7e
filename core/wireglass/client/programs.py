"""Servers that are programs to start: any command, a Python or JavaScript file, a package of uv, uvx or npx."""

import os
import re
import sys
from collections.abc import Hashable, Mapping, Sequence
from importlib.machinery import PathFinder
from pathlib import Path
from typing import TextIO

from wireglass.client.eras import stdio_key
from wireglass.client.recipes import ClientTransport, OnStderr
from wireglass.wire.base import Tap, Transport
from wireglass.wire.stdio import StdioClientTransport

__all__ = [
    "NodeStdioTransport",
    "NpxStdioTransport",
    "PythonStdioTransport",
    "StdioTransport",
    "UvStdioTransport",
    "UvxStdioTransport",
]

_PEER_IMPORT = re.compile(rb"^\s*(?:from|import)\s+(fastmcp|mcp)\b", re.MULTILINE)


class StdioTransport(ClientTransport):
    """A command to run. Paths are as the child sees them from `cwd`."""

    def __init__(
        self,
        command: str,
        args: Sequence[str] = (),
        env: Mapping[str, str] | None = None,
        cwd: str | os.PathLike[str] | None = None,
        keep_alive: bool | None = None,
        log_file: "str | os.PathLike[str] | TextIO | None" = None,
        *,
        inherit_env: bool = False,
    ) -> None:
        """`keep_alive` is accepted for compatibility: here a process lives exactly as long as its client's context.
        `log_file` gets the child's stderr, by its path or as an open file. Without it, and where nobody else takes the
        lines, they go to our own stderr."""
        self.command = command
        self.args = list(args)
        self.env = dict(env) if env is not None else None
        self.cwd = None if cwd is None else os.fspath(cwd)
        self.keep_alive = True if keep_alive is None else keep_alive
        self.log_file = log_file
        self.inherit_env = inherit_env
        self.label = " ".join([command, *self.args])

    @property
    def era_key(self) -> Hashable | None:
        return stdio_key(self.command, self.args, self.cwd)

    def make(self, *, tap: Tap | None = None, on_stderr: OnStderr | None = None, sse: bool = False) -> Transport:
        return StdioClientTransport(
            self.command,
            self.args,
            env=self._environment(),
            cwd=self.cwd,
            tap=tap,
            on_stderr=self._stderr_sink(on_stderr),
            inherit_env=self.inherit_env,
        )

    def _environment(self) -> dict[str, str] | None:
        return self.env

    def _stderr_sink(self, on_stderr: OnStderr | None) -> OnStderr:
        if self.log_file is None:
            return on_stderr or _to_our_stderr
        file = self.log_file

        def write(line: str) -> None:
            if isinstance(file, str | os.PathLike):
                with Path(file).open("a", encoding="utf-8") as log:
                    log.write(line + "\n")
            else:
                file.write(line + "\n")
            if on_stderr is not None:
                on_stderr(line)

        return write


def _to_our_stderr(line: str) -> None:
    if sys.stderr is not None:  # a program without a console has none
        sys.stderr.write(f"{line}\n")


class PythonStdioTransport(StdioTransport):
    """A Python file to run. One that imports `fastmcp` or `mcp`, where this interpreter has no such package, runs on
    this runtime."""

    def __init__(
        self,
        script_path: str | os.PathLike[str],
        args: Sequence[str] | None = None,
        env: Mapping[str, str] | None = None,
        cwd: str | os.PathLike[str] | None = None,
        python_cmd: str = sys.executable,
        keep_alive: bool | None = None,
        log_file: "str | os.PathLike[str] | TextIO | None" = None,
    ) -> None:
        path = _script(script_path, ".py")
        command = ["-m", "wireglass.compat", path] if python_cmd == sys.executable and _needs_alias(path) else [path]
        super().__init__(python_cmd, [*command, *(args or ())], env, cwd, keep_alive, log_file)
        self.script_path = Path(path)

    def _environment(self) -> dict[str, str] | None:
        """Its pipes speak UTF-8 whatever the system's code page is; the protocol knows nothing else."""
        return {"PYTHONUTF8": "1", **(self.env or {})}


def _needs_alias(path: str) -> bool:
    named = {match.decode() for match in _PEER_IMPORT.findall(Path(path).read_bytes())}
    return any(PathFinder.find_spec(name) is None for name in named)


class NodeStdioTransport(StdioTransport):
    """A JavaScript file to run."""

    def __init__(
        self,
        script_path: str | os.PathLike[str],
        args: Sequence[str] | None = None,
        env: Mapping[str, str] | None = None,
        cwd: str | os.PathLike[str] | None = None,
        node_cmd: str = "node",
        keep_alive: bool | None = None,
        log_file: "str | os.PathLike[str] | TextIO | None" = None,
    ) -> None:
        path = _script(script_path, ".js", ".mjs", ".cjs")
        super().__init__(node_cmd, [path, *(args or ())], env, cwd, keep_alive, log_file)
        self.script_path = Path(path)


class UvStdioTransport(StdioTransport):
    """A command run by `uv run`."""

    def __init__(
        self,
        command: str,
        args: Sequence[str] | None = None,
        module: bool = False,
        project_directory: str | os.PathLike[str] | None = None,
        python_version: str | None = None,
        with_packages: Sequence[str] | None = None,
        with_requirements: str | os.PathLike[str] | None = None,
        env_vars: Mapping[str, str] | None = None,
        keep_alive: bool | None = None,
    ) -> None:
        words = ["run"]
        words += ["--directory", os.fspath(project_directory)] if project_directory else []
        words += ["--python", python_version] if python_version else []
        for package in with_packages or ():
            words += ["--with", package]
        words += ["--with-requirements", os.fspath(with_requirements)] if with_requirements else []
        words += ["--module", command] if module else [command]
        super().__init__("uv", [*words, *(args or ())], env_vars, None, keep_alive)


class UvxStdioTransport(StdioTransport):
    """A tool run by `uvx`."""

    def __init__(
        self,
        tool_name: str,
        tool_args: Sequence[str] | None = None,
        project_directory: str | os.PathLike[str] | None = None,
        python_version: str | None = None,
        with_packages: Sequence[str] | None = None,
        from_package: str | None = None,
        env_vars: Mapping[str, str] | None = None,
        keep_alive: bool | None = None,
    ) -> None:
        words: list[str] = []
        words += ["--python", python_version] if python_version else []
        words += ["--from", from_package] if from_package else []
        for package in with_packages or ():
            words += ["--with", package]
        super().__init__("uvx", [*words, tool_name, *(tool_args or ())], env_vars, project_directory, keep_alive)


class NpxStdioTransport(StdioTransport):
    """A package run by `npx`."""

    def __init__(
        self,
        package: str,
        args: Sequence[str] | None = None,
        project_directory: str | os.PathLike[str] | None = None,
        env_vars: Mapping[str, str] | None = None,
        use_package_lock: bool = True,
        keep_alive: bool | None = None,
    ) -> None:
        words = ["--prefer-offline"] if use_package_lock else []
        super().__init__("npx", [*words, package, *(args or ())], env_vars, project_directory, keep_alive)


def _script(path: str | os.PathLike[str], *endings: str) -> str:
    found = Path(path).expanduser()
    if not found.is_file():
        raise FileNotFoundError(f"There is no file {found}.")
    if found.suffix not in endings:
        raise ValueError(f"{found} is not a {' or '.join(endings)} file.")
    return str(found)
