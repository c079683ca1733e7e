"""Pairs requests with answers, progress and cancels, in both directions. Does not know which end it serves."""

from collections import deque
from typing import Any, Final

from wireglass.protocol.messages import JsonObject, RequestId, as_object, is_request_id
from wireglass.records import field, record

__all__ = ["Asked", "Asking", "Batch", "Exchanges"]

_REMEMBERED: Final = 1024
"""How many ended requests are remembered, to tell a late answer from an invented one."""


@record
class Asked:
    """A request of ours in flight."""

    id: RequestId
    method: str
    params: JsonObject | None
    last_progress: float | None = None


@record
class Batch:
    """The open answers of one array of requests (2025-03-26): they leave together."""

    open: set[RequestId]
    answers: list[JsonObject] = field(default_factory=list)


@record
class Asking:
    """A request of the peer that we have not answered."""

    id: RequestId
    method: str
    batch: Batch | None = None


class Exchanges:
    """The in-flight tables of one connection."""

    def __init__(self) -> None:
        self.ours: dict[RequestId, Asked] = {}
        self.theirs: dict[RequestId, Asking] = {}
        self._tokens: dict[RequestId, Asked] = {}
        self._last_id = 0
        self._ended: dict[RequestId, str] = {}
        self._order: deque[RequestId] = deque()

    def number_from(self, first: int) -> None:
        """The next id is `first`, or the first free one after it."""
        self._last_id = first - 1

    def new_id(self) -> int:
        """The next id for a request of ours."""
        self._last_id += 1
        while self._last_id in self.ours:
            self._last_id += 1
        return self._last_id

    def open(self, asked: Asked, token: Any = None) -> None:
        """Enters a request of ours; `token` is its progress token, if it has one."""
        self.ours[asked.id] = asked
        if is_request_id(token):
            self._tokens[token] = asked

    def close(self, id: RequestId, why: str) -> Asked | None:
        """Ends a request of ours and remembers why; None if it was not in flight."""
        asked = self.ours.pop(id, None)
        if asked is None:
            return None
        if self._tokens:
            token = as_object(as_object(asked.params).get("_meta")).get("progressToken")
            if is_request_id(token):
                self._tokens.pop(token, None)
        if len(self._order) >= _REMEMBERED:
            self._ended.pop(self._order.popleft(), None)
        self._order.append(id)
        self._ended[id] = why
        return asked

    def ended(self, id: RequestId) -> str | None:
        """Why a request of ours is no longer in flight ("answered", "cancelled"), or None if we never sent it."""
        return self._ended.get(id)

    def by_token(self, token: object) -> Asked | None:
        """The request of ours that a progress token belongs to."""
        return self._tokens.get(token) if is_request_id(token) else None

    def knows_token(self, token: object) -> bool:
        """Whether the token belonged to a request that has ended: late progress, not an invented token."""
        return is_request_id(token) and token in self._ended

    def match(self, id: object) -> tuple[Asked | None, bool]:
        """Our request that an answer's id names, and whether the id came back with its JSON type."""
        if is_request_id(id):
            asked = self.ours.get(id)
            if asked is not None:
                return asked, True
        if type(id) is str and id.isascii() and id.isdigit() and len(id) < 19:
            return self.ours.get(int(id)), False
        if type(id) is float and id.is_integer():
            return self.ours.get(int(id)), False
        return (self.ours.get(str(id)), False) if type(id) is int else (None, False)
