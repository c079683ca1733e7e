"""The steps of a connection's check list: their names and order, how one went, and what to say of one that hangs."""

from dataclasses import dataclass
from typing import Literal

__all__ = ["SLOW", "STEPS", "Check", "Outcome", "State", "StepFailed", "StepName"]

State = Literal["ok", "failed", "skipped", "warn"]
StepName = Literal["address", "dns", "tcp", "tls", "http", "content-type", "era", "auth", "resource", "server"]
Outcome = tuple[State, str, str]
"""How a step went, the detail, and what to do about it ("" where there is nothing to do)."""

STEPS: tuple[tuple[StepName, str], ...] = (
    ("address", "Address"),
    ("dns", "Host name"),
    ("tcp", "TCP connection"),
    ("tls", "TLS"),
    ("http", "HTTP status"),
    ("content-type", "Content type"),
    ("era", "Protocol era"),
    ("auth", "Sign-in"),
    ("resource", "Who may issue tokens"),
    ("server", "Authorization server"),
)

SLOW: dict[StepName, str] = {
    "dns": "The name server does not answer: check the network.",
    "tcp": "A firewall may drop the packets, or the host is down.",
    "tls": "The port may not speak TLS: try http://, or another port.",
    "http": "The server accepts connections but does not answer. Look at its log.",
    "resource": "The metadata does not come: look at the server's log.",
    "server": "The authorization server does not answer: check the network.",
}
"""What to do when a step gives no answer in time; the other steps wait for nobody."""


@dataclass(frozen=True, slots=True)
class Check:
    """One step and how it went. `remedy` says what to do when it failed."""

    step: StepName
    title: str
    state: State
    detail: str = ""
    remedy: str = ""
    milliseconds: float | None = None


class StepFailed(Exception):
    """A step came to nothing, which ends the list: what comes after is skipped."""

    def __init__(self, detail: str, remedy: str) -> None:
        super().__init__(detail)
        self.detail, self.remedy = detail, remedy
