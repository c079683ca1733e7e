"""A server whose calls stay where a picture of them can be taken, in the standard library alone (2025-11-25).

Tools: load (three log lines, progress of 131 in 212, then nothing until it is cancelled), hang, die (with last words).
"""

import json
import os
import sys
from typing import Any

LINES = (
    ("info", "212 rows, 3 columns unknown"),
    ("warning", "row 88: postal code 1100-14 is too short"),
    ("info", "131 rows checked"),
)
LAST_WORDS = "Traceback (most recent call last):\n  File \"server.py\", line 57, in label\nKeyError: 'carrier'"


def send(message: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
    sys.stdout.flush()


def load(params: dict[str, Any]) -> None:
    for level, text in LINES:
        send({"method": "notifications/message", "params": {"level": level, "data": text}})
    token = params["_meta"]["progressToken"]
    progress = {"progressToken": token, "progress": 131, "total": 212, "message": "Checking addresses"}
    send({"method": "notifications/progress", "params": progress})


def die() -> None:
    print(LAST_WORDS, file=sys.stderr, flush=True)
    os._exit(1)


def call(params: dict[str, Any]) -> None:
    match params["name"]:
        case "load":
            load(params)
        case "die":
            die()


def main() -> None:
    for line in sys.stdin:
        message = json.loads(line)
        match message.get("method"):
            case "initialize":
                result = {
                    "protocolVersion": "2025-11-25",
                    "capabilities": {"tools": {}, "logging": {}},
                    "serverInfo": {"name": "stalling", "version": "1"},
                }
            case "tools/list":
                result = {
                    "tools": [{"name": name, "inputSchema": {"type": "object"}} for name in ("load", "hang", "die")]
                }
            case "tools/call":
                call(message["params"])
                continue
            case "ping" | "logging/setLevel":
                result = {}
            case _:
                continue
        send({"id": message["id"], "result": result})


if __name__ == "__main__":
    main()
