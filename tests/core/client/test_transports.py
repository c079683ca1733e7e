"""What a client can be given to connect to."""

import os
import sys
import traceback
from pathlib import Path
from typing import Any

import pytest
from stub import Stub

from wireglass.client.client import Client
from wireglass.client.transports import (
    FastMCPTransport,
    MCPConfigTransport,
    NodeStdioTransport,
    NpxStdioTransport,
    PythonStdioTransport,
    SSETransport,
    StdioTransport,
    StreamableHttpTransport,
    UvStdioTransport,
    UvxStdioTransport,
    infer_transport,
)
from wireglass.errors import ConfigError, TransportClosed
from wireglass.wire.child import safe_environment


def test_urls_scripts_servers_and_configurations_are_recognised(tmp_path: Path) -> None:
    python, node = tmp_path / "s.py", tmp_path / "s.mjs"
    python.touch()
    node.touch()
    assert type(infer_transport("http://h/mcp")) is StreamableHttpTransport
    assert type(infer_transport("https://h/sse/")) is SSETransport
    assert type(infer_transport("https://h/assessment")) is StreamableHttpTransport
    made = infer_transport(python)
    assert isinstance(made, PythonStdioTransport)
    assert (made.command, made.args) == (sys.executable, [str(python)])
    assert type(infer_transport(str(node))) is NodeStdioTransport
    assert type(infer_transport(Stub())) is FastMCPTransport
    assert type(infer_transport({"mcpServers": {"a": {"url": "http://h"}}})) is MCPConfigTransport
    assert infer_transport(made) is made


@pytest.mark.parametrize("wrong", ["server.exe", 5, {}, {"mcpServers": {}}, {"mcpServers": {"a": {}}}])
def test_anything_else_is_refused_with_a_next_step(wrong: Any) -> None:
    with pytest.raises(ConfigError) as error:
        infer_transport(wrong)
    assert error.value.next_step


def test_missing_and_wrong_scripts_are_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"nowhere\.py"):
        infer_transport(tmp_path / "nowhere.py")
    (tmp_path / "x.txt").touch()
    with pytest.raises(ValueError, match=r"x\.txt"):
        PythonStdioTransport(tmp_path / "x.txt")


def test_configurations_name_commands_and_urls() -> None:
    config = MCPConfigTransport(
        {
            "mcpServers": {
                "a": {"command": "uvx", "args": ["tool", 5], "env": {"K": "v"}, "cwd": "/x"},
                "b": {"url": "https://h/mcp", "headers": {"X": "y"}},
                "c": {"url": "https://h/x", "type": "sse"},
            }
        }
    )
    a, b, c = config.servers.values()
    assert isinstance(a, StdioTransport)
    assert (a.command, a.args, a.env, a.cwd) == ("uvx", ["tool", "5"], {"K": "v"}, "/x")
    assert isinstance(b, StreamableHttpTransport)
    assert (b.url, b.headers) == ("https://h/mcp", {"X": "y"})
    assert type(c) is SSETransport


def test_package_runners_build_their_command_lines() -> None:
    uvx = UvxStdioTransport("tool", ["-x"], python_version="3.12", from_package="p", with_packages=["q"])
    assert [uvx.command, *uvx.args] == ["uvx", "--python", "3.12", "--from", "p", "--with", "q", "tool", "-x"]
    npx = NpxStdioTransport("@scope/pkg", ["dir"])
    assert [npx.command, *npx.args] == ["npx", "--prefer-offline", "@scope/pkg", "dir"]
    uv = UvStdioTransport("server.py", project_directory="/p", with_packages=["fastmcp"])
    assert [uv.command, *uv.args] == ["uv", "run", "--directory", "/p", "--with", "fastmcp", "server.py"]


def test_the_safe_environment_leaves_secrets_and_shell_functions_out() -> None:
    name = "PATH" if sys.platform != "win32" else "Path"
    assert safe_environment({name: "/bin", "TOKEN": "s", "HOME": "() { :; }"}).get("TOKEN") is None
    assert safe_environment({"PATH": "/bin", "HOME": "() { :; }"}) == {"PATH": "/bin"}


@pytest.mark.anyio
async def test_a_file_of_a_peer_runs_on_this_runtime_where_the_peer_is_not_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    server = tmp_path / "server.py"
    server.write_text(
        "import sys\n"
        "from fastmcp import FastMCP\n"
        "mcp = FastMCP('Desk')\n"
        "@mcp.tool\n"
        "def add(a: int, b: int) -> int:\n"
        "    print('adding', file=sys.stderr, flush=True)\n"
        "    return a + b\n"
        "if __name__ == '__main__':\n"
        "    mcp.run()\n"
    )
    path = os.pathsep.join(place for place in sys.path if place)
    async with Client(PythonStdioTransport(server, env={"PYTHONPATH": path})) as client:
        assert (await client.call_tool("add", {"a": 1, "b": 2})).data == 3
    assert "adding" in capfd.readouterr().err, "what nobody takes goes to our own stderr"


def test_a_file_without_such_imports_and_a_named_python_are_run_as_they_are(tmp_path: Path) -> None:
    plain, peers = tmp_path / "plain.py", tmp_path / "peers.py"
    plain.write_text("from wireglass import FastMCP\n")
    peers.write_text("from fastmcp import FastMCP\n")
    assert PythonStdioTransport(plain).args == [str(plain)]
    assert PythonStdioTransport(peers, python_cmd="python3.12").args == [str(peers)]


@pytest.mark.anyio
async def test_the_error_of_a_server_that_ended_carries_the_end_of_its_stderr(tmp_path: Path) -> None:
    server = tmp_path / "server.py"
    server.write_text("raise SystemExit('no \\x1b[31mkey')\n")
    taken: list[str] = []
    with pytest.raises(TransportClosed) as error:
        async with Client(server, on_stderr=taken.append):
            pass
    text = "".join(traceback.format_exception_only(error.value))
    assert "no \ufffd[31mkey" in text
    assert error.value.next_step in text
    assert taken == ["no \x1b[31mkey"] * len(taken) != []
