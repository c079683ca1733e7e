"""A server whose tools answer only when they are cancelled, each in its own way; the standard library alone.

Tools: answers (with its result), confirms (with an error), quiet (never).
"""

import json
import sys
from typing import Any

running: dict[Any, str] = {}
"""By id: the tool that is called."""


def send(**message: Any) -> None:
    sys.stdout.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
    sys.stdout.flush()


def main() -> None:
    for line in sys.stdin:
        message = json.loads(line)
        method, id = message.get("method"), message.get("id")
        if method == "initialize":
            info = {"name": "stubborn", "version": "1"}
            send(id=id, result={"protocolVersion": "2025-11-25", "capabilities": {"tools": {}}, "serverInfo": info})
        elif method == "tools/list":
            names = ("answers", "confirms", "quiet")
            send(id=id, result={"tools": [{"name": name, "inputSchema": {"type": "object"}} for name in names]})
        elif method == "tools/call":
            running[id] = message["params"]["name"]
        elif method == "notifications/cancelled":
            id = message["params"]["requestId"]
            if running.get(id) == "answers":
                send(id=id, result={"content": []})
            elif running.get(id) == "confirms":
                send(id=id, error={"code": -32800, "message": "Request cancelled"})
        elif id is not None:
            send(id=id, error={"code": -32601, "message": "no such method"})


if __name__ == "__main__":
    main()
