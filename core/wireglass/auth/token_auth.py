"""An `httpx.Auth` that gets a token when a server asks for one, renews it, and steps up: what a refusal leads to.

Where its tokens come from is in `token_source`.
"""

import time
from collections.abc import AsyncGenerator, Generator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any, Final

import httpx

from wireglass.auth.addresses import origin
from wireglass.auth.challenges import Challenge, bearer_challenge, wants_password
from wireglass.auth.refusals import not_enough, refusal
from wireglass.auth.token_source import TokenSource
from wireglass.auth.tokens import Token
from wireglass.wire.http_link import HOLD, QUIET

__all__ = ["TokenAuth"]

_STEP_UPS: Final = 2
"""Further authorizations for one request; with the first one that makes three."""
_ROUNDS: Final = 6


@dataclass(slots=True)
class _Attempt:
    """What was tried for one request."""

    quiet: bool
    """Whether a person must not be asked because of it."""
    used: Token | None = None
    refreshed: bool = False
    signed_in: bool = False
    step_ups: int = 0
    nonces: int = 0


class TokenAuth(TokenSource, httpx.Auth):
    """Base of everything that `auth=` takes besides a fixed token. One object serves one server, in one event loop."""

    def sync_auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Refuses: a sign-in needs an event loop."""
        raise RuntimeError(f"{type(self).__name__} works with httpx.AsyncClient only.")

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        """Sends the request with the token there is; when it is refused, gets a better one and sends it again."""
        if not self.server_url:
            self.bind(str(request.url))
        if origin(str(request.url)) != origin(self.server_url):
            yield request  # a token is for one server
            return
        attempt = _Attempt(quiet=request.extensions.get(QUIET) is True)
        if not self._loaded or (self.token is not None and self.token.expired(time.time())):
            with _held(request):
                await self._ready()
        self._stamp(request, attempt)
        response = yield request
        for _ in range(_ROUNDS):
            with _held(request):
                if not await self._again(request, response, attempt):
                    return
            self._stamp(request, attempt)
            response = yield request

    def _stamp(self, request: httpx.Request, attempt: _Attempt) -> None:
        attempt.used = token = self.token
        if token is None:
            return
        request.headers["Authorization"] = f"{token.token_type} {token.access_token}"
        if token.token_type == "DPoP" and self._proof is not None:
            request.headers["DPoP"] = self._proof.proof(request.method, str(request.url), token.access_token)

    async def _again(self, request: httpx.Request, response: httpx.Response, attempt: _Attempt) -> bool:
        """Whether the request should be sent once more. Raises SignInError."""
        if self._proof is not None:
            self._proof.heard(str(request.url), response.headers.get("dpop-nonce"))
        if response.status_code not in (401, 403):
            return False
        await response.aread()  # its exchange ends here, and not with a sign-in that may take minutes
        asked = response.headers.get_list("www-authenticate")
        challenge = bearer_challenge(asked)
        if response.status_code == 403:
            return (
                challenge is not None
                and challenge.error == "insufficient_scope"
                and await self._step_up(challenge, attempt)
            )
        if challenge is not None and challenge.error == "use_dpop_nonce" and self._proof is not None:
            attempt.nonces += 1
            return attempt.nonces <= 2
        if attempt.used is None and wants_password(asked):
            return False  # no page in a browser leads to it
        return await self._unauthorized(challenge, attempt)

    async def _unauthorized(self, challenge: Challenge | None, attempt: _Attempt) -> bool:
        async with self._gate:
            used = attempt.used
            if self.token is not None and self.token is not used:
                return True  # another request has got a new one meanwhile
            if used is not None and used.refresh_token and not attempt.refreshed:
                attempt.refreshed = True
                if await self._refresh(used):
                    return True
            if attempt.quiet:
                return False
            if attempt.signed_in:
                raise refusal(self.token, self.server_url, challenge)
            attempt.signed_in = True
            await self._get(challenge, used)
            return True

    async def _step_up(self, challenge: Challenge, attempt: _Attempt) -> bool:
        """403 insufficient_scope: asks for what was asked before and what is missing, a limited number of times."""
        async with self._gate:
            token, needed = self.token, set(challenge.scopes)
            if token is None or attempt.quiet:
                return False
            if token is not attempt.used and needed <= set(token.asked):
                return True
            granted = bool(needed) and needed <= set(token.scopes)
            if attempt.step_ups >= _STEP_UPS or (attempt.step_ups and granted):
                raise not_enough(challenge)
            attempt.step_ups += 1
            await self._get(challenge, token, insufficient=True)
            return True


def _held(request: httpx.Request) -> AbstractContextManager[Any]:
    hold = request.extensions.get(HOLD)
    return hold() if hold is not None else nullcontext()
