"""Drives one protocol connection over one transport: receive loop, requests in flight, time-outs, cancels."""

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
