"""Cuts bytes into messages and back: newline-delimited JSON (stdio) and server-sent events (HTTP). Incremental.

Both decoders take any split of the input and never raise on it. `parse` turns the bytes of one message into text
and a JSON value; what is not JSON comes back with a sentence instead.
"""

import re
from typing import Any, Final, NamedTuple

from pydantic_core import SchemaSerializer, from_json

from wireglass.records import record

__all__ = [
    "LARGE",
    "MAX_MESSAGE_BYTES",
    "LineDecoder",
    "Parsed",
    "SseDecoder",
    "SseEvent",
    "answered_id",
    "dump",
    "encode_comment",
    "encode_event",
    "parse",
]

MAX_MESSAGE_BYTES: Final = 256 * 1024 * 1024
"""Longest line or event kept. Large enough for any file in Base64; it only stops a peer that never ends a line."""

LARGE: Final = 1_000_000
"""Bytes from which a message is parsed in pieces, so that the other threads of the process keep running."""

_HEAD: Final = 512
"""Bytes kept of a line that is too long."""

_ANSWER_HEAD: Final = (
    r'\s*\{\s*(?:"jsonrpc"\s*:\s*"2\.0"\s*,\s*)?"id"\s*:\s*'
    r'(-?\d{1,18}|"(?:[^"\\]|\\.){0,200}")\s*,\s*"(?:result|error)"'
)


class Parsed(NamedTuple):
    """The bytes of one message: `raw` as text, and either the JSON `value` or an `error` in words."""

    raw: str
    value: Any
    error: str | None


def parse(data: bytes | bytearray) -> Parsed:
    """Reads one JSON value. Bytes that are not UTF-8 become backslash escapes in `raw`, and an error."""
    try:
        raw = data.decode()
    except UnicodeDecodeError as error:
        return Parsed(data.decode(errors="backslashreplace"), None, f"This is not UTF-8 text (byte {error.start + 1}).")
    if len(data) > LARGE:
        from wireglass.protocol import piecewise

        try:
            return Parsed(raw, piecewise.load(raw), None)
        except (ValueError, RecursionError):
            pass  # the parser below finds the words
    try:
        return Parsed(raw, from_json(data, allow_inf_nan=False), None)
    except ValueError as error:
        if "recursion limit" in str(error):
            return Parsed(raw, None, f"This JSON is nested too deeply ({str(error).partition(' at ')[2]}).")
        return Parsed(raw, None, f"This is not JSON: {error}.")


def answered_id(raw: str) -> str | int | None:
    """The request that a text which is not JSON was begun as an answer to, so that nobody waits for it in vain.

    Only the usual order of members is known: version, id, then result or error.
    """
    match = re.match(_ANSWER_HEAD, raw)  # compiled when it is first used, and remembered by `re`
    if match is None:
        return None
    try:
        return from_json(match[1])
    except ValueError:
        return None


_ANY: Final = SchemaSerializer({"type": "any"}, {"ser_json_inf_nan": "null"})
"""As `pydantic_core.to_json`, but it remembers how long the last message was: a long one is not copied again and again
while it grows, which halves the time that 10 MB take."""


def dump(message: Any) -> bytes:
    """A JSON value as compact UTF-8 without raw newlines. NaN and infinities, which JSON lacks, become null.

    Raises ValueError (pydantic's) for values that JSON cannot hold.
    """
    return _ANY.to_json(message)


class LineDecoder:
    """Newline-delimited messages. Accepts `\\r\\n`, skips blank lines and a leading byte order mark."""

    def __init__(self, limit: int = MAX_MESSAGE_BYTES) -> None:
        self._limit = limit
        self._parts: list[bytes] = []
        self._size = 0
        self._skipping = False
        self.oversized = 0
        """How many lines were dropped because they were longer than the limit."""
        self.head = b""
        """How the last of them began: enough to know which request it answered."""

    def feed(self, data: bytes) -> list[bytes]:
        """The lines that `data` completes, without line ends."""
        if b"\n" not in data:
            self._keep(data)
            return []
        if self._parts or self._skipping:
            head, _, data = data.partition(b"\n")
            self._keep(head)
            lines = self._take()
        else:
            lines = []
        *whole, rest = data.split(b"\n")
        lines += [line for text in whole if (line := text if text[:1] == b"{" and text[-1:] == b"}" else _clean(text))]
        if rest:
            self._keep(rest)
        return lines

    def close(self) -> list[bytes]:
        """The last line if it lacks its line end."""
        return self._take()

    def _keep(self, part: bytes) -> None:
        if self._skipping:
            return
        self._parts.append(part)
        self._size += len(part)
        if self._size > self._limit:
            self.head = _clean(b"".join(self._parts)[:_HEAD])
            self._parts.clear()
            self._skipping = True
            self.oversized += 1

    def _take(self) -> list[bytes]:
        line = _clean(b"".join(self._parts))
        self._parts.clear()
        self._size = 0
        self._skipping = False
        return [line] if line else []


def _clean(line: bytes) -> bytes:
    """The line as it was written, indented tracebacks and stray output included; nothing of a blank one."""
    line = line.removesuffix(b"\r").removeprefix(b"\xef\xbb\xbf")
    return b"" if line.isspace() else line


@record(frozen=True)
class SseEvent:
    """One event. `id` is None when the event carries none; `retry` is in milliseconds."""

    data: bytes
    event: str = "message"
    id: str | None = None
    retry: int | None = None


class SseDecoder:
    """Server-sent events (WHATWG HTML, section 9.2.6), as bytes in and events out. Comments are dropped.

    Unlike a browser it also yields events without data when they carry an id or a retry: 2025-11-25 primes
    streams with them.
    """

    def __init__(self, limit: int = MAX_MESSAGE_BYTES) -> None:
        self._limit = limit
        self._buffer = bytearray()
        self._scanned = 0
        self._started = False
        self._reset()
        self.oversized = 0
        """How many events were dropped because they were longer than the limit."""

    def _reset(self) -> None:
        self._data: list[bytes] = []
        self._size = 0
        self._event = ""
        self._id: str | None = None
        self._retry: int | None = None
        self._touched = False

    def feed(self, data: bytes) -> list[SseEvent]:
        """The events that `data` completes."""
        self._buffer += data
        events: list[SseEvent] = []
        while (line := self._line()) is not None:
            if line:
                self._field(line)
            elif (event := self._finish()) is not None:
                events.append(event)
        if len(self._buffer) > self._limit:
            self._buffer.clear()
            self._scanned = 0
            self.oversized += 1
        return events

    def _line(self) -> bytes | None:
        """The next line, ended by LF, CRLF or CR. A CR at the very end waits: an LF may follow."""
        buffer = self._buffer
        newline = buffer.find(b"\n", self._scanned)
        end = len(buffer) if newline < 0 else newline
        carriage = buffer.find(b"\r", self._scanned, end)
        if carriage >= 0:
            if carriage + 1 == len(buffer):
                self._scanned = carriage
                return None
            cut, after = carriage, carriage + (2 if buffer[carriage + 1] == 0x0A else 1)
        elif newline >= 0:
            cut, after = newline, newline + 1
        else:
            self._scanned = len(buffer)
            return None
        line = bytes(buffer[:cut])
        del buffer[:after]
        self._scanned = 0
        if not self._started:
            self._started = True
            line = line.removeprefix(b"\xef\xbb\xbf")
        return line

    def _field(self, line: bytes) -> None:
        name, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if name == b"data":
            self._size += len(value)
            if self._size <= self._limit:
                self._data.append(value)
            self._touched = True
        elif name == b"event":
            self._event = value.decode(errors="replace")
        elif name == b"id" and b"\0" not in value:
            self._id = value.decode(errors="replace")
            self._touched = True
        elif name == b"retry" and value.isdigit() and len(value) < 10:
            self._retry = int(value)
            self._touched = True

    def _finish(self) -> SseEvent | None:
        event: SseEvent | None = None
        if self._size > self._limit:
            self.oversized += 1
        elif self._touched:
            event = SseEvent(b"\n".join(self._data), self._event or "message", self._id, self._retry)
        self._reset()
        return event


def encode_event(data: bytes, *, event: str | None = None, id: str | None = None, retry: int | None = None) -> bytes:
    """One event on the wire. `data` must not hold a carriage return; newlines become several `data` fields."""
    lines: list[bytes] = []
    if event is not None:
        lines.append(b"event: " + event.encode())
    if id is not None:
        lines.append(b"id: " + id.encode())
    if retry is not None:
        lines.append(b"retry: %d" % retry)
    lines += [b"data: " + part for part in data.split(b"\n")]
    return b"\n".join(lines) + b"\n\n"


def encode_comment(text: str = "") -> bytes:
    """A comment line, which keeps a connection alive and which every parser skips."""
    return b": " + text.encode() + b"\n\n" if text else b":\n\n"
