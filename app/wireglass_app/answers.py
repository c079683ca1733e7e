"""What answers beside people (rules, earlier answers, models), and what they have typed. One for all servers."""

from typing import Any

from wireglass.client.recorded import RecordedAnswers
from wireglass_app.endpoints import Endpoints
from wireglass_app.kept_drafts import KeptDrafts
from wireglass_app.rulebook import RuleBook
from wireglass_app.settings import Settings

__all__ = ["Answers"]


class Answers:
    """Handed to each session. Without settings, nothing outlives it."""

    def __init__(self, settings: Settings | None = None, secrets: Any = None) -> None:
        self.rules = RuleBook(settings)
        self.recorded = RecordedAnswers()
        """Read on the runtime thread, filled on the Qt thread; entries are only ever appended."""
        self.endpoints = Endpoints(settings, secrets)
        self.kept = KeptDrafts(settings)

    def endpoint(self) -> Any:
        """The chosen model endpoint with its key, or None. Asks the keychain: not for the Qt thread."""
        return self.endpoints.endpoint()
