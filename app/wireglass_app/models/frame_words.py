"""What a frame is, how it turned out and how it was judged, in a few words each."""

from wireglass.recording.entries import Entry
from wireglass_app.plain import count, visible

__all__ = ["GAP_SPOKEN", "STATUS_INK", "judged", "message_parts", "message_text", "status_text", "verdict_text"]

GAP_SPOKEN = "After a gap: a server was gone or began anew."
"""What the dashed line above a row says to who listens."""


def message_text(entry: Entry) -> str:
    """What a frame is, in a few words: "result of tools/call quote_shipment"."""
    return " ".join(part for part in message_parts(entry) if part)


def message_parts(entry: Entry) -> tuple[str, str]:
    """The same in two: what crossed, and what it is about."""
    about = visible(entry.name, 120) if entry.name else ""
    method = visible(entry.method or "an unknown request", 80)
    match entry.kind:
        case "request" | "notification":
            return method, about
        case "result":
            return f"result of {method}", about
        case "error":
            return f"error for {method}", about
        case "batch":
            return "batch", ""
        case _:
            return f"not a message: {visible(entry.raw[:200], 120)}", ""


def status_text(entry: Entry) -> str:
    """How an answer turned out; empty for anything else."""
    exchange = entry.exchange
    if entry.note:
        return entry.note
    if entry.kind == "error":
        body = entry.message.get("error") if isinstance(entry.message, dict) else None
        code = body.get("code") if isinstance(body, dict) else None
        return f"error {visible(code, 20)}" if code is not None else "error"
    if entry.kind == "result" and exchange is not None:
        return "complete" if exchange.status == "ok" else exchange.status
    if entry.kind == "request" and exchange is not None and exchange.status in ("open", "cancelled"):
        return exchange.status
    return ""


STATUS_INK = {
    "error": "bad.text",
    "tool": "bad.text",
    "input": "human.text",
    "second": "warn.text",
    "answer": "warn.text",
}


def judged(entry: Entry) -> str:
    if entry.violations:
        return "fail" if any(one.severity == "error" for one in entry.violations) else "warn"
    return "fail" if entry.kind == "broken" else "ok"


def verdict_text(entry: Entry) -> str:
    """The schema column: a tick, or how many violations, with a sign of their weight."""
    found = entry.violations
    if not found:
        return "\u2297 not JSON-RPC" if entry.kind == "broken" else "\u2713"
    sign, word = ("\u2297", "violation") if judged(entry) == "fail" else ("\u25b3", "warning")
    return f"{sign} {count(len(found))} {word}{'' if len(found) == 1 else 's'}"
