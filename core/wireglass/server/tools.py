"""Tools: the base that others implement, and what becomes of what one returned."""

import copy
import logging
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, cast

from pydantic import BeforeValidator, Field, model_validator
from pydantic.json_schema import SkipJsonSchema

from wireglass.errors import ToolError
from wireglass.protocol.tool_facts import ToolAnnotations, ToolExecution
from wireglass.server.components import Component, ensure_model
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
from wireglass.server.schemas import inline_references

if TYPE_CHECKING:
    from wireglass.protocol.tools import Tool as WireTool
    from wireglass.server.function_tools import FunctionTool

__all__ = ["NAME", "NOT_SET", "Tool", "display_title"]

log = logging.getLogger(__name__)
NAME = re.compile(r"[A-Za-z0-9_.\-/]{1,128}")
"""What the specification asks of a tool's name."""


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
        if not NAME.fullmatch(self.name):
            log.warning(
                "Tool name %r is outside the specification's A-Z a-z 0-9 _ - . (1 to 128); some hosts will refuse it.",
                self.name,
            )
        return self

    @classmethod
    def from_function(cls, fn: Callable[..., Any], **options: Any) -> "FunctionTool":
        """A tool of a function; options as in `FunctionTool.from_function`. Raises RegistrationError."""
        from wireglass.server.function_tools import FunctionTool

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
