"""The method table agrees with the official schemas."""

import json

import pytest

from wireglass.protocol import versions
from wireglass.protocol.methods import METHODS, exists, header_name, may_ask_for_input, sent_by
from wireglass.resources import resource_path

EMBEDDED = {"roots/list", "sampling/createMessage", "elicitation/create"}


def declared(version: str) -> set[str]:
    """Every method that the schema of a version defines."""
    schema = json.loads(resource_path("schemas", f"{version}.json").read_text())
    definitions = schema.get("$defs") or schema["definitions"]
    methods = (node.get("properties", {}).get("method", {}).get("const") for node in definitions.values())
    return {method for method in methods if method}


@pytest.mark.parametrize("version", versions.ALL_VERSIONS)
def test_the_table_has_exactly_the_methods_of_each_schema(version: str) -> None:
    ours = {
        name for name in METHODS if exists(name, version) and not (version > "2025-11-25" and METHODS[name].extension)
    }
    assert ours == declared(version)


def test_unknown_methods_are_nobodys() -> None:
    assert exists("nobody/knows", "2026-07-28") is None
    assert sent_by("nobody/knows", "2026-07-28", "client") is None


@pytest.mark.parametrize(
    ("name", "version", "sender", "allowed"),
    [
        ("ping", "2025-11-25", "server", True),
        ("ping", "2026-07-28", "client", False),
        ("roots/list", "2025-11-25", "server", True),
        ("roots/list", "2026-07-28", "server", False),
        ("tools/call", "2025-11-25", "server", False),
        ("tasks/get", "2025-11-25", "server", True),
        ("tasks/get", "2026-07-28", "server", False),
        ("tasks/get", "2026-07-28", "client", True),
        ("elicitation/create", "2024-11-05", "server", False),
    ],
)
def test_who_may_send_what(name: str, version: str, sender: str, allowed: bool) -> None:
    assert sent_by(name, version, sender) is allowed  # type: ignore[arg-type]  # literals in a table


def test_names_for_headers_and_questions() -> None:
    assert header_name("tools/call", {"name": "t"}) == "t"
    assert header_name("resources/read", {"uri": "x://y"}) == "x://y"
    assert header_name("tasks/get", {"taskId": "7"}) == "7"
    assert header_name("tools/list", {"name": "t"}) is None
    assert header_name("tools/call", {"name": 5}) is None
    assert [name for name in METHODS if may_ask_for_input(name)] == ["tools/call", "resources/read", "prompts/get"]
