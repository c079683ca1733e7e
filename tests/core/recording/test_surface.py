"""What changed between two looks at a server, ordered by how much it hurts."""

from typing import Any

from wireglass.recording.surface import Lists, Surface, compare_lists, compare_surfaces


def tool(name: str, properties: dict[str, Any], *required: str, **more: Any) -> dict[str, Any]:
    schema = {"type": "object", "properties": properties, "required": list(required)}
    return {"name": name, "inputSchema": schema, **more}


TEXT = {"type": "string"}


def test_one_tool_can_break_and_change_beside() -> None:
    before = Lists(tools=(tool("quote", {"a": TEXT}, description="old", outputSchema={"properties": {}}),))
    after = Lists(
        tools=(tool("quote", {"a": TEXT}, "a", description="new", outputSchema={"properties": {"quote_id": TEXT}}),)
    )
    broken, beside = compare_lists(before, after).items
    assert (broken.what, broken.part, broken.detail) == ("breaking", "inputSchema", "input: a is now required")
    assert broken.after == after.tools[0]["inputSchema"]
    assert "refused" in broken.meaning
    assert (beside.what, beside.detail) == ("changed", "description; output: + quote_id")
    assert beside.before == {"description": "old", "outputSchema": {"properties": {}}}
    assert compare_lists(before, after).summary == "1 changed"


def test_an_output_field_that_goes_breaks() -> None:
    before = Lists(tools=(tool("t", {}, outputSchema={"properties": {"id": TEXT}}),))
    (change,) = compare_lists(before, Lists(tools=(tool("t", {}, outputSchema={"properties": {}}),))).items
    assert (change.what, change.detail) == ("breaking", "output: id is gone")
    (change,) = compare_lists(before, Lists(tools=(tool("t", {}),))).items
    assert (change.what, change.detail) == ("breaking", "output: results no longer follow a schema")


def test_a_prompt_that_asks_for_more_breaks() -> None:
    before = Lists(prompts=({"name": "p", "arguments": [{"name": "a"}]},))
    after = Lists(prompts=({"name": "p", "arguments": [{"name": "a", "required": True}, {"name": "b"}]},))
    assert [(one.what, one.detail) for one in compare_lists(before, after).items] == [
        ("breaking", "a is now required"),
        ("changed", "+ b"),
    ]


def test_other_hints_are_said() -> None:
    before = Lists(tools=(tool("t", {}, annotations={"readOnlyHint": True}),))
    after = Lists(tools=(tool("t", {}, annotations={"readOnlyHint": False}),))
    (change,) = compare_lists(before, after).items
    assert (change.what, change.part, change.detail) == ("changed", "annotations", "readOnlyHint is now False")
    (change,) = compare_lists(
        before, Lists(tools=(before.tools[0] | {"execution": {"taskSupport": "required"}},))
    ).items[:1]
    assert (change.what, change.meaning) == ("breaking", "Calls without a task are refused.")


def test_servers_differ_in_more_than_lists() -> None:
    before = Surface(Lists(), "2025-11-25", {"name": "a"}, {"tools": {}, "logging": {}}, "Be kind.")
    after = Surface(
        Lists(resources=({"uri": "x:y", "name": "y"},)), "2026-07-28", {"name": "b"}, {"tools": {"listChanged": True}}
    )
    assert [(one.what, one.kind, one.name) for one in compare_surfaces(before, after).items] == [
        ("gone", "capability", "logging"),
        ("gone", "instructions", "instructions"),
        ("changed", "capability", "tools"),
        ("changed", "server", "protocol revision"),
        ("changed", "server", "server"),
        ("new", "resource", "x:y"),
    ]


def test_beyond_a_bound_it_is_only_said_that_something_changed() -> None:
    before = Lists(tools=tuple(tool(f"t{at}", {}) for at in range(5)))
    after = Lists(tools=tuple(tool(f"t{at}", {"a": TEXT}, "a") for at in range(5)))
    assert [one.what for one in compare_lists(before, after, most=2).items] == ["breaking"] * 2 + ["changed"] * 3
    assert {one.what for one in compare_lists(before, after).items} == {"breaking"}
