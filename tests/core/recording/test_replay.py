"""The calls of a recording as they can be made again."""

from core.recording.test_session_diff import GOOD, Session
from wireglass.recording.masking import MASK
from wireglass.recording.replay import RecordedCall, recorded_calls


def calls_of(session: Session, most: int = 10) -> list[RecordedCall]:
    steps = recorded_calls(session.ledger, {"shop #1": "shop"}, most=most)
    while True:
        try:
            assert 0 <= next(steps) <= 1
        except StopIteration as end:
            return end.value


def test_a_call_keeps_what_it_was_asked_and_what_it_came_to() -> None:
    (call,) = calls_of(Session().call("a", {"x": 1}, GOOD, 7))
    assert (call.server, call.method, call.name) == ("shop", "tools/call", "a")
    assert call.params == {"name": "a", "arguments": {"x": 1}}
    assert (call.outcome, call.took_ms, call.masked) == (GOOD, 7.0, False)


def test_a_call_whose_secret_was_taken_out_says_so() -> None:
    (call,) = calls_of(Session().call("a", {"list": [{"password": MASK}]}, GOOD))
    assert call.masked


def test_only_so_many_are_read_and_an_open_call_has_no_time() -> None:
    session = Session().call("a", {}, GOOD).call("b", {}, None)
    assert [one.name for one in calls_of(session, most=1)] == ["a"]
    assert [(one.name, one.took_ms, one.outcome) for one in calls_of(session)][1] == ("b", None, {"status": "open"})
