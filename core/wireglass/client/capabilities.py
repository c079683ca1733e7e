"""What a client declares about itself, in the form that each version wants."""

from typing import Any

from wireglass.client.inputs import InputBroker
from wireglass.client.own_tasks import OwnTasks
from wireglass.protocol.messages import JsonObject, as_object
from wireglass.protocol.versions import LATEST_HANDSHAKE, TASKS_EXTENSION, is_stateless

__all__ = ["DEFAULT_EXTENSIONS", "client_capabilities", "implementation", "plain_object"]

DEFAULT_EXTENSIONS: JsonObject = {TASKS_EXTENSION: {}}
"""What every client of ours understands."""


def client_capabilities(
    version: str, broker: InputBroker, *, sampling: Any = None, extensions: JsonObject | None = None
) -> JsonObject:
    """The capabilities for `version`. Only what somebody behind `broker` could answer is declared."""
    modern = is_stateless(version)
    capabilities: JsonObject = {}
    if broker.handles("roots"):
        capabilities["roots"] = {} if modern else {"listChanged": True}
    if broker.handles("sampling"):
        capabilities["sampling"] = _sampling(version, sampling)
    if broker.handles("elicitation") and version >= "2025-06-18":
        capabilities["elicitation"] = {"form": {}, "url": {}} if version >= LATEST_HANDSHAKE else {}
    if version == LATEST_HANDSHAKE and (tasks := OwnTasks.capability(broker)):
        capabilities["tasks"] = tasks
    if modern and (declared := DEFAULT_EXTENSIONS if extensions is None else extensions):
        capabilities["extensions"] = declared
    return capabilities


def _sampling(version: str, given: Any) -> JsonObject:
    if version < LATEST_HANDSHAKE:
        return {}
    return {"tools": {}, "context": {}} if given is None else plain_object(given)


def plain_object(given: Any) -> JsonObject:
    """A JSON object from a dict or a model."""
    if hasattr(given, "model_dump"):
        return as_object(given.model_dump(mode="json", by_alias=True, exclude_none=True))
    return as_object(given)


def implementation(given: Any, name: str | None) -> JsonObject:
    """`clientInfo`: what was given, else our own name and version."""
    if given is None:
        from wireglass import __version__

        return {"name": name or "wireglass", "version": __version__}
    return plain_object(given)
