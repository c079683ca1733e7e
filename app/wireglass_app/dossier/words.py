"""The verdict of a call in words: what happened, why, what now. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from wireglass.errors import McpError, RequestTimeout, SignInError, WireglassError
from wireglass.recording.timing import percentiles
from wireglass_app.calls import Call
from wireglass_app.plain import counted, duration, short_duration, size, visible

__all__ = ["Verdict", "blocks_of", "no_logs", "schema_chip", "usual_times", "verdict", "wants_handshake", "wire_facts"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """The line on top of the result."""

    title: str
    icon: str
    tone: str
    fact: str = ""
    text: str = ""
    next_step: str = ""


_TITLES: dict[str, tuple[str, str, str]] = {
    "running": ("Running", "clock", "info"),
    "waiting": ("Waiting for you", "person", "human"),
    "done": ("Complete", "check-circle", "ok"),
    "tool-error": ("The tool reported an error", "cross-circle", "bad"),
    "refused": ("The server refused the call", "cross-circle", "bad"),
    "timeout": ("No result in time", "clock", "bad"),
    "lost": ("The connection was lost", "unplug", "bad"),
    "cancelled": ("Stopped", "stop", "muted"),
    "fault": ("Something failed inside Wireglass, not in your server", "cross-circle", "bad"),
}
_CODES = {
    -32700: "parse error",
    -32600: "invalid request",
    -32601: "method not found",
    -32602: "invalid params",
    -32603: "internal error",
    -32002: "resource not found",
    -32042: "a page must be visited first",
}


_STEPS = {
    -32601: "The server does not have this method. Reload it, or look at what it announces in Overview.",
    -32602: "The server rejects what was sent. Compare the arguments with its schema, or look at the frames.",
    -32603: "The server failed inside. Its stderr in Logs may say why; the frames hold the exact exchange.",
    -32700: "The server could not read the message. The frames hold what was sent.",
}
_LOST_STEP = "Start the server again; its stderr in Logs may say why."
_HANDSHAKE_STEP = (
    "This server asks only in the older protocol versions. Reconnect with a handshake: it holds until you close the "
    "server. To keep it, press Change in Overview and choose the protocol “Handshake only”."
)
_QUESTIONS = ("elicit", "sampling", "createmessage", "roots")
_NO_WAY_BACK = ("2026-07-28", "server-initiated", "back-channel")
"""What the runtimes say that can ask in the handshake eras alone: FastMCP 4, and version 2 of the Python SDK."""
_ANY_STEP = "The server answered with an error in place of a result. The frames hold the exact exchange."


def verdict(call: Call) -> Verdict:
    """What to say of a call in its present state."""
    title, icon, tone = _TITLES[call.state]
    problem = call.problem
    if isinstance(problem, McpError):
        fact = " ".join(part for part in (str(problem.code), _CODES.get(problem.code, "")) if part)
        step = problem.next_step or _STEPS.get(problem.code, _ANY_STEP)
        step = _HANDSHAKE_STEP if wants_handshake(call) else step
        return Verdict(title, icon, tone, fact, visible(problem.message, 4000, lines=True), step)
    if isinstance(problem, RequestTimeout):
        text = f"The call was cancelled. {_afterwards(call) or 'The server has not confirmed it.'}"
        return Verdict(f"No result after {problem.seconds:g} s", icon, tone, "", text, problem.next_step)
    if isinstance(problem, SignInError):
        what, _, why = problem.message.partition(". ")
        what, why = (what, why) if problem.step == "token" and why else ("Signing in failed", problem.message)
        step = problem.next_step or "Sign in again."
        return Verdict(visible(what, 120), "cross-circle", tone, "", visible(why, 4000, lines=True), step)
    if isinstance(problem, WireglassError):
        step = problem.next_step or _LOST_STEP
        return Verdict(title, icon, tone, "", visible(problem.message, 4000, lines=True), step)
    if problem is not None:
        text = f"{type(problem).__name__}: {visible(str(problem), 2000, lines=True)}"
        return Verdict(title, icon, tone, "", text, "Your work is kept. Run it again, and report it if it stays.")
    if call.state == "tool-error":
        step = "This is an answer, not a fault: the model would read this text."
        return Verdict(title, icon, tone, "", "", _HANDSHAKE_STEP if wants_handshake(call) else step)
    if call.state == "cancelled":
        return Verdict(
            title, icon, tone, "", f"You stopped it, and the server was told. {_afterwards(call)}".strip(), ""
        )
    return Verdict(title, icon, tone)


def _afterwards(call: Call) -> str:
    """Whether the server heeded a cancellation, as far as it can be seen."""
    if call.late is None:
        return ""
    after = duration(call.late.milliseconds)
    if call.late.what == "confirmed" and not call.late.milliseconds:
        return "It confirmed that."  # of a task: the call ends with it
    return {
        "silent": "It has sent nothing for this call since.",
        "confirmed": f"It confirmed that after {after}.",
        "went on": f"It did not stop: {after} later it still reported on this call.",
        "answered": f"It did not stop: its answer came {after} later, and was not used.",
    }[call.late.what]


def wants_handshake(call: Call) -> bool:
    """Whether a call failed because its server asks people and models only as the older protocol versions do."""
    if isinstance(call.problem, McpError):
        said = call.problem.message
    elif call.state == "tool-error":
        said = " ".join(str(block.get("text", "")) for block in blocks_of(call) if isinstance(block, dict))
    else:
        return False
    said = said[:1001].lower()
    asks, cannot = (any(word in said for word in words) for words in (_QUESTIONS, _NO_WAY_BACK))
    return len(said) <= 1000 and asks and cannot


def wire_facts(call: Call, server_ms: float | None, wire_ms: float | None) -> str:
    """ "server 389 · wire 23 · 3.1 KB"."""
    parts = []
    if server_ms is not None:
        parts.append(f"server {_number(server_ms)}")
    if wire_ms is not None:
        parts.append(f"wire {_number(wire_ms)}" if server_ms is not None else f"on the wire {duration(wire_ms)}")
    if call.waited_ns:
        parts.append(f"you {call.waited_ns / 1e9:.1f} s")
    if call.size:
        parts.append(size(call.size))
    if call.cache:
        parts.append(f"cache {call.cache}")
    return " · ".join(parts)


def _number(milliseconds: float) -> str:
    return f"{milliseconds:.1f}" if milliseconds < 10 else f"{milliseconds:.0f}"


def usual_times(call: Call, calls: Sequence[Call]) -> str:
    """ "this tool: p50 388 ms · p95 640 ms · p99 1.2 s" of the runs that succeeded; empty for the only one."""
    times = [
        one.milliseconds for one in calls if one.state == "done" and (one.method, one.name) == (call.method, call.name)
    ]
    found = percentiles(times)
    if found is None or found.count < 2:
        return ""
    ranks = (("p50", found.p50), ("p95", found.p95), ("p99", found.p99))
    kind = "this tool" if call.method == "tools/call" else "the same call"
    return f"{kind}: " + " · ".join(f"{rank} {short_duration(time)}" for rank, time in ranks)


def no_logs(call: Call) -> str:
    """What stands where the log lines of a call would be."""
    if not call.ended:
        return "Nothing logged so far."
    level = call.meta.get("io.modelcontextprotocol/logLevel")
    asked = f" It was asked for {level} and above; Request options change that." if isinstance(level, str) else ""
    return f"The server logged nothing during this call.{asked}"


def schema_chip(call: Call, has_schema: bool) -> tuple[str, str]:
    """Text and kind of the chip about the output schema; empty when there is nothing to say."""
    if call.state != "done" or call.result is None:
        return "", ""
    if not has_schema:
        return "", ""
    if call.verdicts is None:
        return "No structured result", "bad"
    if not call.verdicts:
        return "✓ Matches output schema", "ok"
    number = len(call.verdicts)
    return counted(number, "schema violation"), "bad"


def structured(result: dict[str, Any] | None) -> Any:
    """The structured part of a result, or None."""
    return result.get("structuredContent") if result else None


def blocks_of(call: Call) -> list[Any]:
    """The content blocks of a result, whatever they are."""
    found = call.result.get("content") if call.result else None
    return found if isinstance(found, list) else []
