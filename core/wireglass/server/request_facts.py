"""Facts of a request and its client as models: loaded when an author asks for them."""

from typing import Any

from wireglass.protocol.model import WireModel

__all__ = ["ClientParams", "RequestMeta"]


class RequestMeta(WireModel):
    """`params._meta` of the request."""

    progress_token: str | int | None = None

    def get(self, key: str, default: Any = None) -> Any:
        """As `dict.get`, by wire name."""
        return self.wire().get(key, default)

    def __getitem__(self, key: str) -> Any:
        return self.wire()[key]

    def __contains__(self, key: object) -> bool:
        return key in self.wire()


class ClientParams(WireModel):
    """Who the client said it is."""

    protocol_version: str | None = None
    client_info: Any = None
    capabilities: Any = None
