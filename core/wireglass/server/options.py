"""The constructor's options beyond its parameters: those of older dialects, which are honoured, and all others,
which are refused by name. What newer files may no longer say is refused there with what to say instead."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, cast

from wireglass.server.components import TaskConfig
from wireglass.settings import runs_a_file_of

if TYPE_CHECKING:
    from wireglass.server.app import FastMCP

__all__ = ["apply_options", "check_options", "serializer_of", "task_default"]

_REMOVED: dict[str, str] = {
    "host": "Pass `host` to run_http_async(), or set FASTMCP_HOST.",
    "port": "Pass `port` to run_http_async(), or set FASTMCP_PORT.",
    "sse_path": "Pass `path` to run_http_async(transport='sse') or http_app(), or set FASTMCP_SSE_PATH.",
    "message_path": "Set FASTMCP_MESSAGE_PATH.",
    "streamable_http_path": "Pass `path` to run_http_async() or http_app(), or set FASTMCP_STREAMABLE_HTTP_PATH.",
    "json_response": "Pass `json_response` to run_http_async() or http_app(), or set FASTMCP_JSON_RESPONSE.",
    "stateless_http": "Pass `stateless_http` to run_http_async() or http_app(), or set FASTMCP_STATELESS_HTTP.",
    "debug": "Set FASTMCP_DEBUG.",
    "log_level": "Pass `log_level` to run_http_async(), or set FASTMCP_LOG_LEVEL.",
    "on_duplicate_tools": "Use `on_duplicate=` instead.",
    "on_duplicate_resources": "Use `on_duplicate=` instead.",
    "on_duplicate_prompts": "Use `on_duplicate=` instead.",
    "tool_serializer": "Return a ToolResult from your tools for full control.",
    "include_tags": "Use server.enable(tags=..., only=True) after creating the server.",
    "exclude_tags": "Use server.disable(tags=...) after creating the server.",
    "tool_transformations": "Use server.add_transform(ToolTransform(...)) after creating the server.",
}
"""What FastMCP 4 no longer takes, and what it says instead."""

_OLDER = frozenset(
    # FastMCP 2 and 3
    {"dependencies", "resource_prefix_format", "include_fastmcp_meta", "sampling_handler", "sampling_handler_behavior"}
    # SDK 1.x
    | {"warn_on_duplicate_tools", "warn_on_duplicate_resources", "warn_on_duplicate_prompts", "mount_path"}
    | {"event_store", "retry_interval", "transport_security", "token_verifier", "auth_server_provider"}
)
_NEWER = frozenset({"client_log_level", "experimental_capabilities", "tasks", "tool_separator"})

_DUPLICATES = {"tools": "tool", "resources": "resource", "prompts": "prompt"}


def check_options(given: dict[str, Any]) -> dict[str, Any]:
    """`given` without options that are None. Raises TypeError for one that does not exist, or no longer does in the
    dialect of the file that is being run."""
    named = {name: value for name, value in given.items() if value is not None}
    strict = runs_a_file_of("4")
    for name in named:
        if name in _REMOVED:
            if strict:
                raise TypeError(f"FastMCP() no longer accepts `{name}`. {_REMOVED[name]}")
        elif name not in _OLDER and name not in _NEWER:
            raise TypeError(f"FastMCP() got an unexpected keyword argument {name!r}")
    return named


def apply_options(server: "FastMCP", given: Mapping[str, Any]) -> None:
    """Does what the options say that is not looked up later (`settings_given`)."""
    for plural, kind in _DUPLICATES.items():
        if f"on_duplicate_{plural}" in given:
            server.local_provider.on_duplicate[kind] = given[f"on_duplicate_{plural}"]
        elif given.get(f"warn_on_duplicate_{plural}") is False:
            server.local_provider.on_duplicate[kind] = "ignore"
    if "tool_transformations" in given:
        from wireglass.server.transforms.tool_transform import ToolTransform

        server.add_transform(ToolTransform(dict(given["tool_transformations"])))
    if "token_verifier" in given and server.auth is None:
        server.auth = given["token_verifier"]


def task_default(given: Mapping[str, Any]) -> Any:
    """What `task=` means where a component does not say: `FastMCP(tasks=...)`."""
    chosen = given.get("tasks")
    return chosen if isinstance(chosen, bool | TaskConfig) else None


def serializer_of(given: Mapping[str, Any]) -> Callable[[Any], str] | None:
    """How results become text where a tool does not say: `FastMCP(tool_serializer=...)`."""
    return cast("Callable[[Any], str] | None", given.get("tool_serializer"))
