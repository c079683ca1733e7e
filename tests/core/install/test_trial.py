"""A server is started once as its host would start it."""

import asyncio
import sys
from pathlib import Path

import pytest

from wireglass.install.trial import host_environment, try_out
from wireglass.targets.facts import Machine
from wireglass.targets.hosts import target_of
from wireglass.targets.servers import RemoteServer, StdioServer

TINY = str(Path(__file__).with_name("tiny_server.py"))
MACHINE = Machine("linux", "/tmp", {"PATH": "/usr/bin", "NAME": "from outside"}, project="/")
DESKTOP = target_of("claude-desktop")


@pytest.mark.anyio
async def test_a_server_that_answers_is_described():
    server = StdioServer("x", sys.executable, (TINY,), {"TINY_NAME": "${env:NAME}"})
    trial = await try_out(server, target_of("cursor"), MACHINE)
    assert trial.answered, trial
    assert (trial.server_name, trial.version, trial.tools) == ("from outside", "2025-06-18", 1)
    assert trial.text.endswith("1 tool")


@pytest.mark.anyio
async def test_a_server_that_dies_is_quoted():
    trial = await try_out(StdioServer("x", sys.executable, ("-c", "raise SystemExit('no key')")), DESKTOP, MACHINE)
    assert not trial.answered
    assert "no key" in trial.output


@pytest.mark.anyio
async def test_a_missing_program_is_named():
    trial = await try_out(StdioServer("x", "/nowhere/uv"), DESKTOP, MACHINE)
    assert "/nowhere/uv" in trial.problem


@pytest.mark.anyio
async def test_a_url_without_a_server_is_a_problem():
    trial = await try_out(RemoteServer("x", "http://127.0.0.1:9/mcp"), DESKTOP, MACHINE)
    assert trial.problem


def test_desktop_programs_have_a_short_path_and_no_folder():
    mac = Machine("macos", "/Users/ada", {"PATH": "/opt/homebrew/bin:/usr/bin"}, project="/srv/app")
    assert host_environment(DESKTOP, mac) == ({"PATH": "/usr/bin:/bin:/usr/sbin:/sbin"}, "/")
    assert host_environment(target_of("codex"), mac) == ({"PATH": "/opt/homebrew/bin:/usr/bin"}, "/srv/app")


@pytest.mark.anyio
async def test_a_server_that_asks_for_sign_in_has_answered():
    """A host signs in by itself, so this must not keep anyone from writing the entry."""

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        head = (
            b"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Bearer\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        )
        writer.write(head)
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(refuse, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        trial = await try_out(RemoteServer("x", f"http://127.0.0.1:{port}/mcp"), target_of("cursor"), MACHINE)
    assert trial.answered, trial
    assert trial.text == "answers, and asks for sign-in"


@pytest.mark.anyio
async def test_a_server_that_refuses_for_another_reason_has_not():
    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(refuse, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        trial = await try_out(RemoteServer("x", f"http://127.0.0.1:{port}/mcp"), target_of("cursor"), MACHINE)
    assert not trial.answered
    assert "503" in trial.problem
