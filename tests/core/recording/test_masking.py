"""Planted secrets never survive masking, and what is masked stays readable JSON (issue 7, "Secrets")."""

import json
import time
from typing import Any

import pytest

from wireglass.protocol.messages import HttpFacts
from wireglass.recording.masking import MASK, Masker, names_a_secret

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N"
SECRETS = [
    JWT,
    "ghp_0123456789abcdefghij0123456789abcdef",
    "github_pat_11AAAAAAA0123456789_abcdefghijk",
    "glpat-0123456789abcdefghij",
    "sk-" + "proj-0123456789abcdefghij",
    "sk_live_0123456789abcdef",
    "xoxb-0123456789-abcdef",
    "AKIA0123456789ABCDEF",
    "AIza0123456789abcdefghij0123456789abcde",
    "hf_0123456789abcdefghij01234",
    "npm_0123456789abcdefghij0123456789abcdef",
]


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("wrap", ["{}", "text before {} and after", '\\"{}\\"', "https://a.example/?x={}&b=1"])
def test_tokens_of_known_shapes_go_wherever_they_stand(secret: str, wrap: str) -> None:
    masked = Masker().text(wrap.format(secret))
    assert secret not in masked
    assert MASK in masked


@pytest.mark.parametrize(
    "name",
    ["password", "apiKey", "api_key", "X-API-Key", "client_secret", "accessToken", "refresh_token", "dbPassword"],
)
def test_members_are_masked_by_their_name_also_in_json_inside_text(name: str) -> None:
    value = 'pläin "quoted" \\ value'
    inner = json.dumps({name: value, "city": "Oslo"})
    message = {"params": {"arguments": {name: value, "city": "Oslo"}, "text": inner}}
    masked = Masker().text(json.dumps(message))
    parsed = json.loads(masked)
    assert parsed["params"]["arguments"] == {name: MASK, "city": "Oslo"}
    assert json.loads(parsed["params"]["text"]) == {name: MASK, "city": "Oslo"}


@pytest.mark.parametrize(
    "member",
    [
        {"progressToken": "p1"},
        {"maxTokens": 100},
        {"token_type": "Bearer"},
        {"token_endpoint": "https://a.example/token"},
        {"nextPageToken": "abc"},
        {"properties": {"password": {"type": "string"}}},
        {"required": ["password"]},
        {"requestState": "v1.k3"},
    ],
)
def test_what_only_sounds_secret_stays(member: dict[str, Any]) -> None:
    text = json.dumps(member)
    assert Masker().text(text) == text


def test_given_values_go_in_every_spelling() -> None:
    value = 'p@ss "wörd"/1'
    masker = Masker([value, "abc"])
    spelled = [value, json.dumps(value), json.dumps(json.dumps(value)), "p%40ss%20%22w%C3%B6rd%22%2F1"]
    for text in spelled:
        assert "p@ss" not in masker.text(text)
        assert "p%40ss" not in masker.text(text)
    assert masker.text("abc") == "abc"


def test_urls_lose_passwords_and_secret_parameters() -> None:
    masked = Masker().text("redis://user:hunter22@host/0 https://a.example/cb?code=abc123&state=s&api_key=zzz")
    assert "hunter22" not in masked
    assert "abc123" not in masked
    assert "zzz" not in masked
    assert "state=s" in masked


def test_headers_and_authorization_in_text() -> None:
    facts = HttpFacts(
        "POST",
        "https://a.example/mcp?token=planted1",
        200,
        (
            ("authorization", "Bearer planted2"),
            ("x-api-key", "planted3"),
            ("accept", "*/*"),
            ("mcp-session-id", "planted4"),
        ),
        (("set-cookie", "sid=planted5"), ("content-type", "application/json")),
    )
    masked = Masker().http(facts)
    assert "planted" not in str(masked)
    assert dict(masked.request_headers)["authorization"] == f"Bearer {MASK}"
    assert dict(masked.request_headers)["accept"] == "*/*"
    assert "planted6789" not in Masker().text("curl -H 'Authorization: Bearer planted6789'")


def test_private_keys_go() -> None:
    text = json.dumps({"file": "-----BEGIN RSA PRIVATE KEY-----\nMIIplanted\nabc\n-----END RSA PRIVATE KEY-----"})
    masked = Masker().text(text)
    assert "planted" not in masked
    assert json.loads(masked)


def test_sentences_about_secret_members_quote_nothing() -> None:
    masker = Masker()
    assert masker.about("/params/password", 'This is the text "hunter2"; a number is needed.') == (
        f'This is the text "{MASK}"; a number is needed.'
    )
    assert "hunter2" in masker.about("/params/city", 'This is the text "hunter2".')


def test_masking_a_megabyte_is_quick_and_hostile_text_does_no_harm() -> None:
    text = json.dumps({"rows": [{"id": n, "token": f"t{n}", "name": "x" * 20} for n in range(15_000)]})
    hostile = '"token' + " " * 100_000 + '\\"' * 20_000
    began = time.process_time()
    Masker(["unknown-value"]).text(text)
    Masker().text(hostile)
    Masker().text("eyJ" * 100_000 + "." * 1000)
    assert time.process_time() - began < 5


@pytest.mark.parametrize(
    ("arguments", "shown"),
    [
        (["serve", "--api-key", "abcdefgh1234"], ["serve", "--api-key", MASK]),
        (["--token=abcdefgh1234", "x.py"], [f"--token={MASK}", "x.py"]),
        (["--token-file", "/run/secrets/token"], ["--token-file", "/run/secrets/token"]),
        (["--password", "--verbose"], ["--password", "--verbose"]),
        (["--max-tokens", "500"], ["--max-tokens", "500"]),
        (["-p", "8000"], ["-p", "8000"]),
    ],
)
def test_commands_are_shown_without_the_values_of_secret_flags(arguments: list[str], shown: list[str]) -> None:
    assert Masker().command(arguments) == shown


def test_values_of_secret_flags_are_masked_wherever_they_appear() -> None:
    masker = Masker()
    masker.learn_command(["--api-key", "abcdefgh1234", "--token=true"])
    assert masker.text("the key abcdefgh1234 is true") == f"the key {MASK} is true"


@pytest.mark.parametrize(
    ("name", "secret"),
    [
        ("API_KEY", True),
        ("Authorization", True),
        ("x-session-token", True),
        ("DATABASE_PASSWORD", True),
        ("PATH", False),
        ("max_tokens", False),
        ("TOKEN_ENDPOINT", False),
    ],
)
def test_names_that_say_that_their_value_is_secret(name: str, secret: bool) -> None:
    assert names_a_secret(name) is secret


def test_a_word_is_masked_anew_when_more_secrets_are_known() -> None:
    masker = Masker()
    assert masker.word("shop of hunter22") == "shop of hunter22"
    masker.add(["hunter22"])
    assert masker.word("shop of hunter22") == f"shop of {MASK}"


def test_names_that_the_user_gave_are_masked_whole_and_only_while_they_are_set() -> None:
    """Our choice: the user's own names, in members and headers, in any case; numbers stay."""
    masker = Masker()
    masker.name(["iban", "x-tenant"])
    assert (
        masker.text('{"IBAN": "DE12", "iban_name": "n", "iban": 3}') == '{"IBAN": "•••", "iban_name": "n", "iban": 3}'
    )
    assert masker.text('{"text": "{\\"iban\\": \\"DE12\\"}"}') == '{"text": "{\\"iban\\": \\"•••\\"}"}'
    facts = HttpFacts("POST", "http://a/", 200, (("X-Tenant", "acme"), ("Accept", "x")), ())
    assert masker.http(facts).request_headers == (("X-Tenant", "•••"), ("Accept", "x"))
    masker.name([])
    assert masker.text('{"iban": "DE12"}') == '{"iban": "DE12"}'
