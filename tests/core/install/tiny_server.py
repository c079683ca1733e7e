"""A server of the handshake era in plain Python: answers initialize and tools/list, needs nothing installed."""

import json
import os
import sys

mcp = object()


def main() -> None:
    for line in sys.stdin:
        message = json.loads(line)
        if "id" not in message:
            continue
        method, answer = message["method"], {}
        if method == "initialize":
            answer = {
                "protocolVersion": "2025-06-18",
                "capabilities": {"tools": {}},
                "serverInfo": {"name": os.environ.get("TINY_NAME", "tiny"), "version": "1"},
            }
        elif method == "tools/list":
            answer = {"tools": [{"name": "add", "inputSchema": {"type": "object"}}]}
        else:
            error = {"code": -32601, "message": f"no {method}"}
            print(json.dumps({"jsonrpc": "2.0", "id": message["id"], "error": error}), flush=True)
            continue
        print(json.dumps({"jsonrpc": "2.0", "id": message["id"], "result": answer}), flush=True)


if __name__ == "__main__":
    main()
