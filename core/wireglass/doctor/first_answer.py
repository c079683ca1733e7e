"""What a server answers to the first message of a client, and what each step of the check list reads from it.

Sent is what any client sends first (`server/discover`, else `initialize`) and nothing else.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from wireglass.auth.challenges import wants_password
from wireglass.doctor.steps import Outcome, StepFailed
from wireglass.protocol import versions

if TYPE_CHECKING:
    import httpx

__all__ = ["FirstAnswer", "content_type", "era", "first_answer", "sign_in", "status"]

_LONGEST_BODY = 64_000
"""Characters that are read of an answer; one to a first message is far shorter."""

_WHO = {"name": "wireglass", "version": "1"}


@dataclass(frozen=True, slots=True)
class FirstAnswer:
    """One HTTP answer; `headers` finds names whatever their case, `body` is cut after 64,000 characters."""

    status: int
    headers: Mapping[str, str]
    body: str

    @property
    def wants_token(self) -> bool:
        """Whether OAuth is what it asks for (RFC 9728): a 401 that names no scheme, or one of tokens."""
        how = self.header("www-authenticate").lower()
        return self.status == 401 and (not how or "bearer" in how or "dpop" in how)

    def header(self, name: str) -> str:
        """A header's value, "" without one."""
        return str(self.headers.get(name, ""))

    def message(self) -> dict[str, Any]:
        """The JSON-RPC message in the body or in the stream's first event; {} where there is none."""
        text = self.body
        if "text/event-stream" in self.header("content-type"):
            lines = text.replace("\r\n", "\n").split("\n\n")[0].split("\n")
            text = "\n".join(line[5:].removeprefix(" ") for line in lines if line.startswith("data:"))
        try:
            found = json.loads(text)
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}


async def first_answer(client: "httpx.AsyncClient", url: str) -> FirstAnswer:
    """Asks `server/discover`, and `initialize` where that finds nothing; raises what httpx raises.

    The first answer stays the one that counts unless `initialize` is answered with a result.
    """
    first = await _ask(client, url, _discover())
    if not (first.status < 300 or first.status == 400) or "result" in first.message():
        return first
    second = await _ask(client, url, _initialize())
    session = second.header(versions.HEADER_SESSION_ID)
    if session:  # nobody will use it
        await client.delete(url, headers={versions.HEADER_SESSION_ID: session})
    return second if second.status < 400 and "result" in second.message() else first


async def _ask(client: "httpx.AsyncClient", url: str, message: dict[str, Any]) -> FirstAnswer:
    headers = {
        "accept": "application/json, text/event-stream",
        "content-type": "application/json",
        versions.HEADER_PROTOCOL_VERSION: str(message["params"].get("protocolVersion") or versions.LATEST_STATELESS),
    }
    if message["method"] == "server/discover":
        headers[versions.HEADER_METHOD] = "server/discover"
    async with client.stream("POST", url, json=message, headers=headers) as response:
        body, stream = "", "text/event-stream" in response.headers.get("content-type", "")
        async for text in response.aiter_text():
            body += text
            if len(body) > _LONGEST_BODY or (stream and "\n\n" in body.replace("\r\n", "\n")):
                break
        return FirstAnswer(response.status_code, response.headers, body)


def _discover() -> dict[str, Any]:
    meta = {
        versions.META_PROTOCOL_VERSION: versions.LATEST_STATELESS,
        versions.META_CLIENT_INFO: _WHO,
        versions.META_CLIENT_CAPABILITIES: {},
    }
    return {"jsonrpc": "2.0", "id": 1, "method": "server/discover", "params": {"_meta": meta}}


def _initialize() -> dict[str, Any]:
    params = {"protocolVersion": versions.LATEST_HANDSHAKE, "capabilities": {}, "clientInfo": _WHO}
    return {"jsonrpc": "2.0", "id": 2, "method": "initialize", "params": params}


_STATUS_REMEDIES = {
    400: "The server did not understand the first message; its log says why.",
    404: "There is nothing at this path: many servers answer at /mcp, older ones at /sse.",
    405: "This path takes no POST: it may be the older SSE transport, or a web page.",
    406: "The server wants other Accept headers than MCP's: a proxy may change them.",
    415: "The server takes no JSON here: check the path.",
    421: "The server does not serve this host name: check its allowed hosts.",
    429: "Too many requests: wait, then try again.",
}


def status(answer: FirstAnswer) -> Outcome:
    """What the HTTP status says of the address."""
    code = answer.status
    try:
        words = f"{code} {HTTPStatus(code).phrase}"
    except ValueError:
        words = str(code)
    if code < 300:
        return "ok", words, ""
    if code in (401, 403):
        return "warn", words, ""
    if code < 400:
        return "failed", f"{words} to {answer.header('location') or 'nowhere'}", "Use the address it points to."
    if code == 400 and "json" in answer.header("content-type"):
        return "ok", words, ""  # JSON-RPC errors of the era travel with 400
    default = "The server failed by itself: look at its log." if code >= 500 else "Check the address and the headers."
    return "failed", words, _STATUS_REMEDIES.get(code, default)


def content_type(answer: FirstAnswer) -> Outcome:
    """Whether the body is of a kind that MCP knows; raises `StepFailed` where it is not."""
    kind = answer.header("content-type").split(";")[0].strip().lower()
    if answer.status in (401, 403):
        return "skipped", kind, ""
    if kind in ("application/json", "text/event-stream"):
        return "ok", kind, ""
    if kind == "text/html":
        raise StepFailed(
            "text/html: this is a web page, not an MCP endpoint.",
            "Check the path: many servers answer at /mcp.",
        )
    raise StepFailed(
        f"{kind or 'No content type'}; MCP answers are application/json or text/event-stream.",
        "Check the path, and what a proxy in between makes of the answer.",
    )


def era(answer: FirstAnswer) -> Outcome:
    """Which era of the protocol it speaks; raises `StepFailed` for an error, and for what is no message."""
    if answer.status in (401, 403):
        return "skipped", "", ""
    message = answer.message()
    result = message.get("result")
    if isinstance(result, dict):
        if isinstance(result.get("protocolVersion"), str):
            return "ok", f"answers initialize: {result['protocolVersion']} (handshake)", ""
        offered = result.get("supportedVersions")
        known = ", ".join(map(str, offered)) if isinstance(offered, list) else versions.LATEST_STATELESS
        return "ok", f"answers server/discover: {known} (stateless)", ""
    error = message.get("error")
    if isinstance(error, dict):
        raise StepFailed(
            f"It answers with an error: {error.get('message', '')} ({error.get('code', '')}).",
            "Choose another protocol version in the connect dialog, or look at the server's log.",
        )
    raise StepFailed(
        "The answer is no JSON-RPC message.",
        "Something else answers at this address. Check the path: many servers answer at /mcp.",
    )


def sign_in(answer: FirstAnswer, *, sent: bool) -> Outcome:
    """What the server says of the one who asks; `sent` tells whether an Authorization header went along."""
    how = answer.header("www-authenticate")
    if answer.status == 401:
        detail = "The token was not accepted." if sent else "The server wants a sign-in."
        if "resource_metadata" in how:
            return "failed", detail, "It names an authorization server (OAuth). Sign in, or add a token as a header."
        if wants_password([how]):
            refused = "The Authorization header was not accepted. " if sent else ""
            wish = f"{refused}The server wants a user name and a password."
            return "failed", wish, "Add both as an Authorization header of the kind Basic."
        if how:
            return "failed", f"{detail} It asks for {how.split(' ')[0]}.", "Add an Authorization header."
        return "failed", detail, "Add an Authorization header; the server does not say of which kind."
    if answer.status == 403:
        if "insufficient_scope" in how:
            return "failed", "The token lacks a scope.", "Sign in again with the scope that the server names."
        return "failed", "The server knows you and says no.", "Ask for access, or sign in as someone else."
    return "ok", "the header was accepted" if sent else "none needed", ""
