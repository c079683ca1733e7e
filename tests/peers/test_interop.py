"""Our client against servers that we did not write, and their clients against ours: stdio and HTTP, both ways."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from peers.conformance.driver import install, node
from peers.environments import python_of
from peers.processes import HERE, environment, free_port, listening
from wireglass import Client, InputBroker
from wireglass.client.inputs import InputRequest
from wireglass.client.transports import StdioTransport
from wireglass.protocol.messages import Frame

pytestmark = [pytest.mark.peer, pytest.mark.slow, pytest.mark.anyio]
PROGRAMS = HERE / "programs"
PEERS = ["mcp-2", "mcp-1", "fastmcp-4", "fastmcp-2"]
ARGUMENTS = {
    "text": "hi",
    "count": 3,
    "ratio": 0.5,
    "flag": True,
    "level": "low",
    "tags": ["a", "b"],
    "extra": {"k": [1, None]},
}
REPEATED = "'hi'|3|0.5|True|'low'|['a', 'b']|{'k': [1, None]}|'none'"


def package_of(peer: str) -> str:
    return peer.partition("-")[0]


# Our client, their servers


async def tour(client: Client) -> None:
    """Everything that `any_server.py` has."""
    assert sorted(tool.name for tool in await client.list_tools()) == ["every_kind", "fail"]
    result = await client.call_tool("every_kind", ARGUMENTS)
    assert result.content[0].text == REPEATED
    failed = await client.call_tool("fail", {}, raise_on_error=False)
    assert failed.is_error
    assert [str(one.uri) for one in await client.list_resources()] == ["data://fixed"]
    assert [one.uri_template for one in await client.list_resource_templates()] == ["data://item/{name}"]
    assert (await client.read_resource("data://fixed"))[0].text == "fixed text"
    assert (await client.read_resource("data://item/nine"))[0].text == "item nine"
    assert [one.name for one in await client.list_prompts()] == ["greet"]
    prompt = await client.get_prompt("greet", {"name": "Ada"})
    assert prompt.messages[0].content.text == "Please greet Ada."


@pytest.mark.parametrize("mode", ["auto", "handshake"])
@pytest.mark.parametrize("peer", PEERS)
async def test_our_client_over_stdio(peer: str, mode: str) -> None:
    command = [str(PROGRAMS / "any_server.py"), package_of(peer), "stdio"]
    transport = StdioTransport(python_of(peer), command, env=environment(ours=False))
    async with Client(transport, timeout=30, init_timeout=60, mode=mode) as client:
        assert client.facts.stateless == (mode == "auto" and peer in ("mcp-2", "fastmcp-4"))
        await tour(client)


@pytest.mark.parametrize("peer", PEERS)
async def test_our_client_over_http(peer: str, tmp_path: Path) -> None:
    port = free_port()
    command = [python_of(peer), str(PROGRAMS / "any_server.py"), package_of(peer), "http", str(port)]
    with listening(command, port, environment(ours=False), tmp_path / "log"):
        async with Client(f"http://127.0.0.1:{port}/mcp", timeout=30) as client:
            assert client.facts.stateless == (peer in ("mcp-2", "fastmcp-4"))
            await tour(client)
        async with Client(f"http://127.0.0.1:{port}/mcp", timeout=30, mode="handshake") as client:
            await tour(client)


@pytest.fixture(scope="module")
def npm_packages() -> Path:
    """The folder of the TypeScript servers."""
    install()
    return HERE / "node_modules" / "@modelcontextprotocol"


async def tour_of_everything(client: Client) -> None:
    tools = {tool.name for tool in await client.list_tools()}
    assert {"echo", "get-sum"} <= tools
    assert (await client.call_tool("echo", {"message": "hi"})).content[0].text == "Echo: hi"
    assert "5" in (await client.call_tool("get-sum", {"a": 2, "b": 3})).content[0].text
    resources = await client.list_resources()
    assert resources
    assert await client.read_resource(resources[0].uri)
    assert await client.list_resource_templates()
    prompts = await client.list_prompts()
    assert {"simple-prompt"} <= {prompt.name for prompt in prompts}
    assert (await client.get_prompt("simple-prompt")).messages


async def test_server_everything_over_stdio(npm_packages: Path) -> None:
    script = npm_packages / "server-everything" / "dist" / "index.js"
    async with Client(StdioTransport(node(), [str(script), "stdio"]), timeout=30) as client:
        await tour_of_everything(client)


@pytest.mark.parametrize("mode", ["streamableHttp", "sse"])
async def test_server_everything_over_http(npm_packages: Path, tmp_path: Path, mode: str) -> None:
    port = free_port()
    script = npm_packages / "server-everything" / "dist" / "index.js"
    variables = {**environment(ours=False), "PORT": str(port)}
    path = "mcp" if mode == "streamableHttp" else "sse"
    with listening([node(), str(script), mode], port, variables, tmp_path / "log"):
        progress: list[float] = []
        handler = lambda done, total, text: progress.append(done)  # noqa: E731
        async with Client(f"http://127.0.0.1:{port}/{path}", timeout=30, progress_handler=handler) as client:
            await tour_of_everything(client)
            await client.call_tool("trigger-long-running-operation", {"duration": 1, "steps": 2})
        assert progress


@pytest.mark.parametrize(
    ("tool", "arguments", "kind"),
    [
        ("trigger-elicitation-request-async", {}, "elicitation"),
        ("trigger-sampling-request-async", {"prompt": "hello"}, "sampling"),
        ("simulate-research-query", {"topic": "tides"}, None),
    ],
)
async def test_tasks_of_both_ends_with_server_everything(
    npm_packages: Path, tool: str, arguments: dict[str, Any], kind: str | None
) -> None:
    """2025-11-25: a question that the server makes a task of, and a call that it only takes as one."""
    asked: list[str] = []
    methods: set[str] = set()

    def answer(request: InputRequest) -> None:
        if request.kind == "roots":  # it asks for them whenever they are offered
            return request.answer({"roots": []})
        asked.append(request.kind)
        if request.kind == "elicitation":
            return request.answer({"action": "accept", "content": {"name": "Ada"}})
        return request.answer({"role": "assistant", "content": {"type": "text", "text": "the moon"}, "model": "m"})

    def tap(frame: Frame) -> None:
        if isinstance(frame.message, dict):
            methods.add(f"{frame.sender} {frame.message.get('method')}")

    script = npm_packages / "server-everything" / "dist" / "index.js"
    target = StdioTransport(node(), [str(script), "stdio"])
    async with Client(target, mode="2025-11-25", timeout=60, inputs=InputBroker(answer), tap=tap) as client:
        result = await client.call_tool(tool, arguments)
    assert not result.is_error
    assert asked == ([] if kind is None else [kind])
    assert f"{'client' if kind is None else 'server'} tasks/result" in methods
    assert {"elicitation": "Ada", "sampling": "the moon", None: "tides"}[kind] in result.text


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A real path, which is what `server-filesystem` compares."""
    return tmp_path.resolve()


async def test_server_filesystem(npm_packages: Path, folder: Path) -> None:
    script = npm_packages / "server-filesystem" / "dist" / "index.js"
    note = str(folder / "note.txt")
    async with Client(StdioTransport(node(), [str(script), str(folder)]), timeout=30) as client:
        await client.call_tool("write_file", {"path": note, "content": "one\ntwo\n"})
        listed = await client.call_tool("list_directory", {"path": str(folder)})
        assert "note.txt" in listed.content[0].text
        read = await client.call_tool("read_text_file", {"path": note, "head": 1})
        assert read.content[0].text == "one"


async def test_server_memory(npm_packages: Path, tmp_path: Path) -> None:
    script = npm_packages / "server-memory" / "dist" / "index.js"
    variables = {**environment(ours=False), "MEMORY_FILE_PATH": str(tmp_path / "memory.json")}
    async with Client(StdioTransport(node(), [str(script)], env=variables), timeout=30) as client:
        entity = {"name": "Ada", "entityType": "person", "observations": ["counts"]}
        await client.call_tool("create_entities", {"entities": [entity]})
        found = await client.call_tool("read_graph", {})
        assert "Ada" in found.content[0].text


# Their clients, our server


@pytest.fixture(scope="module")
def our_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    port = free_port()
    command = [sys.executable, str(PROGRAMS / "any_server.py"), "wireglass", "http", str(port)]
    with listening(command, port, environment(ours=True), tmp_path_factory.mktemp("ours") / "log"):
        yield f"http://127.0.0.1:{port}/mcp"


def our_stdio_command() -> list[str]:
    """Our server as a command that needs no environment variable: peers pass only few on to their children."""
    code = "import sys, runpy; sys.path.insert(0, sys.argv[1]); sys.argv = sys.argv[2:]; runpy.run_path(sys.argv[0])"
    core = str(HERE.parents[1] / "core")
    return [sys.executable, "-c", code, core, str(PROGRAMS / "any_server.py"), "wireglass", "stdio"]


def run(command: list[str]) -> str:
    done = subprocess.run(
        command, env=environment(ours=False), capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


def expect_tour(seen: dict[str, Any]) -> None:
    failed, text = seen.pop("fail")
    assert failed
    assert "on purpose" in text
    assert seen == {
        "tools": ["every_kind", "fail"],
        "resources": ["data://fixed"],
        "templates": ["data://item/{name}"],
        "prompts": ["greet"],
        "every_kind": [False, REPEATED],
        "fixed": "fixed text",
        "item": "item nine",
        "greet": "Please greet Ada.",
    }


@pytest.mark.parametrize("transport", ["stdio", "http"])
@pytest.mark.parametrize("peer", PEERS)
def test_their_client_on_our_server(our_url: str, peer: str, transport: str) -> None:
    where = [our_url] if transport == "http" else our_stdio_command()
    client = [python_of(peer), str(PROGRAMS / "any_client.py"), package_of(peer), transport]
    expect_tour(json.loads(run([*client, *where]).splitlines()[-1]))


@pytest.mark.parametrize("transport", ["stdio", "http"])
def test_the_inspector_on_our_server(npm_packages: Path, our_url: str, transport: str) -> None:
    where = [our_url, "--transport", "http"] if transport == "http" else our_stdio_command()
    inspector = [node(), str(npm_packages / "inspector" / "clients" / "launcher" / "build" / "index.js"), "--cli"]

    def inspect(*arguments: str) -> Any:
        return json.loads(run([*inspector, *where, *arguments]))

    assert {tool["name"] for tool in inspect("--method", "tools/list")["tools"]} == {"every_kind", "fail"}
    given = [f"{name}={value if isinstance(value, str) else json.dumps(value)}" for name, value in ARGUMENTS.items()]
    arguments = [part for one in given for part in ("--tool-arg", one)]
    called = inspect("--method", "tools/call", "--tool-name", "every_kind", *arguments)
    assert called["content"][0]["text"] == REPEATED
    assert inspect("--method", "resources/read", "--uri", "data://fixed")["contents"][0]["text"] == "fixed text"
    prompt = inspect("--method", "prompts/get", "--prompt-name", "greet", "--prompt-args", "name=Ada")
    assert prompt["messages"][0]["content"]["text"] == "Please greet Ada."
