"""A stdio server for the load benchmark, by hand: as many tools as its argument says, and a flood of log messages."""

import json
import sys
import time
from typing import Any


def send(message: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")


def tools(number: int) -> list[dict[str, Any]]:
    schema = {"type": "object", "properties": {"rate": {"type": "integer"}, "seconds": {"type": "number"}}}
    words = ("read", "write", "list", "search", "remove")
    found = [{"name": "flood", "description": "Writes log messages", "inputSchema": schema}]
    found += [
        {"name": f"{words[at % 5]}_{at}", "description": f"Tool number {at} of many", "inputSchema": schema}
        for at in range(number - 1)
    ]
    return found


def flood(rate: int, seconds: float) -> dict[str, Any]:
    """`rate` messages a second, in batches of 10 ms."""
    began, sent = time.monotonic(), 0
    while (passed := time.monotonic() - began) < seconds:
        while sent < passed * rate:
            note = {"level": "info", "logger": "flood", "data": f"message {sent} of a flood, with some text behind it"}
            send({"method": "notifications/message", "params": note})
            sent += 1
        sys.stdout.flush()
        time.sleep(0.01)
    return {"content": [{"type": "text", "text": str(sent)}]}


def answer(request: dict[str, Any], number: int) -> dict[str, Any]:
    method, params = request["method"], request.get("params") or {}
    if method == "initialize":
        info = {"name": "flood", "version": "1"}
        offers: dict[str, Any] = {"tools": {}, "logging": {}}
        return {"protocolVersion": params["protocolVersion"], "capabilities": offers, "serverInfo": info}
    if method == "tools/list":
        return {"tools": tools(number)}
    if method == "tools/call":
        return flood(**params["arguments"])
    return {}


def main() -> None:
    number = int(sys.argv[1])
    for line in sys.stdin:
        request = json.loads(line)
        if request.get("method") == "server/discover":
            send({"id": request["id"], "error": {"code": -32601, "message": "Method not found"}})
        elif "id" in request and "method" in request:
            send({"id": request["id"], "result": answer(request, number)})
        sys.stdout.flush()


main()
