"""A server object for client tests: answers from a table, remembers what it was asked."""

from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from wireglass.errors import METHOD_NOT_FOUND, McpError
from wireglass.protocol import versions
from wireglass.session import RequestScope

Answer = dict[str, Any] | Exception | Callable[[RequestScope], Awaitable[dict[str, Any]]]


class Stub:
    """`answers` maps methods to a result, an exception, or an async function of the scope."""

    name = "stub"

    def __init__(self, answers: dict[str, Answer] | None = None, **capabilities: Any) -> None:
        self.answers: dict[str, Answer] = {
            "initialize": self._initialize,
            "server/discover": {"supportedVersions": list(versions.ALL_VERSIONS), "capabilities": capabilities},
            **(answers or {}),
        }
        self.capabilities = capabilities
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.told: list[str] = []

    async def _initialize(self, scope: RequestScope) -> dict[str, Any]:
        return {
            "protocolVersion": scope.version,
            "capabilities": self.capabilities,
            "serverInfo": {"name": "stub", "version": "1"},
        }

    @asynccontextmanager
    async def _lifespan(self):  # type: ignore[no-untyped-def]
        yield

    async def _handle_notification(self, scope: RequestScope) -> None:
        self.told.append(scope.method)

    async def _handle(self, scope: RequestScope) -> dict[str, Any]:
        params = {key: value for key, value in scope.params.items() if key != "_meta"}
        self.asked.append((scope.method, params))
        answer = self.answers.get(scope.method)
        if answer is None:
            raise McpError(METHOD_NOT_FOUND, f"Method not found: {scope.method}")
        if isinstance(answer, Exception):
            raise answer
        result = dict(answer) if isinstance(answer, dict) else await answer(scope)
        if scope.stateless:
            result.setdefault("resultType", "complete")
        return result

    def count(self, method: str) -> int:
        """How often a method was asked for."""
        return sum(1 for name, _ in self.asked if name == method)
