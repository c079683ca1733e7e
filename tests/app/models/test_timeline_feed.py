"""From recorded frames to what the timeline shows."""

from typing import Any

from pydantic_core import to_json

from wireglass.protocol.messages import Frame, Sender
from wireglass.recording.events import SessionEvent
from wireglass.recording.ledger import Ledger
from wireglass_app.models.timeline import BLUE, ORANGE, RED, TEAL, VIOLET, TimelineModel
from wireglass_app.models.timeline_feed import TimelineFeed

MS = 1_000_000


class Desk:
    """A ledger whose entries go to a model, as in the application."""

    def __init__(self) -> None:
        self.ledger, self.model = Ledger(), TimelineModel()
        self.feed = TimelineFeed(self.model, self.ledger)

    def frame(self, sender: Sender, at_ms: int, **message: Any) -> None:
        message = {"jsonrpc": "2.0", **message}
        entry = self.ledger.append(Frame(sender, "stdio", to_json(message).decode(), message, at_ms * MS), "desk")
        self.feed.take([entry])


def test_a_call_becomes_a_bar_with_its_spans() -> None:
    desk = Desk()
    desk.frame("client", 10, id=1, method="tools/call", params={"name": "quote"})
    (call,) = desk.model.calls.values()
    assert (call.server, call.name, call.end_ns) == ("desk", "quote", None)
    span = {"name": "handler", "kind": "handler", "start": 0, "dur": 9000}
    desk.frame("server", 22, id=1, result={"content": [], "_meta": {"dev.wireglass/spans": [span]}})
    (call,) = desk.model.calls.values()
    assert (call.work_ns, call.failed, [span.name for span in call.spans]) == (12 * MS, False, ["handler"])


def test_a_failed_call_is_red() -> None:
    desk = Desk()
    desk.frame("client", 1, id=1, method="tools/call", params={"name": "quote"})
    desk.frame("server", 5, id=1, error={"code": -32602, "message": "no"})
    (row,) = desk.model.rows()
    assert row.tracks[0].bar(0).tone == RED


def test_a_question_during_a_call_is_time_of_a_human() -> None:
    desk = Desk()
    desk.frame("client", 0, id=1, method="tools/call", params={"name": "buy"})
    desk.frame("server", 10, id=7, method="elicitation/create", params={"message": "Sure?"})
    desk.frame("client", 900, id=7, result={"action": "accept"})
    desk.frame("server", 1000, id=1, result={"content": []})
    (call,) = desk.model.calls.values()
    assert (call.human_ns, call.work_ns) == (890 * MS, 110 * MS)
    assert [row.title for row in desk.model.rows()] == ["Requests", "Waiting for you"]


def test_a_page_that_a_person_opened_is_their_time_until_the_server_says_that_it_is_done() -> None:
    """2025-11-25, URL mode: the question is answered when the page opens, and the call goes on when it is done."""
    desk = Desk()
    desk.frame("client", 0, id=1, method="tools/call", params={"name": "pay"})
    asked = {"mode": "url", "elicitationId": "a", "url": "https://pay.example", "message": "Pay"}
    desk.frame("server", 10, id=7, method="elicitation/create", params=asked)
    desk.frame("client", 20, id=7, result={"action": "accept"})
    desk.frame("server", 800, method="notifications/elicitation/complete", params={"elicitationId": "other"})
    desk.frame("server", 900, method="notifications/elicitation/complete", params={"elicitationId": "a"})
    desk.frame("server", 1000, id=1, result={"content": []})
    (call,) = desk.model.calls.values()
    assert (call.human_ns, call.work_ns) == (890 * MS, 110 * MS)
    waits = next(row for row in desk.model.rows() if row.title == "Waiting for you")
    assert [waits.tracks[0].bar(at).end for at in range(2)] == [20 * MS, 900 * MS]


def test_a_page_of_which_the_server_tells_no_end_is_nobodys_time() -> None:
    desk = Desk()
    desk.frame("client", 0, id=1, method="tools/call", params={"name": "pay"})
    asked = {"mode": "url", "elicitationId": "a", "url": "https://pay.example", "message": "Pay"}
    desk.frame("server", 10, id=7, method="elicitation/create", params=asked)
    desk.frame("client", 20, id=7, result={"action": "accept"})
    desk.frame("server", 1000, id=1, result={"content": []})
    (call,) = desk.model.calls.values()
    assert (call.human_ns, call.work_ns) == (10 * MS, 990 * MS)


def test_a_permission_that_a_call_waited_for_before_it_was_sent_is_time_of_a_human() -> None:
    """The event ends before the request goes out, and is taken after the frames of the same batch."""
    desk = Desk()
    human = {"step": "permission", "human": True}
    for facts, begin, end in (({"step": "client"}, 10, 100), (human, 100, 700), ({"step": "token"}, 700, 750)):
        desk.ledger.happened(SessionEvent("desk", "sign-in", begin * MS, end * MS, "Permission", facts))
        desk.ledger.happened(SessionEvent("other", "sign-in", begin * MS, end * MS, "Permission", human))
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "quote"}}
    entry = desk.ledger.append(Frame("client", "POST 1", "{}", message, 800 * MS, queued_ns=50 * MS), "desk")
    desk.feed.take([entry])
    answer = {"jsonrpc": "2.0", "id": 1, "result": {"content": []}}
    desk.feed.take([desk.ledger.append(Frame("server", "POST 1", "{}", answer, 850 * MS), "desk")])
    (call,) = desk.model.calls.values()
    assert (call.human_ns, call.work_ns) == (600 * MS, 200 * MS)


def test_between_two_rounds_a_human_is_waited_for() -> None:
    desk = Desk()
    params = {"name": "buy", "arguments": {}}
    desk.frame("client", 0, id=1, method="tools/call", params=params)
    desk.frame("server", 10, id=1, result={"resultType": "input_required", "requestState": "s", "inputRequests": {}})
    desk.frame("client", 700, id=2, method="tools/call", params={**params, "requestState": "s", "inputResponses": {}})
    desk.frame("server", 720, id=2, result={"content": []})
    waiting = next(row for row in desk.model.rows() if row.title == "Waiting for you")
    assert waiting.tracks[0].bar(0)[1:3] == (10 * MS, 700 * MS)


def test_calls_that_overlap_get_a_track_each() -> None:
    desk = Desk()
    for id in (1, 2):
        desk.frame("client", id, id=id, method="tools/call", params={"name": "quote"})
    (row,) = desk.model.rows()
    assert [len(track) for track in row.tracks] == [1, 1]


def test_logs_notifications_and_cancels_are_shown() -> None:
    desk = Desk()
    desk.frame("client", 0, id=1, method="tools/call", params={"name": "slow"})
    desk.frame("server", 5, method="notifications/message", params={"level": "error", "data": "x"})
    desk.frame("server", 6, method="notifications/tools/list_changed")
    desk.frame("client", 9, method="notifications/cancelled", params={"requestId": 1})
    (call,) = desk.model.calls.values()
    assert (call.failed, call.end_ns) == (True, 9 * MS)
    rows = {row.title: row for row in desk.model.rows()}
    assert rows["Logs"].tracks[0].bar(0).tone == RED
    assert len(rows["Notifications"].tracks[0]) == 1


def test_what_no_frame_tells_is_drawn_from_events() -> None:
    desk = Desk()
    for event in (
        SessionEvent("desk", "start", 0, 500 * MS, "Started in 0.5 s"),
        SessionEvent("desk", "http", 600 * MS, 640 * MS, "POST", {"verb": "POST", "status": 200, "channel": "POST 1"}),
        SessionEvent("desk", "http", 650 * MS, 700 * MS, "POST", {"verb": "POST", "status": 403, "channel": "POST 2"}),
        SessionEvent("desk", "http", 100 * MS, 900 * MS, "GET", {"verb": "GET", "status": 200, "channel": "GET 1"}),
        SessionEvent("desk", "sign-in", 700 * MS, 800 * MS, "Grant read", {"human": True}),
        SessionEvent("desk", "stderr", 900 * MS, None, "hello"),
    ):
        desk.feed.take_event(event)
    rows = {row.title: row for row in desk.model.rows()}
    assert list(rows) == ["Logs", "HTTP", "Sign-in", "Streams", "Process"]
    http = rows["HTTP"]
    assert [desk.model.label(http, 0, index) for index in (0, 1)] == ["POST 200", "POST 403"]
    assert [http.tracks[0].bar(index).tone for index in (0, 1)] == [TEAL, ORANGE]
    assert rows["Streams"].tracks[0].bar(0)[1:3] == (100 * MS, 900 * MS)
    assert rows["Sign-in"].tracks[0].bar(0).tone == VIOLET


def test_progress_of_a_call_has_one_label() -> None:
    desk = Desk()
    desk.frame("client", 0, id=1, method="tools/call", params={"name": "slow", "_meta": {"progressToken": "p"}})
    for step in range(3):
        desk.frame("server", 5 + step, method="notifications/progress", params={"progressToken": "p", "progress": step})
    row = next(row for row in desk.model.rows() if row.title == "Notifications")
    assert row.labels[0] == {2: "progress \N{MULTIPLICATION SIGN} 3"}


def test_a_quiet_stream_does_not_let_the_session_grow() -> None:
    desk = Desk()
    desk.frame("client", 0, id=1, method="subscriptions/listen", params={})
    assert not desk.model.is_open
    desk.model.advance(10_000 * MS)
    assert desk.model.now == 0
    desk.frame("client", 5, id=2, method="tools/call", params={"name": "slow"})
    assert desk.model.is_open
    desk.model.advance(10_000 * MS)
    assert desk.model.now == 10_000 * MS


def test_a_stream_that_we_end_has_not_failed() -> None:
    """After each reload the stream that listens was a red bar, "failed"; a call that is cancelled stays one."""
    desk = Desk()
    desk.frame("client", 0, id=1, method="subscriptions/listen", params={})
    desk.frame("client", 5, id=2, method="tools/call", params={"name": "slow"})
    for number in (1, 2):
        desk.frame("client", 100, method="notifications/cancelled", params={"requestId": number})
    rows = {row.title: row for row in desk.model.rows()}
    assert rows["Streams"].tracks[0].bar(0).tone == BLUE
    assert rows["Streams"].labels[0] == {0: "subscriptions/listen"}
    assert rows["Requests"].tracks[0].bar(0).tone == RED


def test_a_permission_page_is_known_to_the_bars_of_its_server() -> None:
    desk = Desk()
    desk.feed.take_event(SessionEvent("desk", "sign-in", 100 * MS, 900 * MS, "Permission page", {"human": True}))
    desk.feed.take_event(SessionEvent("other", "sign-in", 0, 1_000 * MS, "Token", {"human": False}))
    assert desk.model.permissions.within("desk", 0, 500 * MS) == [(100 * MS, 500 * MS)]
    assert "other" not in desk.model.permissions
