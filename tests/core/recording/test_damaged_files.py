"""Files that were damaged, in every way that chance finds: they open as far as they go, and are never changed."""

import contextlib
import json
import random
from pathlib import Path
from typing import Any

import pytest

from wireglass.protocol.messages import Frame
from wireglass.recording.archive import save
from wireglass.recording.events import SessionEvent
from wireglass.recording.ledger import Ledger
from wireglass.recording.masking import Masker
from wireglass.recording.phases import with_wire
from wireglass.recording.records import ArchiveError, Note
from wireglass.recording.saved import SavedSession, open_session

ODD: list[Any] = [
    *(None, True, -1, 0, 1, 2**31, 2**63, 2**64, 10**30, -(2**70), 1.5, 1e308),
    *("", "é", [], {}, [1], {"a": 1}, "a" * 1000),
]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A session with everything in it."""
    ledger = Ledger(wall_ns=1_790_000_000_000_000_000, clock_ns=1000)

    def add(sender: Any, message: dict[str, Any], at: int, **stamps: Any) -> None:
        ledger.append(Frame(sender, "POST 1", json.dumps(message), message, at, **stamps), "desk")

    spans = {"log": ["server x", 5, "handler y", 6, 7], "end": 9, "facts": {"1": {"cache": "hit"}}}
    for number in range(4):
        params = {"name": "quote", "_meta": {"progressToken": number}}
        add("client", {"jsonrpc": "2.0", "id": number, "method": "tools/call", "params": params}, 5000, queued_ns=4000)
        told = {"progressToken": number, "progress": 1}
        add("server", {"jsonrpc": "2.0", "method": "notifications/progress", "params": told}, 5050)
        result = {"content": [], "_meta": {"dev.wireglass/spans": spans}}
        add("server", {"jsonrpc": "2.0", "id": number, "result": result}, 5100, first_byte_ns=5090)
    ledger.happened(SessionEvent("desk", "sign-in", 4100, 4900, "Permission", {"human": True}))
    ledger.happened(SessionEvent("desk", "http", 1, 50, "POST", {"channel": "POST 1", "phases": {"connect": 0}}))
    path = tmp_path_factory.mktemp("whole") / "a.wglass"
    facts = [("desk", {"command": "x"})]
    save(ledger, path, masker=Masker(), application="test", notes=[Note("here", 5000, 2)], connections=facts)
    return path.read_bytes()


class Chance:
    """Damage by a seed."""

    def __init__(self, seed: int) -> None:
        self.of = random.Random(seed)

    def value(self, value: Any) -> Any:
        """The same with something odd somewhere inside, also in JSON that stands in a text."""
        chance = self.of
        if isinstance(value, dict) and value and chance.random() < 0.8:
            key = chance.choice([*value])
            left = {name: one for name, one in value.items() if name != key}
            return left if chance.random() < 0.15 else left | {key: self.value(value[key])}
        if isinstance(value, list) and value and chance.random() < 0.8:
            at = chance.randrange(len(value))
            return [*value[:at], *([] if chance.random() < 0.2 else [self.value(value[at])]), *value[at + 1 :]]
        if isinstance(value, str) and value.startswith("{") and chance.random() < 0.7:
            return json.dumps(self.value(json.loads(value)))
        return chance.choice(ODD)

    def file(self, content: bytes) -> bytes:
        chance, kind = self.of, self.of.random()
        lines = content.split(b"\n")
        at = chance.randrange(len(lines))
        if kind < 0.15:
            return content[: chance.randrange(len(content) + 1)]
        if kind < 0.3:
            damaged = bytearray(content)
            for _ in range(min(len(damaged), 10)):
                damaged[chance.randrange(len(damaged))] = chance.randrange(256)
            return bytes(damaged)
        if kind < 0.4:
            del lines[at]
        elif kind < 0.5:
            lines.insert(chance.randrange(len(lines) + 1), lines[at])
        elif kind < 0.55:
            chance.shuffle(lines)
        else:
            with contextlib.suppress(ValueError):
                lines[at] = json.dumps(self.value(json.loads(lines[at]))).encode()
        return b"\n".join(lines)


def look_at(session: SavedSession) -> None:
    """Reads all that a view may show. What is lost is a LookupError."""
    while session.read_more():
        pass
    for entry in session.ledger.entries:
        for name in ("frame", "message", "kind", "method", "name", "id", "note", "violations", "exchange", "at_ns"):
            with contextlib.suppress(LookupError, ArchiveError):
                getattr(entry, name)
    for exchange in session.ledger.exchanges:
        for name in ("status", "name", "answer", "progress", "rounds", "spans", "queued_for_ns", "permission_ns"):
            with contextlib.suppress(LookupError, ArchiveError):
                getattr(exchange, name)
        with contextlib.suppress(LookupError, ArchiveError):
            with_wire(exchange, exchange.spans)


@pytest.mark.parametrize("seed", range(12))
def test_damage_of_any_kind_is_survived_and_the_file_stays_as_it_is(whole: bytes, tmp_path: Path, seed: int) -> None:
    chance, path = Chance(seed), tmp_path / "damaged.wglass"
    for _ in range(25):
        content = whole
        for _ in range(chance.of.choice([1, 1, 2, 4])):
            content = chance.file(content)
        path.write_bytes(content)
        with contextlib.suppress(ArchiveError), open_session(path) as session:
            look_at(session)
        assert path.read_bytes() == content


@pytest.mark.parametrize("member", ["at", "queued", "first_byte"])
@pytest.mark.parametrize("number", [2**63, -(2**70), 10**30])
def test_a_time_beyond_all_clocks_is_damage_of_that_record_only(
    whole: bytes, tmp_path: Path, member: str, number: int
) -> None:
    """A single such number kept a whole file from being opened."""
    lines = [json.loads(line) for line in whole.splitlines()]
    frames = [line for line in lines if "frame" in line]
    frames[3][member] = number
    path = tmp_path / "damaged.wglass"
    kept = [line for line in lines if "index" not in line and "end" not in line]
    path.write_bytes(b"".join(json.dumps(line).encode() + b"\n" for line in kept))
    with open_session(path) as session:
        look_at(session)
        assert len(session.ledger.entries) == len(frames) - (member == "at")
        assert any("damaged" in problem for problem in session.problems) == (member == "at")
