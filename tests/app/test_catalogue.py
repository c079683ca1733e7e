"""What changed between two readings of a server's lists, breaking changes first; rows, groups and filters of lists."""

import pytest

from wireglass.recording.surface import compare_lists as compare
from wireglass_app.calls import Call
from wireglass_app.catalogue import Catalogue, Lists
from wireglass_app.models.catalogue import Heading, filtered, tool_rows


def tool(name: str, properties: dict, required: list[str] | None = None, **more) -> dict:
    return {"name": name, "inputSchema": {"properties": properties, "required": required or []}, **more}


OLD = Lists(tools=(tool("a", {"x": {"type": "string"}}), tool("b", {"y": {"type": "integer"}}), tool("gone", {})))


def test_changes_are_ordered_by_how_much_they_hurt() -> None:
    new = Lists(
        tools=(
            tool("a", {"x": {"type": "string"}}, description="other words"),
            tool("b", {"y": {"type": "string"}, "z": {"type": "string"}}, ["z"]),
            tool("fresh", {}),
        )
    )
    changes = compare(OLD, new)
    assert [(c.what, c.name) for c in changes.items] == [
        ("breaking", "b"),
        ("gone", "gone"),
        ("changed", "a"),
        ("new", "fresh"),
    ]
    assert changes.items[0].detail == "input: y is now string, was integer; z is now required"
    assert changes.summary == "+1 tool, \u22121 tool, 2 changed"


def test_the_first_reading_changes_nothing() -> None:
    catalogue = Catalogue()
    assert catalogue.take(OLD) is None
    assert catalogue.take(OLD).summary == "no changes"


@pytest.mark.parametrize(
    ("before", "after", "breaks"),
    [
        ({}, {"new": {"type": "string"}}, ""),
        ({"x": {"type": "string"}}, {}, "input: x is no longer taken"),
        ({"x": {"type": "string"}}, {"x": {"type": "integer"}}, "input: x is now integer, was string"),
    ],
)
def test_what_breaks_a_tool(before: dict, after: dict, breaks: str) -> None:
    changes = compare(Lists(tools=(tool("t", before),)), Lists(tools=(tool("t", after),)))
    assert (changes.items[0].detail if changes.items[0].what == "breaking" else "") == breaks


def test_tools_are_grouped_by_tag_then_by_prefix() -> None:
    tagged = [
        tool("one", {}, _meta={"fastmcp": {"tags": ["rates"]}}),
        tool("two", {}),
    ]
    assert [row.group for row in tool_rows(tagged, [], None)] == ["Rates", "Other"]
    prefixed = [tool(name, {}) for name in ("get_a", "get_b", "set_a", "set_b", "alone", "x")]
    assert [row.group for row in tool_rows(prefixed, [], None)] == ["Get", "Get", "Set", "Set", "Other", "Other"]
    few = [tool("get_a", {}), tool("get_b", {})]
    assert {row.group for row in tool_rows(few, [], None)} == {""}


def test_a_filter_keeps_every_word_and_the_headings_count() -> None:
    rows = tool_rows([tool(name, {}) for name in ("get_a", "get_b", "set_a", "set_b", "alone", "x")], [], None)
    found = filtered(rows, "set a")
    assert [one.text if isinstance(one, Heading) else one.name for one in found] == ["Set", "set_a"]
    closed = filtered(rows, "", closed=frozenset({"Get"}))
    assert [one.text for one in closed if isinstance(one, Heading)] == ["Get", "Set", "Other"]
    assert "get_a" not in [getattr(one, "name", "") for one in closed]


def test_earlier_calls_teach_the_row_what_a_tool_does() -> None:
    call = Call(1, "tools/call", "a", {}, state="done", started_ns=0, ended_ns=5_000_000_000)
    row = tool_rows([tool("a", {}, annotations={"readOnlyHint": True})], [call], None)[0]
    assert row.note == "5.0 s"
    assert row.spoken == "a, read-only, usually slow, 5.0 s"


def test_ten_thousand_tools_filter_quickly() -> None:
    """Design section 12: 1,000 tools in 30 ms; here ten times as many stay under a generous bound of one second."""
    from time import thread_time

    rows = tool_rows([tool(f"tool_{n}", {}, description="words " * 20) for n in range(10_000)], [], None)
    began = thread_time()
    assert len(filtered(rows, "tool_999")) == 11
    assert thread_time() - began < 1.0, "of this thread's own time: other programs may be busy"


def test_a_list_that_could_not_be_read_has_not_lost_its_items() -> None:
    before = Lists(tools=({"name": "a"},), prompts=({"name": "p"},))
    after = Lists(problems=(("tools", "tools/list was refused"),))
    assert [(one.kind, one.what) for one in compare(before, after).items] == [("prompt", "gone")]
