"""Where a server is and how to reach it, under the names that server authors know; makes wire transports when asked.

Each class is a recipe: `make` returns a fresh `wire` transport, so that a connection can be opened again.
"""

import os
from collections.abc import Hashable, Mapping
from typing import TYPE_CHECKING, Any, cast

from wireglass.client.eras import http_key
from wireglass.client.in_process import InProcessTransport
from wireglass.client.programs import (
    NodeStdioTransport,
    NpxStdioTransport,
    PythonStdioTransport,
    StdioTransport,
    UvStdioTransport,
    UvxStdioTransport,
)
from wireglass.client.recipes import ClientTransport, OnStderr
from wireglass.errors import ConfigError
from wireglass.wire.base import Tap, Transport

if TYPE_CHECKING:
    import httpx

    from wireglass.auth.token_auth import TokenAuth

__all__ = [
    "ClientTransport",
    "FastMCPTransport",
    "MCPConfigTransport",
    "NodeStdioTransport",
    "NpxStdioTransport",
    "PythonStdioTransport",
    "SSETransport",
    "StdioTransport",
    "StreamableHttpTransport",
    "UvStdioTransport",
    "UvxStdioTransport",
    "auths",
    "infer_transport",
]


class UnknownTransport(ConfigError, ValueError):
    """Nothing that a connection could be made to."""


class StreamableHttpTransport(ClientTransport):
    """A Streamable HTTP URL. `auth` is an `httpx.Auth`, "oauth", or a bearer token."""

    def __init__(
        self,
        url: str,
        headers: Mapping[str, str] | None = None,
        auth: "httpx.Auth | str | None" = None,
        sse_read_timeout: Any = None,
        httpx_client_factory: Any = None,
        verify: Any = None,
    ) -> None:
        self.url = str(url)
        self.headers = dict(headers or {})
        self.sse_read_timeout = sse_read_timeout
        self.httpx_client_factory = httpx_client_factory
        self.verify = verify
        self.label = self.url
        self.set_auth(auth)

    @property
    def era_key(self) -> Hashable | None:
        return http_key(self.url, self.httpx_client_factory)

    def set_auth(self, auth: Any) -> None:
        """A text becomes the `httpx.Auth` that it means, so that a token shows in no repr and a sign-in outlives one
        connection. An OAuth object learns which server it is for."""
        self.auth: Any = http_auth(auth)
        if hasattr(self.auth, "bind"):
            self.auth.bind(self.url, self._client_factory)

    def _client_factory(self, **options: Any) -> Any:
        """What makes HTTP clients, for requests of the sign-in too: the same proxies and certificates."""
        import httpx

        return (_client_factory(self.httpx_client_factory, self.verify) or httpx.AsyncClient)(**options)

    def make(self, *, tap: Tap | None = None, on_stderr: OnStderr | None = None, sse: bool = False) -> Transport:
        options: dict[str, Any] = {
            "headers": self.headers,
            "auth": self.auth,
            "tap": tap,
            "client_factory": _client_factory(self.httpx_client_factory, self.verify),
        }
        if sse:
            from wireglass.wire.legacy_sse import SseClientTransport

            return SseClientTransport(self.url, **options)
        from wireglass.wire.http_client import HttpClientTransport

        return HttpClientTransport(self.url, **options)


class SSETransport(StreamableHttpTransport):
    """A URL of HTTP+SSE (2024-11-05)."""

    def make(self, *, tap: Tap | None = None, on_stderr: OnStderr | None = None, sse: bool = True) -> Transport:
        return super().make(tap=tap, on_stderr=on_stderr, sse=True)


class FastMCPTransport(ClientTransport):
    """A server object in this process. Its lifespan runs as long as the connection."""

    def __init__(self, mcp: Any, raise_exceptions: bool = False) -> None:
        self.server = mcp
        self.raise_exceptions = raise_exceptions
        self.label = str(getattr(mcp, "name", "server"))

    def make(self, *, tap: Tap | None = None, on_stderr: OnStderr | None = None, sse: bool = False) -> Transport:
        return InProcessTransport(self.server, tap)


class MCPConfigTransport(ClientTransport):
    """The servers of an `mcpServers` configuration. A client over several prefixes names with the server's name."""

    def __init__(self, config: Mapping[str, Any], name_as_prefix: bool = True) -> None:
        servers = config.get("mcpServers", config) if isinstance(config, Mapping) else config.mcpServers
        self.servers = {str(name): transport_of(str(name), entry) for name, entry in dict(servers).items()}
        if not self.servers:
            raise ConfigError("The configuration names no servers.", next_step='Add one below "mcpServers".')
        self.name_as_prefix = name_as_prefix
        self.label = ", ".join(self.servers)

    @property
    def transport(self) -> ClientTransport:
        """The recipe of the only server; of several, the first."""
        return next(iter(self.servers.values()))

    @property
    def era_key(self) -> Hashable | None:
        return self.transport.era_key if len(self.servers) == 1 else None

    def make(self, *, tap: Tap | None = None, on_stderr: OnStderr | None = None, sse: bool = False) -> Transport:
        if len(self.servers) > 1:
            raise ConfigError("Several servers cannot share one connection.")
        return next(iter(self.servers.values())).make(tap=tap, on_stderr=on_stderr, sse=sse)


def transport_of(name: str, entry: Any) -> ClientTransport:
    """The recipe of one entry of `mcpServers`. Raises ConfigError."""
    if hasattr(entry, "to_transport"):
        return entry.to_transport()
    if not isinstance(entry, Mapping):
        return infer_transport(entry)
    kind = str(entry.get("transport") or entry.get("type") or "")
    if url := entry.get("url") or entry.get("httpUrl") or entry.get("serverUrl"):
        made = SSETransport if kind == "sse" or (not kind and _looks_like_sse(str(url))) else StreamableHttpTransport
        return made(str(url), entry.get("headers"), entry.get("auth"))
    if command := entry.get("command"):
        return StdioTransport(
            str(command), [str(a) for a in entry.get("args") or ()], entry.get("env"), entry.get("cwd")
        )
    raise ConfigError(f"The server {name!r} has neither a command nor a URL.", next_step="Add one of them.")


def infer_transport(transport: Any) -> ClientTransport:
    """A recipe from a URL, the path of a .py or .js file, a server object, a configuration, or a recipe.

    Raises ConfigError when it is none of them.
    """
    if isinstance(transport, ClientTransport):
        return transport
    if hasattr(transport, "_handle"):
        return FastMCPTransport(transport)
    if isinstance(transport, Mapping) or hasattr(transport, "mcpServers"):
        return MCPConfigTransport(transport)
    if isinstance(transport, os.PathLike):
        return _from_text(os.fspath(transport), "Unsupported script type")
    if isinstance(transport, str) or type(transport).__name__ == "AnyUrl":
        return _from_text(str(transport), "Could not infer a valid transport")
    raise UnknownTransport(
        f"Could not infer a valid transport from {type(transport).__name__}: {transport!r}.",
        next_step="Give a URL, the path of a .py or .js file, a server object, or an mcpServers configuration.",
    )


def _from_text(text: str, complaint: str) -> ClientTransport:
    if text.startswith(("http://", "https://")):
        return SSETransport(text) if _looks_like_sse(text) else StreamableHttpTransport(text)
    if text.endswith(".py"):
        return PythonStdioTransport(text)
    if text.endswith((".js", ".mjs", ".cjs")):
        return NodeStdioTransport(text)
    raise UnknownTransport(
        f"{complaint}: {text!r} is neither a URL nor a .py or .js file.",
        next_step="For any other program use StdioTransport(command, args).",
    )


def _looks_like_sse(url: str) -> bool:
    path = url.partition("?")[0].rstrip("/")
    return path.endswith("/sse")


def http_auth(auth: Any) -> Any:
    """An `httpx.Auth` from what users give: one of them, a bearer token, or "oauth"."""
    if not isinstance(auth, str):
        return auth
    if auth == "oauth":
        from wireglass.auth.signin import OAuth

        return OAuth()
    from wireglass.client.bearer import BearerAuth

    return BearerAuth(auth)


def auths(recipe: ClientTransport) -> "list[TokenAuth]":
    """What signs in for the recipe: for one of several servers each, if it does."""
    recipes = recipe.servers.values() if isinstance(recipe, MCPConfigTransport) else [recipe]
    found = [getattr(one, "auth", None) for one in recipes]
    return [cast("TokenAuth", auth) for auth in found if hasattr(auth, "observe")]


def _client_factory(factory: Any, verify: Any) -> Any:
    """A factory for `httpx.AsyncClient` that knows `verify`; None for the default one."""
    if verify is None:
        return factory

    def make(**options: Any) -> Any:
        import httpx

        return (factory or httpx.AsyncClient)(**{**options, "verify": verify})

    return make
