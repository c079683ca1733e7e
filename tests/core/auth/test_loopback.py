"""The redirect listener: only this machine, only its path, only the answer that is expected."""

import asyncio

import anyio
import httpx
import pytest

from wireglass.auth.loopback import RedirectListener
from wireglass.auth.permission import Permission, read_answer
from wireglass.auth.steps import Ask

pytestmark = pytest.mark.anyio


async def get(url: str) -> httpx.Response:
    async with httpx.AsyncClient(trust_env=False) as browser:
        return await browser.get(url)


async def test_only_the_expected_answer_is_taken_and_only_once() -> None:
    listener = RedirectListener()
    uri = await listener.open()
    permission = Permission(Ask("https://as.example/authorize", "the-state"), 30)
    listener.expect(permission)
    try:
        assert (await get(uri.replace("/callback", "/favicon.ico"))).status_code == 404
        assert (await get(f"{uri}?code=evil&state=other")).status_code == 400
        assert permission.is_open
        good = await get(f"{uri}?code=c&state=the-state&iss=https%3A%2F%2Fas.example")
        assert (good.status_code, (await permission.wait()).code) == (200, "c")
        assert good.headers["content-security-policy"] == "default-src 'none'"
        assert "the-state" not in good.text
        assert (await get(f"{uri}?code=again&state=the-state")).status_code == 400
    finally:
        await listener.aclose()


async def test_what_the_address_says_is_not_put_into_the_page() -> None:
    listener = RedirectListener()
    uri = await listener.open()
    permission = Permission(Ask("https://as.example/authorize", "s"), 30)
    listener.expect(permission)
    try:
        page = await get(f"{uri}?error=%3Cscript%3E&error_description=%3Cb%3Ehi&state=s")
    finally:
        await listener.aclose()
    assert "script" not in page.text
    assert (await permission.wait()).error == "<script>"


async def test_it_answers_on_this_machine_only_and_prefers_the_registered_port() -> None:
    first = RedirectListener()
    uri = await first.open()
    assert uri.startswith("http://127.0.0.1:")
    second = RedirectListener()
    try:
        assert await second.open((uri,)) != uri  # taken
    finally:
        await second.aclose()
        await first.aclose()
    third = RedirectListener()
    try:
        assert await third.open((uri,)) == uri
    finally:
        await third.aclose()


async def test_a_visitor_who_says_nothing_or_too_much_does_not_end_it() -> None:
    listener = RedirectListener()
    uri = httpx.URL(await listener.open())
    try:
        silent = (await asyncio.open_connection(uri.host, uri.port))[1]
        _, loud = await asyncio.open_connection(uri.host, uri.port)
        loud.write(b"GET /" + b"x" * 40_000)
        with anyio.fail_after(30):
            assert (await get(f"{uri}?state=x")).status_code == 400
        for writer in (silent, loud):
            writer.close()
    finally:
        await listener.aclose()


def test_members_that_came_twice_count_as_absent() -> None:
    """RFC 6749 section 3.1."""
    answer = read_answer("code=a&code=b&state=s&iss=x&iss=y")
    assert (answer.code, answer.state, answer.iss) == ("", "s", "")
