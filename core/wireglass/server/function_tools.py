"""Tools made of functions: their arguments validated, the call in its time, what came back converted."""

import asyncio
import logging
from collections.abc import Callable, Collection, Coroutine
from typing import Any, cast

from pydantic import model_serializer
from pydantic.json_schema import SkipJsonSchema

from wireglass.errors import RegistrationError, ToolError, ValidationError
from wireglass.protocol.spans import label
from wireglass.protocol.tool_facts import ToolAnnotations
from wireglass.server.complaints import location_of
from wireglass.server.components import TaskConfig, as_icons, as_tags, attached_options
from wireglass.server.context import current_context
from wireglass.server.functions import FunctionPlan, plan_function
from wireglass.server.results import ToolResult
from wireglass.server.returns import plan_return
from wireglass.server.tools import NAME, NOT_SET, Tool
from wireglass.tracing import active, in_steps

__all__ = ["FunctionTool"]

log = logging.getLogger(__name__)


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
        given = {"name": name, "version": version, "title": title, "description": description, "tags": tags}
        options = attached_options(fn, metadata, **given)
        if options is not None:
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
        plain = all(fields[each] is None for each in given) and NAME.fullmatch(name)
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
            named = label("handler", self.name)
            return await in_steps(named, self._validate, self._call, self.convert_result, arguments, context)
        return self.convert_result(await self._call(self._validate(arguments, context), context))

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
