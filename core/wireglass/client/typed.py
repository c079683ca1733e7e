"""The models of the typed calls, loaded when the first of them is used: `typed.Tool`, `typed.WireModel`.

They bring pydantic along, 8 MB that a program which only exchanges JSON (`Client.request`), as the workbench does,
need not carry. Annotations name them as strings: `"list[typed.Tool]"`.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from wireglass.loading import uncollected

if TYPE_CHECKING:
    from pydantic import BaseModel

    from wireglass.client.results import CallToolResult, Completion, GetPromptResult
    from wireglass.protocol.completion import CompleteResult
    from wireglass.protocol.content import TextContent
    from wireglass.protocol.inputs import (
        CreateMessageRequestParams,
        CreateMessageResult,
        ElicitRequestParams,
        Root,
    )
    from wireglass.protocol.lifecycle import DiscoverResult, Implementation, InitializeResult, ServerCapabilities
    from wireglass.protocol.listings import (
        EmptyResult,
        InputRequiredResult,
        ListPromptsResult,
        ListResourcesResult,
        ListResourceTemplatesResult,
        ListToolsResult,
        ReadResourceResult,
    )
    from wireglass.protocol.model import WireModel
    from wireglass.protocol.prompts import Prompt
    from wireglass.protocol.resources import Resource, ResourceTemplate
    from wireglass.protocol.tools import CallToolResult as CallToolReply
    from wireglass.protocol.tools import Tool

__all__ = [
    "BaseModel",
    "CallToolReply",
    "CallToolResult",
    "CompleteResult",
    "Completion",
    "CreateMessageRequestParams",
    "CreateMessageResult",
    "DiscoverResult",
    "ElicitRequestParams",
    "EmptyResult",
    "GetPromptResult",
    "Implementation",
    "InitializeResult",
    "InputRequiredResult",
    "ListPromptsResult",
    "ListResourceTemplatesResult",
    "ListResourcesResult",
    "ListToolsResult",
    "Prompt",
    "ReadResourceResult",
    "Resource",
    "ResourceTemplate",
    "Root",
    "ServerCapabilities",
    "TextContent",
    "Tool",
    "WireModel",
]

_HOMES = {
    "BaseModel": "pydantic",
    "CallToolReply": "wireglass.protocol.tools",
    "CallToolResult": "wireglass.client.results",
    "CompleteResult": "wireglass.protocol.completion",
    "Completion": "wireglass.client.results",
    "CreateMessageRequestParams": "wireglass.protocol.inputs",
    "CreateMessageResult": "wireglass.protocol.inputs",
    "DiscoverResult": "wireglass.protocol.lifecycle",
    "ElicitRequestParams": "wireglass.protocol.inputs",
    "EmptyResult": "wireglass.protocol.listings",
    "GetPromptResult": "wireglass.client.results",
    "Implementation": "wireglass.protocol.lifecycle",
    "InitializeResult": "wireglass.protocol.lifecycle",
    "InputRequiredResult": "wireglass.protocol.listings",
    "ListPromptsResult": "wireglass.protocol.listings",
    "ListResourceTemplatesResult": "wireglass.protocol.listings",
    "ListResourcesResult": "wireglass.protocol.listings",
    "ListToolsResult": "wireglass.protocol.listings",
    "Prompt": "wireglass.protocol.prompts",
    "ReadResourceResult": "wireglass.protocol.listings",
    "Resource": "wireglass.protocol.resources",
    "ResourceTemplate": "wireglass.protocol.resources",
    "Root": "wireglass.protocol.inputs",
    "ServerCapabilities": "wireglass.protocol.lifecycle",
    "TextContent": "wireglass.protocol.content",
    "Tool": "wireglass.protocol.tools",
    "WireModel": "wireglass.protocol.model",
}
_OTHERWISE_NAMED = {"CallToolReply": "CallToolResult"}
"""Our name of a model whose own name is taken: the client's `CallToolResult` is not the protocol's."""


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"wireglass.client.typed has no {name!r}")
    with uncollected():
        value = getattr(import_module(home), _OTHERWISE_NAMED.get(name, name))
    globals()[name] = value
    return value
