"""Servers that ask their client for everything there is, on `fastmcp` (2.x, 4.x) and `mcp` (2.x).

python asking_server.py fastmcp | mcp
"""

import sys
from dataclasses import dataclass
from enum import Enum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

PACKAGE = sys.argv[1]


class Colour(Enum):
    red = "red"
    green = "green"


@dataclass
class Person:
    name: str
    age: int = 3


class Order(BaseModel):
    item: str = Field(title="Item", min_length=2)
    count: int = Field(default=2, ge=1, le=9)
    gift: bool = False
    size: Literal["s", "m", "l"] = "m"


KINDS: dict[str, Any] = {
    "text": str,
    "whole": int,
    "yes": bool,
    "literal": Literal["one", "two"],
    "enum": Colour,
    "data": Person,
    "model": Order,
    "listed": ["x", "y", "z"],
}


def fastmcp_server() -> Any:
    from fastmcp import Context, FastMCP

    server = FastMCP("asking")

    def add(name: str, kind: Any) -> None:
        async def ask(ctx: Context) -> str:
            answer = await ctx.elicit(f"Give me {name}", response_type=kind)
            return f"{answer.action} {getattr(answer, 'data', None)!r}"

        server.tool(ask, name=name)

    for name, kind in KINDS.items():
        add(name, kind)

    if hasattr(Context, "sample"):

        @server.tool
        async def sample(ctx: Context) -> str:
            return (await ctx.sample("Say hi", system_prompt="Be brief", max_tokens=9)).text

    else:
        _add_guards(server, Context)
    return server


def _add_guards(server: Any, context: Any) -> None:
    """fastmcp 4: sampling through the session, and rounds of 2026-07-28 by returning what is asked for."""
    import mcp_types as types

    message = types.SamplingMessage(role="user", content=types.TextContent(text="Say hi"))
    scan = types.Tool(name="scan", input_schema={"type": "object", "properties": {"id": {"type": "string"}}})

    async def sample_with_tools(ctx: context) -> str:  # type: ignore[valid-type]  # the Context of that package
        answer = await ctx.session.create_message(
            [message], max_tokens=9, tools=[scan], tool_choice=types.ToolChoice(mode="required")
        )
        blocks = answer.content if isinstance(answer.content, list) else [answer.content]
        return f"{answer.stop_reason} {blocks[0].name} {blocks[0].input}"

    async def rounds(ctx: context) -> Any:  # type: ignore[valid-type]  # as above
        given = ctx.input_responses or {}
        if "name" not in given or "hello" not in given:
            form = types.ElicitRequestFormParams(
                message="Who?",
                requested_schema={"type": "object", "properties": {"n": {"type": "string"}}, "required": ["n"]},
            )
            sampling = types.CreateMessageRequestParams(messages=[message], max_tokens=9)
            return types.InputRequiredResult(
                input_requests={
                    "name": types.ElicitRequest(params=form),
                    "hello": types.CreateMessageRequest(params=sampling),
                },
                request_state="s1",
            )
        return f"{given['hello'].content.text} {given['name'].content['n']}"

    server.tool(sample_with_tools)
    server.tool(rounds)


def mcp_server() -> Any:
    from mcp.server import MCPServer
    from mcp.server.mcpserver import resolve
    from mcp_types import CreateMessageResult, ListRootsResult, SamplingMessage, TextContent

    server = MCPServer("asking")

    def order() -> resolve.Elicit[Order]:
        return resolve.Elicit("What do you want?", Order)

    def hello() -> resolve.Sample:
        return resolve.Sample([SamplingMessage(role="user", content=TextContent(text="Say hi"))], max_tokens=9)

    def roots() -> resolve.ListRoots:
        return resolve.ListRoots()

    @server.tool()
    async def everything(
        order: Annotated[Order, resolve.Resolve(order)],
        hello: Annotated[CreateMessageResult, resolve.Resolve(hello)],
        roots: Annotated[ListRootsResult, resolve.Resolve(roots)],
    ) -> str:
        return f"{hello.content.text} {order.item} {order.count} {[str(root.uri) for root in roots.roots]}"

    return server


server = fastmcp_server() if PACKAGE == "fastmcp" else mcp_server()
server.run(transport="stdio")
