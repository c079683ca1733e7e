"""Requests of a sign-in on httpx: bounded in size and time, without the headers of the MCP connection."""

import time
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from wireglass.auth.addresses import is_secure
from wireglass.auth.steps import Fetch, Fetched, FetchFailed
from wireglass.wire.http_request import ClientFactory, redirect_within_origin
from wireglass.wire.http_trace import ExchangeTrace, OnHttp

if TYPE_CHECKING:
    import httpx

__all__ = ["Fetcher"]

_SECONDS: Final = 15.0
_BYTES: Final = 512 * 1024
_REDIRECTS: Final = 3


class Fetcher:
    """Sends requests until `aclose`. `on_http` hears of each exchange, without its body."""

    def __init__(self, client_factory: ClientFactory | None = None, on_http: OnHttp | None = None) -> None:
        self._factory, self._on_http = client_factory, on_http
        self._client: httpx.AsyncClient | None = None

    async def aclose(self) -> None:
        """Closes the connections. Safe to call twice."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    def _ready(self) -> "httpx.AsyncClient":
        import httpx

        if self._client is None:
            timeout = httpx.Timeout(_SECONDS)
            self._client = (self._factory or httpx.AsyncClient)(headers={}, timeout=timeout, auth=None)
        return self._client

    async def fetch(self, wanted: Fetch, extra: dict[str, str] | None = None) -> Fetched:
        """One request; a GET may be sent on within its origin. Raises FetchFailed without an HTTP answer."""
        if not is_secure(wanted.url):
            raise FetchFailed(f"{wanted.url} is not encrypted, so it was not asked.", "It must be https.")
        url = wanted.url
        answer, target = await self._once(wanted, url, extra)
        for _ in range(_REDIRECTS):
            if target is None or wanted.method != "GET":
                break
            answer, target = await self._once(wanted, target, extra)
        return answer

    async def _once(self, wanted: Fetch, url: str, extra: dict[str, str] | None) -> tuple[Fetched, str | None]:
        import httpx

        headers = {**wanted.headers, **(extra or {})}
        request = self._ready().build_request(wanted.method, url, headers=headers, content=wanted.body or None)
        trace = ExchangeTrace(
            request.method, url, "sign-in", len(wanted.body), time.perf_counter_ns(), self._on_http, None
        )
        request.extensions = {**request.extensions, "trace": trace}
        try:
            response = await self._ready().send(request, stream=True, auth=None, follow_redirects=False)
            try:
                body = await _bounded(response)
            finally:
                await response.aclose()
        except httpx.TimeoutException as error:
            trace.finish(error=error)
            raise FetchFailed(f"{_host(url)} did not answer in time.", "Try again, or check the network.") from error
        except httpx.HTTPError as error:
            trace.finish(error=error)
            raise FetchFailed(
                f"{_host(url)} cannot be reached: {error}.", "Check the address and the network."
            ) from error
        except BaseException as error:
            trace.finish(error=error)
            raise
        trace.finish(response)
        lowered = {name.lower(): value for name, value in response.headers.items()}
        return Fetched(response.status_code, lowered, body), redirect_within_origin(response)


async def _bounded(response: "httpx.Response") -> bytes:
    parts: list[bytes] = []
    size = 0
    async for part in response.aiter_bytes():
        size += len(part)
        if size > _BYTES:
            raise FetchFailed(f"{_host(str(response.url))} answered with more than {_BYTES} bytes.")
        parts.append(part)
    return b"".join(parts)


def _host(url: str) -> str:
    return urlsplit(url).netloc.rpartition("@")[2]
