"""Authorization: how a client gets a token for a server, and keeps it. Names load when first used."""

from importlib import import_module
from typing import Any

_HOMES = {
    "ClientCredentialsOAuthProvider": "wireglass.auth.machine",
    "EnterpriseManagedOAuth": "wireglass.auth.machine",
    "OAuth": "wireglass.auth.signin",
    "Permission": "wireglass.auth.permission",
    "PrivateKeyJWTOAuthProvider": "wireglass.auth.machine",
    "SignInStep": "wireglass.auth.steps",
    "SignedJWTParameters": "wireglass.auth.assertions",
    "Token": "wireglass.auth.tokens",
    "WorkloadIdentityOAuth": "wireglass.auth.machine",
    "static_assertion_provider": "wireglass.auth.assertions",
}

__all__ = [*_HOMES]  # pyright: ignore[reportUnsupportedDunderAll]  # resolved by __getattr__


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"wireglass.auth has no {name!r}")
    return getattr(import_module(home), name)
