"""Bearer tokens in front of the endpoint: whoever has `verify_token` decides who comes in."""

import json
from collections.abc import Sequence
from typing import Any, cast

__all__ = ["protect"]


def protect(auth: Any, app: Any, path: str) -> tuple[Any, list[Any]]:
    """The app behind `auth`, and the routes that `auth` brings (its metadata and sign-in pages).

    Raises TypeError when `auth` cannot verify tokens: an unprotected server is never served by mistake.
    """
    if not callable(getattr(auth, "verify_token", None)):
        raise TypeError(f"auth={auth!r} cannot verify tokens: it has no verify_token(token).")
    routes = list(auth.get_routes(mcp_path=path)) if callable(getattr(auth, "get_routes", None)) else []
    return _BearerGate(auth, app, path), routes


class _BearerGate:
    def __init__(self, auth: Any, app: Any, path: str) -> None:
        self._auth = auth
        self._app = app
        self._path = path

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        token = await self._token(scope)
        if token is None:
            await self._refuse(send, 401, "invalid_token", "Authentication required")
            return
        required: Sequence[str] = getattr(self._auth, "required_scopes", None) or ()
        have = set(getattr(token, "scopes", None) or ())
        if not have.issuperset(required):
            await self._refuse(send, 403, "insufficient_scope", "The token lacks a required scope", required)
            return
        subject = getattr(token, "subject", None) or (getattr(token, "claims", None) or {}).get("sub")
        scope = {
            **scope,
            "wireglass.access_token": token,
            "wireglass.principal": str(subject or getattr(token, "client_id", "")),
        }
        await self._app(scope, receive, send)

    async def _token(self, scope: Any) -> Any:
        for name, value in cast("list[tuple[bytes, bytes]]", scope["headers"]):
            if name == b"authorization":
                scheme, _, credentials = value.decode("latin-1").partition(" ")
                if scheme.lower() == "bearer" and credentials.strip():
                    return await self._auth.verify_token(credentials.strip())
        return None

    async def _refuse(self, send: Any, status: int, error: str, text: str, scopes: Sequence[str] = ()) -> None:
        parts = [f'error="{error}"', f'error_description="{text}"']
        if scopes:
            parts.append(f'scope="{" ".join(scopes)}"')
        metadata = self._metadata_url()
        if metadata:
            parts.append(f'resource_metadata="{metadata}"')
        body = json.dumps({"error": error, "error_description": text}).encode()
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
            (b"www-authenticate", f"Bearer {', '.join(parts)}".encode()),
        ]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def _metadata_url(self) -> str | None:
        """Where the protected-resource metadata is (RFC 9728), for providers that know their public address."""
        finder = getattr(self._auth, "_get_resource_url", None)
        base = getattr(self._auth, "base_url", None)
        if base is None or finder is None:
            return None
        from urllib.parse import urlsplit

        parts = urlsplit(str(finder(self._path) or base))
        return f"{parts.scheme}://{parts.netloc}/.well-known/oauth-protected-resource{parts.path.rstrip('/')}"
