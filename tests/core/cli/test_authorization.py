"""`--auth`: from the command line to `Client(auth=...)`; no secret on the command line, none in a message."""

import argparse

import pytest

from wireglass.auth import ClientCredentialsOAuthProvider, OAuth
from wireglass.cli.authorization import add_auth_arguments, auth_of
from wireglass.cli.main import main
from wireglass.errors import LaunchError


def parsed(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_auth_arguments(parser)
    return parser.parse_args(words)


def test_without_it_nothing_is_sent() -> None:
    assert auth_of(parsed()) is None


def test_oauth_takes_scopes_and_a_registered_client(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DESK_SECRET", "s3cret")
    words = ("--auth", "oauth", "--scope", "a", "--scope", "b", "--client-id", "me", "--client-secret", "DESK_SECRET")
    auth = auth_of(parsed(*words))
    assert isinstance(auth, OAuth)
    assert (auth.scopes, auth.client.client_id, auth.client.client_secret) == (("a", "b"), "me", "s3cret")


def test_client_credentials_need_both(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DESK_SECRET", "s3cret")
    how = ("--auth", "client-credentials", "--client-id", "me")
    assert isinstance(auth_of(parsed(*how, "--client-secret", "DESK_SECRET")), ClientCredentialsOAuthProvider)
    with pytest.raises(LaunchError, match="an id and a secret"):
        auth_of(parsed(*how))


def test_a_token_comes_from_a_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DESK_TOKEN", "the-token")
    assert auth_of(parsed("--auth", "DESK_TOKEN")) == "the-token"


def test_a_token_on_the_command_line_is_refused_and_not_repeated() -> None:
    with pytest.raises(LaunchError) as caught:
        auth_of(parsed("--auth", "eyJ.very-secret"))
    assert "very-secret" not in str(caught.value) + caught.value.next_step


def test_scopes_without_a_way_to_sign_in_are_a_mistake() -> None:
    with pytest.raises(LaunchError, match="how to sign in"):
        auth_of(parsed("--scope", "a"))


def test_signing_out_says_when_there_was_nothing(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wireglass.storage.keychain.Secrets._find", lambda self: None)
    assert main(["sign-out", "https://mcp.example/mcp"]) == 0
    assert "not signed in" in capsys.readouterr().out
