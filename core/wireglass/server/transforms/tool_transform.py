"""A tool as another tool: other names, other arguments, other results, with or without a function in between."""

import functools
import inspect
from collections.abc import Callable, Collection, Mapping, Sequence
from contextvars import ContextVar
from typing import Annotated, Any, cast

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PrivateAttr
from pydantic.json_schema import SkipJsonSchema

from wireglass.server.components import as_icons, as_tags
from wireglass.server.context import current_context
from wireglass.server.function_tools import FunctionTool
from wireglass.server.functions import FunctionPlan, plan_function
from wireglass.server.results import ToolResult
from wireglass.server.returns import plan_return
from wireglass.server.tools import NOT_SET, Tool
from wireglass.server.transforms.base import GetToolNext, Transform
from wireglass.server.transforms.tool_arguments import ArgTransform, ArgTransformConfig, Shape, as_transform, reshape
from wireglass.server.versions import VersionSpec

__all__ = [
    "ArgTransform",
    "ArgTransformConfig",
    "ToolTransform",
    "ToolTransformConfig",
    "TransformedTool",
    "apply_transformations_to_tools",
    "forward",
    "forward_raw",
]

_running: ContextVar["TransformedTool | None"] = ContextVar("wireglass_transformed_tool", default=None)


async def forward(**arguments: Any) -> ToolResult:
    """Inside a `transform_fn`: calls the parent tool with the transformed argument names.

    Raises RuntimeError outside of one, TypeError for an argument that does not exist.
    """
    tool = _running.get()
    if tool is None:
        raise RuntimeError("forward() can only be called within a transformed tool")
    return await tool.forwarding_fn(**arguments)


async def forward_raw(**arguments: Any) -> ToolResult:
    """Inside a `transform_fn`: calls the parent tool with its own argument names. Raises RuntimeError outside."""
    tool = _running.get()
    if tool is None:
        raise RuntimeError("forward_raw() can only be called within a transformed tool")
    return await tool.parent_tool.run(arguments)


class TransformedTool(Tool):
    """A tool that calls `parent_tool`. Made by `Tool.from_tool`."""

    parent_tool: SkipJsonSchema[Any]
    fn: SkipJsonSchema[Callable[..., Any]]
    forwarding_fn: SkipJsonSchema[Callable[..., Any]]
    transform_args: dict[str, Any] = Field(default_factory=dict[str, Any])

    _plan: FunctionPlan | None = PrivateAttr(default=None)
    _extra: bool = PrivateAttr(default=False)
    """Whether the function takes the arguments it does not name."""

    @classmethod
    def from_tool(  # pyright: ignore[reportIncompatibleMethodOverride] - the base passes options on
        cls,
        tool: Tool | Callable[..., Any],
        name: str | None = None,
        version: Any = NOT_SET,
        title: Any = NOT_SET,
        description: Any = NOT_SET,
        tags: Collection[str] | None = None,
        transform_fn: Callable[..., Any] | None = None,
        transform_args: Mapping[str, Any] | None = None,
        annotations: Any = NOT_SET,
        output_schema: Any = NOT_SET,
        serializer: Any = NOT_SET,
        meta: Any = NOT_SET,
        enabled: bool | None = None,
        **_more: Any,
    ) -> "TransformedTool":
        """Makes the tool. Raises ValueError when names collide, are unknown, or the function lacks parameters."""
        parent = _ensure_tool(tool)
        transforms = {key: as_transform(value) for key, value in (transform_args or {}).items()}
        shape = reshape(parent, transforms)
        forwarding = _forwarder(parent, shape)
        plan = None if transform_fn is None else plan_function(transform_fn, name=parent.name, allow_kwargs=True)
        extra = transform_fn is None or _has_kwargs(transform_fn)
        parameters = shape.parameters if plan is None else _merge(shape.parameters, plan, extra)
        made = cls(
            parent_tool=parent,
            fn=transform_fn or forwarding,
            forwarding_fn=forwarding,
            transform_args=dict(transforms),
            name=name or parent.name,
            version=parent.version if version is NOT_SET else version,
            title=parent.title if title is NOT_SET else title,
            description=parent.description if description is NOT_SET else description,
            icons=as_icons(parent.icons),
            tags=parent.tags if tags is None else as_tags(tags),
            parameters=parameters,
            output_schema=_output_schema(parent, plan, output_schema),
            annotations=parent.annotations if annotations is NOT_SET else annotations,
            serializer=parent.serializer if serializer is NOT_SET else serializer,
            meta=_meta(parent, meta),
            auth=parent.auth,
            timeout=parent.timeout,
            enabled=parent.enabled if enabled is None else enabled,
        )
        made._plan, made._extra = plan, extra
        return made

    async def run(self, arguments: dict[str, Any]) -> ToolResult:
        """Runs the function, or the parent. Raises TypeError for an argument that does not exist."""
        token = _running.set(self)
        try:
            if self._plan is None:
                return _fit(self, await self.forwarding_fn(**arguments))
            return _fit(self, await self._call(self._plan, arguments))
        finally:
            _running.reset(token)

    async def _call(self, plan: FunctionPlan, arguments: dict[str, Any]) -> Any:
        given = dict(arguments)
        properties: dict[str, Any] = self.parameters.get("properties", {})
        for name, prop in properties.items():
            if "default" in prop:
                given.setdefault(name, prop["default"])
        known = {argument.alias for argument in plan.arguments}
        values = plan.validate({name: value for name, value in given.items() if name in known})
        if self._extra:
            values |= {name: value for name, value in given.items() if name not in known}
        return await plan.call_validated(values, current_context.get())


def _fit(tool: TransformedTool, raw: Any) -> ToolResult:
    if not isinstance(raw, ToolResult):
        return tool.convert_result(raw)
    if tool.output_schema is None and raw.structured_content is not None and tool.parent_tool.output_schema is not None:
        return ToolResult.of(raw.wire()["content"], None, raw.meta, is_error=raw.is_error)
    return raw


def _ensure_tool(tool: Any) -> Tool:
    if isinstance(tool, Tool):
        return tool
    component = getattr(tool, "component", None)
    if isinstance(component, Tool):
        return component
    meta = getattr(tool, "__fastmcp__", None)
    return FunctionTool.from_function(tool, metadata=meta) if meta is not None else FunctionTool.from_function(tool)


def _forwarder(parent: Tool, shape: Shape) -> Callable[..., Any]:
    async def forwarding(**arguments: Any) -> ToolResult:
        unknown = [name for name in arguments if name not in shape.shown_to_parent]
        if unknown:
            raise TypeError(f"Got unexpected keyword argument(s): {', '.join(sorted(unknown))}")
        missing = [name for name in shape.parameters.get("required", ()) if name not in arguments]
        if missing:
            raise TypeError(f"Missing required argument(s): {', '.join(missing)}")
        values = {shape.shown_to_parent[name]: value for name, value in arguments.items()}
        for shown, name in shape.shown_to_parent.items():
            prop = shape.parameters["properties"][shown]
            if name not in values and "default" in prop:
                values[name] = prop["default"]
        values |= {name: make() for name, make in shape.fixed.items()}
        return await parent.run(values)

    return forwarding


@functools.lru_cache(maxsize=512)
def _has_kwargs(fn: Callable[..., Any]) -> bool:
    return any(p.kind is inspect.Parameter.VAR_KEYWORD for p in inspect.signature(fn).parameters.values())


def _merge(shown: dict[str, Any], plan: FunctionPlan, extra: bool) -> dict[str, Any]:
    """The function's own parameters over those of the transformed parent."""
    own: dict[str, Any] = plan.parameters.get("properties", {})
    base: dict[str, Any] = shown["properties"]
    required = [a.alias for a in plan.arguments if a.required and "default" not in base.get(a.alias, {})]
    if not extra:
        missing = [name for name in shown.get("required", ()) if name not in own]
        if missing:
            raise ValueError(f"Function missing parameters required after transformation: {', '.join(missing)}")
        properties = {name: {**_facts_of(base.get(name, {})), **prop} for name, prop in own.items()}
    else:
        properties = {name: {**prop, **own.get(name, {})} for name, prop in base.items()}
        properties |= {name: prop for name, prop in own.items() if name not in base}
        required += [name for name in shown.get("required", ()) if name not in own]
    ordered = [name for name in properties if name in required]
    merged: dict[str, Any] = {"type": "object", "properties": properties, "additionalProperties": False}
    if ordered:
        merged["required"] = ordered
    definitions = {**shown.get("$defs", {}), **plan.parameters.get("$defs", {})}
    return {**merged, "$defs": definitions} if definitions else merged


def _facts_of(prop: dict[str, Any]) -> dict[str, Any]:
    return {key: prop[key] for key in ("description", "default", "examples", "title") if key in prop}


def _output_schema(parent: Tool, plan: FunctionPlan | None, given: Any) -> dict[str, Any] | None:
    if given is not NOT_SET:
        return given or None
    if plan is None:
        return parent.output_schema
    annotation = plan.return_annotation
    if annotation is inspect.Parameter.empty:
        return parent.output_schema
    if isinstance(annotation, type) and issubclass(annotation, ToolResult):
        return parent.output_schema
    return plan_return(annotation).output_schema


def _meta(parent: Tool, given: Any) -> dict[str, Any] | None:
    """The author's `meta` replaces the parent's, but for what the runtime keeps in it."""
    if given is NOT_SET:
        return parent.meta
    kept = (parent.meta or {}).get("fastmcp")
    if kept is None:
        return given
    return {**(given or {}), "fastmcp": {**kept, **((given or {}).get("fastmcp") or {})}}


def _tags(value: Any) -> set[str]:
    return as_tags(value)


class ToolTransformConfig(BaseModel):
    """A tool transformation as it is written in a configuration file."""

    model_config = ConfigDict(extra="forbid", defer_build=True)

    name: str | None = None
    version: str | None = None
    title: str | None = None
    description: str | None = None
    tags: Annotated[set[str], BeforeValidator(_tags)] = Field(default_factory=set[str])
    meta: dict[str, Any] | None = None
    enabled: bool = True
    arguments: dict[str, ArgTransformConfig] = Field(default_factory=dict[str, ArgTransformConfig])

    def apply(self, tool: Tool) -> TransformedTool:
        """The transformed tool."""
        given = self.model_dump(exclude_unset=True, exclude={"arguments"})
        return TransformedTool.from_tool(tool, transform_args=self.arguments, **given)


def _as_config(config: Any) -> ToolTransformConfig:
    return config if isinstance(config, ToolTransformConfig) else ToolTransformConfig.model_validate(config)


def apply_transformations_to_tools(
    tools: Mapping[str, Tool], transformations: Mapping[str, ToolTransformConfig]
) -> dict[str, Tool]:
    """The tools under their new names."""
    made: dict[str, Tool] = {}
    for name, tool in tools.items():
        changed = transformations[name].apply(tool) if name in transformations else tool
        made[changed.name] = changed
    return made


class ToolTransform(Transform):
    """Transforms tools by name. Raises ValueError when two would get one name."""

    def __init__(self, transforms: Mapping[str, ToolTransformConfig | dict[str, Any]]) -> None:
        self._by_name = {name: _as_config(config) for name, config in transforms.items()}
        self._shown: dict[str, str] = {}
        for original, config in self._by_name.items():
            shown = config.name or original
            if shown in self._shown:
                raise ValueError(
                    f"ToolTransform has duplicate target name {shown!r}: both {self._shown[shown]!r} and {original!r} "
                    "map to it"
                )
            self._shown[shown] = original

    def __repr__(self) -> str:
        return f"ToolTransform({', '.join(self._by_name)})"

    @property
    def names(self) -> frozenset[str]:
        """The tools it changes, by their own names."""
        return frozenset(self._by_name)

    async def list_tools(self, tools: Sequence[Tool]) -> Sequence[Tool]:
        return [self._by_name[tool.name].apply(tool) if tool.name in self._by_name else tool for tool in tools]

    async def get_tool(self, name: str, call_next: GetToolNext, *, version: VersionSpec | None = None) -> Tool | None:
        original = self._shown.get(name)
        if original is None:
            return None if name in self._by_name else await call_next(name, version=version)
        tool = await call_next(original, version=version)
        return None if tool is None else cast("Tool", self._by_name[original].apply(tool))
