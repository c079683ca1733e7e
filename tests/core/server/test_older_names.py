"""What servers of 1.x and 2.x call on their server object."""

import warnings
from typing import Any

import pytest

from wireglass import Client, Context, FastMCP
from wireglass.compat.shims.uri_names import (
    add_resource_prefix,
    has_resource_prefix,
    match_uri_template,
    remove_resource_prefix,
)
from wireglass.errors import McpError, NotFoundError
from wireglass.server.managers import PromptManager, ResourceManager, ToolManager
from wireglass.server.prompts import Message, Prompt
from wireglass.server.resources import Resource, ResourceTemplate
from wireglass.server.tools import Tool
from wireglass.server.transforms.tool_transform import ToolTransformConfig

pytestmark = pytest.mark.anyio


def add(a: int, b: int = 1) -> int:
    """Adds."""
    return a + b


def hello(name: str = "you") -> str:
    return f"Hello, {name}"


def greeting() -> str:
    return "hi"


def desk() -> FastMCP:
    mcp = FastMCP("desk")
    mcp.tool(add)
    mcp.resource("data://greeting")(greeting)
    mcp.resource("data://{name}/greeting")(hello)
    mcp.prompt(hello)
    return mcp


async def test_components_come_by_name_also_those_that_are_off() -> None:
    mcp = desk()
    child = FastMCP("child")
    child.tool(hello)
    mcp.mount(child, prefix="sub")
    mcp.disable(names={"add"})
    assert list(await mcp.get_tools()) == ["add", "sub_hello"]
    assert list(await mcp.get_resources()) == ["data://greeting"]
    assert list(await mcp.get_resource_templates()) == ["data://{name}/greeting"]
    assert list(await mcp.get_prompts()) == ["hello"]
    assert [tool.name for tool in await mcp.list_tools()] == ["sub_hello"]


@pytest.mark.parametrize("look_up", ["get_tool", "get_resource", "get_resource_template", "get_prompt"])
async def test_nothing_found_is_an_error_in_dialect_2_only(look_up: str, monkeypatch: pytest.MonkeyPatch) -> None:
    mcp = desk()
    assert await getattr(mcp, look_up)("x://missing") is None
    monkeypatch.setenv("WIREGLASS_DIALECT", "2")
    with pytest.raises(NotFoundError, match="missing"):
        await getattr(mcp, look_up)("x://missing")
    async with Client(mcp) as client:  # the protocol answers as ever
        with pytest.raises(McpError, match="Unknown tool"):
            await client.call_tool("missing", {})


async def test_contexts_and_servers_may_have_type_parameters() -> None:
    """The 1.x SDK's own documentation writes `Context[ServerSession, AppContext]`."""
    mcp = FastMCP[Any]("generic")

    @mcp.tool
    async def who(ctx: Context[Any, Any]) -> str:
        return ctx.fastmcp.name

    @mcp.tool
    async def maybe(ctx: Context[Any, Any, Any] | None = None) -> bool:
        return ctx is not None

    async with Client(mcp) as client:
        assert (await client.call_tool("who", {})).data == "generic"
        assert (await client.call_tool("maybe", {})).data is True


def test_settings_are_those_that_were_given_and_can_be_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FASTMCP_LOG_LEVEL", "ERROR")
    mcp = FastMCP("s", host="0.0.0.0")
    with pytest.deprecated_call(match="run"):
        settings = mcp.settings
    assert (settings.host, settings.port, settings.log_level) == ("0.0.0.0", 8000, "ERROR")
    settings.streamable_http_path = "/here"
    assert mcp.streamable_http_app().state.path == "/here"
    with pytest.raises(AttributeError, match="colour"):
        _ = settings.colour


def test_settings_are_ordinary_in_dialect_1(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WIREGLASS_DIALECT", "1")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        FastMCP("s").settings.port = 9000


async def test_apps_and_ways_to_serve_have_their_old_names(monkeypatch: pytest.MonkeyPatch) -> None:
    mcp = desk()
    assert mcp.sse_app().state.transport_type == "sse"
    served: list[Any] = []

    async def run(server: Any, transport: Any, options: Any) -> None:
        served.append((transport, options))

    monkeypatch.setattr("wireglass.server.serving.serve_http", run)
    await mcp.run_sse_async()
    await mcp.run_streamable_http_async(port=9)
    assert served == [("sse", {}), ("streamable-http", {"port": 9})]
    async with mcp.session_manager.run():
        assert mcp.is_running


async def test_a_transformation_can_be_taken_back() -> None:
    mcp = desk()
    mcp.add_tool_transformation("add", ToolTransformConfig(name="plus"))
    assert list(await mcp.get_tools()) == ["plus"]
    mcp.remove_tool_transformation("add")
    assert list(await mcp.get_tools()) == ["add"]


async def test_functions_are_added_with_options() -> None:
    mcp = FastMCP("options")
    mcp.add_tool(add, name="plus", description="Puts together.")
    mcp.add_resource_fn(greeting, "data://hi")
    (tool,) = await mcp.list_tools()
    assert (tool.name, tool.description) == ("plus", "Puts together.")
    assert (await mcp.read_resource("data://hi")).contents[0].content == "hi"
    assert FastMCP.generate_name("x").startswith("FastMCP-x-")


# Managers


async def test_a_servers_managers_are_its_components() -> None:
    mcp = desk()
    assert list(mcp._tool_manager._tools) == ["add"]
    assert list(await mcp._resource_manager.get_resources()) == ["data://greeting"]
    assert list(mcp._resource_manager._templates) == ["data://{name}/greeting"]
    assert list(mcp._prompt_manager._prompts) == ["hello"]
    mcp._tool_manager.add_tool(Tool.from_function(hello))
    assert [tool.name for tool in await mcp.list_tools()] == ["add", "hello"]


async def test_tools_are_kept_called_and_removed() -> None:
    manager = ToolManager()
    manager.add_tool_from_fn(add, name="plus")
    assert await manager.has_tool("plus")
    assert (await manager.get_tool("plus")).description == "Adds."
    assert [tool.name for tool in manager.list_tools()] == ["plus"]
    assert (await manager.call_tool("plus", {"a": 2})).structured_content == {"result": 3}
    manager.remove_tool("plus")
    with pytest.raises(NotFoundError, match="plus"):
        await manager.get_tool("plus")
    with pytest.raises(NotFoundError, match="plus"):
        await manager.call_tool("plus", {})


@pytest.mark.parametrize(
    ("behaviour", "kept"), [("warn", "second"), ("replace", "second"), ("ignore", "first"), (None, "second")]
)
async def test_duplicates_are_taken_as_one_likes(
    behaviour: str | None, kept: str, caplog: pytest.LogCaptureFixture
) -> None:
    manager = ToolManager(duplicate_behavior=behaviour)
    for description in ("first", "second"):
        manager.add_tool(Tool.from_function(add, description=description))
    assert (await manager.get_tool("add")).description == kept
    assert ("Tool already exists: add" in caplog.text) == (behaviour in ("warn", None))


def test_duplicates_may_be_errors() -> None:
    manager = PromptManager(duplicate_behavior="error")
    manager.add_prompt(Prompt.from_function(hello))
    with pytest.raises(ValueError, match="Prompt already exists: hello"):
        manager.add_prompt_from_fn(hello)
    with pytest.raises(ValueError, match="duplicate_behavior"):
        PromptManager(duplicate_behavior="shout")


async def test_resources_and_prompts_are_kept_and_used() -> None:
    resources = ResourceManager()
    resources.add_resource(Resource.from_function(greeting, "data://hi"))
    resources.add_template(ResourceTemplate.from_function(hello, "data://{name}/hi"))
    resources.add_resource_or_template_from_fn(hello, "more://{name}")
    assert await resources.has_resource("data://Ada/hi")
    assert not await resources.has_resource("data://nothing/at/all")
    assert await resources.read_resource("data://Ada/hi") == "Hello, Ada"
    made = await resources.get_resource("data://Ada/hi")
    assert (made.uri, await made.read()) == ("data://Ada/hi", "Hello, Ada")
    with pytest.raises(NotFoundError, match="none://"):
        await resources.get_resource("none://")
    prompts = PromptManager()
    prompts.add_prompt_from_fn(hello)
    rendered = await prompts.render_prompt("hello", {"name": "Ada"})
    assert rendered.messages[0].content.text == "Hello, Ada"
    with pytest.raises(NotFoundError, match="bye"):
        await prompts.get_prompt("bye")


# URIs


def test_prefixes_go_into_the_path() -> None:
    assert add_resource_prefix("data://a/b", "p") == "data://p/a/b"
    assert add_resource_prefix("data://a/b", "p", "protocol") == "p+data://a/b"
    assert remove_resource_prefix("data://p/a/b", "p") == "data://a/b"
    assert remove_resource_prefix("data://other/a", "p") == "data://other/a"
    assert has_resource_prefix("data://p/a", "p")
    assert not has_resource_prefix("data://a/p", "p")
    with pytest.raises(ValueError, match="Invalid URI"):
        add_resource_prefix("no uri", "p")


def test_templates_match_uris() -> None:
    assert match_uri_template("a://x/y", "a://{p*}") == {"p": "x/y"}
    assert match_uri_template("b://x", "a://{p}") is None
    assert match_uri_template("a://x/y", "a://{p}{p}") is None


async def test_tags_are_listed_under_the_key_of_the_dialect(monkeypatch: pytest.MonkeyPatch) -> None:
    mcp = FastMCP("tags")
    mcp.tool(add, tags={"math"}, meta={"own": 1})
    async with Client(mcp) as client:
        assert (await client.list_tools())[0].meta == {"own": 1, "fastmcp": {"tags": ["math"]}}
        monkeypatch.setenv("WIREGLASS_DIALECT", "2")
        assert (await client.list_tools())[0].meta == {"own": 1, "_fastmcp": {"tags": ["math"]}}
    (tool,) = (await mcp.get_tools()).values()
    assert tool.get_meta(include_fastmcp_meta=False) == {"own": 1}


async def test_templates_keep_what_their_docstrings_say_of_parameters() -> None:
    """A template's parameters have no descriptions on the wire; a tool's have, so that its own text need not."""

    def documented(name: str) -> str:
        """Greets.

        Args:
            name: who
        """
        return name

    template = ResourceTemplate.from_function(documented, "data://{name}")
    assert template.description == "Greets.\n\nArgs:\n    name: who"
    assert Tool.from_function(documented).description == "Greets."


async def test_dialect_2_prefixes_the_names_of_mounted_resources_too(monkeypatch: pytest.MonkeyPatch) -> None:
    mcp = FastMCP("parent")
    mcp.mount(desk(), prefix="sub")
    async with Client(mcp) as client:
        assert [item.name for item in await client.list_resources()] == ["greeting"]
        monkeypatch.setenv("WIREGLASS_DIALECT", "2")
        assert [item.name for item in await client.list_resources()] == ["sub_greeting"]
        assert [item.name for item in await client.list_resource_templates()] == ["sub_hello"]


async def test_a_copy_may_have_a_key_of_its_own() -> None:
    tool = Tool.from_function(add).model_copy(key="other")
    assert tool.key == "other"
    assert tool.model_copy(update={"description": "x"}).key == "other"
    assert tool.model_copy(update={"name": "plus"}).key == "tool:plus@"


async def test_a_rendered_prompt_is_also_the_list_of_its_messages() -> None:
    result = await Prompt.from_function(hello).render_result({"name": "Ada"})
    assert len(result) == 1
    assert result[0].content.text == "Hello, Ada"
    assert result == [Message("Hello, Ada")]
    assert result != [Message("Hello, Bob")]
    assert result != []


async def test_importing_a_proxied_server_waits_for_it() -> None:
    """The import begins at once and has to wait for the other side; awaiting it goes on where it stands."""
    mcp = FastMCP("parent")
    await mcp.import_server(FastMCP.as_proxy(Client(desk())), prefix="far")
    assert [tool.name for tool in await mcp.list_tools()] == ["far_add"]
    assert (await mcp.call_tool("far_add", {"a": 1})).structured_content == {"result": 2}


@pytest.mark.parametrize(("dialect", "stateless"), [("1", False), ("2", False), ("4", True), ("R", True)])
async def test_clients_of_older_programs_shake_hands(
    dialect: str, stateless: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They read `initialize_result`, which nothing else gives; a mode that is named counts in every dialect."""
    monkeypatch.setenv("WIREGLASS_DIALECT", dialect)
    async with Client(desk()) as client:
        assert client.facts.stateless is stateless
    async with Client(desk(), mode="stateless") as client:
        assert client.facts.stateless
