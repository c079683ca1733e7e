"""OpenTelemetry spans: what dashboards and tracing backends get to see of a server and its client."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from wireglass import Client, Context, FastMCP, telemetry
from wireglass.errors import NotFoundError, ToolError

pytestmark = pytest.mark.anyio


@pytest.fixture
def exporter(monkeypatch: pytest.MonkeyPatch) -> Iterator[InMemorySpanExporter]:
    """Collects spans for one test. The provider is put in place by hand: OpenTelemetry lets a process set it once."""
    made = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(made))
    monkeypatch.setattr(trace, "get_tracer_provider", lambda: provider)
    monkeypatch.setattr(trace, "get_tracer", lambda name, version=None: provider.get_tracer(name, version))
    yield made
    provider.shutdown()


def _server() -> FastMCP:
    mcp = FastMCP("shop")

    @mcp.tool
    def add(a: int, b: int) -> int:
        return a + b

    @mcp.tool
    def fail() -> None:
        raise ValueError("no stock")

    @mcp.resource("shop://items/{name}")
    def item(name: str) -> str:
        return name

    @mcp.prompt
    def greet() -> str:
        return "hello"

    return mcp


def _one(exporter: InMemorySpanExporter, name: str, kind: SpanKind) -> ReadableSpan:
    found = [span for span in exporter.get_finished_spans() if span.name == name and span.kind == kind]
    assert len(found) == 1, [span.name for span in exporter.get_finished_spans()]
    return found[0]


def _facts(span: ReadableSpan) -> dict[str, Any]:
    return dict(span.attributes or {})


async def test_a_tool_call_is_one_server_span_inside_the_clients(exporter: InMemorySpanExporter) -> None:
    async with Client(_server()) as client:
        await client.call_tool("add", {"a": 1, "b": 2})
        version = client.protocol_version
    served = _one(exporter, "tools/call add", SpanKind.SERVER)
    called = _one(exporter, "tools/call add", SpanKind.CLIENT)
    sent = _one(exporter, "MCP send tools/call add", SpanKind.CLIENT)
    assert served.parent is not None
    assert served.parent.span_id == sent.context.span_id
    assert sent.parent is not None
    assert sent.parent.span_id == called.context.span_id
    facts = _facts(served)
    assert facts["mcp.method.name"] == "tools/call"
    assert facts["gen_ai.tool.name"] == "add"
    assert facts["fastmcp.server.name"] == "shop"
    assert facts["fastmcp.component.key"] == "tool:add@"
    assert facts["mcp.protocol.version"] == version
    assert _facts(called)["fastmcp.component.key"] == "add"


@pytest.mark.parametrize("mode", ["stateless", "handshake"])
async def test_both_eras_carry_the_trace(exporter: InMemorySpanExporter, mode: str) -> None:
    async with Client(_server(), mode=mode) as client:
        with telemetry.get_tracer().start_as_current_span("outside") as outside:
            await client.read_resource("shop://items/lamp")
            await client.get_prompt("greet")
    read = _one(exporter, "resources/read", SpanKind.SERVER)
    assert read.context.trace_id == outside.get_span_context().trace_id
    assert _facts(read)["mcp.resource.uri"] == "shop://items/lamp"
    assert _facts(read)["fastmcp.component.type"] == "resource_template"
    prompt = _one(exporter, "prompts/get greet", SpanKind.SERVER)
    assert prompt.context.trace_id == outside.get_span_context().trace_id


async def test_a_failed_tool_marks_both_spans(exporter: InMemorySpanExporter) -> None:
    async with Client(_server()) as client:
        with pytest.raises(ToolError):
            await client.call_tool("fail")
    for kind in (SpanKind.SERVER, SpanKind.CLIENT):
        span = _one(exporter, "tools/call fail", kind)
        assert span.status.status_code == StatusCode.ERROR
        assert _facts(span)["error.type"] == "tool_error"
        assert "no stock" in str(span.status.description)


async def test_calls_made_in_python_have_spans_and_errors_too(exporter: InMemorySpanExporter) -> None:
    mcp = _server()
    await mcp.call_tool("add", {"a": 1, "b": 2})
    with pytest.raises(NotFoundError):
        await mcp.call_tool("gone")
    assert _one(exporter, "tools/call add", SpanKind.SERVER).status.status_code == StatusCode.UNSET
    assert _facts(_one(exporter, "tools/call gone", SpanKind.SERVER))["error.type"] == "NotFoundError"


async def test_methods_without_a_component_and_lists_have_a_span(exporter: InMemorySpanExporter) -> None:
    async with Client(_server(), mode="handshake") as client:
        await client.list_tools()
        await client.set_logging_level("info")
    assert _facts(_one(exporter, "tools/list", SpanKind.SERVER))["fastmcp.component.type"] == "tool"
    assert _facts(_one(exporter, "logging/setLevel", SpanKind.SERVER))["fastmcp.server.name"] == "shop"
    _one(exporter, "initialize", SpanKind.SERVER)


async def test_a_middlewares_own_exception_shows_on_the_request(exporter: InMemorySpanExporter) -> None:
    class Refusing:
        async def __call__(self, context: Any, call_next: Any) -> Any:
            if context.method == "tools/call":
                raise RuntimeError("not today")
            return await call_next(context)

    mcp = _server()
    mcp.add_middleware(Refusing())
    async with Client(mcp) as client:
        with pytest.raises(ToolError):
            await client.call_tool("add", {"a": 1, "b": 2})
    served = _one(exporter, "tools/call", SpanKind.SERVER)
    assert served.status.status_code == StatusCode.ERROR
    assert _facts(served)["error.type"] == "RuntimeError"


async def test_a_mounted_server_shows_the_hand_over(exporter: InMemorySpanExporter) -> None:
    front = FastMCP("front")
    front.mount(_server(), "shop")
    await front.call_tool("shop_add", {"a": 1, "b": 2})
    outer = _one(exporter, "tools/call shop_add", SpanKind.SERVER)
    handed = _one(exporter, "delegate add", SpanKind.INTERNAL)
    inner = _one(exporter, "tools/call add", SpanKind.SERVER)
    assert handed.parent is not None
    assert handed.parent.span_id == outer.context.span_id
    assert inner.parent is not None
    assert inner.parent.span_id == handed.context.span_id
    assert _facts(outer)["fastmcp.provider.type"] == "FastMCPProvider"


@pytest.mark.parametrize("mode", ["off", "propagation_only"])
async def test_modes_without_spans(exporter: InMemorySpanExporter, monkeypatch: pytest.MonkeyPatch, mode: str) -> None:
    """ "off" leaves the author's trace alone; "propagation_only" passes it on. Neither makes a span of ours."""
    monkeypatch.setenv("WIREGLASS_TELEMETRY_MODE", mode)
    seen: list[int] = []
    mcp = FastMCP("plain")

    @mcp.tool
    async def look(ctx: Context) -> str:
        seen.append(trace.get_current_span().get_span_context().trace_id)
        return "ok"

    async with Client(mcp) as client:
        with telemetry.get_tracer().start_as_current_span("outside") as outside:
            await client.call_tool("look")
    assert [span.name for span in exporter.get_finished_spans()] == ["outside"]
    assert (seen == [outside.get_span_context().trace_id]) is (mode == "propagation_only")


async def test_a_block_can_be_kept_out_of_the_spans(exporter: InMemorySpanExporter) -> None:
    mcp = _server()
    with telemetry.suppress_telemetry():
        await mcp.call_tool("add", {"a": 1, "b": 2})
    assert not exporter.get_finished_spans()


async def test_overlapping_calls_keep_their_own_spans(exporter: InMemorySpanExporter) -> None:
    async with Client(_server()) as client:
        await asyncio.gather(*(client.call_tool("add", {"a": n, "b": n}) for n in range(10)))
    served = [s for s in exporter.get_finished_spans() if s.kind == SpanKind.SERVER and s.name == "tools/call add"]
    parents = {span.parent.span_id for span in served if span.parent is not None}
    assert len(served) == len(parents) == 10


def test_nothing_is_on_without_a_provider() -> None:
    assert not telemetry.is_on()
