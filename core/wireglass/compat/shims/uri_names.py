"""`fastmcp.resources.template` and `fastmcp.server.server` of 2.x: functions on URIs, templates and prefixes."""

import re
from typing import Any, Literal

from wireglass.server.transforms.namespace import Namespace
from wireglass.server.uris import matcher_of

__all__ = [
    "add_resource_prefix",
    "extract_query_params",
    "has_resource_prefix",
    "match_uri_template",
    "remove_resource_prefix",
]

PrefixFormat = Literal["path", "protocol"] | None
_URI = re.compile(r"[^:]+://.*", re.DOTALL)


def match_uri_template(uri: str, uri_template: str) -> dict[str, Any] | None:
    """The decoded values of a URI's parameters, or None when the URI is not of the template."""
    try:
        return matcher_of(uri_template).match(uri)
    except ValueError:
        return None


def extract_query_params(uri_template: str) -> set[str]:
    """The names of a template's query parameters."""
    return set(matcher_of(uri_template).query_names)


def _namespace(uri: str, prefix: str, prefix_format: PrefixFormat) -> Namespace:
    if prefix_format != "protocol" and not _URI.fullmatch(uri):
        raise ValueError(f"Invalid URI format: {uri}. Expected protocol://path format.")
    return Namespace(prefix, resource_prefix_format=prefix_format or "path")


def add_resource_prefix(uri: str, prefix: str, prefix_format: PrefixFormat = None) -> str:
    """The URI under a prefix. Raises ValueError for what is no URI."""
    return _namespace(uri, prefix, prefix_format).shown_uri(uri)


def remove_resource_prefix(uri: str, prefix: str, prefix_format: PrefixFormat = None) -> str:
    """The URI without the prefix; one that does not have it stays. Raises ValueError for what is no URI."""
    found = _namespace(uri, prefix, prefix_format).original_uri(uri)
    return uri if found is None else found


def has_resource_prefix(uri: str, prefix: str, prefix_format: PrefixFormat = None) -> bool:
    """Whether the URI has the prefix. Raises ValueError for what is no URI."""
    return bool(prefix) and _namespace(uri, prefix, prefix_format).original_uri(uri) is not None
