"""HTTP exchanges as HAR 1.2: against the members and types that the format demands, with no secret in them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from jsonschema_rs import Draft202012Validator
from pydantic_core import to_json

from wireglass.protocol.messages import Frame, HttpExchange, HttpFacts, Sender, notification, request, result
from wireglass.recording.events import SessionEvent, http_event
from wireglass.recording.har import as_har_entry, write_har
from wireglass.recording.ledger import Ledger
from wireglass.recording.masking import MASK, Masker
from wireglass.recording.records import ArchiveError

MS = 1_000_000
TOKEN = "Bearer abcdefgh12345678"
PLANTED = "hunter2222"
POST = HttpFacts(
    "POST",
    "https://a.example/mcp?tenant=7&api_key=sssssssss",
    request_headers=(("content-type", "application/json"), ("authorization", TOKEN)),
)
DONE = replace(POST, status=200, response_headers=(("content-type", "text/event-stream"), ("set-cookie", "a=12345678")))


def _object(required: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "required": list(required), "properties": required}


TEXT, COUNT, TIME = {"type": "string"}, {"type": "integer", "minimum": -1}, {"type": "number", "minimum": -1}
PAIRS = {"type": "array", "items": _object({"name": TEXT, "value": TEXT})}
MOMENT = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$"}
HAR = _object(
    {
        "log": _object(
            {
                "version": {"const": "1.2"},
                "creator": _object({"name": TEXT, "version": TEXT}),
                "entries": {
                    "type": "array",
                    "items": _object(
                        {
                            "startedDateTime": MOMENT,
                            "time": {"type": "number", "minimum": 0},
                            "request": _object(
                                {
                                    **dict.fromkeys(("method", "url", "httpVersion"), TEXT),
                                    **dict.fromkeys(("cookies", "headers", "queryString"), PAIRS),
                                    **dict.fromkeys(("headersSize", "bodySize"), COUNT),
                                }
                            ),
                            "response": _object(
                                {
                                    "status": {"type": "integer"},
                                    **dict.fromkeys(("statusText", "httpVersion", "redirectURL"), TEXT),
                                    **dict.fromkeys(("cookies", "headers"), PAIRS),
                                    "content": _object({"size": {"type": "integer"}, "mimeType": TEXT}),
                                    **dict.fromkeys(("headersSize", "bodySize"), COUNT),
                                }
                            ),
                            "cache": {"type": "object"},
                            "timings": _object(dict.fromkeys(("send", "wait", "receive", "blocked", "connect"), TIME)),
                        }
                    ),
                },
            }
        )
    }
)
"""What HAR 1.2 demands, as far as it is used."""


@dataclass
class Source:
    facts: HttpFacts
    first_ns: int = 0
    last_ns: int = 0
    seqs: Sequence[int] = field(default_factory=list)
    event: SessionEvent | None = None


@pytest.fixture
def ledger() -> Ledger:
    return Ledger(wall_ns=1_000_000_000_000_000_000)


def put(ledger: Ledger, message: Any, sender: Sender, at_ms: int, facts: HttpFacts) -> int:
    return ledger.append(
        Frame(sender, "POST 1", to_json(message).decode(), message, at_ms * MS, http=facts), "shop #1"
    ).seq


def call(ledger: Ledger) -> Source:
    """A call over an event stream, over a connection that had to be opened."""
    seqs = [
        put(ledger, request(1, "tools/call", {"name": "buy", "arguments": {"password": PLANTED}}), "client", 20, POST),
        put(ledger, notification("notifications/progress"), "server", 60, DONE),
        put(ledger, result(1, {"content": []}), "server", 100, replace(DONE, event_id="7")),
    ]
    told = HttpExchange(
        verb="POST", url=POST.url, channel="POST 1", status=200, http_version="HTTP/1.1", queued_ns=0,
        connect_ns=1 * MS, connected_ns=5 * MS, secure_ns=5 * MS, secured_ns=15 * MS,
        sent_ns=20 * MS, head_ns=50 * MS, done_ns=100 * MS, sent_bytes=120, received_bytes=300,
    )  # fmt: skip
    return Source(DONE, 0, 100 * MS, seqs, http_event("shop #1", told))


def test_an_entry_has_both_bodies_and_where_the_time_went(ledger: Ledger) -> None:
    entry = as_har_entry(ledger, call(ledger), Masker(), "shop")
    assert entry["startedDateTime"] == "2001-09-09T01:46:40.000Z"
    assert entry["timings"] == {
        "blocked": 1.0, "dns": -1.0, "connect": 14.0, "ssl": 10.0, "send": 5.0, "wait": 30.0, "receive": 50.0,
    }  # fmt: skip
    assert entry["time"] == 100.0, "the parts without ssl, which connect holds"
    assert json.loads(entry["request"]["postData"]["text"])["method"] == "tools/call"
    assert {"name": "tenant", "value": "7"} in entry["request"]["queryString"]
    assert (entry["request"]["bodySize"], entry["response"]["bodySize"]) == (120, 300)
    assert entry["response"]["statusText"] == "OK"
    text = entry["response"]["content"]["text"]
    assert text.startswith('event: message\ndata: {"jsonrpc":"2.0","method":"notifications/progress"')
    assert "\n\nid: 7\nevent: message\ndata: " in text
    assert (entry["_server"], entry["_methods"]) == ("shop", ["tools/call", "notifications/progress"])


def test_what_got_no_answer_and_what_carried_no_frame_are_entries_too(ledger: Ledger) -> None:
    told = SessionEvent("shop #1", "http", 0, 3 * MS, facts={"error": "ConnectError: refused by tok-12345678"})
    entry = as_har_entry(
        ledger, Source(HttpFacts("DELETE", "https://a.example/mcp"), 0, 3 * MS, [], told), Masker(["tok-12345678"])
    )
    assert entry["response"]["status"] == 0
    assert entry["comment"] == f"ConnectError: refused by {MASK}"
    assert (entry["time"], entry["timings"]["wait"]) == (3.0, 3.0)
    assert "postData" not in entry["request"]
    assert "text" not in entry["response"]["content"]


def test_a_file_is_har_1_2_and_holds_no_secret(ledger: Ledger, tmp_path: Path) -> None:
    sources = [(call(ledger), "shop"), (Source(HttpFacts("GET", "https://a.example/mcp", 405), 5, 9, [999]), "shop")]
    file = tmp_path / "shop.har"
    for _ in write_har(ledger, sources, file, Masker()):
        pass
    text = file.read_text()
    Draft202012Validator(HAR).validate(json.loads(text))
    assert len(json.loads(text)["log"]["entries"]) == 2
    for secret in (PLANTED, "abcdefgh12345678", "sssssssss", "a=12345678"):
        assert secret not in text
    assert list(tmp_path.iterdir()) == [file]


def test_an_empty_file_is_one_too(ledger: Ledger, tmp_path: Path) -> None:
    file = tmp_path / "none.har"
    assert list(write_har(ledger, [], file, Masker())) == []
    Draft202012Validator(HAR).validate(json.loads(file.read_text()))


def test_a_place_that_cannot_be_written_is_told(ledger: Ledger, tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match=r"requests could not be saved as x\.har"):
        list(write_har(ledger, [], tmp_path / "nowhere" / "x.har", Masker()))
