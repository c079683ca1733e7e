"""Finding tools by a regular expression, in time linear to what is searched."""

import logging
import time
from collections.abc import Callable, Sequence
from typing import Annotated, Any

from pydantic_core import SchemaError, SchemaValidator, core_schema

from wireglass.server.context import Context
from wireglass.server.function_tools import FunctionTool
from wireglass.server.tools import Tool
from wireglass.server.transforms.search import BaseSearchTransform, searchable_text
from wireglass.server.workers import run_in_worker

__all__ = ["RegexSearchTransform"]

log = logging.getLogger(__name__)

MAX_PATTERN = 1000
"""Characters; a longer pattern finds nothing."""
SEARCH_SECONDS = 1.0
"""A search ends after this time with what it has found."""


class RegexSearchTransform(BaseSearchTransform):
    """Searches by pattern, case-insensitively, in the order of the catalogue.

    Patterns have the syntax of Rust's `regex` crate (pydantic's engine): no look-around, no back-references, and
    therefore no pattern that takes exponential time. A bad pattern finds nothing.
    """

    def _make_search_tool(self) -> Tool:
        transform = self

        async def search_tools(
            pattern: Annotated[str, "Regex pattern to match against tool names, descriptions, and parameters"],
            ctx: Context,
        ) -> str | list[dict[str, Any]]:
            """Search for tools using a regex pattern.

            Returns matching tool definitions in the same format as list_tools.
            """
            return await transform._find(ctx, pattern)

        return FunctionTool.from_function(search_tools, name=self._search_tool_name)

    async def _search(self, tools: Sequence[Tool], query: str) -> Sequence[Tool]:
        matches = _matcher(query)
        if matches is None:
            return []
        return await run_in_worker(_first, tools, matches, self._max_results)


def _matcher(pattern: str) -> Callable[[str], bool] | None:
    """Whether a text has the pattern somewhere; None for a pattern that the engine refuses."""
    if len(pattern) > MAX_PATTERN:
        return None
    schema = core_schema.str_schema(pattern=f"(?i){pattern}", regex_engine="rust-regex")
    try:
        return SchemaValidator(schema).isinstance_python
    except SchemaError:
        return None


def _first(tools: Sequence[Tool], matches: Callable[[str], bool], limit: int) -> list[Tool]:
    found: list[Tool] = []
    end = time.monotonic() + SEARCH_SECONDS
    for tool in tools:
        if len(found) >= limit:
            break
        if time.monotonic() > end:
            log.warning("A search for tools stopped after %g seconds; some tools were not looked at.", SEARCH_SECONDS)
            break
        if matches(searchable_text(tool)):
            found.append(tool)
    return found
