"""What servers that we did not write ask of a person: every kind of form, sampling, pages, rounds (issue 6)."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from peers.conformance.driver import install, node
from peers.environments import python_of
from peers.processes import HERE, environment
from wireglass import Client, InputBroker, InputRequest
from wireglass.client.transports import StdioTransport
from wireglass.errors import McpError
from wireglass.protocol.elicitation_schema import elicitation_plan
from wireglass.schema_check import check

pytestmark = [pytest.mark.peer, pytest.mark.slow, pytest.mark.anyio]

PROGRAM = str(HERE / "programs" / "asking_server.py")
REPLY = {"role": "assistant", "content": {"type": "text", "text": "hi"}, "model": "human", "stopReason": "endTurn"}
FORMS: dict[str, tuple[Any, str]] = {
    "text": ({"value": "ä"}, "'ä'"),
    "whole": ({"value": 7}, "7"),
    "yes": ({"value": True}, "True"),
    "literal": ({"value": "two"}, "'two'"),
    "enum": ({"value": "green"}, "green"),
    "data": ({"name": "Ada", "age": 4}, "Ada"),
    "model": ({"item": "tea", "count": 3, "gift": True, "size": "l"}, "tea"),
    "listed": ({"value": "y"}, "'y'"),
}


class Person:
    """Answers each question from a table, and keeps what was asked."""

    def __init__(self, **answers: Any) -> None:
        self.answers = answers
        self.asked: list[InputRequest] = []
        self.broker = InputBroker(self.answer)

    def answer(self, request: InputRequest) -> None:
        self.asked.append(request)
        given = self.answers.get(request.kind)
        if given is None:
            request.refuse()
        elif request.kind != "elicitation" or "action" in given:
            request.answer(given)
        else:
            assert check(request.params["requestedSchema"], given) == ()
            request.answer({"action": "accept", "content": given})


@asynccontextmanager
async def opened(peer: str, person: Person, mode: str) -> AsyncIterator[Client]:
    transport = StdioTransport(python_of(peer), [PROGRAM, peer.partition("-")[0]], env=environment(ours=False))
    async with Client(transport, inputs=person.broker, mode=mode, timeout=30, init_timeout=60) as client:
        yield client


@pytest.mark.parametrize("peer", ["fastmcp-2", "fastmcp-4"])
async def test_each_kind_of_form_is_asked_and_understood(peer: str) -> None:
    person = Person()
    async with opened(peer, person, "handshake") as client:
        for tool, (content, shown) in FORMS.items():
            person.answers["elicitation"] = content
            answer = (await client.call_tool(tool, {})).text
            assert answer.startswith("accept "), answer
            assert shown in answer
            schema = person.asked[-1].params["requestedSchema"]
            assert not isinstance(elicitation_plan(schema), str), f"{tool}: {elicitation_plan(schema)}"
            assert person.asked[-1].tool == tool
        for action in ("decline", "cancel"):
            person.answers["elicitation"] = {"action": action}
            assert (await client.call_tool("text", {})).text == f"{action} None"


async def test_sampling_of_fastmcp_2() -> None:
    person = Person(sampling=REPLY)
    async with opened("fastmcp-2", person, "handshake") as client:
        assert (await client.call_tool("sample", {})).text == "hi"
        assert person.asked[0].params["systemPrompt"] == "Be brief"
        person.answers.clear()
        assert (await client.call_tool("sample", {}, raise_on_error=False)).is_error


async def test_sampling_with_tools_of_fastmcp_4() -> None:
    block = {"type": "tool_use", "id": "c1", "name": "scan", "input": {"id": "PD-1"}}
    person = Person(sampling={"role": "assistant", "content": [block], "model": "human", "stopReason": "toolUse"})
    async with opened("fastmcp-4", person, "handshake") as client:
        assert (await client.call_tool("sample_with_tools", {})).text == "toolUse scan {'id': 'PD-1'}"
    assert person.asked[0].params["tools"][0]["name"] == "scan"
    assert person.asked[0].params["toolChoice"] == {"mode": "required"}


async def test_a_round_of_fastmcp_4_with_a_form_and_sampling() -> None:
    person = Person(elicitation={"n": "Ada"}, sampling=REPLY)
    async with opened("fastmcp-4", person, "stateless") as client:
        assert (await client.call_tool("rounds", {})).text == "hi Ada"
    assert [(one.kind, one.group_size) for one in person.asked] == [("elicitation", 2), ("sampling", 2)]
    assert len({one.group for one in person.asked}) == 1


@pytest.mark.parametrize("mode", ["stateless", "handshake"])
async def test_a_form_sampling_and_roots_of_the_sdk_in_one_round(mode: str) -> None:
    person = Person(elicitation={"item": "tea", "count": 4}, sampling=REPLY, roots={"roots": [{"uri": "file:///srv"}]})
    async with opened("mcp-2", person, mode) as client:
        assert client.facts.stateless == (mode == "stateless")
        assert (await client.call_tool("everything", {})).text == "hi tea 4 ['file:///srv']"
    assert sorted(one.kind for one in person.asked) == ["elicitation", "roots", "sampling"]
    if mode == "stateless":
        assert {one.group_size for one in person.asked} == {3}
        assert {one.round for one in person.asked} == {1}


async def test_refused_sampling_ends_a_round_of_the_sdk() -> None:
    """2026-07-28, MRTR: a client that refuses simply does not retry."""
    person = Person(elicitation={"item": "tea"}, roots={"roots": []})
    async with opened("mcp-2", person, "stateless") as client:
        with pytest.raises(McpError):
            await client.call_tool("everything", {})
        assert client.inputs.open == ()


async def test_rules_answer_the_sdk_without_a_person() -> None:
    rules = [
        {"name": "order", "kind": "form", "tool": "everything", "answer": "accept", "content": {"item": "tea"}},
        {"name": "hello", "kind": "sampling", "answer": "accept", "content": "hi"},
        {"name": "roots", "kind": "roots", "answer": "accept", "content": ["file:///srv"]},
    ]
    transport = StdioTransport(python_of("mcp-2"), [PROGRAM, "mcp"], env=environment(ours=False))
    async with Client(transport, answers=rules, timeout=30, init_timeout=60) as client:
        assert (await client.call_tool("everything", {})).text == "hi tea 2 ['file:///srv']"


# server-everything


@pytest.fixture(scope="module")
def everything() -> Path:
    """Its script."""
    install()
    return HERE / "node_modules" / "@modelcontextprotocol" / "server-everything" / "dist" / "index.js"


@asynccontextmanager
async def everything_client(script: Path, person: Person) -> AsyncIterator[Client]:
    async with Client(StdioTransport(node(), [str(script), "stdio"]), inputs=person.broker, timeout=30) as client:
        yield client


async def test_the_form_and_the_sampling_of_server_everything(everything: Path) -> None:
    person = Person(sampling=REPLY, roots={"roots": []})
    async with everything_client(everything, person) as client:
        answer = await client.call_tool("trigger-sampling-request", {"prompt": "Say hi", "maxTokens": 9})
        assert "hi" in answer.content[0].text
        person.answers["elicitation"] = {"action": "decline"}
        declined = await client.call_tool("trigger-elicitation-request", {})
        assert "decline" in " ".join(block.text for block in declined.content).lower()
    form = next(one.params for one in person.asked if one.kind == "elicitation")
    assert not isinstance(elicitation_plan(form["requestedSchema"]), str)


async def test_the_form_of_server_everything_is_filled_by_fuzz(everything: Path) -> None:
    async with Client(
        StdioTransport(node(), [str(everything), "stdio"]),
        answers=[
            {"name": "any", "answer": "fuzz"},
            {"name": "none", "kind": "roots", "answer": "accept", "content": []},
        ],
        timeout=30,
    ) as client:
        for _ in range(10):
            answer = await client.call_tool("trigger-elicitation-request", {})
            assert not answer.is_error, answer.content
            sampled = await client.call_tool("trigger-sampling-request", {"prompt": "x", "maxTokens": 9})
            assert not sampled.is_error


async def test_the_pages_of_server_everything_both_ways(everything: Path) -> None:
    """A request for a page, and -32042 with the call repeated after the visit."""
    person = Person(elicitation={"action": "accept"}, roots={"roots": []})
    answering = person.answer

    def visit(request: InputRequest) -> None:
        request.visited = request.page_first  # it reports no visit of the page of -32042
        answering(request)

    person.broker = InputBroker(visit)
    async with everything_client(everything, person) as client:
        for error_path in (False, True):
            person.asked.clear()
            arguments = {"url": "https://example.org/link", "errorPath": error_path}
            answer = await client.call_tool("trigger-url-elicitation", arguments)
            assert not answer.is_error, answer.content
            pages = [one for one in person.asked if one.kind == "elicitation"]
            assert [one.page_first for one in pages] == ([True, False] if error_path else [False])
            assert all(one.params["mode"] == "url" for one in pages)
