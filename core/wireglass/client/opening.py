"""Finds out which era and version a server speaks, and opens the connection in it.

Source: "Backward compatibility" of the 2026-07-28 lifecycle. Auto mode asks `server/discover` first and falls back to
`initialize`; every attempt and its outcome are kept for people to read. The rules, in the order they are tried:

| answer to `server/discover` | verdict |
|---|---|
| a result with a stateless version that we know | stateless |
| a result without one, or one that cannot be read | handshake |
| -32022 that names a stateless version that we know | ask once more at that version |
| -32022 that names only stateless versions that we do not know | no connection |
| -32022 that names handshake versions, or none | handshake |
| HTTP: -32020 or -32021 | stateless, and the error is the user's to see |
| HTTP: status 404 with -32601 | stateless without discovery: what it offers is asked list by list |
| any other error | handshake; over HTTP on a fresh session |
| no answer in time | handshake, on the same process |
| stdio: the process ends | handshake, in a fresh process |
| HTTP: 401, 403, 5xx, no connection | none: the error is the user's to see |
| HTTP: any other status | handshake; if `initialize` gets 400, 404 or 405 too, HTTP+SSE |

A verdict that is remembered (`eras.py`) comes first: a handshake is not probed for again, a stateless version is asked
for by its name. When the server refuses it, or another server answers, everything is found out anew.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from wireglass.client.eras import Verdict, identity_of
from wireglass.client.opening_rules import OpeningRules, nearest_handshake
from wireglass.errors import (
    HEADER_MISMATCH,
    INVALID_REQUEST,
    METHOD_NOT_FOUND,
    MISSING_CLIENT_CAPABILITY,
    UNSUPPORTED_PROTOCOL_VERSION,
    HttpStatusError,
    McpError,
    NoCommonVersion,
    OlderTransport,
    ProtocolError,
    RequestTimeout,
    TransportClosed,
    TransportError,
)
from wireglass.protocol import versions
from wireglass.protocol.fitting import fit_implementation
from wireglass.protocol.messages import JsonObject, as_object, is_object
from wireglass.session import ClientSession

__all__ = ["ConnectionFacts", "Opening", "parse_mode"]

PROBE_SECONDS: Final = 10.0
"""How long `server/discover` may stay unanswered before we try `initialize` on the same process."""
OPEN_SECONDS: Final = 60.0
_MODERN_ERRORS: Final = (HEADER_MISMATCH, MISSING_CLIENT_CAPABILITY, UNSUPPORTED_PROTOCOL_VERSION)
_LEGACY_CODES: Final = range(-32019, -31999)
"""Codes of older implementations ("missing session" and the like), without a meaning in the protocol."""
_LISTS: Final = {"tools": "tools/list", "resources": "resources/list", "prompts": "prompts/list"}
"""Capabilities, and the request that shows whether a server without discovery has them."""


@dataclass(frozen=True, slots=True)
class ConnectionFacts:
    """What was settled when the connection was opened, and how."""

    version: str
    stateless: bool
    why: str
    """One sentence: why this version."""
    server_info: JsonObject
    capabilities: JsonObject
    instructions: str | None = None
    path: tuple[tuple[str, str], ...] = ()
    """Each attempt and its outcome, in order."""
    result: JsonObject = field(default_factory=dict[str, Any])
    """The raw result of `initialize` or `server/discover`."""
    transport: str = ""
    """The name of the transport in use: it may differ from the first one tried."""


def parse_mode(mode: str | None) -> tuple[str, str | None]:
    """Reads a mode: ("auto" | "stateless" | "handshake", version or None). Raises ValueError.

    "modern" and "legacy" are understood too, as is any released version.
    """
    mode = {"modern": "stateless", "legacy": "handshake", None: "auto"}.get(mode, mode)
    if mode in ("auto", "stateless", "handshake"):
        return mode, None
    if mode in versions.ALL_VERSIONS:
        return ("stateless" if versions.is_stateless(mode) else "handshake"), mode
    raise ValueError(f"mode is auto, stateless, handshake or one of {', '.join(versions.ALL_VERSIONS)}; not {mode!r}")


class _Fallback(Exception):
    """The probe says: this is no stateless server. `fresh` asks for a new connection first."""

    def __init__(self, why: str, *, fresh: bool = False) -> None:
        super().__init__(why)
        self.why = why
        self.fresh = fresh


@dataclass
class Opening:
    """One attempt to connect. `connect` starts a fresh session, with its transport opened."""

    connect: Callable[[bool], Any]
    """`connect(sse)` returns an awaitable ClientSession; `sse` asks for HTTP+SSE of 2024-11-05."""
    capabilities: Callable[[str], JsonObject]
    client_info: JsonObject
    mode: str = "auto"
    version: str | None = None
    seconds: float = OPEN_SECONDS
    rules: OpeningRules = field(default_factory=OpeningRules)
    remembered: Verdict | None = None
    """What the server spoke before; None again when that is no longer true."""
    verdict: Verdict | None = None
    """What is worth remembering now, if anything."""
    path: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    session: ClientSession | None = None
    _cost: bool = False
    """Whether the probe cost a long wait, or the process."""

    async def run(self) -> tuple[ClientSession, ConnectionFacts]:
        """Connects. Raises McpError, RequestTimeout, TransportError or ProtocolError; then nothing is left open."""
        try:
            return await self._run()
        except BaseException:
            if self.session is not None:
                await self.session.aclose()
            raise

    async def _run(self) -> tuple[ClientSession, ConnectionFacts]:
        known = self.remembered if self.mode == "auto" else None
        if known is not None and not known.stateless:
            found = await self._as_remembered(known)
            if found is not None:
                return found
        session, facts = await self._found_out(None if known is None else known.version)
        if session.transport.name != "stdio" or self._cost:
            self.verdict = Verdict(
                facts.version, facts.stateless, facts.transport == "sse", identity_of(facts.server_info)
            )
        return session, facts

    async def _as_remembered(self, known: Verdict) -> tuple[ClientSession, ConnectionFacts] | None:
        """The handshake that worked before. None when the server no longer takes it; outages are raised."""
        attempt = "initialize as remembered"
        try:
            await self._fresh(sse=known.sse)
            why = f"The server spoke {known.version} when it was last connected to, and was not asked again."
            session, facts = await self._handshake(why, remembered=True)
        except (McpError, ProtocolError) as error:
            self.path.append((attempt, f"no longer true: {error}"))
        except HttpStatusError as error:
            if error.status in (401, 403, 429) or error.status >= 500:
                raise
            self.path.append((attempt, f"no longer true: HTTP status {error.status}"))
        except TransportClosed as error:
            if self.session is None or self.session.transport.name != "stdio":
                raise
            self.path.append((attempt, f"no longer true: {error.message}"))
        else:
            if identity_of(facts.server_info) == known.server:
                return session, facts
            self.path.append((attempt, "another server answers"))
        self.remembered = None
        return None

    async def _found_out(self, version: str | None) -> tuple[ClientSession, ConnectionFacts]:
        session = await self._fresh()
        if self.mode == "handshake" or session.transport.name == "sse":
            why = "The mode asks for a handshake." if self.mode == "handshake" else "HTTP+SSE knows only handshakes."
            return await self._handshake(why)
        try:
            known = version if version in versions.STATELESS_VERSIONS else versions.LATEST_STATELESS
            return await self._stateless(self.version or known)
        except _Fallback as fallback:
            self.remembered = None
            if self.mode == "stateless":
                raise ProtocolError(
                    f"The server does not speak {self.version or 'the stateless versions'}: {fallback.why}",
                    next_step="Connect in automatic mode, or choose the handshake.",
                ) from fallback
            if fallback.fresh:
                await self._fresh()
            return await self._handshake(fallback.why)

    async def _fresh(self, *, sse: bool = False) -> ClientSession:
        if self.session is not None:
            session, self.session = self.session, None
            await session.aclose()
        self.session = await self.connect(sse)
        assert self.session is not None
        self.session.client_info = self.client_info
        return self.session

    # The stateless era

    async def _stateless(self, version: str, *, again: bool = False) -> tuple[ClientSession, ConnectionFacts]:
        session = self._session
        session.settle(version)
        session.capabilities = self.capabilities(version)
        patience = PROBE_SECONDS if self.rules.probe_seconds is None else self.rules.probe_seconds
        seconds = self.seconds if self.mode == "stateless" else min(patience, self.seconds)
        attempt = f"server/discover at {version}"
        try:
            result = await session.request("server/discover", {}, timeout=seconds, patient=True)
        except McpError as error:
            self.path.append((attempt, f"error {error.code}: {error.message}"))
            return await self._after_error(error, version, again=again)
        except RequestTimeout:
            self.path.append((attempt, f"no answer within {seconds:g} s"))
            self._cost = True
            raise _Fallback(f"server/discover got no answer within {seconds:g} s.") from None
        except HttpStatusError as error:
            self.path.append((attempt, f"HTTP status {error.status}"))
            if error.status in (401, 403) or error.status >= 500:
                raise  # an authorization matter or an outage, no verdict about the era
            raise _Fallback(f"server/discover got HTTP status {error.status}.", fresh=True) from error
        except TransportClosed as error:
            self.path.append((attempt, error.message))
            if session.transport.name != "stdio":
                raise
            self._cost = True
            raise _Fallback("The server ended when it was sent server/discover.", fresh=True) from error
        except ProtocolError as error:
            self.path.append((attempt, error.message))
            raise _Fallback("The answer to server/discover cannot be read.") from error
        return await self._discovered(result, version, attempt, again=again)

    async def _after_error(
        self, error: McpError, version: str, *, again: bool
    ) -> tuple[ClientSession, ConnectionFacts]:
        http = self._session.transport.name == "streamable-http"
        if error.code == UNSUPPORTED_PROTOCOL_VERSION:
            supported = _strings(as_object(error.data).get("supported"))
            common = self._common(supported)
            if common is not None and not again:
                return await self._stateless(common, again=True)
            if common is not None:
                raise ProtocolError(
                    f"The server refuses {version} and names it as one that it supports.",
                    next_step="Connect with the handshake, and tell the server's author.",
                ) from error
            if supported and not any(known in versions.HANDSHAKE_VERSIONS for known in supported):
                raise NoCommonVersion(supported, versions.ALL_VERSIONS) from error
            raise _Fallback("The server does not support the stateless versions.") from error
        if http and error.code in _MODERN_ERRORS:
            raise error
        if http and error.code == METHOD_NOT_FOUND and error.http_status == 404:
            return await self._undiscovered(version)
        raise _Fallback(f"server/discover was answered with error {error.code}.", fresh=http) from error

    def _common(self, supported: list[str]) -> str | None:
        """The newest stateless version that both sides know."""
        ours = (self.version,) if self.version else versions.STATELESS_VERSIONS
        return max((known for known in ours if known in supported), default=None)

    async def _discovered(
        self, result: JsonObject, version: str, attempt: str, *, again: bool
    ) -> tuple[ClientSession, ConnectionFacts]:
        supported = _strings(result.get("supportedVersions"))
        if version not in supported:
            self.path.append((attempt, f"the server names {', '.join(supported) or 'no version'}"))
            common = self._common(supported)
            if common is not None and not again:
                return await self._stateless(common, again=True)
            raise _Fallback("server/discover names no stateless version that we know.")
        self.path.append((attempt, "the server supports it"))
        info = as_object(as_object(result.get("_meta")).get(versions.META_SERVER_INFO)) or result.get("serverInfo")
        why = "The mode asks for it." if self.mode == "stateless" else "The server answered server/discover."
        await self._session.transport.negotiated(version)
        return self._session, self._facts(version, why, result, as_object(info))

    async def _undiscovered(self, version: str) -> tuple[ClientSession, ConnectionFacts]:
        """A stateless server without `server/discover`, which it ought to have: only stateless servers say 404 with
        -32601. Its lists show what it offers. An error that no stateless server sends is the last word after all."""
        offered: JsonObject = {}
        for capability, method in _LISTS.items():
            try:
                await self._session.request(method, {}, timeout=self.seconds, patient=True)
            except McpError as error:
                self.path.append((f"{method} at {version}", f"error {error.code}: {error.message}"))
                if error.code == INVALID_REQUEST or error.code in _LEGACY_CODES:
                    raise _Fallback(f"{method} was answered with error {error.code}.", fresh=True) from error
            except HttpStatusError as error:
                self.path.append((f"{method} at {version}", f"HTTP status {error.status}"))
                if error.status in (401, 403) or error.status >= 500:
                    raise
                raise _Fallback(f"{method} got HTTP status {error.status}.", fresh=True) from error
            else:
                self.path.append((f"{method} at {version}", "the server answers it"))
                offered[capability] = {}
        await self._session.transport.negotiated(version)
        why = "The server knows no server/discover and says so as only stateless servers do."
        return self._session, self._facts(version, why, {"capabilities": offered}, {})

    # The handshake era

    async def _handshake(
        self, why: str, *, remembered: bool = False, named: str = ""
    ) -> tuple[ClientSession, ConnectionFacts]:
        """`named` is the version that the server has named when it refused another."""
        session = self._session
        wanted = named or (self.version if self.version in versions.HANDSHAKE_VERSIONS else versions.LATEST_HANDSHAKE)
        session.settle(None)
        attempt = f"initialize at {wanted}"
        params = {
            "protocolVersion": wanted,
            "capabilities": self.capabilities(wanted),
            "clientInfo": fit_implementation(self.client_info, wanted),
        }
        try:
            result = await session.request("initialize", params, timeout=self.seconds, patient=True)
        except McpError as error:
            self.path.append((attempt, f"error {error.code}: {error.message}"))
            if remembered:
                raise
            return await self._after_refusal(error, why, again=bool(named))
        except HttpStatusError as error:
            self.path.append((attempt, f"HTTP status {error.status}"))
            if remembered or error.status not in (400, 404, 405) or session.transport.name == "sse":
                raise
            return await self._over_sse(error)
        except (TransportError, RequestTimeout, ProtocolError) as error:
            self.path.append((attempt, error.message))
            raise
        theirs = self._accepted(result, attempt)
        version = theirs if theirs in versions.HANDSHAKE_VERSIONS else nearest_handshake(theirs)
        if version != theirs:
            why = f"The server answered {theirs}, which Wireglass does not know: it is spoken as {version}."
        session.settle(version)
        session.capabilities = self.capabilities(version)
        await session.notify("notifications/initialized")
        await session.transport.negotiated(version)
        return session, self._facts(version, why, result, as_object(result.get("serverInfo")))

    def _accepted(self, result: JsonObject, attempt: str) -> str:
        version = result.get("protocolVersion")
        self.path.append((attempt, f"the server answers {version}"))
        if not isinstance(version, str) or not (version in versions.HANDSHAKE_VERSIONS or self.rules.any_version):
            raise NoCommonVersion([str(version)], versions.ALL_VERSIONS)
        return version

    async def _after_refusal(self, error: McpError, why: str, *, again: bool) -> tuple[ClientSession, ConnectionFacts]:
        """`initialize` was refused: with a version that we know it is asked once more, and -32022 may come from a slow
        stateless server that had missed the probe."""
        supported = _strings(as_object(error.data).get("supported"))
        known = max((one for one in supported if one in versions.HANDSHAKE_VERSIONS), default="")
        if known and not again and self.version is None:
            return await self._handshake(why, named=known)
        if error.code == UNSUPPORTED_PROTOCOL_VERSION and self.mode == "auto" and not known:
            try:
                return await self._stateless(versions.LATEST_STATELESS)
            except _Fallback as fallback:
                raise NoCommonVersion(supported, versions.ALL_VERSIONS) from fallback
        if supported and not known:
            raise NoCommonVersion(supported, versions.ALL_VERSIONS) from error
        raise error

    async def _over_sse(self, refused: HttpStatusError) -> tuple[ClientSession, ConnectionFacts]:
        """Streamable HTTP is refused: perhaps the server speaks HTTP+SSE of 2024-11-05."""
        try:
            await self._fresh(sse=True)
        except (TransportError, NotImplementedError) as error:
            self.path.append(("GET for HTTP+SSE", str(error)))
            raise refused from error
        self.path.append(("GET for HTTP+SSE", "the server named its endpoint"))
        if not self.rules.older_sse:
            raise OlderTransport(str(getattr(self._session.transport, "url", ""))) from refused
        return await self._handshake("The server speaks HTTP+SSE of 2024-11-05.")

    # Both

    @property
    def _session(self) -> ClientSession:
        assert self.session is not None
        return self.session

    def _facts(self, version: str, why: str, result: JsonObject, info: JsonObject) -> ConnectionFacts:
        instructions = result.get("instructions")
        return ConnectionFacts(
            version=version,
            stateless=versions.is_stateless(version),
            why=why,
            server_info=info,
            capabilities=as_object(result.get("capabilities")),
            instructions=instructions if isinstance(instructions, str) else None,
            path=tuple(self.path),
            result=result if is_object(result) else {},
            transport=self._session.transport.name,
        )


def _strings(value: Any) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []
