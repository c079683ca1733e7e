"""Signing in without a person: RFC 6749 section 4.4, RFC 7523, RFC 8693 with ID-JAG, workload identity."""

from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from oauth_double import ISSUER, MCP, Double, error
from wireglass.auth import (
    ClientCredentialsOAuthProvider,
    EnterpriseManagedOAuth,
    PrivateKeyJWTOAuthProvider,
    SignedJWTParameters,
    WorkloadIdentityOAuth,
    static_assertion_provider,
)
from wireglass.errors import SignInError

pytestmark = pytest.mark.anyio


def double(**options: Any) -> Double:
    made = Double(gives_refresh=False, **options)
    assert made.server is not None
    made.server["token_endpoint_auth_methods_supported"] += ["private_key_jwt"]
    return made


async def test_client_credentials_get_a_token_and_get_another_when_it_ends() -> None:
    auth = ClientCredentialsOAuthProvider(client_id="me", client_secret="s3cret")
    server = double(clients={"me": "s3cret"})
    async with server.client(auth) as client:
        server.tokens.clear()
        await client.call_tool("look")
    assert [(form["grant_type"], form["resource"], form["scope"]) for form in server.forms] == [
        ("client_credentials", MCP, "read")
    ] * 2
    assert server.registrations == []


async def test_client_credentials_step_up_within_the_limit() -> None:
    auth = ClientCredentialsOAuthProvider(client_id="me", client_secret="s3cret")
    server = double(clients={"me": "s3cret"}, needs={"look": "write"})
    async with server.client(auth) as client:
        await client.call_tool("look")
    assert [form["scope"] for form in server.forms] == ["read", "read write"]


async def test_credentials_of_another_issuer_are_not_sent() -> None:
    auth = ClientCredentialsOAuthProvider(client_id="me", client_secret="s3cret", issuer="https://other.example")
    server = double(clients={"me": "s3cret"})
    with pytest.raises(SignInError, match="does not trust"):
        async with server.client(auth):
            pass
    assert server.forms == []


@pytest.mark.parametrize("algorithm", ["ES256", "RS256", "PS256"])
async def test_a_signed_assertion_names_the_client_for_the_issuer_only(algorithm: str) -> None:
    """The audience is the issuer identifier, as a single string (draft-ietf-oauth-rfc7523bis)."""
    key: Any = ECKey.generate_key("P-256") if algorithm == "ES256" else RSAKey.generate_key(2048)
    pem = key.as_pem(private=True).decode()
    signer = SignedJWTParameters(issuer="me", subject="me", signing_key=pem, signing_algorithm=algorithm)
    auth = PrivateKeyJWTOAuthProvider(client_id="me", assertion_provider=signer.create_assertion_provider())
    server = double(clients={"me": ""})
    async with server.client(auth):
        pass
    claims = jwt.decode(server.forms[0]["client_assertion"], key, algorithms=[algorithm]).claims
    assert (claims["iss"], claims["sub"], claims["aud"]) == ("me", "me", ISSUER)
    assert 0 < claims["exp"] - claims["iat"] <= 300
    assert pem not in repr(signer)


async def test_a_key_that_does_not_fit_is_a_sentence() -> None:
    signer = SignedJWTParameters(issuer="me", subject="me", signing_key="nonsense", signing_algorithm="ES256")
    auth = PrivateKeyJWTOAuthProvider(client_id="me", assertion_provider=signer.create_assertion_provider())
    with pytest.raises(SignInError, match="cannot sign with ES256"):
        async with double().client(auth):
            pass


async def test_a_method_that_the_server_does_not_take_is_not_tried() -> None:
    server = Double(clients={"me": "s"})
    assert server.server is not None
    server.server["token_endpoint_auth_methods_supported"] = ["none"]
    with pytest.raises(SignInError, match="takes none"):
        async with server.client(ClientCredentialsOAuthProvider(client_id="me", client_secret="s")):
            pass
    assert server.forms == []


IDP = "https://idp.example/token"
JAG = "urn:ietf:params:oauth:token-type:id-jag"


def enterprise(**options: Any) -> EnterpriseManagedOAuth:
    known: dict[str, Any] = {"client_id": "me", "client_secret": "s3cret", "id_token": "an-identity-token"}
    return EnterpriseManagedOAuth(idp_token_endpoint=IDP, idp_client_id="at-idp", **{**known, **options})


async def test_an_identity_provider_vouches_for_a_person() -> None:
    def answer(form: dict[str, str]) -> httpx.Response | None:
        if form["grant_type"].endswith("token-exchange"):
            return httpx.Response(200, json={"access_token": "the-jag", "issued_token_type": JAG, "token_type": "N_A"})
        return None

    async def fresh() -> str:
        return "an-identity-token"

    server = double(clients={"me": "s3cret"}, on_token=answer)
    async with server.client(enterprise(id_token=fresh)) as client:
        await client.list_tools()
    exchange, grant = server.forms
    assert (exchange["audience"], exchange["resource"], exchange["requested_token_type"]) == (ISSUER, MCP, JAG)
    assert (exchange["subject_token"], exchange["client_id"]) == ("an-identity-token", "at-idp")
    assert (grant["assertion"], grant["grant_type"]) == ("the-jag", "urn:ietf:params:oauth:grant-type:jwt-bearer")


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (error(400, "invalid_grant", "signed out"), "signed out"),
        (httpx.Response(200, json={"access_token": "x", "issued_token_type": "other"}), "something else"),
    ],
)
async def test_an_identity_provider_that_does_not_vouch_ends_it(answer: httpx.Response, words: str) -> None:
    server = double(clients={"me": "s3cret"}, on_token=lambda form: answer)
    with pytest.raises(SignInError, match=words) as caught:
        async with server.client(enterprise()):
            pass
    assert caught.value.step == "identity"
    assert len(server.forms) == 1


async def test_a_workload_that_is_refused_tries_nothing_else() -> None:
    """SEP-1933: no retry, no other grant."""
    server = double(on_token=lambda form: error(400, "invalid_grant"))
    auth = WorkloadIdentityOAuth(client_id="w", assertion_provider=static_assertion_provider("its-jwt"))
    with pytest.raises(SignInError, match="invalid_grant"):
        async with server.client(auth):
            pass
    assert [(form["grant_type"], form["assertion"]) for form in server.forms] == [
        ("urn:ietf:params:oauth:grant-type:jwt-bearer", "its-jwt")
    ]
