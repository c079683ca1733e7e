"""Prompts for clients that only know tools: `list_prompts` and `get_prompt`."""

from collections.abc import Callable
from typing import Annotated, Any

from pydantic import Field

from wireglass.errors import FastMCPError, ToolError
from wireglass.middleware.injected import InjectingMiddleware

__all__ = ["PromptToolMiddleware"]


class PromptToolMiddleware(InjectingMiddleware):
    """Adds two tools that list and render the server's prompts, through its other middleware."""

    def __init__(self) -> None:
        super().__init__(_tools_for)


def _tools_for(server: Any) -> list[Callable[..., Any]]:
    async def list_prompts() -> list[dict[str, Any]]:
        """Lists the prompts of this server with their arguments."""
        return [prompt.wire() for prompt in await server.list_prompts()]

    async def get_prompt(
        name: Annotated[str, Field(description="Name of the prompt, as list_prompts tells it")],
        arguments: Annotated[dict[str, Any] | None, Field(description="Arguments of the prompt, by name")] = None,
    ) -> dict[str, Any]:
        """Renders a prompt: the messages that it consists of."""
        try:
            return (await server.render_prompt(name, arguments or {})).wire()
        except FastMCPError as error:  # the tool is there; what it was asked for is not
            raise ToolError(str(error)) from error

    return [list_prompts, get_prompt]
