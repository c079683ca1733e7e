"""How often a fault was seen: in how many of the frames of its kind, and where first. For a worker thread."""

from collections.abc import Iterator

from wireglass.protocol.conformance import Violation
from wireglass.recording.entries import Entry
from wireglass.recording.ledger import Ledger
from wireglass_app.plain import count, visible

__all__ = ["seen"]

_STEP = 5_000


def seen(ledger: Ledger, entry: Entry, violation: Violation) -> Iterator[str]:
    """Yields "" after every few thousand frames, at last words like "1 of 9 results of create_label"."""
    kind, method, name = entry.kind, entry.method, entry.name
    total = 0
    faulty: list[int] = []
    for at, seq in enumerate(range(ledger.columns.first, ledger.columns.first + len(ledger.entries))):
        if at % _STEP == _STEP - 1:
            yield ""
        try:
            other = ledger.entry(seq)
            if other.kind != kind or other.method != method or other.name != name:
                continue
        except LookupError:  # forgotten meanwhile
            continue
        total += 1
        if any(one.rule == violation.rule and one.definition == violation.definition for one in other.violations):
            faulty.append(seq)
    about = visible(name or method or "unknown", 60)
    plural = "" if total == 1 else "s"
    first = f", first in frame {faulty[0]}" if faulty and faulty[0] != entry.seq else ""
    what = f"{kind}{plural} of {about}" if kind != "broken" else "line that is" if total == 1 else "lines that are"
    yield f"{count(len(faulty))} of {count(total)} {what}{' no message' if kind == 'broken' else ''}{first}"
