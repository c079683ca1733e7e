"""The token for one server: got by a whole sign-in, kept, renewed, given up; however it is got.

How it is got is the flow of a subclass: with a person (`signin`), or between programs (`machine`).
"""

import asyncio
import time
from collections.abc import Iterable
from contextlib import nullcontext
from secrets import token_urlsafe
from typing import Any, TypeVar

from wireglass.auth.addresses import covers, is_secure, origin, resource_identifier
from wireglass.auth.challenges import Challenge
from wireglass.auth.discovery import find_server
from wireglass.auth.dpop import ProofKey
from wireglass.auth.driving import drive, fetch_proved
from wireglass.auth.fetching import Fetcher
from wireglass.auth.flow import ClientSettings, SignedIn, Wish, refresh, revoke
from wireglass.auth.kept import TokenStore, token_store
from wireglass.auth.metadata import AuthorizationServer, assumed_server
from wireglass.auth.refusals import challenge_words
from wireglass.auth.steps import (
    Ask,
    Fetch,
    FetchFailed,
    Flow,
    Instruction,
    Keep,
    Listen,
    OnStep,
    Recall,
    Sign,
    SignInStep,
    StepLog,
)
from wireglass.auth.tokens import RegisteredClient, Token, union
from wireglass.errors import SignInError
from wireglass.protocol.messages import is_object
from wireglass.storage.keychain import tell_secret
from wireglass.wire.http_request import ClientFactory
from wireglass.wire.http_trace import OnHttp

__all__ = ["TokenSource"]

T = TypeVar("T")


class TokenSource:
    """One object serves one server, in one event loop. `TokenAuth` adds the requests that need the token.

    `token` is what is in use; `on_step` hears each step of each sign-in.
    """

    def __init__(
        self,
        mcp_url: str | None = None,
        *,
        client: ClientSettings,
        scopes: str | Iterable[str] | None = None,
        token_storage: Any = None,
        httpx_client_factory: ClientFactory | None = None,
        on_step: OnStep | None = None,
        dpop: bool | None = None,
    ) -> None:
        """`dpop` None uses proofs of possession where the server asks for them. Raises ValueError for an odd store."""
        self.client = client
        self.scopes = union(scopes.split() if isinstance(scopes, str) else scopes or ())
        self.token: Token | None = None
        self.server_url = ""
        self.authorization_server: AuthorizationServer | None = None
        """Whom the token came from, once that is known in this process."""
        self.on_http: OnHttp | None = None
        self._observers: list[OnStep] = [on_step] if on_step is not None else []
        self._factory = httpx_client_factory
        self._store: TokenStore = token_store(token_storage)
        self._dpop = dpop
        self._proof: ProofKey | None = None
        self._registered: RegisteredClient | None = None
        self._loaded = False
        self._run = 0
        self._gate = asyncio.Lock()
        if mcp_url is not None:
            self.bind(mcp_url)

    def bind(self, url: str, client_factory: ClientFactory | None = None) -> None:
        """The server that this is for; once. Tokens never go elsewhere. A factory given at the start stays."""
        self.server_url = self.server_url or str(url)
        self._factory = self._factory or client_factory

    def observe(self, on_step: OnStep | None) -> None:
        """`on_step` hears of steps too."""
        if on_step is not None and on_step not in self._observers:
            self._observers.append(on_step)

    @property
    def storage_problem(self) -> str:
        """Why the token is kept only until this process ends, a sentence; or empty."""
        return self._store.problem

    # What a subclass adds

    def _flow(self, wish: Wish, log: StepLog) -> Flow[SignedIn]:
        raise NotImplementedError

    async def _listen(self, wanted: Listen) -> str:
        raise NotImplementedError

    async def _ask(self, wanted: Ask) -> Any:
        raise NotImplementedError

    async def _sign(self, audience: str) -> str:
        raise SignInError("token", "This client has no key to sign with.", next_step="Use PrivateKeyJWTOAuthProvider.")

    async def _finish(self) -> None:
        """A sign-in is over, well or not."""

    # For people

    async def sign_in(self, challenge: Challenge | None = None) -> Token:
        """Gets a new token now, whether or not there is one. Raises SignInError."""
        async with self._gate:
            return await self._get(challenge, self.token)

    async def save_again(self) -> None:
        """Tries to keep the token once more, after a locked keychain was opened; see `storage_problem` then."""
        async with self._gate:
            if self.token is not None and self._registered is not None:
                await self._keep(self.token, self._registered)

    async def sign_out(self) -> bool:
        """Forgets the token, here and in the store, and the registration; has the token revoked where that is offered
        (RFC 7009). True if there was one. Never raises for a server that does not answer."""
        async with self._gate:
            await self._load()
            token, client = self.token, self._registered
            self.token, self._proof = None, None
            await self._store.remove(self._place)
            if token is None:
                return False
            await self._store.remove(f"client:{token.issuer}")
            self._registered = None
            if client is not None:
                await self._revoke(token, client)
            return True

    async def _revoke(self, token: Token, client: RegisteredClient) -> None:
        try:
            server = self.authorization_server or await self._rediscover(token)
            if server is not None and server.revocation_endpoint:
                await self._drive(revoke(server, client, token))
        except SignInError:
            pass  # it ends by itself

    # Tokens

    @property
    def _place(self) -> str:
        return f"token:{resource_identifier(self.server_url)}"

    async def _ready(self) -> None:
        """Reads what was kept, and renews it if its time is over."""
        async with self._gate:
            await self._load()
            token = self.token
            if token is None or not token.expired(time.time()):
                return
            if not token.refresh_token or not await self._refresh(token):
                self.token = None

    async def _load(self) -> None:
        if not self._loaded:
            self._loaded = True
            self._take(await self._store.read(self._place))

    def _take(self, kept: Any) -> None:
        found = kept if is_object(kept) else {}
        token = Token.from_json(found["token"]) if is_object(found.get("token")) else None
        client = RegisteredClient.from_json(found["client"]) if is_object(found.get("client")) else None
        if token is None or client is None or not covers(token.resource, self.server_url):
            return
        if self.client.client_id and client.client_id != self.client.client_id:
            return  # of another client: its refresh token is not ours to use
        self.token, self._registered = token, client
        if self.client.client_secret:
            self._registered = RegisteredClient(
                client.client_id, client.issuer, client.method, self.client.client_secret, kind=client.kind
            )
        if is_object(found.get("proof")):
            self._proof = ProofKey(found["proof"])

    async def _save(self, signed: SignedIn) -> None:
        self.token, self._registered, self.authorization_server = signed.token, signed.client, signed.server
        for secret in (signed.token.access_token, signed.token.refresh_token, signed.client.client_secret):
            tell_secret(secret)
        await self._keep(signed.token, signed.client)

    async def _keep(self, token: Token, client: RegisteredClient) -> None:
        kept = {"token": token.to_json(), "client": client.to_json()}
        if token.token_type == "DPoP" and self._proof is not None:
            kept["proof"] = self._proof.to_json()
        await self._store.write(self._place, kept)

    async def _get(self, challenge: Challenge | None, earlier: Token | None, *, insufficient: bool = False) -> Token:
        """A whole sign-in. Raises SignInError."""
        if not is_secure(self.server_url):
            raise SignInError(
                "challenge",
                f"{self.server_url} is not encrypted, and a token would be readable on the way.",
                next_step="Use https://. Plain http is taken only on this machine.",
            )
        log = self._log()
        log.done("challenge", challenge_words(challenge, insufficient=insufficient))
        dpop = self._dpop if self._dpop is not None else challenge is not None and challenge.scheme.lower() == "dpop"
        if dpop and self._proof is None:
            self._proof = ProofKey()
        elif not dpop:
            self._proof = None
        wish = Wish(
            self.server_url,
            challenge,
            self.client,
            self.scopes,
            earlier,
            dpop,
            now=time.time,
            fresh=lambda: token_urlsafe(48),
        )
        signed = await self._drive(self._flow(wish, log))
        await self._save(signed)
        return signed.token

    async def _refresh(self, token: Token) -> bool:
        """Renews the token, or says that it takes a new sign-in. Another process may have renewed it already."""
        turn = getattr(self._store, "turn", None)  # a store of somebody's own need not have it
        async with turn(self._place) if turn is not None else nullcontext():
            return await self._refresh_now(token)

    async def _refresh_now(self, token: Token) -> bool:
        kept = await self._store.read(self._place)
        other = Token.from_json(kept["token"]) if is_object(kept) and is_object(kept.get("token")) else None
        if other is not None and other.access_token != token.access_token and not other.expired(time.time()):
            self._take(kept)
            return self.token is not token
        client = self._registered
        if client is None:
            return False
        try:
            server = self.authorization_server or await self._rediscover(token)
            if server is None:
                return False
            fresh = await self._drive(refresh(server, client, token, self._log(), time.time))
        except SignInError:
            # Told as a step. Two processes that renew at once use one token twice: the other's new one is ours too.
            kept = await self._store.read(self._place)
            self._take(kept)
            return self.token is not token and self.token is not None and self.token.access_token != token.access_token
        await self._save(SignedIn(fresh, client, server))
        return True

    async def _rediscover(self, token: Token) -> AuthorizationServer | None:
        """The metadata of the token's issuer, in a process that did not sign in itself."""
        unnamed = token.issuer.rstrip("/") == origin(self.server_url)

        def flow() -> Flow[AuthorizationServer | None]:
            try:
                return (yield from find_server(token.issuer, self.server_url, unnamed=unnamed))
            except FetchFailed as failed:
                raise SignInError("renewal", failed.reason, next_step=failed.next_step) from failed

        server = await self._drive(flow())
        return server or (assumed_server(self.server_url) if unnamed else None)

    # Driving a flow

    def _log(self) -> StepLog:
        self._run += 1
        return StepLog(time.perf_counter_ns, self._tell, self._run)

    def _tell(self, step: SignInStep) -> None:
        for observer in tuple(self._observers):
            observer(step)

    async def _drive(self, flow: Flow[T]) -> T:
        """Carries out what the flow asks for. Raises SignInError."""
        fetcher = Fetcher(self._factory, self.on_http)
        try:
            return await drive(flow, lambda wanted: self._carry_out(wanted, fetcher))
        finally:
            await fetcher.aclose()
            await self._finish()

    async def _carry_out(self, wanted: Instruction, fetcher: Fetcher) -> Any:
        match wanted:
            case Fetch() if wanted.proof and self._proof is not None:
                return await fetch_proved(wanted, fetcher, self._proof)
            case Fetch():
                return await fetcher.fetch(wanted)
            case Recall():
                return await self._store.read(f"client:{wanted.issuer}")
            case Keep():
                if wanted.registration is None:
                    await self._store.remove(f"client:{wanted.issuer}")
                else:
                    await self._store.write(f"client:{wanted.issuer}", wanted.registration)
            case Listen():
                return await self._listen(wanted)
            case Ask():
                return await self._ask(wanted)
            case Sign():
                return await self._sign(wanted.audience)
