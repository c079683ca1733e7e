"""The wire's own phases around what a server tells; the sum of self times is the whole time."""

from typing import Any

import pytest

from wireglass.protocol.messages import Frame, Sender, Span
from wireglass.recording.events import SessionEvent
from wireglass.recording.ledger import Ledger
from wireglass.recording.phases import with_wire
from wireglass.recording.timing import self_times

MS = 1_000_000


def exchange(first_byte: int | None = None) -> Any:
    ledger = Ledger()

    def add(sender: Sender, at: int, message: dict[str, Any], **stamps: Any) -> None:
        ledger.append(Frame(sender, "stdio", "{}", {"jsonrpc": "2.0", **message}, at * MS, **stamps))

    add("client", 20, {"id": 1, "method": "tools/call", "params": {"name": "quote"}}, queued_ns=10 * MS)
    first = None if first_byte is None else first_byte * MS
    add("server", 120, {"id": 1, "result": {"content": []}}, first_byte_ns=first)
    return ledger.exchanges[0]


@pytest.mark.parametrize("first_byte", [None, 80])
def test_without_spans_the_wire_tells_its_phases(first_byte: int | None) -> None:
    found = with_wire(exchange(first_byte), ())
    names = [span.name for span in found]
    assert names[:2] == ["tools/call quote", "queued before it was sent"]
    assert ("receiving" in names) == (first_byte is not None)
    assert sum(self_times(found)) == found[0].duration_us == 110_000


def test_what_the_server_told_lies_inside() -> None:
    chain = (Span("tools/call quote", "server", 0, 60_000), Span("quote", "handler", 5_000, 50_000, 0))
    found = with_wire(exchange(), chain)
    assert [span.name for span in found] == [
        "tools/call quote on the wire",
        "queued before it was sent",
        "tools/call quote",
        "quote",
    ]
    assert found[3].parent == 2
    own = dict(zip((span.name for span in found), self_times(found), strict=True))
    assert own["tools/call quote on the wire"] == 40_000
    assert sum(own.values()) == 110_000


def test_a_server_at_work_before_the_send_was_stamped_takes_from_the_queue() -> None:
    found = with_wire(exchange(), (Span("tools/call quote", "server", 0, 104_000),))
    assert [(span.name, span.duration_us) for span in found] == [
        ("tools/call quote on the wire", 110_000),
        ("queued before it was sent", 6_000),
        ("tools/call quote", 104_000),
    ]
    assert sum(self_times(found)) == 110_000


@pytest.mark.parametrize("chain", [(), (Span("tools/call quote", "server", 0, 60_000),)])
def test_a_page_that_had_to_give_permission_is_a_persons_time(chain: tuple[Span, ...]) -> None:
    call = exchange()
    ledger = call._ledger
    for begin, end in ((0, 5), (5, 12), (14, 16)):
        ledger.happened(SessionEvent("", "sign-in", begin * MS, end * MS, "Permission", {"human": True}))
    ledger.happened(SessionEvent("", "sign-in", 16 * MS, 18 * MS, "Token", {"human": False}))
    found = with_wire(call, chain)
    pages = [(span.start_us, span.duration_us, span.kind) for span in found if span.name == "permission in the browser"]
    assert pages == [(0, 2_000, "human"), (4_000, 2_000, "human")]
    own = self_times(found)
    assert sum(time for span, time in zip(found, own, strict=True) if span.kind == "human") == 4_000
    assert sum(own) == found[0].duration_us == 110_000


def test_an_open_request_has_no_phases() -> None:
    ledger = Ledger()
    message = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
    ledger.append(Frame("client", "stdio", "{}", message, 5))
    assert with_wire(ledger.exchanges[0], ()) == ()


def test_what_opening_a_connection_took_is_told() -> None:
    phases = {"connect": 0, "connected": 8 * MS, "secure": 8 * MS, "secured": 20 * MS, "sent": 21 * MS, "head": 90 * MS}
    event = SessionEvent("", "http", 12 * MS, 120 * MS, "POST", {"phases": phases})
    found = with_wire(exchange(), (), event)
    told = {span.name: (span.start_us, span.duration_us) for span in found}
    assert told["open the connection"] == (2_000, 8_000)
    assert told["TLS handshake"] == (10_000, 12_000)
    assert told["server and wire"] == (22_000, 88_000)
    assert sum(self_times(found)) == 110_000
