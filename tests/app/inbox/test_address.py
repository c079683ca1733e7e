"""What is said about a URL before anybody visits it."""

import pytest

from wireglass_app.inbox.address import checks, read_address


def tones(url: str, server: str = "", visited: bool = False) -> dict[str, str]:
    return {check.title: check.tone for check in checks(read_address(url), server_host=server, visited=visited)}


@pytest.mark.parametrize(
    ("url", "host", "registrable"),
    [
        ("https://connect.ledgerline.example/link?x=1", "connect.ledgerline.example", "ledgerline.example"),
        ("https://a.b.shop.co.uk/", "a.b.shop.co.uk", "shop.co.uk"),
        ("https://evil.github.io/", "evil.github.io", "evil.github.io"),
        ("HTTP://LOCALHOST:8080/x", "localhost", "localhost"),
        ("http://[::1]:80/", "::1", "::1"),
        ("https://203.0.113.7/", "203.0.113.7", "203.0.113.7"),
        ("https://bank.example@evil.example/", "evil.example", "evil.example"),
    ],
)
def test_the_registrable_domain_is_found(url: str, host: str, registrable: str) -> None:
    address = read_address(url)
    assert (address.host, address.registrable, address.problem) == (host, registrable, "")
    start, end = address.span
    assert url[start:end].lower() == registrable


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "file:///etc/passwd",
        "no scheme at all",
        "https://",
        "https://a.example/\u202egpj.exe",
        "https://a b.example/",
        "http://[::1",
        "",
    ],
)
def test_what_is_no_web_page_cannot_be_opened(url: str) -> None:
    address = read_address(url)
    assert not address.openable
    assert address.problem.endswith(".")


def test_encryption_and_visits_are_told() -> None:
    assert tones("https://a.example", visited=True) == {
        "Encrypted (https)": "ok",
        "Plain letters only": "ok",
        "Visited before": "ok",
    }
    assert tones("http://a.example")["Not encrypted (http)"] == "bad"
    assert tones("http://127.0.0.1:8000")["On this machine"] == "info"
    assert tones("https://203.0.113.7")["A number instead of a name"] == "warn"


def test_look_alike_letters_are_bad_and_other_scripts_a_warning() -> None:
    assert tones("https://\u0430pple.com/")["Look-alike letters"] == "bad"
    assert tones("https://xn--80ak6aa92e.com/")["Look-alike letters"] == "bad"
    assert tones("https://b\u00fccher.example/")["Letters beyond ASCII"] == "warn"


def test_the_part_before_an_at_sign_is_called_out() -> None:
    assert tones("https://bank.example@evil.example/")["A name before the @"] == "bad"


def test_the_servers_own_domain_is_told_apart() -> None:
    assert tones("https://login.a.example", "mcp.a.example")["Same domain as the server"] == "ok"
    assert tones("https://login.b.example", "mcp.a.example")["Another domain than the server"] == "warn"
