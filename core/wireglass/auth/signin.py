"""OAuth with a person: the browser shows the authorization server's page, a listener here gets the answer."""

import asyncio
import inspect
from collections.abc import Iterable
from typing import Any, Literal

from wireglass.auth.flow import ClientSettings, SignedIn, Wish, sign_in
from wireglass.auth.loopback import RedirectListener
from wireglass.auth.permission import OnAuthorize, Permission
from wireglass.auth.steps import Answer, Ask, Flow, Listen, OnStep, StepLog
from wireglass.auth.token_auth import TokenAuth
from wireglass.auth.tokens import method_of
from wireglass.errors import SignInError
from wireglass.storage.keychain import tell_secret
from wireglass.wire.http_request import ClientFactory

__all__ = ["OAuth"]


class OAuth(TokenAuth):
    """Signs a person in with their browser: `Client(url, auth=OAuth(...))`, or `auth="oauth"` for the defaults.

    `on_authorize` gets a `Permission` and shows its page; without it a terminal is asked, and where there is none the
    sign-in fails with a sentence. `token_storage` is a py-key-value store, `Secrets`, "memory", or None for the
    keychain of the system (memory while it is locked). Every further parameter is FastMCP's.
    """

    def __init__(
        self,
        mcp_url: str | None = None,
        scopes: str | Iterable[str] | None = None,
        client_name: str = "Wireglass",
        token_storage: Any = None,
        additional_client_metadata: dict[str, Any] | None = None,
        callback_port: int | None = None,
        callback_host: Literal["127.0.0.1", "localhost", "::1"] | str = "127.0.0.1",
        callback_timeout: float = 300.0,
        httpx_client_factory: ClientFactory | None = None,
        client_metadata_url: str | None = None,
        client_id: str | None = None,
        client_secret: str | None = None,
        *,
        issuer: str | None = None,
        on_authorize: OnAuthorize | None = None,
        on_step: OnStep | None = None,
        dpop: bool | None = None,
    ) -> None:
        """`issuer` says whom the given credentials belong to; they go to nobody else. Times are seconds.

        Raises ValueError for a redirect off this machine, a metadata document without https or path, or an odd store.
        """
        if client_metadata_url is not None:
            _check_document(client_metadata_url)
        extra = dict(additional_client_metadata or {})
        if client_secret:
            tell_secret(client_secret)
        settings = ClientSettings(
            name=client_name,
            client_id=client_id or "",
            client_secret=client_secret or "",
            method=method_of(extra.get("token_endpoint_auth_method")) if client_id else None,
            document_url=client_metadata_url or "",
            issuer=issuer or "",
            metadata=extra,
        )
        super().__init__(
            mcp_url,
            client=settings,
            scopes=scopes,
            token_storage=token_storage,
            httpx_client_factory=httpx_client_factory,
            on_step=on_step,
            dpop=dpop,
        )
        self.on_authorize = on_authorize
        self.callback_timeout = callback_timeout
        self._redirect = RedirectListener(callback_host, callback_port)
        self._permission: Permission | None = None

    @property
    def permission(self) -> Permission | None:
        """The page that waits for a person now, or None."""
        return self._permission

    async def redirect_handler(self, authorization_url: str) -> None:
        """Shows the page. Subclasses may do it their way."""
        assert self._permission is not None
        if self.on_authorize is None:
            from wireglass.auth.terminal import ask_in_terminal

            await ask_in_terminal(self._permission)
            return
        outcome = self.on_authorize(self._permission)
        if inspect.isawaitable(outcome):
            await outcome

    async def callback_handler(self) -> Any:
        """Waits for the answer: an `Answer`, or anything with `code`, `state` and perhaps `iss`, or such a tuple."""
        assert self._permission is not None
        return await self._permission.wait()

    # What the flow needs

    def _flow(self, wish: Wish, log: StepLog) -> Flow[SignedIn]:
        return sign_in(wish, log)

    async def _listen(self, wanted: Listen) -> str:
        return await self._redirect.open(wanted.preferred)

    async def _ask(self, wanted: Ask) -> Answer:
        self._permission = permission = Permission(wanted, self.callback_timeout)
        self._redirect.expect(permission)
        showing = asyncio.ensure_future(self.redirect_handler(permission.url))
        waiting = asyncio.ensure_future(self.callback_handler())
        try:
            async with asyncio.timeout(self.callback_timeout):
                await asyncio.wait([showing, waiting], return_when=asyncio.FIRST_COMPLETED)
                if not waiting.done():
                    await showing  # what it raises ends the sign-in
                answer = _answer(await waiting)
        except TimeoutError as error:
            raise SignInError(
                "permission",
                f"No answer came from the browser within {self.callback_timeout:g} s.",
                next_step="Open the page again. If your browser is on another machine, paste the address it ends at.",
            ) from error
        finally:
            permission.close()
            self._permission = None
            for task in (showing, waiting):
                task.add_done_callback(_seen)
                task.cancel()
            await asyncio.wait([showing, waiting], timeout=1)  # last: a second cancel may end it
        tell_secret(answer.code)
        return answer

    async def _finish(self) -> None:
        await self._redirect.aclose()


def _seen(task: "asyncio.Future[Any]") -> None:
    """Nobody asks any more what became of it."""
    if not task.cancelled():
        task.exception()


def _answer(found: Any) -> Answer:
    if isinstance(found, Answer):
        return found
    if isinstance(found, tuple):
        code, state, *rest = found
        return Answer(str(code or ""), str(state or ""), rest[0] if rest else None)
    return Answer(str(found.code or ""), str(found.state or ""), getattr(found, "iss", None))


def _check_document(url: str) -> None:
    from urllib.parse import urlsplit

    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname or parts.path in ("", "/") or parts.fragment:
        raise ValueError(f"client_metadata_url is an https address with a path, and this is none: {url!r}")
