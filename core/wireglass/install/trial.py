"""Starts an entry once as its host would, and says whether it answers."""

import os
import re
import time
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from wireglass.errors import HttpStatusError, WireglassError
from wireglass.targets.base import Target
from wireglass.targets.facts import Machine
from wireglass.targets.servers import RemoteServer, Server, StdioServer

if TYPE_CHECKING:
    from wireglass.client.transports import StdioTransport

__all__ = ["SECONDS", "Trial", "host_environment", "try_out"]

SECONDS = 30.0
"""How long a server may take to answer: uv and npx may have to install something first."""
_LAUNCHD_PATH = "/usr/bin:/bin:/usr/sbin:/sbin"
_REFERENCE = re.compile(r"\$\{\{ secrets\.(\w+) \}\}|\$\{(?:env:|input:)?(\w+)(?::-[^}]*)?\}|\{env:(\w+)\}|\$(\w+)")


@dataclass(frozen=True)
class Trial:
    """The outcome. `problem` is empty when it answered; `output` holds the last lines it wrote to stderr."""

    seconds: float
    server_name: str = ""
    version: str = ""
    """The negotiated protocol version."""
    tools: int | None = None
    problem: str = ""
    next_step: str = ""
    output: str = field(default="")
    asks_sign_in: bool = False
    """A remote server that wants to know who asks: the host will sign in, so that counts as an answer."""

    @property
    def answered(self) -> bool:
        """Whether the server came up and answered."""
        return not self.problem

    @property
    def text(self) -> str:
        """One line for people."""
        if self.problem:
            return f"{self.problem} {self.next_step}".strip()
        if self.asks_sign_in:
            return "answers, and asks for sign-in"
        tools = f", {self.tools} tool{'s' if self.tools != 1 else ''}" if self.tools is not None else ""
        return f"answered in {self.seconds:.1f} s{tools}"


def host_environment(target: Target, machine: Machine) -> tuple[dict[str, str], str]:
    """The PATH and the folder that this host gives its servers: desktop programs have a short PATH and no home."""
    terminal = "terminal" in target.facts.kind or target.id == "generic-mcp-json"
    path = machine.env.get("PATH", os.defpath)
    if machine.platform == "macos" and not terminal:
        path = _LAUNCHD_PATH
    folder = machine.home if machine.platform == "windows" else "/"
    return {"PATH": path}, (machine.project or machine.home) if terminal else folder


async def try_out(server: Server, target: Target, machine: Machine, *, seconds: float = SECONDS) -> Trial:
    """Connects once, lists the tools, and closes. Never raises for what the server does."""
    from wireglass.client.client import Client
    from wireglass.client.transports import SSETransport, StreamableHttpTransport

    output: deque[str] = deque(maxlen=20)
    started = time.perf_counter()
    if isinstance(server, RemoteServer):
        headers = {name: _filled(value, machine.env) for name, value in server.headers.items()}
        kind = SSETransport if server.transport == "sse" else StreamableHttpTransport
        recipe = kind(server.url, headers=headers)
    else:
        recipe = _recipe(server, target, machine)
    try:
        async with Client(recipe, init_timeout=seconds, on_stderr=output.append) as client:
            tools = len(await client.list_tools()) if "tools" in client.facts.capabilities else None
            facts = client.facts
    except HttpStatusError as error:
        if error.status == 401 and isinstance(server, RemoteServer):
            return Trial(time.perf_counter() - started, asks_sign_in=True)
        return _failed(error, started, output)
    except WireglassError as error:
        return _failed(error, started, output)
    name = str(facts.server_info.get("name", ""))
    return Trial(time.perf_counter() - started, name, facts.version, tools, output="\n".join(output))


def _failed(error: WireglassError, started: float, output: Iterable[str]) -> Trial:
    step = error.next_step or "Run the command in a terminal to see what it says."
    return Trial(time.perf_counter() - started, problem=error.message, next_step=step, output="\n".join(output))


def _recipe(server: StdioServer, target: Target, machine: Machine) -> "StdioTransport":
    from wireglass.client.transports import StdioTransport

    given, folder = host_environment(target, machine)
    env = {name: _filled(value, machine.env) for name, value in server.env.items()}
    return StdioTransport(server.command, list(server.args), {**given, **env}, server.cwd or folder)


def _filled(value: str, env: Mapping[str, str]) -> str:
    """References as the host would fill them in."""
    return _REFERENCE.sub(lambda found: env.get(next(filter(None, found.groups())), found.group()), value)
