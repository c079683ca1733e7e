"""Frames for other programs: one JSON object a line, secrets masked. Pure but for what writes."""

import json
from collections.abc import Generator, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from pydantic_core import from_json

from wireglass.protocol.messages import JsonObject
from wireglass.recording.entries import Entry
from wireglass.recording.ledger import Ledger
from wireglass.recording.masking import Masker
from wireglass.recording.records import ArchiveError

__all__ = ["as_line", "as_record", "exchange_of", "masked_text", "write_lines", "write_parts"]

_STEP: Final = 100
"""Frames that are written in one step: some milliseconds."""


def as_record(ledger: Ledger, entry: Entry, masker: Masker, server: str = "") -> JsonObject:
    """A frame as a JSON object: `frame` (its number), `at` (ISO 8601, UTC), `server`, `from`, `channel`, `id`,
    `method`, `name` and `status` where they are known, and the `message`, or its `text` and `error` when it is no JSON.

    Raises LookupError when the recording no longer has it.
    """
    at = datetime.fromtimestamp(ledger.wall_time_ns(entry.at_ns) / 1e9, UTC)
    exchange = entry.exchange
    facts: JsonObject = {
        "frame": entry.seq,
        "at": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "server": masker.word(server or entry.connection),
        "from": entry.sender,
        "channel": masker.word(entry.channel),
        "id": entry.id,
        "method": entry.method,
        "name": masker.text(entry.name),
        "status": exchange.status if exchange is not None and entry.kind in ("result", "error") else "",
        "violations": [f"{one.path}: {masker.about(one.path, one.message)}" for one in entry.violations],
    }
    record = {name: value for name, value in facts.items() if value not in (None, "", [])}
    raw = masked_text(entry, masker)
    message = _parsed(raw) if entry.error is None else None
    if message is None:
        record |= {"text": raw, "error": masker.text(entry.error or "not JSON")}
    else:
        record["message"] = message
    return record


def masked_text(entry: Entry, masker: Masker) -> str:
    """The exact text of a frame without its secrets. Raises LookupError likewise."""
    return masker.text(entry.raw)


def as_line(record: JsonObject) -> str:
    """A record as one line of JSON, without the line's end."""
    return json.dumps(record, ensure_ascii=False, separators=(",", ":"))


def exchange_of(entry: Entry) -> list[Entry]:
    """All frames of the call that a frame belongs to, of all its rounds, in order; the frame alone if it has none."""
    exchange = entry.exchange
    if exchange is None:
        return [entry]
    found = {one for each in exchange.rounds for one in each.entries} | {entry}
    return sorted(found, key=lambda one: one.seq)


def write_lines(
    ledger: Ledger, numbers: Iterable[int], path: Path, masker: Masker, servers: dict[str, str]
) -> Generator[int, None, int]:
    """Writes frames as lines of JSON; `servers` are names by connection. A frame that is gone is left out.

    Yields how many were written so far, every few milliseconds; the generator's value is their number. The file takes
    its name when it is complete. Raises ArchiveError.
    """

    def lines() -> Iterator[str]:
        for number in numbers:
            try:
                entry = ledger.entry(number)
                yield as_line(as_record(ledger, entry, masker, servers.get(entry.connection, ""))) + "\n"
            except LookupError:
                continue

    return (yield from write_parts(path, "frames", lines()))


def write_parts(
    path: Path, what: str, parts: Iterable[str], *, before: str = "", between: str = "", after: str = ""
) -> Generator[int, None, int]:
    """Writes texts one after the other, of which none is held for long; `what` names them in an error.

    Yields how many were written so far, every few milliseconds; the generator's value is their number. The file takes
    its name when it is complete. Raises ArchiveError.
    """
    beside = path.with_name(f".{path.name}.part")
    written = 0
    try:
        with beside.open("w", encoding="utf-8", errors="replace", newline="\n") as file:
            file.write(before)
            for part in parts:
                file.write(between + part if written else part)
                written += 1
                if written % _STEP == 0:
                    yield written
            file.write(after)
        beside.replace(path)
    except OSError as error:
        raise ArchiveError(
            f"The {what} could not be saved as {path.name}: {error.strerror or error}.",
            next_step="Choose another folder, or make room on the disk.",
        ) from error
    finally:
        beside.unlink(missing_ok=True)
    return written


def _parsed(text: str) -> Any:
    try:
        return from_json(text)
    except ValueError:
        return None
