"""What a person sees and does in the Inbox, mostly by keyboard."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from inbox_desk import Bench, Host, desk_of
from wireglass.errors import McpError
from wireglass_app.calls import Call
from wireglass_app.forms.fields import LineEditor
from wireglass_app.forms.groups import ObjectEditor
from wireglass_app.inbox.consent import ConsentView
from wireglass_app.inbox.elicitation import ElicitationView
from wireglass_app.inbox.guard import Guard
from wireglass_app.inbox.roots import RootsView, root_of
from wireglass_app.inbox.sampling import SamplingView
from wireglass_app.panels.inbox import InboxPanel
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
    focus = QApplication.focusWidget()
    assert focus is not None
    qtbot.keyClick(focus, Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
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
    card._copy.click()
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
    host = Host("ledger", "https://mcp.a.example/mcp")
    question = bench.ask({"mode": "url", "message": "Go", "url": "https://login.a.example/x"}, host=host)
    opened: list[str] = []
    visits: list[str] = []
    view = ConsentView(question, opener=lambda url: not opened.append(url), remember=visits.append)
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
    view = ConsentView(question, opener=lambda url: not opened.append(url))
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
    view.reply._add_call()
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
