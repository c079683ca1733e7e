"""The subject of the interaction tests: a server written directly on the engine, without the runtime.

Run as a script it serves stdio. It uses every channel a handler has, and nothing else.
"""

import asyncio
from contextlib import asynccontextmanager
from typing import Any

from wireglass.errors import INVALID_PARAMS, METHOD_NOT_FOUND, McpError
from wireglass.protocol import versions
from wireglass.session import RequestScope, ServerSession

TEXT = {"type": "text"}
TOOLS = [
    {"name": name, "inputSchema": {"type": "object"}}
    for name in ("echo", "count", "wait", "ask", "log", "fail", "roots", "sample", "big", "crash", "forever")
]
CAPABILITIES = {"tools": {"listChanged": True}, "resources": {}, "prompts": {}, "logging": {}, "completions": {}}
QUESTION = {
    "message": "Name?",
    "requestedSchema": {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]},
}


class Server:
    """Answers like a small server author would; `cancelled` counts calls that were cancelled."""

    name = "subject"

    def __init__(self) -> None:
        self.cancelled = 0
        self.notifications: list[str] = []

    @asynccontextmanager
    async def _lifespan(self):  # type: ignore[no-untyped-def]
        yield

    async def _handle_notification(self, scope: RequestScope) -> None:
        self.notifications.append(scope.method)

    async def _handle(self, scope: RequestScope) -> dict[str, Any]:
        result = await self._answer(scope)
        if scope.stateless:
            result.setdefault("resultType", "complete")
            result.setdefault("_meta", {})[versions.META_SERVER_INFO] = {"name": "subject", "version": "1"}
        return result

    async def _answer(self, scope: RequestScope) -> dict[str, Any]:
        match scope.method:
            case "initialize":
                return {
                    "protocolVersion": scope.version,
                    "capabilities": CAPABILITIES,
                    "serverInfo": {"name": "subject", "version": "1"},
                    "instructions": "Be kind.",
                }
            case "server/discover":
                return {
                    "supportedVersions": list(versions.ALL_VERSIONS),
                    "capabilities": CAPABILITIES,
                    "instructions": "Be kind.",
                    "ttlMs": 0,
                    "cacheScope": "private",
                }
            case "ping" | "logging/setLevel":
                return {}
            case "tools/list":
                return self._page(scope, "tools", TOOLS)
            case "resources/list":
                return self._page(scope, "resources", [{"uri": f"x://{i}", "name": str(i)} for i in range(5)])
            case "prompts/list":
                return self._page(scope, "prompts", [{"name": "p"}, {"no": "name"}])
            case "resources/read":
                return {"contents": [{"uri": scope.params["uri"], "text": "here"}], "ttlMs": 0, "cacheScope": "private"}
            case "prompts/get":
                message = {"role": "user", "content": TEXT | {"text": str(scope.params.get("arguments"))}}
                return {"messages": [message]}
            case "completion/complete":
                return {"completion": {"values": [scope.params["argument"]["value"] + "!"], "hasMore": False}}
            case "tools/call":
                return await self._call(scope)
            case "subscriptions/listen":
                return await self._listen(scope)
            case _:
                raise McpError(METHOD_NOT_FOUND, f"Method not found: {scope.method}")

    def _page(self, scope: RequestScope, key: str, entries: list[Any]) -> dict[str, Any]:
        """Two entries a page; the cursor of the second page is the empty string."""
        cursor = scope.params.get("cursor")
        start = 0 if cursor is None else 2 if cursor == "" else int(cursor)
        page: dict[str, Any] = {key: entries[start : start + 2], "ttlMs": 0, "cacheScope": "private"}
        if start + 2 < len(entries):
            page["nextCursor"] = "" if start == 0 else str(start + 2)
        return page

    async def _listen(self, scope: RequestScope) -> dict[str, Any]:
        meta = {versions.META_SUBSCRIPTION_ID: scope.request_id}
        wanted = scope.params.get("notifications", {})
        await scope.notify("notifications/subscriptions/acknowledged", {"notifications": wanted, "_meta": meta})
        if wanted.get("toolsListChanged"):
            await scope.notify("notifications/tools/list_changed", {"_meta": meta})
        await asyncio.Event().wait()
        return {}

    async def _call(self, scope: RequestScope) -> dict[str, Any]:
        arguments = scope.params.get("arguments") or {}
        match scope.params.get("name"):
            case "echo":
                return self._text(arguments)
            case "count":
                for step in range(min(arguments["to"], 10_000)):  # a damaged argument must not keep us for ever
                    token = scope.meta.get("progressToken")
                    if token is not None:
                        params = {"progressToken": token, "progress": step, "total": arguments["to"]}
                        await scope.notify("notifications/progress", params)
                return self._text(arguments["to"])
            case "wait":
                try:
                    await asyncio.Event().wait()
                finally:
                    self.cancelled += 1
                return {}
            case "log":
                if scope.log_level is not None:
                    await scope.notify("notifications/message", {"level": "info", "data": "hello"})
                return self._text(scope.log_level)
            case "fail":
                return self._text("no") | {"isError": True}
            case "ask":
                return await self._ask(scope, "elicitation/create", QUESTION, "who")
            case "roots":
                return await self._ask(scope, "roots/list", {}, "roots")
            case "sample":
                params = {"messages": [{"role": "user", "content": TEXT | {"text": "2+2"}}], "maxTokens": 5}
                return await self._ask(scope, "sampling/createMessage", params, "model")
            case "big":
                return self._text("x" * min(arguments["size"], 10_000_000))
            case "crash":
                import os

                os._exit(7)
            case "cancelled":
                return self._text(self.cancelled)
            case other:
                raise McpError(INVALID_PARAMS, f"Unknown tool: {other}")

    async def _ask(self, scope: RequestScope, method: str, params: dict[str, Any], key: str) -> dict[str, Any]:
        if not scope.stateless:
            return self._text(await scope.request(method, params))
        answers = scope.params.get("inputResponses") or {}
        if key in answers:
            return self._text(answers[key]) | {"structuredContent": {"state": scope.params.get("requestState")}}
        asked = {key: {"method": method, "params": params}}
        return {"resultType": "input_required", "inputRequests": asked, "requestState": "s-1"}

    def _text(self, value: Any) -> dict[str, Any]:
        from pydantic_core import to_json

        return {"content": [TEXT | {"text": value if isinstance(value, str) else to_json(value).decode()}]}


if __name__ == "__main__":
    from wireglass.wire.own_streams import StdioServerTransport

    subject = Server()
    print("a stray print")
    asyncio.run(
        ServerSession(subject._handle, StdioServerTransport(), on_notification=subject._handle_notification).run()
    )
