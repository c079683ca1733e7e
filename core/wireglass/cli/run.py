"""`wireglass run FILE[:NAME]`: serves a file over stdio or HTTP, in the interpreter that it needs.

What a JSON file says (`fastmcp.json`, `mcpServers`) is read by `run_json`.
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wireglass.errors import LaunchError

if TYPE_CHECKING:
    from wireglass.launch.find import ServerFinding
    from wireglass.launch.interpreter import Interpreter

__all__ = ["add_arguments", "run", "run_file", "serve"]

_DIALECTS = ("R", "1", "2", "4")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The file, how to serve it and who runs it."""
    parser.add_argument(
        "spec",
        nargs="?",
        metavar="FILE[:NAME]",
        help="the server's file, of which mcp, server or app is served, or NAME; a fastmcp.json (looked for in this "
        "folder when nothing is named); a file with mcpServers or a URL, which are served as one server",
    )
    parser.add_argument("--transport", choices=["stdio", "http", "streamable-http", "sse"], help="stdio unless given")
    parser.add_argument("--host", help="for HTTP; 127.0.0.1 unless given")
    parser.add_argument("--port", type=int, help="for HTTP; 8000 unless given")
    parser.add_argument("--path", help="for HTTP; /mcp unless given")
    parser.add_argument("--workers", type=int, default=1, help="processes that answer HTTP requests")
    parser.add_argument("--reload", action="store_true", help="start again when the file or its own modules change")
    add_interpreter_arguments(parser)
    parser.add_argument("--skip-env", action="store_true", help="without the environment that a fastmcp.json asks for")
    parser.add_argument("--log-level", help="DEBUG, INFO, WARNING or ERROR")
    parser.add_argument("arguments", nargs="*", metavar="-- ARGS", help="passed on to the file")


def add_interpreter_arguments(parser: argparse.ArgumentParser) -> None:
    """Who runs the file; the same words for every command that starts one."""
    parser.add_argument("--python", metavar="PATH", help="an interpreter or a virtual environment")
    parser.add_argument(
        "--runtime",
        choices=["auto", "project", "uv", "embedded"],
        default="auto",
        help="embedded: our runtime, even where fastmcp is installed",
    )
    parser.add_argument("--dialect", choices=_DIALECTS, help="instead of what the file and its pins tell")


def run(options: argparse.Namespace) -> int:
    """Serves until it is stopped. Returns the server's exit status."""
    from wireglass.cli import run_json

    if options.spec is None:
        options.spec = run_json.project_file_here()
    if options.reload:
        return _run_with_reload(options)
    factories = False
    if run_json.is_url(options.spec):
        return run_json.serve_url(options)
    if run_json.is_json(options.spec):
        if run_json.has_servers(options.spec):
            return run_json.serve_config(options)
        from wireglass.launch.run import serve_script

        environment = run_json.apply_project_file(options)
        if environment is not None:
            command = ["python", str(serve_script()), *_serve_words(options), options.spec, *options.arguments]
            return _become(tuple(environment.build_command(command)))
        factories = True
    return run_file(options, factories=factories)


def run_file(options: argparse.Namespace, *, factories: bool = False) -> int:
    """Serves a Python file. With `factories`, the name may be a function that makes the server."""
    from wireglass.launch.find import find_server
    from wireglass.launch.interpreter import choose

    finding = find_server(options.spec)
    for problem in finding.errors:
        if not (factories and finding.explicit_name is True):
            raise LaunchError(problem.text, next_step=problem.next_step)
    kind = None if options.runtime == "auto" else options.runtime
    interpreter = choose(finding, python=options.python, kind=kind)
    if options.log_level:
        os.environ["FASTMCP_LOG_LEVEL"] = options.log_level.upper()
    if finding.problems and not factories:  # nothing to load: the file serves itself
        return _run_script(finding, interpreter, options)
    if interpreter.kind == "embedded":
        return _serve_here(options, options.dialect or finding.dialect, factories=factories)
    if options.workers > 1:
        raise LaunchError("Several workers need our own runtime.", next_step="Add --runtime embedded.")
    from wireglass.launch.run import serving_command

    return _become(serving_command(finding, interpreter, serve=_serve_words(options), arguments=options.arguments).line)


def _run_script(finding: "ServerFinding", interpreter: "Interpreter", options: argparse.Namespace) -> int:
    from wireglass.launch.run import child_command

    if options.transport not in (None, "stdio") or options.workers > 1:
        raise LaunchError(
            f"{finding.problems[0].text} So it decides itself how it serves.",
            next_step="Make the server object at module level, or pass the file's own arguments after --.",
        )
    return _become(child_command(finding, interpreter, arguments=options.arguments, dialect=options.dialect).line)


def _serve_here(options: argparse.Namespace, dialect: str, *, factories: bool) -> int:
    from wireglass.compat.__main__ import print_failure, switch_on
    from wireglass.compat.loader import load_server
    from wireglass.launch.find import split_spec

    first = options.runtime == "embedded"
    transport = options.transport or "stdio"
    if options.workers > 1:
        from wireglass.compat.asgi import serve_workers

        return serve_workers(
            options.spec,
            dialect,
            first=first,
            workers=options.workers,
            transport=transport,
            host=options.host,
            port=options.port,
            path=options.path,
        )
    switch_on(dialect, first=first)
    path, name = split_spec(options.spec)
    try:
        server = load_server(path.expanduser().absolute(), name, options.arguments, factories=factories)
    except LaunchError:
        raise
    except Exception as error:
        print_failure(error)
        return 1
    serve(server, options)
    return 0


def serve(server: Any, options: argparse.Namespace) -> None:
    """Runs a server of this process as the options say."""
    if (options.transport or "stdio") == "stdio":
        server.run(transport="stdio", show_banner=False)
        return
    given = {key: getattr(options, key) for key in ("host", "port", "path") if getattr(options, key) is not None}
    server.run(transport=options.transport, show_banner=False, **given)


def _serve_words(options: argparse.Namespace) -> list[str]:
    words = ["--transport", options.transport or "stdio"]
    for name in ("host", "port", "path"):
        value = getattr(options, name)
        if value is not None:
            words += [f"--{name}", str(value)]
    return words


def _become(line: tuple[str, ...]) -> int:
    """Our whole environment goes along: the user typed the command in their own shell, as with `python FILE`."""
    if sys.platform != "win32":
        os.execv(line[0], line)
    return subprocess.call(line)


def _run_with_reload(options: argparse.Namespace) -> int:
    import asyncio

    from wireglass.cli import run_json
    from wireglass.launch.find import split_spec

    spec = run_json.source_of(options.spec) if run_json.is_json(options.spec) else options.spec
    path, _ = split_spec(spec)
    return asyncio.run(_supervise(path.expanduser().absolute()))


async def _supervise(path: Path) -> int:
    """Runs ourselves without --reload, again after each change. A server that failed waits for the next change."""
    import asyncio
    import signal

    from wireglass.launch.watch import changes

    words = [word for word in sys.argv[1:] if word != "--reload"]
    saved = changes(path)
    told = asyncio.Event()
    if sys.platform != "win32":
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, told.set)
    while True:
        child = await asyncio.create_subprocess_exec(sys.executable, "-m", "wireglass.cli.main", *words)
        change = asyncio.ensure_future(anext(saved))
        ended = asyncio.ensure_future(child.wait())
        stop = asyncio.ensure_future(told.wait())
        try:
            await asyncio.wait({change, ended, stop}, return_when=asyncio.FIRST_COMPLETED)
            if ended.done() and ended.result() == 0:
                return 0
            if ended.done() and not stop.done():
                sys.stderr.write("The server ended; it starts again when a file is saved.\n")
                await asyncio.wait({change, stop}, return_when=asyncio.FIRST_COMPLETED)
            if stop.done():
                return 128 + signal.SIGTERM
            names = ", ".join(sorted(file.name for file in change.result()))
            sys.stderr.write(f"{names} changed; starting again.\n")
        finally:
            change.cancel()
            stop.cancel()
            if child.returncode is None:
                child.terminate()
                await child.wait()
