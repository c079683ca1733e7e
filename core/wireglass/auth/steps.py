"""The steps of a sign-in as people see them, and what the pure flow asks its driver to do. Pure."""

from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeVar
from urllib.parse import urlencode

from pydantic_core import from_json, to_json

from wireglass.errors import SignInError
from wireglass.protocol.messages import JsonObject, is_object

__all__ = [
    "TITLES",
    "Answer",
    "Ask",
    "Fetch",
    "FetchFailed",
    "Fetched",
    "Flow",
    "Instruction",
    "Keep",
    "Listen",
    "OnStep",
    "Recall",
    "Sign",
    "SignInStep",
    "StepLog",
    "StepName",
    "StepState",
]

StepName = Literal["challenge", "resource", "server", "client", "permission", "identity", "token", "renewal"]
StepState = Literal["running", "waiting", "ok", "warn", "failed", "cancelled"]

TITLES: Final[dict[StepName, str]] = {
    "challenge": "Server asks for sign-in",
    "resource": "Who may issue tokens",
    "server": "Authorization server",
    "client": "Wireglass is registered",
    "permission": "Permission in your browser",
    "identity": "Identity provider",
    "token": "Token",
    "renewal": "Token renewed",
}


@dataclass(frozen=True, slots=True)
class SignInStep:
    """One step as it stands now; told again whenever it changes. Times are nanoseconds of `time.perf_counter_ns`.

    `detail` and `remedy` are sentences without secrets.
    """

    name: StepName
    title: str
    state: StepState
    began_ns: int
    ended_ns: int | None = None
    detail: str = ""
    remedy: str = ""
    human: bool = False
    """Whether its time was a person's."""
    run: int = 0
    """Which sign-in of this server it belongs to, counted from 1: a step-up is one of its own."""


OnStep = Callable[[SignInStep], object]


class StepLog:
    """Tells each step's begin, changes and end. `clock` returns nanoseconds."""

    def __init__(self, clock: Callable[[], int], tell: OnStep = lambda step: None, run: int = 1) -> None:
        self._clock, self._tell, self.run = clock, tell, run

    @contextmanager
    def step(self, name: StepName, *, human: bool = False) -> "Generator[_Open]":
        """A step lasts as long as the block. What it raises is its failure."""
        now = _Open(self, SignInStep(name, TITLES[name], "running", self._clock(), human=human, run=self.run))
        now.change("running")
        try:
            yield now
        except SignInError as error:
            now.end("failed", error.message, error.next_step)
            raise
        except FetchFailed as error:
            failure = SignInError(name, error.reason, next_step=error.next_step)
            now.end("failed", failure.message, failure.next_step)
            raise failure from error
        except BaseException:
            now.end("cancelled", "Stopped.")
            raise
        now.end("warn" if now.warned else "ok")

    def done(self, name: StepName, detail: str) -> None:
        """A step that took no time of its own."""
        with self.step(name) as step:
            step.say(detail)


class _Open:
    """A step under way."""

    def __init__(self, log: StepLog, step: SignInStep) -> None:
        self._log, self._step = log, step
        self.warned = False

    def say(self, detail: str) -> None:
        """What is known of it by now."""
        self.change(self._step.state, detail)

    def warn(self, detail: str, remedy: str) -> None:
        """It went on, but something is wrong."""
        self.warned = True
        self.change(self._step.state, detail, remedy)

    def change(self, state: StepState, detail: str = "", remedy: str = "") -> None:
        old = self._step
        self._put(state, detail or old.detail, remedy or old.remedy, None)

    def end(self, state: StepState, detail: str = "", remedy: str = "") -> None:
        old = self._step
        self._put(state, detail or old.detail, remedy or old.remedy, self._log._clock())

    def _put(self, state: StepState, detail: str, remedy: str, ended_ns: int | None) -> None:
        old = self._step
        self._step = SignInStep(old.name, old.title, state, old.began_ns, ended_ns, detail, remedy, old.human, old.run)
        self._log._tell(self._step)


# What the flow asks of its driver


@dataclass(frozen=True, slots=True)
class Fetch:
    """One HTTP request to an authorization server or for metadata. Answered with `Fetched`, or `FetchFailed` raised."""

    method: Literal["GET", "POST"]
    url: str
    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    body: bytes = field(default=b"", repr=False)
    proof: bool = False
    """Whether a DPoP proof belongs on it, if DPoP is in use (token requests)."""

    @staticmethod
    def metadata(url: str) -> "Fetch":
        """Asks for a metadata document."""
        return Fetch("GET", url, {"accept": "application/json"})

    @staticmethod
    def form(url: str, fields: Mapping[str, str], headers: Mapping[str, str] | None = None) -> "Fetch":
        """Posts a form, as the token endpoint wants it (RFC 6749 section 4.1.3)."""
        kinds = {"content-type": "application/x-www-form-urlencoded", "accept": "application/json"}
        return Fetch("POST", url, {**kinds, **(headers or {})}, urlencode(fields).encode(), proof=True)

    @staticmethod
    def json(url: str, value: JsonObject) -> "Fetch":
        """Posts JSON, as the registration endpoint wants it (RFC 7591 section 3.1)."""
        kinds = {"content-type": "application/json", "accept": "application/json"}
        return Fetch("POST", url, kinds, to_json(value))


@dataclass(frozen=True, slots=True)
class Fetched:
    """An HTTP answer; header names in lower case."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    body: bytes = field(default=b"", repr=False)

    def json(self) -> JsonObject | None:
        """The body as a JSON object, or None when it is something else."""
        try:
            found: Any = from_json(self.body)
        except ValueError:
            return None
        return found if is_object(found) else None


class FetchFailed(Exception):
    """A request got no HTTP answer. `reason` and `next_step` are sentences for people."""

    def __init__(self, reason: str, next_step: str = "") -> None:
        super().__init__(reason)
        self.reason, self.next_step = reason, next_step


@dataclass(frozen=True, slots=True)
class Recall:
    """The registration kept for an issuer. Answered with its JSON or None."""

    issuer: str


@dataclass(frozen=True, slots=True)
class Keep:
    """Keep this registration for the issuer; None forgets it."""

    issuer: str
    registration: JsonObject | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Listen:
    """Open the redirect listener, on the address of one of `preferred` if it is free. Answered with its URI."""

    preferred: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Ask:
    """Show a person the authorization server's page. Answered with what came back, an `Answer`."""

    url: str
    state: str = field(repr=False)
    issuer: str = ""
    scopes: tuple[str, ...] = ()
    redirect_uri: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """The authorization response (RFC 6749 section 4.1.2, RFC 9207): members that came not, or twice, are empty."""

    code: str = field(default="", repr=False)
    state: str = field(default="", repr=False)
    iss: str | None = None
    error: str = ""
    error_description: str = ""


@dataclass(frozen=True, slots=True)
class Sign:
    """A JWT that names this client, for the audience (RFC 7523). Answered with the compact JWT."""

    audience: str


Instruction = Fetch | Recall | Keep | Listen | Ask | Sign
T = TypeVar("T")
Flow = Generator[Instruction, Any, T]
"""A part of a sign-in: yields instructions, gets their answers, returns T. Raises SignInError."""
