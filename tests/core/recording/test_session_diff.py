"""Two sessions call by call."""

from typing import Any

from pydantic_core import to_json

from wireglass.protocol.conformance import Violation
from wireglass.protocol.messages import Frame, Sender, error, request, result
from wireglass.recording.ledger import Ledger
from wireglass.recording.session_diff import SessionDifference, compare_sessions, outcome_of, request_of

MS = 1_000_000


class Session:
    """Calls one after the other into a ledger of its own."""

    def __init__(self, connection: str = "shop #1") -> None:
        self.ledger, self.connection = Ledger(), connection
        self._now = self._id = 0

    def _put(self, message: Any, sender: Sender, after_ms: float) -> None:
        self._now += int(after_ms * MS)
        self.ledger.append(Frame(sender, "stdio", to_json(message).decode(), message, self._now), self.connection)

    def call(self, name: str, arguments: Any, answer: Any, took_ms: float = 5) -> "Session":
        self._id += 1
        params = {"name": name, "arguments": arguments, "_meta": {"progressToken": f"{self.connection}{self._id}"}}
        self._put(request(self._id, "tools/call", params), "client", 1)
        if answer is not None:
            failed = isinstance(answer, int)
            self._put(error(self._id, answer, "no") if failed else result(self._id, answer), "server", took_ms)
        return self


def compared(before: Session, after: Session) -> SessionDifference:
    steps = compare_sessions(before.ledger.frozen(), after.ledger.frozen(), {"shop #1": "shop"}, {"shop #7": "shop"})
    done = [0.0]
    while True:
        try:
            done.append(next(steps))
        except StopIteration as end:
            assert done == sorted(done)
            assert done[-1] <= 1
            return end.value


def words(found: SessionDifference) -> list[tuple[str, str, str]]:
    return [(one.what, one.name, one.detail) for one in found.changes]


GOOD, OTHER, BAD = {"content": [1]}, {"content": [2]}, {"isError": True, "content": []}


def test_equal_calls_are_only_counted_whatever_their_meta() -> None:
    before, after = Session().call("a", {"x": 1}, GOOD), Session("shop #7").call("a", {"x": 1}, {**GOOD, "_meta": {}})
    found = compared(before, after)
    assert (found.changes, found.equal, found.calls) == ([], 1, (1, 1))


def test_what_fails_now_comes_first_then_gone_changed_and_new() -> None:
    before = Session().call("old", {}, GOOD).call("same", {}, GOOD).call("fails", {}, GOOD).call("refused", {}, GOOD)
    after = Session("shop #7").call("same", {}, OTHER).call("fresh", {}, GOOD).call("fails", {}, BAD)
    found = compared(before, after.call("refused", {}, -32602))
    assert words(found) == [
        ("breaking", "fails", "now tool error, was ok"),
        ("breaking", "refused", "now error, was ok"),
        ("gone", "old", "tools/call"),
        ("changed", "same", "another result"),
        ("new", "fresh", "tools/call"),
    ]


def test_the_nth_call_is_compared_with_the_nth() -> None:
    before = Session().call("a", {}, GOOD).call("a", {}, OTHER).call("a", {}, GOOD)
    after = Session("shop #7").call("a", {}, GOOD).call("a", {}, GOOD)
    (change,) = compared(before, after).changes
    assert change.detail == "another result in 1 of 2; called 2 times, was 3"
    assert (change.before, change.after, change.calls) == (1, 1, (3, 2))


def test_other_arguments_are_another_call() -> None:
    found = compared(Session().call("a", {"x": 1}, GOOD), Session("shop #7").call("a", {"x": 2}, GOOD))
    assert [one.what for one in found.changes] == ["gone", "new"]


def test_a_call_that_works_again_is_no_break() -> None:
    found = compared(Session().call("a", {}, BAD), Session("shop #7").call("a", {}, GOOD))
    assert words(found) == [("changed", "a", "works now")]


def test_time_is_told_when_it_can_be_felt() -> None:
    before = Session().call("a", {}, GOOD, 100).call("b", {}, GOOD, 10).call("c", {}, GOOD, 900)
    after = Session("shop #7").call("a", {}, GOOD, 320).call("b", {}, GOOD, 40).call("c", {}, GOOD, 100)
    found = compared(before, after)
    assert words(found) == [("changed", "a", "result equal, but slower"), ("changed", "c", "result equal, and faster")]
    assert (found.changes[0].before_ms, found.changes[0].after_ms) == (100, 320)


def test_a_worse_verdict_breaks() -> None:
    before, after = Session().call("a", {}, GOOD), Session("shop #7").call("a", {}, GOOD)
    violation = Violation("/result", "required", "m", "2026-07-28", "CallToolResult")
    after.ledger.mark(1, (violation,))
    assert words(compared(before, after)) == [("breaking", "a", "its verdict is now fail")]


def test_rounds_are_one_call() -> None:
    asks = {"resultType": "input_required", "requestState": "s1", "inputRequests": {}}

    def with_round(connection: str, last: Any) -> Session:
        session = Session(connection).call("a", {}, asks)
        session._id += 1
        params = {"name": "a", "arguments": {}, "requestState": "s1", "inputResponses": {}}
        session._put(request(session._id, "tools/call", params), "client", 1)
        session._put(result(session._id, last), "server", 1)
        return session

    before, after = with_round("shop #1", GOOD), with_round("shop #7", OTHER)
    found = compared(before, after)
    assert found.calls == (1, 1)
    assert words(found) == [("changed", "a", "another result")]
    exchange = after.ledger.exchanges[0]
    assert outcome_of(exchange) == OTHER
    assert request_of(exchange) == {"name": "a", "arguments": {}}


def test_a_call_without_an_answer_says_so() -> None:
    found = compared(Session().call("a", {}, GOOD), Session("shop #7").call("a", {}, None))
    assert words(found) == [("changed", "a", "another result")]


def test_a_hundred_thousand_calls_are_walked_in_small_steps() -> None:
    before, after = Session(), Session("shop #7")
    for at in range(3_000):
        before.call("a", {"x": at}, GOOD)
        after.call("a", {"x": at}, OTHER if at == 2_999 else GOOD)
    steps = list(compare_sessions(before.ledger, after.ledger, {"shop #1": "shop"}, {"shop #7": "shop"}))
    assert len(steps) >= 150
    assert compared(before, after).equal == 2_999
