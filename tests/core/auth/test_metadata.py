"""Addresses and documents of discovery (RFC 9728, RFC 8414, OpenID Connect Discovery)."""

from typing import Any

import pytest

from wireglass.auth.addresses import (
    authorization_server_urls,
    covers,
    is_secure,
    may_fetch,
    protected_resource_urls,
    resource_identifier,
)
from wireglass.auth.metadata import read_resource, read_server
from wireglass.errors import SignInError

SERVER = "https://h.example/a/mcp"


def test_a_resource_is_looked_for_below_its_path_then_at_the_root() -> None:
    """2025-11-25, "Protected Resource Metadata Discovery Requirements"."""
    base = "https://h.example/.well-known/oauth-protected-resource"
    assert protected_resource_urls(SERVER) == (f"{base}/a/mcp", base)
    assert protected_resource_urls("https://h.example/", "https://x/y") == ("https://x/y", base)


def test_an_issuer_with_a_path_has_three_places_and_none_at_the_root() -> None:
    assert authorization_server_urls("https://h.example/t") == (
        "https://h.example/.well-known/oauth-authorization-server/t",
        "https://h.example/.well-known/openid-configuration/t",
        "https://h.example/t/.well-known/openid-configuration",
    )
    assert len(authorization_server_urls("https://h.example/")) == 2


@pytest.mark.parametrize(
    ("resource", "good"),
    [
        ("https://h.example/a/mcp", True),
        ("https://h.example/a/mcp/", True),
        ("https://h.example/a", True),
        ("https://h.example", True),
        ("https://H.EXAMPLE:443/a/mcp", True),
        ("https://h.example/a/m", False),
        ("https://h.example/b", False),
        ("https://evil.example/a/mcp", False),
        ("http://h.example/a/mcp", False),
        ("https://h.example:8443/a/mcp", False),
        ("https://h.example:x/a/mcp", False),
    ],
)
def test_metadata_speaks_for_its_own_origin_and_path_only(resource: str, good: bool) -> None:
    assert covers(resource, SERVER) is good
    document: dict[str, Any] = {"resource": resource, "authorization_servers": ["https://as.example"]}
    if good:
        assert read_resource(document, SERVER, "").resource == resource
    else:
        with pytest.raises(SignInError, match="another server"):
            read_resource(document, SERVER, "")


@pytest.mark.parametrize(
    ("url", "good"),
    [
        ("https://h.example", True),
        ("http://127.0.0.1:1", True),
        ("http://localhost/x", True),
        ("http://[::1]:9", True),
        ("http://h.example", False),
        ("http://127.0.0.1.evil.example", False),
        ("https://user@h.example", False),
        ("ftp://h.example", False),
        ("https://", False),
        ("https://h:99999999", False),
        ("javascript:alert(1)", False),
    ],
)
def test_only_https_or_this_machine_is_secure(url: str, good: bool) -> None:
    assert is_secure(url) is good


def test_a_server_elsewhere_cannot_send_us_to_this_machine() -> None:
    """Our choice, against requests to local services by way of metadata."""
    assert not may_fetch("http://127.0.0.1:6379/", SERVER)
    assert not may_fetch("https://localhost/", SERVER)
    assert may_fetch("http://127.0.0.1:9/", "http://127.0.0.1:8/mcp")
    with pytest.raises(SignInError, match="None of its authorization servers"):
        read_resource({"resource": SERVER, "authorization_servers": ["http://127.0.0.1:1"]}, SERVER, "")


def test_issuers_are_compared_to_the_letter() -> None:
    """RFC 8414 section 3.3; python-sdk #1265 and others fell over an added slash."""
    document = {"issuer": "https://as.example/", "token_endpoint": "https://as.example/token"}
    with pytest.raises(SignInError, match="another authorization server"):
        read_server(document, "https://as.example", "")
    assert read_server(document, "https://as.example/", "").issuer == "https://as.example/"
    assert read_server(document, "https://as.example", "", unnamed=True).issuer == "https://as.example/"


@pytest.mark.parametrize("name", ["authorization_endpoint", "token_endpoint", "registration_endpoint"])
def test_an_endpoint_without_encryption_is_refused(name: str) -> None:
    document = {"issuer": "https://as.example", "token_endpoint": "https://as.example/t", name: "http://as.example/x"}
    with pytest.raises(SignInError, match=name):
        read_server(document, "https://as.example", "")


def test_the_identifier_of_a_server_has_no_fragment_and_no_added_slash() -> None:
    assert resource_identifier("HTTPS://H.example/#x") == "https://h.example"
    assert resource_identifier("https://u:p@h.example/A/mcp?x=1") == "https://h.example/A/mcp"
