"""Carries out what a flow asks for, one instruction after the other."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from wireglass.auth.dpop import ProofKey
from wireglass.auth.fetching import Fetcher
from wireglass.auth.steps import Fetch, Fetched, FetchFailed, Flow
from wireglass.errors import SignInError

__all__ = ["drive", "fetch_proved"]

T = TypeVar("T")


async def drive(flow: Flow[T], carry_out: Callable[[Any], Awaitable[Any]]) -> T:
    """Runs the flow to its end. What `carry_out` raises of FetchFailed and SignInError the flow hears, and may mend.

    Raises SignInError. When it is cancelled, the flow is closed, so that its step ends as cancelled.
    """
    answer: Any = None
    problem: Exception | None = None
    try:
        while True:
            wanted = flow.send(answer) if problem is None else flow.throw(problem)
            answer, problem = None, None
            try:
                answer = await carry_out(wanted)
            except (FetchFailed, SignInError) as error:
                problem = error
    except StopIteration as done:
        return done.value
    except FetchFailed as failed:
        raise SignInError("server", failed.reason, next_step=failed.next_step) from failed
    finally:
        flow.close()


async def fetch_proved(wanted: Fetch, fetcher: Fetcher, key: ProofKey) -> Fetched:
    """A request with a proof of possession; once more when the server wants its nonce in it (RFC 9449 section 8)."""
    answer = await fetcher.fetch(wanted, {"DPoP": key.proof(wanted.method, wanted.url)})
    key.heard(wanted.url, answer.headers.get("dpop-nonce"))
    if answer.status in (400, 401) and (answer.json() or {}).get("error") == "use_dpop_nonce":
        answer = await fetcher.fetch(wanted, {"DPoP": key.proof(wanted.method, wanted.url)})
        key.heard(wanted.url, answer.headers.get("dpop-nonce"))
    return answer
