"""A call as something to paste elsewhere: JSON, a command line, Python client code, a pytest test. Pure."""

import json
import shlex
from typing import Any

from wireglass_app.calls import Target

__all__ = ["as_cli", "as_json", "as_pytest", "as_python"]


def as_json(method: str, params: dict[str, Any]) -> str:
    """The request as JSON-RPC, with an id to fill in."""
    return json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}, ensure_ascii=False, indent=2)


def as_cli(target: Target, name: str, arguments: dict[str, Any]) -> str:
    """`wireglass call …`."""
    where = [target.spec or target.url] if target.spec or target.url else []
    tail = [] if where else ["--", target.command, *target.args]
    given = json.dumps(arguments, ensure_ascii=False)
    return shlex.join(["wireglass", "call", *where, name, "--json", given, *tail])


def as_python(target: Target, name: str, arguments: dict[str, Any]) -> str:
    """A program with our client."""
    return (
        "import asyncio\n\n"
        f"from wireglass import Client\n{_extra_import(target)}\n\n"
        "async def main() -> None:\n"
        f"    async with Client({_where(target)}) as client:\n"
        f"        result = await client.call_tool({name!r}, {arguments!r})\n"
        "        print(result)\n\n\n"
        "asyncio.run(main())\n"
    )


def as_pytest(target: Target, name: str, arguments: dict[str, Any]) -> str:
    """A test that the call succeeds."""
    function = "".join(letter if letter.isalnum() else "_" for letter in name).strip("_") or "tool"
    return (
        "import pytest\n\n"
        f"from wireglass import Client\n{_extra_import(target)}\n\n"
        "@pytest.mark.anyio\n"
        f"async def test_{function}() -> None:\n"
        f"    async with Client({_where(target)}) as client:\n"
        f"        result = await client.call_tool({name!r}, {arguments!r}, raise_on_error=False)\n"
        "        assert not result.is_error\n"
    )


def _extra_import(target: Target) -> str:
    return "from wireglass.client.transports import StdioTransport\n" if not (target.spec or target.url) else ""


def _where(target: Target) -> str:
    if target.spec or target.url:
        return repr(target.spec or target.url)
    return f"StdioTransport({target.command!r}, {list(target.args)!r})"
