"""`httpx.Auth` for programs that sign in without a person. The flows are in `grants`."""

from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Literal, NoReturn

from wireglass.auth.assertions import AssertionProvider
from wireglass.auth.flow import ClientSettings, SignedIn, Wish
from wireglass.auth.grants import IdentityProvider, client_credentials, enterprise, workload
from wireglass.auth.steps import Ask, Flow, Listen, OnStep, StepLog
from wireglass.auth.token_auth import TokenAuth
from wireglass.errors import SignInError
from wireglass.storage.keychain import tell_secret
from wireglass.wire.http_request import ClientFactory

__all__ = [
    "ClientCredentialsOAuthProvider",
    "EnterpriseManagedOAuth",
    "PrivateKeyJWTOAuthProvider",
    "WorkloadIdentityOAuth",
]

Scopes = str | Iterable[str] | None


class _WithoutPerson(TokenAuth):
    """Keeps its token in memory by default: it can always get another. Its own credentials are the grant, unless a
    subclass says otherwise."""

    def _flow(self, wish: Wish, log: StepLog) -> Flow[SignedIn]:
        return client_credentials(wish, log)

    async def _listen(self, wanted: Listen) -> NoReturn:
        raise _nobody()

    async def _ask(self, wanted: Ask) -> NoReturn:
        raise _nobody()


class _Asserting(_WithoutPerson):
    """What signs in is a JWT that `assertion_provider` makes for an audience."""

    def __init__(self, mcp_url: str | None, assertion_provider: AssertionProvider, **options: Any) -> None:
        self._provider = assertion_provider
        super().__init__(mcp_url, **options)

    async def _sign(self, audience: str) -> str:
        return await self._provider(audience)


def _nobody() -> SignInError:
    return SignInError("permission", "This way to sign in asks no person.", next_step="Use OAuth.")


class ClientCredentialsOAuthProvider(_WithoutPerson):
    """The client's id and secret are what signs in."""

    def __init__(
        self,
        mcp_url: str | None = None,
        *,
        client_id: str,
        client_secret: str,
        scopes: Scopes = None,
        token_endpoint_auth_method: Literal["client_secret_basic", "client_secret_post"] | None = None,
        issuer: str | None = None,
        token_storage: Any = "memory",
        httpx_client_factory: ClientFactory | None = None,
        on_step: OnStep | None = None,
    ) -> None:
        """`issuer` says whom the secret belongs to; it goes to nobody else. Without a method, that is taken which the
        authorization server offers."""
        tell_secret(client_secret)
        client = ClientSettings(
            client_id=client_id, client_secret=client_secret, method=token_endpoint_auth_method, issuer=issuer or ""
        )
        super().__init__(
            mcp_url,
            client=client,
            scopes=scopes,
            token_storage=token_storage,
            httpx_client_factory=httpx_client_factory,
            on_step=on_step,
        )


class PrivateKeyJWTOAuthProvider(_Asserting):
    """A signed JWT is what signs in. `assertion_provider` makes one for an audience (see `SignedJWTParameters`)."""

    def __init__(
        self,
        mcp_url: str | None = None,
        *,
        client_id: str,
        assertion_provider: AssertionProvider,
        scopes: Scopes = None,
        issuer: str | None = None,
        token_storage: Any = "memory",
        httpx_client_factory: ClientFactory | None = None,
        on_step: OnStep | None = None,
    ) -> None:
        client = ClientSettings(client_id=client_id, method="private_key_jwt", issuer=issuer or "", has_key=True)
        super().__init__(
            mcp_url,
            assertion_provider,
            client=client,
            scopes=scopes,
            token_storage=token_storage,
            httpx_client_factory=httpx_client_factory,
            on_step=on_step,
        )


class EnterpriseManagedOAuth(_WithoutPerson):
    """A person who is signed in at their enterprise needs no further page: the identity provider vouches for them.

    `id_token` is what it gave for the client `idp_client_id`, or an async function that returns a fresh one.
    """

    def __init__(
        self,
        mcp_url: str | None = None,
        *,
        client_id: str,
        client_secret: str,
        idp_token_endpoint: str,
        idp_client_id: str,
        id_token: str | Callable[[], Awaitable[str]],
        idp_client_secret: str = "",
        idp_issuer: str = "",
        scopes: Scopes = None,
        issuer: str | None = None,
        token_storage: Any = "memory",
        httpx_client_factory: ClientFactory | None = None,
        on_step: OnStep | None = None,
    ) -> None:
        tell_secret(client_secret)
        tell_secret(idp_client_secret)
        self._id_token = id_token
        self._known = IdentityProvider(idp_token_endpoint, idp_client_id, idp_client_secret, idp_issuer)
        client = ClientSettings(client_id=client_id, client_secret=client_secret, issuer=issuer or "")
        super().__init__(
            mcp_url,
            client=client,
            scopes=scopes,
            token_storage=token_storage,
            httpx_client_factory=httpx_client_factory,
            on_step=on_step,
        )

    def _flow(self, wish: Wish, log: StepLog) -> Flow[SignedIn]:
        return enterprise(wish, log, self._known)

    async def _sign(self, audience: str) -> str:
        given = self._id_token
        text = given if isinstance(given, str) else await given()
        tell_secret(text)
        return text


class WorkloadIdentityOAuth(_Asserting):
    """A platform's identity token for this workload is the grant. `assertion_provider` gets it for an audience."""

    def __init__(
        self,
        mcp_url: str | None = None,
        *,
        client_id: str,
        assertion_provider: AssertionProvider,
        scopes: Scopes = None,
        issuer: str | None = None,
        token_storage: Any = "memory",
        httpx_client_factory: ClientFactory | None = None,
        on_step: OnStep | None = None,
    ) -> None:
        super().__init__(
            mcp_url,
            assertion_provider,
            client=ClientSettings(client_id=client_id, issuer=issuer or ""),
            scopes=scopes,
            token_storage=token_storage,
            httpx_client_factory=httpx_client_factory,
            on_step=on_step,
        )

    def _flow(self, wish: Wish, log: StepLog) -> Flow[SignedIn]:
        return workload(wish, log)
