"""Which values a URI gives a template's parameters, and which parameters a template has."""

import re
from functools import lru_cache
from typing import Any

from wireglass.protocol.uritemplate import UriTemplate

__all__ = ["TemplateMatcher", "has_scheme", "matcher_of"]

_EXPRESSION = re.compile(r"\{([^{}]*)\}")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:")


def has_scheme(uri: str) -> bool:
    """Whether `uri` begins with a scheme (RFC 3986 section 3.1)."""
    return _SCHEME.match(uri) is not None


class TemplateMatcher:
    """A template whose parameters are those of a Python function: names must be identifiers, each once.

    Raises ValueError for a template that cannot be read.
    """

    def __init__(self, template: str) -> None:
        self.template = template
        self._uri_template = UriTemplate(template)
        path: list[str] = []
        query: list[str] = []
        for body in _EXPRESSION.findall(template):
            names = [part.strip().rstrip("*").partition(":")[0] for part in body.lstrip("?&+#./;").split(",")]
            (query if body[:1] in ("?", "&") else path).extend(names)
        for name in (*path, *query):
            if not _NAME.fullmatch(name):
                raise ValueError(f"URI template {template!r}: {name!r} cannot be the name of a function's parameter.")
        self.path_names, self.query_names = tuple(path), tuple(query)
        if len(set(self.names)) != len(self.names):
            raise ValueError(f"URI template {template!r} names a parameter twice.")

    @property
    def names(self) -> tuple[str, ...]:
        """All parameters, those of the path first."""
        return self.path_names + self.query_names

    def match(self, uri: str) -> dict[str, Any] | None:
        """The decoded values, or None when `uri` is not of this template. Query parameters may be missing."""
        return self._uri_template.match(uri)

    def expand(self, values: dict[str, Any]) -> str:
        """The URI for these values."""
        return self._uri_template.expand(values)


@lru_cache(maxsize=4096)
def matcher_of(template: str) -> TemplateMatcher:
    """The matcher of a template, made once. Raises ValueError."""
    return TemplateMatcher(template)
