"""A server that stops says so on its listen streams: with the result, and on stdio with a cancel as well."""

import contextlib
import json
import queue
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")]
SCRIPT = """
from wireglass import FastMCP
mcp = FastMCP("script")

@mcp.tool
def one() -> str:
    return "1"

mcp.run()
"""
META = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": {},
}
LISTEN = {
    "jsonrpc": "2.0",
    "id": "L",
    "method": "subscriptions/listen",
    "params": {"_meta": META, "notifications": {"toolsListChanged": True}},
}


def script(folder: Path, *arguments: str) -> "subprocess.Popen[bytes]":
    path = folder / "server.py"
    path.write_text(SCRIPT)
    pipe = subprocess.PIPE
    return subprocess.Popen([sys.executable, str(path), *arguments], stdin=pipe, stdout=pipe, stderr=pipe)


def read(process: "subprocess.Popen[bytes]") -> "queue.Queue[Any]":
    """What it writes, line by line; None at the end."""
    lines: queue.Queue[Any] = queue.Queue()

    def run() -> None:
        assert process.stdout is not None
        for line in process.stdout:
            lines.put(json.loads(line))
        lines.put(None)

    threading.Thread(target=run, daemon=True).start()
    return lines


def until_it_listens(port: int) -> None:
    deadline = time.monotonic() + 60
    while True:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        assert time.monotonic() < deadline, "it does not listen"
        time.sleep(0.05)


@pytest.mark.parametrize("end", ["stdin", "SIGTERM"])
def test_over_stdio_a_stream_ends_with_a_cancel_and_its_result(tmp_path: Path, end: str) -> None:
    """Subscriptions page: the result; cancellation page: `notifications/cancelled`. Both, as they are read apart."""
    with script(tmp_path) as process:
        said = read(process)
        assert process.stdin is not None
        process.stdin.write(json.dumps(LISTEN).encode() + b"\n")
        process.stdin.flush()
        assert said.get(timeout=60)["method"] == "notifications/subscriptions/acknowledged"
        if end == "stdin":
            process.stdin.close()
        else:
            process.send_signal(signal.SIGTERM)
        cancel, result, nothing = (said.get(timeout=60) for _ in range(3))
        assert (cancel["method"], cancel["params"]["requestId"]) == ("notifications/cancelled", "L")
        assert result["id"] == "L"
        assert result["result"]["_meta"]["io.modelcontextprotocol/subscriptionId"] == "L"
        assert nothing is None
        assert process.wait(20) == 0


def test_over_http_a_stream_ends_with_its_result(tmp_path: Path) -> None:
    """uvicorn would cut the connection after a second."""
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        port = holder.getsockname()[1]
    headers = {
        "accept": "application/json, text/event-stream",
        "mcp-protocol-version": "2026-07-28",
        "mcp-method": "subscriptions/listen",
    }
    with script(tmp_path, "--transport", "http", "--port", str(port)) as process:
        url = f"http://127.0.0.1:{port}/mcp"
        until_it_listens(port)
        with httpx.Client(timeout=60) as client, client.stream("POST", url, json=LISTEN, headers=headers) as answer:
            lines = (line for line in answer.iter_lines() if line.startswith("data: "))
            assert "acknowledged" in next(lines)
            process.send_signal(signal.SIGTERM)
            last = json.loads(next(lines).removeprefix("data: "))
            assert (last["id"], last["result"]["resultType"]) == ("L", "complete")
            assert list(lines) == []
        process.wait(20)
