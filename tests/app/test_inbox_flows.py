"""Questions of real servers of both eras, answered in the real window by keyboard alone (issue 6, design section 4)."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, TypeVar

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from app.desk import DESK, Desktop, python_target
from inbox_desk import NoKeychain
from wireglass.client.rules import Rule
from wireglass_app.calls import Call, Roots
from wireglass_app.inbox.consent import ConsentView
from wireglass_app.inbox.elicitation import ElicitationView
from wireglass_app.inbox.roots_editor import RootsEditor
from wireglass_app.inbox.sampling import SamplingView
from wireglass_app.panels.inbox import InboxPanel
from wireglass_app.questions import Question
from wireglass_app.server_session import ServerSession

ASKING = str(DESK.with_name("asking.py"))
CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
ALT = Qt.KeyboardModifier.AltModifier


async def opened(desk: Desktop, name: str = "asking", mode: str = "stateless") -> ServerSession:
    session = await desk.open(python_target(name, ASKING, name, mode))
    assert session.state == "ready", session.failure
    return session


async def asked(desk: Desktop, session: ServerSession, tool: str, **options: Any) -> Call:
    """Calls a tool and waits until it asks."""
    call = session.start("tools/call", tool, {"name": tool, "arguments": {}}, **options)
    await desk.until(lambda: call.state == "waiting" or call.ended, "a question")
    assert call.state == "waiting", call.problem
    return call


def focus() -> QWidget:
    found = QApplication.focusWidget()
    assert found is not None
    return found


def press(key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    QTest.keyClick(focus(), key, modifiers)


def type_text(text: str) -> None:
    QTest.keyClicks(focus(), text)


View = TypeVar("View")


def view_of(panel: InboxPanel, kind: type[View]) -> View:
    """The view of the question that is shown, which must be of this kind."""
    assert panel.card is not None
    assert isinstance(panel.card.view, kind)
    return panel.card.view


async def inbox(desk: Desktop) -> InboxPanel:
    """Ctrl+I: the oldest question."""
    desk.window.activateWindow()
    QTest.keyClick(desk.window, Qt.Key.Key_I, CTRL)
    panel = desk.window.host.panel
    assert isinstance(panel, InboxPanel)
    await desk.until(lambda: panel.isAncestorOf(QApplication.focusWidget() or desk.window), "the focus in the Inbox")
    return panel


async def ready(desk: Desktop, panel: InboxPanel) -> None:
    """Until the keys are no longer deaf after an answer."""
    await desk.until(lambda: panel.guard.open, "keys that answer again")


def text_of(call: Call) -> Any:
    assert call.result is not None, (call.state, call.problem)
    return json.loads(call.result["content"][0]["text"])


@pytest.mark.slow
def test_fifty_questions_of_three_servers_by_keyboard_alone_none_lost_none_twice(desktop) -> None:
    async def scene(desk: Desktop) -> None:
        modes = ("stateless", "handshake", "stateless")
        sessions = [await opened(desk, f"s{number}", mode) for number, mode in enumerate(modes)]
        calls = [sessions[number % 3].call_tool("yes", {}) for number in range(50)]
        bench = desk.app.workbench
        await desk.until(lambda: len(bench.waiting) == 50, "fifty questions", 30)
        panel = await inbox(desk)
        press(Qt.Key.Key_Escape)
        assert panel.list.hasFocus()
        expected: dict[Question, str] = {}
        for number in range(50):
            question = panel.question
            assert question is not None
            assert question.waiting
            assert question not in expected
            expected[question] = "decline" if number % 3 else "accept"
            press(Qt.Key.Key_D if number % 3 else Qt.Key.Key_A)
        assert bench.waiting == []
        await desk.until(lambda: all(call.ended for call in calls), "the end of every call", 30)
        assert sorted(text_of(call)["action"] for call in calls) == sorted(expected.values())
        for session in sessions:
            taken = (await session.ask("taken"))["taken"]
            ours = [question for question in expected if question.session is session]
            assert len(taken) == len(ours)
            if not session.stateless:
                assert len(set(taken)) == len(taken), "an answer was sent twice"

    desktop(scene, seconds=90)


def test_three_questions_of_one_result_are_answered_together(desktop) -> None:
    async def scene(desk: Desktop) -> None:
        session = await opened(desk)
        call = await asked(desk, session, "several")
        await desk.until(lambda: len(desk.app.workbench.waiting) == 3, "the whole group")
        panel = await inbox(desk)
        press(Qt.Key.Key_Return, CTRL)
        await ready(desk, panel)
        card = panel.card
        assert card is not None
        assert isinstance(card.view, ElicitationView)
        card.view.form.set_value({**card.view.form.value(), "reason": "other", "email": "a@example.org"})
        card.view.begin()
        press(Qt.Key.Key_Return, CTRL)
        assert not call.ended
        assert [question.state for question in call.questions] == ["held", "held", "waiting"]
        await ready(desk, panel)
        type_text("Late because of a storm.")
        press(Qt.Key.Key_Return, CTRL)
        await desk.until(lambda: call.ended, "the end of the call")
        answers = text_of(call)
        assert answers["who"] == {"action": "accept", "content": {}}
        assert answers["form"]["content"]["reason"] == "other"
        assert answers["note"]["content"]["text"] == "Late because of a storm."
        await desk.until(lambda: len(session.exchanges_of(call)) == 2, "the frames of one retry with all answers")

    desktop(scene)


@pytest.mark.parametrize("mode", ["stateless", "handshake"])
def test_a_tool_loop_is_played_by_hand(desktop, mode: str) -> None:
    """Design section 4, flow 3: a tool call of the human, the tool's result, then the reply."""

    async def scene(desk: Desktop) -> None:
        session = await opened(desk, mode=mode)
        call = await asked(desk, session, "loop")
        panel = await inbox(desk)
        view = view_of(panel, SamplingView)
        view.reply.add_call()
        form = view.reply.calls[0].form
        assert form is not None
        form.set_value({"ids": ["PD-48107"]})
        press(Qt.Key.Key_Return, CTRL)
        await desk.until(lambda: len(call.questions) == 2, "the second turn")
        await ready(desk, panel)
        await inbox(desk)
        card = panel.card
        assert card is not None
        assert card.question is call.questions[1]
        assert len(card.question.params["messages"]) == 3
        assert isinstance(card.view, SamplingView)
        assert len(card.view.messages.turns) == 4, "system, question, our call, its result"
        type_text("A sorting backlog.")
        press(Qt.Key.Key_Return, CTRL)
        await desk.until(lambda: call.ended, "the end of the call")
        assert text_of(call)["content"]["text"] == "A sorting backlog."

    desktop(scene)


def test_sampling_is_refused_by_keyboard(desktop) -> None:
    async def scene(desk: Desktop) -> None:
        session = await opened(desk)
        call = await asked(desk, session, "sample")
        await inbox(desk)
        press(Qt.Key.Key_D, CTRL | SHIFT)
        await desk.until(lambda: call.ended, "the end of the call")
        assert call.state == "refused"
        assert call.questions[0].state == "declined"

    desktop(scene)


def test_a_page_is_opened_by_a_key_and_the_call_retried_by_the_next(desktop) -> None:
    async def scene(desk: Desktop) -> None:
        session = await opened(desk)
        call = await asked(desk, session, "page")
        panel = await inbox(desk)
        view = view_of(panel, ConsentView)
        pages: list[str] = []
        view._opener = lambda url: not pages.append(url)
        assert pages == []
        press(Qt.Key.Key_Return, CTRL)
        assert len(pages) == 1
        assert call.questions[0].state == "visiting"
        assert call.state == "waiting"
        await ready(desk, panel)
        press(Qt.Key.Key_Return, CTRL)
        await desk.until(lambda: call.ended, "the end of the call")
        assert len(pages) == 1
        assert text_of(call) == {"action": "accept"}

    desktop(scene)


def test_a_in_the_list_opens_no_page(desktop) -> None:
    """Design section 5: a page opens only on click or Ctrl+Enter. A opened it once."""

    async def scene(desk: Desktop) -> None:
        session = await opened(desk)
        call = await asked(desk, session, "page")
        panel = await inbox(desk)
        pages: list[str] = []
        view_of(panel, ConsentView)._opener = lambda url: not pages.append(url)
        press(Qt.Key.Key_Escape)
        assert panel.list.hasFocus()
        press(Qt.Key.Key_A)
        assert pages == []
        assert call.questions[0].waiting
        assert not panel.list.hasFocus(), "where the page can be opened"

    desktop(scene)


def test_a_group_that_begins_with_yes_or_no_is_answered_without_the_list(desktop) -> None:
    """The focus stayed in the list once, where the letters of the next answers are commands."""

    async def scene(desk: Desktop) -> None:
        session = await opened(desk)
        call = await asked(desk, session, "several")
        await desk.until(lambda: len(desk.app.workbench.waiting) == 3, "the whole group")
        panel = await inbox(desk)
        assert focus().accessibleName() == "Keep, and go to the next"
        press(Qt.Key.Key_Return, CTRL)
        view = view_of(panel, ElicitationView)
        assert view.isAncestorOf(focus())
        await ready(desk, panel)
        view.form.set_value({**view.form.value(), "reason": "other", "email": "a@example.org"})
        press(Qt.Key.Key_Return, CTRL)
        await ready(desk, panel)
        type_text("add a reply")
        press(Qt.Key.Key_Return, CTRL)
        await desk.until(lambda: call.ended, "the end of the call")
        assert text_of(call)["note"]["content"]["text"] == "add a reply"

    desktop(scene)


@pytest.mark.parametrize("by", ["server", "you", "stop"])
def test_a_call_refused_until_a_page_is_visited(desktop, by: str) -> None:
    """-32042 of 2025-11-25: repeated when the server reports the visit, or the user says so; or given up."""

    async def scene(desk: Desktop) -> None:
        session = await opened(desk, mode="handshake")
        call = await asked(desk, session, "blocked")
        panel = await inbox(desk)
        view = view_of(panel, ConsentView)
        view._opener = lambda _url: True
        press(Qt.Key.Key_Return, CTRL)
        assert call.questions[0].state == "visiting"
        await ready(desk, panel)
        if by == "server":
            await session.ask("report")
        elif by == "you":
            press(Qt.Key.Key_Return, CTRL)
        else:
            press(Qt.Key.Key_D, CTRL | SHIFT)
        await desk.until(lambda: call.ended, "the end of the call")
        if by == "stop":
            assert call.state == "refused"
            assert call.questions[0].state == "cancelled"
        else:
            assert call.result is not None
            assert call.result["content"][0]["text"] == "visited"
            await desk.until(
                lambda: call.questions[0].page_done is (by == "server"), "what the server said of the page"
            )

    desktop(scene)


@pytest.mark.parametrize("mode", ["stateless", "handshake"])
def test_a_server_that_dies_leaves_what_was_typed(desktop, mode: str) -> None:
    async def scene(desk: Desktop) -> None:
        session = await opened(desk, mode=mode)
        call = await asked(desk, session, "form")
        panel = await inbox(desk)
        view = view_of(panel, ElicitationView)
        card = panel.card
        view.form.set_value({**view.form.value(), "note": "half a sen"})
        other = session.call_tool("die", {})
        await desk.until(lambda: session.state == "crashed", "the end of the server")
        await desk.until(lambda: call.ended and other.ended, "the end of both calls")
        assert desk.app.workbench.waiting == []
        assert call.questions[0].state == "gone"
        assert "half a sen" in view.draft_text()
        assert card._banner.text.text().startswith("The server is gone")

    desktop(scene)


def test_a_server_that_takes_its_question_back(desktop) -> None:
    async def scene(desk: Desktop) -> None:
        session = await opened(desk, mode="handshake")
        call = await asked(desk, session, "revoke")
        await session.ask("revoke")
        await desk.until(lambda: call.ended, "the end of the call")
        await desk.until(lambda: not session.questions[0].open, "the end of the question")
        assert session.questions[0].state == "withdrawn"
        assert session.questions[0].by == "server"

    desktop(scene)


@pytest.mark.parametrize("mode", ["stateless", "handshake"])
@pytest.mark.parametrize("first", ["answer", "cancel"])
def test_an_answer_at_the_moment_of_cancellation(desktop, mode: str, first: str) -> None:
    """Whoever is first wins; the question never says that an answer was sent when it was not."""

    async def scene(desk: Desktop) -> None:
        session = await opened(desk, mode=mode)
        for _ in range(5):
            call = await asked(desk, session, "yes")
            question = call.questions[0]
            if first == "answer":
                question.accept({})
                session.cancel(call)
            else:
                session.cancel(call)
                question.accept({})
            await desk.until(lambda call=call: call.ended, "the end of the call")
            await desk.app.bridge.settled()
            await desk.until(lambda question=question: not question.open, "the end of the question")
            sent = question.request.outcome is not None and question.request.by == "you"
            assert (question.state == "answered") is sent
        assert (await session.ask("taken"))["taken"] is not None, "the server still answers"

    desktop(scene, seconds=60)


# rules


@pytest.mark.parametrize("mode", ["stateless", "handshake"])
def test_a_rule_made_in_the_window_answers_the_next_call(desktop, mode: str) -> None:
    async def scene(desk: Desktop) -> None:
        session = await opened(desk, mode=mode)
        call = await asked(desk, session, "form")
        panel = await inbox(desk)
        view = view_of(panel, ElicitationView)
        view.form.set_value({**view.form.value(), "reason": "other", "email": "a@example.org"})
        view.make_rule.click()
        assert panel.in_rules
        press(Qt.Key.Key_Return, CTRL)
        assert not panel.rules.is_form, panel.rules._fault.text()
        press(Qt.Key.Key_Escape)
        assert not panel.in_rules
        again = session.call_tool("form", {})
        await desk.until(lambda: again.ended, "the end of the second call")
        assert text_of(again)["content"]["email"] == "a@example.org"
        await desk.until(lambda: again.questions and not again.questions[0].open, "the answer in the list")
        assert again.questions[0].by == "rule answer form"
        assert call.questions[0].waiting, "the first one is still for people"
        assert desk.app.workbench.answers.rules.used == {"answer form": 1}
        await session.restart()
        await desk.until(lambda: session.usable, "the server again")
        assert desk.app.workbench.answers.rules.rules == [], "until disconnect"

    desktop(scene)


def test_rules_that_stay_are_there_after_a_restart(desktop) -> None:
    async def scene(desk: Desktop) -> None:
        book = desk.app.workbench.answers.rules
        book.add(Rule("stays", "decline", tool="yes"))
        book.add(Rule("goes", "decline", until="disconnect"), "some connection")
        from wireglass_app.rulebook import RuleBook

        again = RuleBook(desk.app.settings)
        assert [rule.name for rule, _ in again.rules] == ["stays"]

    desktop(scene)


# models


class Model(BaseHTTPRequestHandler):
    """A chat completions endpoint that streams two words, then waits until it may go on."""

    protocol_version = "HTTP/1.0"
    asked: list[Any]
    go_on: threading.Event
    left: threading.Event

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.asked.append((json.loads(body), self.headers.get("authorization")))
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.end_headers()
        try:
            self.say("Two parcels ")
            self.go_on.wait(20)
            for _ in range(200):  # enough for the broken pipe of a client that left to be noticed
                self.wfile.write(b": still here\n\n")
            self.say("are late.")
            self.wfile.write(b'data: {"choices":[{"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n')
        except OSError:
            self.left.set()

    def say(self, text: str) -> None:
        chunk = {"model": "small-8b", "choices": [{"delta": {"content": text}}]}
        self.wfile.write(b"data: " + json.dumps(chunk).encode() + b"\n\n")
        self.wfile.flush()

    def log_message(self, *_args: Any) -> None:
        """Quiet."""


@pytest.fixture
def model() -> Iterator[Any]:
    class Mine(Model):
        asked: list[Any] = []  # of this test's class alone
        go_on = threading.Event()
        left = threading.Event()

    server = ThreadingHTTPServer(("127.0.0.1", 0), Mine)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    Mine.url = f"http://127.0.0.1:{server.server_port}/v1"  # type: ignore[attr-defined]  # for the tests
    yield Mine
    Mine.go_on.set()
    server.shutdown()
    server.server_close()
    thread.join(10)


def configure(desk: Desktop, model: Any) -> None:
    endpoints = desk.app.workbench.answers.endpoints
    endpoints._secrets = NoKeychain()
    endpoints.put({"name": "local", "url": model.url, "model": "small-8b", "api": "openai"}, "sk-test")


def test_a_draft_is_streamed_edited_and_sent_only_when_approved(desktop, model: Any) -> None:
    async def scene(desk: Desktop) -> None:
        configure(desk, model)
        session = await opened(desk)
        call = await asked(desk, session, "sample")
        panel = await inbox(desk)
        card = panel.card
        assert card is not None
        view = card.view
        assert isinstance(view, SamplingView)
        assert model.asked == [], "nothing is asked before the key"
        press(Qt.Key.Key_D, CTRL)
        await desk.until(lambda: view.reply.text.toPlainText() == "Two parcels ", "the first piece")
        press(Qt.Key.Key_Return, CTRL)
        assert call.questions[0].waiting, "a draft that still comes is not sent"
        model.go_on.set()
        await desk.until(lambda: not view.model.running, "the whole draft")
        assert view.reply.text.toPlainText() == "Two parcels are late."
        assert model.asked[0][1] == "Bearer sk-test"
        assert call.questions[0].waiting
        view.reply.begin()
        press(Qt.Key.Key_End, CTRL)
        type_text(" Sorry.")
        assert view.reply.facts.whole().endswith("You changed 1 word")
        press(Qt.Key.Key_Return, CTRL)
        await desk.until(lambda: call.ended, "the end of the call")
        assert text_of(call)["content"]["text"] == "Two parcels are late. Sorry."
        assert text_of(call)["model"] == "small-8b"
        assert call.questions[0].notes == ["edited by you"]
        settings = json.dumps(desk.app.settings._values)
        assert "sk-test" not in settings

    desktop(scene)


def test_what_was_typed_before_a_draft_can_be_put_back(desktop, model: Any) -> None:
    """Design principle b: the thing you typed is never lost."""

    async def scene(desk: Desktop) -> None:
        configure(desk, model)
        model.go_on.set()
        session = await opened(desk)
        await asked(desk, session, "sample")
        view = view_of(await inbox(desk), SamplingView)
        assert view.put_back.isHidden()
        type_text("My own words.")
        press(Qt.Key.Key_D, CTRL)
        await desk.until(lambda: view.model.seconds is not None and not view.model.running, "the whole draft")
        assert view.reply.text.toPlainText() == "Two parcels are late."
        view.put_back.click()
        assert view.reply.text.toPlainText() == "My own words."
        assert view.reply.model.text() == "human"
        assert view.put_back.isHidden()

    desktop(scene)


def test_a_draft_is_stopped_and_what_has_come_is_kept(desktop, model: Any) -> None:
    async def scene(desk: Desktop) -> None:
        configure(desk, model)
        session = await opened(desk)
        await asked(desk, session, "sample")
        panel = await inbox(desk)
        card = panel.card
        assert card is not None
        view = card.view
        assert isinstance(view, SamplingView)
        press(Qt.Key.Key_D, CTRL)
        await desk.until(lambda: view.reply.text.toPlainText() == "Two parcels ", "the first piece")
        press(Qt.Key.Key_D, CTRL)
        await desk.until(lambda: not view.model.running, "the end of the draft")
        model.go_on.set()
        await desk.until(model.left.is_set, "the request to be dropped")
        assert view.reply.text.toPlainText() == "Two parcels "
        assert not view.reply.text.isReadOnly()

    desktop(scene)


def test_drafts_without_asking_are_a_rule_until_disconnect(desktop, model: Any) -> None:
    async def scene(desk: Desktop) -> None:
        model.go_on.set()
        configure(desk, model)
        session = await opened(desk)
        call = await asked(desk, session, "sample")
        panel = await inbox(desk)
        card = panel.card
        assert card is not None
        view = card.view
        assert isinstance(view, SamplingView)
        press(Qt.Key.Key_D, CTRL)
        await desk.until(lambda: view.model.seconds is not None and not view.model.running, "the draft")
        view.without_asking.click()
        press(Qt.Key.Key_Return, CTRL)
        await desk.until(lambda: call.ended, "the end of the call")
        again = session.call_tool("sample", {})
        await desk.until(lambda: again.ended, "the end of the second call")
        assert text_of(again)["content"]["text"] == "Two parcels are late."
        await desk.until(
            lambda: again.questions and again.questions[0].by == "rule drafts for sample", "the answer in the list"
        )

    desktop(scene)


def test_without_an_endpoint_nothing_is_drafted_and_settings_are_offered(desktop) -> None:
    async def scene(desk: Desktop) -> None:
        session = await opened(desk)
        await asked(desk, session, "sample")
        panel = await inbox(desk)
        card = panel.card
        assert card is not None
        view = card.view
        assert isinstance(view, SamplingView)
        press(Qt.Key.Key_D, CTRL)
        assert not view.model.running
        assert view.model.set_up.isVisible()
        view.model.set_up.click()
        assert desk.window.host.place[0] == "settings"

    desktop(scene)


# roots


def test_roots_are_edited_announced_and_given(desktop) -> None:
    async def scene(desk: Desktop) -> None:
        session = await opened(desk, mode="handshake")
        desk.window.go("overview", session=session)
        editor = desk.window.host.panel.findChild(RootsEditor)
        assert editor is not None
        editor.field.setFocus()
        desk.window.activateWindow()
        await desk.until(editor.field.hasFocus, "the focus in the field")
        type_text("/home/you/project")
        press(Qt.Key.Key_Return)
        assert session.roots.folders == ("file:///home/you/project",)
        await desk.until(
            lambda: any(e.method == "notifications/roots/list_changed" for e in desk.app.workbench.ledger.entries),
            "the notification",
        )
        call = session.call_tool("roots", {})
        await desk.until(lambda: call.ended, "the end of the call")
        assert text_of(call) == {"roots": [{"uri": "file:///home/you/project"}]}
        await desk.until(lambda: call.questions, "the answered list")
        assert call.questions[0].by == "roots"
        assert desk.app.workbench._roots_of(session.target) == session.roots, "there again after a restart"

    desktop(scene)


def test_roots_may_be_asked_for_each_time(desktop) -> None:
    async def scene(desk: Desktop) -> None:
        session = await opened(desk)
        desk.app.workbench.set_roots(session, Roots(("file:///srv",), ask=True))
        await desk.app.bridge.settled()
        call = await asked(desk, session, "roots")
        await inbox(desk)
        press(Qt.Key.Key_Return, CTRL)
        await desk.until(lambda: call.ended, "the end of the call")
        assert text_of(call) == {"roots": [{"uri": "file:///srv", "name": "srv"}]}

    desktop(scene)


# time


def test_the_time_people_take_is_kept_apart_and_counts_into_no_time_out(desktop) -> None:
    async def scene(desk: Desktop) -> None:
        session = await opened(desk, mode="handshake")
        call = await asked(desk, session, "yes")
        question = call.questions[0]
        question.asked_ns -= 30 * 10**9  # half a minute of thinking
        call.started_ns -= 30 * 10**9
        question.accept({})
        await desk.until(lambda: call.ended, "the end of the call")
        assert call.waited_ns >= 30 * 10**9
        assert call.milliseconds < 20_000
        assert question.seconds_left is None

    desktop(scene)


# limits and crashes


def test_a_server_that_asks_without_end_is_left_after_the_limit(desktop) -> None:
    async def scene(desk: Desktop) -> None:
        session = await desk.open(python_target("asking", ASKING, "asking", "stateless", rounds=3))
        desk.app.workbench.answers.rules.add(Rule("yes", "accept", kind="form"))
        await desk.app.bridge.settled()
        call = session.call_tool("endless", {})
        await desk.until(lambda: call.ended, "the end of the call")
        assert call.state == "refused"
        assert "after 3 rounds" in str(call.problem)
        await desk.until(lambda: len(session.questions) == 3, "three questions")
        assert [question.request.round for question in session.questions] == [1, 2, 3]

    desktop(scene)


def test_what_was_typed_outlives_a_crash_of_the_window(loop: Any, tmp_path: Path) -> None:
    """Two starts on one folder; the first never gets to close in good order before the second reads."""

    async def run() -> None:
        first = Desktop(tmp_path)
        second: Desktop | None = None
        try:
            await asked(first, await opened(first), "form")
            panel = await inbox(first)
            type_into = panel.card
            assert type_into is not None
            assert isinstance(type_into.view, ElicitationView)
            root = type_into.view.form.root
            root.row("note").set_value("")  # type: ignore[attr-defined]  # an object's editor
            root.row("email").focus_entry()  # type: ignore[attr-defined]  # as above
            type_text("ada@example.org")
            await first.until(lambda: "ada@example.org" in drafts(tmp_path), "the draft on the disk")
            second = Desktop(tmp_path)
            call = await asked(second, await opened(second), "form")
            panel = await inbox(second)
            card = panel.card
            assert card is not None
            assert isinstance(card.view, ElicitationView)
            assert card.view.form.value()["email"] == "ada@example.org"
            call.questions[0].decline()
            await second.until(lambda: "ada@example.org" not in drafts(tmp_path), "the draft to go")
        finally:
            if second is not None:
                await second.close()
            await first.close()

    loop.run(run(), 60)


def drafts(folder: Path) -> str:
    file = folder / "inbox-drafts.json"
    return file.read_text() if file.exists() else ""


def test_a_rule_gives_the_answer_that_was_given_by_hand(desktop) -> None:
    async def scene(desk: Desktop) -> None:
        session = await opened(desk)
        call = await asked(desk, session, "yes")
        call.questions[0].cancel()
        await desk.until(lambda: call.ended, "the end of the first call")
        desk.app.workbench.answers.rules.add(Rule("as before", "recorded", kind="form"))
        await desk.app.bridge.settled()
        again = session.call_tool("yes", {})
        await desk.until(lambda: again.ended, "the end of the second call")
        assert text_of(again) == {"action": "cancel"}
        other = await asked(desk, session, "form")
        assert other.questions[0].rule_problem == (
            "The rule “as before” could not answer: nothing like it was answered before."
        )

    desktop(scene)


@pytest.mark.slow
def test_five_hundred_answers_of_a_rule_are_all_listed(desktop) -> None:
    """Each automatic answer is visible, and the badge counts only what wants a person."""

    async def scene(desk: Desktop) -> None:
        session = await opened(desk)
        desk.app.workbench.answers.rules.add(Rule("yes", "accept", kind="form"))
        await desk.app.bridge.settled()
        desk.window.go("inbox")
        panel = desk.window.host.panel
        assert isinstance(panel, InboxPanel)
        calls = [session.call_tool("yes", {}) for _ in range(500)]
        await desk.until(lambda: all(call.ended for call in calls), "the end of every call", 60)
        await desk.until(lambda: len(session.questions) == 500 and not session.open_questions, "every answer", 30)
        assert desk.app.workbench.waiting == []
        assert {question.by for question in session.questions} == {"rule yes"}
        assert desk.app.workbench.answers.rules.used == {"yes": 500}
        wanted = "Answered · 500 this session"
        await desk.until(lambda: panel.model.data(panel.model.index(0)) == wanted, "the list")

    desktop(scene, seconds=150)


def test_a_prompt_is_tried_with_the_configured_model(desktop, model: Any) -> None:
    """Design section 5, Prompts: "Send to sampling test". The server is not asked for anything."""

    async def scene(desk: Desktop) -> None:
        session = await desk.desk()
        configure(desk, model)
        desk.window.go("prompts", name="greet")
        panel: Any = desk.window.host.panel
        assert not panel.test.isEnabled()
        panel.form.set_value({"who": "Ada"})
        panel.run_primary()
        await desk.until(lambda: panel.test.isEnabled(), "the messages")
        panel.test.click()
        trial = panel.trial
        assert panel.detail.currentWidget() is trial
        await desk.app.bridge.settled()  # the frames of the prompt are there before they are counted
        frames = len(session.ledger.entries)
        desk.window.actions_table.trigger("draft")
        await desk.until(lambda: "Two parcels" in trial.reply.text.toPlainText(), "the first word")
        model.go_on.set()
        await desk.until(lambda: not trial.model.running, "the whole draft")
        words = trial.reply.text.toPlainText()
        panel.run_primary()
        assert trial.params()["messages"][-1]["content"]["text"] == words
        assert len(session.ledger.entries) == frames
        trial.back.click()
        assert panel.trial is None

    desktop(scene)
