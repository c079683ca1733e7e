"""Where the code or the rule behind a frame is: the line of a local server's file, the page of the specification."""

import re
from pathlib import Path

from wireglass.launch.find import split_spec
from wireglass.protocol.conformance import Violation
from wireglass.recording.entries import Entry
from wireglass_app.plain import visible

__all__ = ["line_of", "lines_around", "rule_page"]

_LIMIT = 2_000_000


def line_of(entry: Entry, spec: str) -> tuple[Path, int] | None:
    """File and line of what a frame is about, in a server that was opened from a file; None when it is not found.

    The file is read as text: a function of the name, else the place where the name is given to a decorator.
    """
    exchange = entry.exchange
    name = entry.name or (exchange.name if exchange is not None else "")
    path = split_spec(spec)[0] if spec else None
    if not name or path is None:
        return None
    try:
        text = path.read_text(encoding="utf-8") if path.stat().st_size < _LIMIT else ""
    except (OSError, UnicodeDecodeError):
        return None
    exact = re.escape(name)
    for pattern in (rf"^[ \t]*(?:async[ \t]+)?def[ \t]+{exact}\b", rf"[\"']{exact}[\"']"):
        found = re.search(pattern, text, re.MULTILINE)
        if found:
            return path, text.count("\n", 0, found.start()) + 1
    return None


def lines_around(place: tuple[Path, int], around: int = 2) -> tuple[int, list[str]] | None:
    """The number of the first line and the lines around a place, to look at; None when the file cannot be read now."""
    path, line = place
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError):
        return None
    first = max(0, line - 1 - around)
    return first + 1, [visible(one, 200, lines=True) for one in lines[first : line + around]]


def rule_page(violation: Violation) -> str:
    """The page of the specification that says the rule; empty when the violation names no revision."""
    if not violation.revision:
        return ""
    anchor = f"#{violation.definition.lower()}" if violation.definition else ""
    return f"https://modelcontextprotocol.io/specification/{violation.revision}/schema{anchor}"
