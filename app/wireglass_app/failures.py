"""Why a server did not get ready, or was lost: what happened, why, what now, in words. Pure.

The order of the checks is the order in which things can fail: command, process, first line, HTTP, version.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from wireglass.errors import (
    HttpStatusError,
    McpError,
    RequestTimeout,
    SignInError,
    TransportClosed,
    TransportError,
    WireglassError,
)
from wireglass_app.calls import Step, Target

__all__ = ["Failure", "again_words", "explain"]

_ERROR_LINE = re.compile(r"^\S*(Error|Exception|Interrupt|Exit)\b.*|^error\b.*", re.IGNORECASE)
_PLACE = re.compile(r'File "(?P<file>[^"]+)", line (?P<line>\d+)')


def again_words(target: Target) -> str:
    """What brings the server back: a process is started, an address is connected to."""
    return "Start again" if target.kind == "stdio" else "Connect again"


@dataclass(frozen=True, slots=True)
class Failure:
    """For the pane in place of the server's views."""

    title: str
    fact: str
    """Short, beside the title: "exit status 1"."""
    text: str
    """Why, as far as it is known."""
    next_step: str
    lines: tuple[str, ...]
    """The end of stderr, or what came on stdout instead of a message."""
    lines_are: str
    """What `lines` are, as a heading; empty when there are none."""
    culprit: str = ""
    """The line that names the error."""
    file: str = ""
    line: int | None = None
    """Where the traceback points to."""


def explain(
    target: Target,
    problem: Exception,
    steps: Sequence[Step],
    noise: Sequence[str],
    stderr: Sequence[str],
    *,
    was_ready: bool,
) -> Failure:
    """The failure in words. `noise` are lines of stdout that are no messages."""
    tail = tuple((problem.stderr_tail.splitlines() if isinstance(problem, TransportClosed) else []) or stderr)[-12:]
    title, fact, text, next_step = _words(target, problem, noise, tail, was_ready)
    lines, heading = (tail, "Last lines of stderr") if tail else (tuple(noise[-6:]), "What it wrote to stdout")
    culprit = next((line.strip() for line in reversed(tail) if _ERROR_LINE.match(line.strip())), "")
    places = [found for line in tail if (found := _PLACE.search(line))]
    own = [p for p in places if target.spec and p["file"] == target.spec.split(":")[0]] or places
    return Failure(
        title=title,
        fact=fact,
        text=text,
        next_step=next_step or getattr(problem, "next_step", "") or "Look at the frames to see how far it came.",
        lines=lines,
        lines_are=heading if lines else "",
        culprit=culprit,
        file=own[-1]["file"] if own else "",
        line=int(own[-1]["line"]) if own else None,
    )


def _words(
    target: Target, problem: Exception, noise: Sequence[str], tail: Sequence[str], was_ready: bool
) -> tuple[str, str, str, str]:
    name = target.name
    if isinstance(problem, TransportClosed):
        return _ended(name, problem, noise, tail, was_ready)
    if isinstance(problem, HttpStatusError):
        return _http(target, problem)
    if isinstance(problem, RequestTimeout):
        return _silent(name, problem, noise)
    if isinstance(problem, McpError):
        return (
            f"{name} refused the connection",
            f"{problem.code}",
            f"It answered: {problem.message}",
            problem.next_step or "Choose another protocol version in the connect dialog, or look at the frames.",
        )
    if isinstance(problem, SignInError):
        from wireglass.auth.steps import TITLES

        where = {str(step): title for step, title in TITLES.items()}.get(problem.step, "")
        return f"Signing in to {name} failed", where, problem.message, problem.next_step or "Sign in again."
    if isinstance(problem, TransportError):
        verb = "could not be started" if target.kind == "stdio" else "could not be reached"
        return f"{name} {verb}", "", problem.message, problem.next_step
    if isinstance(problem, WireglassError):
        return f"{name} could not be opened", "", problem.message, problem.next_step
    return (
        "Something failed inside Wireglass, not in your server",
        type(problem).__name__,
        str(problem),
        "Your work is kept. Connect again; if it happens again, report it with this text.",
    )


def _ended(
    name: str, problem: TransportClosed, noise: Sequence[str], tail: Sequence[str], was_ready: bool
) -> tuple[str, str, str, str]:
    status = problem.exit_status
    fact = "" if status is None else f"exit status {status}" if status >= 0 else f"ended by signal {-status}"
    title = f"{name} stopped" if was_ready else f"{name} ended before it answered"
    if any("ModuleNotFoundError" in line or "ImportError" in line for line in tail):
        return title, fact, "A module it imports is not there.", "Choose another interpreter, or install the module."
    if any("Traceback" in line or "Error" in line for line in tail):
        return title, fact, "It raised an error.", "Correct it and save: it starts again by itself."
    if noise:
        return title, fact, _NOISE, _NOISE_STEP
    if status == 0:
        return (
            title,
            fact,
            "It ended without an error.",
            "A stdio server must keep running: end the file with mcp.run().",
        )
    return title, fact, problem.message, problem.next_step or "Start it again, or try the same command in a terminal."


_NOISE = "It wrote text to stdout that is no message. On stdio, stdout belongs to the protocol."
_NOISE_STEP = "Print to stderr instead: print(…, file=sys.stderr), or use ctx.info."


def _silent(name: str, problem: RequestTimeout, noise: Sequence[str]) -> tuple[str, str, str, str]:
    title = f"No answer from {name} for {problem.seconds:g} s"
    if noise:
        return title, problem.method, _NOISE, _NOISE_STEP
    return (
        title,
        problem.method,
        f"The process runs but has not answered {problem.method}. It may be waiting for input, or be busy starting.",
        "Give it a longer start time-out in the connect dialog, or check that the file ends with mcp.run().",
    )


def _http(target: Target, problem: HttpStatusError) -> tuple[str, str, str, str]:
    kind = problem.headers.get("content-type", "").split(";")[0]
    fact = f"HTTP {problem.status}"
    if kind == "text/html" or problem.body.lstrip()[:15].lower().startswith(("<!doctype html", "<html")):
        return (
            "This address answers with a web page",
            fact,
            f"{target.url} sent HTML, not an MCP message.",
            "Check the path: many servers answer at /mcp. Open the address in a browser to see the page.",
        )
    if problem.status in (401, 403):
        return "The server wants a sign-in", fact, problem.message, problem.next_step or "Add an Authorization header."
    if problem.status in (404, 405):
        return (
            "There is no MCP endpoint at this address",
            fact,
            problem.message,
            problem.next_step or "Check the path, or try the older SSE transport in the connect dialog.",
        )
    return f"{target.name} answered with an HTTP error", fact, problem.message, problem.next_step
