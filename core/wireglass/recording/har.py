"""HTTP exchanges as a HAR 1.2 file (HTTP Archive), which browsers and proxies read; secrets masked. Pure but for
`write_har`.

Bodies are the messages that crossed: what a server sent that is no message is not in a recording. Members of ours begin
with an underscore, as the format asks for.
"""

from collections.abc import Generator, Iterable, Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final, Protocol
from urllib.parse import parse_qsl, urlsplit

from wireglass.protocol.messages import HttpFacts, JsonObject, as_object
from wireglass.recording.entries import Entry
from wireglass.recording.events import SessionEvent
from wireglass.recording.export import as_line, masked_text, write_parts
from wireglass.recording.ledger import Ledger
from wireglass.recording.masking import Masker

__all__ = ["HarSource", "as_har_entry", "write_har"]

_STREAM: Final = "text/event-stream"


class HarSource(Protocol):
    """One HTTP exchange: when (nanoseconds on the frames' clock), its facts, the numbers of its frames, and what was
    told of it when it was over."""

    @property
    def first_ns(self) -> int: ...
    @property
    def last_ns(self) -> int: ...
    @property
    def facts(self) -> HttpFacts: ...
    @property
    def seqs(self) -> Sequence[int]: ...
    @property
    def event(self) -> SessionEvent | None: ...


def as_har_entry(ledger: Ledger, source: HarSource, masker: Masker, server: str = "") -> JsonObject:
    """An exchange as an entry of a HAR log. A frame that the recording no longer has is left out of its body."""
    facts = masker.http(source.facts)
    told: JsonObject = source.event.facts if source.event is not None else {}
    frames = [found for seq in source.seqs if (found := _entry(ledger, seq)) is not None]
    timings = _timings(source, told)
    at = datetime.fromtimestamp(ledger.wall_time_ns(source.first_ns) / 1e9, UTC)
    error = told.get("error")
    entry: JsonObject = {
        "startedDateTime": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "time": round(sum(value for name, value in timings.items() if value > 0 and name != "ssl"), 3),
        "request": _request(facts, told, frames, masker),
        "response": _response(facts, told, frames, masker),
        "cache": {},
        "timings": timings,
        "_server": masker.word(server),
        "_methods": list(dict.fromkeys(one.method for one in frames if one.method)),
        "_frames": list(source.seqs),
    }
    if isinstance(error, str) and error:
        entry["comment"] = masker.text(error)
    return entry


def write_har(
    ledger: Ledger, sources: Iterable[tuple[HarSource, str]], path: Path, masker: Masker
) -> Generator[int, None, int]:
    """Writes exchanges, each with the name of its server, in the order given.

    Yields how many were written so far, every few milliseconds; the generator's value is their number. The file takes
    its name when it is complete. Raises ArchiveError.
    """
    from wireglass import __version__

    creator = as_line({"name": "Wireglass", "version": __version__})
    entries = (as_line(as_har_entry(ledger, source, masker, server)) for source, server in sources)
    before = f'{{"log":{{"version":"1.2","creator":{creator},"entries":[\n'
    return (yield from write_parts(path, "requests", entries, before=before, between=",\n", after="\n]}}\n"))


def _entry(ledger: Ledger, seq: int) -> Entry | None:
    try:
        entry = ledger.entry(seq)
        _ = entry.raw
    except LookupError:
        return None
    return entry


def _request(facts: HttpFacts, told: JsonObject, frames: Sequence[Entry], masker: Masker) -> JsonObject:
    sent = [one for one in frames if one.sender == "client"]
    body = "\n".join(masked_text(one, masker) for one in sent)
    found: JsonObject = {
        "method": facts.verb,
        "url": facts.url,
        "httpVersion": str(told.get("httpVersion") or "unknown"),
        "cookies": [],
        "headers": _headers(facts.request_headers),
        "queryString": [
            {"name": name, "value": value}
            for name, value in parse_qsl(urlsplit(facts.url).query, keep_blank_values=True)
        ],
        "headersSize": -1,
        "bodySize": _octets(told.get("sent"), sent),
    }
    if body:
        found["postData"] = {
            "mimeType": _header(facts.request_headers, "content-type") or "application/json",
            "text": body,
        }
    return found


def _response(facts: HttpFacts, told: JsonObject, frames: Sequence[Entry], masker: Masker) -> JsonObject:
    got = [one for one in frames if one.sender == "server"]
    kind = _header(facts.response_headers, "content-type")
    size = _octets(told.get("received"), got)
    content: JsonObject = {"size": size, "mimeType": kind}
    if got:
        parts = [_event(one, masker) if kind.startswith(_STREAM) else masked_text(one, masker) for one in got]
        content["text"] = "".join(parts) if kind.startswith(_STREAM) else "\n".join(parts)
    return {
        "status": facts.status or 0,
        "statusText": _phrase(facts.status),
        "httpVersion": str(told.get("httpVersion") or "unknown"),
        "cookies": [],
        "headers": _headers(facts.response_headers),
        "content": content,
        "redirectURL": _header(facts.response_headers, "location"),
        "headersSize": -1,
        "bodySize": size if facts.status is not None else -1,
    }


def _event(entry: Entry, masker: Masker) -> str:
    """A message as it stands in an event stream."""
    id = entry.http.event_id if entry.http is not None else None
    head = f"id: {masker.text(id)}\n" if id else ""
    lines = "".join(f"data: {line}\n" for line in masked_text(entry, masker).split("\n"))
    return f"{head}event: message\n{lines}\n"


def _timings(source: HarSource, told: JsonObject) -> dict[str, float]:
    """Milliseconds; -1 where a phase did not happen or was not told. `connect` holds `ssl`, as the format wants it."""
    phases = {name: value / 1e6 for name, value in as_object(told.get("phases")).items() if isinstance(value, int)}
    whole = max(0.0, (source.last_ns - source.first_ns) / 1e6)
    found = {"blocked": -1.0, "dns": -1.0, "connect": -1.0, "ssl": -1.0, "send": 0.0, "wait": whole, "receive": 0.0}
    ready = 0.0
    if "connect" in phases and "connected" in phases:
        ready = phases.get("secured", phases["connected"])
        found |= {"blocked": phases["connect"], "connect": ready - phases["connect"]}
        if "secure" in phases and "secured" in phases:
            found["ssl"] = phases["secured"] - phases["secure"]
    if "sent" in phases:
        head = phases.get("head", whole)
        found |= {"send": phases["sent"] - ready, "wait": head - phases["sent"], "receive": whole - head}
    else:
        found["wait"] = whole - ready
    return {name: round(value if value == -1 else max(0.0, value), 3) for name, value in found.items()}


def _headers(headers: Iterable[tuple[str, str]]) -> list[JsonObject]:
    return [{"name": name, "value": value} for name, value in headers]


def _header(headers: Iterable[tuple[str, str]], wanted: str) -> str:
    return next((value for name, value in headers if name.lower() == wanted), "")


def _octets(told: Any, frames: Sequence[Entry]) -> int:
    return told if type(told) is int else sum(one.size for one in frames)


def _phrase(status: int | None) -> str:
    if status is None:
        return ""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""
