"""Drafts of model endpoints, against a local fake one in both dialects: streaming, failures, cancelling, keys."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from wireglass.client.model_formats import anthropic_body, openai_body, reply_for
from wireglass.client.responders import ModelEndpoint, draft, drafting
from wireglass.errors import HttpStatusError, TransportError

pytestmark = pytest.mark.anyio

PARAMS: dict[str, Any] = {
    "systemPrompt": "Be brief.",
    "messages": [
        {"role": "user", "content": {"type": "text", "text": "Why late?"}},
        {
            "role": "assistant",
            "content": [
                {"type": "text", "text": "I look."},
                {"type": "tool_use", "id": "c1", "name": "scan", "input": {"id": "PD-1"}},
            ],
        },
        {
            "role": "user",
            "content": [{"type": "tool_result", "toolUseId": "c1", "content": [{"type": "text", "text": "storm"}]}],
        },
        {"role": "user", "content": {"type": "image", "data": "aGk=", "mimeType": "image/png"}},
    ],
    "maxTokens": 160,
    "temperature": 0.2,
    "stopSequences": ["END"],
    "tools": [{"name": "scan", "description": "Scans", "inputSchema": {"type": "object"}}],
    "toolChoice": {"mode": "required"},
}
OPENAI_EVENTS: list[Any] = [
    {"model": "small-8b-real", "choices": [{"delta": {"role": "assistant", "content": "Two "}}]},
    {"choices": [{"delta": {"content": "parcels."}}]},
    {
        "choices": [
            {"delta": {"tool_calls": [{"index": 0, "id": "c2", "function": {"name": "scan", "arguments": '{"id":'}}]}}
        ]
    },
    {"choices": [{"delta": {"tool_calls": [{"index": 0, "function": {"arguments": '"x"}'}}]}}]},
    {"choices": [{"delta": {}, "finish_reason": "tool_calls"}]},
]
ANTHROPIC_EVENTS: list[Any] = [
    {"type": "message_start", "message": {"model": "small-8b-real"}},
    {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
    {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Two "}},
    {"type": "ping"},
    {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "parcels."}},
    {
        "type": "content_block_start",
        "index": 1,
        "content_block": {"type": "tool_use", "id": "c2", "name": "scan", "input": {}},
    },
    {"type": "content_block_delta", "index": 1, "delta": {"type": "input_json_delta", "partial_json": '{"id":'}},
    {"type": "content_block_delta", "index": 1, "delta": {"type": "input_json_delta", "partial_json": '"x"}'}},
    {"type": "message_delta", "delta": {"stop_reason": "tool_use"}},
    {"type": "message_stop"},
]
REPLY = {
    "role": "assistant",
    "content": [
        {"type": "text", "text": "Two parcels."},
        {"type": "tool_use", "id": "c2", "name": "scan", "input": {"id": "x"}},
    ],
    "model": "small-8b-real",
    "stopReason": "toolUse",
}


class Fake:
    """A model endpoint on a free port of this machine. Answers with `body` after `head`; `hold` keeps it open."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, dict[str, str], Any]] = []
        self.status = "200 OK"
        self.kind = "text/event-stream"
        self.body = b""
        self.hold = False
        self.left = asyncio.Event()
        self.port = 0

    def stream(self, events: list[Any]) -> None:
        self.body = b"".join(b"data: " + json.dumps(event).encode() + b"\n\n" for event in events) + b"data: [DONE]\n\n"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        lines = head.split("\r\n")
        headers = {
            name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:] if line)
        }
        sent = await reader.readexactly(int(headers["content-length"]))
        self.requests.append((lines[0].split(" ")[1], headers, json.loads(sent)))
        answer = f"HTTP/1.1 {self.status}\r\ncontent-type: {self.kind}\r\nconnection: close\r\n\r\n"
        writer.write(answer.encode() + self.body)
        await writer.drain()
        if self.hold:
            await reader.read()  # until the other side leaves
            self.left.set()
        writer.close()


@asynccontextmanager
async def fake() -> AsyncGenerator[Fake]:
    made = Fake()
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    async with server:
        yield made


def endpoint(at: Fake, api: Any = "openai", key: str = "sk-secret") -> ModelEndpoint:
    return ModelEndpoint(f"http://127.0.0.1:{at.port}/v1", "small-8b", api, "local", key)


@pytest.mark.parametrize(("api", "events"), [("openai", OPENAI_EVENTS), ("anthropic", ANTHROPIC_EVENTS)])
async def test_a_reply_is_streamed_in_both_dialects(api: Any, events: list[Any]) -> None:
    heard: list[str] = []
    async with fake() as at:
        at.stream(events)
        assert await draft(endpoint(at, api), PARAMS, on_text=heard.append) == REPLY
        path, headers, body = at.requests[0]
    assert heard == ["Two ", "parcels."]
    assert path == {"openai": "/v1/chat/completions", "anthropic": "/v1/messages"}[api]
    assert headers["authorization" if api == "openai" else "x-api-key"].endswith("sk-secret")
    assert body["model"] == "small-8b"
    assert body["stream"] is True
    assert body["max_tokens"] == 160
    assert body["temperature"] == 0.2


async def test_an_endpoint_that_does_not_stream_is_understood() -> None:
    async with fake() as at:
        at.kind = "application/json; charset=utf-8"
        choice = {"message": {"role": "assistant", "content": "All at once"}, "finish_reason": "length"}
        at.body = json.dumps({"model": "m", "choices": [choice]}).encode()
        reply = await drafting(endpoint(at, key=""))({"messages": []})
        assert "authorization" not in at.requests[0][1]
        at.body = json.dumps(
            {"type": "message", "model": "m", "stop_reason": "end_turn", "content": [{"type": "text", "text": "whole"}]}
        ).encode()
        other = await draft(endpoint(at, "anthropic"), {"messages": []})
    assert reply["content"] == {"type": "text", "text": "All at once"}
    assert reply["stopReason"] == "maxTokens"
    assert other["content"]["text"] == "whole"
    assert other["stopReason"] == "endTurn"


async def test_cancelling_ends_the_request_at_the_endpoint() -> None:
    heard = asyncio.Event()
    async with fake() as at:
        at.hold = True
        at.body = b'data: {"choices":[{"delta":{"content":"I wi"}}]}\n\n'
        drafting_task = asyncio.ensure_future(draft(endpoint(at), PARAMS, on_text=lambda _text: heard.set()))
        async with asyncio.timeout(30):
            await heard.wait()
            drafting_task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await drafting_task
            await at.left.wait()


@pytest.mark.parametrize(
    ("status", "words", "step"),
    [
        ("401 Unauthorized", "answered HTTP 401: Wrong key •••", "Check the key"),
        ("404 Not Found", "answered HTTP 404", "model's name"),
        ("503 Service Unavailable", "answered HTTP 503", "write the reply yourself"),
    ],
)
async def test_a_refusal_names_cause_and_next_step_and_no_key(status: str, words: str, step: str) -> None:
    async with fake() as at:
        at.status, at.kind = status, "application/json"
        at.body = b'{"error": {"message": "Wrong key sk-secret"}}'
        with pytest.raises(HttpStatusError) as caught:
            await draft(endpoint(at), PARAMS)
    assert words in caught.value.message
    assert step in caught.value.next_step
    assert "sk-secret" not in caught.value.message
    assert "sk-secret" not in repr(endpoint(at))


async def test_an_endpoint_that_is_not_there_or_fails_on_the_way_is_told() -> None:
    async with fake() as at:
        at.stream([{"choices": [{"delta": {"content": "x"}}]}, {"error": {"message": "out of memory"}}])
        with pytest.raises(TransportError, match="failed: out of memory"):
            await draft(endpoint(at), PARAMS)
        at.stream([{"type": "error", "error": {"type": "overloaded_error", "message": "busy"}}])
        with pytest.raises(TransportError, match="failed: busy"):
            await draft(endpoint(at, "anthropic"), PARAMS)
        at.body = b"data: <html>\n\n"
        with pytest.raises(TransportError, match="no JSON"):
            await draft(endpoint(at), PARAMS)
    with pytest.raises(TransportError, match="cannot be reached"):
        await draft(endpoint(at), PARAMS)


def test_messages_for_chat_completions() -> None:
    messages = openai_body(PARAMS, "m")["messages"]
    assert [message["role"] for message in messages] == ["system", "user", "assistant", "tool", "user"]
    assert messages[2]["tool_calls"][0]["function"] == {"name": "scan", "arguments": '{"id":"PD-1"}'}
    assert messages[3] == {"role": "tool", "tool_call_id": "c1", "content": "storm"}
    assert messages[4]["content"][0]["image_url"]["url"] == "data:image/png;base64,aGk="
    assert openai_body(PARAMS, "m")["tool_choice"] == "required"
    assert openai_body(PARAMS, "m")["stop"] == ["END"]
    assert "tools" not in openai_body({"messages": []}, "m")


def test_messages_for_the_messages_interface() -> None:
    body = anthropic_body(PARAMS, "m")
    assert body["system"] == "Be brief."
    assert body["stop_sequences"] == ["END"]
    assert body["tool_choice"] == {"type": "any"}
    assert body["tools"][0]["input_schema"] == {"type": "object"}
    assert body["messages"][1]["content"][1] == PARAMS["messages"][1]["content"][1]
    assert body["messages"][2]["content"][0]["tool_use_id"] == "c1"
    assert body["messages"][3]["content"][0]["source"] == {"type": "base64", "media_type": "image/png", "data": "aGk="}


def test_blocks_without_a_place_say_so_instead_of_vanishing() -> None:
    odd = {"messages": [{"role": "user", "content": {"type": "hologram"}}]}
    assert "hologram" in openai_body(odd, "m")["messages"][0]["content"]
    assert "hologram" in anthropic_body(odd, "m")["messages"][0]["content"][0]["text"]


@pytest.mark.parametrize(
    "event", [None, 3, [], {}, {"choices": []}, {"choices": [3]}, {"choices": [{"delta": {"tool_calls": [5]}}]}]
)
def test_odd_events_are_taken_without_failing(event: Any) -> None:
    for api in ("openai", "anthropic"):
        reply = reply_for(api)  # type: ignore[arg-type]  # the two there are
        reply.feed(event)
        assert reply.result("m")["role"] == "assistant"


def test_an_input_that_is_no_json_is_kept_as_text() -> None:
    reply = reply_for("openai")
    reply.feed({"choices": [{"delta": {"tool_calls": [{"id": "a", "function": {"name": "t", "arguments": "{oops"}}]}}]})
    assert reply.result("m")["content"][0]["input"] == {"unreadable": "{oops"}


def test_the_address_is_made_of_the_base() -> None:
    made = ModelEndpoint.from_json({"url": "https://h/v1/", "model": " m "})
    assert made.address == "https://h/v1/chat/completions"
    whole = ModelEndpoint.from_json({"url": "https://h/v1/messages", "model": "m", "api": "anthropic"})
    assert whole.address == "https://h/v1/messages"
    for wrong in (
        {"url": "h", "model": "m"},
        {"url": "http://h", "model": ""},
        {"url": "http://h", "model": "m", "api": "x"},
    ):
        with pytest.raises(ValueError, match=r"^The|^A"):
            ModelEndpoint.from_json(wrong)
