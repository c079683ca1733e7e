"""`wireglass list SERVER`: the names of everything that a server offers."""

import argparse
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from wireglass.cli.connect import add_server_arguments, print_json, with_client

if TYPE_CHECKING:
    from wireglass.client.client import Client

__all__ = ["add_arguments", "everything", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which server."""
    add_server_arguments(parser)


def run(options: argparse.Namespace) -> int:
    """Prints one line for each tool, resource, template and prompt."""

    async def work(client: "Client") -> int:
        found = await everything(client)
        if options.json:
            print_json(found)
            return 0
        for heading, key, name in (
            ("Tools", "tools", "name"),
            ("Resources", "resources", "uri"),
            ("Resource templates", "resourceTemplates", "uriTemplate"),
            ("Prompts", "prompts", "name"),
        ):
            _print_section(heading, found[key], name)
        if not any(found.values()):
            print("The server offers no tools, resources or prompts.")
        return 0

    return with_client(options, work)


async def everything(client: "Client") -> dict[str, list[dict[str, Any]]]:
    """All four lists, every page, as they were sent. A list that the server does not offer is empty."""
    offered = client.facts.capabilities
    has = {kind: kind in offered for kind in ("tools", "resources", "prompts")}
    return {
        "tools": _wire(await client.list_tools()) if has["tools"] else [],
        "resources": _wire(await client.list_resources()) if has["resources"] else [],
        "resourceTemplates": _wire(await client.list_resource_templates()) if has["resources"] else [],
        "prompts": _wire(await client.list_prompts()) if has["prompts"] else [],
    }


def _wire(models: Iterable[Any]) -> list[dict[str, Any]]:
    return [model.wire() for model in models]


def _print_section(heading: str, entries: list[dict[str, Any]], key: str) -> None:
    if not entries:
        return
    print(f"{heading} ({len(entries)})")
    width = min(max(len(str(entry.get(key, ""))) for entry in entries), 48)
    for entry in entries:
        described = str(entry.get("description") or entry.get("title") or "").strip()
        line = described.splitlines()[0] if described else ""
        print(f"  {entry.get(key, '')!s:<{width}}  {_printable(line)}".rstrip())


def _printable(text: str) -> str:
    """Server text is not ours: characters that could steer a terminal are shown as their code points."""
    return "".join(char if char.isprintable() else f"\\u{ord(char):04x}" for char in text)
