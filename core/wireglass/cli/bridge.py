"""`wireglass bridge URL`: a remote server as a stdio server, for programs that can only start commands."""

import argparse
import asyncio
import os

from wireglass.cli.authorization import add_auth_arguments, auth_of

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("url", help="where the server is")
    parser.add_argument("--transport", choices=("http", "sse"), default="http", help="sse is the one of 2024-11-05")
    parser.add_argument(
        "--header",
        action="append",
        default=[],
        metavar="'NAME: VALUE'",
        help="sent with every request; ${VARIABLE} is filled in from the environment, which keeps secrets out of here",
    )
    add_auth_arguments(parser)


def run(options: argparse.Namespace) -> int:
    asyncio.run(_bridge(options))
    return 0


async def _bridge(options: argparse.Namespace) -> None:
    from wireglass.client.transports import StreamableHttpTransport
    from wireglass.install.bridge import Bridging, filled_header
    from wireglass.wire.http_client import HttpClientTransport
    from wireglass.wire.legacy_sse import SseClientTransport
    from wireglass.wire.stdio import StdioServerTransport

    headers = dict(filled_header(text, os.environ) for text in options.header)
    kind = SseClientTransport if options.transport == "sse" else HttpClientTransport
    # Nobody can be asked here, because stdin is the client's: what was kept, or what needs no person, must do.
    recipe = StreamableHttpTransport(options.url, headers, auth_of(options))
    await Bridging(StdioServerTransport(), kind(options.url, headers=headers, auth=recipe.auth)).run()
