"""The ledger: what belongs together, how long it took, and that a million frames stay cheap."""

import itertools
import json
from typing import Any

import pytest

from wireglass.protocol import messages
from wireglass.protocol.conformance import Violation
from wireglass.protocol.messages import Frame, HttpFacts, Sender, Span
from wireglass.protocol.spans import SPANS_KEY, encode_spans
from wireglass.recording import ledger as ledger_module
from wireglass.recording.entries import Entry
from wireglass.recording.ledger import Ledger
from wireglass.recording.store import MemoryStore, Stored

clock = itertools.count(1000, 10)


def frame(sender: Sender, message: Any, **facts: Any) -> Frame:
    raw = message if isinstance(message, str) else json.dumps(message)
    parsed = None if isinstance(message, str) else message
    given = {"channel": "stdio", "at_ns": next(clock), **facts}
    return Frame(sender=sender, raw=raw, message=parsed, **given)


class Session:
    """Writes a script of what crossed into a ledger."""

    def __init__(self, connection: str = "desk") -> None:
        self.ledger = Ledger()
        self.connection = connection

    def client(self, message: Any, **facts: Any) -> Entry:
        return self.ledger.append(frame("client", message, **facts), self.connection)

    def server(self, message: Any, **facts: Any) -> Entry:
        return self.ledger.append(frame("server", message, **facts), self.connection)


def call(id: Any, name: str = "quote", **params: Any) -> dict[str, Any]:
    return messages.request(id, "tools/call", {"name": name, **params})


def test_a_result_is_paired_with_its_request() -> None:
    session = Session()
    asked = session.client(call(1))
    answered = session.server(messages.result(1, {"content": []}))
    exchange = session.ledger.exchanges[0]
    assert (exchange.request, exchange.answer) == (asked, answered)
    assert asked.exchange == answered.exchange == exchange
    assert (answered.kind, answered.method, answered.name, exchange.status) == ("result", "tools/call", "quote", "ok")
    assert exchange.entries == (asked, answered)


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (messages.result(1, {}), "ok"),
        (messages.result(1, {"isError": True}), "tool error"),
        (messages.error(1, -32601, "no"), "error"),
        (messages.result(1, {"resultType": "input_required", "requestState": "s"}), "input required"),
        (messages.result(1, {"resultType": "task", "taskId": "t"}), "task"),
        (messages.result(1, {"task": {"taskId": "t"}}), "task"),
        ({"jsonrpc": "2.0", "id": 1, "result": 7}, "error"),
    ],
)
def test_the_status_tells_how_a_request_ended(answer: Any, status: str) -> None:
    session = Session()
    session.client(call(1))
    assert session.ledger.exchanges[0].status == "open"
    session.server(answer)
    assert session.ledger.exchanges[0].status == status


def test_text_and_number_ids_are_different_and_falsy_ids_count() -> None:
    session = Session()
    for id in ("1", 1, 0, ""):
        session.client(call(id))
    for id in ("", 0, 1, "1"):
        session.server(messages.result(id, {}))
    assert [exchange.id for exchange in session.ledger.exchanges] == ["1", 1, 0, ""]
    assert all(exchange.answer and exchange.answer.id == exchange.id for exchange in session.ledger.exchanges)


def test_both_sides_and_all_connections_have_ids_of_their_own() -> None:
    ledger = Ledger()
    mine = ledger.append(frame("client", call(1)), "a")
    other = ledger.append(frame("client", call(1)), "b")
    theirs = ledger.append(frame("server", messages.request(1, "roots/list")), "a")
    reply = ledger.append(frame("client", messages.result(1, {"roots": []})), "a")
    assert reply.exchange == theirs.exchange
    assert mine.exchange != other.exchange
    assert [exchange.request for exchange in ledger.exchanges if exchange.answer is None] == [mine, other]
    assert (other.connection, reply.method) == ("b", "roots/list")


def test_durations_are_those_of_the_stamps() -> None:
    session = Session()
    session.client(call(1), at_ns=200, queued_ns=150)
    exchange = session.ledger.exchanges[0]
    assert (exchange.queued_for_ns, exchange.answered_after_ns, exchange.first_byte_after_ns) == (50, None, None)
    session.server(messages.result(1, {}), at_ns=900, first_byte_ns=700)
    assert (exchange.asked_ns, exchange.first_byte_after_ns, exchange.answered_after_ns) == (150, 500, 700)


def test_progress_belongs_to_the_request_whose_token_it_names() -> None:
    session = Session()
    asked = session.client(call(1, _meta={"progressToken": 0}))
    session.client(call(2, _meta={"progressToken": "0"}))
    told = [
        session.server(messages.notification("notifications/progress", {"progressToken": 0, "progress": n}))
        for n in range(3)
    ]
    stray = session.server(messages.notification("notifications/progress", {"progressToken": "x", "progress": 1}))
    assert asked.exchange is not None
    assert asked.exchange.progress == tuple(told)
    assert told[0].exchange == asked.exchange
    assert stray.exchange is None


def test_cancel_and_the_answer_after_it_are_noted() -> None:
    session = Session()
    session.client(call(1))
    cancel = session.client(messages.notification("notifications/cancelled", {"requestId": 1}))
    exchange = session.ledger.exchanges[0]
    assert (exchange.status, exchange.cancel) == ("cancelled", cancel)
    late = session.server(messages.result(1, {}))
    assert (late.note, exchange.status, exchange.answer) == ("answer after cancel", "cancelled", late)


def test_a_server_may_cancel_a_listen_request_of_the_client() -> None:
    """Digest section 16: cancel of a subscription by the server at 2026-07-28."""
    session = Session()
    session.client(messages.request("s", "subscriptions/listen", {}))
    session.server(messages.notification("notifications/cancelled", {"requestId": "s"}))
    assert session.ledger.exchanges[0].status == "cancelled"


def test_second_and_unasked_answers_are_noted() -> None:
    session = Session()
    session.client(call(1))
    session.server(messages.result(1, {}))
    second = session.server(messages.result(1, {}))
    unasked = session.server(messages.result(9, {}))
    nameless = session.server(messages.error(None, -32700, "parse"))
    assert (second.note, second.exchange, second.method) == (
        "second answer",
        session.ledger.exchanges[0],
        "tools/call",
    )
    assert unasked.note == nameless.note == "answers no request"
    assert unasked.exchange is None


def test_a_client_that_opens_again_owes_nothing_to_the_process_before() -> None:
    """Past bug: after each reload of a server that had not answered, its first request was called a violation, and the
    answers of the new process were given to calls of the old one."""
    ledger = Ledger()
    for method, id in (("server/discover", 1), ("tools/call", 2), ("server/discover", 1), ("tools/call", 2)):
        ledger.append(frame("client", {"jsonrpc": "2.0", "id": id, "method": method, "params": {}}))
    ledger.append(frame("server", {"jsonrpc": "2.0", "id": 2, "result": {}}))
    assert not ledger.notes
    assert [exchange.status for exchange in ledger.exchanges] == ["open", "open", "open", "ok"]


def test_a_second_opening_within_one_connection_leaves_the_first_one_open() -> None:
    """The probe for the stateless era is not answered, and the handshake follows on the same pipe."""
    ledger = Ledger()
    for method, id in (("server/discover", 1), ("initialize", 2)):
        ledger.append(frame("client", {"jsonrpc": "2.0", "id": id, "method": method, "params": {}}))
    ledger.append(frame("server", {"jsonrpc": "2.0", "id": 1, "error": {"code": -32601, "message": "what?"}}))
    assert not ledger.notes
    assert [exchange.status for exchange in ledger.exchanges] == ["error", "open"]


def test_one_id_in_flight_twice_is_answered_by_channel() -> None:
    session = Session()
    session.client(call(1), channel="POST 1")
    session.client(call(1), channel="POST 2")
    session.server(messages.result(1, {}), channel="POST 2")
    first, second = session.ledger.exchanges
    assert (first.status, second.status) == ("open", "ok")


def test_rounds_of_one_call_know_each_other() -> None:
    """Digest section 15: a retry has a new id, the same params and the untouched state."""
    session = Session()
    for round_number, state in enumerate(["a", "b"], 1):
        retry = {} if round_number == 1 else {"requestState": "a", "inputResponses": {}}
        session.client(call(round_number, **retry))
        session.server(messages.result(round_number, {"resultType": "input_required", "requestState": state}))
    session.client(call(3, requestState="b", inputResponses={}))
    session.server(messages.result(3, {"resultType": "complete"}))
    first, second, third = session.ledger.exchanges
    assert third.previous_round == second
    assert first.next_round == second
    assert second.rounds == (first, second, third)


def test_rounds_without_state_are_joined_by_what_was_called() -> None:
    session = Session()
    session.client(call(1, "a"))
    session.client(call(2, "b"))
    session.server(messages.result(1, {"resultType": "input_required", "inputRequests": {}}))
    session.server(messages.result(2, {"resultType": "input_required", "inputRequests": {}}))
    session.client(call(3, "a", inputResponses={}))
    first, _, third = session.ledger.exchanges
    assert third.previous_round == first


def test_a_question_of_the_server_is_tied_to_the_only_open_call() -> None:
    session = Session()
    asked = session.client(call(1))
    question = session.server(messages.request(7, "elicitation/create", {}))
    assert question.exchange is not None
    assert question.exchange.during == asked.exchange
    session.client(call(2))
    ambiguous = session.server(messages.request(8, "elicitation/create", {}))
    assert ambiguous.exchange is not None
    assert ambiguous.exchange.during is None


def test_polls_of_a_task_carry_its_id() -> None:
    session = Session()
    session.client(call(1))
    session.server(messages.result(1, {"resultType": "task", "taskId": "t1"}))
    session.client(messages.request(2, "tasks/get", {"taskId": "t1"}))
    assert [exchange.task_id for exchange in session.ledger.exchanges] == ["t1", "t1"]


def test_a_batch_pairs_each_of_its_messages() -> None:
    session = Session()
    batch = session.client([call(1), call(2), messages.notification("notifications/initialized")])
    answer = session.server([messages.result(2, {}), messages.result(1, {"isError": True})])
    assert (batch.kind, batch.exchange) == ("batch", session.ledger.exchanges[0])
    assert [exchange.status for exchange in session.ledger.exchanges] == ["tool error", "ok"]
    assert answer.exchange == session.ledger.exchanges[1]


@pytest.mark.parametrize("message", ["print from a tool", 7, {}, {"id": 1}, {"method": 3}, None])
def test_what_is_no_message_is_broken_but_recorded(message: Any) -> None:
    session = Session()
    entry = session.server(message, error="Not JSON." if isinstance(message, str) else None)
    assert entry.kind == "broken"
    assert entry.raw == (message if isinstance(message, str) else json.dumps(message))


def test_ids_of_odd_types_break_nothing() -> None:
    session = Session()
    for id in (None, 1.5, [1], {"a": 1}, True):
        session.client({"jsonrpc": "2.0", "id": id, "method": "ping"})
        session.server({"jsonrpc": "2.0", "id": id, "result": {}})
    session.client(messages.notification("notifications/cancelled", {"requestId": [1]}))
    session.server(messages.notification("notifications/progress", {"progressToken": {}}))
    assert [entry.id for entry in session.ledger.entries] == [None] * 12


def test_frames_come_back_as_they_were_also_long_after() -> None:
    session = Session()
    http = HttpFacts("POST", "https://a.example/mcp", 200, (("accept", "*/*"),), (("content-type", "x"),), "7")
    kept = frame(
        "client", call(1, text="ü\ud800".encode("utf-8", "surrogatepass").decode("utf-8", "replace")), http=http
    )
    session.ledger.append(kept)
    broken = frame("server", "not json", error="Not JSON.", first_byte_ns=3)
    session.ledger.append(broken)
    for _ in range(ledger_module.RECENT + 5):
        session.client(call(2))
    assert session.ledger.entries[0].frame == kept
    assert session.ledger.entries[1].frame == broken


def test_listeners_hear_each_entry_until_they_stop() -> None:
    session = Session()
    heard: list[Entry] = []
    stop = session.ledger.listen(heard.append)
    first = session.client(call(1))
    stop()
    stop()
    session.client(call(2))
    assert heard == [first]


def test_forgetting_drops_entries_and_their_exchanges_and_keeps_numbers() -> None:
    session = Session()
    for number in range(10):
        session.client(call(number))
        session.server(messages.result(number, {}))
    session.client(call("open"))
    session.ledger.mark(0, (Violation("", "r", "m", "2025-11-25"),))
    total = session.ledger.bytes
    session.ledger.forget(5)
    assert total > session.ledger.bytes
    assert [entry.seq for entry in session.ledger.entries][:2] == [5, 6]
    assert len(session.ledger.entries) == 16
    assert session.ledger.entries[0].exchange is None
    assert session.ledger.exchanges[0].request.seq == 6
    assert session.ledger.exchanges[-1].id == "open"
    with pytest.raises(LookupError):
        session.ledger.entry(4)
    assert session.server(messages.result("open", {})).exchange == session.ledger.exchanges[-1]
    session.ledger.forget(1000)
    assert len(session.ledger.entries) == 0
    assert session.client(call(1)).seq == 22


def test_an_answer_to_a_forgotten_request_breaks_nothing() -> None:
    session = Session()
    session.client(call(1))
    session.ledger.forget(1)
    answer = session.server(messages.result(1, {}))
    assert answer.exchange is None


def test_times_on_the_wall_clock() -> None:
    ledger = Ledger(wall_ns=5_000, clock_ns=100)
    assert ledger.wall_time_ns(150) == 5_050


def test_sequences_have_length_slices_and_negative_indices() -> None:
    session = Session()
    entries = [session.client(call(number)) for number in range(5)]
    assert session.ledger.entries[-1] == entries[-1]
    assert session.ledger.entries[1:3] == entries[1:3]
    assert list(session.ledger.entries) == entries
    with pytest.raises(IndexError):
        session.ledger.entries[5]


def test_a_store_forgets_what_lies_before() -> None:
    store = MemoryStore()
    first = store.append(frame("client", call(1)), "a")
    second = store.append(frame("client", call(2)), "a")
    store.forget(second)
    assert store.read(second).raw == json.dumps(call(2))
    with pytest.raises(LookupError, match="not kept"):
        store.read(first)


def test_what_a_long_answer_tells_of_its_time_is_known_without_reading_it_again() -> None:
    """A past bug: the timeline read 50 MB back from the disk, on the window's thread, to find no spans."""

    class Gone(MemoryStore):
        def read(self, place: int) -> Stored:
            raise LookupError(place)

    session = Session()
    session.ledger = Ledger(Gone())
    told = {SPANS_KEY: encode_spans([Span("quote", "handler", 0, 5)])}
    for number, meta in enumerate(({}, told)):
        session.client(call(number))
        session.server(messages.result(number, {"content": "x" * 200_000, "_meta": meta}))
    for _ in range(ledger_module.RECENT):
        session.server(messages.notification("notifications/message", {}))
    silent, telling = session.ledger.exchanges
    assert silent.spans == ()
    assert [span.name for span in telling.spans] == ["quote"]
    assert session.ledger.frozen().exchanges[1].spans == telling.spans
    session.ledger.forget(session.ledger.entries[-1].seq)
    assert session.ledger.long_spans == {}


def test_the_size_of_a_long_frame_is_told_in_bytes() -> None:
    session = Session()
    assert session.server("é€\ud800" * 300_000).size == 8 * 300_000
