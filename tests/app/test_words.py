"""The four ways in which a call ends badly are four different texts, each with a next step (design section 6)."""

from wireglass.errors import McpError, RequestTimeout, TransportClosed
from wireglass_app.calls import Call
from wireglass_app.dossier.words import verdict


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


def test_a_code_nobody_knows_has_a_next_step_too() -> None:
    assert verdict(ended("refused", McpError(-32099, "own"))).next_step
