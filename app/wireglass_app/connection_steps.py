"""The check list of a connection: what was tried, what came back, and which step failed."""

from typing import TYPE_CHECKING, Any

from wireglass.recording.entries import Entry
from wireglass_app.calls import Step, Target
from wireglass_app.plain import short_duration

if TYPE_CHECKING:
    from wireglass.doctor.connection import Check

__all__ = ["first_steps", "note_frame", "note_program", "step_of"]


def first_steps(target: Target) -> list[Step]:
    """What is on the list before anything has crossed the wire."""
    if target.kind == "stdio":
        return [Step(f"Command {target.command}")]
    return [Step(f"Connecting to {target.url}", "ok")]


def note_program(steps: list[Step], path: str | None) -> None:
    """Whether the command of the first step was found."""
    step = steps[0]
    step.state = "ok" if path else "failed"
    step.detail = path or "not in PATH"
    if not path:
        step.remedy = "Install it, or write its whole path in the connect dialog."


def note_frame(steps: list[Step], entry: Entry, *, stdio: bool) -> bool:
    """Adds what a frame tells while connecting. True when the list changed."""
    if stdio:
        _note_start(steps, entry)
    running = next((step for step in steps if step.state == "running"), None)
    if entry.kind == "request" and entry.sender == "client":
        if running is None or not entry.method.endswith("/list"):
            steps.append(Step(f"{entry.method} sent, waiting for an answer"))
    elif entry.kind in ("result", "error") and running is not None:
        refused = entry.kind == "error"
        running.state = "skipped" if refused else "ok"
        running.text = running.text.split(" ")[0] + (" was refused, trying the next way" if refused else " answered")
    elif entry.kind == "broken":
        steps.append(Step("Text on stdout that is no message", "failed", entry.raw[:200]))
    else:
        return False
    return True


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


def step_of(check: "Check") -> Step:
    """One line of the check list for a `doctor.connection.Check`."""
    state: Any = "ok" if check.state == "warn" else check.state
    timed = check.milliseconds if check.step in ("dns", "tcp", "tls", "http") and state == "ok" else None
    parts = (check.detail, "" if timed is None else short_duration(timed))
    return Step(check.title, state, " · ".join(part for part in parts if part), check.remedy, check=True)
