"""A small stdio server in the standard library alone, so that tests of the window depend on no runtime.

Handshake era, 2025-11-25. Tools: add, ask, slow, fail, big, broken (breaks its output schema), wipe (destructive).
"""

import json
import sys
import threading
import time
from typing import Any

lock = threading.Lock()
answers: dict[str, Any] = {}
answered = threading.Condition()
cancelled: set[Any] = set()


def send(message: dict[str, Any]) -> None:
    with lock:
        sys.stdout.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
        sys.stdout.flush()


def tool(name: str, description: str, properties: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    properties = properties or {}
    required = [key for key, value in properties.items() if "default" not in value]
    schema = {"type": "object", "properties": properties, "required": required}
    return {"name": name, "description": description, "inputSchema": schema, **more}


NUMBER = {"type": "number"}
ROWS = {
    "type": "object",
    "properties": {"rows": {"type": "array", "items": {"type": "object"}}, "total": {"type": "integer"}},
    "required": ["rows", "total"],
}
BIG = {"rows": {"type": "integer", "default": 10}, "text": {"type": "boolean", "default": False}}
TOOLS = [
    tool(
        "add",
        "Adds two numbers",
        {"a": NUMBER, "b": {**NUMBER, "default": 2}},
        annotations={"readOnlyHint": True},
        outputSchema={"type": "object", "properties": {"sum": NUMBER}, "required": ["sum"]},
    ),
    tool("ask", "Asks the user for a name"),
    tool("slow", "Takes its time and tells about it", {"steps": {"type": "integer", "default": 3}}),
    tool("fail", "Fails in one of several ways", {"how": {"enum": ["tool", "protocol", "exit"], "default": "tool"}}),
    tool("big", "Returns many rows", BIG, outputSchema=ROWS),
    tool("broken", "Breaks its own output schema", outputSchema=ROWS),
    tool("wipe", "Removes everything", {"sure": {"type": "boolean"}}, annotations={"destructiveHint": True}),
    tool("odd\u202ename", "<b>bold</b> <img src='file:///etc/passwd'>"),
]
RESOURCES = [{"uri": "desk://note", "name": "note", "mimeType": "text/plain", "size": 12}]
TEMPLATES = [{"uriTemplate": "desk://{kind}/{number}", "name": "things", "mimeType": "application/json"}]
PROMPTS = [{"name": "greet", "description": "Greets", "arguments": [{"name": "who", "required": True}]}]


def call(name: str, arguments: dict[str, Any], request: dict[str, Any]) -> dict[str, Any]:
    if name == "add":
        total = arguments["a"] + arguments.get("b", 2)
        return structured({"sum": total})
    if name == "ask":
        reply = ask("What is your name?", {"name": {"type": "string", "title": "Name"}})
        text = f"Hello {reply['content']['name']}" if reply["action"] == "accept" else f"You chose {reply['action']}"
        return {"content": [{"type": "text", "text": text}]}
    if name == "slow":
        return slow(arguments, request)
    if name == "fail":
        return fail(arguments.get("how", "tool"))
    if name == "big":
        number = arguments.get("rows", 10)
        rows = [{"id": i, "name": f"row {i}", "price": i * 1.5, "ok": i % 2 == 0} for i in range(number)]
        value = {"rows": rows, "total": number}
        return structured(value) if arguments.get("text") else {"content": [], "structuredContent": value}
    if name == "broken":
        return structured({"rows": "none", "total": "many"})
    return {"content": [{"type": "text", "text": f"{name} with {json.dumps(arguments)}"}]}


def structured(value: dict[str, Any]) -> dict[str, Any]:
    return {"content": [{"type": "text", "text": json.dumps(value)}], "structuredContent": value}


def fail(how: str) -> dict[str, Any]:
    if how == "protocol":
        raise KeyError("refused on purpose")
    if how == "exit":
        print("Traceback (most recent call last):", file=sys.stderr)
        print("RuntimeError: the desk collapsed", file=sys.stderr, flush=True)
        import os

        os._exit(3)
    return {"content": [{"type": "text", "text": "No such thing"}], "isError": True}


def slow(arguments: dict[str, Any], request: dict[str, Any]) -> dict[str, Any]:
    token = (request["params"].get("_meta") or {}).get("progressToken")
    steps = arguments.get("steps", 3)
    for step in range(1, steps + 1):
        send(
            {
                "method": "notifications/message",
                "params": {"level": "warning" if step == 2 else "info", "data": f"step {step}"},
            }
        )
        if token is not None:
            progress = {"progressToken": token, "progress": step, "total": steps, "message": f"Step {step}"}
            send({"method": "notifications/progress", "params": progress})
        deadline = time.monotonic() + 0.05
        while time.monotonic() < deadline:
            if request["id"] in cancelled:
                return {"content": [{"type": "text", "text": "cancelled"}]}
            time.sleep(0.005)
    return {"content": [{"type": "text", "text": f"{steps} steps"}]}


def ask(message: str, properties: dict[str, Any]) -> dict[str, Any]:
    key = f"ask-{len(answers)}"
    schema = {"type": "object", "properties": properties, "required": list(properties)}
    send({"id": key, "method": "elicitation/create", "params": {"message": message, "requestedSchema": schema}})
    with answered:
        answered.wait_for(lambda: key in answers, timeout=60)
    return answers[key]


def result_of(message: dict[str, Any]) -> dict[str, Any]:
    method, params = message["method"], message.get("params") or {}
    if method == "initialize":
        return {
            "protocolVersion": "2025-11-25",
            "capabilities": {"tools": {"listChanged": True}, "resources": {}, "prompts": {}, "logging": {}},
            "serverInfo": {"name": "desk", "version": "1.0"},
            "instructions": "A desk for tests.",
        }
    lists = {
        "tools/list": {"tools": TOOLS},
        "resources/list": {"resources": RESOURCES},
        "resources/templates/list": {"resourceTemplates": TEMPLATES},
        "prompts/list": {"prompts": PROMPTS},
        "ping": {},
        "logging/setLevel": {},
    }
    if method in lists:
        return lists[method]
    if method == "tools/call":
        return call(params["name"], params.get("arguments") or {}, message)
    if method == "resources/read":
        return {"contents": [{"uri": params["uri"], "mimeType": "text/plain", "text": f"read {params['uri']}"}]}
    if method == "prompts/get":
        who = (params.get("arguments") or {}).get("who", "")
        return {"messages": [{"role": "user", "content": {"type": "text", "text": f"Greet {who}"}}]}
    raise LookupError(method)


def answer(message: dict[str, Any]) -> None:
    try:
        send({"id": message["id"], "result": result_of(message)})
    except LookupError as problem:
        code = -32602 if isinstance(problem, KeyError) else -32601
        send({"id": message["id"], "error": {"code": code, "message": str(problem)}})


def main() -> None:
    for line in sys.stdin:
        message = json.loads(line)
        if message.get("method") == "notifications/cancelled":
            cancelled.add(message["params"]["requestId"])
        elif "method" in message and "id" in message:
            threading.Thread(target=answer, args=[message], daemon=True).start()
        elif "result" in message or "error" in message:
            with answered:
                answers[message["id"]] = message.get("result")
                answered.notify_all()


if __name__ == "__main__":
    main()
