"""Keeps tool results from growing beyond a size: what is too long is cut, and says so."""

from collections.abc import Collection
from typing import Any

from pydantic_core import to_json

from wireglass.middleware.base import CallNext, Middleware, MiddlewareContext

__all__ = ["ResponseLimitingMiddleware"]


class ResponseLimitingMiddleware(Middleware):
    """Cuts results of more than `max_size` bytes of JSON to one text block that ends in `truncation_suffix`.

    Only for `tools`, if given. The structured part of a cut result is left out, so limited tools promise no output
    schema in lists. Raises ValueError when `max_size` is not positive.
    """

    def __init__(
        self,
        *,
        max_size: int = 1_000_000,
        truncation_suffix: str = "\n\n[Response truncated due to size limit]",
        tools: Collection[str] | None = None,
    ) -> None:
        if max_size <= 0:
            raise ValueError("max_size must be positive.")
        self.max_size = max_size
        self.truncation_suffix = truncation_suffix
        self.tools = None if tools is None else frozenset(tools)

    async def on_list_tools(self, context: MiddlewareContext[Any], call_next: CallNext[Any, Any]) -> Any:
        """Takes the output schema from limited tools."""
        return [
            tool.model_copy(update={"output_schema": None}) if self._limits(tool.name) and tool.output_schema else tool
            for tool in await call_next(context)
        ]

    async def on_call_tool(self, context: MiddlewareContext[Any], call_next: CallNext[Any, Any]) -> Any:
        """Cuts one result, if need be."""
        result = await call_next(context)
        asks = getattr(result, "input_required", None) is not None
        if asks or not self._limits(context.message.name) or not hasattr(result, "wire"):
            return result
        wire = result.wire()
        return result if len(to_json(wire)) <= self.max_size else self._cut(wire)

    def _limits(self, name: str) -> bool:
        return self.tools is None or name in self.tools

    def _cut(self, wire: dict[str, Any]) -> dict[str, Any]:
        texts = [block["text"] for block in wire["content"] if block.get("type") == "text"]
        text = "\n\n".join(texts) if texts else to_json(wire["content"]).decode()
        kept = {name: value for name, value in wire.items() if name in ("isError", "_meta")}

        def whole(length: int) -> dict[str, Any]:
            return {"content": [{"type": "text", "text": text[:length] + self.truncation_suffix}], **kept}

        if len(to_json(whole(0))) > self.max_size:
            kept.pop("_meta", None)
        low, high = 0, min(len(text), self.max_size)
        while low < high:  # escapes and UTF-8 make the size of a text unforeseeable, but it grows with the length
            middle = (low + high + 1) // 2
            fits = len(to_json(whole(middle))) <= self.max_size
            low, high = (middle, high) if fits else (low, middle - 1)
        return whole(low)
