"""A stdio server whose every name, title and description is a megabyte long, written by hand."""

import json
import sys
from typing import Any

MEGABYTE = 1_000_000
OFFERS = ("tools", "resources", "prompts", "logging")


def huge(letter: str) -> str:
    return letter * MEGABYTE


def named(letter: str) -> dict[str, Any]:
    return {"name": huge(letter), "title": huge(letter), "description": f"{letter} word " * (MEGABYTE // 7)}


ARGUMENT = {"type": "string", "title": huge("q"), "description": huge("e"), "default": huge("v")}
SCHEMA = {
    "type": "object",
    "properties": {huge("p"): ARGUMENT, "choice": {"enum": [huge("a"), huge("b")]}, "kind": {"type": "string"}},
    "required": [huge("p")],
}
TOOLS = [
    {**named("t"), "inputSchema": SCHEMA},
    {"name": "answer", "inputSchema": {"type": "object"}},
    {"name": "fail", "inputSchema": {"type": "object"}, "outputSchema": {"type": "object", "required": [huge("r")]}},
]
LISTS: dict[str, Any] = {
    "tools/list": {"tools": TOOLS},
    "resources/list": {"resources": [{**named("r"), "uri": f"x://{huge('u')}", "mimeType": huge("m")}]},
    "resources/templates/list": {
        "resourceTemplates": [{**named("w"), "uriTemplate": f"x://{huge('u')}/{{{huge('i')}}}"}]
    },
    "prompts/list": {"prompts": [{**named("s"), "arguments": [named("g")]}]},
    "resources/read": {"contents": [{"uri": f"x://{huge('u')}", "text": huge("c"), "mimeType": huge("m")}]},
    "prompts/get": {
        "description": huge("d"),
        "messages": [{"role": huge("x"), "content": {"type": "text", "text": "t"}}],
    },
}


def send(message: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
    sys.stdout.flush()


def reply(method: str, params: dict[str, Any]) -> Any:
    if method == "initialize":
        return {
            "protocolVersion": params["protocolVersion"],
            "capabilities": {
                "tools": {},
                "resources": {},
                "prompts": {},
                "logging": {},
                "experimental": {huge("k"): {}},
            },
            "serverInfo": {"name": huge("n"), "version": huge("1"), "title": f"{huge('n')}!"},
            "instructions": "Use it well. " * (MEGABYTE // 13),
        }
    if method == "tools/call":
        send({"method": "notifications/message", "params": {"level": "info", "logger": huge("l"), "data": huge("o")}})
        block = {"type": "resource_link", "uri": f"x://{huge('u')}", "name": huge("z"), "description": huge("y")}
        return {"content": [block], "structuredContent": {huge("h"): {huge("j"): 1}, "rows": [{huge("f"): huge("a")}]}}
    return LISTS.get(method, {})


for line in sys.stdin:
    request = json.loads(line)
    if "id" not in request or "method" not in request:
        continue
    if request["method"] == "server/discover":
        send({"id": request["id"], "error": {"code": -32601, "message": "Method not found"}})
    elif request.get("params", {}).get("name") == "fail":
        send({"id": request["id"], "error": {"code": -32000, "message": huge("!")}})
    else:
        send({"id": request["id"], "result": reply(request["method"], request.get("params") or {})})
