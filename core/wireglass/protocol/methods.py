"""The method table: who may send what, in which revisions, and what else a transport or client must know about it.

The table is the specification's (the `ClientRequest`, `ServerRequest`, ... unions of each revision's schema); the
functions below only walk it. A name that is not here belongs to an extension or to nobody, and is passed on.
"""

from typing import Any, Final, Literal

from wireglass.protocol.messages import Sender
from wireglass.protocol.versions import (
    HANDSHAKE_VERSIONS,
    LATEST_HANDSHAKE,
    LATEST_STATELESS,
    SKILLS_EXTENSION,
    TASKS_EXTENSION,
)
from wireglass.records import record

__all__ = ["METHODS", "Method", "exists", "header_name", "may_ask_for_input", "sent_by"]

Direction = Literal["client", "server", "both"]
Kind = Literal["request", "notification"]

_FIRST: Final = HANDSHAKE_VERSIONS[0]
_MARCH: Final = "2025-03-26"
_JUNE: Final = "2025-06-18"
_NOVEMBER: Final = LATEST_HANDSHAKE
_MODERN: Final = LATEST_STATELESS


@record(frozen=True, kw_only=True)
class Method:
    """One row. `since` and `until` are the first and last revision that has it (`until` None: still there)."""

    name: str
    sender: Direction
    kind: Kind = "request"
    since: str = _FIRST
    until: str | None = None
    capability: str | None = None
    """The capability of the *receiver* of a request, or of the sender of a notification, that covers it."""
    cacheable: bool = False
    """Its complete result carries `ttlMs` and `cacheScope` since 2026-07-28."""
    may_ask: bool = False
    """Its result may be `input_required` since 2026-07-28."""
    name_from: str | None = None
    """The member of `params` that is mirrored in the header `Mcp-Name` since 2026-07-28."""
    embedded: bool = False
    """Since 2026-07-28 it lives only inside `inputRequests`."""
    extension: str | None = None
    """The extension it belongs to; tasks were part of the core in 2025-11-25."""


def _rows() -> tuple[Method, ...]:
    note: Kind = "notification"
    return (
        Method(name="initialize", sender="client", until=_NOVEMBER),
        Method(name="notifications/initialized", sender="client", kind=note, until=_NOVEMBER),
        Method(name="server/discover", sender="client", since=_MODERN, cacheable=True),
        Method(name="ping", sender="both", until=_NOVEMBER),
        Method(name="tools/list", sender="client", capability="tools", cacheable=True),
        Method(name="tools/call", sender="client", capability="tools", may_ask=True, name_from="name"),
        Method(name="resources/list", sender="client", capability="resources", cacheable=True),
        Method(name="resources/templates/list", sender="client", capability="resources", cacheable=True),
        Method(
            name="resources/read",
            sender="client",
            capability="resources",
            cacheable=True,
            may_ask=True,
            name_from="uri",
        ),
        Method(name="resources/subscribe", sender="client", capability="resources", until=_NOVEMBER),
        Method(name="resources/unsubscribe", sender="client", capability="resources", until=_NOVEMBER),
        Method(name="prompts/list", sender="client", capability="prompts", cacheable=True),
        Method(name="prompts/get", sender="client", capability="prompts", may_ask=True, name_from="name"),
        Method(name="completion/complete", sender="client", capability="completions"),
        Method(name="logging/setLevel", sender="client", capability="logging", until=_NOVEMBER),
        Method(name="subscriptions/listen", sender="client", since=_MODERN),
        Method(name="roots/list", sender="server", capability="roots", embedded=True),
        Method(name="sampling/createMessage", sender="server", capability="sampling", embedded=True),
        Method(name="elicitation/create", sender="server", capability="elicitation", since=_JUNE, embedded=True),
        Method(name="tasks/get", sender="both", since=_NOVEMBER, extension=TASKS_EXTENSION, name_from="taskId"),
        Method(name="tasks/cancel", sender="both", since=_NOVEMBER, extension=TASKS_EXTENSION, name_from="taskId"),
        Method(name="tasks/update", sender="client", since=_MODERN, extension=TASKS_EXTENSION, name_from="taskId"),
        Method(name="skills/list", sender="client", since=_MODERN, extension=SKILLS_EXTENSION, cacheable=True),
        Method(name="skills/get", sender="client", since=_MODERN, extension=SKILLS_EXTENSION, cacheable=True),
        Method(name="resources/directory/read", sender="client", since=_MODERN, extension=SKILLS_EXTENSION),
        Method(name="tasks/result", sender="both", since=_NOVEMBER, until=_NOVEMBER, capability="tasks"),
        Method(name="tasks/list", sender="both", since=_NOVEMBER, until=_NOVEMBER, capability="tasks"),
        Method(name="notifications/cancelled", sender="both", kind=note),
        Method(name="notifications/progress", sender="both", kind=note),
        Method(name="notifications/message", sender="server", kind=note, capability="logging"),
        Method(name="notifications/tools/list_changed", sender="server", kind=note, capability="tools"),
        Method(name="notifications/prompts/list_changed", sender="server", kind=note, capability="prompts"),
        Method(name="notifications/resources/list_changed", sender="server", kind=note, capability="resources"),
        Method(name="notifications/resources/updated", sender="server", kind=note, capability="resources"),
        Method(name="notifications/subscriptions/acknowledged", sender="server", kind=note, since=_MODERN),
        Method(name="notifications/roots/list_changed", sender="client", kind=note, until=_NOVEMBER),
        Method(name="notifications/elicitation/complete", sender="server", kind=note, since=_NOVEMBER, until=_NOVEMBER),
        Method(name="notifications/tasks/status", sender="both", kind=note, since=_NOVEMBER, until=_NOVEMBER),
        Method(name="notifications/tasks", sender="server", kind=note, since=_MODERN, extension=TASKS_EXTENSION),
    )


METHODS: Final[dict[str, Method]] = {row.name: row for row in _rows()}


def exists(name: str, version: str) -> bool | None:
    """Whether `version` has the method; None when no revision does (an extension's, or nobody's)."""
    row = METHODS.get(name)
    if row is None:
        return None
    return row.since <= version and (row.until is None or version <= row.until)


def sent_by(name: str, version: str, sender: Sender) -> bool | None:
    """Whether `sender` may send the method by itself in `version`; None when no revision knows it."""
    row = METHODS.get(name)
    if row is None:
        return None
    if not exists(name, version) or (row.embedded and version >= _MODERN):
        return False
    if row.extension and version >= _MODERN and row.sender == "both":
        return sender == "client"
    return row.sender in (sender, "both")


def may_ask_for_input(name: str) -> bool:
    """Whether a result of the method may be `input_required` (2026-07-28)."""
    row = METHODS.get(name)
    return row is not None and row.may_ask


def header_name(method: str, params: dict[str, Any] | None) -> str | None:
    """The value that the header `Mcp-Name` mirrors, before encoding; None when the method has none."""
    row = METHODS.get(method)
    if row is None or row.name_from is None or not params:
        return None
    value = params.get(row.name_from)
    return value if isinstance(value, str) else None
