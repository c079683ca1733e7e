"""Rules of components that servers for FastMCP 4 rely on."""

import asyncio
import functools
import json
import logging
import threading
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict, Field

from wireglass import Client, Context, FastMCP
from wireglass.errors import NotFoundError, RegistrationError, ResourceError, ToolError
from wireglass.middleware.base import Middleware
from wireglass.middleware.ping import PingMiddleware
from wireglass.protocol.content import TextContent
from wireglass.protocol.tools import CallToolResult
from wireglass.server.context import reset_transport, set_transport
from wireglass.server.injection import Depends
from wireglass.server.proxy import create_proxy
from wireglass.server.resource_results import ResourceContent, ResourceResult
from wireglass.server.resources import ResourceTemplate
from wireglass.server.tools import Tool

pytestmark = pytest.mark.anyio


class Issue(BaseModel):
    title: str
    parts: list["Issue"] = []


# Resources


async def test_a_resources_meta_is_on_every_part_and_the_parts_own_wins() -> None:
    mcp = FastMCP("x")

    @mcp.resource("data://{id}", meta={"team": "infra", "own": 0})
    def several(id: str) -> list[ResourceContent]:
        return [ResourceContent("a"), ResourceContent("b", meta={"own": 1})]

    async with Client(mcp) as client:
        parts = await client.read_resource("data://1")
    assert [part.meta for part in parts] == [{"team": "infra", "own": 0}, {"team": "infra", "own": 1}]


def test_a_list_in_a_query_is_split_at_commas() -> None:
    def search(category: str, tags: "list[str] | None" = None) -> str:
        return f"{category} {tags}"

    template = ResourceTemplate.from_function(search, "items://{category}{?tags}")
    assert template.matches("items://books?tags=a,b") == {"category": "books", "tags": ["a", "b"]}
    assert template.matches("items://books") == {"category": "books"}


async def test_a_boolean_in_a_uri_must_be_one() -> None:
    mcp = FastMCP("x")

    @mcp.resource("config://{name}{?on}")
    def config(name: str, on: bool = False) -> str:
        return f"{name} {on}"

    assert (await mcp.read_resource("config://a?on=true")).contents[0].content == "a True"
    with pytest.raises(ResourceError, match="Invalid boolean value for on: 'banana'"):
        await mcp.read_resource("config://a?on=banana")


async def test_a_resource_that_was_switched_off_is_not_served_by_a_template() -> None:
    backend = FastMCP("backend")

    @backend.resource("data://{name}")
    def by_name(name: str) -> str:
        return f"template {name}"

    @backend.resource("data://one")
    def one() -> str:
        return "one"

    gateway = FastMCP("gateway")
    gateway.mount(create_proxy(backend))
    gateway.disable(names={"data://one"}, components={"resource"})
    with pytest.raises(NotFoundError):
        await gateway.read_resource("data://one")
    assert (await gateway.read_resource("data://two")).contents[0].content == "template two"


def test_text_as_a_whole_result_has_a_type() -> None:
    assert ResourceResult("hello").contents[0].mime_type == "text/plain"
    assert ResourceResult(b"hello").contents[0].mime_type == "application/octet-stream"


def test_a_resource_with_arguments_hears_that_its_uri_needs_parameters() -> None:
    with pytest.raises(RegistrationError, match=r"URI template must contain at least one parameter"):
        FastMCP("x").resource("data://all")(_needs_one)


def _needs_one(name: str) -> str:
    return name


# Tools


def test_a_model_that_refers_to_itself_is_an_object_at_the_root() -> None:
    def issue() -> Issue:
        return Issue(title="x")

    schema = Tool.from_function(issue).output_schema
    assert schema is not None
    assert schema["type"] == "object"
    assert "$ref" not in schema
    assert "Issue" in schema["$defs"]


def test_a_protocol_result_comes_back_as_it_was_returned() -> None:
    given = CallToolResult(content=[TextContent(text="boom")], is_error=True)
    assert Tool.from_function(lambda: None, name="t").convert_result(given).to_mcp_result() is given


def test_a_partial_that_was_documented_keeps_its_own_words() -> None:
    def multiply(x: int, y: int) -> int:
        """Multiply.

        Args:
            x: Original.
        """
        return x * y

    double = functools.partial(multiply, y=2)
    assert Tool.from_function(double).name == "multiply"
    double.__doc__ = "Double it.\n\nArgs:\n    x: The number."
    tool = Tool.from_function(double)
    assert tool.description == "Double it."
    assert tool.parameters["properties"]["x"]["description"] == "The number."


async def test_what_a_thread_was_given_outlives_a_time_out() -> None:
    """A thread cannot be stopped: its database connection must not be closed under it."""
    events: list[str] = []
    running, may_end = threading.Event(), threading.Event()

    @contextmanager
    def connection() -> Generator[list[str], None, None]:
        events.append("opened")
        try:
            yield events
        finally:
            events.append("closed")

    mcp = FastMCP("x")

    @mcp.tool(timeout=0.5)
    def slow(state: list[str] = Depends(connection)) -> None:  # noqa: B008 - how dependencies are asked for
        running.set()
        may_end.wait(10)
        state.append("finished")

    call = asyncio.create_task(mcp.call_tool("slow"))
    await asyncio.to_thread(running.wait, 10)
    asyncio.get_running_loop().call_later(1.0, may_end.set)
    with pytest.raises(ToolError, match="timed out"):
        await call
    assert events == ["opened", "finished", "closed"]


async def test_not_finding_something_inside_a_tool_is_the_tools_failure() -> None:
    mcp = FastMCP("x")

    @mcp.tool
    async def look(ctx: Context) -> str:
        return str(await ctx.read_resource("data://gone"))

    async with Client(mcp) as client:
        result = await client.call_tool("look", raise_on_error=False)
        assert result.is_error
        assert "data://gone" in result.text


async def test_an_author_chooses_how_the_log_takes_a_failure(caplog: pytest.LogCaptureFixture) -> None:
    mcp = FastMCP("x")

    @mcp.tool
    def picky(level: int) -> None:
        raise ToolError("not that", log_level=level)

    for level in (logging.DEBUG, logging.WARNING):
        with caplog.at_level(logging.DEBUG, "wireglass.server"), pytest.raises(ToolError):
            await mcp.call_tool("picky", {"level": level})
    assert [record.levelno for record in caplog.records if "picky" in record.getMessage()] == [10, 30]


# Composition, context, pings


async def test_renamed_tools_of_a_mount_are_prefixed_in_dialect_4(monkeypatch: pytest.MonkeyPatch) -> None:
    child = FastMCP("child")
    child.tool(lambda: "ok", name="old")
    for dialect, expected in (("4", "pre_new"), ("2", "new")):
        monkeypatch.setenv("WIREGLASS_DIALECT", dialect)
        parent = FastMCP("parent")
        parent.mount(child, "pre", tool_names={"old": "new"})
        assert [tool.name for tool in await parent.list_tools()] == [expected]
    monkeypatch.setenv("WIREGLASS_DIALECT", "4")
    with pytest.raises(ValueError, match="duplicate target name"):
        FastMCP("other").mount(child, tool_names={"a": "same", "b": "same"})


async def test_the_transport_of_a_call_in_python_can_be_set() -> None:
    mcp = FastMCP("x")
    token = set_transport("stdio")
    assert Context(mcp).transport == "stdio"
    reset_transport(token)
    assert Context(mcp).transport is None


async def test_pings_go_to_handshake_sessions_until_they_end() -> None:
    middleware = PingMiddleware(interval_ms=10)
    mcp = FastMCP("x", middleware=[middleware])
    pinged = asyncio.Event()
    async with Client(mcp, mode="handshake") as client:
        original = client.session._result_of

        async def answer(event: object, item: object) -> dict[str, object]:
            pinged.set()
            return await original(event, item)  # type: ignore[arg-type]

        client.session._result_of = answer  # type: ignore[method-assign,assignment]
        await client.list_tools()
        await asyncio.wait_for(pinged.wait(), 30)
    for _ in range(1000):
        if not middleware._active_sessions:
            break
        await asyncio.sleep(0.01)
    assert not middleware._active_sessions
    with pytest.raises(ValueError, match="interval_ms must be positive"):
        PingMiddleware(interval_ms=0)


async def test_the_stateless_era_is_not_pinged() -> None:
    middleware = PingMiddleware(interval_ms=10)
    async with Client(FastMCP("x", middleware=[middleware]), mode="stateless") as client:
        await client.list_tools()
        assert not middleware._active_sessions


async def test_one_function_can_be_registered_on_several_servers() -> None:
    def shared(n: int) -> int:
        return n

    for name in ("first", "second"):
        mcp = FastMCP(name)
        mcp.tool(shared)
        assert (await mcp.call_tool("shared", {"n": 1})).structured_content == {"result": 1}


async def test_models_are_written_as_their_configuration_says_and_in_older_files_by_alias(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Plain(BaseModel):
        id: str = Field(alias="_id")

    class Aliased(BaseModel):
        model_config = ConfigDict(serialize_by_alias=True)
        value: str = Field(serialization_alias="theValue")

    class Both(BaseModel):
        plain: Plain
        aliased: Aliased

    def both() -> Both:
        return Both(plain=Plain(_id="1"), aliased=Aliased(value="2"))

    expected = {
        "4": {"plain": {"id": "1"}, "aliased": {"theValue": "2"}},
        "2": {"plain": {"_id": "1"}, "aliased": {"theValue": "2"}},
    }
    for dialect, result in expected.items():
        monkeypatch.setenv("WIREGLASS_DIALECT", dialect)
        mcp = FastMCP("x")
        mcp.tool(both)
        async with Client(mcp) as client:
            called = await client.call_tool("both")
            (tool,) = await client.list_tools()
        assert called.structured_content == result
        assert json.loads(called.text) == result
        shape = tool.output_schema or {}
        shown = {name: set(_members(shape, name)) for name in ("plain", "aliased")}
        assert shown == {name: set(members) for name, members in result.items()}


def _members(schema: dict[str, Any], name: str) -> dict[str, Any]:
    part = schema["properties"][name]
    return (schema["$defs"][part["$ref"].rpartition("/")[2]] if "$ref" in part else part)["properties"]


async def test_hooks_that_a_middleware_makes_up_are_called() -> None:
    seen: list[str] = []

    class Recorder(Middleware):
        def __getattribute__(self, name: str) -> Any:
            if not name.startswith("on_"):
                return super().__getattribute__(name)

            async def record(context: Any, call_next: Any) -> Any:
                seen.append(name)
                return await call_next(context)

            return record

    mcp = FastMCP("x", middleware=[Recorder()])
    mcp.prompt(lambda: "hi", name="greet")
    await mcp.render_prompt("greet")
    assert seen == ["on_message", "on_request", "on_get_prompt"]


@pytest.mark.parametrize(("given", "expected"), [({}, True), ({"show_banner": False}, False)])
async def test_serving_goes_through_the_method_of_its_transport(given: dict[str, Any], expected: bool) -> None:
    """Authors override `run_stdio_async`; `run` must not go around it."""
    served: list[dict[str, Any]] = []

    class Mine(FastMCP):
        async def run_stdio_async(self, **options: Any) -> None:
            served.append(options)

    await Mine("x").run_async("stdio", **given)
    assert served == [{"show_banner": expected, "log_level": None}]
