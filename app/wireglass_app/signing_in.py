"""Signing in to one server, as the window sees it: the steps, the page that waits, and what is known of the token."""

from collections.abc import Callable, Coroutine
from dataclasses import asdict
from time import monotonic
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from wireglass.errors import SignInError, WireglassError
from wireglass_app.bridge import Bridge
from wireglass_app.link_sign_in import Asking, LinkSignIn, Signing, TokenFacts

if TYPE_CHECKING:
    from wireglass.auth.steps import SignInStep

__all__ = ["SigningIn"]


class SigningIn(QObject):
    """Every signal comes on the Qt thread."""

    changed = Signal()
    wanted = Signal()
    """A page waits for a person."""

    def __init__(self, bridge: Bridge, parent: QObject) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._link: LinkSignIn | None = None
        self.steps: list[SignInStep] = []
        """Of the newest sign-in, in order."""
        self.asking: Asking | None = None
        self.until = 0.0
        """When nobody waits for the page any more, seconds of `time.monotonic`."""
        self.opened = False
        """Whether the page was opened from here."""
        self.token: TokenFacts | None = None
        self.problem: SignInError | None = None
        """Why the last sign-in failed."""
        self.signed_out = False

    def attach(self, link: LinkSignIn | None) -> None:
        """The connection that signs in from now on; None when there is none."""
        waited, self._link, self.asking = self.asking is not None, link, None
        if link is not None:
            self.steps, self.token, self.problem, self.signed_out = [], None, None, False
        if waited or link is not None:
            self.changed.emit()

    @property
    def live(self) -> bool:
        """Whether there is a connection to sign in for."""
        return self._link is not None

    def take(self, told: Signing) -> None:
        """What the runtime thread tells."""
        if told.step is not None:
            self._take_step(told.step)
        if told.asks:
            self.asking = told.asking
            self.opened = False
        if told.has_token:
            self.token = told.token
            self.signed_out = told.token is None
        if told.asking is not None:
            self.until = monotonic() + told.asking.seconds
            self.wanted.emit()
        self.changed.emit()

    def _take_step(self, step: "SignInStep") -> None:
        if self.steps and self.steps[-1].run != step.run:
            self.steps = []
            self.problem = None
        known = next((at for at, old in enumerate(self.steps) if old.name == step.name), None)
        if known is None:
            self.steps.append(step)
        else:
            self.steps[known] = step
        if step.state == "failed":
            self.problem = SignInError(step.name, step.detail, next_step=step.remedy)

    def facts(self) -> dict[str, Any] | None:
        """What a report may say of the token."""
        return asdict(self.token) if self.token is not None else None

    # What a person does

    def note_opened(self) -> None:
        """The page was opened, or its link was taken."""
        self.opened = True
        self.changed.emit()

    def paste(self, address: str, then: Callable[[bool], None]) -> None:
        """`then` hears whether the address was an answer."""
        self._do(lambda link: link.paste(address), then)

    def stop(self) -> None:
        """The page will not be opened."""
        self._do(lambda link: link.stop())

    def again(self) -> None:
        """Asks for a new permission."""
        self.problem = None
        self._do(lambda link: link.again())

    def save(self) -> None:
        """Tries the keychain again; the system may ask for its password."""
        self._do(lambda link: link.save())

    def sign_out(self) -> None:
        """Forgets the token."""
        self._do(lambda link: link.sign_out())

    def reveal(self, then: Callable[[tuple[str, dict[str, Any], dict[str, Any]]], None], viewer: QObject) -> None:
        """`then` gets the token's text, header and claims; it must let go of them when nobody looks any more. A
        `viewer` that is gone gets nothing."""
        self._do(lambda link: link.reveal(), then, viewer)

    def _do(
        self,
        work: Callable[[LinkSignIn], Coroutine[Any, Any, Any]],
        then: Callable[[Any], None] | None = None,
        *viewers: QObject,
    ) -> None:
        link = self._link
        if link is None:
            return

        async def done() -> None:
            try:
                outcome = await self._bridge.run(work, link)
            except SignInError as problem:
                self.problem = problem
                self.changed.emit()
            except WireglassError as problem:
                self._bridge.fault.emit(problem)
            else:
                if then is not None:
                    then(outcome)

        self._bridge.spawn(done(), self, *viewers)
