"""One tool call that runs as a task: its state, its open questions, and how both are written (tasks extension,
2026-07-28)."""

import asyncio
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal, cast

from wireglass.errors import INVALID_PARAMS, McpError
from wireglass.session.scope import RequestScope

__all__ = ["TaskRun", "TaskScope", "check_answers"]

Status = Literal["working", "input_required", "completed", "failed", "cancelled"]


@dataclass(eq=False)
class _Question:
    method: str
    params: dict[str, Any]
    answer: asyncio.Future[dict[str, Any]]


@dataclass(eq=False)
class TaskRun:
    """A call and what is known of it. `given` once the client has its id; until then the call may still be answered
    in the ordinary way."""

    id: str
    principal: str | None
    clock: Callable[[], float]
    """Seconds since 1970."""
    ttl_ms: int
    poll_ms: int
    changed: Callable[["TaskRun"], None]
    given: bool = False
    ended: Literal["completed", "failed", "cancelled"] | None = None
    outcome: dict[str, Any] = field(default_factory=dict[str, Any])
    """The result, or the error, as JSON."""
    status_message: str | None = None
    runner: "asyncio.Task[dict[str, Any] | None] | None" = None
    _open: dict[str, _Question] = field(default_factory=dict[str, _Question])
    _used: set[str] = field(default_factory=set[str])
    _asked: int = 0
    _waiting: int = 0
    """Questions that travel as requests (handshake era)."""

    def __post_init__(self) -> None:
        self.created_at = self.updated_at = self.clock()
        self.spoke = asyncio.Event()
        """Set by the first question."""
        self.finished = asyncio.Event()
        """Set by the end."""

    @property
    def status(self) -> Status:
        """Where the task stands."""
        if self.ended is not None:
            return self.ended
        return "input_required" if self._open or self._waiting else "working"

    # Questions

    async def ask(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        """One question of the running function; returns the client's answer."""
        self._asked += 1
        key = f"q{self._asked}"
        return (await self.ask_all({key: {"method": method, "params": params}}))[key]

    async def ask_all(self, requests: dict[str, Any]) -> dict[str, Any]:
        """Questions that are open at once; the answers under the same keys. On the wire a key is never used twice."""
        loop = asyncio.get_running_loop()
        asked: dict[str, str] = {}
        futures: dict[str, asyncio.Future[dict[str, Any]]] = {}
        for name, request in requests.items():
            asked[name] = key = self._fresh(name)
            futures[name] = loop.create_future()
            self._open[key] = _Question(request["method"], request.get("params") or {}, futures[name])
        self.spoke.set()
        self.touch()
        try:
            for future in futures.values():
                await future
        finally:
            for key in asked.values():
                self._open.pop(key, None)
        return {name: future.result() for name, future in futures.items()}

    @contextmanager
    def waiting(self) -> Generator[None, None, None]:
        """The function waits for its client meanwhile."""
        self._waiting += 1
        self.touch()
        try:
            yield
        finally:
            self._waiting -= 1
            self.touch()

    def _fresh(self, name: str) -> str:
        key, count = name, 1
        while key in self._used:
            count += 1
            key = f"{name}-{count}"
        self._used.add(key)
        return key

    def open_questions(self) -> tuple[str, ...]:
        """The keys of those that wait for an answer."""
        return tuple(self._open)

    def answer(self, responses: dict[str, Any]) -> None:
        """Hands out answers; keys that are not open are ignored. Raises McpError -32602, and then takes none."""
        taken = {key: question for key, question in self._open.items() if key in responses}
        check_answers({key: question.method for key, question in taken.items()}, responses)
        for key, question in taken.items():
            del self._open[key]
            if not question.answer.done():
                question.answer.set_result(responses[key])
        if taken:
            self.touch()

    # Changes

    def end(self, status: Literal["completed", "failed", "cancelled"], outcome: dict[str, Any] | None = None) -> None:
        """The last change; what ended stays as it ended."""
        if self.ended is not None:
            return
        self._open.clear()
        self.ended, self.outcome = status, outcome or {}
        self.finished.set()
        self.touch()

    def say(self, message: str) -> None:
        """What people may read beside the status."""
        self.status_message = message
        self.touch()

    def touch(self) -> None:
        """Something changed: tells who listens."""
        self.updated_at = self.clock()
        if self.given:
            self.changed(self)

    # Wire

    def summary(self) -> dict[str, Any]:
        """The task without what it brings: the reply to the call that became a task."""
        members: dict[str, Any] = {
            "taskId": self.id,
            "status": self.status,
            "createdAt": _iso(self.created_at),
            "lastUpdatedAt": _iso(self.updated_at),
            "ttlMs": self.ttl_ms,
            "pollIntervalMs": self.poll_ms,
        }
        if self.status_message is not None:
            members["statusMessage"] = self.status_message
        return members

    def state(self) -> dict[str, Any]:
        """The whole task, as `tasks/get` and `notifications/tasks` say it."""
        members = self.summary()
        match self.status:
            case "completed":
                members["result"] = self.outcome
            case "failed":
                members["error"] = self.outcome
            case "input_required":
                members["inputRequests"] = {
                    key: {"method": question.method, "params": question.params} for key, question in self._open.items()
                }
            case _:
                pass
        return members


def check_answers(methods: dict[str, str], responses: dict[str, Any]) -> None:
    """Whether answers have the form that their questions ask for: key to method. Raises McpError -32602."""
    for key, method in methods.items():
        _check_answer(key, method, responses[key])


def _check_answer(key: str, method: str, answer: Any) -> None:
    if not isinstance(answer, dict):
        raise McpError(INVALID_PARAMS, f"inputResponses[{key!r}] must be an object.")
    action = cast("dict[str, Any]", answer).get("action")
    if method == "elicitation/create" and action not in ("accept", "decline", "cancel"):
        raise McpError(INVALID_PARAMS, f"inputResponses[{key!r}] needs `action`: accept, decline or cancel.")


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class TaskScope:
    """The request that a task came from. Once it is answered nothing travels on its stream any more."""

    def __init__(self, scope: RequestScope, task: TaskRun) -> None:
        self._scope = scope
        self._task = task

    def __getattr__(self, name: str) -> Any:
        return getattr(self._scope, name)

    async def notify(self, method: str, params: dict[str, Any] | None = None) -> None:
        """Sends while the request is open."""
        if not self._task.given:
            await self._scope.notify(method, params)
