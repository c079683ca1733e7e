"""Tools: the base that others implement, and the one made of a function."""

import asyncio
import copy
import logging
import re
from collections.abc import Callable, Collection, Coroutine
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, cast

from pydantic import BeforeValidator, Field, model_serializer, model_validator
from pydantic.json_schema import SkipJsonSchema

from wireglass.errors import RegistrationError, ToolError, ValidationError
from wireglass.protocol.tool_facts import ToolAnnotations, ToolExecution
from wireglass.server.complaints import location_of
from wireglass.server.components import Component, TaskConfig, as_icons, as_tags, attached, ensure_model
from wireglass.server.context import current_context
from wireglass.server.functions import FunctionPlan, plan_function
from wireglass.server.results import (
    PLAIN,
    WRAP_MARK,
    InputRequiredToolResult,
    ToolResult,
    is_block,
    is_input_required,
    media_types,
    to_blocks,
    to_plain,
    to_text,
)
from wireglass.server.returns import plan_return
from wireglass.server.schemas import inline_references
from wireglass.tracing import active, timed

if TYPE_CHECKING:
    from wireglass.protocol.tools import Tool as WireTool

__all__ = ["NOT_SET", "FunctionTool", "Tool", "display_title"]

log = logging.getLogger(__name__)
_NAME = re.compile(r"[A-Za-z0-9_.\-/]{1,128}")


class _NotSet:
    def __repr__(self) -> str:
        return "NotSet"

    def __bool__(self) -> bool:
        return False

    def __copy__(self) -> "_NotSet":
        return self

    def __deepcopy__(self, memo: Any) -> "_NotSet":
        return self


NOT_SET = _NotSet()
"""A parameter that was not given, where None means something."""


def display_title(name: str) -> str:
    """A title made of a name: `find_products` reads "Find Products"."""
    return re.sub(r"[_\-.\s]+", " ", name).strip().title()


def _annotations(value: Any) -> Any:
    return ensure_model(value, ToolAnnotations)


def _execution(value: Any) -> Any:
    return ensure_model(value, ToolExecution)


class _ToolMemory:
    """What a tool works out once (see `_Attached` for why these are no private attributes)."""

    _inlined: tuple[dict[str, Any], dict[str, Any]] | None = None
    _inlined_output: tuple[dict[str, Any], dict[str, Any]] | None = None


class Tool(_ToolMemory, Component):
    """A tool. Subclasses implement `run`."""

    KEY_PREFIX: ClassVar[str] = "tool"
    COMPONENT_TYPE: ClassVar[str] = "tool"

    parameters: dict[str, Any] = Field(default_factory=lambda: {"type": "object", "properties": {}})
    output_schema: dict[str, Any] | None = None
    annotations: Annotated[ToolAnnotations | None, BeforeValidator(_annotations)] = None
    execution: Annotated[ToolExecution | None, BeforeValidator(_execution)] = None
    timeout: float | None = None
    return_type: SkipJsonSchema[Any] = Field(default=None, exclude=True)
    serializer: SkipJsonSchema[Any] = Field(default=None, exclude=True)

    @model_validator(mode="after")
    def _check_name(self) -> "Tool":
        if not _NAME.fullmatch(self.name):
            log.warning(
                "Tool name %r is outside the specification's A-Z a-z 0-9 _ - . (1 to 128); some hosts will refuse it.",
                self.name,
            )
        return self

    @classmethod
    def from_function(cls, fn: Callable[..., Any], **options: Any) -> "FunctionTool":
        """A tool of a function; options as in `FunctionTool.from_function`. Raises RegistrationError."""
        return FunctionTool.from_function(fn, **options)

    @classmethod
    def from_tool(cls, tool: "Tool | Callable[..., Any]", **options: Any) -> "Tool":
        """A tool that calls another under changed names, arguments or results (see `TransformedTool.from_tool`)."""
        from wireglass.server.transforms.tool_transform import TransformedTool

        return TransformedTool.from_tool(tool, **options)

    async def run(self, arguments: dict[str, Any]) -> ToolResult:
        """Runs the tool. Raises ToolError and ValidationError for the client to read."""
        raise NotImplementedError("Subclasses must implement run()")

    def convert_result(self, raw: Any) -> ToolResult:
        """A `ToolResult` of what a tool returned.

        Raises ToolError naming a value that has no JSON form.
        """
        if type(raw) in PLAIN:
            return self._convert_value(raw)
        if isinstance(raw, ToolResult):
            return raw
        if is_input_required(raw):
            return InputRequiredToolResult(raw)
        wire = _protocol_result(raw)
        if wire is not None:
            return ToolResult.of_protocol(raw, wire)
        return self._convert_value(raw)

    def _convert_value(self, raw: Any) -> ToolResult:
        text = self.serializer or to_text
        blocks = to_blocks(raw, text)
        schema = self.output_schema
        if schema is None:
            return ToolResult.of(blocks, self._objectlike(raw))
        if schema.get(WRAP_MARK):
            meta = {"fastmcp": {"wrap_result": True}}
            return ToolResult.of(blocks, {"result": to_plain(raw)}, meta)
        plain = to_plain(raw)
        if not isinstance(plain, dict):
            raise ToolError(
                f"Tool {self.name!r} promises an object in its output schema but returned {type(raw).__name__}. "
                "structured_content must be a dict or None."
            )
        return ToolResult.of(blocks, plain)

    def _objectlike(self, raw: Any) -> dict[str, Any] | None:
        """Objects are structured content even when nothing promised it; content, lists and scalars are not."""
        if raw is None or isinstance(raw, (str, int, float, list, tuple)):
            return None
        if isinstance(raw, (bytes, *media_types())) or is_block(raw):
            return None
        plain = to_plain(raw)
        return cast("dict[str, Any]", plain) if isinstance(plain, dict) else None

    def wire(self, *, inline: bool = True) -> dict[str, Any]:
        """As it is listed, to be read only; `inline` replaces local `$ref`s."""
        listed = self.wire_common()
        if "title" not in listed:
            annotated = self.annotations.title if self.annotations else None
            listed["title"] = annotated or display_title(self.name)
        listed["inputSchema"] = self._inline_parameters() if inline else self._shown_parameters()
        if self.output_schema is not None:
            listed["outputSchema"] = self._inline_output(self.output_schema) if inline else self.output_schema
        if self.annotations is not None:
            listed["annotations"] = self.annotations.wire()
        support = self.task_config.mode if self.task_config.mode != "forbidden" else None
        if self.execution is not None:
            listed["execution"] = self.execution.wire()
        elif support:
            listed["execution"] = {"taskSupport": support}
        return listed

    def _shown_parameters(self) -> dict[str, Any]:
        """`parameters`, to be read only."""
        return self.parameters

    def _inline_parameters(self) -> dict[str, Any]:
        shown = self._shown_parameters()
        if "$defs" not in shown:
            return shown
        if self._inlined is None or self._inlined[0] is not self.parameters:
            self._inlined = (self.parameters, inline_references(self.parameters))
        return self._inlined[1]

    def _inline_output(self, schema: dict[str, Any]) -> dict[str, Any]:
        if "$defs" not in schema:
            return schema
        if self._inlined_output is None or self._inlined_output[0] is not schema:
            self._inlined_output = (schema, inline_references(schema))
        return self._inlined_output[1]

    def to_mcp_tool(self, **overrides: Any) -> "WireTool":
        """The protocol's model."""
        from wireglass.protocol.tools import Tool as WireTool

        own = {"inputSchema": copy.deepcopy(self._shown_parameters())}
        return WireTool.model_validate({**self.wire(inline=False), **own, **overrides})


def _protocol_result(raw: Any) -> dict[str, Any] | None:
    """The wire form of a `CallToolResult` model of any package."""
    if type(raw).__name__ != "CallToolResult" or not hasattr(raw, "model_dump"):
        return None
    return raw.model_dump(mode="json", by_alias=True, exclude_none=True)


class _FunctionToolMemory:
    _plan: FunctionPlan | None = None


class FunctionTool(_FunctionToolMemory, Tool):
    """A tool made of a function."""

    fn: SkipJsonSchema[Callable[..., Any]]
    run_in_thread: bool = True

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
        annotations: ToolAnnotations | dict[str, Any] | None = None,
        exclude_args: list[str] | None = None,
        output_schema: Any = NOT_SET,
        serializer: Callable[[Any], str] | None = None,
        meta: dict[str, Any] | None = None,
        task: bool | TaskConfig | None = None,
        timeout: float | None = None,
        auth: Any = None,
        run_in_thread: bool = True,
        enabled: bool | None = None,
        structured_output: bool | None = None,
        metadata: Any = None,
    ) -> "FunctionTool":
        """Makes a tool. `output_schema=None` (or False) switches structured output off.

        Raises RegistrationError when the function can never work as a tool, naming it with file and line.
        """
        if metadata is None:
            metadata = attached(fn)
        if metadata:
            options = {k: v for k, v in vars(metadata).items() if k not in ("type", "app")}
            given = {"name": name, "version": version, "title": title, "description": description, "tags": tags}
            options |= {k: v for k, v in given.items() if v is not None}
            return cls.from_function(fn, **options, metadata=False)
        plan = plan_function(fn, name=name, exclude=exclude_args or (), run_in_thread=run_in_thread)
        if timeout is not None and not run_in_thread and not plan.is_async:
            raise RegistrationError(
                f"Tool {plan.name!r} ({location_of(plan.fn)}): its timeout cannot be enforced, because a sync function "
                "with run_in_thread=False cannot be interrupted. Drop one of the two."
            )
        returns = plan_return(plan.return_annotation)
        if structured_output is False:
            output_schema = None
        schema = returns.output_schema if output_schema is NOT_SET else (output_schema or None)
        if schema is not None and schema.get("type") != "object" and not _refers_to_object(schema):
            raise RegistrationError(
                f"Tool {plan.name!r} ({location_of(plan.fn)}): Output schemas must represent object types due to MCP "
                f"spec limitations. Received: {schema!r}"
            )
        tool = cls._made(
            fn=fn,
            name=plan.name,
            version=version,
            title=title,
            description=description if description is not None else plan.description,
            icons=as_icons(icons),
            tags=as_tags(tags),
            annotations=annotations,
            output_schema=schema,
            meta=meta,
            timeout=timeout,
            auth=auth,
            serializer=serializer,
            run_in_thread=run_in_thread,
            enabled=enabled is not False,
            return_type=plan.return_annotation,
            task_config=TaskConfig.of(task),
        )
        tool._plan = plan
        cast("dict[str, Any]", tool.__dict__).pop("parameters")  # see `_Parameters`
        object.__setattr__(tool, "__pydantic_fields_set__", _GIVEN)
        return tool

    @classmethod
    def _made(cls, **fields: Any) -> "FunctionTool":
        """The tool of these fields. Where no field can be wrong or be converted, nothing is validated: the first
        validation takes pydantic 20 ms to get ready, which a server that starts need not spend."""
        name, text = fields["name"], (fields["title"], fields["description"])
        given = ("version", "icons", "annotations", "meta", "timeout")
        plain = all(fields[each] is None for each in given) and _NAME.fullmatch(name)
        if cls is not FunctionTool or not plain or any(not isinstance(each, str | None) for each in text):
            return cls(**fields)
        if not all(type(tag) is str for tag in fields["tags"]):
            return cls(**fields)
        return cls.model_construct(**fields)

    def _shown_parameters(self) -> dict[str, Any]:
        if self._plan is None or "parameters" in self.__dict__:
            return self.parameters
        return self._plan.shown

    def __eq__(self, other: object) -> bool:
        for tool in (self, other):
            _ = isinstance(tool, FunctionTool) and tool.parameters  # pydantic compares what is there
        return super().__eq__(other)

    __hash__ = None  # pyright: ignore[reportAssignmentType] - as pydantic's models

    @model_serializer(mode="wrap")
    def _with_parameters(self, serialize: Any) -> Any:
        _ = self.parameters  # pydantic writes what is there
        return serialize(self)

    @property
    def plan(self) -> FunctionPlan:
        """How the function is called."""
        plan = self._plan
        if plan is None:
            plan = self._plan = plan_function(self.fn, name=self.name, run_in_thread=self.run_in_thread)
        return plan

    async def run(self, arguments: dict[str, Any]) -> ToolResult:
        """Validates, calls, converts. Raises ValidationError, ToolError, and whatever the function raises."""
        context = current_context.get()
        if active():
            return await self._run_measured(arguments, context)
        return self.convert_result(await self._call(self._validate(arguments, context), context))

    async def _run_measured(self, arguments: dict[str, Any], context: Any) -> ToolResult:
        values = timed("validation validate arguments", self._validate, arguments, context)
        raw = await self._call(values, context)
        return timed("serialisation serialise result", self.convert_result, raw)

    def _validate(self, arguments: dict[str, Any], context: Any) -> dict[str, Any]:
        if context is not None and context.strict_input:
            return _validate_strictly(self.plan, self.parameters, arguments)
        return self.plan.validate(arguments)

    def _call(self, values: dict[str, Any], context: Any) -> Coroutine[Any, Any, Any]:
        plan = self.plan
        shared = context.shared_scope if plan.injected and context is not None else None
        call = plan.call_validated(values, context, shared=shared)
        return call if self.timeout is None else self._in_time(call, self.timeout)

    async def _in_time(self, call: Any, seconds: float) -> Any:
        limit = asyncio.timeout(seconds)
        try:
            async with limit:
                return await call
        except TimeoutError as error:
            if not limit.expired():
                raise
            log.warning("Tool %r timed out after %gs.", self.name, seconds)
            raise ToolError(f"Tool {self.name!r} execution timed out after {seconds:g}s.") from error


class _Parameters:
    """`FunctionTool.parameters` until it is there: pydantic keeps fields in the instance's `__dict__`, which is looked
    at before this. A tool whose schema nobody keeps or changes holds none."""

    def __get__(self, tool: FunctionTool | None, owner: type | None = None) -> dict[str, Any]:
        if tool is None:
            raise AttributeError("parameters")  # pydantic looks for defaults of subclasses here
        made = cast("dict[str, Any]", tool.__dict__)["parameters"] = tool.plan.parameters
        return made


type.__setattr__(FunctionTool, "parameters", _Parameters())

_GIVEN = set(FunctionTool.model_fields) - {"execution"}
"""What `from_function` gives. All its tools share one set: exclude_unset means the same for each of them."""


def _refers_to_object(schema: dict[str, Any]) -> bool:
    name = str(schema.get("$ref", "")).rpartition("/")[2]
    return schema.get("$defs", {}).get(name, {}).get("type") == "object" or schema.get("properties") is not None


def _validate_strictly(plan: FunctionPlan, schema: dict[str, Any], arguments: dict[str, Any]) -> dict[str, Any]:
    """Against the JSON Schema first: what it refuses is not coerced."""
    import jsonschema_rs

    try:
        checker = jsonschema_rs.validator_for(schema)
        problems = list(checker.iter_errors(arguments))
    except (ValueError, TypeError):  # a Python value that JSON does not know: the caller is Python, not a client
        return plan.validate(arguments)
    if problems:
        lines = [
            f"{'.'.join(map(str, problem.instance_path)) or 'arguments'}\n  {problem.message}" for problem in problems
        ]
        raise ValidationError(f"{len(lines)} validation error(s) for call[{plan.name}]\n" + "\n".join(lines))
    return plan.validate(arguments)
