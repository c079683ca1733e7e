"""What a person sees and does in the Inbox, mostly by keyboard."""

import base64
import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QGuiApplication, QImage, QKeyEvent
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QLineEdit
from pytestqt.qtbot import QtBot

from inbox_desk import Bench, Host, desk_of
from wireglass.client.rules import Rule
from wireglass.errors import McpError
from wireglass_app.answers import Answers
from wireglass_app.calls import Call
from wireglass_app.controls import Notice
from wireglass_app.forms.fields import LineEditor
from wireglass_app.forms.groups import ObjectEditor
from wireglass_app.inbox.base import Tools
from wireglass_app.inbox.consent import ConsentView
from wireglass_app.inbox.drafting import changed_words
from wireglass_app.inbox.elicitation import ElicitationView
from wireglass_app.inbox.guard import Guard
from wireglass_app.inbox.roots import RootsView, root_of
from wireglass_app.inbox.sampling import SamplingView
from wireglass_app.inbox.words import outcome_text, title_of
from wireglass_app.kept_drafts import is_secret
from wireglass_app.panels.inbox import InboxPanel
from wireglass_app.questions import Group, Question
from wireglass_app.settings import Settings
from wireglass_app.theme import Theme

NAME = {
    "message": "Who are you? Please say.",
    "requestedSchema": {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}},
}
YES_NO: dict[str, Any] = {"message": "Really?", "requestedSchema": {"type": "object", "properties": {}}}
SAMPLING: dict[str, Any] = {
    "messages": [{"role": "user", "content": {"type": "text", "text": "Why late? Tell me."}}],
    "systemPrompt": "Be brief.",
    "maxTokens": 10,
    "tools": [
        {
            "name": "scan",
            "inputSchema": {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}},
        }
    ],
}


def tools(**more: Any) -> Tools:
    """What views may use, without a disk."""
    return Tools(None, Answers(), **more)  # type: ignore[arg-type]  # no settings are read here


@pytest.fixture
def bench() -> Iterator[Bench]:
    bench = Bench()
    yield bench
    bench.close()


@pytest.fixture
def host() -> Host:
    return Host()


@pytest.fixture
def panel(qtbot: QtBot, look: Theme, bench: Bench, tmp_path: Path) -> InboxPanel:
    said: list[str] = []
    panel = InboxPanel(desk_of(bench, tmp_path, said))
    panel.said = said  # type: ignore[attr-defined]  # for the tests below
    panel.guard = Guard()
    qtbot.addWidget(panel)
    panel.resize(1200, 700)
    with qtbot.waitActive(panel):
        panel.show()
        panel.activateWindow()
    return panel


def type_name(qtbot: QtBot, panel: InboxPanel, text: str) -> None:
    card = panel.card
    assert card is not None
    assert isinstance(card.view, ElicitationView)
    root = card.view.form.root
    assert isinstance(root, ObjectEditor)
    editor = root.row("name").editor
    assert isinstance(editor, LineEditor)
    qtbot.keyClicks(editor.line, text)


def test_a_form_is_filled_in_and_accepted(qtbot: QtBot, panel: InboxPanel, bench: Bench, host: Host) -> None:
    question = bench.ask(NAME, host=host, call=Call(24, "tools/call", "greet", {"arguments": {"a": 1}}))
    panel.show_item(oldest=True)
    focus = QApplication.focusWidget()
    assert isinstance(focus, QLineEdit)
    assert focus.accessibleName() == "name"
    type_name(qtbot, panel, "Ada")
    panel.run_primary()
    assert bench.answer_of(question) == {"action": "accept", "content": {"name": "Ada"}}
    assert question.by == "you"


def test_accept_decline_and_dismiss_are_three_things(panel: InboxPanel, bench: Bench, host: Host) -> None:
    for act, action in ((panel.run_primary, "accept"), (panel.decline, "decline"), (panel.dismiss, "cancel")):
        panel.guard = Guard()
        question = bench.ask(YES_NO, host=host)
        panel.show_item(question=question)
        act()
        assert bench.answer_of(question)["action"] == action


def test_an_incomplete_form_is_not_sent_and_says_why(panel: InboxPanel, bench: Bench, host: Host) -> None:
    question = bench.ask(NAME, host=host)
    panel.show_item(oldest=True)
    panel.run_primary()
    assert question.waiting
    assert panel.said == ['Not sent yet. "name" is missing.']  # type: ignore[attr-defined]
    assert panel.card is not None
    assert "missing" in panel.card._note.text()


def test_the_preview_shows_what_will_be_sent(qtbot: QtBot, panel: InboxPanel, bench: Bench, host: Host) -> None:
    bench.ask(NAME, host=host)
    panel.show_item(oldest=True)
    assert panel.card is not None
    view = panel.card.view
    assert isinstance(view, ElicitationView)
    with qtbot.waitSignal(view.form.checked, timeout=20_000):
        type_name(qtbot, panel, "Ada")
    assert view.preview.text() == '{\n  "action": "accept",\n  "content": {\n    "name": "Ada"\n  }\n}'


def test_an_arrival_takes_neither_focus_nor_place(qtbot: QtBot, panel: InboxPanel, bench: Bench, host: Host) -> None:
    first = bench.ask(NAME, host=host)
    panel.show_item(oldest=True)
    type_name(qtbot, panel, "A")
    focus = QApplication.focusWidget()
    bench.ask(YES_NO, host=host)
    assert QApplication.focusWidget() is focus
    assert panel.question is first
    type_name(qtbot, panel, "da")
    panel.run_primary()
    assert bench.answer_of(first)["content"] == {"name": "Ada"}


def test_drafts_survive_a_look_at_another_question(qtbot: QtBot, panel: InboxPanel, bench: Bench, host: Host) -> None:
    first, second = bench.ask(NAME, host=host), bench.ask(NAME, host=host)
    panel.show_item(question=first)
    type_name(qtbot, panel, "Ada")
    panel.show_item(question=second)
    panel.hide()
    panel.show()
    panel.show_item(question=first)
    panel.run_primary()
    assert bench.answer_of(first)["content"] == {"name": "Ada"}


def test_fifty_questions_are_answered_by_keyboard_alone_none_twice(
    qtbot: QtBot, panel: InboxPanel, bench: Bench, host: Host
) -> None:
    questions = [bench.ask(YES_NO, host=host) for _ in range(50)]
    panel.show_item(oldest=True)
    panel.list.setFocus()
    for count, question in enumerate(questions):
        assert panel.question is question
        panel.guard = Guard()
        qtbot.keyClick(panel.list, Qt.Key.Key_A if count % 2 else Qt.Key.Key_D)
    actions = [bench.answer_of(question)["action"] for question in questions]
    assert actions == ["decline", "accept"] * 25
    assert bench.waiting == []


def test_after_an_answer_the_keys_are_deaf_for_a_moment(panel: InboxPanel, bench: Bench, host: Host) -> None:
    first, second = bench.ask(YES_NO, host=host), bench.ask(YES_NO, host=host)
    now = [0.0]
    panel.guard = Guard(lambda: now[0])
    panel.show_item(oldest=True)
    panel.run_primary()
    now[0] = 0.49
    panel.run_primary()
    panel.decline()
    assert not first.waiting
    assert second.waiting
    assert panel.question is second
    now[0] = 0.51
    panel.decline()
    assert second.state == "declined"


@pytest.mark.parametrize(
    ("name", "state"), [("_accept", "answered"), ("_decline", "declined"), ("_dismiss", "cancelled")]
)
def test_a_double_click_answers_one_question(
    qtbot: QtBot, panel: InboxPanel, bench: Bench, host: Host, name: str, state: str
) -> None:
    """The next card has the same button at the same place."""
    first, second = bench.ask(YES_NO, host=host), bench.ask(YES_NO, host=host)
    now = [0.0]
    panel.guard = Guard(lambda: now[0])
    panel.show_item(oldest=True)
    left = Qt.MouseButton.LeftButton
    button = getattr(panel.card, name)
    place = button.mapTo(panel, button.rect().center())
    qtbot.mouseClick(button, left)
    assert first.state == state
    assert panel.question is second
    again = getattr(panel.card, name)
    qtbot.waitUntil(lambda: panel.childAt(place) is again, timeout=30_000)
    now[0] = 0.49
    qtbot.mouseClick(again, left)
    assert second.waiting
    now[0] = 0.51
    qtbot.mouseClick(again, left)
    assert second.state == state


def test_a_held_key_answers_nothing(panel: InboxPanel, bench: Bench, host: Host) -> None:
    question = bench.ask(YES_NO, host=host)
    panel.show_item(oldest=True)
    held = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_A, Qt.KeyboardModifier.NoModifier, "a", True)
    panel.list.keyPressEvent(held)
    assert question.waiting


def test_escape_leaves_it_waiting(qtbot: QtBot, panel: InboxPanel, bench: Bench, host: Host) -> None:
    question = bench.ask(NAME, host=host)
    panel.show_item(oldest=True)
    focus = QApplication.focusWidget()
    assert focus is not None
    qtbot.keyClick(focus, Qt.Key.Key_Escape)
    assert question.waiting
    assert panel.list.hasFocus()


def test_ctrl_shift_d_declines(qtbot: QtBot, panel: InboxPanel, bench: Bench, host: Host) -> None:
    question = bench.ask(NAME, host=host)
    panel.show_item(oldest=True)
    panel.decline()  # what the action of Ctrl+Shift+D does
    assert bench.answer_of(question) == {"action": "decline"}


def test_a_question_taken_back_keeps_what_was_typed(qtbot: QtBot, panel: InboxPanel, bench: Bench, host: Host) -> None:
    question = bench.ask(NAME, host=host)
    panel.show_item(oldest=True)
    type_name(qtbot, panel, "Ada")
    question.withdraw()
    card = panel.card
    assert card is not None
    assert card.question is question
    assert card._banner.text.text() == "Taken back by the server. What you typed is still here."
    assert not card._footer.isVisible()
    card._banner_buttons["copy"].click()
    assert QGuiApplication.clipboard().text() == '{\n  "name": "Ada"\n}'
    panel.run_primary()
    assert question.state == "withdrawn"


def test_a_schema_beyond_the_subset_is_answered_as_json(panel: InboxPanel, bench: Bench, host: Host) -> None:
    schema = {"type": "object", "properties": {"deep": {"type": "object", "properties": {"x": {"type": "integer"}}}}}
    question = bench.ask({"message": "m", "requestedSchema": schema}, host=host)
    panel.show_item(oldest=True)
    assert panel.card is not None
    view = panel.card.view
    assert isinstance(view, ElicitationView)
    assert view.form.mode == "json"
    view.form.json_edit.setPlainText('{"deep": {"x": 1}}')
    panel.run_primary()
    assert bench.answer_of(question)["content"] == {"deep": {"x": 1}}


def test_a_page_is_opened_only_by_accepting(qtbot: QtBot, look: Theme, bench: Bench) -> None:
    host = Host("ledger", "https://mcp.a.example/mcp", stateless=False)
    question = bench.ask({"mode": "url", "message": "Go", "url": "https://login.a.example/x"}, host=host)
    opened: list[str] = []
    visits: list[str] = []
    view = ConsentView(question, tools(opener=lambda url: not opened.append(url), remember=visits.append))
    qtbot.addWidget(view)
    view.show()
    view.begin()
    assert opened == []
    assert view.accept()
    assert opened == ["https://login.a.example/x"]
    assert visits == ["a.example"]
    assert bench.answer_of(question) == {"action": "accept"}


def test_what_is_no_web_page_is_never_opened(qtbot: QtBot, look: Theme, bench: Bench, host: Host) -> None:
    question = bench.ask({"mode": "url", "message": "Go", "url": "file:///etc/passwd"}, host=host)
    opened: list[str] = []
    view = ConsentView(question, tools(opener=lambda url: not opened.append(url)))
    qtbot.addWidget(view)
    with qtbot.waitSignal(view.wanted, timeout=20_000):
        assert not view.accept()
    assert opened == []
    assert question.waiting


def test_a_sampling_reply_is_typed_and_approved(qtbot: QtBot, panel: InboxPanel, bench: Bench, host: Host) -> None:
    question = bench.ask(SAMPLING, "sampling", host=host)
    panel.show_item(oldest=True)
    assert panel.card is not None
    view = panel.card.view
    assert isinstance(view, SamplingView)
    panel.run_primary()
    assert question.waiting
    qtbot.keyClicks(view.reply.text, "Storm.")
    panel.run_primary()
    assert bench.answer_of(question) == {
        "role": "assistant",
        "content": {"type": "text", "text": "Storm."},
        "model": "human",
        "stopReason": "endTurn",
    }


def test_a_tool_call_is_built_against_the_offered_tools(
    qtbot: QtBot, panel: InboxPanel, bench: Bench, host: Host
) -> None:
    question = bench.ask(SAMPLING, "sampling", host=host)
    panel.show_item(oldest=True)
    assert panel.card is not None
    view = panel.card.view
    assert isinstance(view, SamplingView)
    view.reply.add_call()
    assert view.reply.problem() == 'Input of scan: "id" is missing.'
    form = view.reply.calls[0].form
    assert form is not None
    form.set_value({"id": "PD-1"})
    panel.run_primary()
    answer = bench.answer_of(question)
    assert answer["stopReason"] == "toolUse"
    assert answer["content"][0] | {"id": ""} == {"type": "tool_use", "id": "", "name": "scan", "input": {"id": "PD-1"}}


def test_sampling_is_refused_with_an_error(panel: InboxPanel, bench: Bench, host: Host) -> None:
    question = bench.ask(SAMPLING, "sampling", host=host)
    panel.show_item(oldest=True)
    panel.decline()
    assert isinstance(bench.answer_of(question), McpError)


def test_roots_are_file_uris_from_paths(panel: InboxPanel, bench: Bench, host: Host) -> None:
    question = bench.ask({}, "roots", host=host)
    panel.show_item(oldest=True)
    assert panel.card is not None
    view = panel.card.view
    assert isinstance(view, RootsView)
    view.lines.setPlainText("relative/path")
    panel.run_primary()
    assert question.waiting
    view.lines.setPlainText("file:///home/you/project")
    panel.run_primary()
    assert bench.answer_of(question) == {"roots": [{"uri": "file:///home/you/project", "name": "project"}]}
    assert root_of("x") is None


def test_the_list_obeys_the_model_rules_and_says_who_answered(panel: InboxPanel, bench: Bench, host: Host) -> None:
    tester = QAbstractItemModelTester(panel.model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    questions = [bench.ask(YES_NO, host=host) for _ in range(4)]
    questions[1].decline()
    questions[3].accept({})
    texts = [panel.model.data(panel.model.index(row), Qt.ItemDataRole.AccessibleTextRole) for row in range(6)]
    assert texts[0] == "Waiting for you"
    assert texts[3] == "Answered · 2 this session"
    assert texts[4].endswith("Accepted by you · parcel-desk")
    assert texts[5].endswith("Declined by you · parcel-desk")
    assert tester.model() is panel.model


def test_server_words_are_plain_and_bounded(panel: InboxPanel, bench: Bench, host: Host) -> None:
    bench.ask({"message": "<b>x</b>\u202e" + "y" * 1_000_000, "requestedSchema": {"type": "object"}}, host=host)
    panel.show_item(oldest=True)
    assert panel.card is not None
    texts = [label.text() for label in panel.card.findChildren(type(panel._summary))]
    assert all("\u202e" not in text and len(text) < 5_000 for text in texts)
    assert any("<b>x</b>" in text for text in texts)


# groups


def test_a_group_is_sent_when_all_of_it_is_answered(panel: InboxPanel, bench: Bench, host: Host) -> None:
    """Issue 6: several requests of one result, answered together."""
    group = Group(3)
    first, second, third = (bench.ask(YES_NO, host=host, group=group) for _ in range(3))
    panel.show_item(oldest=True)
    card = panel.card
    assert card is not None
    assert card._group._place.text() == "1 of 3"
    assert card._accept.text() == "Keep, and go to the next"
    for number, question in enumerate((first, second)):
        panel.guard = Guard()
        assert panel.question is question
        (panel.run_primary if number else panel.decline)()
        assert question.state == "held"
        assert not question.request.done
    assert panel.question is third
    assert panel.card is not None
    assert panel.card._accept.text() == "Send all 3 answers"
    panel.guard = Guard()
    panel.dismiss()
    assert [bench.answer_of(one)["action"] for one in (first, second, third)] == ["decline", "accept", "cancel"]


def test_a_kept_answer_can_be_changed_until_the_group_is_complete(
    qtbot: QtBot, panel: InboxPanel, bench: Bench, host: Host
) -> None:
    group = Group(2)
    first, second = bench.ask(NAME, host=host, group=group), bench.ask(YES_NO, host=host, group=group)
    panel.show_item(question=first)
    type_name(qtbot, panel, "Ada")
    panel.run_primary()
    panel.show_item(question=first)
    card = panel.card
    assert card is not None
    assert card._banner.text.text().startswith("Your answer is kept")
    assert not card._footer.isVisible()
    card._banner_buttons["change"].click()
    assert first.waiting
    assert card.view is not None
    assert card.view.isEnabled()
    panel.guard = Guard()
    panel.decline()
    panel.guard = Guard()
    panel.run_primary()
    assert bench.answer_of(first) == {"action": "decline"}
    assert bench.answer_of(second)["action"] == "accept"


def test_a_group_may_be_walked_by_keyboard_and_names_each_question(
    qtbot: QtBot, panel: InboxPanel, bench: Bench, host: Host
) -> None:
    group = Group(2)
    first = bench.ask(YES_NO, host=host, group=group)
    second = bench.ask(SAMPLING, "sampling", host=host, group=group)
    panel.show_item(question=first)
    card = panel.card
    assert card is not None
    qtbot.keyClick(card._group._after, Qt.Key.Key_Space)
    assert panel.question is second
    names = [button.accessibleName() for button in card._group._buttons]
    assert names == ["Question 1, Really?, not answered", "Question 2, Why late? Tell me., not answered"]


def test_refusing_sampling_does_not_wait_for_its_group(panel: InboxPanel, bench: Bench, host: Host) -> None:
    """A refused sampling request ends the call locally, so nothing else of the group is needed (2026-07-28, MRTR)."""
    group = Group(2)
    asked, sampling = bench.ask(NAME, host=host, group=group), bench.ask(SAMPLING, "sampling", host=host, group=group)
    panel.show_item(question=sampling)
    panel.decline()
    assert isinstance(bench.answer_of(sampling), McpError)
    assert asked.waiting


def test_an_answer_of_a_rule_completes_a_group(bench: Bench, host: Host) -> None:
    group = Group(2)
    mine = bench.ask(YES_NO, host=host, group=group)
    ruled = bench.ask(YES_NO, host=host, group=group, rule="yes")
    mine.accept({})
    assert mine.state == "answered"
    ruled.settled("rule yes", {"action": "accept", "content": {}})
    assert ruled.by == "rule yes"


# pages


def test_a_stateless_page_waits_for_retry_or_stop(
    qtbot: QtBot, panel: InboxPanel, bench: Bench, host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    panel.tools = dataclasses.replace(panel.tools, opener=lambda url: not opened.append(url))
    ends = {"retry": "accept", "stop": "cancel"}
    for way, action in ends.items():
        question = bench.ask({"mode": "url", "message": "Go", "url": f"https://a.example/{way}"}, host=host)
        panel.show_item(question=question)
        panel.guard = Guard(lambda: 0.0)
        card = panel.card
        assert card is not None
        qtbot.mouseClick(card._accept, Qt.MouseButton.LeftButton)
        qtbot.mouseClick(card._accept, Qt.MouseButton.LeftButton)  # it opened the page: this one is not the retry
        assert question.state == "visiting"
        assert not question.request.done
        assert (card._accept.text(), card._decline.text()) == ("Retry the call", "Stop waiting")
        panel.guard = Guard()
        (panel.run_primary if way == "retry" else panel.decline)()
        assert bench.answer_of(question) == {"action": action}
    assert opened == ["https://a.example/retry", "https://a.example/stop"]


def test_a_call_refused_for_a_page_goes_on_when_the_server_reports_it(bench: Bench) -> None:
    """-32042 of 2025-11-25 and `notifications/elicitation/complete`."""
    host = Host("ledger", stateless=False)
    page = {"mode": "url", "message": "Go", "url": "https://a.example/", "elicitationId": "e1"}
    question = bench.ask(page, host=host, page_first=True)
    question.visit()
    assert question.state == "visiting"
    question.page_finished()
    assert bench.answer_of(question) == {"action": "accept"}
    assert question.request.visited
    assert outcome_text(question).startswith("Page finished by you")


# rules


def test_a_rule_is_made_of_an_answer_and_edited_before_it_counts(
    qtbot: QtBot, panel: InboxPanel, bench: Bench, host: Host
) -> None:
    call = Call(3, "tools/call", "greet", {"arguments": {}})
    question = bench.ask(NAME, host=host, call=call)
    panel.show_item(oldest=True)
    type_name(qtbot, panel, "Ada")
    assert panel.card is not None
    assert isinstance(panel.card.view, ElicitationView)
    panel.card.view.make_rule.click()
    assert panel.in_rules
    form = panel.rules.form
    assert form is not None
    assert form.value()["content"] == {"name": "Ada"}
    assert form.value()["tool"] == "greet"
    form.set_value({**form.value(), "name": "greet Ada"})
    panel.run_primary()
    assert [rule.name for rule in bench.answers.rules.for_connection("parcel-desk")] == ["greet Ada"]
    assert bench.answers.rules.for_connection("other") == ()
    assert question.waiting, "a rule answers later questions, not the one it was made of"


def test_what_a_rule_answered_is_listed_and_can_be_switched_off(panel: InboxPanel, bench: Bench, host: Host) -> None:
    bench.answers.rules.add(Rule("yes", "accept", kind="form"))
    question = bench.ask(YES_NO, host=host, rule="yes")
    assert bench.waiting == []
    question.settled("rule yes", {"action": "accept", "content": {}})
    text = panel.model.data(panel.model.index(1), Qt.ItemDataRole.AccessibleTextRole)
    assert text.endswith("Accepted by rule “yes” · parcel-desk")
    panel.show_item(question=question)
    card = panel.card
    assert card is not None
    card._banner_buttons["off"].click()
    assert bench.answers.rules.find("yes")[0].enabled is False  # type: ignore[index]  # it is there
    assert not card._banner_buttons["off"].isVisible()


def test_a_rule_that_gives_up_hands_the_question_over_with_the_reason(
    panel: InboxPanel, bench: Bench, host: Host
) -> None:
    question = bench.ask(YES_NO, host=host, rule="old")
    panel.show_item(question=question)
    card = panel.card
    assert card is not None
    assert "about to answer" in card._banner.text.text()
    question.take_over("The rule “old” could not answer: it does not fit.")
    assert bench.waiting == [question]
    assert card._banner.text.text() == "The rule “old” could not answer: it does not fit."


def test_people_may_be_faster_than_a_rule(panel: InboxPanel, bench: Bench, host: Host) -> None:
    question = bench.ask(YES_NO, host=host, rule="slow")
    panel.show_item(question=question)
    panel.decline()
    question.settled("rule slow", {"action": "accept"})
    assert bench.answer_of(question) == {"action": "decline"}
    assert question.by == "you"


def test_a_rule_that_cannot_be_is_not_saved(panel: InboxPanel, bench: Bench) -> None:
    panel.show_item(rules=True)
    panel.rules.edit(Rule("new", "decline"))
    assert panel.rules.form is not None
    panel.rules.form.set_value({"name": "m", "answer": "model", "kind": "form"})
    panel.run_primary()
    assert panel.rules.is_form
    assert "'model' is none for form" in panel.rules._fault.text()
    assert bench.answers.rules.rules == []


def test_rules_travel_as_yaml(panel: InboxPanel, bench: Bench) -> None:
    bench.answers.rules.add(Rule("no", "decline", tool="x"))
    panel.show_item(rules=True)
    panel.rules._copy()
    assert "tool: x" in QGuiApplication.clipboard().text()
    bench.answers.rules.remove("no")
    panel.rules._paste()
    assert [rule.name for rule, _ in bench.answers.rules.rules] == ["no"]
    QGuiApplication.clipboard().setText("nonsense: [")
    panel.rules._paste()
    assert "holds no rules" in panel.said[-1]  # type: ignore[attr-defined]


# ends


def test_an_answer_that_came_too_late_says_that_it_was_not_sent(panel: InboxPanel, bench: Bench, host: Host) -> None:
    """An answer at the moment of cancellation: the client had withdrawn the question before the answer reached it."""
    question = bench.ask(YES_NO, host=host)
    panel.show_item(question=question)
    question.request.withdraw()
    panel.run_primary()
    assert question.state == "answered"
    question.missed("withdrawn")  # what the client tells
    assert question.late
    card = panel.card
    assert card is not None
    assert "came too late and was not sent" in card._banner.text.text()


def test_a_time_out_of_the_call_is_counted_down(panel: InboxPanel, bench: Bench) -> None:
    host = Host(stateless=False)
    call = Call(1, "tools/call", "t", {}, timeout=30.0)
    question = bench.ask(YES_NO, host=host, call=call)
    panel.show_item(question=question)
    card = panel.card
    assert card is not None
    assert card._left.text().endswith("left")
    left = question.seconds_left
    assert left is not None
    assert 0 < left <= 30
    assert bench.ask(YES_NO, host=Host(), call=call).seconds_left is None, "no clock runs between two rounds"


# drafts


def test_drafts_are_written_to_disk_and_leave_secrets_out(
    qtbot: QtBot, look: Theme, host: Host, tmp_path: Path
) -> None:
    schema = {"type": "object", "properties": {"name": {"type": "string"}, "apiKey": {"type": "string"}}}
    asked = {"message": "Who?", "requestedSchema": schema}
    for run in range(2):
        bench = Bench(Settings(tmp_path / "settings.json"))
        panel = InboxPanel(desk_of(bench, tmp_path))
        qtbot.addWidget(panel)
        panel.show()
        panel.show_item(question=bench.ask(asked, host=host))
        assert panel.card is not None
        assert isinstance(panel.card.view, ElicitationView)
        if run:
            assert panel.card.view.form.value() == {"name": "Ada"}
        else:
            panel.card.view.form.set_value({"name": "", "apiKey": "hunter2"})
            type_name(qtbot, panel, "Ada")
            panel.kept.save()  # the timer's work; a crash leaves what is on the disk
            assert "hunter2" not in (tmp_path / "inbox-drafts.json").read_text()
        bench.close()


@pytest.mark.parametrize(
    ("name", "part", "secret"),
    [
        ("password", {}, True),
        ("apiKey", {}, True),
        ("access_token", {}, True),
        ("cardNumber", {}, True),
        ("x", {"title": "Your PIN"}, True),
        ("x", {"format": "password"}, True),
        ("x", {"writeOnly": True}, True),
        ("name", {}, False),
        ("keyboard", {}, False),
        ("opinion", {}, False),
    ],
)
def test_what_counts_as_a_secret(name: str, part: dict[str, Any], secret: bool) -> None:
    assert is_secret(name, {"properties": {name: part}}) is secret


# forms


@pytest.mark.parametrize(
    ("address", "good"),
    [("desk@parcel", False), ("desk@parcel.example", True), ("a@[192.0.2.1]", True), ("desk@", False)],
)
def test_an_address_needs_a_whole_domain(panel: InboxPanel, bench: Bench, host: Host, address: str, good: bool) -> None:
    """RFC 5321 section 2.3.5: local nicknames must not be used, although the grammar takes them. Mockup 02."""
    schema = {"type": "object", "properties": {"email": {"type": "string", "format": "email"}}, "required": ["email"]}
    bench.ask({"message": "m", "requestedSchema": schema}, host=host)
    panel.show_item(oldest=True)
    assert panel.card is not None
    assert isinstance(panel.card.view, ElicitationView)
    panel.card.view.form.set_value({"email": address})
    assert panel.card.view.form.is_valid() is good
    if address == "desk@parcel":
        assert (
            panel.card.view.form.verdicts[0].message == "This is not a complete address: add a domain such as .example"
        )
        assert panel.card.view._verdict.whole() == "/email fails format"


@pytest.mark.slow
def test_an_enum_of_ten_thousand_values_is_searched_and_sent(
    qtbot: QtBot, panel: InboxPanel, bench: Bench, host: Host
) -> None:
    values = [f"place-{number:05}" for number in range(10_000)]
    schema = {"type": "object", "properties": {"place": {"type": "string", "enum": values}}, "required": ["place"]}
    question = bench.ask({"message": "Where?", "requestedSchema": schema}, host=host)
    panel.show_item(oldest=True)
    focus = QApplication.focusWidget()
    assert focus is not None
    qtbot.keyClicks(focus, "place-09876")
    qtbot.keyClick(focus, Qt.Key.Key_Return)
    panel.run_primary()
    assert bench.answer_of(question)["content"] == {"place": "place-09876"}


def test_hostile_words_are_shown_as_text_everywhere(panel: InboxPanel, bench: Bench, host: Host) -> None:
    evil = "<img src=x>\u202e\u200bgo\x07" + "z" * 5_000
    schema = {
        "type": "object",
        "title": evil,
        "properties": {evil: {"type": "string", "title": evil, "oneOf": [{"const": "a", "title": evil}]}},
    }
    host.name = evil
    group = Group(2)
    bench.ask({"message": evil, "requestedSchema": schema}, host=host, group=group)
    bench.ask(
        {"messages": [{"role": evil, "content": {"type": evil, "text": evil}}]}, "sampling", host=host, group=group
    )
    bench.ask({"mode": "url", "message": evil, "url": f"https://a.example/{evil}"}, host=host)
    for question in list(bench.questions):
        panel.show_item(question=question)
        assert panel.card is not None
        for label in panel.card.findChildren(QLabel):
            assert label.textFormat() == Qt.TextFormat.PlainText
            assert "\u202e" not in label.text()
            assert len(label.text()) < 5_000
        for button in panel.card.findChildren(QAbstractButton):
            assert "\u202e" not in button.text()
        assert "\u202e" not in panel.model.data(panel.list.currentIndex())


# replies to sampling


def sampling_view(panel: InboxPanel, bench: Bench, host: Host) -> tuple[Question, SamplingView]:
    question = bench.ask(SAMPLING, "sampling", host=host)
    panel.show_item(question=question)
    assert panel.card is not None
    assert isinstance(panel.card.view, SamplingView)
    return question, panel.card.view


def test_a_picture_is_a_reply(panel: InboxPanel, bench: Bench, host: Host, tmp_path: Path) -> None:
    question, view = sampling_view(panel, bench, host)
    picture = QImage(2, 2, QImage.Format.Format_RGB32)
    picture.fill(0)
    picture.save(str(tmp_path / "dot.png"))
    (tmp_path / "no.png").write_text("no picture")
    view.reply.add_image(tmp_path / "no.png")
    assert "no.png is no image" in view.reply.facts.whole()
    view.reply.add_image(tmp_path / "missing.png")
    assert "cannot be read" in view.reply.facts.whole()
    view.reply.add_image(tmp_path / "dot.png")
    panel.run_primary()
    content = bench.answer_of(question)["content"]
    assert (content["type"], content["mimeType"]) == ("image", "image/png")
    assert QImage.fromData(base64.b64decode(content["data"])).width() == 2


def test_a_reply_as_json_may_say_more_than_the_fields(panel: InboxPanel, bench: Bench, host: Host) -> None:
    question, view = sampling_view(panel, bench, host)
    view.reply.text.setPlainText("Hm.")
    panel.toggle_json()
    assert view.reply.is_json
    view.reply.json.setPlainText('{"role": "assistant"')
    panel.run_primary()
    assert question.waiting
    audio = {"type": "audio", "data": "aGk=", "mimeType": "audio/wav"}
    reply = {"role": "assistant", "content": audio, "model": "m", "stopReason": "odd"}
    view.reply.json.setPlainText(json.dumps(reply))
    panel.toggle_json()
    assert view.reply.is_json, "the fields have no place for audio"
    panel.run_primary()
    assert bench.answer_of(question) == reply


def test_json_that_the_fields_can_hold_goes_back_into_them(panel: InboxPanel, bench: Bench, host: Host) -> None:
    _, view = sampling_view(panel, bench, host)
    call = {"type": "tool_use", "id": "c7", "name": "scan", "input": {"id": "PD-1"}}
    content = [{"type": "text", "text": "a"}, call]
    reply = {"role": "assistant", "content": content, "model": "m", "stopReason": "toolUse"}
    view.reply.show_result(reply)
    assert not view.reply.is_json
    assert view.reply.result() == reply


def test_canned_replies_are_kept_under_a_name_and_used_again(panel: InboxPanel, bench: Bench, host: Host) -> None:
    first, view = sampling_view(panel, bench, host)
    view._show_way("canned")
    view.reply.text.setPlainText("We are looking into it.")
    view.canned.keep_as("looking")
    panel.decline()
    second, view = sampling_view(panel, bench, host)
    view._show_way("canned")
    assert view.canned.pick.currentText() == "looking"
    view.canned.use.click()
    panel.guard = Guard()
    panel.run_primary()
    assert bench.answer_of(second)["content"]["text"] == "We are looking into it."
    assert isinstance(bench.answer_of(first), McpError)
    _, view = sampling_view(panel, bench, host)
    view._show_way("canned")
    view.canned.drop.click()
    assert not view.canned.use.isVisible()


def test_messages_are_edited_for_drafts_only_and_marked(panel: InboxPanel, bench: Bench, host: Host) -> None:
    question, view = sampling_view(panel, bench, host)
    system, user = view.messages.turns
    user.edit.click()
    user._field.setPlainText("Why is it early?")
    assert user._mark.isVisible()
    assert not system._mark.isVisible()
    assert view.messages.params()["messages"][0]["content"][0]["text"] == "Why is it early?"
    assert view.messages.params()["systemPrompt"] == "Be brief."
    assert question.params == SAMPLING, "what the server sent stays as it was"
    user._undo.click()
    assert not view.messages.changed


def test_a_rule_is_made_of_a_reply(panel: InboxPanel, bench: Bench, host: Host) -> None:
    _, view = sampling_view(panel, bench, host)
    view.reply.text.setPlainText("Always this.")
    view.make_rule.click()
    panel.run_primary()
    rule = bench.answers.rules.rules[0][0]
    assert (rule.kind, rule.content) == ("sampling", "Always this.")


def test_what_people_changed_of_a_draft_is_counted() -> None:
    assert changed_words("a b c", "a b c") == 0
    assert changed_words("a b c", "a x c d") == 2
    assert changed_words("", "one two") == 2


@pytest.mark.parametrize(("width", "both"), [(1200, True), (840, False)])
def test_where_there_is_no_room_for_both_sides_one_is_shown(
    qtbot: QtBot, panel: InboxPanel, bench: Bench, host: Host, width: int, both: bool
) -> None:
    panel.resize(width, 600)
    for params, kind in ((NAME, "elicitation"), (SAMPLING, "sampling")):
        panel.show_item(question=bench.ask(params, kind, host=host))  # type: ignore[arg-type]  # two of the kinds
        card = panel.card
        assert card is not None
        assert isinstance(card.view, ElicitationView | SamplingView)
        panes = card.view.panes
        qtbot.waitUntil(lambda panes=panes: panes.switch.isVisible() is not both, timeout=30_000)
        assert [pane.isVisible() for pane in panes._panes.values()].count(True) == (2 if both else 1)
        focus = QApplication.focusWidget()
        assert focus is not None
        assert focus.isVisible(), "the side that has the focus is the one that is shown"


def test_a_question_of_one_sentence_stands_there_once(
    panel: InboxPanel, bench: Bench, host: Host, qtbot: QtBot
) -> None:
    """As the title; below it again only where the title has no room for it, or where there is more to read."""
    sentence = "Which warehouse should the parcel leave from?"

    def said() -> list[str]:
        assert panel.card is not None
        shown = [one for one in panel.card.findChildren(Notice) if one.isVisible()]
        return [one.text.text() for one in shown if one.property("notice") == "human"]

    panel.show_item(question=bench.ask({**NAME, "message": sentence}, host=host))
    assert panel.card is not None
    title = panel.card._title
    qtbot.waitUntil(lambda: title.width() > 0 and title.text() == sentence and said() == [], timeout=20_000)
    title.setMaximumWidth(80)
    qtbot.waitUntil(lambda: said() == [sentence], timeout=20_000)
    title.setMaximumWidth(800)
    qtbot.waitUntil(lambda: said() == [], timeout=20_000)
    panel.show_item(question=bench.ask(NAME, host=host))
    qtbot.waitUntil(lambda: said() == ["Who are you? Please say."], timeout=20_000)


def test_a_question_waits_from_when_it_came_not_from_when_it_was_shown(bench: Bench, host: Host) -> None:
    """Past fault: what lay between, up to 30 ms, was counted as the call's own time."""
    question = bench.ask(NAME, host=host)
    assert question.asked_ns == question.request.asked_ns


def test_a_title_is_cut_inside_a_word_rather_than_to_nothing(bench: Bench, host: Host) -> None:
    asked = bench.ask({**NAME, "message": "Q 7 " + "m" * 300}, host=host)
    assert title_of(asked) == "Q 7 " + "m" * 66 + "…"
    words = bench.ask({**NAME, "message": "word " * 40}, host=host)
    assert title_of(words) == " ".join(["word"] * 14) + "…"
