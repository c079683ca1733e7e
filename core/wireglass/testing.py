"""For tests of server files: a client on a server in the same process."""

from typing import Any

from wireglass.client.client import Client
from wireglass.server.app import FastMCP

__all__ = ["create_test_client"]


def create_test_client(server: FastMCP, **options: Any) -> Client:
    """A client on `server`; use it with `async with`. Options are those of `Client`."""
    return Client(server, **options)
