"""How questions are called: titles, one-line facts, ages, what came of them. Words only."""

from typing import Any

from wireglass_app.inbox.address import read_address
from wireglass_app.moments import clock
from wireglass_app.plain import visible
from wireglass_app.questions import Question

__all__ = [
    "NOTIFY_SETTING",
    "age_text",
    "clock_text",
    "icon_of",
    "kind_word",
    "left_text",
    "outcome_text",
    "subtitle_of",
    "title_of",
    "who_asks",
]

NOTIFY_SETTING = "inbox.notify"
"""Whether the system tells of questions too."""
_TITLE = 70


def kind_word(question: Question) -> str:
    """ "form", "URL", "sampling" or "roots"."""
    if question.kind != "elicitation":
        return question.kind
    return "URL" if question.is_url else "form"


def icon_of(question: Question) -> str:
    """The icon of the kind."""
    return {"form": "person", "URL": "globe", "sampling": "spark", "roots": "folder"}[kind_word(question)]


def title_of(question: Question) -> str:
    """A line to know the question by: the schema's title, or the first sentence of what the server says."""
    if question.is_url:
        address = read_address(str(question.params.get("url", "")))
        return f"Open {visible(address.shown_host or 'a page', 60)}"
    if question.kind == "roots":
        return "List roots"
    if question.kind == "sampling":
        return _first_sentence(_last_text(question.params)) or "Write a reply"
    title = question.schema.get("title")
    return (
        visible(title, _TITLE) if isinstance(title, str) and title else _first_sentence(question.message) or "Asks you"
    )


def _first_sentence(text: str) -> str:
    line = visible(text, 400).strip()
    for end in (". ", "? ", "! ", ": "):
        head, found, _ = line.partition(end)
        if found and len(head) > 8:
            line = head + (end[0] if end[0] == "?" else "")
            break
    return line if len(line) <= _TITLE else _cut(line) + "…"


def _cut(line: str) -> str:
    """At the end of a word; inside one that is so long that little would be left without it."""
    whole_words = line[:_TITLE].rpartition(" ")[0]
    return whole_words if len(whole_words) > _TITLE // 2 else line[:_TITLE]


def _last_text(params: dict[str, Any]) -> str:
    messages = params.get("messages")
    for message in reversed(messages if isinstance(messages, list) else []):
        content = message.get("content") if isinstance(message, dict) else None
        for block in content if isinstance(content, list) else [content]:
            if isinstance(block, dict) and isinstance(block.get("text"), str):
                return block["text"]
    return ""


def subtitle_of(question: Question) -> str:
    """ "parcel-desk · cancel_shipment · run 24 · form"."""
    parts = [visible(question.session.name, 40)]
    if question.call is not None:
        parts += [visible(question.call.name, 40), f"run {question.call.number}"]
    if question.group.size > 1:
        parts.append(f"{question.group.place_of(question)} of {question.group.size}")
    if question.state == "automatic":
        parts.append(f"rule “{visible(question.rule, 30)}”")
    if question.state == "visiting":
        parts.append("page open")
    return " · ".join([*parts, kind_word(question)])


def who_asks(question: Question) -> str:
    """Who asks, for which call, and what happens meanwhile: a sentence or two. When it is over, who asked."""
    server = visible(question.session.name, 60)
    call = question.call
    during = f", during {visible(call.name, 60)} run {call.number}" if call is not None else ""
    if not question.open:
        return f"{server} asked{during}."
    if question.is_url:
        return f"{server} wants you to visit a page{during}. Wireglass has not opened or fetched it."
    if question.kind == "sampling":
        return f"{server} wants a model reply{during}. Nothing leaves this machine until you approve."
    return f"{server} asks{during}. The call waits until you answer."


def outcome_text(question: Question) -> str:
    """What came of it and by whom."""
    who = f" by {_who(question.by)}" if question.by else ""
    extra = "".join(f", {note}" for note in question.notes)
    what = question.call.name if question.call is not None else question.session.name
    words = {
        "answered": "Approved" if question.kind == "sampling" else "Accepted",
        "declined": "Refused" if question.kind == "sampling" else "Declined",
        "cancelled": "Dismissed",
    }
    if question.state == "withdrawn":
        return {
            "timeout": f"Cancelled: the call timed out after {_limit(question):g} s",
            "you": "Cancelled: you stopped the call",
        }.get(question.by, "Taken back by the server")
    if question.state == "gone":
        return "The server is gone"
    if question.state == "held":
        return f"Kept, sent with the rest of the group · {visible(what, 40)}"
    if question.by == "roots":
        return f"Answered from Roots · {visible(what, 40)}"
    if question.is_url and question.state == "answered":
        done = "page finished" if question.page_done else "page opened"
        return f"{done.capitalize()}{who} · {visible(what, 40)}"
    return f"{words.get(question.state, 'Waiting')}{who}{extra} · {visible(what, 40)}"


def _limit(question: Question) -> float:
    """Seconds that the call behind it had."""
    own = question.call.timeout if question.call is not None else None
    return own if own is not None else question.session.target.timeout


def _who(by: str) -> str:
    name = by.removeprefix("rule ")
    return f"rule “{visible(name, 60)}”" if by.startswith("rule ") else by


def left_text(seconds: float | None) -> str:
    """What is left of a time-out: "0:18 left"."""
    return "" if seconds is None else f"{age_text(seconds)} left"


def age_text(seconds: float) -> str:
    """1:42, or 1:02:03."""
    whole = int(seconds)
    hours, rest = divmod(whole, 3600)
    return f"{hours}:{rest // 60:02}:{rest % 60:02}" if hours else f"{rest // 60}:{rest % 60:02}"


def clock_text(at: float) -> str:
    """The local time of day."""
    return clock(at)[:5]
