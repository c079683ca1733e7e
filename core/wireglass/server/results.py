"""What a tool returned, as content blocks and structured content, and the output schema its annotation promises.

Blocks are kept as plain JSON on the way to the wire; models of them are made only for code that looks.
"""

import dataclasses
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Self, cast

import pydantic
from pydantic_core import PydanticSerializationError, SchemaSerializer, core_schema, to_json, to_jsonable_python

from wireglass.errors import ToolError
from wireglass.settings import dialect

if TYPE_CHECKING:
    from wireglass.media import File

__all__ = [
    "BLOCK_TYPES",
    "PLAIN",
    "WRAP_MARK",
    "InputRequiredToolResult",
    "ToolResult",
    "foreign_type_message",
    "is_block",
    "is_input_required",
    "to_blocks",
    "to_plain",
    "to_text",
]

WRAP_MARK = "x-fastmcp-wrap-result"
"""In an output schema: the value is wrapped as `{"result": value}` and clients unwrap it."""
BLOCK_TYPES = frozenset({"text", "image", "audio", "resource", "resource_link", "tool_use", "tool_result"})


class ToolResult:
    """The outcome of a tool call: content blocks, structured content, `_meta`, and whether it is an error.

    `content` takes anything a tool may return; `structured_content` a JSON object (or something that becomes one).
    Raises ValueError when both are missing or the structured content is no object.
    """

    def __init__(
        self,
        content: Any = None,
        structured_content: Any = None,
        meta: dict[str, Any] | None = None,
        is_error: bool = False,
    ) -> None:
        if content is None and structured_content is None:
            raise ValueError("Either content or structured_content must be provided")
        if structured_content is not None:
            structured_content = _structured_object(structured_content)
        self._models: list[Any] | None = None
        self._source: Any = None
        self._blocks: list[dict[str, Any]] = to_blocks(structured_content if content is None else content)
        self.structured_content: dict[str, Any] | None = structured_content
        self.meta = meta
        self.is_error = is_error

    @classmethod
    def of(
        cls,
        blocks: list[dict[str, Any]],
        structured: Any = None,
        meta: dict[str, Any] | None = None,
        *,
        is_error: bool = False,
    ) -> "ToolResult":
        """A result of blocks that are already plain JSON; nothing is checked."""
        made = ToolResult.__new__(ToolResult)
        made._models = None
        made._source = None
        made._blocks = blocks
        made.structured_content = structured
        made.meta = meta
        made.is_error = is_error
        return made

    @classmethod
    def from_wire(cls, result: dict[str, Any]) -> "ToolResult":
        """The result of another server's `tools/call`."""
        return cls.of(
            list(result.get("content") or ()),
            result.get("structuredContent"),
            result.get("_meta"),
            is_error=bool(result.get("isError")),
        )

    @classmethod
    def of_protocol(cls, result: Any, wire: dict[str, Any]) -> "ToolResult":
        """The protocol's own result, which an author returned as it is."""
        made = cls.from_wire(wire)
        made._source = result
        return made

    @property
    def content(self) -> list[Any]:
        """The blocks as models; changing the list changes the result."""
        if self._models is None:
            from wireglass.protocol.content import parse_block

            self._models = [parse_block(block) for block in self._blocks]
        return self._models

    @content.setter
    def content(self, value: Any) -> None:
        self._models = None
        self._blocks = to_blocks(value)

    def wire(self) -> dict[str, Any]:
        """The members of the protocol's result."""
        blocks = self._blocks if self._models is None else [_block(model) for model in self._models]
        result: dict[str, Any] = {"content": blocks}
        if self.structured_content is not None:
            result["structuredContent"] = self.structured_content
        if self.is_error:
            result["isError"] = True
        if self.meta:
            result["_meta"] = self.meta
        return result

    def to_mcp_result(self) -> Any:
        """As functions of the SDK return it: blocks, blocks with structured content, or the whole result; the author's
        own result, where the tool returned one."""
        if self._source is not None:
            return self._source
        if self.meta or self.is_error:
            from wireglass.protocol.tools import CallToolResult

            return CallToolResult.model_validate(self.wire())
        return self.content if self.structured_content is None else (self.content, self.structured_content)

    def model_copy(self, *, update: dict[str, Any] | None = None, deep: bool = False) -> Self:
        """A copy with some members replaced."""
        made = type(self).__new__(type(self))
        made.__dict__.update(self.__dict__)
        made._models = made._source = None
        made._blocks = [dict(block) for block in self.wire()["content"]]
        for name, value in (update or {}).items():
            setattr(made, name, value)
        return made

    def model_dump(self, **_options: Any) -> dict[str, Any]:
        """Members under their Python names."""
        return {
            "content": self.wire()["content"],
            "structured_content": self.structured_content,
            "meta": self.meta,
            "is_error": self.is_error,
        }

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ToolResult) and self.wire() == other.wire()

    __hash__ = None  # pyright: ignore[reportAssignmentType] - mutable

    def __repr__(self) -> str:
        return (
            f"ToolResult(content={self.content!r}, structured_content={self.structured_content!r}, "
            f"meta={self.meta!r}, is_error={self.is_error!r})"
        )


class InputRequiredToolResult(ToolResult):
    """A round that asks the client for input instead of finishing; `input_required` is what it asks."""

    def __init__(self, input_required: Any) -> None:
        super().__init__(content=[])
        self.input_required = input_required


PLAIN = frozenset({str, int, float, bool, dict})
"""Types of which a result is neither content nor anything of the protocol, and has nothing left to gather."""


def is_input_required(value: Any) -> bool:
    """Whether a function returned a request for input (`InputRequiredResult` of any package)."""
    return type(value).__name__ == "InputRequiredResult" and hasattr(value, "input_requests")


def _structured_object(value: Any) -> dict[str, Any]:
    value = to_plain(value)
    if not isinstance(value, dict):
        raise ValueError(
            f"structured_content must be a dict or None. Got {type(value).__name__}: {value!r}. "
            "Tools should wrap non-dict values based on their output_schema."
        )
    return cast("dict[str, Any]", value)


_OWN_NAMES = SchemaSerializer(core_schema.any_schema(), core_schema.CoreConfig(ser_json_inf_nan="null"))
"""Writes models as their own configuration says: FastMCP 4. Older dialects always write aliases."""


_EXACT = 1 << 53
"""Whole numbers below need no serialiser to be written as JSON."""


def to_plain(value: Any) -> Any:
    """`value` as JSON types. Raises ToolError naming the type that has no JSON form, and where it is."""
    if value is None or type(value) in (str, int, bool):
        return value
    try:
        if dialect() == "4":
            return _OWN_NAMES.to_python(value, mode="json")
        return to_jsonable_python(value, by_alias=True, inf_nan_mode="null")
    except UnicodeDecodeError:
        return to_jsonable_python(value, by_alias=True, bytes_mode="base64", inf_nan_mode="null")
    except (PydanticSerializationError, ValueError) as error:
        if _holds_bytes(error):
            return to_jsonable_python(value, by_alias=True, bytes_mode="base64", inf_nan_mode="null")
        raise ToolError(foreign_type_message(value)) from error


def to_text(value: Any) -> str:
    """`value` as the text of a block: strings as they are, everything else as compact JSON. Raises ToolError."""
    if isinstance(value, str):
        return value
    if type(value) is int and -_EXACT < value < _EXACT:
        return str(value)
    try:
        if dialect() == "4":
            return _OWN_NAMES.to_json(value).decode()
        return to_json(value, by_alias=True, inf_nan_mode="null").decode()
    except (PydanticSerializationError, ValueError) as error:
        if _holds_bytes(error):
            return to_json(value, by_alias=True, bytes_mode="base64", inf_nan_mode="null").decode()
        raise ToolError(foreign_type_message(value)) from error


def _holds_bytes(error: Exception) -> bool:
    return "utf-8" in str(error) or "utf8" in str(error)


def foreign_type_message(value: Any) -> str:
    """Which type inside `value` JSON has no form for, where, and what to do about it."""
    path, culprit = _find_foreign(value, "result", 0)
    if culprit is _CIRCLE:
        return f"{path} leads back to what it is part of, which JSON has no form for. Return it without the circle."
    kind = type(culprit)
    name = f"{kind.__module__}.{kind.__qualname__}"
    remedy = "Return JSON types, a dataclass or a pydantic model instead."
    if hasattr(kind, "tolist"):
        remedy = "Call .tolist() on it."
    elif hasattr(kind, "to_dict"):
        remedy = "Call .to_dict() on it."
    return f"{path} is a {name}, which has no JSON form. {remedy}"


_CIRCLE = object()


def _find_foreign(value: Any, path: str, depth: int, around: tuple[int, ...] = ()) -> tuple[str, Any]:
    if id(value) in around:
        return path, _CIRCLE
    if depth > 50:
        return path, value
    members: list[tuple[str, Any]] = []
    if isinstance(value, dict):
        members = [(f"{path}[{key!r}]", item) for key, item in cast("dict[Any, Any]", value).items()]
    elif isinstance(value, (list, tuple, set, frozenset)):
        members = [(f"{path}[{i}]", item) for i, item in enumerate(cast("Sequence[Any]", value))]
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        members = [(f"{path}.{f.name}", getattr(value, f.name)) for f in dataclasses.fields(value)]
    elif isinstance(value, pydantic.BaseModel):
        members = [(f"{path}.{name}", getattr(value, name)) for name in type(value).model_fields]
    for place, item in members:
        try:
            to_json(item, bytes_mode="base64")
        except (PydanticSerializationError, ValueError):
            return _find_foreign(item, place, depth + 1, (*around, id(value)))
    return path, value


def is_block(value: Any) -> bool:
    """Whether `value` is a content block: ours, or any pydantic model that says so by its `type`."""
    return isinstance(value, pydantic.BaseModel) and getattr(value, "type", None) in BLOCK_TYPES


def _block(value: Any) -> dict[str, Any]:
    if isinstance(value, dict):
        return cast("dict[str, Any]", value)
    return cast("pydantic.BaseModel", value).model_dump(mode="json", by_alias=True, exclude_none=True)


def media_types() -> tuple[type, ...]:
    """Image, Audio and File; none while nobody has loaded them, for then there is no value of them either."""
    media = sys.modules.get("wireglass.media")
    return () if media is None else (media.Image, media.Audio, media.File)


def _media_block(value: Any) -> dict[str, Any]:
    from wireglass.media import Audio, Image

    if isinstance(value, Image):
        return value.to_image_content().wire()
    if isinstance(value, Audio):
        return value.to_audio_content().wire()
    return cast("File", value).to_resource_content().wire()


def _is_content(value: Any) -> bool:
    return isinstance(value, media_types()) or is_block(value)


def _may_hold_content(items: Sequence[Any]) -> bool:
    """A quick no for long lists of plain values: only their types are looked at."""
    return any(issubclass(kind, (pydantic.BaseModel, *media_types())) for kind in set(map(type, items)))


def _one_block(value: Any, text: Callable[[Any], str]) -> dict[str, Any]:
    if isinstance(value, media_types()):
        return _media_block(value)
    if is_block(value):
        return _block(value)
    return {"type": "text", "text": value if isinstance(value, str) else text(value)}


def to_blocks(value: Any, text: Callable[[Any], str] = to_text) -> list[dict[str, Any]]:
    """Content blocks of anything a tool returns. `text` makes text of what is neither text nor content."""
    if value is None:
        return []
    if isinstance(value, str):
        return [{"type": "text", "text": value}]
    if type(value) in PLAIN:
        return [{"type": "text", "text": text(value)}]
    if isinstance(value, (list, tuple)):
        items = cast("Sequence[Any]", value)
        if _may_hold_content(items) and any(map(_is_content, items)):
            return [_one_block(item, text) for item in items]
        return [{"type": "text", "text": text(list(items))}] if items else []
    return [_one_block(value, text)]
