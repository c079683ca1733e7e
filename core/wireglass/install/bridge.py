"""A stdio server that is somewhere else: moves messages between our stdin and stdout and a server behind a URL.

It changes no message. It knows only what HTTP needs to know: headers, when a session's version is settled, and that a
stateless request is cancelled by closing its stream.
"""

import asyncio
import re
from collections.abc import Mapping
from typing import Any

from wireglass.errors import INTERNAL_ERROR, TransportClosed, TransportError
from wireglass.protocol import methods, versions
from wireglass.protocol.messages import RequestId, as_object
from wireglass.protocol.param_headers import param_headers
from wireglass.wire.base import Broken, Received, Transport

__all__ = ["Bridging", "filled_header"]


def filled_header(text: str, env: Mapping[str, str]) -> tuple[str, str]:
    """`Name: value` with `${VARIABLE}` filled in. Raises TransportError with the next step."""
    name, colon, value = text.partition(":")
    if not colon or not name.strip():
        raise TransportError(f"{text!r} is no header.", next_step="Write it as 'Name: value'.")
    missing = [found for found in re.findall(r"\$\{(\w+)\}", value) if found not in env]
    if missing:
        raise TransportError(f"The variable {missing[0]} is not set.", next_step="Set it in the entry's env.")
    return name.strip(), re.sub(r"\$\{(\w+)\}", lambda found: env[found.group(1)], value).strip()


class Bridging:
    """Two transports tied together until one of them ends."""

    def __init__(self, near: Transport, far: Transport) -> None:
        self._near = near
        self._far = far
        self._version: str | None = None
        self._opening: RequestId | None = None
        self._listing: set[RequestId] = set()
        self._schemas: dict[str, dict[str, Any]] = {}

    async def run(self) -> None:
        """Starts both ends and moves messages until one is closed. Raises TransportError when one cannot be opened."""
        await self._far.start()
        try:
            await self._near.start()
            outward = asyncio.create_task(self._outward())
            inward = asyncio.create_task(self._inward())
            try:
                await asyncio.wait((outward, inward), return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in (outward, inward):
                    task.cancel()
                await asyncio.gather(outward, inward, return_exceptions=True)
        finally:
            await self._far.aclose()
            await self._near.aclose()

    async def _outward(self) -> None:
        sending: set[asyncio.Task[None]] = set()
        try:
            while True:
                item = await self._near.receive()
                if isinstance(item, Broken) or not isinstance(item.message, dict):
                    continue
                task = asyncio.create_task(self._send(item.message))
                sending.add(task)
                task.add_done_callback(sending.discard)
                if "id" not in item.message:
                    await asyncio.wait((task,))  # a notification must not be overtaken by what follows it
        except TransportClosed:
            if sending:
                await asyncio.wait(sending, timeout=5)
        finally:
            for task in sending:
                task.cancel()

    async def _send(self, message: dict[str, Any]) -> None:
        method = message.get("method")
        if method == "initialize":
            self._opening = message.get("id")
        if method == "tools/list" and "id" in message:
            self._listing.add(message["id"])
        if method == "notifications/cancelled" and await self._abandoned(message):
            return
        try:
            await self._far.send(message, headers=self._headers(message))
        except TransportError as error:
            await self._refuse(message.get("id") if isinstance(method, str) else None, error)
            return
        if method == "notifications/initialized" and self._version is not None:
            await self._far.negotiated(self._version)

    async def _abandoned(self, message: dict[str, Any]) -> bool:
        params = message.get("params")
        identity = params.get("requestId") if isinstance(params, dict) else None
        return identity is not None and await self._far.abandon(identity)

    async def _inward(self) -> None:
        while True:
            try:
                item = await self._far.receive()
            except TransportClosed:
                return
            if isinstance(item, Broken):
                await self._refuse(item.request_id, item.error)
                continue
            self._learn(item)
            await self._near.send(item.message)

    def _learn(self, item: Received) -> None:
        message = as_object(item.message)
        identity, result = message.get("id"), as_object(message.get("result"))
        if "method" in message or not isinstance(identity, (str, int)):
            return
        if identity == self._opening:
            self._opening = None
            version = result.get("protocolVersion")
            self._version = version if isinstance(version, str) else None
        if identity in self._listing:
            self._listing.discard(identity)
            tools = result.get("tools")
            for tool in map(as_object, tools if isinstance(tools, list) else ()):
                self._schemas[str(tool.get("name"))] = as_object(tool.get("inputSchema"))

    async def _refuse(self, identity: RequestId | None, error: TransportError) -> None:
        if identity is None:
            return
        text = f"{error.message} {error.next_step}".strip()
        answer = {"jsonrpc": "2.0", "id": identity, "error": {"code": INTERNAL_ERROR, "message": text}}
        await self._near.send(answer)

    def _headers(self, message: dict[str, Any]) -> dict[str, str]:
        """The headers that repeat what a message says, by the version it names itself, else the settled one."""
        method, params = str(message.get("method", "")), as_object(message.get("params"))
        named = as_object(params.get("_meta")).get(versions.META_PROTOCOL_VERSION)
        version = named if isinstance(named, str) else self._version
        if version is None or method == "initialize":
            return {}
        headers = {versions.HEADER_PROTOCOL_VERSION: version} if version >= "2025-06-18" else {}
        if not versions.is_stateless(version) or not method:
            return headers
        headers[versions.HEADER_METHOD] = method
        name = methods.header_name(method, params)
        if name is not None:
            headers[versions.HEADER_NAME] = versions.encode_header_value(name)
        schema = self._schemas.get(str(params.get("name"))) if method == "tools/call" else None
        return headers | param_headers(schema or {}, as_object(params.get("arguments")))
