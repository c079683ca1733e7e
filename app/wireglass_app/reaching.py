"""How a server is reached: its command found, a transport made from its `Target`, its address checked step by step."""

import shutil
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from wireglass_app.calls import Target

if TYPE_CHECKING:
    from wireglass.client.transports import ClientTransport
    from wireglass.doctor.steps import Check
    from wireglass.wire.tls import TlsChoice

__all__ = ["check_http", "find_command", "transport_for"]


def find_command(target: Target) -> str | None:
    """As the child's own environment finds it: an own PATH among the variables counts. None when it is nowhere."""
    path = dict(target.env or target.added).get("PATH")
    return shutil.which(target.command, path=path)


async def check_http(target: Target, on_check: "Callable[[Check], None]") -> "tuple[Check, ...]":
    """Which step of reaching an HTTP server fails; runs on the runtime thread."""
    from wireglass.doctor.connection import check_connection

    return await check_connection(
        target.url, headers=dict(target.headers), tls=_tls_of(target), proxy=target.proxy, on_check=on_check
    )


def transport_for(target: Target) -> "ClientTransport":
    """The transport that a `Client` connects with; raises TransportError when a chosen certificate file is no use."""
    from wireglass.client.transports import SSETransport, StdioTransport, StreamableHttpTransport

    if target.kind == "stdio":
        env = dict(target.env) if target.env is not None else dict(target.added) or None
        return StdioTransport(target.command, target.args, env, target.cwd)
    kind = StreamableHttpTransport if target.kind == "http" else SSETransport
    return kind(target.url, dict(target.headers), httpx_client_factory=_http_factory(target))


def _tls_of(target: Target) -> "TlsChoice":
    """Whom the connection trusts."""
    from wireglass.wire.tls import TlsChoice

    trust: Any = target.trust
    return TlsChoice(trust, target.ca_file, target.client_cert, target.client_key)


def _http_factory(target: Target) -> Any:
    """None for httpx's own way; raises TransportError when a chosen file cannot be used."""
    tls = _tls_of(target)
    if tls.is_default and not target.proxy:
        return None
    extra: dict[str, Any] = {} if tls.is_default else {"verify": tls.context()}
    if target.proxy == "direct":
        extra["trust_env"] = False
    elif target.proxy:
        extra["proxy"] = target.proxy

    def make(**options: Any) -> Any:
        import httpx

        limits = httpx.Limits(max_connections=None, max_keepalive_connections=20)  # streams are kept open
        return httpx.AsyncClient(**options, **extra, limits=limits)

    return make
