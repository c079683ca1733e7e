"""Which step of reaching an HTTP server fails: address, DNS, TCP, TLS, HTTP status, content type, era, sign-in, and
for a server that asks for one, who issues its tokens and whether that can be used.

Each step is tried by itself and in order, on connections of its own, so that the answer does not depend on what a
client made of it. It sends what any client sends first (`server/discover`, else `initialize`) and nothing else.
"""

import asyncio
import json
import socket
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import perf_counter, perf_counter_ns
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import SplitResult, urlsplit

from wireglass.errors import TransportError
from wireglass.protocol import versions
from wireglass.wire.tls import TlsChoice

if TYPE_CHECKING:
    from wireglass.auth.steps import SignInStep

__all__ = ["STEPS", "Check", "check_connection"]

State = Literal["ok", "failed", "skipped", "warn"]
StepName = Literal["address", "dns", "tcp", "tls", "http", "content-type", "era", "auth", "resource", "server"]

STEPS: tuple[tuple[StepName, str], ...] = (
    ("address", "Address"),
    ("dns", "Host name"),
    ("tcp", "TCP connection"),
    ("tls", "TLS"),
    ("http", "HTTP status"),
    ("content-type", "Content type"),
    ("era", "Protocol era"),
    ("auth", "Sign-in"),
    ("resource", "Who may issue tokens"),
    ("server", "Authorization server"),
)
_SECONDS = 10.0
_BODY = 64_000


@dataclass(frozen=True, slots=True)
class Check:
    """One step and how it went. `remedy` says what to do when it failed."""

    step: StepName
    title: str
    state: State
    detail: str = ""
    remedy: str = ""
    milliseconds: float | None = None


class _Failed(Exception):
    """Ends the list; what comes after is skipped."""

    def __init__(self, detail: str, remedy: str) -> None:
        super().__init__(detail)
        self.detail, self.remedy = detail, remedy


async def check_connection(
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    tls: TlsChoice | None = None,
    proxy: str = "",
    seconds: float = _SECONDS,
    on_check: Callable[[Check], None] = lambda _check: None,
) -> tuple[Check, ...]:
    """Tries every step; `on_check` hears of each as it is done. `proxy` "" takes the environment's, "direct" none.

    Never raises for what the other side does. Steps after a failed one are "skipped".
    """
    run = _Run(url, dict(headers or {}), tls or TlsChoice(), proxy, seconds, on_check)
    await run.all()
    return tuple(run.checks)


class _Run:
    def __init__(
        self,
        url: str,
        headers: dict[str, str],
        tls: TlsChoice,
        proxy: str,
        seconds: float,
        on_check: Callable[[Check], None],
    ) -> None:
        self.checks: list[Check] = []
        self._url, self._headers, self._tls, self._proxy = url, headers, tls, proxy
        self._seconds, self._on_check = seconds, on_check
        self._parts: SplitResult = urlsplit("")
        self._host, self._port = "", 0
        self._addresses: list[tuple[Any, ...]] = []
        self._status = 0
        self._answer: Mapping[str, str] = {}
        self._body = ""
        self._via = ""
        self._discovered: dict[str, SignInStep] | None = None

    async def all(self) -> None:
        steps = (
            self._address,
            self._dns,
            self._tcp,
            self._tls_step,
            self._http,
            self._content_type,
            self._era,
            self._auth,
            lambda: self._authorization("resource"),
            lambda: self._authorization("server"),
        )
        failed = False
        for (name, title), work in zip(STEPS, steps, strict=True):
            if name in ("resource", "server"):
                if not self._asks_for_sign_in():
                    continue  # nothing to say of a server that wants no token
            elif failed:
                self._tell(Check(name, title, "skipped"))
                continue
            began = perf_counter()
            try:
                async with asyncio.timeout(self._seconds):
                    state, detail, remedy = await work()
            except _Failed as problem:
                state, detail, remedy = "failed", problem.detail, problem.remedy
            except TimeoutError:
                state, detail, remedy = "failed", f"No answer within {self._seconds:g} s.", _SLOW[name]
            failed = state == "failed"
            self._tell(Check(name, title, state, detail, remedy, (perf_counter() - began) * 1000))

    def _tell(self, check: Check) -> None:
        self.checks.append(check)
        self._on_check(check)

    # the steps

    async def _address(self) -> tuple[State, str, str]:
        parts = self._parts = urlsplit(self._url)
        try:
            port = parts.port
        except ValueError as problem:
            raise _Failed(f"{problem}.", "Write the port as a number from 1 to 65535.") from problem
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise _Failed("This is not an HTTP address.", "Write it as https://host/path, for example …/mcp.")
        self._host, self._port = parts.hostname, port or (443 if parts.scheme == "https" else 80)
        self._via = self._proxy_url()
        if self._via:
            proxy = urlsplit(self._via)
            self._host, self._port = proxy.hostname or "", proxy.port or 8080
            if not self._host:
                raise _Failed(f"The proxy {self._via} is no address.", "Write it as http://host:port.")
            return "ok", f"{parts.hostname} through the proxy {self._host}:{self._port}", ""
        return "ok", f"{self._host}, port {self._port}", ""

    def _proxy_url(self) -> str:
        if self._proxy == "direct":
            return ""
        if self._proxy:
            return self._proxy
        from urllib.request import getproxies, proxy_bypass

        host = self._parts.hostname or ""
        found = getproxies()
        return "" if proxy_bypass(host) else found.get(self._parts.scheme, found.get("all", ""))

    async def _dns(self) -> tuple[State, str, str]:
        loop = asyncio.get_running_loop()
        try:
            self._addresses = list(await loop.getaddrinfo(self._host, self._port, type=socket.SOCK_STREAM))
        except OSError as problem:
            raise _Failed(
                f"{self._host} has no address: {problem.strerror or problem}.",
                "Check the spelling, and whether the name is known only inside another network (VPN).",
            ) from problem
        known = list(dict.fromkeys(str(one[4][0]) for one in self._addresses))
        return "ok", ", ".join(known[:4]) + (f" and {len(known) - 4} more" if len(known) > 4 else ""), ""

    async def _tcp(self) -> tuple[State, str, str]:
        problems: list[OSError] = []
        for *_, address in self._addresses[:4]:
            try:
                _reader, writer = await asyncio.open_connection(address[0], address[1])
            except OSError as problem:
                problems.append(problem)
                continue
            writer.close()
            return "ok", f"{address[0]} accepts connections on port {self._port}", ""
        problem = problems[0] if problems else OSError("no address")
        if isinstance(problem, ConnectionRefusedError):
            raise _Failed(
                f"Nothing listens on port {self._port} of {self._host}.",
                "Start the server, or check the port. A server in a container must publish its port.",
            )
        raise _Failed(
            f"{self._host}:{self._port} cannot be reached: {problem.strerror or problem}.",
            "Check the network, the firewall and the VPN.",
        )

    async def _tls_step(self) -> tuple[State, str, str]:
        if self._parts.scheme != "https":
            local = self._parts.hostname in ("localhost", "127.0.0.1", "::1")
            words = "Not encrypted; fine on this machine." if local else "Not encrypted: anyone on the way can read it."
            return ("skipped" if local else "warn"), words, "" if local else "Use https:// if the server offers it."
        if self._via:
            return "skipped", "Inside the proxy's tunnel; the HTTP request below checks it.", ""
        try:
            context = self._tls.context()
        except TransportError as problem:
            raise _Failed(problem.message, problem.next_step) from problem
        try:
            _reader, writer = await asyncio.open_connection(self._host, self._port, ssl=context)
        except ssl.SSLCertVerificationError as problem:
            raise _Failed(*_untrusted(problem, self._host)) from problem
        except ssl.SSLError as problem:
            raise _Failed(*_tls_words(problem, self._port)) from problem
        except (OSError, EOFError) as problem:
            raise _Failed(
                f"The server closed the connection during the TLS handshake: {problem}.",
                "It may want a client certificate (choose one in the connect dialog), or speak plain HTTP here.",
            ) from problem
        tls = writer.get_extra_info("ssl_object")
        words = _tls_facts(tls)
        writer.close()
        return "ok", words, ""

    async def _http(self) -> tuple[State, str, str]:
        import httpx

        async with httpx.AsyncClient(headers=self._headers, **self._options()) as client:
            try:
                await self._ask(client, _discover())
                if (self._status < 300 or self._status == 400) and "result" not in self._message():
                    await self._ask_again(client)
            except httpx.ProxyError as problem:
                raise _Failed(f"The proxy refused: {problem}.", "Check the proxy and its sign-in.") from problem
            except httpx.ConnectError as problem:
                raise _Failed(f"The connection failed: {problem}.", "Check the TLS choices and the proxy.") from problem
            except httpx.HTTPError as problem:
                raise _Failed(
                    f"No HTTP answer: {problem or type(problem).__name__}.",
                    "Something listens there, but it does not speak HTTP. Check the port.",
                ) from problem
        return _status_words(self._status, self._answer)

    def _options(self) -> dict[str, Any]:
        options: dict[str, Any] = {"timeout": self._seconds, "follow_redirects": False}
        if self._parts.scheme == "https":
            options["verify"] = self._tls.context()
        if self._proxy == "direct":
            options["trust_env"] = False
        elif self._proxy:
            options["proxy"] = self._proxy
        return options

    async def _ask(self, client: Any, message: dict[str, Any]) -> None:
        accept = {"accept": "application/json, text/event-stream", "content-type": "application/json"}
        version = str(message["params"].get("protocolVersion") or versions.LATEST_STATELESS)
        mirrored = {versions.HEADER_PROTOCOL_VERSION: version}
        if message["method"] == "server/discover":
            mirrored[versions.HEADER_METHOD] = "server/discover"
        async with client.stream("POST", self._url, json=message, headers=accept | mirrored) as response:
            self._status, self._answer = response.status_code, response.headers
            self._body = ""
            async for text in response.aiter_text():
                self._body += text
                stream = "text/event-stream" in response.headers.get("content-type", "")
                if len(self._body) > _BODY or (stream and "\n\n" in self._body.replace("\r\n", "\n")):
                    break

    async def _ask_again(self, client: Any) -> None:
        """A server of the handshake eras answers `initialize`; its first answer stays the one that counts otherwise."""
        before = self._status, self._answer, self._body
        await self._ask(client, _initialize())
        session = self._answer.get(versions.HEADER_SESSION_ID)
        if session:  # nobody will use it
            await client.delete(self._url, headers={versions.HEADER_SESSION_ID: session})
        if self._status >= 400 or "result" not in self._message():
            self._status, self._answer, self._body = before

    async def _content_type(self) -> tuple[State, str, str]:
        kind = str(self._answer.get("content-type", "")).split(";")[0].strip().lower()
        if self._status in (401, 403):
            return "skipped", kind, ""
        if kind in ("application/json", "text/event-stream"):
            return "ok", kind, ""
        if kind == "text/html":
            raise _Failed(
                "text/html: this is a web page, not an MCP endpoint.",
                "Check the path: many servers answer at /mcp.",
            )
        raise _Failed(
            f"{kind or 'No content type'}; MCP answers are application/json or text/event-stream.",
            "Check the path, and what a proxy in between makes of the answer.",
        )

    async def _era(self) -> tuple[State, str, str]:
        if self._status in (401, 403):
            return "skipped", "", ""
        message = self._message()
        result = message.get("result")
        if isinstance(result, dict):
            if isinstance(result.get("protocolVersion"), str):
                return "ok", f"answers initialize: {result['protocolVersion']} (handshake)", ""
            offered = result.get("supportedVersions")
            known = ", ".join(map(str, offered)) if isinstance(offered, list) else versions.LATEST_STATELESS
            return "ok", f"answers server/discover: {known} (stateless)", ""
        error = message.get("error")
        if isinstance(error, dict):
            raise _Failed(
                f"It answers with an error: {error.get('message', '')} ({error.get('code', '')}).",
                "Choose another protocol version in the connect dialog, or look at the server's log.",
            )
        raise _Failed(
            "The answer is no JSON-RPC message.",
            "Something else answers at this address. Check the path: many servers answer at /mcp.",
        )

    async def _auth(self) -> tuple[State, str, str]:
        sent = any(name.lower() == "authorization" for name in self._headers)
        if self._status == 401:
            how = str(self._answer.get("www-authenticate", ""))
            detail = "The token was not accepted." if sent else "The server wants a sign-in."
            if "resource_metadata" in how:
                return (
                    "failed",
                    detail,
                    "It names an authorization server (OAuth). Sign in, or add a token as a header.",
                )
            if how:
                return "failed", f"{detail} It asks for {how.split(' ')[0]}.", "Add an Authorization header."
            return "failed", detail, "Add an Authorization header; the server does not say of which kind."
        if self._status == 403:
            how = str(self._answer.get("www-authenticate", ""))
            if "insufficient_scope" in how:
                return "failed", "The token lacks a scope.", "Sign in again with the scope that the server names."
            return "failed", "The server knows you and says no.", "Ask for access, or sign in as someone else."
        return "ok", "the header was accepted" if sent else "none needed", ""

    def _asks_for_sign_in(self) -> bool:
        """Whether OAuth is what it wants: the metadata behind its 401 is looked at; nobody is asked for anything."""
        how = str(self._answer.get("www-authenticate", "")).lower()
        return self._status == 401 and (not how or "bearer" in how or "dpop" in how)

    async def _authorization(self, which: StepName) -> tuple[State, str, str]:
        """What a sign-in would find (RFC 9728, RFC 8414); both steps are found out at once."""
        if self._discovered is None:
            self._discovered = await self._discover()
        step = self._discovered.get(which)
        if step is None:
            return "skipped", "", ""
        if step.state == "failed":
            raise _Failed(step.detail, step.remedy)
        return "ok", step.detail, ""

    async def _discover(self) -> "dict[str, SignInStep]":
        import httpx

        from wireglass.auth.challenges import bearer_challenge
        from wireglass.auth.discovery import discover
        from wireglass.auth.driving import drive
        from wireglass.auth.fetching import Fetcher
        from wireglass.auth.steps import StepLog
        from wireglass.errors import SignInError

        found: dict[str, SignInStep] = {}
        log = StepLog(perf_counter_ns, lambda step: found.__setitem__(step.name, step))
        fetcher = Fetcher(lambda **options: httpx.AsyncClient(**{**self._options(), **options}))
        flow = discover(self._url, bearer_challenge([str(self._answer.get("www-authenticate", ""))]), log)
        try:
            await drive(flow, fetcher.fetch)
        except SignInError:
            pass  # the step that failed says so
        finally:
            await fetcher.aclose()
        return found

    def _message(self) -> dict[str, Any]:
        text = self._body
        if "text/event-stream" in str(self._answer.get("content-type", "")):
            lines = text.replace("\r\n", "\n").split("\n\n")[0].split("\n")
            text = "\n".join(line[5:].removeprefix(" ") for line in lines if line.startswith("data:"))
        try:
            found = json.loads(text)
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}


_SLOW: dict[str, str] = {
    "address": "",
    "dns": "The name server does not answer: check the network.",
    "tcp": "A firewall may drop the packets, or the host is down.",
    "tls": "The port may not speak TLS: try http://, or another port.",
    "http": "The server accepts connections but does not answer. Look at its log.",
    "content-type": "",
    "era": "",
    "auth": "",
    "resource": "The metadata does not come: look at the server's log.",
    "server": "The authorization server does not answer: check the network.",
}


def _untrusted(problem: ssl.SSLCertVerificationError, host: str) -> tuple[str, str]:
    """Codes are OpenSSL's X509_V_ERR_*."""
    words = problem.verify_message
    remedies = {
        10: "Renew the server's certificate, or check this machine's clock.",
        9: "Check this machine's clock.",
        18: "It is signed by itself: give its certificate as your own file of authorities in the connect dialog.",
        19: "Its chain ends in an authority of its own: give that one as a file of authorities, or trust the system's.",
        20: "Its authority is not known here: choose the system's trust, or a file of authorities. The server may also "
        "have left out an intermediate certificate.",
        62: "The certificate is for another name: use the name that it is for.",
        64: "The certificate is for another address: use the name that it is for.",
    }
    step = remedies.get(problem.verify_code, "Choose whom to trust in the connect dialog, or correct the certificate.")
    return f"The certificate of {host} is not trusted: {words}.", step


def _tls_words(problem: ssl.SSLError, port: int) -> tuple[str, str]:
    reason = problem.reason or str(problem)
    if reason in ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE"):
        return f"Port {port} answers, but not with TLS.", "It probably speaks plain HTTP: try http:// instead."
    if "CERTIFICATE_REQUIRED" in reason or "HANDSHAKE_FAILURE" in reason:
        return f"The server refused the handshake ({reason}).", "It may want a client certificate: choose one."
    return f"TLS failed: {reason.replace('_', ' ').lower()}.", "Look at the server's TLS settings."


def _tls_facts(tls: ssl.SSLObject | None) -> str:
    if tls is None:
        return ""
    certificate: Any = tls.getpeercert() or {}
    issuer = {key: value for group in certificate.get("issuer", ()) for key, value in group}
    until = certificate.get("notAfter", "")
    parts = [
        tls.version() or "",
        f"issued by {issuer.get('organizationName') or issuer.get('commonName')}" if issuer else "",
    ]
    parts.append(f"valid until {until}" if until else "")
    return ", ".join(part for part in parts if part)


def _status_words(status: int, headers: Mapping[str, str]) -> tuple[State, str, str]:
    from http import HTTPStatus

    try:
        words = f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        words = str(status)
    if status < 300:
        return "ok", words, ""
    if status in (401, 403):
        return "warn", words, ""
    if status < 400:
        return "failed", f"{words} to {headers.get('location', 'nowhere')}", "Use the address it points to."
    remedies = {
        404: "There is nothing at this path: many servers answer at /mcp, older ones at /sse.",
        405: "This path takes no POST: it may be the older SSE transport, or a web page.",
        406: "The server wants other Accept headers than MCP's: a proxy may change them.",
        415: "The server takes no JSON here: check the path.",
        421: "The server does not serve this host name: check its allowed hosts.",
        429: "Too many requests: wait, then try again.",
        400: "The server did not understand the first message; its log says why.",
    }
    if status in (400,) and "json" in str(headers.get("content-type", "")):
        return "ok", words, ""  # JSON-RPC errors of the era travel with 400
    default = "The server failed by itself: look at its log." if status >= 500 else "Check the address and the headers."
    return "failed", words, remedies.get(status, default)


def _discover() -> dict[str, Any]:
    meta = {
        versions.META_PROTOCOL_VERSION: versions.LATEST_STATELESS,
        versions.META_CLIENT_INFO: _WHO,
        versions.META_CLIENT_CAPABILITIES: {},
    }
    return {"jsonrpc": "2.0", "id": 1, "method": "server/discover", "params": {"_meta": meta}}


def _initialize() -> dict[str, Any]:
    params = {"protocolVersion": versions.LATEST_HANDSHAKE, "capabilities": {}, "clientInfo": _WHO}
    return {"jsonrpc": "2.0", "id": 2, "method": "initialize", "params": params}


_WHO = {"name": "wireglass", "version": "1"}
