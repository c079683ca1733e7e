"""Whether remote servers take a connection."""

import asyncio
import socket

import pytest

from wireglass.install.reach import unreachable

NEVER = lambda host, scheme: False  # noqa: E731


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@pytest.mark.anyio
async def test_what_takes_a_connection_is_not_mentioned_and_gets_no_byte():
    got: list[bytes] = []
    ended = asyncio.Event()

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        got.append(await reader.read())
        writer.close()
        ended.set()

    async with await asyncio.start_server(listen, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        url = f"http://127.0.0.1:{port}/mcp"
        assert await unreachable([url, url + "/other"], proxied=NEVER) == {}
        async with asyncio.timeout(30):
            await ended.wait()
    assert got == [b""]


@pytest.mark.anyio
async def test_what_does_not_is_said_by_url():
    port = free_port()
    url = f"http://127.0.0.1:{port}/mcp"
    found = await unreachable([url, "http://surely-not-there.invalid/mcp"], seconds=20, proxied=NEVER)
    assert found[url] == f"Nothing listens on 127.0.0.1, port {port}."
    assert "surely-not-there.invalid" in found["http://surely-not-there.invalid/mcp"]


@pytest.mark.anyio
async def test_what_nobody_can_judge_is_left_out():
    urls = ["unix:///x", "${env:URL}", "https://${HOST}/mcp", "http://[broken", "nonsense", "http://x.invalid:99999/"]
    assert await unreachable(urls, proxied=NEVER) == {}
    assert await unreachable(["https://behind.invalid/mcp"], proxied=lambda host, scheme: True) == {}
