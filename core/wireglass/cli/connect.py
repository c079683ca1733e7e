"""What the commands that talk to a server share: which server, how to reach it, how to answer what it asks."""

import argparse
import asyncio
import json
import os
import re
import shlex
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wireglass.cli.authorization import add_auth_arguments, auth_of
from wireglass.cli.run import add_interpreter_arguments
from wireglass.errors import HttpStatusError, LaunchError

if TYPE_CHECKING:
    from wireglass.client.client import Client

__all__ = ["add_server_arguments", "print_json", "with_client"]


_BARE_ADDRESS = re.compile(r"(localhost|[\w-]+(\.[\w-]+)+|\[[0-9a-fA-F:]+\]):\d+(/\S*)?")


def add_server_arguments(parser: argparse.ArgumentParser) -> None:
    """The server and how to connect."""
    parser.add_argument("server", metavar="SERVER", help="FILE[:NAME], a URL, or a JSON file with mcpServers")
    parser.add_argument("--stdio", action="store_true", help="SERVER is a command line, in quotes, to start")
    parser.add_argument("--sse", action="store_true", help="SERVER is the URL of an older HTTP+SSE server")
    parser.add_argument("--cwd", metavar="FOLDER", help="with --stdio: where the command starts")
    parser.add_argument(
        "--env",
        action="append",
        default=[],
        metavar="NAME[=VALUE]",
        help="with --stdio: a variable for the command; without a value, as it is here; repeatable",
    )
    parser.add_argument("--mode", default="auto", help="auto, stateless, handshake or a protocol version")
    parser.add_argument("--header", action="append", default=[], metavar="NAME:VALUE", help="for URLs; repeatable")
    add_auth_arguments(parser)
    parser.add_argument("--timeout", type=float, default=60.0, help="seconds to wait for each answer (60)")
    words = "rules that answer what the server asks (see resources/docs/inbox.md)"
    parser.add_argument("--answers", metavar="YAML", help=words)
    parser.add_argument("--stderr", action="store_true", help="show what the server writes to its stderr")
    parser.add_argument("--json", action="store_true", help="JSON, as the server sent it")
    add_interpreter_arguments(parser)


def with_client(options: argparse.Namespace, work: "Callable[[Client], Awaitable[int]]") -> int:
    """Connects, runs `work` and disconnects. Returns what `work` returns."""

    if options.auth and not options.server.startswith(("http://", "https://")):
        raise LaunchError("Only a URL is signed in to.", next_step="Give other servers their secrets with --env.")

    async def connected() -> int:
        from wireglass.client.client import Client

        on_stderr = _show if options.stderr else _hide
        client = Client(
            _transport(options),
            auth=auth_of(options),
            mode=options.mode,
            timeout=options.timeout,
            init_timeout=options.timeout,
            on_stderr=on_stderr,
            elicitation_handler=_ask if sys.stdin.isatty() else None,
            answers=options.answers,
        )
        try:
            async with client:
                return await work(client)
        except HttpStatusError as error:
            if error.status != 401 or options.auth:
                raise
            step = 'Sign in with --auth oauth, or give a token: --header "Authorization: Bearer ...".'
            raise LaunchError(error.message, next_step=step) from error

    return asyncio.run(connected())


def print_json(value: Any) -> None:
    """Indented, in the characters it was written in."""
    print(json.dumps(value, indent=2, ensure_ascii=False))


def _transport(options: argparse.Namespace) -> Any:
    server: str = options.server
    if options.stdio:
        return _command(server, options)
    if server.startswith(("http://", "https://")):
        from wireglass.client.transports import SSETransport, StreamableHttpTransport

        kind = SSETransport if options.sse else StreamableHttpTransport
        return kind(server, headers=_headers(options.header))
    if server.endswith(".json"):
        return _configured(Path(server))
    if _BARE_ADDRESS.fullmatch(server) and not Path(server).exists():
        raise LaunchError(f"{server} is an address without its scheme.", next_step=f"Write http://{server}")
    return _file_transport(options)


def _command(line: str, options: argparse.Namespace) -> Any:
    from wireglass.client.transports import StdioTransport

    try:
        words = shlex.split(line, posix=sys.platform != "win32")
    except ValueError as error:
        raise LaunchError(f"{line} cannot be read: {error}.", next_step="Check its quotes.") from error
    if not words:
        raise LaunchError("The command line is empty.", next_step="Write the command after --stdio, in quotes.")
    return StdioTransport(words[0], words[1:], env=_variables(options.env) or None, cwd=options.cwd)


def _variables(given: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for pair in given:
        name, equals, value = pair.partition("=")
        if not equals and name not in os.environ:
            raise LaunchError(
                f"The variable {name} is not set here.", next_step=f"Set it, or write --env {name}=VALUE."
            )
        found[name] = value if equals else os.environ[name]
    return found


def _file_transport(options: argparse.Namespace) -> Any:
    from wireglass.client.transports import StdioTransport
    from wireglass.launch.find import find_server
    from wireglass.launch.interpreter import choose
    from wireglass.launch.run import child_command

    finding = find_server(options.server)
    for problem in finding.errors:
        raise LaunchError(problem.text, next_step=problem.next_step)
    kind = None if options.runtime == "auto" else options.runtime
    interpreter = choose(finding, python=options.python, kind=kind)
    child = child_command(finding, interpreter, dialect=options.dialect, over_installed=options.runtime == "embedded")
    return StdioTransport(child.command, child.args, env=child.env, cwd=child.cwd)


def _configured(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise LaunchError(f"{path} cannot be read: {error.strerror}.", next_step="Check the path.") from error
    except ValueError as error:
        raise LaunchError(f"{path} is not JSON: {error}.", next_step="Correct the file.") from error


def _headers(given: list[str]) -> dict[str, str]:
    pairs = [header.partition(":") for header in given]
    wrong = next((name for name, colon, _ in pairs if not colon), None)
    if wrong is not None:
        raise LaunchError(f"--header {wrong} has no colon.", next_step="Write it as NAME:VALUE.")
    return {name.strip(): value.strip() for name, _, value in pairs}


def _show(line: str) -> None:
    sys.stderr.write(f"{line}\n")


def _hide(_line: str) -> None:
    """What a server writes there is not what was asked for; an error shows the end of it."""


async def _ask(message: str, response_type: Any, params: Any, context: Any) -> Any:
    """Asks on the terminal, field by field. An empty answer takes the default; ctrl-D declines."""
    schema = getattr(params, "requested_schema", None) or getattr(params, "requestedSchema", None) or {}
    sys.stderr.write(f"{message}\n")
    answers: dict[str, Any] = {}
    for name, field in dict(schema).get("properties", {}).items():
        default = field.get("default")
        choices = f" ({' | '.join(map(str, field['enum']))})" if "enum" in field else ""
        shown = f" [{default}]" if default is not None else ""
        try:
            text = await asyncio.to_thread(input, f"  {field.get('title', name)}{choices}{shown}: ")
        except EOFError:
            return {"action": "decline"}
        if text:
            answers[name] = text if field.get("type", "string") == "string" else _parsed(text)
        elif default is not None:
            answers[name] = default
    return {"action": "accept", "content": answers}


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
