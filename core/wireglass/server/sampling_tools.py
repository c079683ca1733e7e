"""Tools for a model that is sampled: functions that run here, and that no client can list or call."""

from collections.abc import Callable
from typing import Any

from pydantic import BaseModel, ConfigDict

from wireglass.protocol.tools import Tool as WireTool
from wireglass.server.context import current_context
from wireglass.server.functions import FunctionPlan, plan_function

__all__ = ["SamplingTool"]


class SamplingTool(BaseModel):
    """One such function."""

    model_config = ConfigDict(arbitrary_types_allowed=True, defer_build=True)

    name: str
    description: str | None = None
    parameters: dict[str, Any]
    fn: Callable[..., Any]
    sequential: bool = False
    """Whether it must not run beside others."""

    @classmethod
    def from_function(
        cls,
        fn: Callable[..., Any],
        *,
        name: str | None = None,
        description: str | None = None,
        sequential: bool = False,
    ) -> "SamplingTool":
        """A tool of a function. Raises RegistrationError."""
        plan = plan_function(fn, name=name)
        return cls(
            name=plan.name,
            description=description if description is not None else plan.description,
            parameters=plan.parameters,
            fn=fn,
            sequential=sequential,
        )

    async def run(self, arguments: dict[str, Any] | None = None) -> Any:
        """What the function returns. Raises ValidationError, and what the function raises."""
        plan: FunctionPlan = plan_function(self.fn, name=self.name)
        return await plan.call(arguments or {}, current_context.get())

    def _to_sdk_tool(self) -> WireTool:
        """The protocol's model."""
        members = {"name": self.name, "description": self.description, "inputSchema": self.parameters}
        return WireTool.model_validate(members)
