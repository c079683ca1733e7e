"""Prompts: the base that others implement, and the one made of a function."""

import json
from collections.abc import Callable, Collection
from typing import Annotated, Any, ClassVar, Literal, cast

import pydantic
from pydantic import BaseModel, BeforeValidator, PrivateAttr
from pydantic.json_schema import SkipJsonSchema
from pydantic_core import from_json

from wireglass.errors import PromptError, ValidationError
from wireglass.media import Audio, File, Image
from wireglass.protocol.content import parse_block
from wireglass.protocol.prompts import Prompt as WirePrompt
from wireglass.protocol.prompts import PromptMessage
from wireglass.server.arguments import Argument
from wireglass.server.components import Component, TaskConfig, as_icons, as_tags, attached_options
from wireglass.server.context import current_context
from wireglass.server.functions import FunctionPlan, plan_function
from wireglass.server.results import is_block, is_input_required, to_blocks, to_text

__all__ = [
    "AssistantMessage",
    "FunctionPrompt",
    "InputRequiredPromptResult",
    "Message",
    "Prompt",
    "PromptArgument",
    "PromptResult",
    "UserMessage",
]


class Message(BaseModel):
    """One message: text, a content block, an `Image`, or anything that becomes JSON text."""

    model_config = pydantic.ConfigDict(arbitrary_types_allowed=True, defer_build=True)

    role: Literal["user", "assistant"]
    content: Any

    def __init__(self, content: Any, role: Literal["user", "assistant"] = "user", **_extra: Any) -> None:
        if not is_block(content):
            content = parse_block(_as_block(content))
        super().__init__(role=role, content=content)

    def wire(self) -> dict[str, Any]:
        """The protocol's message."""
        content: BaseModel = self.content
        return {"role": self.role, "content": content.model_dump(mode="json", by_alias=True, exclude_none=True)}

    def to_mcp_prompt_message(self) -> PromptMessage:
        """The protocol's model."""
        return PromptMessage.model_validate(self.wire())


def _as_block(value: Any) -> dict[str, Any]:
    if isinstance(value, dict) and cast("dict[str, Any]", value).get("type") in ("text", "image", "audio", "resource"):
        return cast("dict[str, Any]", value)
    if isinstance(value, (str, Image, Audio, File)):
        return to_blocks(value)[0]
    return {"type": "text", "text": to_text(value)}


def UserMessage(content: Any, **extra: Any) -> Message:
    """A message of the user."""
    return Message(content, role="user", **extra)


def AssistantMessage(content: Any, **extra: Any) -> Message:
    """A message of the assistant."""
    return Message(content, role="assistant", **extra)


class PromptArgument(BaseModel):
    """One argument of a prompt."""

    model_config = pydantic.ConfigDict(defer_build=True)

    name: str
    description: str | None = None
    required: bool = False

    def wire(self) -> dict[str, Any]:
        """As it is listed."""
        listed: dict[str, Any] = {"name": self.name, "required": self.required}
        if self.description is not None:
            listed["description"] = self.description
        return listed


class PromptResult(BaseModel):
    """What a prompt renders to. `messages` is a text or a list of messages. Raises TypeError for anything else."""

    model_config = pydantic.ConfigDict(defer_build=True)

    messages: list[Message]
    description: str | None = None
    meta: dict[str, Any] | None = None

    def __init__(self, messages: Any, description: str | None = None, meta: dict[str, Any] | None = None) -> None:
        if isinstance(messages, str):
            messages = [Message(messages)]
        if not isinstance(messages, list):
            raise TypeError(f"messages must be str or list[Message], not {type(messages).__name__}.")
        made: list[Message] = []
        for index, item in enumerate(cast("list[Any]", messages)):
            message = _protocol_message(item)
            if message is None:
                raise TypeError(
                    f"messages[{index}] must be Message, not {type(item).__name__}. "
                    "Wrap it: Message(content, role=...)."
                )
            made.append(message)
        super().__init__(messages=made, description=description, meta=meta)

    # As in 2.x, where a rendered prompt is the list of its messages

    def __len__(self) -> int:
        return len(self.messages)

    def __bool__(self) -> bool:
        return True

    def __getitem__(self, index: int) -> Message:
        return self.messages[index]

    def __eq__(self, other: object) -> bool:
        if isinstance(other, list):
            others = [_protocol_message(item) for item in cast("list[Any]", other)]
            return [message.wire() for message in self.messages] == [each and each.wire() for each in others]
        return super().__eq__(other)

    __hash__ = None  # pyright: ignore[reportAssignmentType] - as pydantic's models

    def wire(self) -> dict[str, Any]:
        """The members of the protocol's result."""
        result: dict[str, Any] = {"messages": [message.wire() for message in self.messages]}
        if self.description is not None:
            result["description"] = self.description
        if self.meta:
            result["_meta"] = self.meta
        return result


class InputRequiredPromptResult(PromptResult):
    """A round that asks the client for input instead of finishing."""

    input_required: Any = None

    def __init__(self, input_required: Any) -> None:
        super().__init__([])
        self.input_required = input_required


def _protocol_message(item: Any) -> Message | None:
    """A `Message` of ours, or a `PromptMessage` of any package."""
    if isinstance(item, Message):
        return item
    role = getattr(item, "role", None)
    if role in ("user", "assistant") and isinstance(item, BaseModel):
        return Message(getattr(item, "content", ""), role=role)
    return None


def _lenient_message(item: Any) -> Message:
    """Whatever a prompt function may put into a list."""
    message = _protocol_message(item)
    if message is not None:
        return message
    if isinstance(item, dict):
        mapping = cast("dict[str, Any]", item)
        if mapping.get("role") in ("user", "assistant") and "content" in mapping:
            return Message(mapping["content"], role=mapping["role"])
    return Message(item)


def _prompt_arguments(value: Any) -> Any:
    return [
        PromptArgument.model_validate(v.model_dump()) if isinstance(v, BaseModel) else v for v in value or ()
    ] or None


class Prompt(Component):
    """A prompt. Subclasses implement `render`."""

    KEY_PREFIX: ClassVar[str] = "prompt"
    COMPONENT_TYPE: ClassVar[str] = "prompt"

    arguments: Annotated[list[PromptArgument] | None, BeforeValidator(_prompt_arguments)] = None

    @classmethod
    def from_function(cls, fn: Callable[..., Any], **options: Any) -> "FunctionPrompt":
        """A prompt of a function. Raises RegistrationError."""
        return FunctionPrompt.from_function(fn, **options)

    async def render(self, arguments: dict[str, Any] | None = None) -> Any:
        """Renders it. Raises PromptError."""
        raise NotImplementedError("Subclasses must implement render()")

    async def render_result(self, arguments: dict[str, Any] | None = None) -> Any:
        """As `render`, as a `PromptResult`."""
        return self.convert_result(await self.render(arguments))

    def convert_result(self, raw: Any) -> Any:
        """A `PromptResult` of what a function returned; a request for input passes as it is. Raises PromptError."""
        if isinstance(raw, PromptResult):
            asked = isinstance(raw, InputRequiredPromptResult)
            return (
                raw
                if asked or raw.description is not None
                else raw.model_copy(update={"description": self.description})
            )
        if is_input_required(raw):
            return InputRequiredPromptResult(raw)
        if type(raw).__name__ == "GetPromptResult" and hasattr(raw, "messages"):
            messages = [_lenient_message(item) for item in raw.messages]
            return PromptResult(messages, getattr(raw, "description", None), getattr(raw, "meta", None))
        items = cast("list[Any]", raw) if isinstance(raw, (list, tuple)) else [raw]
        try:
            return PromptResult(
                [_lenient_message(item) for item in items], description=self.description, meta=self.meta
            )
        except Exception as error:
            raise PromptError(f"Could not convert prompt result to messages: {error}") from error

    def wire(self) -> dict[str, Any]:
        """As it is listed."""
        listed = self.wire_common()
        if self.arguments:
            listed["arguments"] = [argument.wire() for argument in self.arguments]
        return listed

    def to_mcp_prompt(self, **overrides: Any) -> WirePrompt:
        """The protocol's model."""
        return WirePrompt.model_validate({**self.wire(), **overrides})


class FunctionPrompt(Prompt):
    """A prompt made of a function."""

    fn: SkipJsonSchema[Callable[..., Any]]
    _plan: FunctionPlan | None = PrivateAttr(default=None)

    @classmethod
    def from_function(  # pyright: ignore[reportIncompatibleMethodOverride] - the base passes options on
        cls,
        fn: Callable[..., Any],
        *,
        name: str | None = None,
        version: str | int | None = None,
        title: str | None = None,
        description: str | None = None,
        icons: list[Any] | None = None,
        tags: Collection[str] | None = None,
        meta: dict[str, Any] | None = None,
        task: bool | TaskConfig | None = None,
        auth: Any = None,
        enabled: bool | None = None,
        run_in_thread: bool = True,
        metadata: Any = None,
    ) -> "FunctionPrompt":
        """Makes a prompt. Raises RegistrationError naming function, file and line."""
        given = {"name": name, "version": version, "title": title, "description": description, "tags": tags}
        options = attached_options(fn, metadata, **given)
        if options is not None:
            return cls.from_function(fn, **options, metadata=False)
        plan = plan_function(fn, name=name, kind="prompt", run_in_thread=run_in_thread)
        made = cls(
            fn=fn,
            name=plan.name,
            version=cast("Any", version),
            title=title,
            description=description if description is not None else plan.description,
            icons=as_icons(icons),
            tags=as_tags(tags),
            meta=meta,
            auth=auth,
            enabled=enabled is not False,
            arguments=[_describe(argument, plan) for argument in plan.arguments],
            task_config=TaskConfig.of(task),
        )
        made._plan = plan
        return made

    @property
    def plan(self) -> FunctionPlan:
        """How the function is called."""
        if self._plan is None:
            self._plan = plan_function(self.fn, name=self.name, kind="prompt")
        return self._plan

    async def render(self, arguments: dict[str, Any] | None = None) -> Any:
        given = dict(arguments or {})
        plan = self.plan
        missing = [a.name for a in plan.arguments if a.required and a.name not in given]
        if missing:
            raise ValidationError(f"Missing required arguments for prompt {self.name!r}: {', '.join(missing)}")
        values = plan.validate(_decode(given, plan, self.name))
        context = current_context.get()
        shared = context.shared_scope if context is not None and plan.injected else None
        return self.convert_result(await plan.call_validated(values, context, shared=shared))


def _is_text(argument: Argument) -> bool:
    import typing

    return argument.annotation in (str, Any) or str in typing.get_args(argument.annotation)


def _describe(argument: Argument, plan: FunctionPlan) -> PromptArgument:
    """What a person has to type; arguments that are not text say which JSON is expected."""
    description = argument.description
    if not _is_text(argument):
        schema = dict(plan.parameters.get("properties", {}).get(argument.alias, {}))
        schema.pop("description", None)
        schema.pop("default", None)
        note = f"Provide as a JSON string matching the following schema: {json.dumps(schema, separators=(',', ':'))}"
        description = f"{description}\n\n{note}" if description else note
    return PromptArgument(name=argument.alias, description=description, required=argument.required)


def _decode(given: dict[str, Any], plan: FunctionPlan, name: str) -> dict[str, Any]:
    """Prompt arguments are strings on the wire; those for other types may be JSON."""
    decoded: dict[str, Any] = {}
    texts = {argument.alias for argument in plan.arguments if _is_text(argument)}
    for key, value in given.items():
        decoded[key] = value
        if key in texts or not isinstance(value, str):
            continue
        try:
            decoded[key] = from_json(value)
        except ValueError:
            continue  # "2026-01-01" is no JSON and still a date
    return decoded
