"""`wireglass sign-out URL`: forgets the token of a server, and has it revoked where that is offered."""

import argparse
import asyncio

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The server."""
    parser.add_argument("url", help="where the server is")


def run(options: argparse.Namespace) -> int:
    """Says whether there was anything to forget."""
    had = asyncio.run(_sign_out(options.url))
    print(f"Signed out of {options.url}." if had else f"You were not signed in to {options.url}.")
    return 0


async def _sign_out(url: str) -> bool:
    from wireglass.auth.signin import OAuth

    return await OAuth(url).sign_out()
