"""A fixed bearer token for HTTP requests."""

from collections.abc import Generator

import httpx
from pydantic import SecretStr

__all__ = ["BearerAuth"]


class BearerAuth(httpx.Auth):
    """Puts `Authorization: Bearer <token>` on every request."""

    def __init__(self, token: str) -> None:
        self.token = SecretStr(token)

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Adds the header; the token never appears in a repr."""
        request.headers["Authorization"] = f"Bearer {self.token.get_secret_value()}"
        yield request
