"""`wireglass inspect SERVER`: what was negotiated, what the server can do, and everything it lists, as JSON."""

import argparse
from typing import TYPE_CHECKING

from wireglass.cli.connect import add_server_arguments, print_json, with_client
from wireglass.cli.list_components import everything

if TYPE_CHECKING:
    from wireglass.client.client import Client

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which server; the output is always JSON."""
    add_server_arguments(parser)


def run(options: argparse.Namespace) -> int:
    """Prints one JSON object."""

    async def work(client: "Client") -> int:
        facts = client.facts
        print_json(
            {
                "protocolVersion": facts.version,
                "stateless": facts.stateless,
                "why": facts.why,
                "serverInfo": facts.server_info,
                "capabilities": facts.capabilities,
                "instructions": facts.instructions,
                **await everything(client),
            }
        )
        return 0

    return with_client(options, work)
