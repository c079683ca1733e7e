"""The filter of Network: `url:*/mcp status:>=400 or method:tools/call`. The language of the frame table over HTTP."""

from collections.abc import Callable, Iterable
from typing import Final

from wireglass.recording.filter import compile_terms
from wireglass.recording.filter_grammar import FilterError, Token, matching, quantity, tokens
from wireglass_app.models.http_exchanges import HttpExchange

__all__ = ["KEYS", "HttpFilter", "compile_http_filter", "suggest"]

KEYS: Final = {
    "method": "JSON-RPC method that it carried",
    "server": "name of the server",
    "url": "address, for example */mcp",
    "verb": "GET, POST or DELETE",
    "status": "HTTP status, for example 404, 4* or >=400; none",
    "header": "name or value of a header of either side",
    "size": "bytes carried, for example >10KB",
    "dur": "how long it lasted, for example >=500ms",
}
HttpFilter = Callable[[HttpExchange], bool]

_UNITS: Final = {
    "size": {"": 1.0, "b": 1.0, "kb": 1e3, "mb": 1e6},
    "dur": {"us": 1e3, "ms": 1e6, "": 1e6, "s": 1e9},
    "status": {"": 1.0},
}


def compile_http_filter(text: str, server: Callable[[str], str]) -> HttpFilter | None:
    """None for an empty text, which everything passes. `server` names a connection. Raises FilterError."""
    return compile_terms(text, lambda piece: _term(piece, server))


def suggest(text: str, cursor: int, known: Callable[[str], Iterable[str]]) -> list[str]:
    """What could stand in place of the piece at `cursor`; `known(key)` gives values that occurred."""
    piece = next((one for one in tokens(text) if one.start < cursor <= one.end), None)
    if piece is None or piece.kind != "term":
        start = piece.value.lower() if piece is not None else ""
        return [f"{key}:" for key in KEYS if key.startswith(start)]
    wanted = piece.value.lower()
    values = sorted({value for value in known(piece.key) if wanted in value.lower() and value.lower() != wanted})
    return [f"{piece.key}:{value}" for value in values][:12]


def _term(piece: Token, server: Callable[[str], str]) -> HttpFilter:
    if piece.kind == "word":
        word = matching(f"*{piece.value}*")
        return lambda one: any(map(word, _texts(one, server)))
    if piece.key not in KEYS:
        raise FilterError(f"There is no {piece.key}: here. There are {', '.join(KEYS)}.", piece.start, piece.end)
    if not piece.value:
        raise FilterError(f"{piece.key}: needs a value: {KEYS[piece.key]}.", piece.start, piece.end)
    if piece.key in ("size", "dur") or (piece.key == "status" and piece.op):
        return _quantity(piece)
    if piece.op and piece.op != "=":
        raise FilterError(f"{piece.key}: cannot be compared; size:, dur: and status: can.", piece.start, piece.end)
    fits = matching(piece.value)
    tests: dict[str, HttpFilter] = {
        "method": lambda one: any(map(fits, one.methods)),
        "server": lambda one: fits(server(one.connection)) or fits(one.connection),
        "url": lambda one: fits(one.facts.url),
        "verb": lambda one: fits(one.facts.verb),
        "status": lambda one: fits("none" if one.facts.status is None else str(one.facts.status)),
        "header": lambda one: any(fits(name) or fits(value) for name, value in _headers(one)),
    }
    return tests[piece.key]


def _texts(one: HttpExchange, server: Callable[[str], str]) -> Iterable[str]:
    status = "" if one.facts.status is None else str(one.facts.status)
    return (one.facts.url, one.facts.verb, status, server(one.connection), *one.methods)


def _headers(one: HttpExchange) -> Iterable[tuple[str, str]]:
    return (*one.facts.request_headers, *one.facts.response_headers)


def _quantity(piece: Token) -> HttpFilter:
    compare, bound = quantity(piece, _UNITS[piece.key], KEYS[piece.key])
    if piece.key == "size":
        return lambda one: compare(one.octets, bound)
    if piece.key == "dur":
        return lambda one: compare(one.last_ns - one.first_ns, bound)
    return lambda one: one.facts.status is not None and compare(one.facts.status, bound)
