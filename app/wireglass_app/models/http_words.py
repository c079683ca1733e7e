"""HTTP statuses in the words of MCP: what each means here, and what to do about it. Pure."""

from http import HTTPStatus

__all__ = ["meaning", "reason", "status_ink"]

_HERE = {
    200: "Answered. An event stream may bring several messages in one answer, a JSON body brings one.",
    202: "Accepted: notifications and answers of the client get no message back (Streamable HTTP, sending messages).",
    204: "Done, and there is nothing to say.",
    301: "Moved for good. Connect to the new address: secrets are not sent along to another origin.",
    302: "Sent elsewhere for now. Most servers mean a missing slash, or a sign-in page in a browser.",
    307: "Sent elsewhere for now, with the same body. Check the path, often a missing or surplus slash.",
    308: "Moved for good, with the same body. Connect to the new address.",
    400: "The server could not read the request: body, a required header, or a protocol version that it does not know.",
    401: "No token, or one that is no longer good. The WWW-Authenticate header names where to sign in.",
    403: "Refused: the token lacks a scope (then the answer names it), or the Origin header is not allowed.",
    404: "Nothing at this address; with a session id: the server has ended that session and wants initialize again.",
    405: "The server does not offer this verb here. For GET that is allowed: it has no stream of its own.",
    406: "The server wants an Accept header that names both application/json and text/event-stream.",
    409: "The server's state is against it, for example a second stream of one session.",
    410: "Gone for good.",
    413: "The body is larger than the server takes.",
    415: "The server wants Content-Type: application/json.",
    421: "The host name is not one that the server answers to.",
    429: "Too many requests: wait for as long as Retry-After says.",
    500: "The server failed inside. Its log says why; Logs shows stderr of local servers.",
    501: "The server does not know this verb.",
    502: "A proxy before the server got no good answer from it.",
    503: "The server is not ready, or overloaded.",
    504: "A proxy before the server waited too long for it.",
}


def reason(status: int) -> str:
    """The status's own words: "Not Found"; empty for one that nobody has defined."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def meaning(status: int | None, error: str = "") -> str:
    """What a status says to a client of MCP, as a sentence or two."""
    if status is None:
        return error or "There is no answer yet."
    if status in _HERE:
        return _HERE[status]
    if status >= 500:
        return "The server, or something before it, failed. Its own log tells why."
    if status >= 400:
        return "The server, or something before it, refused the request."
    return "The request was sent elsewhere." if status >= 300 else "Answered."


def status_ink(status: int | None) -> str:
    """The colour of a status, by its token."""
    if status is None:
        return "text.muted"
    return "bad.text" if status >= 400 else "warn.text" if status >= 300 else "text.secondary"
