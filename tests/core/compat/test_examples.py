"""The bundled example servers: everything they offer works, in both eras, and each runs alone over stdio."""

import sys
from collections.abc import Iterator
from typing import Any

import pytest

from wireglass import Client
from wireglass.client.transports import StdioTransport
from wireglass.compat.finder import install, uninstall
from wireglass.compat.loader import import_file, load_object
from wireglass.launch.find import find_server
from wireglass.launch.interpreter import embedded
from wireglass.launch.run import child_command
from wireglass.resources import resource_path

pytestmark = pytest.mark.anyio

NAMES = ("notes", "shop", "slow", "kinds")

CALLS: dict[str, list[tuple[str, dict[str, Any]]]] = {
    "notes": [
        ("search", {"words": "water"}),
        ("add", {"title": "New one", "text": "t", "links": ["nowhere"]}),
        ("delete", {"slug": "lisbon"}),
    ],
    "shop": [
        ("stock", {"kind": "green", "in_stock": True}),
        ("put_in_basket", {"tea": "Sencha", "grams": 500}),
        ("check_out", {}),
        ("ask_name", {}),
        ("ask_taste", {}),
        ("price_chart", {}),
        ("close_shop", {"reason": "evening"}),
    ],
    "slow": [
        ("count", {"steps": 3, "pause": 0}),
        ("stopped", {}),
        ("chatter", {"lines": 4, "pause": 0}),
        ("block", {"seconds": 0}),
        ("impatient", {"seconds": 0}),
    ],
    "kinds": [
        ("plain", {"text": "a", "whole": 1, "number": 2.5, "yes": True}),
        ("choices", {"several": ["red", "blue"]}),
        ("formats", {"how_long": "PT5M", "money": "1.10"}),
        ("collections", {"words": ["a"], "points": [{"x": 1}], "unique": [1, 2], "table": {"a": 1.5}}),
        ("objects", {"point": {"x": 1}, "shape": {"shape": "box", "width": 1, "height": 2}, "tree": {"name": "a"}}),
        ("nothing", {}),
        ("text_content", {}),
        ("image_content", {"size": 16}),
        ("audio_content", {"seconds": 0.1}),
        ("file_content", {}),
        ("resource_content", {}),
        ("both", {}),
        ("large", {"kilobytes": 1}),
        ("facts", {}),
    ],
}
PROMPTS = {
    "notes": [("summarise", {"topic": "garden"}), ("improve", {"slug": "compost"})],
    "shop": [("recommend", {"mood": "tired"})],
    "slow": [],
    "kinds": [("arguments", {"topic": "tea", "words": '["leaf"]', "depth": "3"})],
}
ADDRESSES = {
    "notes": ["notes://note/tomatoes", "notes://topic/garden?since=2026-04-01"],
    "shop": [],
    "slow": [],
    "kinds": ["kinds://power/2/10", "kinds://path/a/b/c"],
}


@pytest.fixture
def load() -> Iterator[Any]:
    """Loads an example afresh, with the aliases on."""
    install("4")
    before = set(sys.modules)

    def fresh(name: str) -> Any:
        path = resource_path("servers", f"{name}.py")
        return load_object(import_file(path), path, None)

    yield fresh
    uninstall()
    for name in set(sys.modules) - before:
        if name.removeprefix("wireglass_user_") in NAMES:
            del sys.modules[name]


async def answer(message: str, response_type: Any, params: Any, context: Any) -> Any:
    """Fills a form as somebody in a hurry does: defaults, first choices, ones and texts."""
    schema = getattr(params, "requested_schema", None) or {}
    return {name: _filled(field) for name, field in schema.get("properties", {}).items()}


def _filled(field: dict[str, Any]) -> Any:
    if "default" in field:
        return field["default"]
    if "enum" in field:
        return field["enum"][0]
    simple = {"integer": 1, "number": 1, "boolean": True, "array": []}
    text = "tea@example.com" if field.get("format") == "email" else "text"
    return simple.get(field.get("type", "string"), text)


@pytest.mark.parametrize("mode", ["stateless", "2025-06-18"])
@pytest.mark.parametrize("name", NAMES)
async def test_everything_an_example_offers_works(load: Any, name: str, mode: str) -> None:
    async with Client(load(name), mode=mode, elicitation_handler=answer) as client:
        listed = {tool.name for tool in await client.list_tools()}
        assert {tool for tool, _ in CALLS[name]} <= listed
        for tool, arguments in CALLS[name]:
            result = await client.call_tool(tool, arguments, raise_on_error=False)
            assert not result.is_error, (tool, result.text)
        for resource in await client.list_resources():
            assert await client.read_resource(resource.uri)
        for address in ADDRESSES[name]:
            assert (await client.read_resource(address))[0].text
        for prompt, arguments in PROMPTS[name]:
            assert (await client.get_prompt(prompt, arguments)).messages


async def test_the_faults_that_the_examples_show_are_faults(load: Any) -> None:
    async with Client(load("shop")) as client:
        for how in ("tool error", "exception", "wrong result"):
            result = await client.call_tool("break_teapot", {"how": how}, raise_on_error=False)
            assert result.is_error == (how != "wrong result")
        empty = await client.call_tool("check_out", {}, raise_on_error=False)
        assert empty.is_error


async def test_notes_complete_addresses_and_topics(load: Any) -> None:
    async with Client(load("notes")) as client:
        reference = {"type": "ref/resource", "uri": "notes://note/{slug}"}
        assert (await client.complete(reference, {"name": "slug", "value": "to"})).values == ["tomatoes"]


@pytest.mark.parametrize("name", NAMES)
async def test_an_example_runs_alone_over_stdio(name: str) -> None:
    finding = find_server(resource_path("servers", f"{name}.py"))
    assert finding.problems == ()
    child = child_command(finding, embedded(finding))
    async with Client(StdioTransport(child.command, child.args, env=child.env, cwd=child.cwd)) as client:
        assert client.facts.server_info["name"] == name
        assert len(await client.list_tools()) == len(set(dict(CALLS[name]))) + _uncalled(name)


def _uncalled(name: str) -> int:
    """Tools that the other tests call, or that only fail."""
    return {"shop": 1, "slow": 1}.get(name, 0)
