"""One tour of `any_server.py`, taken with the client of `fastmcp` (2.x, 4.x) or `mcp` (1.x, 2.x); prints it as JSON.

python any_client.py PACKAGE http URL
python any_client.py PACKAGE stdio COMMAND ARGUMENT...
"""

import asyncio
import json
import sys
from contextlib import asynccontextmanager
from typing import Any

PACKAGE, TRANSPORT, *WHERE = sys.argv[1:]
ARGUMENTS = {
    "text": "hi",
    "count": 3,
    "ratio": 0.5,
    "flag": True,
    "level": "low",
    "tags": ["a", "b"],
    "extra": {"k": [1, None]},
}


@asynccontextmanager
async def connected() -> Any:
    if PACKAGE == "fastmcp":
        from fastmcp import Client
        from fastmcp.client.transports import StdioTransport

        target = WHERE[0] if TRANSPORT == "http" else StdioTransport(WHERE[0], WHERE[1:])
        async with Client(target) as client:
            yield client
        return
    from mcp import StdioServerParameters

    parameters = StdioServerParameters(command=WHERE[0], args=WHERE[1:])
    try:
        from mcp import Client
    except ImportError:
        async with _session_of_1(parameters) as session:
            yield session
        return
    async with Client(WHERE[0] if TRANSPORT == "http" else parameters) as client:
        yield client


@asynccontextmanager
async def _session_of_1(parameters: Any) -> Any:
    from mcp import ClientSession, stdio_client
    from mcp.client.streamable_http import streamablehttp_client

    opened = streamablehttp_client(WHERE[0]) if TRANSPORT == "http" else stdio_client(parameters)
    async with opened as streams, ClientSession(streams[0], streams[1]) as session:
        await session.initialize()
        yield session


def listed(result: Any, *names: str) -> list[Any]:
    """The list inside a result: lists themselves, or the member under any of its names."""
    if isinstance(result, list):
        return result
    return next(getattr(result, name) for name in names if hasattr(result, name))


async def call(client: Any, name: str, arguments: dict[str, Any]) -> tuple[bool, str]:
    try:
        result = await client.call_tool(name, arguments)
    except Exception as error:
        if PACKAGE == "fastmcp" and type(error).__name__ == "ToolError":
            return True, str(error)
        raise
    failed = getattr(result, "is_error", None) or getattr(result, "isError", False)
    return bool(failed), result.content[0].text


async def main() -> None:
    async with connected() as client:
        templates = await client.list_resource_templates()
        contents = listed(await client.read_resource("data://fixed"), "contents")
        of_item = listed(await client.read_resource("data://item/nine"), "contents")
        prompt = await client.get_prompt("greet", {"name": "Ada"})
        tour = {
            "tools": sorted(tool.name for tool in listed(await client.list_tools(), "tools")),
            "resources": [str(one.uri) for one in listed(await client.list_resources(), "resources")],
            "templates": [
                getattr(one, "uriTemplate", None) or one.uri_template
                for one in listed(templates, "resource_templates", "resourceTemplates")
            ],
            "prompts": [one.name for one in listed(await client.list_prompts(), "prompts")],
            "every_kind": await call(client, "every_kind", ARGUMENTS),
            "fail": await call(client, "fail", {}),
            "fixed": contents[0].text,
            "item": of_item[0].text,
            "greet": prompt.messages[0].content.text,
        }
    print(json.dumps(tour))


asyncio.run(main())
