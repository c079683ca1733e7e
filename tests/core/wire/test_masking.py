"""Secrets never reach a frame."""

import pytest

from wireglass.wire.masking import MASK, mask_headers, mask_url


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("Authorization", "Bearer abc", f"Bearer {MASK}"),
        ("Authorization", "abc", MASK),
        ("Cookie", "a=b", MASK),
        ("Mcp-Session-Id", "abc", MASK),
        ("X-Api-Key", "abc", MASK),
        ("X-Auth-Token", "abc", MASK),
        ("apikey", "abc", MASK),
        ("WWW-Authenticate", "Bearer scope=a", "Bearer scope=a"),
        ("Content-Type", "text/plain", "text/plain"),
        ("Mcp-Name", "make_token", "make_token"),
        ("X-Monkey", "see", "see"),
    ],
)
def test_headers_keep_their_names_and_lose_their_secrets(name: str, value: str, shown: str) -> None:
    assert mask_headers([(name, value)]) == ((name.lower(), shown),)


def test_urls_lose_user_information_and_secret_parameters() -> None:
    url = "https://me:pw@host:8/mcp?api_key=1&page=2&access_token=3&code=4"
    assert mask_url(url) == f"https://{MASK}@host:8/mcp?api_key={MASK}&page=2&access_token={MASK}&code={MASK}"


def test_plain_urls_stay_as_they_are() -> None:
    assert mask_url("http://127.0.0.1:1/mcp/?a=b#c") == "http://127.0.0.1:1/mcp/?a=b#c"
