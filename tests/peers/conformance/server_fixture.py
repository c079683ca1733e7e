"""The server that the official conformance suites test: every tool, resource and prompt that their scenarios name.

Run as `python server_fixture.py PORT`. It is written on the public API of the runtime; where the suites demand exact
wire shapes it uses the lower-level forms (`ctx.ask`, `InputRequiredResult`).
"""

import asyncio
import base64
import struct
import sys
import zlib
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from wireglass import Context, FastMCP
from wireglass.errors import INVALID_PARAMS, MISSING_CLIENT_CAPABILITY, McpError, ToolError
from wireglass.protocol.inputs import InputRequiredResult
from wireglass.server.components import TaskConfig
from wireglass.server.prompts import Message
from wireglass.server.providers.skills import SkillsDirectoryProvider
from wireglass.server.results import ToolResult
from wireglass.server.tools import Tool
from wireglass.wire.event_store import MemoryEventStore

mcp = FastMCP("wireglass-conformance", version="1.0", instructions="For tests.", dereference_schemas=False)


def _png() -> str:
    """One red pixel."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"\0\xff\0\0")
    raw = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    return base64.b64encode(raw).decode()


def _wav() -> str:
    """A few samples of silence."""
    data = b"\0" * 16
    form = b"WAVEfmt " + struct.pack("<IHHIIHH", 16, 1, 1, 8000, 8000, 1, 8) + b"data" + struct.pack("<I", len(data))
    return base64.b64encode(b"RIFF" + struct.pack("<I", len(form) + len(data)) + form + data).decode()


PNG, WAV = _png(), _wav()


def text(value: str) -> dict[str, Any]:
    return {"type": "text", "text": value}


def blocks(*content: dict[str, Any]) -> ToolResult:
    return ToolResult.from_wire({"content": list(content)})


# Content


@mcp.tool
def test_simple_text() -> ToolResult:
    """Answers with one text."""
    return blocks(text("This is a simple text response for testing."))


@mcp.tool
def test_image_content() -> ToolResult:
    """Answers with an image."""
    return blocks({"type": "image", "data": PNG, "mimeType": "image/png"})


@mcp.tool
def test_audio_content() -> ToolResult:
    """Answers with a sound."""
    return blocks({"type": "audio", "data": WAV, "mimeType": "audio/wav"})


@mcp.tool
def test_embedded_resource() -> ToolResult:
    """Answers with a resource."""
    found = {
        "uri": "test://embedded-resource",
        "mimeType": "text/plain",
        "text": "This is an embedded resource content.",
    }
    return blocks({"type": "resource", "resource": found})


@mcp.tool
def test_multiple_content_types() -> ToolResult:
    """Answers with text, image and resource."""
    found = {
        "uri": "test://mixed-content-resource",
        "mimeType": "application/json",
        "text": '{"test":"data","value":123}',
    }
    return blocks(
        text("Multiple content types test:"),
        {"type": "image", "data": PNG, "mimeType": "image/png"},
        {"type": "resource", "resource": found},
    )


@mcp.tool
def test_error_handling() -> None:
    """Fails on purpose."""
    raise ToolError("This tool intentionally returns an error for testing")


# Messages on the way


@mcp.tool
async def test_tool_with_logging(ctx: Context) -> ToolResult:
    """Logs three times."""
    for message in ("Tool execution started", "Tool processing data", "Tool execution completed"):
        await ctx.log_data("info", message)
        await asyncio.sleep(0.05)
    return blocks(text("Logging done."))


@mcp.tool
async def test_logging_tool(ctx: Context) -> ToolResult:
    """Logs, which only reaches clients that set a level."""
    await ctx.log_data("info", "Only for those who asked.")
    return blocks(text("Logging done."))


@mcp.tool
async def test_tool_with_progress(ctx: Context) -> ToolResult:
    """Reports progress three times."""
    for progress in (0, 50, 100):
        await ctx.report_progress(progress, 100, f"Completed step {progress} of 100")
        await asyncio.sleep(0.05)
    return blocks(text("Progress done."))


@mcp.tool
async def test_reconnection(ctx: Context) -> ToolResult:
    """Ends the connection of its own call; the client comes back for the answer."""
    await ctx.close_sse_stream()
    await asyncio.sleep(0.1)
    return blocks(text("Reconnection test completed successfully."))


# Questions of the handshake eras, as `ctx` asks them in any era


def form(message: str, properties: dict[str, Any], required: list[str] | None = None) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "object", "properties": properties}
    if required is not None:
        schema["required"] = required
    return {"message": message, "requestedSchema": schema}


def told(what: str, answer: dict[str, Any]) -> ToolResult:
    return blocks(text(f"{what}: action={answer.get('action')}, content={answer.get('content')}"))


@mcp.tool
async def test_sampling(prompt: str, ctx: Context) -> ToolResult:
    """Asks the client's model."""
    messages = [{"role": "user", "content": text(prompt)}]
    answer = await ctx.ask("sampling/createMessage", {"messages": messages, "maxTokens": 100})
    return blocks(text(f"LLM response: {answer['content']['text']}"))


@mcp.tool
async def test_elicitation(message: str, ctx: Context) -> ToolResult:
    """Asks the user for a name and an address."""
    properties = {
        "username": {"type": "string", "description": "User's response"},
        "email": {"type": "string", "description": "User's email address"},
    }
    return told("User response", await ctx.ask("elicitation/create", form(message, properties, ["username", "email"])))


@mcp.tool
async def test_streaming_elicitation(ctx: Context) -> ToolResult:
    """Asks the user after a first sign of life; never by a request on the stream in the stateless era."""
    await ctx.report_progress(1, 2)
    question = form("Go on?", {"confirmed": {"type": "boolean"}}, ["confirmed"])
    return told("Elicitation completed", await ctx.ask("elicitation/create", question))


@mcp.tool
async def test_elicitation_sep1034_defaults(ctx: Context) -> ToolResult:
    """Asks with a default for each kind of field."""
    properties = {
        "name": {"type": "string", "default": "John Doe"},
        "age": {"type": "integer", "default": 30},
        "score": {"type": "number", "default": 95.5},
        "status": {"type": "string", "enum": ["active", "inactive", "pending"], "default": "active"},
        "verified": {"type": "boolean", "default": True},
    }
    question = form("Please review and update the form fields with defaults", properties, [])
    return told("Elicitation completed", await ctx.ask("elicitation/create", question))


def titled(prefix: str, name: str) -> list[dict[str, str]]:
    words = ("One", "Two", "Three")
    return [{"const": f"{prefix}{n}", "title": f"{name} {word}"} for n, word in enumerate(words, 1)]


@mcp.tool
async def test_elicitation_sep1330_enums(ctx: Context) -> ToolResult:
    """Asks with every form of an enumeration."""
    plain = ["option1", "option2", "option3"]
    properties = {
        "untitledSingle": {"type": "string", "enum": plain},
        "titledSingle": {"type": "string", "oneOf": titled("value", "Option")},
        "legacyEnum": {
            "type": "string",
            "enum": ["opt1", "opt2", "opt3"],
            "enumNames": ["Option One", "Option Two", "Option Three"],
        },
        "untitledMulti": {"type": "array", "items": {"type": "string", "enum": plain}},
        "titledMulti": {"type": "array", "items": {"anyOf": titled("value", "Option")}},
    }
    return told("Elicitation completed", await ctx.ask("elicitation/create", form("Please choose", properties, [])))


# Schemas and headers


class _JsonSchemaTool(Tool):
    """A tool whose input schema is written by hand and must arrive unchanged."""

    async def run(self, arguments: dict[str, Any]) -> ToolResult:
        return blocks(text(f"JSON Schema 2020-12 tool called with: {arguments}"))


JSON_SCHEMA = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "$defs": {
        "address": {
            "$anchor": "addressDef",
            "type": "object",
            "properties": {"street": {"type": "string"}, "city": {"type": "string"}},
        }
    },
    "properties": {
        "name": {"type": "string"},
        "address": {"$ref": "#/$defs/address"},
        "contactMethod": {"type": "string", "enum": ["phone", "email"]},
        "phone": {"type": "string"},
        "email": {"type": "string"},
    },
    "allOf": [{"anyOf": [{"required": ["phone"]}, {"required": ["email"]}]}],
    "if": {"properties": {"contactMethod": {"const": "phone"}}, "required": ["contactMethod"]},
    "then": {"required": ["phone"]},
    "else": {"required": ["email"]},
    "additionalProperties": False,
}
mcp.add_tool(
    _JsonSchemaTool(
        name="json_schema_2020_12_tool",
        description="Tool with JSON Schema 2020-12 features",
        parameters=JSON_SCHEMA,
    )
)


@mcp.tool
def test_x_mcp_header(region: Annotated[str, Field(json_schema_extra={"x-mcp-header": "Region"})]) -> ToolResult:
    """Takes an argument that HTTP clients repeat in a header."""
    return blocks(text(f"Region: {region}"))


# The stateless era


@mcp.tool
def test_missing_capability(ctx: Context) -> ToolResult:
    """Needs a client that can sample."""
    if "sampling" not in ctx.require_scope().client_capabilities:
        data = {"requiredCapabilities": {"sampling": {}}}
        raise McpError(MISSING_CLIENT_CAPABILITY, "This tool needs the sampling capability.", data)
    return blocks(text("The client can sample."))


def appear() -> ToolResult:
    """Is here for a moment."""
    return blocks(text("Here."))


@mcp.tool
def test_trigger_tool_change() -> ToolResult:
    """Changes the list of tools."""
    mcp.add_tool(Tool.from_function(appear, name="test_appearing_tool"))
    mcp.remove_tool("test_appearing_tool")
    return blocks(text("The list of tools changed."))


@mcp.tool
def test_trigger_prompt_change() -> ToolResult:
    """Changes the list of prompts."""
    mcp.components_changed("prompt")
    return blocks(text("The list of prompts changed."))


def question(message: str, properties: dict[str, Any]) -> dict[str, Any]:
    return {"method": "elicitation/create", "params": form(message, properties, list(properties))}


def sample(prompt: str, max_tokens: int) -> dict[str, Any]:
    messages = [{"role": "user", "content": text(prompt)}]
    return {"method": "sampling/createMessage", "params": {"messages": messages, "maxTokens": max_tokens}}


ROOTS: dict[str, Any] = {"method": "roots/list", "params": {}}
NAME = question("What is your name?", {"name": {"type": "string"}})


def ask(requests: dict[str, Any], state: str | None = None) -> InputRequiredResult:
    return InputRequiredResult(input_requests=requests, request_state=state)


def answers(ctx: Context) -> dict[str, Any]:
    """The client's answers as plain JSON."""
    found = ctx.input_responses or {}
    return {key: value.wire() if hasattr(value, "wire") else value for key, value in found.items()}


def field(answer: Any, name: str, kind: type = str) -> Any:
    """A field of an accepted form, or None if it has to be asked again."""
    if not isinstance(answer, dict) or answer.get("action") != "accept":
        return None
    value = (answer.get("content") or {}).get(name)
    return value if isinstance(value, kind) else None


def sampled(answer: Any) -> str | None:
    content = answer.get("content") if isinstance(answer, dict) else None
    return content.get("text") if isinstance(content, dict) else None


def roots(answer: Any) -> list[Any] | None:
    return answer.get("roots") if isinstance(answer, dict) else None


@mcp.tool
def test_input_required_result_elicitation(ctx: Context) -> Any:
    """Asks for a name and asks again until there is one."""
    name = field(answers(ctx).get("user_name"), "name")
    return ask({"user_name": NAME}) if name is None else blocks(text(f"Hello, {name}!"))


@mcp.tool
def test_input_required_result_sampling(ctx: Context) -> Any:
    """Asks the client's model for a capital."""
    answer = sampled(answers(ctx).get("capital_question"))
    if answer is None:
        return ask({"capital_question": sample("What is the capital of France?", 100)})
    return blocks(text(f"The model says: {answer}"))


@mcp.tool
def test_input_required_result_list_roots(ctx: Context) -> Any:
    """Asks for the client's roots."""
    found = roots(answers(ctx).get("client_roots"))
    return ask({"client_roots": ROOTS}) if found is None else blocks(text(f"Roots: {found}"))


CONFIRM = question("Please confirm.", {"ok": {"type": "boolean"}})


@mcp.tool
def test_input_required_result_request_state(ctx: Context) -> Any:
    """Asks for a confirmation and keeps a state meanwhile."""
    if ctx.request_state != "waiting" or field(answers(ctx).get("confirm"), "ok", bool) is None:
        return ask({"confirm": CONFIRM}, "waiting")
    return blocks(text("state-ok: the state came back"))


@mcp.tool
def test_input_required_result_tampered_state(ctx: Context) -> Any:
    """As the one before; an altered state never reaches this function."""
    if ctx.request_state != "sealed" or field(answers(ctx).get("confirm"), "ok", bool) is None:
        return ask({"confirm": CONFIRM}, "sealed")
    return blocks(text("state-ok: the state was not altered"))


@mcp.tool
def test_input_required_result_multiple_inputs(ctx: Context) -> Any:
    """Asks three things at once."""
    given = answers(ctx)
    name, greeting = field(given.get("user_name"), "name"), sampled(given.get("greeting"))
    found = roots(given.get("client_roots"))
    if name is None or greeting is None or found is None:
        requests = {"user_name": NAME, "greeting": sample("Say a short greeting.", 50), "client_roots": ROOTS}
        return ask(requests, "three-questions")
    return blocks(text(f"{greeting} {name}, you have {len(found)} roots."))


@mcp.tool
def test_input_required_result_multi_round(ctx: Context) -> Any:
    """Asks one thing after the other."""
    given, state = answers(ctx), ctx.request_state
    if state is None:
        return ask({"step1": NAME}, "step1")
    if state == "step1":
        name = field(given.get("step1"), "name")
        if name is None:
            return ask({"step1": NAME}, "step1")
        return ask({"step2": question("Your favourite colour?", {"color": {"type": "string"}})}, f"step2:{name}")
    color = field(given.get("step2"), "color")
    if color is None:
        return ask({"step2": question("Your favourite colour?", {"color": {"type": "string"}})}, state)
    return blocks(text(f"{state.removeprefix('step2:')} likes {color}."))


@mcp.tool
def test_input_required_result_capabilities(ctx: Context) -> Any:
    """Asks only what the client says it can answer."""
    declared = ctx.require_scope().client_capabilities
    known = {"user_name": ("elicitation", NAME), "greeting": ("sampling", sample("Greet.", 50))}
    known["client_roots"] = ("roots", ROOTS)
    wanted = {key: request for key, (capability, request) in known.items() if capability in declared}
    given = answers(ctx)
    if wanted and not given:
        return ask(wanted)
    return blocks(text(f"Asked for {', '.join(sorted(given)) or 'nothing'}."))


# Tasks (extension)

SOON = timedelta(milliseconds=200)
TASK = TaskConfig(mode="optional", poll_interval=SOON)
ONLY_TASK = TaskConfig(mode="required", poll_interval=SOON)


@mcp.tool
def greet(name: str) -> ToolResult:
    """Greets; never a task."""
    return blocks(text(f"Hello, {name}!"))


@mcp.tool(task=TASK)
async def slow_compute(seconds: float, label: str = "") -> ToolResult:
    """Takes its time."""
    await asyncio.sleep(seconds)
    return blocks(text(f"Computed {label} in {seconds} s."))


@mcp.tool(task=ONLY_TASK)
async def failing_job() -> None:
    """Fails after a second."""
    await asyncio.sleep(1)
    raise ToolError("This job fails on purpose.")


@mcp.tool(task=TASK)
async def protocol_error_job() -> None:
    """Fails in the protocol's way."""
    await asyncio.sleep(0.3)
    raise McpError(INVALID_PARAMS, "This job breaks on purpose.")


@mcp.tool(task=TASK)
async def confirm_delete(filename: str, ctx: Context) -> ToolResult:
    """Asks before it deletes (nothing)."""
    asked = form(f"Delete {filename}?", {"confirm": {"type": "boolean"}}, ["confirm"])
    answer = await ctx.ask("elicitation/create", asked)
    deleted = field(answer, "confirm", bool)
    return blocks(text(f"Deleted {filename}." if deleted else f"Kept {filename}."))


@mcp.tool(task=TASK)
async def multi_input(ctx: Context) -> ToolResult:
    """Asks two things at once."""
    asked = [form(f"Your {what} name?", {"name": {"type": "string"}}, ["name"]) for what in ("first", "last")]
    first, last = await asyncio.gather(*(ctx.ask("elicitation/create", each) for each in asked))
    return blocks(text(f"Hello, {field(first, 'name')} {field(last, 'name')}!"))


@mcp.tool(task=ONLY_TASK)
async def test_tool_with_task(ctx: Context) -> Any:
    """Asks for a name first, then works on it as a task."""
    name = field(answers(ctx).get("user_name"), "name")
    if name is None:
        return ask({"user_name": NAME})
    await asyncio.sleep(0.5)
    return blocks(text(f"Hello, {name}! The work is done."))


# Resources and prompts


@mcp.resource("test://static-text", mime_type="text/plain", description="A static text.")
def static_text() -> str:
    return "This is the content of the static text resource."


@mcp.resource("test://static-binary", mime_type="image/png", description="A static image.")
def static_binary() -> bytes:
    return base64.b64decode(PNG)


@mcp.resource("test://template/{id}/data", mime_type="application/json", description="Data by its id.")
def template_data(id: str) -> str:
    return f'{{"id":"{id}","templateTest":true,"data":"Data for ID: {id}"}}'


@mcp.resource("test://watched-resource", mime_type="text/plain", description="One to subscribe to.")
def watched_resource() -> str:
    return "Watched resource content."


# Skills (extension)

mcp.add_provider(SkillsDirectoryProvider(Path(__file__).parent / "skills", experimental_skills=True))


@mcp.prompt
def test_simple_prompt() -> str:
    """A prompt without arguments."""
    return "This is a simple prompt for testing."


@mcp.prompt
def test_prompt_with_arguments(
    arg1: Annotated[str, Field(description="First test argument")],
    arg2: Annotated[str, Field(description="Second test argument")],
) -> str:
    """A prompt with two arguments."""
    return f"Prompt with arguments: arg1='{arg1}', arg2='{arg2}'"


@mcp.prompt
def test_prompt_with_embedded_resource(
    resourceUri: Annotated[str, Field(description="URI of the resource to embed")],  # the suites' name
) -> list[Any]:
    """A prompt with a resource in it."""
    resource = {"uri": resourceUri, "mimeType": "text/plain", "text": "Embedded resource content for testing."}
    return [
        Message({"type": "resource", "resource": resource}, role="user"),
        Message("Please process the embedded resource above.", role="user"),
    ]


@mcp.prompt
def test_prompt_with_image() -> list[Any]:
    """A prompt with an image in it."""
    return [
        Message({"type": "image", "data": PNG, "mimeType": "image/png"}, role="user"),
        Message("Please analyze the image above.", role="user"),
    ]


@mcp.prompt
def test_input_required_result_prompt(ctx: Context) -> Any:
    """A prompt that asks before it is written."""
    context = field(answers(ctx).get("user_context"), "context")
    if context is None:
        return ask({"user_context": question("What context should the prompt use?", {"context": {"type": "string"}})})
    return f"Use this context: {context}"


@mcp.completion
async def complete(ref: Any, argument: Any, context: Any) -> list[str]:
    words = ["paris", "park", "party"]
    return [word for word in words if word.startswith(str(argument.value))] or words


if __name__ == "__main__":
    store = MemoryEventStore()
    port = int(sys.argv[1])
    mcp.run("http", host="127.0.0.1", port=port, event_store=store, retry_interval=500, log_level="warning")
