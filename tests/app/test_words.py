"""What failed, why and what now: four ways in which a call ends badly (design section 6), every error (section 13)."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import wireglass_app
from wireglass import __version__, errors
from wireglass.client.opening import ConnectionFacts
from wireglass.errors import (
    HttpStatusError,
    McpError,
    NoCommonVersion,
    RequestTimeout,
    SessionLost,
    SignInError,
    StateUnavailable,
    TransportClosed,
    WireglassError,
)
from wireglass.protocol.messages import Frame
from wireglass.protocol.verdicts import Verdict
from wireglass.recording.ledger import Ledger
from wireglass_app.calls import Call, Target
from wireglass_app.dossier.reporting import report
from wireglass_app.dossier.words import no_logs, verdict
from wireglass_app.failures import explain
from wireglass_app.plain import THIN


def test_where_no_logs_are_stands_what_was_asked_for() -> None:
    call = ended("done")
    call.meta = {"io.modelcontextprotocol/logLevel": "warning"}
    assert "asked for warning and above" in no_logs(call)
    assert "asked for" not in no_logs(ended("done"))
    assert no_logs(Call(1, "tools/call", "add", {}, state="running", started_ns=0)) == "Nothing logged so far."


def ended(state, problem=None, result=None) -> Call:
    return Call(1, "tools/call", "add", {}, state=state, started_ns=0, ended_ns=1, problem=problem, result=result)


def test_each_way_has_its_own_title_reason_and_next_step() -> None:
    ways = [
        ended("tool-error", result={"isError": True, "content": []}),
        ended("refused", McpError(-32602, "kg must be above 0")),
        ended("timeout", RequestTimeout("tools/call", 60.0)),
        ended("lost", TransportClosed("The server closed the connection.", exit_status=1)),
    ]
    words = [verdict(call) for call in ways]
    assert [one.title for one in words] == [
        "The tool reported an error",
        "The server refused the call",
        "No result after 60 s",
        "The connection was lost",
    ]
    assert len({one.next_step for one in words}) == 4
    assert all(one.next_step for one in words)
    assert words[0].next_step.startswith("This is an answer, not a fault")
    assert words[1].fact == "-32602 invalid params"
    assert "cancelled" in words[2].text


def test_a_server_that_asks_only_after_a_handshake_tells_how_to_get_one() -> None:
    """A server on FastMCP 4 is reached without a handshake, and then its `ctx.elicit` fails."""
    text = "elicitation via server-initiated requests is unavailable on 2026-07-28 connections."
    result = {"isError": True, "content": [{"type": "text", "text": text}]}
    assert "“Handshake only”" in verdict(ended("tool-error", result=result)).next_step


def test_a_code_nobody_knows_has_a_next_step_too() -> None:
    assert verdict(ended("refused", McpError(-32099, "own"))).next_step


APP = Path(wireglass_app.__file__).parent
BARE = re.compile(
    r"(an |the |unknown |unexpected )?(error|fail(ed|ure)?|oops|problem)( occurred)?|something went wrong", re.I
)
SHOWN_BY = {
    "Label",
    "Elided",
    "Chip",
    "Notice",
    "Button",
    "Empty",
    "setText",
    "setToolTip",
    "setWindowTitle",
    "addAction",
}


def bare(text: str) -> bool:
    """Whether that is all it says."""
    return BARE.fullmatch(text.strip().rstrip(".:!…").strip()) is not None


def _is_silent(node: ast.AST) -> bool:
    """What is compared with, and the names that a module gives away, are not shown."""
    exported = isinstance(node, ast.Assign) and any(getattr(one, "id", "") == "__all__" for one in node.targets)
    return exported or isinstance(node, ast.Compare)


def bare_texts(source: str) -> Iterator[tuple[int, str]]:
    """Texts that say nothing but that something failed: those with a capital letter, which are never names of states,
    and whatever is handed to a widget."""
    tree = ast.parse(source)
    silent = {id(part) for node in ast.walk(tree) if _is_silent(node) for part in ast.walk(node)}
    for node in ast.walk(tree):
        if id(node) in silent:
            continue
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value[:1].isupper():
            if bare(node.value):
                yield node.lineno, node.value
        elif isinstance(node, ast.JoinedStr):
            fixed = [part.value for part in node.values if isinstance(part, ast.Constant)]
            if len(fixed) == len(node.values) and bare("".join(map(str, fixed))):
                yield node.lineno, "".join(map(str, fixed))
        elif isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            for given in node.args if name in SHOWN_BY else ():
                if isinstance(given, ast.Constant) and isinstance(given.value, str) and bare(given.value):
                    yield node.lineno, given.value


def test_the_scan_finds_what_it_looks_for() -> None:
    found = [
        text for _, text in bare_texts('a = "Error"; b = "Failed."; c = "error"; Label("failed"); d = "Failed to read"')
    ]
    assert sorted(found) == ["Error", "Failed.", "failed"]


def test_no_text_says_only_that_something_failed() -> None:
    """Design section 13, point 6."""
    files = sorted(APP.rglob("*.py"))
    assert len(files) > 150
    found = {
        f"{file.relative_to(APP)}:{line}: {text}"
        for file in files
        for line, text in bare_texts(file.read_text(encoding="utf-8"))
    }
    assert found == set()


def every_error() -> list[WireglassError]:
    """One of each, made the barest way; classes that need no more than a message are found by themselves."""
    made: list[WireglassError] = [
        McpError(-32099, "own"),
        McpError(-32603, "inside"),
        SignInError("token", "No token."),
        HttpStatusError(500, "It answered 500."),
        HttpStatusError(404, "It answered 404."),
        HttpStatusError(401, "It answered 401."),
        SessionLost(),
        RequestTimeout("tools/call", 60.0),
        TransportClosed(),
        StateUnavailable("read"),
        NoCommonVersion(["2023-01-01"], ["2025-03-26", "2026-07-28"]),
    ]
    kinds = {type(one) for one in made}
    for name in errors.__all__:
        kind = getattr(errors, name)
        if isinstance(kind, type) and issubclass(kind, WireglassError) and kind not in kinds:
            made.append(kind("It did not work out."))
    return made


@pytest.mark.parametrize("problem", every_error(), ids=lambda one: f"{type(one).__name__} {one}"[:40])
def test_every_error_has_a_next_step_in_the_result_and_in_place_of_the_server(problem: WireglassError) -> None:
    """Design section 13, point 6: whatever ends a call or a connection, the reader learns what to do."""
    state = "timeout" if isinstance(problem, RequestTimeout) else "refused" if isinstance(problem, McpError) else "lost"
    assert verdict(ended(state, problem)).next_step.strip()
    for ready in (False, True):
        failure = explain(Target("shop", "http", url="http://shop/mcp"), problem, (), (), (), was_ready=ready)
        assert failure.next_step.strip()
        assert not bare(failure.title), failure.title


def test_a_fault_of_ours_has_a_next_step_too() -> None:
    assert verdict(ended("fault", ValueError("x"))).next_step
    assert explain(Target("shop", "stdio"), ValueError("x"), (), (), (), was_ready=True).next_step


def test_a_report_tells_the_outcome_and_the_frames_both_ways() -> None:
    ledger = Ledger()
    frames = [Frame("client", "stdio", '{"id":1}', None, 1), Frame("server", "stdio", '{"error":1}', None, 2)]
    entries = [ledger.append(frame, "desk #1") for frame in frames]
    lines = report(ended("refused", McpError(-32602, "kg must be above 0")), entries).splitlines()
    assert lines[0].startswith("tools/call add: ")
    assert "kg must be above 0" in "\n".join(lines)
    assert lines[-2:] == ['-> {"id":1}', '<- {"error":1}']


def test_a_report_of_a_schema_that_is_broken_has_the_rule_and_the_versions() -> None:
    """Design, section 8, "output schema"."""
    facts = ConnectionFacts("2025-11-25", stateless=False, why="", server_info={"name": "desk"}, capabilities={})
    call = ended("done", None)
    call.verdicts = (Verdict("/total", 'This is the text "many"; a whole number is needed.', "type"),)
    ledger = Ledger()
    long = ledger.append(Frame("server", "stdio", '{"result":"' + "x" * 30_000 + '"}', None, 1), "desk #1")
    text = report(call, [long], facts, {"type": "object"})
    assert f"Wireglass {__version__} · MCP 2025-11-25 · desk" in text.splitlines()
    assert '/total (type): This is the text "many"; a whole number is needed.' in text
    assert 'Output schema:\n{"type": "object"}' in text
    assert text.endswith(f"… and 10{THIN}013 more characters")
