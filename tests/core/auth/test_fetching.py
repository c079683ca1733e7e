"""Requests of a sign-in: encrypted, bounded, within their origin, and without what belongs to the MCP connection."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest

from wireglass.auth.fetching import Fetcher
from wireglass.auth.steps import Fetch, FetchFailed
from wireglass.protocol.messages import HttpExchange

pytestmark = pytest.mark.anyio
AS = "https://as.example"


def fetcher(answer: Callable[[httpx.Request], httpx.Response], seen: list[httpx.Request], **options: Any) -> Fetcher:
    def handle(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return answer(request)

    return Fetcher(lambda **known: httpx.AsyncClient(**{**known, "transport": httpx.MockTransport(handle)}), **options)


async def test_a_redirect_within_the_origin_is_followed_and_another_is_not() -> None:
    """SSRF: an authorization server must not send us elsewhere (specification, security considerations)."""
    places = {"/a": "/b", "/b": "https://other.example/c"}

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(302, headers={"location": places[request.url.path]})

    seen: list[httpx.Request] = []
    found = await fetcher(answer, seen).fetch(Fetch.metadata(f"{AS}/a"))
    assert found.status == 302
    assert [str(request.url) for request in seen] == [f"{AS}/a", f"{AS}/b"]


async def test_a_post_is_never_sent_on() -> None:
    seen: list[httpx.Request] = []
    redirecting = fetcher(lambda request: httpx.Response(307, headers={"location": "/again"}), seen)
    assert (await redirecting.fetch(Fetch.form(f"{AS}/token", {"code": "c"}))).status == 307
    assert len(seen) == 1


async def test_an_endless_answer_is_cut_off() -> None:
    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b"x" * 65_536

    with pytest.raises(FetchFailed, match="more than"):
        await fetcher(lambda request: httpx.Response(200, content=endless()), []).fetch(Fetch.metadata(f"{AS}/a"))


@pytest.mark.parametrize("url", ["http://as.example/a", "http://10.0.0.1/a", "ftp://as.example/a"])
async def test_what_is_not_encrypted_is_not_asked(url: str) -> None:
    seen: list[httpx.Request] = []
    with pytest.raises(FetchFailed, match="not encrypted"):
        await fetcher(lambda request: httpx.Response(200), seen).fetch(Fetch.metadata(url))
    assert seen == []


@pytest.mark.parametrize(
    ("error", "words"),
    [(httpx.ConnectError("refused"), "cannot be reached"), (httpx.ReadTimeout("slow"), "did not answer in time")],
)
async def test_no_answer_is_a_sentence_with_a_next_step(error: Exception, words: str) -> None:
    def fail(request: httpx.Request) -> httpx.Response:
        raise error

    with pytest.raises(FetchFailed, match=words) as caught:
        await fetcher(fail, []).fetch(Fetch.metadata(f"{AS}/a"))
    assert caught.value.next_step


async def test_each_exchange_is_told_without_its_secrets() -> None:
    heard: list[HttpExchange] = []
    secret = {"authorization": "Basic c2VjcmV0LXNlY3JldA=="}
    told = fetcher(lambda request: httpx.Response(200, json={}), [], on_http=heard.append)
    await told.fetch(Fetch.form(f"{AS}/token?code=the-code", {"code": "the-code"}, secret))
    assert [(one.verb, one.channel, one.status) for one in heard] == [("POST", "sign-in", 200)]
    assert "the-code" not in repr(heard)
    assert "c2VjcmV0" not in repr(heard)


async def test_nothing_of_the_mcp_connection_goes_along() -> None:
    seen: list[httpx.Request] = []
    await fetcher(lambda request: httpx.Response(200, json={}), seen).fetch(Fetch.metadata(f"{AS}/a"))
    assert not {"authorization", "cookie", "mcp-session-id"} & set(seen[0].headers)
