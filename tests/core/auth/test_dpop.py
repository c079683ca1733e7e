"""Proofs of possession (RFC 9449): bound to request, token and nonce; the conformance suite has more."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import sha256
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from oauth_double import MCP, PRM, Double
from wireglass.auth.dpop import ProofKey
from wireglass.auth.kept import MemoryTokens
from wireglass.errors import SignInError

pytestmark = pytest.mark.anyio


def opened(proof: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims of a proof whose signature fits the key in it."""
    part = proof.split(".")[0]
    key = ECKey.import_key(json.loads(urlsafe_b64decode(part + "=="))["jwk"])
    found = jwt.decode(proof, key, algorithms=["ES256"])
    return dict(found.header), dict(found.claims)


def test_a_proof_names_method_address_and_token_and_never_the_private_key() -> None:
    key = ProofKey()
    key.heard("https://h.example/other", "n-1")
    header, claims = opened(key.proof("POST", "https://h.example/mcp?x=1#y", "the-token"))
    assert (header["typ"], header["alg"], set(header["jwk"])) == ("dpop+jwt", "ES256", {"kty", "crv", "x", "y"})
    assert (claims["htm"], claims["htu"], claims["nonce"]) == ("POST", "https://h.example/mcp", "n-1")
    assert claims["ath"] == urlsafe_b64encode(sha256(b"the-token").digest()).rstrip(b"=").decode()
    other = opened(key.proof("POST", "https://other.example/mcp"))[1]
    assert other["jti"] != claims["jti"]
    assert "nonce" not in other
    assert "ath" not in other


def test_a_kept_key_is_the_same_key() -> None:
    key = ProofKey()
    assert ProofKey(key.to_json()).to_json() == key.to_json()


class Bound(Double):
    """Gives and takes tokens of type DPoP; counts proofs."""

    def answer(self, request: httpx.Request) -> httpx.Response:
        proof = request.headers.get("dpop")
        if proof is not None:
            claims = opened(proof)[1]
            self.secrets.append(claims["jti"])
            assert claims["htu"] == str(request.url)
        if str(request.url) == MCP and "authorization" in request.headers:
            scheme, _, token = request.headers["authorization"].partition(" ")
            assert scheme == "DPoP"
            request.headers["authorization"] = f"Bearer {token}"
        answer = super().answer(request)
        if request.url.path == "/token" and answer.status_code == 200 and proof is not None:
            return httpx.Response(200, json={**json.loads(answer.content), "token_type": "DPoP"})
        return answer


async def test_a_server_that_asks_for_dpop_gets_a_proof_with_each_request() -> None:
    double, store = Bound(challenge=f'DPoP resource_metadata="{PRM}"'), MemoryTokens()
    for _ in range(2):  # the second client goes on with the kept token and its key
        async with double.client(double.oauth(token_storage=store)) as client:
            await client.call_tool("look")
    assert len(double.authorizations) == 1
    proofs = [secret for secret in double.secrets if "-" not in secret[:6]]
    assert len(proofs) == len(set(proofs))


async def test_a_token_without_the_protection_that_was_asked_for_is_not_used() -> None:
    """RFC 9449 section 5."""
    double = Double(challenge=f'DPoP resource_metadata="{PRM}"')
    with pytest.raises(SignInError, match="wanted was DPoP"):
        async with double.client(double.oauth()):
            pass
