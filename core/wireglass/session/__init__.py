"""Drives one protocol connection over one transport: receive loop, requests in flight, time-outs, cancels.

Names load when first used: a server that starts needs nothing of the client's end.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from wireglass.session.client_end import ClientSession, Session
    from wireglass.session.peer import Notified, Progressed
    from wireglass.session.scope import Handler, NotificationHandler, RequestScope, SessionFacts
    from wireglass.session.server_end import ServerSession, answer_one

__all__ = [
    "ClientSession",
    "Handler",
    "NotificationHandler",
    "Notified",
    "Progressed",
    "RequestScope",
    "ServerSession",
    "Session",
    "SessionFacts",
    "answer_one",
]

_HOMES = {
    "ClientSession": "client_end",
    "Handler": "scope",
    "NotificationHandler": "scope",
    "Notified": "peer",
    "Progressed": "peer",
    "RequestScope": "scope",
    "ServerSession": "server_end",
    "Session": "client_end",
    "SessionFacts": "scope",
    "answer_one": "server_end",
}


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"wireglass.session has no {name!r}")
    value = globals()[name] = getattr(import_module(f"{__name__}.{home}"), name)
    return value
