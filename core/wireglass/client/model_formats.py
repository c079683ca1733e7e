"""What model endpoints speak: a sampling request as an HTTP body, and streamed events back into a reply. Pure.

Two dialects: "openai" (chat completions, as most local servers offer them) and "anthropic" (messages). Blocks that a
dialect has no place for become a line of text that says so, so that a reply never rests on something silently lost.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final, Literal, Protocol, cast

from pydantic_core import from_json, to_json

from wireglass.protocol.messages import JsonObject, as_object, is_object

__all__ = ["Api", "Reply", "anthropic_body", "body_for", "openai_body", "reply_for"]

Api = Literal["openai", "anthropic"]

_DEFAULT_TOKENS: Final = 1024
_OPENAI_STOPS: Final = {"stop": "endTurn", "length": "maxTokens", "tool_calls": "toolUse", "function_call": "toolUse"}
_ANTHROPIC_STOPS: Final = {
    "end_turn": "endTurn",
    "max_tokens": "maxTokens",
    "stop_sequence": "stopSequence",
    "tool_use": "toolUse",
}


def body_for(api: Api, params: JsonObject, model: str) -> JsonObject:
    """The body of the request that asks `model` for what a server wants. `params` are those of the sampling request."""
    return openai_body(params, model) if api == "openai" else anthropic_body(params, model)


def reply_for(api: Api) -> "Reply":
    """Collects the streamed answer of one dialect."""
    return _OpenAiReply() if api == "openai" else _AnthropicReply()


class Reply(Protocol):
    """Collects a reply from events."""

    error: str
    """What the endpoint said went wrong, or empty."""

    def feed(self, event: Any) -> str:
        """Takes one event of the stream, or a whole answer; returns the text that came with it."""
        ...

    def result(self, model: str) -> JsonObject:
        """The `CreateMessageResult` so far; `model` where the endpoint named none."""
        ...


@dataclass
class _Reply:
    """What both dialects collect. `stops` are a dialect's words for why a reply ends, and MCP's."""

    stops: ClassVar[Mapping[str, str]]
    text: str = ""
    calls: dict[int, JsonObject] = field(default_factory=dict[int, Any])
    stop: str = ""
    model: str = ""
    error: str = ""

    def _add(self, text: Any) -> str:
        added = text if isinstance(text, str) else ""
        self.text += added
        return added

    def result(self, model: str) -> JsonObject:
        calls = [self.calls[index] for index in sorted(self.calls)]
        return _message(self.text, calls, self.model or model, self.stops.get(self.stop, self.stop))


# --- chat completions ---


def openai_body(params: JsonObject, model: str) -> JsonObject:
    """A streaming chat completions request."""
    messages: list[JsonObject] = []
    if isinstance(params.get("systemPrompt"), str):
        messages.append({"role": "system", "content": params["systemPrompt"]})
    for message in _messages(params):
        messages += _openai_messages(message)
    body: JsonObject = {"model": model, "messages": messages, "stream": True}
    for name, key in (("maxTokens", "max_tokens"), ("temperature", "temperature")):
        if params.get(name) is not None:
            body[key] = params[name]
    if params.get("stopSequences"):
        body["stop"] = params["stopSequences"]
    tools = _tools(params)
    if tools:
        body["tools"] = [
            {
                "type": "function",
                "function": {
                    "name": tool.get("name", ""),
                    "description": tool.get("description", ""),
                    "parameters": tool.get("inputSchema", {"type": "object"}),
                },
            }
            for tool in tools
        ]
        mode = as_object(params.get("toolChoice")).get("mode")
        if mode in ("auto", "required", "none"):
            body["tool_choice"] = mode
    return body


def _openai_messages(message: JsonObject) -> list[JsonObject]:
    """One message may become several: each tool result is a message of its own there."""
    role, blocks = str(message.get("role", "user")), _blocks(message)
    calls = [block for block in blocks if block.get("type") == "tool_use"]
    results = [block for block in blocks if block.get("type") == "tool_result"]
    rest = [block for block in blocks if block.get("type") not in ("tool_use", "tool_result")]
    made: list[JsonObject] = [
        {"role": "tool", "tool_call_id": str(block.get("toolUseId", "")), "content": _text_of_result(block)}
        for block in results
    ]
    if not rest and not calls:
        return made
    one: JsonObject = {"role": role, "content": _openai_content(rest)}
    if calls:
        one["content"] = one["content"] or None
        one["tool_calls"] = [
            {
                "id": str(block.get("id", "")),
                "type": "function",
                "function": {"name": str(block.get("name", "")), "arguments": _json(block.get("input", {}))},
            }
            for block in calls
        ]
    return [*made, one]


def _openai_content(blocks: list[JsonObject]) -> str | list[JsonObject]:
    if all(block.get("type") not in ("image", "audio") for block in blocks):
        return "\n".join(_as_text(block) for block in blocks)
    return [_openai_block(block) for block in blocks]


def _openai_block(block: JsonObject) -> JsonObject:
    match block.get("type"):
        case "image":
            url = f"data:{block.get('mimeType', 'image/png')};base64,{block.get('data', '')}"
            return {"type": "image_url", "image_url": {"url": url}}
        case "audio":
            form = str(block.get("mimeType", "audio/wav")).partition("/")[2].removeprefix("x-")
            known = "mp3" if form in ("mpeg", "mp3") else form
            return {"type": "input_audio", "input_audio": {"data": block.get("data", ""), "format": known}}
        case _:
            return {"type": "text", "text": _as_text(block)}


class _OpenAiReply(_Reply):
    stops = _OPENAI_STOPS

    def feed(self, event: Any) -> str:
        """A streamed chunk, or a whole completion from an endpoint that does not stream."""
        facts = as_object(event)
        if "error" in facts:
            self.error = _words_of(facts["error"])
            return ""
        self.model = str(facts.get("model") or self.model)
        choices = facts.get("choices")
        if not isinstance(choices, list) or not choices:
            return ""
        choice = as_object(cast("list[Any]", choices)[0])
        self.stop = str(choice.get("finish_reason") or self.stop)
        delta = as_object(choice.get("delta") or choice.get("message"))
        listed = delta.get("tool_calls")
        for at, call in enumerate(cast("list[Any]", listed) if isinstance(listed, list) else []):
            self._take_call(as_object(call), at)
        return self._add(delta.get("content"))

    def _take_call(self, call: JsonObject, at: int) -> None:
        index = call.get("index", at)
        known = self.calls.setdefault(index if isinstance(index, int) else at, {"id": "", "name": "", "input": ""})
        function = as_object(call.get("function"))
        known["id"] = str(call.get("id") or known["id"])
        known["name"] += str(function.get("name") or "")
        known["input"] += str(function.get("arguments") or "")


# --- messages ---


def anthropic_body(params: JsonObject, model: str) -> JsonObject:
    """A streaming messages request."""
    tokens = params.get("maxTokens")
    body: JsonObject = {
        "model": model,
        "max_tokens": tokens if isinstance(tokens, int) and tokens > 0 else _DEFAULT_TOKENS,
        "messages": [
            {"role": str(message.get("role", "user")), "content": [_anthropic_block(one) for one in _blocks(message)]}
            for message in _messages(params)
        ],
        "stream": True,
    }
    for name, key in (("systemPrompt", "system"), ("temperature", "temperature"), ("stopSequences", "stop_sequences")):
        if params.get(name):
            body[key] = params[name]
    tools = _tools(params)
    if tools:
        body["tools"] = [
            {
                "name": tool.get("name", ""),
                "description": tool.get("description", ""),
                "input_schema": tool.get("inputSchema", {"type": "object"}),
            }
            for tool in tools
        ]
        mode = {"auto": "auto", "required": "any", "none": "none"}.get(
            str(as_object(params.get("toolChoice")).get("mode"))
        )
        if mode:
            body["tool_choice"] = {"type": mode}
    return body


def _anthropic_block(block: JsonObject) -> JsonObject:
    match block.get("type"):
        case "image":
            source = {"type": "base64", "media_type": block.get("mimeType", "image/png"), "data": block.get("data", "")}
            return {"type": "image", "source": source}
        case "tool_use":
            return {key: block.get(key) for key in ("type", "id", "name", "input")}
        case "tool_result":
            content = [_anthropic_block(as_object(one)) for one in _list(block.get("content"))]
            made: JsonObject = {"type": "tool_result", "tool_use_id": block.get("toolUseId", ""), "content": content}
            return {**made, "is_error": True} if block.get("isError") is True else made
        case _:
            return {"type": "text", "text": _as_text(block)}


class _AnthropicReply(_Reply):
    stops = _ANTHROPIC_STOPS

    def feed(self, event: Any) -> str:
        """A streamed event, or a whole message from an endpoint that does not stream."""
        facts = as_object(event)
        match facts.get("type"):
            case "error":
                self.error = _words_of(facts.get("error"))
            case "message_start":
                self.model = str(as_object(facts.get("message")).get("model") or "")
            case "content_block_start":
                return self._start(facts.get("index"), as_object(facts.get("content_block")))
            case "content_block_delta":
                return self._delta(facts.get("index"), as_object(facts.get("delta")))
            case "message_delta":
                self.stop = str(as_object(facts.get("delta")).get("stop_reason") or self.stop)
            case "message":
                self.model, self.stop = str(facts.get("model") or ""), str(facts.get("stop_reason") or "")
                return "".join(self._start(at, as_object(one)) for at, one in enumerate(_list(facts.get("content"))))
            case _:
                pass
        return ""

    def _start(self, index: Any, block: JsonObject) -> str:
        if block.get("type") == "tool_use" and isinstance(index, int):
            given = block.get("input")
            known = {"id": str(block.get("id", "")), "name": str(block.get("name", "")), "input": ""}
            self.calls[index] = {**known, "input": _json(given) if given else ""}
            return ""
        return self._add(block.get("text"))

    def _delta(self, index: Any, delta: JsonObject) -> str:
        if delta.get("type") == "input_json_delta" and index in self.calls:
            self.calls[index]["input"] += str(delta.get("partial_json", ""))
            return ""
        return self._add(delta.get("text"))


# --- both ---


def _message(text: str, calls: list[JsonObject], model: str, stop: str) -> JsonObject:
    """A `CreateMessageResult`. Tool calls whose input is no JSON object keep the text under "unreadable"."""
    blocks: list[JsonObject] = [{"type": "text", "text": text}] if text or not calls else []
    for call in calls:
        blocks.append({"type": "tool_use", "id": call["id"], "name": call["name"], "input": _input(call["input"])})
    reason = "toolUse" if calls else stop or "endTurn"
    return {
        "role": "assistant",
        "content": blocks if calls else blocks[0],
        "model": model,
        "stopReason": reason,
    }


def _input(text: str) -> JsonObject:
    try:
        value = from_json(text or "{}")
    except ValueError:
        return {"unreadable": text}
    return value if is_object(value) else {"unreadable": text}


def _messages(params: JsonObject) -> list[JsonObject]:
    return [as_object(message) for message in _list(params.get("messages"))]


def _tools(params: JsonObject) -> list[JsonObject]:
    return [tool for tool in _list(params.get("tools")) if is_object(tool)]


def _blocks(message: JsonObject) -> list[JsonObject]:
    content = message.get("content")
    return [as_object(block) for block in (_list(content) if isinstance(content, list) else [content])]


def _list(value: Any) -> list[Any]:
    return cast("list[Any]", value) if isinstance(value, list) else []


def _as_text(block: JsonObject) -> str:
    text = block.get("text")
    if isinstance(text, str):
        return text
    return f"[{block.get('type', 'something')} that this endpoint cannot be given]"


def _text_of_result(block: JsonObject) -> str:
    structured = block.get("structuredContent")
    texts = [_as_text(as_object(one)) for one in _list(block.get("content"))]
    return "\n".join(texts) if texts or structured is None else _json(structured)


def _json(value: Any) -> str:
    return to_json(value, inf_nan_mode="null").decode()


def _words_of(error: Any) -> str:
    facts = as_object(error)
    return str(facts.get("message") or facts.get("type") or error)[:400]
