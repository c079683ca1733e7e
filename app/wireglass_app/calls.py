"""What the workbench knows of one call, one question and one log line. Data only; the Qt thread owns it."""

import json
from dataclasses import dataclass, field
from time import perf_counter_ns, time
from typing import TYPE_CHECKING, Any, Literal

from wireglass.wire.masking import mask_url

if TYPE_CHECKING:
    from wireglass_app.questions import Question

__all__ = [
    "PANEL_OF",
    "Call",
    "CallState",
    "Completed",
    "Late",
    "LogLine",
    "Progress",
    "Roots",
    "Step",
    "Target",
    "WatchedRun",
    "is_large",
    "url_without_secrets",
]

CallState = Literal["running", "waiting", "done", "tool-error", "refused", "timeout", "lost", "cancelled", "fault"]
"""`waiting`: for a human. `tool-error`: a result with isError. `refused`: a JSON-RPC error. `fault`: ours."""

ENDED: frozenset[str] = frozenset({"done", "tool-error", "refused", "timeout", "lost", "cancelled", "fault"})


PANEL_OF = {
    "tools/call": "tools",
    "resources/read": "resources",
    "prompts/get": "prompts",
    "tasks/result": "tasks",
}
"""The view that shows a call, by its method."""

_MANY = 2000
"""Members, or hundreds of characters, that a large value has at least."""


@dataclass(frozen=True, slots=True)
class Target:
    """What to connect to, as the user agreed to it."""

    name: str
    kind: Literal["stdio", "http", "sse"]
    command: str = ""
    args: tuple[str, ...] = ()
    env: tuple[tuple[str, str], ...] | None = None
    """The whole environment of the child; None lets it have the safe variables of ours."""
    added: tuple[tuple[str, str], ...] = ()
    """Variables on top of the safe ones, when `env` is None."""
    cwd: str | None = None
    url: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    mode: str = "auto"
    """"auto", "stateless", "handshake" or one protocol version."""
    timeout: float = 60.0
    """Seconds a request may take without progress."""
    start_timeout: float = 10.0
    """Seconds until a silent server is reported. A process is waited for after that; an address is not."""
    any_version: bool = False
    """Whether a version that we do not know is spoken as the nearest one that we do."""
    spec: str = ""
    """FILE or FILE:NAME when it was opened from a file."""
    runner: str = ""
    """Who runs the file, in a word or two: "uv", "built in", ".venv"."""
    reload: bool = True
    rounds: int = 25
    """How many rounds of questions one call may take (2026-07-28)."""
    trust: str = "bundled"
    """HTTPS: "bundled", "system" or "file" (then `ca_file`)."""
    ca_file: str = ""
    client_cert: str = ""
    client_key: str = ""
    proxy: str = ""
    """URL of a proxy; "" takes the environment's, "direct" none."""
    sign_in: str = "auto"
    """For URLs: "auto" signs in with the browser when the server asks for it, "none" never does; "oauth" for what is
    copied of a server that asked."""
    scopes: tuple[str, ...] = ()
    """What to ask for; empty takes what the server names."""
    client_id: str = ""
    """A client that is registered already; empty registers one."""
    client_secret: str = field(default="", repr=False)

    @property
    def summary(self) -> str:
        """For the header: "stdio · uv · server.py"."""
        if self.kind != "stdio":
            return f"{'Streamable HTTP' if self.kind == 'http' else 'SSE'} · {self.url}"
        from pathlib import PurePath

        what = PurePath(self.spec.split(":")[0]).name if self.spec else PurePath(self.command).name
        return " · ".join(part for part in ("stdio", self.runner, what) if part)

    @property
    def key(self) -> str:
        """Names the server in the settings: the same file, command or URL has the same drafts. Secrets stay out."""
        return self.spec or url_without_secrets(self.url) or " ".join((self.command, *self.args))


def url_without_secrets(url: str) -> str:
    """A URL as it may be kept in a file: passwords and tokens in it are masked."""
    try:
        return mask_url(url)
    except ValueError:  # typed, and no URL
        return url


@dataclass(frozen=True, slots=True)
class Roots:
    """The folders that a server is told when it asks for roots."""

    folders: tuple[str, ...] = ()
    """file:// URIs."""
    ask: bool = False
    """Whether a person answers each time."""


@dataclass(slots=True)
class Step:
    """One line of the check list while connecting."""

    text: str
    state: Literal["running", "ok", "failed", "skipped", "pending"] = "running"
    detail: str = ""
    remedy: str = ""
    took: str = ""
    """How long, in words."""
    key: str = ""
    """Tells it apart from others of the same text, for steps that change."""
    channel: str = ""
    """Where its request crossed the wire, as frames name it."""
    human: bool = False
    """Whether it waits for a person."""
    check: bool = False
    """Tried by itself after the connection failed, not seen on the wire while connecting."""


@dataclass(frozen=True, slots=True)
class Progress:
    """`total` and `message` are the server's, unchecked."""

    done: float
    total: float | None = None
    message: str = ""


@dataclass(frozen=True, slots=True)
class Completed:
    """Suggestions of the server for one argument; unchecked but for their type."""

    values: tuple[str, ...] = ()
    total: int | None = None
    """How many there are in all, if the server says."""
    more: bool = False
    milliseconds: float = 0.0

    @classmethod
    def of(cls, result: dict[str, Any], milliseconds: float) -> "Completed":
        """From the result of `completion/complete`, whatever the server put into it."""
        told = result.get("completion")
        found: dict[str, Any] = told if isinstance(told, dict) else {}
        values, total = found.get("values"), found.get("total")
        return cls(
            tuple(str(value) for value in values[:100]) if isinstance(values, list) else (),
            total if isinstance(total, int) and not isinstance(total, bool) else None,
            found.get("hasMore") is True,
            milliseconds,
        )


def _words_of(data: Any) -> str:
    """What to read of a log message. FastMCP sends {"msg", "extra"}, of which `extra` is mostly null."""
    if isinstance(data, str):
        return data
    if isinstance(data, dict) and isinstance(data.get("msg"), str) and set(data) <= {"msg", "extra"}:
        extra = data.get("extra")
        return f"{data['msg']} {_words_of(extra)}" if extra else data["msg"]
    return json.dumps(data, ensure_ascii=False)[:4000]


@dataclass(frozen=True, slots=True)
class LogLine:
    """A line to read: of the server's log, its stderr, stray text on stdout, or another app's log about it."""

    source: Literal["log", "stderr", "stdout", "app"]
    level: str
    text: str
    at: float
    """Seconds since the epoch."""
    at_ns: int
    """On the monotonic clock of the frames."""
    logger: str = ""
    call: int | None = None
    """The number of the call that ran then, if one did."""
    seq: int | None = None
    """The frame that carried it."""

    @classmethod
    def of_message(cls, message: dict[str, Any], at: float, at_ns: int, **facts: Any) -> "LogLine":
        """The line of a `notifications/message`, whatever the server put into it."""
        params = message.get("params")
        found: dict[str, Any] = params if isinstance(params, dict) else {}
        text = _words_of(found.get("data"))
        level, logger = str(found.get("level", "info")), str(found.get("logger", ""))
        return cls("log", level, text, at, at_ns, logger=logger, **facts)


@dataclass(frozen=True, slots=True)
class Late:
    """What a server did after it was told that nobody waits any more."""

    what: Literal["silent", "confirmed", "went on", "answered"]
    """`confirmed`: with an error answer. `went on`: progress or a message of the call came. `answered`: its result."""
    milliseconds: float
    """After the end of the call."""


@dataclass(slots=True, eq=False)
class Call:
    """One request of ours and everything that belongs to it."""

    number: int
    method: str
    name: str
    params: dict[str, Any]
    state: CallState = "running"
    at: float = field(default_factory=time)
    started_ns: int = field(default_factory=perf_counter_ns)
    ended_ns: int | None = None
    result: dict[str, Any] | None = None
    problem: Exception | None = None
    progress: Progress | None = None
    progress_ns: int = 0
    """When progress was last heard of; the time-out starts again with it."""
    logs: list[LogLine] = field(default_factory=list)
    request_ids: list[str | int] = field(default_factory=list)
    questions: list["Question"] = field(default_factory=list)
    size: int = 0
    """Bytes of the answer's frame."""
    verdicts: tuple[Any, ...] | None = None
    """What the output schema says of the structured result; None when there is no schema or no result."""
    meta: dict[str, Any] = field(default_factory=dict)
    timeout: float | None = None
    asks_progress: bool = True
    """Whether the server was asked to report progress."""
    start: int = 0
    """Which start of the server it belongs to, from 1: request ids begin anew with each."""
    sign_ins: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])
    """When a person gave permission for it, from and until."""
    waited_ns: int = 0
    """Time that a human needed; never part of the server's time."""
    late: "Late | None" = None
    """What the server did after the call was stopped, or its time was over."""
    cache: str = ""
    """ "hit" or "miss" when the server's cache told of it."""

    @property
    def ended(self) -> bool:
        return self.state in ENDED

    @property
    def milliseconds(self) -> float:
        """Time so far, or in all, without the time a human needed."""
        end = self.ended_ns if self.ended_ns is not None else perf_counter_ns()
        return max(0.0, (end - self.started_ns - self.waited_ns) / 1e6)

    def count_waits(self, now_ns: int) -> None:
        """Sums up when at least one question waited; what still goes on counts until `now_ns`."""
        end = self.ended_ns or now_ns
        self.waited_ns, reached = 0, 0
        asked_for = [(q.asked_ns, min(q.ended_ns or end, end)) for q in self.questions]
        for asked, answered in sorted([*asked_for, *self.sign_ins]):
            self.waited_ns += max(0, answered - max(asked, reached))
            reached = max(reached, answered)

    @property
    def failed(self) -> bool:
        return self.ended and self.state not in ("done", "cancelled")


@dataclass(frozen=True, slots=True)
class WatchedRun:
    """What became of a watched call after the last reload of its server."""

    name: str
    what: Literal["same", "changed", "breaking", "gone"]
    words: str
    earlier: Call | None = None
    call: Call | None = None
    """None when it was not run."""


def is_large(value: Any) -> bool:
    """Whether work on a JSON value would be felt in the window. Looks at no more of it than it takes to know."""
    left, stack = _MANY, [value]
    while stack:
        one = stack.pop()
        if isinstance(one, str):
            left -= len(one) // 100
        elif isinstance(one, dict | list):
            left -= len(one)
            if left >= 0:
                stack.extend(one.values() if isinstance(one, dict) else one)
        if left < 0:
            return True
    return False
