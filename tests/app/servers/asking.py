"""A server that asks for everything there is, of both eras, in the standard library alone.

python asking.py [NAME] [MODE]; MODE is "stateless" (2026-07-28) or "handshake" (2025-11-25).
Tools: form, yes, several (three questions in one result), sample, loop (sampling with tools), page, blocked (-32042),
roots, die (asks, then exits), revoke (asks, then takes it back), endless (stateless: asks again and again).
"""

import json
import os
import sys
import threading
from typing import Any

NAME = sys.argv[1] if len(sys.argv) > 1 else "asking"
STATELESS = (sys.argv[2] if len(sys.argv) > 2 else "stateless") == "stateless"
VERSION = "2026-07-28" if STATELESS else "2025-11-25"

lock = threading.Lock()
revoking = threading.Event()
answered = threading.Condition()
answers: dict[str, Any] = {}
taken: list[str] = []
"""Every answer that arrived, in order, so that a second one would be seen."""
number = 0
visited = False

FORM = {
    "type": "object",
    "title": "Confirm the cancellation",
    "required": ["reason", "refund_to", "refund_amount", "notify", "email"],
    "properties": {
        "reason": {
            "type": "string",
            "title": "Reason",
            "oneOf": [
                {"const": "changed", "title": "Customer changed their mind"},
                {"const": "wrong_address", "title": "Address was wrong"},
                {"const": "duplicate", "title": "Duplicate order"},
                {"const": "other", "title": "Other"},
            ],
        },
        "refund_to": {
            "type": "string",
            "title": "Refund to",
            "default": "original",
            "oneOf": [
                {"const": name, "title": name.title()} for name in ("original", "voucher", "bank", "cash", "none")
            ],
        },
        "refund_amount": {"type": "number", "title": "Refund amount", "minimum": 0, "maximum": 24.9, "default": 24.9},
        "notify": {
            "type": "array",
            "title": "Notify",
            "minItems": 1,
            "maxItems": 3,
            "items": {"type": "string", "enum": ["Recipient", "Warehouse", "Accounts"]},
            "default": ["Recipient", "Warehouse"],
        },
        "email": {"type": "string", "format": "email", "title": "Confirmation e-mail"},
        "effective_on": {"type": "string", "format": "date", "title": "Effective on", "default": "2026-11-21"},
        "note": {"type": "string", "title": "Note to carrier", "maxLength": 120},
        "restock": {"type": "boolean", "title": "Put the goods back in stock", "default": True},
    },
}
DONE = {"resultType": "complete"}
LASTING = {**DONE, "ttlMs": 0, "cacheScope": "private"}
YES = {"type": "object", "properties": {}}
MESSAGE = (
    "Shipment PD-48213 has not been scanned yet, so it can be voided. Postage of 24.90 EUR is refunded when the "
    "carrier confirms. Please say why and where the refund goes."
)
SCAN = {
    "name": "scan_history",
    "description": "Scans of parcels",
    "inputSchema": {
        "type": "object",
        "required": ["ids"],
        "properties": {"ids": {"type": "array", "items": {"type": "string"}}},
    },
}
SAMPLING = {
    "systemPrompt": "You write short service notes for a shipping desk. Two sentences, no blame, no promises.",
    "messages": [{"role": "user", "content": {"type": "text", "text": "Explain why these are late: PD-48107."}}],
    "maxTokens": 160,
    "temperature": 0.2,
    "modelPreferences": {
        "intelligencePriority": 0.5,
        "speedPriority": 0.8,
        "costPriority": 0.9,
        "hints": [{"name": "small"}, {"name": "fast"}],
    },
}
PAGE = {
    "mode": "url",
    "message": "Link your bank feed so that open invoices can be matched with payments.",
    "url": "https://connect.ledgerline.example/link?state=c1f0a7d2-6b1e-4f1c-9a55-2f7b6d2f0a11",
}
TOOLS = ("form", "yes", "several", "sample", "loop", "page", "blocked", "roots", "die", "revoke", "endless")


def send(message: dict[str, Any]) -> None:
    with lock:
        sys.stdout.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
        sys.stdout.flush()


class Asked(Exception):
    """Stateless: the call has to come back with answers."""


class Refused(Exception):
    """An error answer."""


def ask(requests: dict[str, Any], params: dict[str, Any], state: str = "1") -> dict[str, Any]:
    """The answers to `requests`, by key: of the retry, or of requests of our own."""
    if STATELESS:
        given = params.get("inputResponses") or {}
        if params.get("requestState") == state and set(requests) <= set(given):
            taken.extend(f"{state} {key}" for key in given)
            return given
        raise Asked({"inputRequests": requests, "requestState": state})
    return {key: ask_now(value) for key, value in requests.items()}


def ask_now(value: dict[str, Any]) -> Any:
    global number
    with lock:
        number += 1
        key = f"{NAME}-{number}"
    send({"id": key, **value})
    with answered:
        answered.wait_for(lambda: key in answers)
    return answers[key]


def elicit(schema: dict[str, Any], message: str) -> dict[str, Any]:
    return {"method": "elicitation/create", "params": {"message": message, "requestedSchema": schema}}


def sampling(**more: Any) -> dict[str, Any]:
    return {"method": "sampling/createMessage", "params": {**SAMPLING, **more}}


def call(name: str, params: dict[str, Any]) -> str:
    if name == "form":
        return json.dumps(ask({"form": elicit(FORM, MESSAGE)}, params)["form"])
    if name == "yes":
        return json.dumps(ask({"yes": elicit(YES, f"{NAME} wants a yes. Really?")}, params)["yes"])
    if name == "several":
        asked = {"who": elicit(YES, "First of three?"), "form": elicit(FORM, MESSAGE), "note": sampling()}
        return json.dumps(ask(asked, params))
    if name == "sample":
        return json.dumps(ask({"note": sampling()}, params)["note"])
    if name == "loop":
        return loop(params)
    if name == "page":
        return json.dumps(ask({"page": {"method": "elicitation/create", "params": PAGE}}, params)["page"])
    if name == "blocked":
        return blocked()
    if name == "endless":
        raise Asked({"inputRequests": {"yes": elicit(YES, "Again?")}, "requestState": "1"})
    if name == "roots":
        return json.dumps(ask({"roots": {"method": "roots/list"}}, params)["roots"])
    if name == "die":
        threading.Timer(0.05, lambda: os._exit(3)).start()
        return json.dumps(ask({"yes": elicit(YES, "Quick?")}, params))
    raise LookupError(name)


def loop(params: dict[str, Any]) -> str:
    """A tool loop of two turns."""
    messages = list(SAMPLING["messages"])  # type: ignore[call-overload]  # a list
    first = {"tools": [SCAN], "toolChoice": {"mode": "auto"}}
    used = {"type": "tool_use", "id": "c1", "name": "scan_history", "input": {"ids": ["PD-48107"]}}
    rows = [{"parcel": "PD-48107", "place": "Hub North", "reason": "sorting backlog"}]
    found = {"type": "tool_result", "toolUseId": "c1", "content": [{"type": "text", "text": json.dumps(rows)}]}
    if STATELESS and params.get("requestState") in (None, "1"):
        reply = ask({"turn": sampling(**first)}, params)["turn"]
        block = reply["content"][0] if isinstance(reply["content"], list) else used
        found["toolUseId"] = block.get("id", "c1")
        turns = [*messages, {"role": "assistant", "content": [block]}, {"role": "user", "content": [found]}]
        raise Asked({"inputRequests": {"turn": sampling(messages=turns, **first)}, "requestState": "2"})
    if STATELESS:
        return json.dumps(ask({"turn": sampling()}, params, "2")["turn"])
    reply = ask_now(sampling(**first))
    content = reply["content"] if isinstance(reply["content"], list) else [reply["content"]]
    found["toolUseId"] = content[0]["id"]
    turns = [*messages, {"role": "assistant", "content": content}, {"role": "user", "content": [found]}]
    return json.dumps(ask_now(sampling(messages=turns, **first)))


def blocked() -> str:
    """2025-11-25: the call is refused until a page was visited; the visit is reported two tenths later."""
    global visited
    if visited:
        return "visited"
    visited = True
    page = {**PAGE, "elicitationId": "e1"}
    raise Refused({"code": -32042, "message": "A page first", "data": {"elicitations": [page]}})


def result_of(message: dict[str, Any]) -> dict[str, Any]:
    method, params = message["method"], message.get("params") or {}
    offers = {"tools": {"listChanged": True}}
    info = {"name": NAME, "version": "1"}
    if method == "server/discover" and STATELESS:
        meta = {"io.modelcontextprotocol/serverInfo": info}
        return {
            "resultType": "complete",
            "supportedVersions": [VERSION],
            "capabilities": offers,
            "_meta": meta,
            **LASTING,
        }
    if method == "initialize" and not STATELESS:
        return {"protocolVersion": VERSION, "capabilities": offers, "serverInfo": info}
    if method == "tools/list":
        tools = [{"name": name, "inputSchema": {"type": "object"}} for name in TOOLS]
        return {
            "tools": tools,
            **(LASTING if STATELESS else {}),
        }
    if method == "tools/call":
        text = revoke(message) if params["name"] == "revoke" else call(params["name"], params)
        return {"content": [{"type": "text", "text": text}], **({"resultType": "complete"} if STATELESS else {})}
    if method == "ping":
        return {}
    if method == "revoke":
        revoking.set()
        return {}
    if method == "report":
        send({"method": "notifications/elicitation/complete", "params": {"elicitationId": "e1"}})
        return {}
    if method == "taken":
        return {"taken": taken, "answers": sorted(answers), **({"resultType": "complete"} if STATELESS else {})}
    raise LookupError(method)


def revoke(message: dict[str, Any]) -> str:
    """Handshake: asks, takes it back when it is told to, and is done."""
    send({"id": "revoked", **elicit(YES, "Wait, no.")})
    revoking.wait(60)
    send({"method": "notifications/cancelled", "params": {"requestId": "revoked", "reason": "changed my mind"}})
    return "never mind"


def answer(message: dict[str, Any]) -> None:
    try:
        send({"id": message["id"], "result": result_of(message)})
    except Asked as asked:
        send({"id": message["id"], "result": {"resultType": "input_required", **asked.args[0]}})
    except Refused as refused:
        send({"id": message["id"], "error": refused.args[0]})
    except LookupError as problem:
        send({"id": message["id"], "error": {"code": -32601, "message": str(problem)}})


def main() -> None:
    for line in sys.stdin:
        message = json.loads(line)
        if "method" in message and "id" in message:
            threading.Thread(target=answer, args=[message], daemon=True).start()
        elif "result" in message or "error" in message:
            with answered:
                taken.append(message["id"])
                answers[message["id"]] = message.get("result", {"error": message.get("error")})
                answered.notify_all()


if __name__ == "__main__":
    main()
