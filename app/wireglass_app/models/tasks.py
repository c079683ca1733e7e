"""Tasks of one server, read from what crossed the wire: live, and in a recording just the same.

Two shapes: 2025-11-25 (`task` in the result of the call, `tasks/result`), and the extension of 2026-07-28 (the result
is the task, `tasks/get` brings everything).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from wireglass.recording.entries import Entry

__all__ = ["TaskBook", "TaskRow"]

_SMALL = 100_000
"""Bytes of a reply that may stand for a task; a larger one is a result."""
_LISTED = 5_000
ENDED = frozenset({"completed", "failed", "cancelled"})


@dataclass(slots=True, eq=False)
class TaskRow:
    """One task as it was last heard of."""

    id: str
    method: str = ""
    name: str = ""
    """Of the tool, of the request that became the task."""
    request_id: str | int | None = None
    status: str = "working"
    words: str = ""
    """`statusMessage`."""
    first_ns: int = 0
    last_ns: int = 0
    first_at: float = 0.0
    """Seconds since the epoch, by our clock."""
    polls: int = 0
    ttl_ms: float | None = None
    created: str = ""
    questions: int = 0
    """Open questions, as last told."""
    state: dict[str, Any] | None = None
    seq: int = 0
    """The frame that brought the last state."""

    @property
    def ended(self) -> bool:
        return self.status in ENDED

    @property
    def expires_at(self) -> float | None:
        """Seconds since the epoch, from the server's `createdAt` and `ttl`; by our clock when it names no time."""
        if self.ttl_ms is None:
            return None
        begin = _moment(self.created)
        return (self.first_at if begin is None else begin) + self.ttl_ms / 1000


class TaskBook:
    """`take` frames in order; `rows` by task id, in the order in which they began."""

    def __init__(self) -> None:
        self.rows: dict[str, TaskRow] = {}

    def take(self, entries: Iterable[Entry], wall_ns: Callable[[int], int]) -> list[TaskRow]:
        """Rows that changed. `wall_ns(at_ns)` gives the time of day of a frame in nanoseconds."""
        changed: dict[str, TaskRow] = {}
        for entry in entries:
            if not _concerns(entry):
                continue
            if entry.method == "tasks/list":
                changed |= {row.id: row for row in self._listed(entry, wall_ns)}
                continue
            row = self._taken(entry, wall_ns)
            if row is not None:
                changed[row.id] = row
        return list(changed.values())

    def _taken(self, entry: Entry, wall_ns: Callable[[int], int]) -> TaskRow | None:
        message = entry.message
        if not isinstance(message, dict):
            return None
        body = message.get("params") if entry.kind == "notification" else message.get("result")
        task = _task_in(body)
        asked = entry.exchange.request.message if entry.kind != "notification" and entry.exchange is not None else None
        params = asked.get("params") if isinstance(asked, dict) else None
        if task is None:
            return self._finished(entry, params)
        row = self._row(str(task["taskId"]), entry, wall_ns)
        if not entry.method.startswith(("tasks/", "notifications/")):
            row.method, row.name, row.request_id = entry.method, entry.name or "", entry.id
        row.polls += entry.method == "tasks/get"
        _fill(row, task, entry)
        return row

    def _row(self, id: str, entry: Entry, wall_ns: Callable[[int], int]) -> TaskRow:
        row = self.rows.get(id)
        if row is None:
            row = self.rows[id] = TaskRow(id)
            row.first_ns, row.first_at = entry.at_ns, wall_ns(entry.at_ns) / 1e9
        return row

    def _listed(self, entry: Entry, wall_ns: Callable[[int], int]) -> list[TaskRow]:
        """`tasks/list` of 2025-11-25 tells of tasks that were begun before, perhaps by another program."""
        message = entry.message
        result = message.get("result") if isinstance(message, dict) else None
        listed = result.get("tasks") if isinstance(result, dict) else None
        rows: list[TaskRow] = []
        for one in listed[:_LISTED] if isinstance(listed, list) else ():
            task = _task_in(one)
            if task is None:
                continue
            row = self._row(str(task["taskId"]), entry, wall_ns)
            if not row.method and (begun := _moment(task.get("createdAt"))) is not None:
                row.first_at = min(row.first_at, begun)  # it is older than our knowledge of it
            _fill(row, task, entry)
            rows.append(row)
        return rows

    def _finished(self, entry: Entry, params: Any) -> TaskRow | None:
        """`tasks/result` of 2025-11-25 brings the call's own result."""
        if entry.method not in ("tasks/result", "tasks/cancel") or not isinstance(params, dict):
            return None
        row = self.rows.get(str(params.get("taskId")))
        if row is None or row.ended:
            return None
        if entry.method == "tasks/cancel":
            row.status = "cancelled" if entry.kind == "result" else row.status
        else:
            row.status = "completed" if entry.kind == "result" else "failed"
        row.last_ns, row.seq = entry.at_ns, entry.seq
        return row


def _moment(text: Any) -> float | None:
    try:
        return datetime.fromisoformat(text).timestamp()
    except (ValueError, TypeError, OverflowError):
        return None


def _concerns(entry: Entry) -> bool:
    if entry.sender != "server" or entry.size > _SMALL:
        return entry.sender == "server" and entry.method in ("tasks/get", "tasks/result", "tasks/list")
    if entry.kind == "notification":
        return entry.method in ("notifications/tasks/status", "notifications/tasks")
    return entry.kind in ("result", "error") and (entry.method == "tools/call" or entry.method.startswith("tasks/"))


def _task_in(body: Any) -> dict[str, Any] | None:
    if not isinstance(body, dict):
        return None
    for found in (body, body.get("task")):
        if isinstance(found, dict) and isinstance(found.get("taskId"), str):
            return found
    return None


def _fill(row: TaskRow, task: dict[str, Any], entry: Entry) -> None:
    row.status = str(task.get("status") or row.status)
    row.words = str(task.get("statusMessage") or "")
    row.created = str(task.get("createdAt") or row.created)
    ttl = task.get("ttlMs", task.get("ttl"))
    if isinstance(ttl, int | float) and not isinstance(ttl, bool):
        row.ttl_ms = float(ttl)
    asked = task.get("inputRequests")
    row.questions = len(asked) if isinstance(asked, dict) else 0
    row.last_ns, row.seq, row.state = entry.at_ns, entry.seq, task
