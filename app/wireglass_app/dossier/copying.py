"""A call as something to paste elsewhere: JSON, a command line, Python client code, a pytest test. Pure.

What is copied runs as it is. Values of headers and variables are secrets as a rule: they are not copied, but taken from
the environment of whoever runs it, under their own names.
"""

import json
import shlex
from typing import Any

from wireglass_app.calls import Target

__all__ = ["as_cli", "as_json", "as_pytest", "as_python", "server_words", "variable_of"]


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
    return (
        f"import asyncio\n{_imports(target)}\n\n"
        "async def main() -> None:\n"
        f"    async with Client({_where(target)}) as client:\n"
        f"        result = await client.call_tool({name!r}, {arguments!r}, raise_on_error=False)\n"
        "        print(result)\n\n\n"
        "asyncio.run(main())\n"
    )


def as_pytest(target: Target, name: str, arguments: dict[str, Any]) -> str:
    """A test that the call succeeds. It needs no plugin of pytest."""
    function = "".join(letter if letter.isalnum() else "_" for letter in name).strip("_") or "tool"
    return (
        f"import asyncio\n{_imports(target)}\n\n"
        f"def test_{function}() -> None:\n"
        "    async def call():\n"
        f"        async with Client({_where(target)}) as client:\n"
        f"            return await client.call_tool({name!r}, {arguments!r}, raise_on_error=False)\n\n"
        "    result = asyncio.run(call())\n"
        "    assert not result.is_error, result.content\n"
    )


def _imports(target: Target) -> str:
    lines = ["import os\n"] if (target.added or target.headers) else []
    lines.append("\nfrom wireglass import Client\n")
    kind = _transport(target)
    lines.append(f"from wireglass.client.transports import {kind}\n" if kind else "")
    return "".join(lines)


def _transport(target: Target) -> str:
    """The class that is needed to say more than an address can."""
    if target.kind == "stdio":
        return "StdioTransport"
    return "SSETransport" if target.kind == "sse" else "StreamableHttpTransport" if target.headers else ""


def _where(target: Target) -> str:
    kind = _transport(target)
    mode = f", mode={target.mode!r}" if target.mode != "auto" else ""
    mode = (', auth="oauth"' if target.sign_in == "oauth" else "") + mode
    if not kind:
        return repr(target.url) + mode
    if kind == "StdioTransport":
        parts = [repr(target.command), repr(list(target.args))]
        parts += [f"env={_from_environment(target.added, plain=True)}"] if target.added else []
        parts += [f"cwd={target.cwd!r}"] if target.cwd else []
        parts += ["inherit_env=True"] if target.spec else []  # as the file runs in your own shell
    else:
        parts = [repr(target.url)]
        parts += [f"headers={_from_environment(target.headers, plain=False)}"] if target.headers else []
    return f"{kind}({', '.join(parts)}){mode}"


def _from_environment(pairs: tuple[tuple[str, str], ...], *, plain: bool) -> str:
    named = ", ".join(f"{name!r}: os.environ[{(name if plain else variable_of(name))!r}]" for name, _ in pairs)
    return f"{{{named}}}"
