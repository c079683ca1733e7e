"""A script that serves: clean ends, a guarded stdout, its own command line, and an import that loads little."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = """
from wireglass import FastMCP
mcp = FastMCP("script")

@mcp.tool
def shout() -> str:
    print("a stray line")
    return "done"

if __name__ == "__main__":
    mcp.run()
"""
WAITING = """
import asyncio
import anyio
from wireglass import FastMCP
mcp = FastMCP("waiting")

@mcp.tool
async def current() -> bool:
    return asyncio.current_task() is not None

@mcp.tool
async def timeout() -> str:
    try:
        async with asyncio.timeout(0.01):
            await asyncio.Event().wait()
    except TimeoutError:
        return "late"
    return "never"

@mcp.tool
async def scope() -> str:
    with anyio.move_on_after(0.01) as limit:
        await anyio.sleep_forever()
    return "late" if limit.cancelled_caught else "never"

@mcp.tool
async def group() -> list[int]:
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(asyncio.sleep(0, each)) for each in range(3)]
    return [task.result() for task in tasks]

@mcp.tool
async def many() -> int:
    async with anyio.create_task_group() as group:
        group.start_soon(anyio.sleep, 0)
    return await anyio.to_thread.run_sync(lambda: 4)

@mcp.tool
async def limited() -> int:
    return await asyncio.wait_for(asyncio.sleep(0, 5), 30)

mcp.run()
"""
HEAVY = ("httpx", "starlette", "uvicorn", "cryptography", "jsonschema_rs", "key_value", "docstring_parser", "dotenv")


def start(folder: Path, *arguments: str) -> "subprocess.Popen[bytes]":
    script = folder / "server.py"
    script.write_text(SCRIPT)
    pipe = subprocess.PIPE
    return subprocess.Popen([sys.executable, str(script), *arguments], stdin=pipe, stdout=pipe, stderr=pipe)


def say(process: "subprocess.Popen[bytes]", method: str, **params: object) -> dict[str, object]:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).encode() + b"\n")
    process.stdin.flush()
    return json.loads(process.stdout.readline())


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_a_stdio_server_cleanly(tmp_path: Path, number: signal.Signals) -> None:
    """Decision: SIGINT and SIGTERM end it cleanly."""
    process = start(tmp_path)
    say(process, "ping")
    process.send_signal(number)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 0
    assert b"Traceback" not in errors


@pytest.mark.slow
def test_what_a_tool_prints_goes_to_stderr_and_the_end_of_stdin_ends_the_server(tmp_path: Path) -> None:
    """Decision: `print()` never reaches the protocol."""
    process = start(tmp_path)
    client = {"name": "t", "version": "1"}
    say(process, "initialize", protocolVersion="2025-06-18", capabilities={}, clientInfo=client)
    answer = say(process, "tools/call", name="shout", arguments={})
    assert answer["result"]["content"][0]["text"] == "done"  # type: ignore[index]  # plain JSON
    output, errors = process.communicate(timeout=60)
    assert process.returncode == 0
    assert output == b""
    assert b"a stray line" in errors


def test_tools_over_stdio_may_use_whatever_needs_a_task(tmp_path: Path) -> None:
    """Our choice: a call begins in the callback that reads it, and the tool does not notice."""
    script = tmp_path / "server.py"
    script.write_text(WAITING)
    calls = {"current": True, "timeout": "late", "scope": "late", "group": [0, 1, 2], "many": 4, "limited": 5}
    client = {"name": "t", "version": "1"}
    opening = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": client}
    messages = [{"id": "open", "method": "initialize", "params": opening}]
    messages += [{"id": name, "method": "tools/call", "params": {"name": name}} for name in calls]
    process = subprocess.Popen([sys.executable, str(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(b"".join(json.dumps({"jsonrpc": "2.0", **each}).encode() + b"\n" for each in messages))
    process.stdin.flush()
    answers = [json.loads(process.stdout.readline()) for _ in messages]
    process.communicate(timeout=60)
    results = {answer["id"]: answer["result"] for answer in answers}
    assert {name: results[name]["structuredContent"]["result"] for name in calls} == calls


@pytest.mark.slow
def test_a_script_takes_its_transport_from_its_command_line(tmp_path: Path) -> None:
    """Reference guide: `python server.py --transport http --port 8000`; a taken port ends it with a useful word."""
    import socket

    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        process = start(tmp_path, "--transport", "http", "--port", str(holder.getsockname()[1]))
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    assert b"Address already in use" in errors


@pytest.mark.slow
def test_building_a_server_loads_nothing_heavy() -> None:
    """Architecture: names load lazily; a server with plain tools needs no HTTP, no crypto, no schema checker."""
    code = (
        "import sys\nfrom wireglass import FastMCP, Context\nmcp = FastMCP()\n"
        "mcp.tool(lambda a: a, name='x')\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


UNUSED = (
    "wireglass.media",
    "wireglass.protocol.content",
    "wireglass.protocol.piecewise",
    "wireglass.server.composition",
    "wireglass.server.function_resources",
    "wireglass.server.handshake_tasks",
    "wireglass.server.prompts",
    "wireglass.server.resources",
    "wireglass.session.client_end",
    "json",
)


def test_a_server_of_tools_loads_nothing_of_prompts_and_resources() -> None:
    """Our choice: a host waits for a server's start, so what it does not offer costs it nothing."""
    code = (
        "import sys\n"
        "from wireglass import Context, FastMCP\n"
        "import wireglass.session.server_end, wireglass.wire.own_streams\n"
        "mcp = FastMCP('tools')\n"
        "@mcp.tool\n"
        "async def add(a: int, b: int) -> int: return a + b\n"
        f"print([name for name in {UNUSED!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_garbage_collector_is_as_it_was_after_an_import() -> None:
    for setting in ("enable", "disable"):
        code = f"import gc; gc.{setting}(); from wireglass import FastMCP; print(gc.isenabled())"
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        assert done.stdout.strip() == str(setting == "enable")
