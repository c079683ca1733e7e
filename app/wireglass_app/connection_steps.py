"""The check list of a connection: what was tried, what came back, and which step failed."""

from typing import TYPE_CHECKING, Any, Final, Literal
from urllib.parse import urlsplit

from wireglass.recording.entries import Entry
from wireglass_app.calls import Step, Target
from wireglass_app.plain import short_duration

if TYPE_CHECKING:
    from wireglass.auth.steps import SignInStep, StepName
    from wireglass.doctor.steps import Check
    from wireglass.protocol.messages import HttpExchange

__all__ = [
    "end_waiting",
    "first_steps",
    "note_frame",
    "note_program",
    "note_reached",
    "note_sign_in",
    "note_status",
    "planned",
    "sign_in_line",
    "step_of",
]

_WAY: Final[tuple["StepName", ...]] = ("challenge", "resource", "server", "client", "permission", "token")
_HINTS: Final[dict["StepName", str]] = {
    "permission": "the page opens only when you say so",
    "token": "for this server only, kept per issuer",
}


def first_steps(target: Target) -> list[Step]:
    """What is on the list before anything has crossed the wire."""
    if target.kind == "stdio":
        return [Step(f"Command {target.command}")]
    return [Step(f"Connecting to {target.url}", "ok")]


def note_program(steps: list[Step], path: str | None) -> None:
    """Whether the command of the first step was found."""
    step = steps[0]
    step.state = "ok" if path else "failed"
    step.detail = ("" if step.text.endswith(f" {path}") else path) if path else "not in PATH"
    if not path:
        step.remedy = "Install it, or write its whole path in the connect dialog."


def note_frame(steps: list[Step], entry: Entry, *, stdio: bool) -> bool:
    """Adds what a frame tells while connecting. True when the list changed."""
    if stdio:
        _note_start(steps, entry)
    running = next((step for step in steps if step.state == "running"), None)
    if entry.kind == "request" and entry.sender == "client":
        if running is None or not entry.method.endswith("/list"):
            if running is not None:
                _leave(running, "skipped", _NO_ANSWER)
            steps.append(Step(f"{entry.method}{_WAITS}", channel=entry.channel))
    elif entry.kind in ("result", "error") and running is not None:
        refused = entry.kind == "error"
        _leave(running, "skipped" if refused else "ok", " was refused, trying the next way" if refused else " answered")
    elif entry.kind == "broken":
        _note_broken(steps, entry, running, stdio=stdio)
    else:
        return False
    return True


_WAITS: Final = " sent, waiting for an answer"
_NO_ANSWER: Final = " got no answer, trying the next way"


def _leave(step: Step, state: Literal["ok", "skipped", "failed"], words: str) -> None:
    """The end of a step that waited for the answer to a request; of others only the state changes."""
    step.state = state
    step.detail = "" if state == "ok" else step.detail
    if step.text.endswith(_WAITS):
        step.text = step.text.removesuffix(_WAITS) + words


def _note_broken(steps: list[Step], entry: Entry, running: Step | None, *, stdio: bool) -> None:
    """On stdio anything may be written at any time; over HTTP it is the answer to a request."""
    if stdio and not any(step.text.startswith("First line") and step.detail == entry.raw[:200] for step in steps):
        steps.append(Step("Text on stdout that is no message", "failed", entry.raw[:200]))
    elif not stdio:
        asked = _asked_on(steps, entry.channel) or running
        if asked is not None and asked.text.endswith((_WAITS, _NO_ANSWER)):
            _leave_answered(asked, " was answered, but not with a message")
            asked.detail = entry.raw[:200]


def _asked_on(steps: list[Step], channel: str) -> Step | None:
    """The newest request of a channel; channels are counted anew for each connection."""
    return next((step for step in reversed(steps) if step.channel == channel), None)


def _leave_answered(step: Step, words: str) -> None:
    step.state, step.text = "failed", step.text.removesuffix(_WAITS).removesuffix(_NO_ANSWER) + words


def note_status(steps: list[Step], exchange: "HttpExchange") -> bool:
    """The HTTP answer to a request that no message answered. True when that is news."""
    asked = _asked_on(steps, exchange.channel)
    if asked is None or exchange.status is None or not asked.text.endswith((_WAITS, _NO_ANSWER)):
        return False
    if exchange.status < 300:
        return False  # its message may still come
    if exchange.status in (401, 403):
        asked.detail = f"HTTP status {exchange.status}"  # a sign-in may follow, and then the request again
        return True
    _leave_answered(asked, f" got HTTP status {exchange.status}")
    return True


def end_waiting(steps: list[Step], *, failed: bool) -> None:
    """The connection is over: what still waited got no answer."""
    for step in steps:
        if step.state == "running":
            _leave(step, "failed" if failed else "skipped", " got no answer")


def _note_start(steps: list[Step], entry: Entry) -> None:
    """Command, process and first line are steps of their own."""
    texts = {step.text for step in steps}
    if entry.sender == "client" and "Process started" not in texts:
        steps.append(Step("Process started", "ok"))
    elif entry.sender == "server" and not any(text.startswith("First line") for text in texts):
        good = entry.kind != "broken"
        at = next((i + 1 for i, step in enumerate(steps) if step.text == "Process started"), len(steps))
        words = "First line is a message" if good else "First line is no message"
        steps.insert(at, Step(words, "ok" if good else "failed", "" if good else entry.raw[:200]))


def note_reached(steps: list[Step], exchange: "HttpExchange") -> bool:
    """How the first connection to the server went: its phases, as the transport saw them. True when that is news."""
    if len(steps) == 0 or not steps[0].text.startswith("Connecting to ") or exchange.connected_ns is None:
        return False
    began, host = exchange.connect_ns or exchange.queued_ns, urlsplit(exchange.url).netloc
    reached = [Step("Name and address", "ok", host, took=short_duration((exchange.connected_ns - began) / 1e6))]
    if exchange.secure_ns is not None and exchange.secured_ns is not None:
        took = (exchange.secured_ns - exchange.secure_ns) / 1e6
        reached.append(Step("TLS", "ok", "the certificate is trusted", took=short_duration(took)))
    steps[:1] = reached
    return True


def planned(steps: list[Step], *, connecting: bool) -> list[Step]:
    """The list with what a sign-in under way still has before it."""
    run = next((step.key.split(" ")[1] for step in reversed(steps) if step.key.startswith("sign-in ")), "")
    known = [step.key.rpartition(" ")[2] for step in steps if step.key.startswith(f"sign-in {run} ")]
    if not known or known == ["renewal"] or any(step.state == "failed" for step in steps):
        return steps
    from wireglass.auth.steps import TITLES

    missing: list[StepName] = [name for name in _WAY if name not in known]
    at = max(i for i, step in enumerate(steps) if step.key.startswith("sign-in ")) + 1
    if not connecting and not missing:
        return steps
    ahead = [Step(TITLES[name], "pending", _HINTS.get(name, "")) for name in missing]
    return [*steps[:at], *ahead, *(_after_sign_in(step) if missing else step for step in steps[at:])]


def _after_sign_in(step: Step) -> Step:
    """A request that was told to sign in first does not wait for an answer: it is sent again with the token."""
    method, sent, _ = step.text.partition(" sent, waiting")
    return Step("Discover and choose a version", "pending", f"{method}, again with the token") if sent else step


def note_sign_in(steps: list[Step], told: "SignInStep") -> None:
    """Puts a step of the sign-in before the request that waits for it, or changes the line it has."""
    line = sign_in_line(told)
    for at, step in enumerate(steps):
        if step.key == line.key:
            steps[at] = line
            return
    waiting = next((at for at, step in enumerate(steps) if step.state == "running" and not step.key), len(steps))
    steps.insert(waiting, line)


def sign_in_line(told: "SignInStep") -> Step:
    """One line of the check list for a step of a sign-in."""
    state: Any = {"warn": "ok", "cancelled": "skipped", "waiting": "running"}.get(told.state, told.state)
    if told.name == "renewal" and state == "failed":
        state = "skipped"  # a sign-in follows, and that one counts
    took = None if told.ended_ns is None or told.human else (told.ended_ns - told.began_ns) / 1e6
    timed = "" if took is None or took < 0.05 else short_duration(took)
    key = f"sign-in {told.run} {told.name}"
    return Step(told.title, state, told.detail, told.remedy, took=timed, key=key, human=told.human)


def step_of(check: "Check") -> Step:
    """One line of the check list for a `doctor.steps.Check`."""
    state: Any = "ok" if check.state == "warn" else check.state
    timed = check.milliseconds if check.step in ("dns", "tcp", "tls", "http") and state == "ok" else None
    took = "" if timed is None else short_duration(timed)
    return Step(check.title, state, check.detail, check.remedy, took=took, check=True)
