"""Seeded damage to valid frames: at the level of JSON (members and types) and of text (bytes cut, doubled, swapped)."""

import random
from copy import deepcopy
from typing import Any

from pydantic_core import from_json, to_json

__all__ = ["CLIENT_FRAMES", "META", "RUNTIME_FRAMES", "SERVER_FRAMES", "Mutator", "ask", "tell"]

META = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": {"elicitation": {"form": {}}},
    "progressToken": 1,
}


def ask(id: Any, method: str, **params: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": id, "method": method, "params": params}


def tell(method: str, **params: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "method": method, "params": params}


CLIENT_FRAMES: list[Any] = [
    ask(1, "tools/call", name="echo", arguments={"text": "x"}, _meta=META),
    ask("a", "tools/call", name="count", arguments={"to": 3}, _meta=META),
    ask(3, "tools/call", name="ask", arguments={}, _meta=META),
    ask(4, "tools/call", name="log", arguments={}),
    ask(5, "tools/list", cursor="2", _meta=META),
    ask(6, "server/discover", _meta=META),
    ask(7, "initialize", protocolVersion="2025-11-25", capabilities={}, clientInfo={"name": "f", "version": "0"}),
    ask(8, "resources/read", uri="x://1", _meta=META),
    ask(9, "prompts/get", name="p", arguments={"a": "b"}, _meta=META),
    ask(10, "logging/setLevel", level="debug"),
    ask(11, "ping"),
    ask(12, "completion/complete", ref={"type": "ref/prompt", "name": "p"}, argument={"name": "a", "value": "b"}),
    tell("notifications/initialized"),
    tell("notifications/cancelled", requestId=1, reason="r"),
    tell("notifications/progress", progressToken=1, progress=0.5, total=1),
    tell("notifications/roots/list_changed"),
    {"jsonrpc": "2.0", "id": 1, "result": {"roots": []}},
    {"jsonrpc": "2.0", "id": 2, "error": {"code": -1, "message": "no"}},
    [ask(20, "ping"), tell("notifications/initialized")],
]
TASKS = META | {
    "io.modelcontextprotocol/clientCapabilities": {
        "elicitation": {},
        "extensions": {"io.modelcontextprotocol/tasks": {}},
    }
}
RUNTIME_FRAMES: list[Any] = [
    ask(30, "tools/call", name="twice", arguments={}, _meta=META),
    ask(31, "tools/call", name="twice", arguments={}, inputResponses={"q1": {"action": "accept"}}, requestState="w1.x"),
    ask(32, "tools/call", name="work", arguments={"ask": True}, _meta=TASKS),
    ask(33, "tools/call", name="work", arguments={}, task={"ttl": 1000}),
    ask(34, "tools/call", name="meta", arguments={}, _meta=META),
    ask(35, "tasks/get", taskId="t", _meta=TASKS),
    ask(36, "tasks/update", taskId="t", inputResponses={"q1": {"action": "cancel"}}, _meta=TASKS),
    ask(37, "tasks/cancel", taskId="t", _meta=TASKS),
    ask(38, "subscriptions/listen", notifications={"toolsListChanged": True, "resourceSubscriptions": ["x://counter"]}),
    ask(39, "resources/subscribe", uri="x://counter"),
    ask(40, "resources/read", uri="x://counter", _meta=META),
    ask(41, "tasks/list", cursor="x"),
]
SERVER_FRAMES: list[Any] = [
    {"jsonrpc": "2.0", "id": 1, "result": {"resultType": "complete", "content": [{"type": "text", "text": "x"}]}},
    {"jsonrpc": "2.0", "id": 2, "result": {"tools": [{"name": "t", "inputSchema": {"type": "object"}}]}},
    {"jsonrpc": "2.0", "id": 3, "error": {"code": -32603, "message": "m", "data": {"supported": ["x"]}}},
    {"jsonrpc": "2.0", "error": {"code": -32700, "message": "m"}},
    tell("notifications/progress", progressToken=1, progress=1, total=2, message="m"),
    tell("notifications/message", level="info", data={"a": 1}, logger="l"),
    tell("notifications/cancelled", requestId=1),
    tell("notifications/tools/list_changed"),
    tell("notifications/resources/updated", uri="x://1"),
    tell("notifications/subscriptions/acknowledged", notifications={}, _meta={}),
    ask(1, "ping"),
    ask(2, "roots/list"),
    ask("s", "sampling/createMessage", messages=[], maxTokens=5),
    ask(4, "elicitation/create", message="m", requestedSchema={"type": "object", "properties": {}}),
    [ask(5, "ping"), {"jsonrpc": "2.0", "id": 4, "result": {}}],
]
ODD: list[Any] = [None, True, False, 0, -1, 1.5, 2**63, "", "2.0", "é\u2028", [], {}, [[]], {"": None}, "x" * 3000]
TEXT = ['"', "{", "}", "[", "]", ",", ":", "\\", "\\ud800", "\x00", "\n", "\r", "é", "\ufeff", "1e999", "-", "NaN"]


class Mutator:
    """Makes damaged frames from a seed; the same seed makes the same frames."""

    def __init__(self, seed: int, corpus: list[Any]) -> None:
        self._random = random.Random(seed)
        self._corpus = corpus

    def frame(self) -> str:
        """One frame as text; about every tenth is undamaged."""
        value = from_json(to_json(self._random.choice(self._corpus)))
        for _ in range(self._random.choice((0, 1, 1, 1, 2, 2, 3, 5, 8))):
            value = self._damage(value)
        text = to_json(value).decode()
        if self._random.random() < 0.3:
            text = self._damage_text(text)
        return text

    def _damage(self, value: Any) -> Any:
        pick = self._random
        if isinstance(value, dict) and value and pick.random() < 0.85:
            key = pick.choice(list(value))
            action = pick.randrange(6)
            if action < 3:
                value[key] = self._damage(value[key])
            elif action == 3:
                del value[key]
            elif action == 4:
                value[pick.choice(["id", "method", "params", "result", "error", "_meta", "name", "x"])] = deepcopy(
                    value[key]
                )
            else:
                value[key] = deepcopy(pick.choice(ODD))
            return value
        if isinstance(value, list) and value and pick.random() < 0.7:
            index = pick.randrange(len(value))
            value[index : index + 1] = pick.choice(
                ([], [value[index], deepcopy(value[index])], [self._damage(value[index])])
            )
            return value
        if isinstance(value, str) and pick.random() < 0.5:
            cut = pick.randrange(len(value) + 1)
            return value[:cut] + pick.choice(["", "/", "\x00", "list", "initialize"]) + value[cut:]
        return deepcopy(pick.choice([*ODD, pick.randrange(-3, 30), [value], {"x": value}]))

    def _damage_text(self, text: str) -> str:
        pick = self._random
        for _ in range(pick.randrange(1, 4)):
            a, b = sorted((pick.randrange(len(text) + 1), pick.randrange(len(text) + 1)))
            b = min(b, a + 20)
            text = pick.choice(
                (
                    text[:a] + text[b:],
                    text[:a] + text[a:b] * 2 + text[b:],
                    text[:a] + pick.choice(TEXT) + text[a:],
                    text[:a] + text[a:b][::-1] + text[b:],
                )
            )
        return text
