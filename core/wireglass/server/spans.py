"""The server's OpenTelemetry spans: one for each request, which learns what the request turned out to be about."""

from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from wireglass import telemetry
from wireglass.records import record

if TYPE_CHECKING:
    from opentelemetry.trace import Span

    from wireglass.server.components import Component
    from wireglass.session.scope import RequestScope

__all__ = [
    "call_span",
    "failed",
    "found",
    "get_auth_span_attributes",
    "list_span",
    "request_span",
    "seam_span",
    "server_span",
]


@record
class _Seam:
    """The span of the request in hand, until the call that the request asks for takes it over."""

    span: "Span"
    method: str
    server_name: str
    taken: bool = False


_seam: ContextVar[_Seam | None] = ContextVar("wireglass_seam", default=None)


def get_auth_span_attributes() -> dict[str, Any]:
    """Who calls: `enduser.id` and `enduser.scope`, as far as known."""
    from wireglass.server import dependencies

    try:
        token = dependencies.get_access_token()
    except RuntimeError:
        return {}
    if token is None:
        return {}
    facts: dict[str, Any] = {"enduser.id": token.client_id} if token.client_id else {}
    if token.scopes:
        facts["enduser.scope"] = " ".join(token.scopes)
    return facts


def _request_attributes() -> dict[str, Any]:
    from wireglass.server.context import current_context

    facts = get_auth_span_attributes()
    context = current_context.get()
    if context is not None and context.scope is not None:
        facts["mcp.protocol.version"] = context.scope.version
        facts["mcp.session.id"] = context.session_id
    return facts


@contextmanager
def request_span(server_name: str, scope: "RequestScope") -> Generator[None, None, None]:
    """Around the whole request: inside the trace of its `_meta`, with a span where we make spans."""
    from opentelemetry import context

    token = context.attach(telemetry.extract_trace_context(scope.meta))
    try:
        with seam_span(scope.method, server_name=server_name):
            yield
    finally:
        context.detach(token)


@contextmanager
def seam_span(method: str, server_name: str) -> Generator["Span", None, None]:
    """A request's span as long as only its method is known."""
    from opentelemetry.trace import SpanKind

    about = {"fastmcp.span.seam": True, "mcp.method.name": method, "fastmcp.server.name": server_name}
    with telemetry.made_span(method, SpanKind.SERVER, about | _request_attributes()) as span:
        token = _seam.set(_Seam(span, method, server_name))
        try:
            yield span
        finally:
            _seam.reset(token)


@contextmanager
def server_span(
    name: str,
    method: str,
    server_name: str,
    component_type: str,
    component_key: str,
    resource_uri: str | None = None,
    tool_name: str | None = None,
    prompt_name: str | None = None,
) -> Generator["Span", None, None]:
    """The use of a component, or a list. The request's own span becomes this one; a further call gets its own."""
    from opentelemetry.trace import SpanKind

    about = telemetry.named(method, resource_uri=resource_uri, tool_name=tool_name, prompt_name=prompt_name)
    about |= {
        "fastmcp.server.name": server_name,
        "fastmcp.component.type": component_type,
        "fastmcp.component.key": component_key,
    }
    seam = _seam.get()
    if seam is None or seam.taken or (seam.method, seam.server_name) != (method, server_name):
        with telemetry.made_span(name, SpanKind.SERVER, about | _request_attributes()) as span:
            yield span
        return
    seam.taken = True
    seam.span.update_name(name)
    seam.span.set_attributes(about)
    try:
        yield seam.span
    except Exception as error:
        telemetry.mark_failed(seam.span, error)
        raise


_TYPES = {"tools": "tool", "resources": "resource", "resource_templates": "resource_template", "prompts": "prompt"}


@contextmanager
def list_span(server_name: str, method: str, kind: str) -> Generator[None, None, None]:
    """One of the lists."""
    with server_span(method, method, server_name, _TYPES[kind], kind):
        yield


@contextmanager
def call_span(server_name: str, method: str, subject: str) -> Generator[None, None, None]:
    """A tool's call, a resource's reading, a prompt's rendering, before the component is found."""
    match method:
        case "tools/call":
            span = server_span(f"{method} {subject}", method, server_name, "tool", subject, tool_name=subject)
        case "prompts/get":
            span = server_span(f"{method} {subject}", method, server_name, "prompt", subject, prompt_name=subject)
        case _:
            span = server_span(method, method, server_name, "resource", subject, resource_uri=subject)
    with span:
        yield


def found(component: "Component") -> None:
    """Puts what is known of the component on the current span."""
    from opentelemetry.trace import get_current_span

    if telemetry.native_spans_enabled():
        get_current_span().set_attributes(component.get_span_attributes())


def failed(error: BaseException) -> None:
    """Says on the request's span that something the author did not mean for the model went wrong."""
    from opentelemetry.trace import get_current_span

    if telemetry.native_spans_enabled():
        telemetry.mark_failed(get_current_span(), error)
