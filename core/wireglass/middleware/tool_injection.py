"""Adds tools to a server from outside, without registering them."""

from collections.abc import Sequence
from typing import Any

from wireglass.middleware.injected import InjectingMiddleware

__all__ = ["ToolInjectionMiddleware"]


class ToolInjectionMiddleware(InjectingMiddleware):
    """Lists and runs `tools`: Tool objects, or functions that become tools. They win over the server's own."""

    def __init__(self, tools: Sequence[Any]) -> None:
        super().__init__(lambda server: tools)
