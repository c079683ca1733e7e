"""What is said of a call without a result, and what can be done about it."""

import pytest
from pytestqt.qtbot import QtBot

from wireglass.errors import RequestTimeout, SignInError, TransportClosed
from wireglass_app.calls import Call, LogLine
from wireglass_app.dossier.problem import ProblemPage
from wireglass_app.dossier.words import verdict


@pytest.fixture
def page(qtbot: QtBot, look) -> ProblemPage:
    page = ProblemPage()
    qtbot.addWidget(page)
    page.resize(600, 500)
    page.show()
    return page


def tool_error(text: str, **arguments: str) -> Call:
    result = {"content": [{"type": "text", "text": text}], "isError": True}
    return Call(1, "tools/call", "track", {"arguments": arguments}, state="tool-error", result=result)


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("No parcel with number PD-4810.", "/tracking_no"),
        ("tracking_no has five digits.", "/tracking_no"),
        ("No parcel with number PD-48107.", ""),
        ("The depot in no is closed.", ""),
    ],
    ids=["repeats its value", "names it", "another value", "a short value"],
)
def test_the_argument_that_an_error_is_about_can_be_edited_at_once(page: ProblemPage, text: str, field: str) -> None:
    """Mockup 15: "Argument tracking_no is the likely cause." """
    page.show_call(tool_error(text, tracking_no="PD-4810", country="no"), frames=2)
    assert page.pointer == field
    assert page.field.isVisible() == bool(field)
    assert ("Argument tracking_no is the likely cause." in page.why.text()) == bool(field)
    assert page.frames.text() == "Frames 2"


def test_only_what_the_server_said_is_quoted(page: ProblemPage) -> None:
    page.show_call(tool_error("It broke."))
    assert page.well.isVisible()
    late = Call(1, "tools/call", "hang", {}, state="timeout", problem=RequestTimeout("tools/call", 1.0))
    page.show_call(late)
    assert not page.well.isVisible()
    assert page.why.text().startswith("The call was cancelled. ")
    assert page.longer.isVisible()
    assert not page.restart.isVisible()
    page.show_call(Call(1, "tools/call", "hang", {}, state="cancelled"))
    assert page.why.text() == "You stopped it, and the server was told."
    assert not page.longer.isVisible()


def test_a_call_whose_token_was_refused_says_so_and_offers_to_sign_in_again(page: ProblemPage) -> None:
    """Design, section 8, "token refused": it is no lost connection."""
    said = "The token is for another server. Audience is https://a.example, this server is https://b.example."
    refused = Call(1, "tools/call", "look", {}, state="lost", problem=SignInError("token", said))
    assert verdict(refused).title == "The token is for another server"
    page.show_call(refused)
    assert page.why.text() == "Audience is https://a.example, this server is https://b.example. Sign in again."
    assert page.restart.text() == page.restart.accessibleName() == "Sign in again"
    page.show_call(Call(1, "tools/call", "look", {}, state="lost", problem=TransportClosed("The server exited.")))
    assert page.restart.text() == "Start again"


def test_a_lost_server_leaves_its_last_words_and_can_be_started_again(page: ProblemPage) -> None:
    lines = [LogLine("stderr", "stderr", text, 0.0, 0) for text in ("reading", "SyntaxError: ':' expected")]
    gone = Call(1, "tools/call", "die", {}, state="lost", problem=TransportClosed("The server exited."), logs=lines)
    page.show_call(gone)
    assert page.trace.text.text() == "reading\nSyntaxError: ':' expected"
    assert page.trace.title.text() == "The end of its stderr"
    assert page.restart.isVisible()
    assert page.logs.isVisible()
