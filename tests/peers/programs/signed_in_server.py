"""A server of a `fastmcp` package behind that package's own OAuth server: `python signed_in_server.py PORT`."""

import sys

from fastmcp import FastMCP
from fastmcp.server.auth.auth import ClientRegistrationOptions, RevocationOptions
from fastmcp.server.auth.providers.in_memory import InMemoryOAuthProvider

port = int(sys.argv[1])
auth = InMemoryOAuthProvider(
    base_url=f"http://127.0.0.1:{port}",
    client_registration_options=ClientRegistrationOptions(enabled=True, valid_scopes=["read", "write"]),
    revocation_options=RevocationOptions(enabled=True),
    required_scopes=["read"],
)
mcp = FastMCP("signed in", auth=auth)


@mcp.tool
def add(a: int, b: int) -> int:
    """Adds."""
    return a + b


mcp.run(transport="http", host="127.0.0.1", port=port, show_banner=False)
