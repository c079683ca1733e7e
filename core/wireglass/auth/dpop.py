"""Proofs of possession (RFC 9449): a key of this client's own, and a fresh signed proof for each request."""

import secrets
import time
from base64 import urlsafe_b64encode
from hashlib import sha256
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

from wireglass.auth.addresses import origin
from wireglass.protocol.messages import JsonObject
from wireglass.storage.keychain import tell_secret

__all__ = ["ALGORITHM", "ProofKey"]

ALGORITHM: Final = "ES256"


class ProofKey:
    """A key pair and the nonces that servers gave. Made anew, or from `to_json`."""

    def __init__(self, kept: JsonObject | None = None) -> None:
        from joserfc.jwk import ECKey

        self._key: Any = ECKey.import_key(kept) if kept is not None else ECKey.generate_key("P-256")
        tell_secret(str(self.to_json().get("d", "")))
        self._nonces: dict[str, str] = {}

    def to_json(self) -> JsonObject:
        """The private key as a JWK, for the keyring."""
        return dict(self._key.as_dict(private=True))

    def heard(self, url: str, nonce: str | None) -> None:
        """A server gave a nonce for its next proofs (section 8)."""
        if nonce:
            self._nonces[origin(url)] = nonce

    def proof(self, method: str, url: str, token: str = "") -> str:
        """A proof for one request; with `token`, bound to it (section 4.2)."""
        from joserfc import jwt

        parts = urlsplit(url)
        claims: dict[str, Any] = {
            "jti": secrets.token_urlsafe(16),
            "htm": method,
            "htu": urlunsplit((parts.scheme, parts.netloc, parts.path, "", "")),
            "iat": int(time.time()),
        }
        if token:
            digest = sha256(token.encode("ascii", "replace")).digest()
            claims["ath"] = urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")
        if nonce := self._nonces.get(origin(url)):
            claims["nonce"] = nonce
        public = {name: value for name, value in self._key.as_dict(private=False).items() if name != "kid"}
        header: dict[str, Any] = {"alg": ALGORITHM, "typ": "dpop+jwt", "jwk": public}
        return jwt.encode(header, claims, self._key)
