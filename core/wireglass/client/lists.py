"""The lists of a client: all their pages, their good entries, how long they are kept and what makes them stale."""

import asyncio
import itertools
import logging
from collections.abc import Callable
from typing import Any, TypeVar

from pydantic_core import ValidationError

from wireglass.client import typed
from wireglass.client.catalogue import Catalogue
from wireglass.client.listening import Listening
from wireglass.client.raw_results import RawResult
from wireglass.client.settled import Settled
from wireglass.errors import McpError, ProtocolError
from wireglass.protocol.messages import JsonObject, RequestId
from wireglass.protocol.param_headers import faults
from wireglass.session import ClientSession, Progressed

__all__ = ["Lists"]

logger = logging.getLogger("wireglass.client")

MAX_PAGES = 250
_names = itertools.count(1)
M = TypeVar("M", bound="typed.WireModel")


class Lists(Settled):
    """What a server offers, and how long that is known to be so. The calls themselves are in `calls.py`."""

    def __init__(self, *, cache: bool, timeout: float | None) -> None:
        self._cache = cache
        self._listen = False
        self._listening: Listening | None = None
        self._timeout = timeout
        self._log_level: str | None = None
        self.on_missed: Callable[[], object] | None = None
        """Called when changes may have been missed, because a listen stream dropped: lists should be read again."""
        self._beside: Lists | None = None
        """The client in front of several servers, of which this one is a part: it hears of every change as well."""
        self._reset_lists()

    def _reset_lists(self) -> None:
        self._tools: dict[str, typed.Tool] = {}
        self._unlisted: set[str] = set()
        """Names that the server does not list; forgotten with `_tools`."""
        self._looking = asyncio.Lock()
        self._catalogue = Catalogue()
        self._listening = None
        self.skipped: list[tuple[str, Any, str]] = []
        """List entries that could not be read: method, the entry, and why."""

    async def request(
        self,
        method: str,
        params: JsonObject | None = None,
        *,
        timeout: Any = None,
        on_progress: Progressed | None = None,
        meta: JsonObject | None = None,
        on_sent: Callable[[RequestId], object] | None = None,
        headers: dict[str, str] | None = None,
    ) -> JsonObject:
        raise NotImplementedError

    @property
    def session(self) -> ClientSession:
        raise NotImplementedError

    @classmethod
    def generate_name(cls, name: str | None = None) -> str:
        """A name for a client, unique in this process."""
        return f"{name or 'client'}-{next(_names)}"

    async def _complete(self, method: str, params: JsonObject | None = None) -> tuple[JsonObject, bool]:
        """As `request`; also whether it took several requests."""
        raise NotImplementedError

    async def _opened(self) -> None:
        """Called when a connection has been opened."""
        self._reset_lists()
        if self.session.stateless:
            self._listening = Listening(self.session, self._offered, self._missed_changes)
            if self._listen:
                try:
                    await self._listening.want_lists()
                except (McpError, TimeoutError) as error:
                    logger.debug("The server does not announce changes: %s", error)

    async def listen_for_changes(self) -> None:
        """Hears of changed lists from here on. In the handshake eras they come unasked, and this does nothing.

        Raises McpError when the server refuses, RequestTimeout or TimeoutError when it does not answer.
        """
        if self._listening is not None:
            await self._listening.want_lists()

    async def _close_lists(self) -> None:
        """Called before a connection is closed."""
        listening, self._listening = self._listening, None
        if listening is not None:
            await listening.aclose()

    def _note_change(self, method: str, params: JsonObject) -> None:
        """Hears every notification before any handler does."""
        self._forget_stale(method, params)
        if self._listening is not None:
            self._listening.heard(method, params)

    def _forget_stale(self, method: str, params: JsonObject) -> None:
        self._catalogue.heard(method, params)
        if method == "notifications/tools/list_changed":
            self._tools = {}
        if self._beside is not None:
            self._beside._forget_stale(method, params)

    def _missed_changes(self) -> None:
        """A listen stream dropped: anything may have changed meanwhile."""
        self._catalogue.clear()
        self._tools = {}
        if self._beside is not None:
            self._beside._missed_changes()
        elif self.on_missed is not None:
            self.on_missed()

    async def _cached(
        self, method: str, params: JsonObject, mode: str | None, meta: JsonObject | None = None
    ) -> JsonObject:
        """A result from the catalogue or the server. `mode`: "use" (default), "refresh" or "bypass"."""
        if not self._cache or mode == "bypass" or meta:
            return await self.request(method, params, meta=meta)
        if mode != "refresh" and (found := self._catalogue.get(method, params)) is not None:
            return found
        generation = self._catalogue.generation
        result, retried = await self._complete(method, params)
        if not retried:
            self._catalogue.keep(method, params, result, generation=generation)
        return result

    # Lists

    async def _pages(
        self,
        method: str,
        key: str,
        max_pages: int,
        cache_mode: str | None = None,
        *,
        params: JsonObject | None = None,
    ) -> list[Any]:
        """All entries of a paginated list. `params` go with each request.

        Raises ProtocolError when the pages never end.
        """
        entries: list[Any] = []
        seen: set[str] = set()
        cursor: Any = None
        for _ in range(max_pages):
            more = {} if cursor is None else {"cursor": cursor}
            result = await self._cached(method, {**(params or {}), **more}, cache_mode)
            page = result.get(key)
            if not isinstance(page, list):
                raise ProtocolError(f"The result of {method} has no list {key!r}.", next_step="Look at the frame.")
            entries += page
            cursor = result.get("nextCursor")
            if not isinstance(cursor, str):  # an empty string is a cursor too
                return entries
            if cursor in seen:
                raise ProtocolError(f"{method} returns the cursor {cursor!r} twice: its pages never end.")
            seen.add(cursor)
        raise ProtocolError(f"{method} has more than {max_pages} pages.", next_step="Raise max_pages.")

    async def _list(
        self, method: str, key: str, model: type[M], max_pages: int, cache_mode: str | None = None
    ) -> list[M]:
        entries = await self._pages(method, key, max_pages, cache_mode)
        return self._read(method, entries, model)

    def _read(self, method: str, entries: list[Any], model: type[M]) -> list[M]:
        """The readable entries; the others are noted in `skipped` and do not spoil the list."""
        self.skipped = [item for item in self.skipped if item[0] != method]
        good: list[M] = []
        for entry in entries:
            try:
                good.append(model.model_validate(entry))
            except ValidationError as error:
                first = error.errors()[0]
                where = ".".join(map(str, first["loc"]))
                self.skipped.append((method, entry, f"{where}: {first['msg']}" if where else first["msg"]))
        return good

    async def _known_tool(self, name: str) -> "typed.Tool | None":
        """A tool as listed, None if it is not. Lists once, for however many calls begin at once."""
        if name in self._tools:
            return self._tools[name]
        async with self._looking:
            if not self._tools:
                self._unlisted.clear()
            if name not in self._tools and name not in self._unlisted:
                await self.list_tools()
                if name not in self._tools:
                    self._unlisted.add(name)
        return self._tools.get(name)

    async def list_tools(self, max_pages: int = MAX_PAGES, *, cache_mode: str | None = None) -> "list[typed.Tool]":
        """All tools. Over stateless HTTP, tools whose `x-mcp-header` is faulty are left out, as the protocol wants."""
        tools = await self._list("tools/list", "tools", typed.Tool, max_pages, cache_mode)
        if self._mirrors_headers:
            tools = [tool for tool in tools if not self._faulty(tool)]
        self._tools = {tool.name: tool for tool in tools}
        return tools

    async def list_resources(
        self, max_pages: int = MAX_PAGES, *, cache_mode: str | None = None
    ) -> "list[typed.Resource]":
        """All resources."""
        return await self._list("resources/list", "resources", typed.Resource, max_pages, cache_mode)

    async def list_resource_templates(
        self, max_pages: int = MAX_PAGES, *, cache_mode: str | None = None
    ) -> "list[typed.ResourceTemplate]":
        """All resource templates."""
        return await self._list(
            "resources/templates/list", "resourceTemplates", typed.ResourceTemplate, max_pages, cache_mode
        )

    async def list_prompts(self, max_pages: int = MAX_PAGES, *, cache_mode: str | None = None) -> "list[typed.Prompt]":
        """All prompts."""
        return await self._list("prompts/list", "prompts", typed.Prompt, max_pages, cache_mode)

    async def _page(self, method: str, cursor: str | None, cache_mode: str | None) -> RawResult:
        return RawResult(await self._cached(method, {} if cursor is None else {"cursor": cursor}, cache_mode))

    async def list_tools_mcp(self, *, cursor: str | None = None, cache_mode: str | None = None) -> RawResult:
        """One page of tools, raw."""
        return await self._page("tools/list", cursor, cache_mode)

    async def list_resources_mcp(self, *, cursor: str | None = None, cache_mode: str | None = None) -> RawResult:
        """One page of resources, raw."""
        return await self._page("resources/list", cursor, cache_mode)

    async def list_resource_templates_mcp(
        self, *, cursor: str | None = None, cache_mode: str | None = None
    ) -> RawResult:
        """One page of resource templates, raw."""
        return await self._page("resources/templates/list", cursor, cache_mode)

    async def list_prompts_mcp(self, *, cursor: str | None = None, cache_mode: str | None = None) -> RawResult:
        """One page of prompts, raw."""
        return await self._page("prompts/list", cursor, cache_mode)

    # Header mirroring

    @property
    def _mirrors_headers(self) -> bool:
        session = self.session
        return session.stateless and session.transport.name == "streamable-http"

    def _faulty(self, tool: "typed.Tool") -> bool:
        reasons = faults(tool.input_schema)
        if reasons:
            self.skipped.append(("tools/list", tool.wire(), "; ".join(reasons)))
        return bool(reasons)
