"""Which step of reaching an HTTP server fails: address, DNS, TCP, TLS, HTTP status, content type, era, sign-in, and
for a server that asks for one, who issues its tokens and whether that can be used.

Each step is tried by itself and in order, on connections of its own, so that the answer does not depend on what a
client made of it.
"""

import asyncio
import socket
import ssl
from collections.abc import Callable, Mapping
from time import perf_counter, perf_counter_ns
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, urlsplit

from wireglass.doctor.first_answer import FirstAnswer, content_type, era, first_answer, sign_in, status
from wireglass.doctor.handshake import shake_hands
from wireglass.doctor.steps import SLOW, STEPS, Check, Outcome, StepFailed, StepName
from wireglass.wire.tls import TlsChoice

if TYPE_CHECKING:
    from wireglass.auth.steps import SignInStep

__all__ = ["check_connection"]

_SECONDS = 10.0


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
        self._answer = FirstAnswer(0, {}, "")
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
                if not self._answer.wants_token:
                    continue  # nothing to say of a server that wants no token
            elif failed:
                self._tell(Check(name, title, "skipped"))
                continue
            began = perf_counter()
            try:
                async with asyncio.timeout(self._seconds):
                    state, detail, remedy = await work()
            except StepFailed as problem:
                state, detail, remedy = "failed", problem.detail, problem.remedy
            except TimeoutError:
                state, detail, remedy = "failed", f"No answer within {self._seconds:g} s.", SLOW.get(name, "")
            failed = state == "failed"
            self._tell(Check(name, title, state, detail, remedy, (perf_counter() - began) * 1000))

    def _tell(self, check: Check) -> None:
        self.checks.append(check)
        self._on_check(check)

    # the steps

    async def _address(self) -> Outcome:
        parts = self._parts = urlsplit(self._url)
        try:
            port = parts.port
        except ValueError as problem:
            raise StepFailed(f"{problem}.", "Write the port as a number from 1 to 65535.") from problem
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise StepFailed("This is not an HTTP address.", "Write it as https://host/path, for example …/mcp.")
        self._host, self._port = parts.hostname, port or (443 if parts.scheme == "https" else 80)
        self._via = self._proxy_url()
        if self._via:
            proxy = urlsplit(self._via)
            self._host, self._port = proxy.hostname or "", proxy.port or 8080
            if not self._host:
                raise StepFailed(f"The proxy {self._via} is no address.", "Write it as http://host:port.")
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

    async def _dns(self) -> Outcome:
        loop = asyncio.get_running_loop()
        try:
            self._addresses = list(await loop.getaddrinfo(self._host, self._port, type=socket.SOCK_STREAM))
        except OSError as problem:
            raise StepFailed(
                f"{self._host} has no address: {problem.strerror or problem}.",
                "Check the spelling, and whether the name is known only inside another network (VPN).",
            ) from problem
        known = list(dict.fromkeys(str(one[4][0]) for one in self._addresses))
        return "ok", ", ".join(known[:4]) + (f" and {len(known) - 4} more" if len(known) > 4 else ""), ""

    async def _tcp(self) -> Outcome:
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
        if isinstance(problem, ConnectionRefusedError) and self._via:
            raise StepFailed(
                f"No proxy listens on port {self._port} of {self._host}.",
                "Start the proxy, or choose another one, or none (the word direct).",
            )
        if isinstance(problem, ConnectionRefusedError):
            raise StepFailed(
                f"Nothing listens on port {self._port} of {self._host}.",
                "Start the server, or check the port. A server in a container must publish its port.",
            )
        raise StepFailed(
            f"{self._host}:{self._port} cannot be reached: {problem.strerror or problem}.",
            "Check the network, the firewall and the VPN.",
        )

    async def _tls_step(self) -> Outcome:
        if self._parts.scheme != "https":
            local = self._parts.hostname in ("localhost", "127.0.0.1", "::1")
            words = "Not encrypted; fine on this machine." if local else "Not encrypted: anyone on the way can read it."
            return ("skipped" if local else "warn"), words, "" if local else "Use https:// if the server offers it."
        if self._via:
            return "skipped", "Inside the proxy's tunnel; the HTTP request below checks it.", ""
        return "ok", await shake_hands(self._host, self._port, self._tls), ""

    async def _http(self) -> Outcome:
        import httpx

        async with httpx.AsyncClient(headers=self._headers, **self._options()) as client:
            try:
                self._answer = await first_answer(client, self._url)
            except httpx.ProxyError as problem:
                raise StepFailed(f"The proxy refused: {problem}.", "Check the proxy and its sign-in.") from problem
            except httpx.ConnectError as problem:
                raise StepFailed(
                    f"The connection failed: {problem}.", "Check the TLS choices and the proxy."
                ) from problem
            except (httpx.HTTPError, ssl.SSLError) as problem:  # an alert while the answer is read is left as it is
                raise self._unanswered(problem) from problem
        return status(self._answer)

    def _unanswered(self, problem: Exception) -> StepFailed:
        """The connection ended in place of an answer. With TLS 1.3 that is also how a server says, after the handshake,
        that it wanted a client's certificate (RFC 8446 section 4.4.2.4)."""
        if self._parts.scheme == "https" and not self._tls.client_certificate:
            return StepFailed(
                "The server ended the connection right after TLS.",
                "It may want a client certificate: choose one under TLS and proxy.",
            )
        return StepFailed(
            f"No HTTP answer: {str(problem).rstrip('.') or type(problem).__name__}.",
            "Something listens there, but it does not speak HTTP. Check the port.",
        )

    def _options(self) -> dict[str, Any]:
        options: dict[str, Any] = {"timeout": self._seconds, "follow_redirects": False}
        if self._parts.scheme == "https":
            options["verify"] = self._tls.context()
        if self._proxy == "direct":
            options["trust_env"] = False
        elif self._proxy:
            options["proxy"] = self._proxy
        return options

    async def _content_type(self) -> Outcome:
        return content_type(self._answer)

    async def _era(self) -> Outcome:
        return era(self._answer)

    async def _auth(self) -> Outcome:
        return sign_in(self._answer, sent=any(name.lower() == "authorization" for name in self._headers))

    async def _authorization(self, which: StepName) -> Outcome:
        """What a sign-in would find (RFC 9728, RFC 8414); both steps are found out at once."""
        if self._discovered is None:
            self._discovered = await self._discover()
        step = self._discovered.get(which)
        if step is None:
            return "skipped", "", ""
        if step.state == "failed":
            raise StepFailed(step.detail, step.remedy)
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
        flow = discover(self._url, bearer_challenge([self._answer.header("www-authenticate")]), log)
        try:
            await drive(flow, fetcher.fetch)
        except SignInError:
            pass  # the step that failed says so
        finally:
            await fetcher.aclose()
        return found
