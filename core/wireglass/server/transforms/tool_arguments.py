"""What becomes of a tool's arguments when it is shown as another: renamed, hidden, described or typed anew."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict
from pydantic_core import to_jsonable_python

from wireglass.server.schemas import describe
from wireglass.server.tools import NOT_SET, Tool

__all__ = ["ArgTransform", "ArgTransformConfig", "Shape", "as_transform", "reshape"]


@dataclass(kw_only=True)
class ArgTransform:
    """What becomes of one argument. Raises ValueError for wishes that contradict each other."""

    name: Any = NOT_SET
    description: Any = NOT_SET
    default: Any = NOT_SET
    default_factory: Any = NOT_SET
    type: Any = NOT_SET
    hide: bool = False
    required: Any = NOT_SET
    examples: Any = NOT_SET

    def __post_init__(self) -> None:
        has_default = self.default is not NOT_SET
        has_factory = self.default_factory is not NOT_SET
        if has_default and has_factory:
            raise ValueError("Cannot specify both 'default' and 'default_factory' in ArgTransform.")
        if has_factory and not self.hide:
            raise ValueError("default_factory can only be used with hide=True: a visible default must be one value.")
        if self.required is True and (has_default or has_factory):
            raise ValueError("Cannot specify 'required=True' with 'default': a required argument has none.")
        if self.hide and self.required is True:
            raise ValueError("Cannot specify both 'hide=True' and 'required=True'.")
        if self.required is False:
            raise ValueError("Cannot specify 'required=False'. Set a default value instead.")


class ArgTransformConfig(BaseModel):
    """`ArgTransform` as it is written in a configuration file."""

    model_config = ConfigDict(extra="forbid", defer_build=True)

    name: str | None = None
    description: str | None = None
    default: str | int | float | bool | None = None
    hide: bool = False
    required: Literal[True] | None = None
    examples: Any = None

    def to_arg_transform(self) -> ArgTransform:
        """The same as an `ArgTransform`."""
        return ArgTransform(**self.model_dump(exclude_unset=True))


@dataclass
class Shape:
    """The arguments of a transformed tool: what is shown, and how they reach the parent."""

    parameters: dict[str, Any]
    shown_to_parent: dict[str, str] = field(default_factory=dict[str, str])
    fixed: dict[str, Callable[[], Any]] = field(default_factory=dict[str, Callable[[], Any]])


def reshape(parent: Tool, transforms: Mapping[str, ArgTransform]) -> Shape:
    """The arguments after the changes, by the parent's names. Raises ValueError for one that the parent lacks, for two
    of one name, and for a hidden one that nothing fills."""
    schema = parent.parameters
    properties: dict[str, Any] = schema.get("properties", {})
    required = set(schema.get("required", ()))
    unknown = [name for name in transforms if name not in properties]
    if unknown:
        raise ValueError(
            f"Unknown arguments in transform_args: {', '.join(unknown)}. "
            f"`{parent.name}` has: {', '.join(properties) or 'none'}."
        )
    shape = Shape({})
    made: dict[str, Any] = {}
    wanted: list[str] = []
    definitions: dict[str, Any] = dict(schema.get("$defs", {}))
    for name, prop in properties.items():
        change = transforms.get(name, ArgTransform())
        if change.hide:
            _hide(shape, name, name in required, change)
            continue
        shown = change.name if change.name is not NOT_SET and change.name is not None else name
        if shown in made:
            raise ValueError(f"Multiple arguments would be mapped to the same names: {shown}")
        made[shown] = _changed(prop, change, definitions)
        shape.shown_to_parent[shown] = name
        if change.required is True or (name in required and change.default is NOT_SET):
            wanted.append(shown)
            if change.required is True:
                made[shown].pop("default", None)
    shape.parameters = {"type": "object", "properties": made, "additionalProperties": False}
    if wanted:
        shape.parameters["required"] = wanted
    if definitions:
        shape.parameters["$defs"] = definitions
    return shape


def _hide(shape: Shape, name: str, required: bool, change: ArgTransform) -> None:
    if change.default_factory is not NOT_SET:
        shape.fixed[name] = change.default_factory
    elif change.default is not NOT_SET:
        shape.fixed[name] = lambda value=change.default: value
    elif required:
        raise ValueError(
            f"Hidden parameter {name!r} has no default value in parent tool and no default or default_factory provided "
            "in ArgTransform."
        )


def _changed(prop: dict[str, Any], change: ArgTransform, definitions: dict[str, Any]) -> dict[str, Any]:
    made = dict(prop)
    if change.type is not NOT_SET:
        fresh = dict(describe(change.type).json)
        for name, definition in fresh.pop("$defs", {}).items():
            if definitions.setdefault(name, definition) != definition:
                raise ValueError(f"$defs collision for {name!r}: the parent tool has another definition of that name.")
        kept = {key: made[key] for key in ("description", "default", "title", "examples") if key in made}
        made = {**kept, **fresh}
    if change.description is None:
        made.pop("description", None)
    elif change.description is not NOT_SET:
        made["description"] = change.description
    if change.default is not NOT_SET:
        made["default"] = to_jsonable_python(change.default, by_alias=True)
    if change.examples is not NOT_SET:
        made["examples"] = change.examples
    return made


def as_transform(value: Any) -> ArgTransform:
    """What users give as a change: an `ArgTransform`, its configuration, or a dict of its fields."""
    if isinstance(value, ArgTransform):
        return value
    if isinstance(value, ArgTransformConfig):
        return value.to_arg_transform()
    return ArgTransform(**value)
