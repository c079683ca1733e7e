"""Resources for clients that only know tools: `list_resources` and `read_resource`."""

from collections.abc import Callable
from typing import Annotated, Any

from pydantic import Field

from wireglass.errors import FastMCPError, ToolError
from wireglass.middleware.injected import InjectingMiddleware

__all__ = ["ResourceToolMiddleware"]


class ResourceToolMiddleware(InjectingMiddleware):
    """Adds two tools that list and read the server's resources and templates, through its other middleware."""

    def __init__(self) -> None:
        super().__init__(_tools_for)


def _tools_for(server: Any) -> list[Callable[..., Any]]:
    async def list_resources() -> list[dict[str, Any]]:
        """Lists the resources of this server, and its templates (which have a uriTemplate to fill in)."""
        resources = [resource.wire() for resource in await server.list_resources()]
        return resources + [template.wire() for template in await server.list_resource_templates()]

    async def read_resource(
        uri: Annotated[str, Field(description="URI of the resource, as list_resources tells it, or of a template")],
    ) -> dict[str, Any]:
        """Reads a resource: its text, or its bytes in Base64."""
        try:
            return (await server.read_resource(uri)).wire(uri)
        except FastMCPError as error:  # the tool is there; what it was asked for is not
            raise ToolError(str(error)) from error

    return [list_resources, read_resource]
