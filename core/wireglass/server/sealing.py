"""Sealed `requestState`: what the client carries between rounds and can neither read nor change (MRTR, 2026-07-28).

AEAD (AES-256-GCM). Principal, method and a digest of the parameters are inside and checked, so a state only fits the
call and the caller it was made for.
"""

import base64
import binascii
import hashlib
import os
import time
from collections.abc import Callable, Sequence
from typing import Any, cast

from pydantic_core import from_json, to_json

from wireglass.errors import INVALID_PARAMS, McpError
from wireglass.session.scope import RequestScope
from wireglass.settings import setting

__all__ = ["LIFETIME_SECONDS", "Seal", "call_digest", "seal_of"]

LIFETIME_SECONDS = 600.0
"""A person answers within this time, or the call begins again."""
_PREFIX = "w1."
_LABEL = b"wireglass request state v1"
_NOT_SALIENT = ("_meta", "inputResponses", "requestState")


def call_digest(params: dict[str, Any]) -> str:
    """A digest of what a call is about: its parameters without what changes from round to round."""
    salient = {key: params[key] for key in sorted(params) if key not in _NOT_SALIENT}
    return hashlib.sha256(to_json(_sorted(salient))).hexdigest()


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        mapping = cast("dict[str, Any]", value)
        return {key: _sorted(mapping[key]) for key in sorted(mapping)}
    return [_sorted(item) for item in cast("list[Any]", value)] if isinstance(value, list) else value


class Seal:
    """Seals and opens states. The first key seals; every key opens, so that keys can be rotated.

    Without keys the process makes its own: states then fit no other worker. Raises ValueError for a short key.
    """

    def __init__(self, keys: Sequence[bytes] = (), clock: Callable[[], float] = time.time) -> None:
        given = list(keys) or _configured_keys()
        for key in given:
            if len(key) < 32:
                raise ValueError("A request state key needs at least 32 bytes of secret randomness.")
        self.is_shared = bool(given)
        """Whether other workers, or this one after a restart, can open its states."""
        self._keys = [hashlib.sha256(_LABEL + key).digest() for key in given] or [os.urandom(32)]
        self._clock = clock

    def close(self, scope: RequestScope, payload: dict[str, Any], lifetime: float = LIFETIME_SECONDS) -> str:
        """A state that only the same caller can use, for the same call, until it expires."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        bound = {**payload, "for": _binding(scope), "until": self._clock() + lifetime}
        nonce = os.urandom(12)
        sealed = nonce + AESGCM(self._keys[0]).encrypt(nonce, to_json(bound), _LABEL)
        return _PREFIX + base64.urlsafe_b64encode(sealed).decode("ascii").rstrip("=")

    def open(self, scope: RequestScope, state: Any) -> dict[str, Any]:
        """The payload. Raises McpError -32602 for a state that is forged, expired, foreign or of another call."""
        payload = self._decrypt(state)
        if payload is None:
            raise McpError(INVALID_PARAMS, "Invalid requestState: this server did not make it, or it was changed.")
        if payload.get("until", 0) < self._clock():
            raise McpError(INVALID_PARAMS, "Invalid requestState: it has expired. Begin the call again.")
        principal, method, digest = _binding(scope)
        if payload["for"][0] != principal:
            raise McpError(INVALID_PARAMS, "Invalid requestState: it belongs to another caller.")
        if payload["for"][1:] != [method, digest]:
            raise McpError(
                INVALID_PARAMS, "Invalid requestState: it belongs to another call (method or parameters differ)."
            )
        return payload

    def _decrypt(self, state: Any) -> dict[str, Any] | None:
        if not isinstance(state, str) or not state.startswith(_PREFIX):
            return None
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        text = state.removeprefix(_PREFIX)
        try:
            sealed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            return None
        for key in self._keys:
            try:
                return from_json(AESGCM(key).decrypt(sealed[:12], sealed[12:], _LABEL))
            except (InvalidTag, ValueError):
                continue
        return None


def seal_of(security: Any) -> Seal | None:
    """The seal for the constructor's `request_state_security`: a `Seal`, keys, or an object with `keys`."""
    if security is None or isinstance(security, Seal):
        return security
    keys = getattr(security, "keys", security)
    return Seal([keys] if isinstance(keys, bytes) else list(keys or ()))


def _binding(scope: RequestScope) -> list[Any]:
    return [scope.principal, scope.method, call_digest(scope.params)]


def _configured_keys() -> list[bytes]:
    text = setting("REQUEST_STATE_KEY")
    return [part.strip().encode() for part in text.split(",") if part.strip()] if text else []
