"""A server of both eras that can ask people only after a handshake, as some runtimes do; the standard library alone.

Without one, `ask` fails with an error result and `refuse` and the prompt `greet` with an error answer.
"""

import json
import sys
from typing import Any

NO_RESULT = "elicitation via server-initiated requests is unavailable on 2026-07-28 connections."
NO_ANSWER = (
    "Cannot send 'elicitation/create': this transport context has no back-channel for server-initiated requests."
)
NAME = {"type": "object", "required": ["name"], "properties": {"name": {"type": "string", "title": "Your name"}}}
OFFERS = {"tools": {}, "prompts": {}}
handshaken = False
asked: dict[str, dict[str, Any]] = {}
"""By the id of our question: the request that waits for its answer."""


class Refused(Exception):
    """An error answer."""


def send(**message: Any) -> None:
    sys.stdout.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
    sys.stdout.flush()


def text(said: str) -> dict[str, Any]:
    return {"type": "text", "text": said}


def result_of(message: dict[str, Any]) -> dict[str, Any] | None:
    """None while a person is asked."""
    global handshaken
    method, params = message["method"], message.get("params") or {}
    if method == "initialize":
        handshaken = True
        info = {"name": "back-channel", "version": "1"}
        return {"protocolVersion": "2025-11-25", "capabilities": OFFERS, "serverInfo": info}
    if method == "server/discover":
        return {"supportedVersions": ["2026-07-28"], "capabilities": OFFERS, "ttlMs": 0, "cacheScope": "private"}
    if method == "tools/list":
        tools = [{"name": name, "inputSchema": {"type": "object"}} for name in ("ask", "refuse")]
        return {"tools": tools, "ttlMs": 0, "cacheScope": "private"}
    if method == "prompts/list":
        return {"prompts": [{"name": "greet"}], "ttlMs": 0, "cacheScope": "private"}
    if method not in ("tools/call", "prompts/get"):
        raise Refused(-32601, method)
    if not handshaken and params["name"] == "ask":
        return {"content": [text(NO_RESULT)], "isError": True}
    if not handshaken:
        raise Refused(-32603, NO_ANSWER)
    key = f"question-{message['id']}"
    asked[key] = message
    send(id=key, method="elicitation/create", params={"message": "Who are you?", "requestedSchema": NAME})
    return None


def answered(message: dict[str, Any]) -> None:
    """A person answered: the call that waited goes on."""
    call = asked.pop(message["id"])
    said = text(json.dumps(message.get("result")))
    result = (
        {"messages": [{"role": "user", "content": said}]} if call["method"] == "prompts/get" else {"content": [said]}
    )
    send(id=call["id"], result=result)


def main() -> None:
    for line in sys.stdin:
        message = json.loads(line)
        if "method" not in message:
            answered(message)
        elif "id" in message:
            try:
                result = result_of(message)
            except Refused as refused:
                send(id=message["id"], error=dict(zip(("code", "message"), refused.args, strict=True)))
            else:
                if result is not None:
                    send(id=message["id"], result=result if handshaken else {"resultType": "complete", **result})


if __name__ == "__main__":
    main()
