"""An MCP server and its authorization server as one function for httpx.MockTransport, and a browser that says yes."""

import asyncio
import json
from base64 import b64decode, urlsafe_b64encode
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qsl, unquote_plus, urlencode, urlsplit

import httpx

from wireglass.auth import OAuth, Permission
from wireglass.client.client import Client
from wireglass.client.transports import StreamableHttpTransport

MCP = "https://mcp.example/desk/mcp"
ISSUER = "https://auth.example"
PRM = "https://mcp.example/.well-known/oauth-protected-resource/desk/mcp"


def resource_document(url: str, issuer: str) -> dict[str, Any]:
    """RFC 9728."""
    return {"resource": url, "authorization_servers": [issuer], "scopes_supported": ["read"]}


def server_document(issuer: str) -> dict[str, Any]:
    """RFC 8414."""
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/authorize",
        "token_endpoint": f"{issuer}/token",
        "registration_endpoint": f"{issuer}/register",
        "revocation_endpoint": f"{issuer}/revoke",
        "response_types_supported": ["code"],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": ["none", "client_secret_basic", "client_secret_post"],
        "authorization_response_iss_parameter_supported": True,
    }


def error(status: int, code: str, words: str = "") -> httpx.Response:
    return httpx.Response(status, json={"error": code, **({"error_description": words} if words else {})})


@dataclass
class Double:
    """What a test wants to be different is set on it; what happened is in `seen`."""

    resource: dict[str, Any] | None = field(default_factory=lambda: resource_document(MCP, ISSUER))
    server: dict[str, Any] | None = field(default_factory=lambda: server_document(ISSUER))
    challenge: str | None = f'Bearer resource_metadata="{PRM}"'
    issuer: str = ISSUER
    prm: str = PRM
    needs: dict[str, str] = field(default_factory=dict[str, str])
    """Scope that a tool needs."""
    expires_in: int = 3600
    gives_refresh: bool = True
    on_token: Callable[[dict[str, str]], httpx.Response | None] = lambda form: None
    redirected: Callable[[dict[str, str]], dict[str, str]] = lambda answer: answer
    seen: list[str] = field(default_factory=list[str])
    forms: list[dict[str, str]] = field(default_factory=list[dict[str, str]])
    authorizations: list[dict[str, str]] = field(default_factory=list[dict[str, str]])
    registrations: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    clients: dict[str, str] = field(default_factory=dict[str, str])
    tokens: dict[str, set[str]] = field(default_factory=dict[str, set[str]])
    refreshes: dict[str, str] = field(default_factory=dict[str, str])
    codes: dict[str, dict[str, str]] = field(default_factory=dict[str, dict[str, str]])
    secrets: list[str] = field(default_factory=list[str])

    # The network

    def factory(self, **options: Any) -> httpx.AsyncClient:
        return httpx.AsyncClient(**{**options, "transport": httpx.MockTransport(self.answer)})

    def client(self, auth: Any, **options: Any) -> Client:
        return Client(StreamableHttpTransport(MCP, auth=auth, httpx_client_factory=self.factory), **options)

    def oauth(self, **options: Any) -> OAuth:
        return OAuth(**{"token_storage": "memory", "on_authorize": self.allow, **options})

    async def allow(self, permission: Permission) -> None:
        """A person and a browser: the page is asked, and its answer goes to the listener on this machine."""
        async with self.factory() as browser:
            page = await browser.get(permission.url)
        assert page.status_code == 302, page.text
        async with httpx.AsyncClient(trust_env=False) as browser:
            await browser.get(page.headers["location"])

    def answer(self, request: httpx.Request) -> httpx.Response:
        parts = urlsplit(str(request.url))
        self.seen.append(f"{request.method} {parts.scheme}://{parts.netloc}{parts.path}")
        match f"{parts.scheme}://{parts.netloc}", parts.path:
            case _, "/desk/mcp":
                return self._mcp(request)
            case _, path if path.startswith("/.well-known/oauth-protected-resource"):
                return self._document(self.resource if str(request.url) == self.prm else None)
            case _, path if "/.well-known/" in path:
                return self._document(self.server)
            case _, "/authorize":
                return self._authorize(dict(parse_qsl(parts.query)))
            case _, "/register":
                return self._register(json.loads(request.content))
            case _, "/token":
                return self._token(request, dict(parse_qsl(request.content.decode())))
            case _, "/revoke":
                form = dict(parse_qsl(request.content.decode()))
                self.refreshes.pop(form["token"], None)
                return httpx.Response(200)
            case _:
                return httpx.Response(404)

    @staticmethod
    def _document(document: dict[str, Any] | None) -> httpx.Response:
        return httpx.Response(404) if document is None else httpx.Response(200, json=document)

    # The MCP server

    def _mcp(self, request: httpx.Request) -> httpx.Response:
        held = self.tokens.get(request.headers.get("authorization", "").removeprefix("Bearer "))
        if held is None:
            headers = {} if self.challenge is None else {"www-authenticate": self.challenge}
            return httpx.Response(401, headers=headers)
        if request.method != "POST":
            return httpx.Response(405)
        message = json.loads(request.content)
        params = message.get("params", {})
        need = self.needs.get(params.get("name", ""))
        if message["method"] == "tools/call" and need and need not in held:
            challenge = f'Bearer error="insufficient_scope", scope="{need}", resource_metadata="{self.prm}"'
            return httpx.Response(403, headers={"www-authenticate": challenge})
        result = {"resultType": "complete", **self._result(message["method"])}
        return httpx.Response(200, json={"jsonrpc": "2.0", "id": message.get("id"), "result": result})

    @staticmethod
    def _result(method: str) -> dict[str, Any]:
        cached = {"ttlMs": 0, "cacheScope": "private"}
        if method == "server/discover":
            return {"supportedVersions": ["2026-07-28"], "capabilities": {"tools": {}}, **cached}
        if method == "tools/list":
            return {"tools": [{"name": "look", "inputSchema": {"type": "object"}}], **cached}
        return {"content": [{"type": "text", "text": "seen"}]}

    # The authorization server

    def _register(self, body: dict[str, Any]) -> httpx.Response:
        self.registrations.append(body)
        id = f"client-{len(self.registrations)}"
        self.clients[id] = "" if body["token_endpoint_auth_method"] == "none" else self._secret("client-secret")
        secret = {"client_secret": self.clients[id]} if self.clients[id] else {}
        return httpx.Response(201, json={**body, "client_id": id, **secret})

    def _authorize(self, query: dict[str, str]) -> httpx.Response:
        self.authorizations.append(query)
        code = self._secret("code")
        self.codes[code] = query
        answer = self.redirected({"code": code, "state": query["state"], "iss": self.issuer})
        return httpx.Response(302, headers={"location": f"{query['redirect_uri']}?{urlencode(answer)}"})

    def _token(self, request: httpx.Request, form: dict[str, str]) -> httpx.Response:
        self.forms.append(form)
        refused = self.on_token(form)
        if refused is not None:
            return refused
        client, secret = self._client_of(request, form)
        if self.clients.get(client) != secret:
            return error(401, "invalid_client")
        if form["grant_type"] == "authorization_code":
            asked = self.codes.pop(form["code"], None)
            digest = urlsafe_b64encode(sha256(form["code_verifier"].encode()).digest()).rstrip(b"=").decode()
            if asked is None or asked["code_challenge"] != digest or asked["redirect_uri"] != form["redirect_uri"]:
                return error(400, "invalid_grant")
            return self._granted(asked.get("scope", ""))
        if form["grant_type"] == "refresh_token":
            scope = self.refreshes.pop(form["refresh_token"], None)
            return error(400, "invalid_grant", "used before") if scope is None else self._granted(scope)
        return self._granted(form.get("scope", ""))

    def _granted(self, scope: str) -> httpx.Response:
        token = self._secret("access")
        self.tokens[token] = set(scope.split())
        body: dict[str, Any] = {"access_token": token, "token_type": "Bearer", "expires_in": self.expires_in}
        if self.gives_refresh:
            body["refresh_token"] = self._secret("refresh")
            self.refreshes[body["refresh_token"]] = scope
        return httpx.Response(200, json=body | ({"scope": scope} if scope else {}))

    def _secret(self, kind: str) -> str:
        self.secrets.append(f"{kind}-{len(self.secrets)}-{sha256(str(len(self.secrets)).encode()).hexdigest()}")
        return self.secrets[-1]

    @staticmethod
    def _client_of(request: httpx.Request, form: dict[str, str]) -> tuple[str, str]:
        header = request.headers.get("authorization", "")
        if header.startswith("Basic "):
            name, _, secret = b64decode(header[6:]).decode().partition(":")
            return unquote_plus(name), unquote_plus(secret)
        return form["client_id"], form.get("client_secret", "")


@asynccontextmanager
async def served(**options: Any) -> AsyncIterator[tuple[Double, str]]:
    """A double behind a real port of this machine, in the loop that runs; comes with the address of its MCP server."""
    double = Double(**options)
    listening = await asyncio.start_server(lambda reader, writer: _serve(double, reader, writer), "127.0.0.1", 0)
    base = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    url = f"{base}/desk/mcp"
    double.issuer, double.prm = base, f"{base}/.well-known/oauth-protected-resource/desk/mcp"
    double.resource, double.server = resource_document(url, base), server_document(base)
    double.challenge = f'Bearer resource_metadata="{double.prm}"'
    try:
        yield double, url
    finally:
        listening.close()


async def _serve(double: Double, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            method, target, _ = head[0].split(" ")
            headers = [tuple(part.strip() for part in line.split(":", 1)) for line in head[1:] if line]
            known = {name.lower(): value for name, value in headers}
            body = await reader.readexactly(int(known.get("content-length", "0")))
            url = f"http://{known['host']}{target}"
            answer = double.answer(httpx.Request(method, url, headers=headers, content=body))
            lines = [f"HTTP/1.1 {answer.status_code} X", f"content-length: {len(answer.content)}"]
            lines += [f"{name}: {value}" for name, value in answer.headers.items() if name != "content-length"]
            writer.write("\r\n".join([*lines, "", ""]).encode("latin-1") + answer.content)
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()
