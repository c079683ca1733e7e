"""The client's model, asked from a tool: one answer, a typed answer, or a loop in which the model uses tools
(client/sampling, every revision; tools since 2025-11-25).
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

import pydantic
from pydantic_core import to_json

from wireglass.errors import ToolError
from wireglass.protocol.content import parse_block
from wireglass.protocol.inputs import CreateMessageResult, SamplingMessage
from wireglass.server.function_tools import FunctionTool
from wireglass.server.results import is_block, to_blocks
from wireglass.server.schemas import inline_references, prune_titles
from wireglass.server.tools import Tool

if TYPE_CHECKING:
    from wireglass.server.context import Context

__all__ = ["SampleStep", "SamplingAnswer", "SamplingResult", "request_sampling", "sample", "sample_step"]

_ROUNDS = 50
"""Turns of a loop with tools, at most: a model that never stops must not run for ever."""
_FINAL = "final_response"


@dataclass
class SamplingResult:
    """What `sample` returns: the text, the (typed) result, and the conversation."""

    text: str | None
    result: Any
    history: list[SamplingMessage] = field(default_factory=list[SamplingMessage])


@dataclass
class SampleStep:
    """One turn of the model; `history` has it, and the results of tools that ran, at the end."""

    response: CreateMessageResult
    history: list[SamplingMessage]

    @property
    def tool_calls(self) -> list[Any]:
        """The tools the model wants to use."""
        return [block for block in _blocks(self.response) if block.type == "tool_use"]

    @property
    def is_tool_use(self) -> bool:
        """Whether the model stopped to use tools."""
        return bool(self.tool_calls)

    @property
    def text(self) -> str | None:
        """The text of the turn, None when it has none."""
        texts = [block.text for block in _blocks(self.response) if block.type == "text"]
        return "\n".join(texts) if texts else None


class SamplingAnswer(dict[str, Any]):
    """The answer as a dict (`answer["content"]` is the text) whose members are attributes too."""

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError as error:
            raise AttributeError(name) from error


def _blocks(result: CreateMessageResult) -> list[Any]:
    return cast("list[Any]", result.content) if isinstance(result.content, list) else [result.content]


def _messages(given: Any) -> tuple[list[SamplingMessage], str | None]:
    """The conversation, and the system prompt hidden in it as a message of role "system"."""
    items = cast("list[Any]", given) if isinstance(given, (list, tuple)) else [given]
    system: list[str] = []
    messages: list[SamplingMessage] = []
    for item in items:
        role, content = _parts(item)
        if role == "system":
            system.append(str(content))
        else:
            messages.append(SamplingMessage(role=cast("Any", role), content=_content(content)))
    return messages, "\n\n".join(system) or None


def _parts(item: Any) -> tuple[str, Any]:
    if isinstance(item, dict) and "role" in item:
        mapping = cast("dict[str, Any]", item)
        return mapping["role"], mapping.get("content", "")
    role = getattr(item, "role", None)
    return ("user", item) if role is None else (role, getattr(item, "content", ""))


def _content(content: Any) -> Any:
    if isinstance(content, (list, tuple)):
        return [_content(part) for part in cast("Sequence[Any]", content)]
    if is_block(content) or (isinstance(content, dict) and "type" in content):
        return content
    return parse_block(to_blocks(content)[0])


def _preferences(given: Any) -> dict[str, Any] | None:
    if given is None:
        return None
    if isinstance(given, str):
        return {"hints": [{"name": given}]}
    if isinstance(given, (list, tuple)):
        return {"hints": [{"name": str(name)} for name in cast("Sequence[Any]", given)]}
    return given if isinstance(given, dict) else given.model_dump(by_alias=True, exclude_none=True)


def _params(
    messages: list[SamplingMessage],
    system_prompt: str | None,
    temperature: float | None,
    max_tokens: int | None,
    model_preferences: Any,
    more: dict[str, Any],
) -> dict[str, Any]:
    params: dict[str, Any] = {"messages": [m.wire() for m in messages], "maxTokens": max_tokens or 512}
    named = {"systemPrompt": system_prompt, "temperature": temperature, "stopSequences": more.get("stop_sequences")}
    named |= {"includeContext": more.get("include_context"), "metadata": more.get("metadata")}
    named["modelPreferences"] = _preferences(model_preferences)
    return params | {name: value for name, value in named.items() if value is not None}


async def _create(context: "Context", params: dict[str, Any]) -> CreateMessageResult:
    """Asks the client, or the server's own handler when the client cannot or the server always does."""
    settings = context.fastmcp.settings_given
    handler: Callable[..., Any] | None = settings.get("sampling_handler")
    declared = context.scope is not None and "sampling" in context.scope.client_capabilities
    if handler is not None and (settings.get("sampling_handler_behavior") == "always" or not declared):
        return await _by_handler(handler, context, params)
    return CreateMessageResult.model_validate(await context.ask("sampling/createMessage", params))


async def _by_handler(handler: Callable[..., Any], context: "Context", params: dict[str, Any]) -> CreateMessageResult:
    from wireglass.protocol.inputs import CreateMessageRequestParams

    asked = CreateMessageRequestParams.model_validate(params)
    answer = handler(asked.messages, asked, context.request_context)
    if asyncio.iscoroutine(answer):
        answer = await answer
    if isinstance(answer, CreateMessageResult):
        return answer
    if isinstance(answer, str):
        return CreateMessageResult.model_validate({"content": {"type": "text", "text": answer}})
    plain = answer if isinstance(answer, dict) else answer.model_dump(mode="json", by_alias=True, exclude_none=True)
    return CreateMessageResult.model_validate(plain)


async def request_sampling(
    context: "Context",
    messages: Any,
    *,
    system_prompt: str | None = None,
    temperature: float | None = None,
    max_tokens: int | None = None,
    model_preferences: Any = None,
    **more: Any,
) -> SamplingAnswer:
    """One answer as a dict: `content` (text), `role`, `model`, `stop_reason`. Raises McpError."""
    conversation, hidden = _messages(messages)
    params = _params(conversation, system_prompt or hidden, temperature, max_tokens, model_preferences, more)
    step = SampleStep(await _create(context, params), conversation)
    return SamplingAnswer(
        content=step.text if step.text is not None else step.response.content,
        role=step.response.role,
        model=step.response.model,
        stop_reason=step.response.stop_reason,
    )


async def sample_step(
    context: "Context",
    messages: Any,
    *,
    system_prompt: str | None = None,
    temperature: float | None = None,
    max_tokens: int | None = None,
    model_preferences: Any = None,
    tools: Sequence[Any] | None = None,
    tool_choice: Any = None,
    execute_tools: bool = True,
    mask_error_details: bool | None = None,
    **more: Any,
) -> SampleStep:
    """One turn of the model; tools it asks for run at once unless `execute_tools=False`. Raises McpError."""
    conversation, hidden = _messages(messages)
    params = _params(conversation, system_prompt or hidden, temperature, max_tokens, model_preferences, more)
    offered = {tool.name: tool for tool in map(_as_tool, tools or ())}
    if offered:
        params["tools"] = [_offer(tool) for tool in offered.values()]
        if tool_choice is not None:
            params["toolChoice"] = {"mode": tool_choice} if isinstance(tool_choice, str) else tool_choice
    response = await _create(context, params)
    history = [*conversation, SamplingMessage(role="assistant", content=response.content)]
    step = SampleStep(response, history)
    if step.is_tool_use and execute_tools:
        masked = context.fastmcp.mask_error_details if mask_error_details is None else mask_error_details
        results = await asyncio.gather(*(_use(offered, call, masked) for call in step.tool_calls))
        history.append(SamplingMessage(role="user", content=list(results)))
    return step


def _as_tool(tool: Any) -> Tool:
    from wireglass.server.sampling_tools import SamplingTool

    if isinstance(tool, Tool):
        return tool
    if isinstance(tool, SamplingTool):
        return FunctionTool.from_function(tool.fn, name=tool.name, description=tool.description)
    return FunctionTool.from_function(tool)


def _offer(tool: Tool) -> dict[str, Any]:
    offer: dict[str, Any] = {"name": tool.name, "inputSchema": inline_references(tool.parameters)}
    if tool.description:
        offer["description"] = tool.description
    return offer


async def _use(offered: dict[str, Tool], call: Any, masked: bool) -> dict[str, Any]:
    """The `tool_result` block of one `tool_use`; what goes wrong is for the model to read."""
    tool = offered.get(call.name)
    answer: dict[str, Any] = {"type": "tool_result", "toolUseId": call.id}
    try:
        if tool is None:
            raise ToolError(f"Unknown tool: {call.name!r}")
        result = await tool.run(dict(call.input))
    except ToolError as error:
        return {**answer, "content": [{"type": "text", "text": str(error)}], "isError": True}
    except Exception as error:  # boundary: the author's tool may raise anything
        text = f"Error calling tool {call.name!r}" + ("" if masked else f": {error}")
        return {**answer, "content": [{"type": "text", "text": text}], "isError": True}
    return {**answer, "content": result.wire()["content"]}


async def sample(
    context: "Context",
    messages: Any,
    *,
    tools: Sequence[Any] | None = None,
    result_type: Any = None,
    system_prompt: str | None = None,
    **options: Any,
) -> SamplingResult:
    """Samples until the model has its say: tools run in between, and with `result_type` the answer is that type.

    Raises McpError, and ToolError when the model does not come to an end or to a valid answer.
    """
    typed = result_type is not None and result_type is not str
    kind: Any = result_type
    adapter: pydantic.TypeAdapter[Any] | None = pydantic.TypeAdapter(kind) if typed else None
    offered = [*(tools or ()), *([_final_tool(adapter)] if adapter else [])]
    conversation, hidden = _messages(messages)
    prompt = system_prompt or hidden
    for _ in range(_ROUNDS):
        choice = "required" if adapter and not tools else None
        step = await sample_step(
            context,
            conversation,
            tools=offered,
            tool_choice=choice,
            system_prompt=prompt,
            execute_tools=True,
            **options,
        )
        conversation = step.history
        final = next((call for call in step.tool_calls if call.name == _FINAL), None) if adapter else None
        if adapter and final is not None:
            try:
                value = adapter.validate_python(_unwrap(adapter, final.input))
            except pydantic.ValidationError:
                continue  # the tool's error is in the conversation; the model tries again
            return SamplingResult(to_json(value).decode(), value, conversation)
        if not step.is_tool_use:
            if adapter:
                raise ToolError(f"The model answered with text instead of {result_type!r}.")
            return SamplingResult(
                step.text, step.text if step.text is not None else step.response.content, conversation
            )
    raise ToolError(f"The model used tools for {_ROUNDS} turns without an answer.")


def _is_object(adapter: pydantic.TypeAdapter[Any]) -> bool:
    return adapter.json_schema().get("type") == "object"


def _unwrap(adapter: pydantic.TypeAdapter[Any], value: Any) -> Any:
    return value if _is_object(adapter) else value.get("value")


def _final_tool(adapter: pydantic.TypeAdapter[Any]) -> Tool:
    """A tool whose input is the answer: how a model is made to answer in a type."""
    schema = prune_titles(adapter.json_schema())
    if not _is_object(adapter):
        schema = {"type": "object", "properties": {"value": schema}, "required": ["value"]}

    class _Final(Tool):
        async def run(self, arguments: dict[str, Any]) -> Any:
            try:
                adapter.validate_python(_unwrap(adapter, arguments))
            except pydantic.ValidationError as error:
                raise ToolError(f"Validation error: {error}. Call {_FINAL} again with valid data.") from error
            return self.convert_result("Accepted.")

    text = "Call this tool to give your final answer. Its arguments are the answer."
    return _Final(name=_FINAL, description=text, parameters=schema)
