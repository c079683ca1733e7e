"""Finding tools by words: Okapi BM25, the usual ranking of text search."""

import heapq
import math
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from functools import lru_cache
from typing import Annotated, Any

from wireglass.server.context import Context
from wireglass.server.function_tools import FunctionTool
from wireglass.server.tools import Tool
from wireglass.server.transforms.search import BaseSearchTransform, searchable_text

__all__ = ["BM25Index", "BM25SearchTransform"]

# The values that Robertson and Zaragoza give as usual ("The Probabilistic Relevance Framework", 2009, section 3.5).
K1 = 1.5
B = 0.75

_CATALOGUES = 8
"""Callers may see different tools; indexes of this many catalogues are kept."""
_WORD = re.compile(r"[^\W_]+")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def words_of(text: str) -> list[str]:
    """Lower-case words of two letters and more; `sendEmail` and `send_email` are both two."""
    return [word.lower() for word in _WORD.findall(_HUMP.sub(" ", text)) if len(word) > 1]


class BM25Index:
    """Ranks documents by a query."""

    def __init__(self, texts: Sequence[str]) -> None:
        documents = [Counter(words_of(text)) for text in texts]
        lengths = [document.total() for document in documents]
        average = (sum(lengths) / len(lengths) if lengths else 0.0) or 1.0
        self._postings: dict[str, list[tuple[int, float]]] = defaultdict(list)
        """word -> (document, what one occurrence in a query is worth there)"""
        for number, document in enumerate(documents):
            damping = K1 * (1 - B + B * lengths[number] / average)
            for word, count in document.items():
                self._postings[word].append((number, count * (K1 + 1) / (count + damping)))
        self._count = len(documents)

    def best(self, query: str, limit: int) -> list[int]:
        """The numbers of the documents that share a word with the query, best first; equals in their own order."""
        scores: dict[int, float] = defaultdict(float)
        for word in dict.fromkeys(words_of(query)):
            found = self._postings.get(word, ())
            rarity = math.log(1 + (self._count - len(found) + 0.5) / (len(found) + 0.5))
            for number, weight in found:
                scores[number] += rarity * weight
        return heapq.nsmallest(limit, scores, key=lambda number: (-scores[number], number))


class BM25SearchTransform(BaseSearchTransform):
    """Searches by words of natural language, the most relevant tools first.

    The index is made at the first search, and again when any searchable text has changed.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._index = lru_cache(maxsize=_CATALOGUES)(BM25Index)

    def _make_search_tool(self) -> Tool:
        transform = self

        async def search_tools(
            query: Annotated[str, "Natural language query to search for tools"],
            ctx: Context,
        ) -> str | list[dict[str, Any]]:
            """Search for tools using natural language.

            Returns matching tool definitions ranked by relevance, in the same format as list_tools.
            """
            return await transform._find(ctx, query)

        return FunctionTool.from_function(search_tools, name=self._search_tool_name)

    async def _search(self, tools: Sequence[Tool], query: str) -> Sequence[Tool]:
        index = self._index(tuple(map(searchable_text, tools)))
        return [tools[number] for number in index.best(query, self._max_results)]
