"""What a client hears unasked, for tests that wait for it."""

import asyncio
from typing import Any

__all__ = ["Ear"]


class Ear:
    """A `message_handler` that keeps everything."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, dict[str, Any]]] = []
        self.new = asyncio.Condition()

    async def __call__(self, message: Any) -> None:
        async with self.new:
            self.heard.append((message.method, message.params))
            self.new.notify_all()

    def count(self, method: str) -> int:
        return [name for name, _ in self.heard].count(method)

    async def until(self, method: str, count: int = 1) -> dict[str, Any]:
        """The params of the `count`th message of this method, once it was heard."""
        async with asyncio.timeout(30), self.new:
            await self.new.wait_for(lambda: self.count(method) >= count)
        return [params for name, params in self.heard if name == method][count - 1]
