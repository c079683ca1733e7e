"""Which values a URI gives a template's parameters, and which parameters a template has."""

import re
from functools import lru_cache
from urllib.parse import parse_qsl, quote, unquote

__all__ = ["TemplateMatcher", "has_scheme", "matcher_of"]

_EXPRESSION = re.compile(r"\{([^{}]*)\}")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:")


def has_scheme(uri: str) -> bool:
    """Whether `uri` begins with a scheme (RFC 3986 section 3.1)."""
    return _SCHEME.match(uri) is not None


class TemplateMatcher:
    """The part of RFC 6570 that servers use: `{x}`, `{x*}` over slashes, `{?a,b}` in any order.

    Raises ValueError for a template that cannot be read.
    """

    def __init__(self, template: str) -> None:
        self.template = template
        self.path_names: tuple[str, ...] = ()
        self.query_names: tuple[str, ...] = ()
        self.wildcards: frozenset[str] = frozenset()
        self._pattern = re.compile(self._build(template))

    def _build(self, template: str) -> str:
        path: list[str] = []
        query: list[str] = []
        wild: set[str] = set()
        pattern = ""
        position = 0
        for found in _EXPRESSION.finditer(template):
            pattern += _literal(template[position : found.start()])
            position = found.end()
            body = found.group(1)
            if body[:1] in ("?", "&"):
                query += [name.strip().rstrip("*") for name in body[1:].split(",")]
                continue
            starred = body.endswith("*") or body.startswith("+")
            name = body.strip("+*")
            if not _NAME.fullmatch(name):
                raise ValueError(f"URI template {template!r}: {{{body}}} is not a parameter name.")
            if name in path:
                raise ValueError(f"URI template {template!r} names {name!r} twice.")
            path.append(name)
            if starred:
                wild.add(name)
            pattern += f"(?P<{name}>.+)" if starred else f"(?P<{name}>[^/?#]+)"
        rest = template[position:]
        if "{" in rest or "}" in rest or "}" in re.sub(_EXPRESSION, "", template):
            raise ValueError(f"URI template {template!r} has an unbalanced brace.")
        self.path_names, self.query_names, self.wildcards = tuple(path), tuple(query), frozenset(wild)
        return pattern + _literal(rest)

    @property
    def names(self) -> tuple[str, ...]:
        """All parameters, those of the path first."""
        return self.path_names + self.query_names

    def match(self, uri: str) -> dict[str, str] | None:
        """The decoded values, or None when `uri` is not of this template. Query parameters may be missing."""
        base, _, query = uri.partition("?") if self.query_names else (uri, "", "")
        found = self._pattern.fullmatch(base)
        if found is None:
            return None
        values = {name: unquote(value) for name, value in found.groupdict().items()}
        if self.query_names:
            values |= {k: v for k, v in parse_qsl(query, keep_blank_values=True) if k in self.query_names}
        return values

    def expand(self, values: dict[str, object]) -> str:
        """The URI for these values. Raises KeyError for a missing path parameter."""

        def put(found: re.Match[str]) -> str:
            body = found.group(1)
            if body[:1] in ("?", "&"):
                pairs = [n.strip().rstrip("*") for n in body[1:].split(",")]
                given = [f"{n}={quote(str(values[n]), safe='')}" for n in pairs if values.get(n) is not None]
                return body[0] + "&".join(given) if given else ""
            name = body.strip("+*")
            return quote(str(values[name]), safe="/" if name in self.wildcards else "")

        return _EXPRESSION.sub(put, self.template)


@lru_cache(maxsize=4096)
def matcher_of(template: str) -> TemplateMatcher:
    """The matcher of a template, made once. Raises ValueError."""
    return TemplateMatcher(template)


def _literal(text: str) -> str:
    """Literal text, raw or percent-encoded on the wire."""
    parts: list[str] = []
    for character in text:
        encoded = quote(character, safe="")
        options = {re.escape(character), re.escape(encoded), re.escape(encoded.lower())}
        parts.append(options.pop() if len(options) == 1 else f"(?:{'|'.join(sorted(options))})")
    return "".join(parts)
