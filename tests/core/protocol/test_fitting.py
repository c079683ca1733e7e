"""Results fit the version they are sent to ("Fields by version")."""

from typing import Any

import pytest

from wireglass.errors import McpError
from wireglass.protocol import versions
from wireglass.protocol.fitting import fit_error, fit_result

TOOL = {
    "name": "t",
    "title": "T",
    "inputSchema": {"type": "object"},
    "outputSchema": {"type": "array", "items": {"$ref": "#/$defs/A"}, "$defs": {"A": {"type": "string"}}},
    "annotations": {"readOnlyHint": True},
    "icons": [],
    "execution": {"taskSupport": "optional"},
    "_meta": {},
}
MEMBERS = {
    "2024-11-05": {"name", "inputSchema"},
    "2025-03-26": {"name", "inputSchema", "annotations"},
    "2025-06-18": {"name", "inputSchema", "annotations", "title", "outputSchema", "_meta"},
    "2025-11-25": {"name", "inputSchema", "annotations", "title", "outputSchema", "_meta", "icons", "execution"},
    "2026-07-28": {"name", "inputSchema", "annotations", "title", "outputSchema", "_meta", "icons"},
}


@pytest.mark.parametrize("version", versions.ALL_VERSIONS)
def test_a_tool_has_the_members_of_its_version(version: str) -> None:
    before = repr(TOOL)
    fitted = fit_result("tools/list", {"tools": [TOOL]}, version)
    assert set(fitted["tools"][0]) == MEMBERS[version]
    assert repr(TOOL) == before


def test_an_output_schema_that_is_no_object_is_wrapped_before_2026() -> None:
    assert fit_result("tools/list", {"tools": [TOOL]}, "2026-07-28")["tools"][0]["outputSchema"] == TOOL["outputSchema"]
    assert fit_result("tools/list", {"tools": [TOOL]}, "2025-11-25")["tools"][0]["outputSchema"] == {
        "type": "object",
        "properties": {"result": {"type": "array", "items": {"$ref": "#/$defs/A"}}},
        "required": ["result"],
        "$defs": {"A": {"type": "string"}},
        "x-fastmcp-wrap-result": True,
    }


@pytest.mark.parametrize(
    ("version", "structured"),
    [("2026-07-28", [1]), ("2025-11-25", {"result": [1]}), ("2025-06-18", {"result": [1]}), ("2025-03-26", None)],
)
def test_structured_content_is_wrapped_or_left_out(version: str, structured: Any) -> None:
    result = fit_result("tools/call", {"content": [], "structuredContent": [1]}, version)
    assert result.get("structuredContent") == structured


def test_content_that_a_version_lacks_becomes_text() -> None:
    blocks: list[Any] = [
        {"type": "audio", "data": "AAAA", "mimeType": "audio/wav"},
        {"type": "resource_link", "uri": "x://1", "name": "one"},
        {"type": "text", "text": "t", "_meta": {"a": 1}, "annotations": {"priority": 1, "lastModified": "x"}},
    ]
    old = fit_result("tools/call", {"content": blocks}, "2024-11-05")["content"]
    assert old == [
        {"type": "text", "text": "[audio, audio/wav, 3 bytes]"},
        {"type": "text", "text": "one: x://1"},
        {"type": "text", "text": "t", "annotations": {"priority": 1}},
    ]
    assert fit_result("tools/call", {"content": blocks}, "2025-11-25")["content"] == blocks


def test_the_stateless_era_gets_its_required_members_and_the_others_never_see_them() -> None:
    result: dict[str, Any] = {"tools": []}
    modern = fit_result("tools/list", result, "2026-07-28")
    assert modern == {"resultType": "complete", "tools": [], "ttlMs": 0, "cacheScope": "private"}
    assert fit_result("tools/list", modern, "2025-11-25") == {"tools": []}
    asking = {"resultType": "input_required", "requestState": "s"}
    assert fit_result("resources/read", asking, "2026-07-28") == asking
    assert fit_result("tools/call", {"content": []}, "2026-07-28") == {"resultType": "complete", "content": []}


def test_a_missing_resource_has_the_code_of_its_era() -> None:
    missing = McpError(-32002, "gone", {"uri": "x"})
    assert fit_error(missing, "2025-11-25") is missing
    assert fit_error(missing, "2026-07-28").code == -32602
