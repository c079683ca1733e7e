"""A ledger's columns as JSON, so that a file of a million frames opens without reading its frames.

Numbers are little-endian, deflated and in Base64. An index comes from a file, so `ledger_from_index` believes nothing:
what does not add up raises IndexDamaged, and the reader scans the frames instead.
"""

import base64
import binascii
import sys
import zlib
from array import array
from dataclasses import asdict, fields
from functools import lru_cache
from operator import lt
from typing import Any, Final

from pydantic_core import from_json, to_json

from wireglass.protocol.conformance import Violation
from wireglass.protocol.messages import JsonObject, as_object, is_object
from wireglass.protocol.spans import decode_spans, encode_spans
from wireglass.recording.entries import KINDS, STATUSES
from wireglass.recording.ledger import Ledger
from wireglass.recording.masking import Masker
from wireglass.recording.store import FrameStore

__all__ = ["IndexDamaged", "index_of", "ledger_from_index"]

_LISTS: Final = ("id", "name")
MOST_BYTES: Final = 1 << 31
"""A column that unpacks to more than this is a trap."""


class IndexDamaged(Exception):
    """The index cannot be used."""


def index_of(ledger: Ledger, places: "array[int]", masker: Masker) -> JsonObject:
    """The index of all entries that the ledger keeps. `places` are the byte offsets of their records in the file.

    Entries are numbered from 0 in the file, exchanges too.
    """
    first, first_exchange = ledger.columns.first, ledger.exchange_columns.first
    columns = ledger.columns.without(0)
    columns.place = places
    columns.exchange = array("q", (number - first_exchange if number >= 0 else -1 for number in columns.exchange))
    clean = lru_cache(4096)(masker.text)
    columns.name = [clean(name) for name in columns.name]
    exchanges = ledger.exchange_columns.without(0)
    exchanges.name = [clean(name) for name in exchanges.name]
    for name, base in (
        ("request", first),
        ("answer", first),
        ("cancel", first),
        ("previous", first_exchange),
        ("following", first_exchange),
        ("during", first_exchange),
    ):
        setattr(exchanges, name, array("q", (max(-1, one - base) for one in getattr(exchanges, name))))
    return {
        "frames": len(columns.at_ns),
        "exchanges": len(exchanges.request),
        "words": [clean(word) for word in ledger.words.texts()],
        "columns": _packed(columns),
        "exchange_columns": _packed(exchanges),
        "errors": {seq: clean(text) for seq, text in _moved(ledger.errors, first).items()},
        "notes": _moved(ledger.notes, first),
        "violations": {
            seq: [{**asdict(one), "message": masker.about(one.path, one.message)} for one in found]
            for seq, found in _moved(ledger.violations, first).items()
        },
        "progress": {
            number: [seq - first for seq in seqs if seq >= first]
            for number, seqs in _moved(ledger.progress, first_exchange).items()
        },
        "tasks": _moved(ledger.tasks, first_exchange),
        "long_spans": {
            seq: _masked(encode_spans(spans), masker) if spans else None
            for seq, spans in _moved(ledger.long_spans, first).items()
        },
    }


def ledger_from_index(index: JsonObject, store: FrameStore, *, wall_ns: int, clock_ns: int, end: int) -> Ledger:
    """The ledger that `index_of` described. `end` is where the records of the file end.

    Raises IndexDamaged when anything is missing or out of range.
    """
    ledger = Ledger(store, wall_ns=wall_ns, clock_ns=clock_ns)
    try:
        frames, exchanges = int(index["frames"]), int(index["exchanges"])
        _unpack(ledger.columns, as_object(index["columns"]), frames)
        _unpack(ledger.exchange_columns, as_object(index["exchange_columns"]), exchanges)
        ledger.words.restore([str(word) for word in index["words"]])
        _check_ranges(ledger, frames, exchanges, end)
        ledger.errors.update((int(seq), str(text)) for seq, text in as_object(index["errors"]).items())
        ledger.notes.update((int(seq), str(text)) for seq, text in as_object(index["notes"]).items())
        ledger.tasks.update((int(number), str(text)) for number, text in as_object(index["tasks"]).items())
        for number, seqs in as_object(index["progress"]).items():
            ledger.progress[int(number)] = [int(seq) for seq in seqs if 0 <= int(seq) < frames]
        for seq, told in as_object(index.get("long_spans")).items():
            ledger.long_spans[int(seq)] = decode_spans(told)[0] if told is not None else ()
        for seq, found in as_object(index["violations"]).items():
            ledger.violations[int(seq)] = tuple(_violation(one) for one in found if is_object(one))
    except (KeyError, ValueError, TypeError, OverflowError, zlib.error, binascii.Error) as error:
        raise IndexDamaged(str(error)) from error
    ledger.resume(frames)
    return ledger


def _masked(value: JsonObject, masker: Masker) -> Any:
    return from_json(masker.text(to_json(value).decode()))


def _moved(sparse: dict[int, Any], base: int) -> dict[int, Any]:
    return {number - base: value for number, value in sparse.items() if number >= base}


def _packed(columns: Any) -> JsonObject:
    packed: JsonObject = {}
    for name in columns.__slots__:
        column = getattr(columns, name)
        packed[name] = column if name in _LISTS else {"type": column.typecode, "data": _deflated(column)}
    return packed


def _deflated(column: "array[int]") -> str:
    if sys.byteorder == "big":
        column = column[:]
        column.byteswap()
    return base64.b64encode(zlib.compress(column.tobytes(), 1)).decode("ascii")


def _unpack(columns: Any, packed: JsonObject, rows: int) -> None:
    for name in columns.__slots__:
        value = packed[name]
        if name in _LISTS:
            if not isinstance(value, list) or len(value) != rows:
                raise ValueError(f"the column {name} is damaged")
            allowed = {str, int, type(None)} if name == "id" else {str}
            if not allowed.issuperset(map(type, value)):
                raise ValueError(f"the column {name} is damaged")
            setattr(columns, name, value)
            continue
        column: array[int] = getattr(columns, name)
        inflater = zlib.decompressobj()
        data = inflater.decompress(base64.b64decode(value["data"], validate=True), MOST_BYTES)
        if value["type"] != column.typecode or len(data) != rows * column.itemsize:
            raise ValueError(f"the column {name} is damaged")
        column.frombytes(data)
        if sys.byteorder == "big":
            column.byteswap()


def _check_ranges(ledger: Ledger, frames: int, exchanges: int, end: int) -> None:
    columns, others = ledger.columns, ledger.exchange_columns
    words = len(ledger.words)
    for column, low, high in (
        (columns.kind, 0, len(KINDS)),
        (columns.from_server, 0, 2),
        (columns.connection, 0, words),
        (columns.channel, 0, words),
        (columns.method, 0, words),
        (columns.exchange, -1, exchanges),
        (columns.place, 0, end),
        (others.method, 0, words),
        (others.status, 0, len(STATUSES)),
        (others.request, 0, frames),
        (others.answer, -1, frames),
        (others.cancel, -1, frames),
        (others.previous, -1, exchanges),
        (others.following, -1, exchanges),
        (others.during, -1, exchanges),
    ):
        if len(column) and (min(column) < low or max(column) >= high):
            raise ValueError("the index points outside of the file")
    if not all(map(lt, columns.place, columns.place[1:])):
        raise ValueError("the frames of the index are not in the order of the file")
    joined = exchanges and (max(others.previous) >= 0 or max(others.following) >= 0)
    for number in range(exchanges if joined else 0):
        # Rounds are followed in a loop: one that leads back would never end.
        if others.previous[number] >= number or -1 < others.following[number] <= number:
            raise ValueError("the rounds of the index go in circles")


def _violation(given: JsonObject) -> Violation:
    known = {one.name for one in fields(Violation)}
    texts = {name: str(value) for name, value in given.items() if name in known}
    severity = "warning" if texts.get("severity") == "warning" else "error"
    for name in ("path", "rule", "message", "revision"):
        texts.setdefault(name, "")
    del texts["severity"]
    return Violation(**texts, severity=severity)
