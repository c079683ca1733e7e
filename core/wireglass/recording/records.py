"""The records of a `.wglass` file: lines of JSON, and what they mean. Described in resources/docs/session-file.md."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from pydantic_core import from_json, to_json

from wireglass.errors import WireglassError
from wireglass.protocol.messages import Frame, HttpFacts, JsonObject, as_object, is_object
from wireglass.recording.events import EVENT_KINDS, SessionEvent
from wireglass.recording.masking import Masker
from wireglass.recording.store import Stored
from wireglass.recording.sweeping import LONG, pieces

__all__ = [
    "FORMAT",
    "ArchiveError",
    "Note",
    "event_of",
    "event_record",
    "frame_of",
    "frame_record",
    "header_record",
    "masked_parts",
    "note_of",
    "note_record",
    "stored_of",
    "to_line",
    "to_parts",
    "whole",
]

FORMAT: Final = 1
"""Raised when an old reader would show something wrong; new kinds of records do not raise it."""


class ArchiveError(WireglassError):
    """A file that is no recorded session, or cannot be read or written."""


@dataclass(frozen=True, slots=True)
class Note:
    """Something that the user wrote to a session."""

    text: str
    at_ns: int = 0
    """On the frames' clock."""
    frame: int | None = None
    """The frame it is about."""


def header_record(*, wall_ns: int, clock_ns: int, application: str) -> JsonObject:
    """The first line of a file. The two times are one moment: since 1970 (UTC) and on the frames' clock."""
    created = datetime.fromtimestamp(wall_ns / 1e9, UTC).isoformat(timespec="milliseconds")
    return {
        "wireglass": "session",
        "format": FORMAT,
        "created": created,
        "wall_ns": wall_ns,
        "clock_ns": clock_ns,
        "application": application,
    }


def frame_record(frame: Frame, connection: str, masker: Masker) -> JsonObject:
    """A frame as one line, masked. Members that say nothing are left out."""
    place, channel = masker.word(connection), masker.word(frame.channel)
    record: JsonObject = {"frame": place, "from": frame.sender, "channel": channel, "at": frame.at_ns}
    if frame.queued_ns is not None:
        record["queued"] = frame.queued_ns
    if frame.first_byte_ns is not None:
        record["first_byte"] = frame.first_byte_ns
    if frame.error is not None:
        record["error"] = masker.text(frame.error)
    record["raw"] = masker.text(frame.raw)
    if frame.http is not None:
        record["http"] = _http_record(masker.http(frame.http))
    return record


def _http_record(facts: HttpFacts) -> JsonObject:
    return {
        "verb": facts.verb,
        "url": facts.url,
        "status": facts.status,
        "request_headers": facts.request_headers,
        "response_headers": facts.response_headers,
        "event_id": facts.event_id,
    }


_MEMBER: Final = 16
"""Characters that a member of a list or object counts as."""


def to_line(record: Any) -> bytes:
    """A record as a line. Lone surrogates, which JSON text can hold and UTF-8 cannot, become U+FFFD."""
    try:
        return to_json(record) + b"\n"
    except ValueError:
        return to_json(_without_surrogates(record)) + b"\n"


def to_parts(record: JsonObject) -> Iterator[bytes]:
    """The same line in parts, for one that may be long: 50 MB in one go would keep other threads waiting."""
    yield from _parts(record)
    yield b"\n"


def _parts(value: Any) -> Iterator[bytes]:
    if isinstance(value, str) and len(value) >= LONG:
        yield b'"'
        for piece in pieces(value):
            yield to_line(piece)[1:-2]
        yield b'"'
    elif not isinstance(value, (dict, list, tuple)) or _is_light(value):
        yield to_line(value)[:-1]
    elif isinstance(value, dict):
        for number, (name, one) in enumerate(value.items()):
            yield b"," if number else b"{"
            yield from _parts(name)
            yield b":"
            yield from _parts(one)
        yield b"}"
    else:
        for number, one in enumerate(value):
            yield b"," if number else b"["
            yield from _parts(one)
        yield b"]"


def _is_light(value: Any) -> bool:
    """Whether a value is a matter of a millisecond; looks at no more of it than that."""
    weight, todo = 0, [value]
    while todo:
        one = todo.pop()
        weight += len(one) if isinstance(one, str) else _MEMBER
        if isinstance(one, (dict, list, tuple)):
            weight += len(one) * _MEMBER
            if weight < LONG:
                todo += one
                todo += one.values() if isinstance(one, dict) else ()
        if weight >= LONG:
            return False
    return True


def _without_surrogates(value: Any) -> Any:
    match value:
        case str():
            return value.encode("utf-8", "replace").decode()
        case dict():
            return {_without_surrogates(key): _without_surrogates(one) for key, one in value.items()}
        case list() | tuple():
            return [_without_surrogates(one) for one in value]
        case _:
            return value


_MOST = 1 << 62


def stored_of(record: JsonObject) -> Stored:
    """What a store keeps of the frame of a record, nothing parsed. Raises ValueError when there is none."""
    raw = record.get("raw")
    if not isinstance(raw, str):
        raise ValueError("a frame without raw")
    return Stored(raw, _http_facts(record.get("http")))


def frame_of(record: JsonObject) -> tuple[Frame, str]:
    """The frame of a record. Raises ValueError when it is none."""
    raw, sender, at = record.get("raw"), record.get("from"), whole(record.get("at"))
    if not isinstance(raw, str) or at is None or sender not in ("client", "server"):
        raise ValueError("a frame without raw, from or at")
    error = record.get("error")
    message = None
    with contextlib.suppress(ValueError):
        message = from_json(raw)
    frame = Frame(
        sender=sender,
        channel=str(record.get("channel", "")),
        raw=raw,
        message=message,
        at_ns=at,
        error=error if isinstance(error, str) else None,
        queued_ns=whole(record.get("queued")),
        first_byte_ns=whole(record.get("first_byte")),
        http=_http_facts(record.get("http")),
    )
    return frame, str(record["frame"])


def whole(value: Any) -> int | None:
    """A whole number that columns and clocks can hold, also the difference of two; or None for anything else."""
    return value if type(value) is int and -_MOST < value < _MOST else None


def _http_facts(value: Any) -> HttpFacts | None:
    if not is_object(value):
        return None
    event_id = value.get("event_id")
    return HttpFacts(
        verb=str(value.get("verb", "")),
        url=str(value.get("url", "")),
        status=whole(value.get("status")),
        request_headers=_headers(value.get("request_headers")),
        response_headers=_headers(value.get("response_headers")),
        event_id=event_id if isinstance(event_id, str) else None,
    )


def _headers(value: Any) -> tuple[tuple[str, str], ...]:
    if not isinstance(value, list):
        return ()
    return tuple((str(pair[0]), str(pair[1])) for pair in value if isinstance(pair, list) and len(pair) == 2)


def masked_parts(record: JsonObject, masker: Masker) -> list[bytes]:
    """A record as a masked line, in parts if it is long."""
    line = masker.text("".join([part.decode() for part in to_parts(record)]))
    return [part.encode() for part in pieces(line)]


def note_record(note: Note, *, first: int = 0) -> JsonObject:
    """A note as a record. In a file frames count from 0: `first` is the number of its first frame."""
    about = None if note.frame is None or note.frame < first else note.frame - first
    return {"note": note.text, "at": note.at_ns, "frame_number": about}


def note_of(record: JsonObject) -> Note:
    """The note of a record."""
    return Note(str(record["note"]), whole(record.get("at")) or 0, whole(record.get("frame_number")))


def event_record(event: SessionEvent) -> JsonObject:
    """An event as a record. Members that say nothing are left out."""
    record: JsonObject = {"event": event.connection, "kind": event.kind, "at": event.at_ns}
    if event.until_ns is not None:
        record["until"] = event.until_ns
    if event.text:
        record["text"] = event.text
    if event.facts:
        record["facts"] = event.facts
    return record


def event_of(record: JsonObject) -> SessionEvent | None:
    """The event of a record; None for a kind that this version does not know. Raises ValueError when it is none."""
    kind, at = record.get("kind"), whole(record.get("at"))
    if at is None or not isinstance(kind, str):
        raise ValueError("an event without kind or at")
    if kind not in EVENT_KINDS:
        return None
    return SessionEvent(
        connection=str(record["event"]),
        kind=kind,  # type: ignore[arg-type]  # compared with the kinds above
        at_ns=at,
        until_ns=whole(record.get("until")),
        text=str(record.get("text", "")),
        facts=as_object(record.get("facts")),
    )
