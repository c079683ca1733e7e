"""What happened in a call, as text for a bug report: outcome, what its schema forbids, versions, frames. Pure."""

import json
from collections.abc import Iterable
from typing import Any

from wireglass import __version__
from wireglass.client.opening import ConnectionFacts
from wireglass.recording.entries import Entry
from wireglass_app.calls import Call
from wireglass_app.dossier.words import verdict
from wireglass_app.plain import count

__all__ = ["report", "versions"]

_LONGEST = 20_000
"""Characters of one frame, or of a schema, that a report carries."""


def versions(facts: ConnectionFacts | None) -> str:
    """ "Wireglass 1.0 · MCP 2025-11-25 · desk 1.2"; what the server did not tell is left out."""
    info = facts.server_info if facts is not None else {}
    server = " ".join(str(info[key]) for key in ("name", "version") if info.get(key))
    spoken = f"MCP {facts.version}" if facts is not None else ""
    return " · ".join(part for part in (f"Wireglass {__version__}", spoken, server) if part)


def report(call: Call, entries: Iterable[Entry], facts: ConnectionFacts | None = None, schema: Any = None) -> str:
    """What happened, with the call's frames. `schema` is what the tool says that its results are like."""
    words = verdict(call)
    lines = [f"{call.method} {call.name}: {words.title} {words.fact}".strip(), words.text, versions(facts), ""]
    if call.verdicts:
        lines += ["Result does not match its schema."]
        lines += [f"{one.path or 'The whole result'} ({one.keyword}): {one.message}" for one in call.verdicts]
        if schema is not None:
            lines += ["", "Output schema:", _cut(json.dumps(schema, ensure_ascii=False))]
        lines += ["", "Frames:"]
    lines += [f"{'->' if entry.sender == 'client' else '<-'} {_frame(entry)}" for entry in entries]
    return "\n".join(lines)


def _frame(entry: Entry) -> str:
    try:
        return _cut(entry.raw)
    except LookupError:
        return "(the recording no longer has its text)"


def _cut(text: str) -> str:
    left = len(text) - _LONGEST
    return text if left <= 0 else f"{text[:_LONGEST]}… and {count(left)} more characters"
