"""The filter language of the frame table."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import to_json

from wireglass.protocol.conformance import Violation
from wireglass.protocol.messages import Frame, Sender, error, notification, request, result
from wireglass.recording.filter import KEYS, compile_filter, suggest
from wireglass.recording.filter_grammar import FilterError, tokens
from wireglass.recording.ledger import Ledger

MS = 1_000_000


@pytest.fixture(scope="module")
def ledger() -> Ledger:
    """0 call, 1 progress, 2 its answer after 400 ms, 3 list, 4 its error, 5 stray text, 6 an open call elsewhere."""
    made = Ledger()

    def put(message: Any, sender: Sender, at_ms: int, connection: str = "shop #1", raw: str | None = None) -> None:
        text = to_json(message).decode() if raw is None else raw
        made.append(Frame(sender, "stdio", text, message, at_ms * MS, None if raw is None else "not JSON"), connection)

    put(request(1, "tools/call", {"name": "buy", "arguments": {}}), "client", 0)
    put(notification("notifications/progress", {"progressToken": 1, "progress": 1}), "server", 50)
    put(result(1, {"content": [{"type": "text", "text": "Bought " + "x" * 2_000}]}), "server", 400)
    put(request("two", "tools/list"), "client", 500)
    put(error("two", -32601, "unknown"), "server", 510)
    put(None, "server", 600, raw="print was here")
    put(request(3, "resources/read", {"uri": "a://b"}), "client", 700, "notes #2")
    made.mark(2, (Violation("/result", "r", "m", "2026-07-28"),))
    made.mark(3, (Violation("", "r", "m", "2026-07-28", severity="warning"),))
    return made


def passing(text: str, ledger: Ledger) -> list[int]:
    matcher = compile_filter(text, ledger, server=lambda name: name.partition(" ")[0].upper())
    assert matcher is not None
    return [entry.seq for entry in ledger.entries if matcher(entry.seq)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("method:tools/call", [0, 2]),
        ("method:tools/*", [0, 2, 3, 4]),
        ("METHOD:Tools/*", [0, 2, 3, 4]),
        ("method:*progress", [1]),
        ("name:buy", [0, 2]),
        ("server:notes", [6]),
        ('server:"shop #1" id:1', [0, 2]),
        ("id:two", [3, 4]),
        ("kind:result", [2]),
        ("kind:broken", [5]),
        ("dir:out", [0, 3, 6]),
        ("dir:in not kind:notification", [2, 4, 5]),
        ("status:open", [6]),
        ("status:ok", [0, 2]),
        ("status:error", [3, 4]),
        ("verdict:fail", [2, 5]),
        ("verdict:warn", [3]),
        ("verdict:ok", [0, 1, 4, 6]),
        ("size:>2kb", [2]),
        ("size:>=0.01KB size:<2KB dir:out", [0, 3, 6]),
        ("dur:>=400ms", [0, 2]),
        ("dur>=400ms", [0, 2]),
        ("Dur<0.1s or SIZE>2kb", [2, 3, 4]),
        ("dur:<0.1s", [3, 4]),
        ("time:00:00:00-00:00:00.05", [0, 1]),
        ("time:00:00:00.4-00:00:00.51", [2, 3, 4]),
        ("time:0:00-23:59", [0, 1, 2, 3, 4, 5, 6]),
        ("time:23:59-00:00:00.1", [0, 1]),
        ("text:BOUGHT", [2]),
        ("text:print*here", [5]),
        ("buy", [0, 2]),
        ("shop", [0, 1, 2, 3, 4, 5]),
        ("method:tools/* or verdict:fail server:shop", [0, 2, 3, 4, 5]),
        ("(method:tools/* or verdict:fail) and kind:broken", [5]),
        ("not (dir:in or method:tools/*)", [6]),
        ("not not id:two", [3, 4]),
    ],
)
def test_a_filter_finds_what_it_says(ledger: Ledger, text: str, found: list[int]) -> None:
    assert passing(text, ledger) == found


def test_an_empty_filter_is_none(ledger: Ledger) -> None:
    assert compile_filter("  ", ledger) is None


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("colour:red", "colour:red", "There is no colour:"),
        ("method:", "method:", "needs a value"),
        ("size:>big", "size:>big", "is no size"),
        ("size:1ms", "size:1ms", "is no size"),
        ("method:>x", "method:>x", "cannot be compared"),
        ("dir:up", "dir:up", "takes out, in"),
        ("status:fine", "status:fine", "no such status"),
        ("(a", "(", "not closed"),
        ("a)", ")", "no opening one"),
        ("a or", "r", "missing at the end"),
        ("or a", "or", "missing before this"),
        ("()", ")", "missing before this"),
    ],
)
def test_a_fault_is_told_with_its_place(ledger: Ledger, text: str, place: str, words: str) -> None:
    with pytest.raises(FilterError) as fault:
        compile_filter(text, ledger)
    assert text[fault.value.start : fault.value.end] == place
    assert words in fault.value.message


def test_nesting_is_bounded(ledger: Ledger) -> None:
    with pytest.raises(FilterError, match="nested too deep"):
        compile_filter("(" * 500 + "a" + ")" * 500, ledger)


def test_a_frame_that_is_forgotten_raises() -> None:
    made = Ledger()
    made.append(Frame("client", "stdio", "{}", {}, 0))
    matcher = compile_filter("kind:broken", made)
    made.forget(1)
    assert matcher is not None
    with pytest.raises(LookupError):
        matcher(0)


def test_suggestions_complete_keys_and_values(ledger: Ledger) -> None:
    assert suggest("me", 2, ledger) == ["method:"]
    assert suggest("", 0, ledger) == [f"{key}:" for key in KEYS]
    assert suggest("method:tools", 12, ledger) == ["method:tools/call", "method:tools/list"]
    assert suggest("a verdict:f", 11, ledger) == ["verdict:fail"]
    assert suggest("status:inp", 10, ledger) == ['status:"input required"']


@given(st.text(alphabet='ab():*<>="\\ orndt\u202e', max_size=40))
def test_any_text_is_a_filter_or_a_fault_inside_of_it(text: str) -> None:
    for piece in tokens(text):
        assert 0 <= piece.start < piece.end <= len(text)
    made = Ledger()
    made.append(Frame("client", "stdio", "x", None, 0, "not JSON"))
    try:
        matcher = compile_filter(text, made)
    except FilterError as error:
        fault = error
    else:
        assert matcher is None or matcher(0) in (True, False)
        return
    assert 0 <= fault.start <= fault.end <= len(text)
