"""Frames as lines of JSON for other programs."""

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic_core import to_json

from wireglass.protocol.messages import Frame, Sender, request, result
from wireglass.recording.export import as_line, as_record, exchange_of, write_lines
from wireglass.recording.ledger import Ledger
from wireglass.recording.masking import MASK, Masker
from wireglass.recording.records import ArchiveError

MS = 1_000_000


@pytest.fixture
def ledger() -> Ledger:
    """A call with a secret in it, its answer, and a line that is no JSON."""
    ledger = Ledger(wall_ns=1_000_000_000_000_000_000, clock_ns=0)

    def put(message: Any, sender: Sender, at_ms: int, raw: str = "") -> None:
        text = raw or to_json(message).decode()
        ledger.append(Frame(sender, "stdio", text, message, at_ms * MS, "not JSON" if raw else None), "shop #1")

    put(request(1, "tools/call", {"name": "buy", "arguments": {"password": "hunter22"}}), "client", 1)
    put(result(1, {"content": []}), "server", 5)
    put(None, "server", 6, "print(token-12345678)")
    return ledger


def test_a_frame_is_one_object_with_its_secrets_masked(ledger: Ledger) -> None:
    record = as_record(ledger, ledger.entry(0), Masker(), "shop")
    assert record == {
        "frame": 0,
        "at": "2001-09-09T01:46:40.001Z",
        "server": "shop",
        "from": "client",
        "channel": "stdio",
        "id": 1,
        "method": "tools/call",
        "name": "buy",
        "message": request(1, "tools/call", {"name": "buy", "arguments": {"password": MASK}}),
    }
    assert json.loads(as_line(record)) == record


def test_what_is_no_json_keeps_its_text(ledger: Ledger) -> None:
    record = as_record(ledger, ledger.entry(2), Masker(["token-12345678"]))
    assert (record["text"], record["error"]) == (f"print({MASK})", "not JSON")
    assert "message" not in record


def test_an_exchange_is_the_request_and_its_answer(ledger: Ledger) -> None:
    assert [one.seq for one in exchange_of(ledger.entry(1))] == [0, 1]
    assert [one.seq for one in exchange_of(ledger.entry(2))] == [2]


def test_lines_are_written_beside_and_put_in_place(ledger: Ledger, tmp_path: Path) -> None:
    path = tmp_path / "frames.jsonl"
    steps = write_lines(ledger, [0, 1, 99, 2], path, Masker(), {"shop #1": "shop"})
    with pytest.raises(StopIteration) as end:
        next(steps)
    assert end.value.value == 3
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert [line["frame"] for line in lines] == [0, 1, 2]
    assert {line["server"] for line in lines} == {"shop"}
    assert [file.name for file in tmp_path.iterdir()] == ["frames.jsonl"]


def test_stopping_half_way_leaves_no_file(tmp_path: Path) -> None:
    ledger = Ledger()
    for at in range(250):
        ledger.append(Frame("client", "stdio", "{}", {}, at), "a")
    steps = write_lines(ledger, range(250), tmp_path / "frames.jsonl", Masker(), {})
    assert next(steps) == 100
    steps.close()
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_said(ledger: Ledger, tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="could not be saved as frames"):
        list(write_lines(ledger, [0], tmp_path / "none" / "frames.jsonl", Masker(), {}))
