"""Why a server did not get ready, or was lost: what happened, why, what now, in words. Pure.

The order of the checks is the order in which things can fail: command, process, first line, HTTP, version.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Literal

from wireglass.errors import (
    HttpStatusError,
    McpError,
    NoCommonVersion,
    OlderTransport,
    RequestTimeout,
    SignInError,
    TransportClosed,
    TransportError,
    WireglassError,
)
from wireglass.launch.find import split_spec
from wireglass_app.calls import Step, Target

__all__ = ["Failure", "Offer", "again_words", "explain", "script_of", "silent"]

_ERROR_LINE = re.compile(r"^\S*(Error|Exception|Interrupt|Exit)\b.*|^error\b.*", re.IGNORECASE)
_PLACE = re.compile(r'File "(?P<file>[^"]+)", line (?P<line>\d+)')


def again_words(target: Target) -> str:
    """What brings the server back: a process is started, an address is connected to."""
    return "Start again" if target.kind == "stdio" else "Connect again"


@dataclass(frozen=True, slots=True)
class Offer:
    """One thing that can be done about it, as a button."""

    key: Literal["choose-program", "embedded", "sse", "any-version", "open-line", "password", "sign-in"]
    text: str


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
    offers: tuple[Offer, ...] = ()


def script_of(target: Target) -> str:
    """The Python file that the server is started from, as the command names it; empty when there is none."""
    if target.spec:
        return target.spec
    named = (one for one in target.args if split_spec(one)[0].suffix == ".py")
    return next(named, "") if target.kind == "stdio" else ""


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
    missing = target.kind == "stdio" and steps[:1] and steps[0].state == "failed"
    title, fact, text, next_step = _not_found(target) if missing else _words(target, problem, noise, tail, was_ready)
    wrote = "What it wrote to stdout" if target.kind == "stdio" else "What it answered"
    lines, heading = (tail, _STDERR) if tail else (tuple(dict.fromkeys(noise))[-6:], wrote)
    if isinstance(problem, OlderTransport):
        lines = ()  # a refusal's page tells nothing that is not said better
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
        offers=tuple(_offers(target, problem, missing=bool(missing), place=own[-1] if own else None)),
    )


def silent(target: Target, waits_for: str, seconds: float, noise: Sequence[str], stderr: Sequence[str]) -> Failure:
    """What is said of a process that runs and has not answered; it goes on running."""
    said = f"The process runs but has not answered {waits_for}. "
    said += _NOISE if noise else "It may be printing to stdout or waiting for input, or be busy starting."
    lines, heading = (tuple(stderr[-8:]), _STDERR) if stderr else (tuple(dict.fromkeys(noise))[-6:], _STDOUT)
    return Failure(
        title=f"No answer from {target.name} for {seconds:g} s",
        fact="",
        text=said,
        next_step=_NOISE_STEP if noise else "A file that is a server ends with mcp.run().",
        lines=lines,
        lines_are=heading if lines else "",
    )


def _offers(target: Target, problem: Exception, *, missing: bool, place: "re.Match[str] | None") -> Iterator[Offer]:
    if missing:
        yield Offer("choose-program", f"Choose {PurePath(target.command).name}…")
        if script_of(target):
            yield Offer("embedded", "Use Wireglass runtime")
    elif isinstance(problem, OlderTransport):
        yield Offer("sse", "Connect with SSE")
    elif isinstance(problem, NoCommonVersion) and len(problem.theirs) > 0 and not target.any_version:
        yield Offer("any-version", f"Try {problem.theirs[-1]} anyway")
    elif isinstance(problem, SignInError) and problem.step == "token":
        yield Offer("sign-in", "Sign in again")
    elif isinstance(problem, HttpStatusError) and _wants_password(problem):
        yield Offer("password", "Give name and password")
    elif place is not None and target.spec:
        yield Offer("open-line", f"Open line {place['line']}")


def _not_found(target: Target) -> tuple[str, str, str, str]:
    """The command is nowhere."""
    program = PurePath(target.command)
    whole = " ".join((target.command, *target.args))
    where = "no such file" if len(program.parts) > 1 else f"no {program.name} in PATH"
    return (
        f"{program.name} was not found",
        "",
        f"{target.name} starts with {_cut(whole)}, and there is {where}.",
        "Choose where it is, or install it. A desktop application may have a shorter PATH than your terminal.",
    )


def _cut(text: str, limit: int = 120) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _words(
    target: Target, problem: Exception, noise: Sequence[str], tail: Sequence[str], was_ready: bool
) -> tuple[str, str, str, str]:
    name = target.name
    if isinstance(problem, TransportClosed):
        return _ended(name, problem, noise, tail, was_ready)
    if isinstance(problem, HttpStatusError):
        return _http(target, problem)
    if isinstance(problem, RequestTimeout):
        return _silent(target, problem, noise)
    if isinstance(problem, NoCommonVersion):
        ours = f"{problem.ours[0]} to {problem.ours[-1]}"
        theirs = ", ".join(problem.theirs) or "it names none"
        return "No common protocol version", "", f"Server: {theirs}. Wireglass: {ours}.", problem.next_step
    if isinstance(problem, OlderTransport):
        return (
            "This address speaks the older SSE transport",
            "",
            "Connect that way? It still works, but is deprecated.",
            "Whoever runs the server can offer Streamable HTTP at the same address.",
        )
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
        step = problem.next_step or "Sign in again."
        if problem.step == "token":  # its first sentence says what, the rest why
            what, _, why = problem.message.partition(". ")
            return what.rstrip("."), where, why, step
        return f"Signing in to {name} failed", where, problem.message, step
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


_STDERR, _STDOUT = "Last lines of stderr", "What it wrote to stdout"
_NOISE = "It wrote text to stdout that is no message. On stdio, stdout belongs to the protocol."
_NOISE_STEP = "Print to stderr instead: print(…, file=sys.stderr), or use ctx.info."


def _silent(target: Target, problem: RequestTimeout, noise: Sequence[str]) -> tuple[str, str, str, str]:
    title = f"No answer from {target.name} for {problem.seconds:g} s"
    if noise and target.kind == "stdio":
        return title, problem.method, _NOISE, _NOISE_STEP
    return (
        title,
        problem.method,
        f"The server takes connections but has not answered {problem.method}."
        if target.kind != "stdio"
        else f"The process runs but has not answered {problem.method}.",
        "Give it a longer start time-out in the connect dialog, or look at the server's log.",
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
    if problem.status == 401 and (audience := _other_audience(target)):
        why = f"Audience is {', '.join(audience)}, this server is {target.url}."
        return "The token is for another server", fact, why, "Give a token for this server, or sign in in the browser."
    if _wants_password(problem):
        sent = any(name.lower() == "authorization" and value[:6].lower() == "basic " for name, value in target.headers)
        title = "The server did not take this name and password" if sent else "The server wants a name and a password"
        why = f"{target.url} asks for Basic authentication: no page in a browser leads to it."
        return title, fact, why, "Give both in the connect dialog: Sign-in, Password."
    if problem.status in (401, 403):
        return "The server wants a sign-in", fact, problem.message, problem.next_step or "Add an Authorization header."
    if problem.status in (404, 405):
        return (
            "There is no MCP endpoint at this address",
            fact,
            problem.message,
            problem.next_step or "Check the path, or try the older SSE transport in the connect dialog.",
        )
    if problem.status < 300:
        return "This address answers, but not as an MCP server", fact, problem.message, problem.next_step
    if problem.status < 400:
        return "This address leads to another one", fact, problem.message, problem.next_step
    return f"{target.name} answered with an HTTP error", fact, problem.message, problem.next_step


def _wants_password(problem: HttpStatusError) -> bool:
    from wireglass.auth.challenges import wants_password

    return problem.status == 401 and wants_password([problem.headers.get("www-authenticate", "")])


def _other_audience(target: Target) -> tuple[str, ...]:
    """For whom a token that somebody gave says it is, when that is not this server."""
    from wireglass.auth.addresses import covers
    from wireglass.auth.token_facts import audience_of

    given = next((value for name, value in target.headers if name.lower() == "authorization"), "")
    audience = audience_of(given.rpartition(" ")[2])
    return () if any(covers(one, target.url) for one in audience) else audience
