"""A call as something to paste elsewhere: JSON, a command line, Python client code, a pytest test. Pure.

What is copied runs as it is, and elsewhere where the server's file lies beside it. Values of headers and variables are
secrets as a rule: they are not copied, but taken from the environment of whoever runs it, under their own names.
"""

import json
import shlex
from pprint import pformat
from typing import Any

from wireglass_app.calls import Target
from wireglass_app.dossier.portable import Place, expression, home, place_of

__all__ = ["as_cli", "as_json", "as_pytest", "as_python", "server_words", "variable_of"]

_WIDE = 100
_NEW_LINE = "\n"


def as_json(method: str, params: dict[str, Any]) -> str:
    """The request as JSON-RPC, with an id to fill in."""
    return json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}, ensure_ascii=False, indent=2)


def as_cli(target: Target, name: str, arguments: dict[str, Any]) -> str:
    """`wireglass call …`."""
    return _call_line(target, name, json.dumps(arguments, ensure_ascii=False))


def _call_line(target: Target, name: str, given: str) -> str:
    return f"wireglass call {server_words(target)} {shlex.join([name, '--arguments', given])}"


def server_words(target: Target) -> str:
    """How `wireglass call` and `wireglass inspect` are told of a server."""
    if target.spec:
        words = shlex.quote(target.spec)
    elif target.kind == "stdio":
        parts = [shlex.join((target.command, *target.args)), *(["--cwd", target.cwd] if target.cwd else [])]
        words = shlex.join(["--stdio", *parts, *(word for name, _ in target.added for word in ("--env", name))])
    else:
        words = shlex.quote(target.url) + (" --sse" if target.kind == "sse" else "")
        words += " --auth oauth" if target.sign_in == "oauth" else ""
        words += "".join(f' --header "{name}: ${variable_of(name)}"' for name, _ in target.headers)
    return words + (f" --mode {target.mode}" if target.mode != "auto" else "")


def variable_of(header: str) -> str:
    """The variable that stands for a header's value: "X-Api-Key" is X_API_KEY."""
    return "".join(sign if sign.isalnum() else "_" for sign in header).upper()


def as_python(target: Target, name: str, arguments: dict[str, Any]) -> str:
    """A program with our client."""
    server, options = _server(target)
    return (
        f"{_head(target, arguments)}\n\n"
        "async def main() -> None:\n"
        f"    server = {server}\n"
        f"    async with Client(server{options}) as client:\n"
        f"        result = await client.call_tool({name!r}, ARGUMENTS, raise_on_error=False)\n"
        "        print(result)\n\n\n"
        "asyncio.run(main())\n"
    )


def as_pytest(target: Target, name: str, arguments: dict[str, Any]) -> str:
    """A test that the call succeeds. It needs no plugin of pytest."""
    function = "".join(letter if letter.isalnum() else "_" for letter in name).strip("_") or "tool"
    server, options = _server(target)
    return (
        f"{_head(target, arguments)}\n\n"
        f"def test_{function}() -> None:\n"
        "    async def call():\n"
        f"        server = {server.replace(_NEW_LINE, _NEW_LINE + '    ')}\n"
        f"        async with Client(server{options}) as client:\n"
        f"            return await client.call_tool({name!r}, ARGUMENTS, raise_on_error=False)\n\n"
        "    result = asyncio.run(call())\n"
        "    assert not result.is_error, result.content\n"
    )


def _head(target: Target, arguments: dict[str, Any]) -> str:
    """Imports and constants."""
    kind, place = _transport(target), _place(target)
    runs_here = kind == "StdioTransport" and expression(target.command, target, place) == "sys.executable"
    modules = ["asyncio", *(["os"] if place or target.added or target.headers else []), *(["sys"] if runs_here else [])]
    lines = [f"import {module}" for module in modules]
    lines += ["from pathlib import Path"] if place is not None else []
    lines += ["", "from wireglass import Client"]
    lines += [f"from wireglass.client.transports import {kind}"] if kind else []
    lines += ["", *(place.lines(home()) if place is not None else [])]
    lines.append(f"ARGUMENTS = {pformat(arguments, width=_WIDE - 12, sort_dicts=False)}")
    return "\n".join(lines) + "\n"


def _place(target: Target) -> Place | None:
    return place_of(target) if target.kind == "stdio" else None


def _transport(target: Target) -> str:
    """The class that is needed to say more than an address can."""
    if target.kind == "stdio":
        return "StdioTransport"
    return "SSETransport" if target.kind == "sse" else "StreamableHttpTransport" if target.headers else ""


def _server(target: Target) -> tuple[str, str]:
    """The expression of the server, and the client's further arguments."""
    kind, place = _transport(target), _place(target)
    options = ', auth="oauth"' if target.sign_in == "oauth" else ""
    options += f", mode={target.mode!r}" if target.mode != "auto" else ""
    if not kind:
        return repr(target.url), options
    if kind == "StdioTransport":
        words = ", ".join(expression(word, target, place) for word in target.args)
        parts = [expression(target.command, target, place), f"[{words}]"]
        parts += [f"env={_from_environment(target.added, plain=True)}"] if target.added else []
        parts += [f"cwd={expression(target.cwd, target, place)}"] if target.cwd else []
        parts += ["inherit_env=True"] if target.spec else []  # as the file runs in your own shell
    else:
        parts = [repr(target.url)]
        parts += [f"headers={_from_environment(target.headers, plain=False)}"] if target.headers else []
    return _call(kind, parts), options


def _call(function: str, parts: list[str]) -> str:
    """On one line where that is not too long."""
    line = f"{function}({', '.join(parts)})"
    if len(line) <= _WIDE:
        return line
    return f"{function}({_NEW_LINE}        " + f",{_NEW_LINE}        ".join(parts) + f",{_NEW_LINE}    )"


def _from_environment(pairs: tuple[tuple[str, str], ...], *, plain: bool) -> str:
    named = ", ".join(f"{name!r}: os.environ[{(name if plain else variable_of(name))!r}]" for name, _ in pairs)
    return f"{{{named}}}"
