"""What was typed and not yet sent, on disk, so that it outlives a crash. Secrets are left out.

A draft belongs to a question by what was asked: when the same server asks the same again, it is filled in again.
"""

import json
import re
from time import time
from typing import Any

from wireglass_app.questions import Question
from wireglass_app.settings import Settings

__all__ = ["KeptDrafts", "is_secret", "without_secrets"]

_FILE = "inbox-drafts.json"
_MOST = 200
_LONGEST = 200_000
_DAYS_S = 30 * 86_400
_SECRET = re.compile(
    r"pass(word|wd|phrase|code)?|secret|token|api.?key|private.?key|credential|\bpin\b|cvv|cvc|card.?(number|no)|iban|\bssn\b",
    re.IGNORECASE,
)
_READ = 1_000
"""Characters of a name or title that are looked at: nobody sees more of them."""
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")


def is_secret(name: str, schema: dict[str, Any]) -> bool:
    """Whether a field is for something that has no place on the disk, by its format, its name or its title."""
    properties = schema.get("properties")
    part = properties.get(name) if isinstance(properties, dict) else None
    facts: dict[str, Any] = part if isinstance(part, dict) else {}
    if facts.get("writeOnly") is True or facts.get("format") == "password":
        return True
    parted = _CAMEL.sub(" ", name[:_READ]).replace("_", " ")
    return bool(_SECRET.search(f"{parted} {str(facts.get('title', ''))[:_READ]}"))


def without_secrets(value: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """The fields that may be written down."""
    return {name: one for name, one in value.items() if not is_secret(name, schema)}


class KeptDrafts:
    """One JSON file beside the settings, written a moment after a key and by replacing."""

    def __init__(self, settings: Settings | None = None) -> None:
        """Without settings nothing is kept."""
        self._file = Settings(settings.path.with_name(_FILE), settings) if settings is not None else None
        self._prune()

    def get(self, question: Question) -> Any:
        """The draft for what is asked, or None."""
        return self._file.get(_key(question), {}).get("draft") if self._file is not None and self._any else None

    def keep(self, question: Question, draft: Any) -> None:
        """Keeps a draft; None drops it."""
        if self._file is None or (draft is None and not self._any):
            return
        key = _key(question)
        if draft is None or len(json.dumps(draft, default=str)) > _LONGEST:
            self._file.forget(key)
        else:
            self._file.set(key, {"draft": draft, "at": time()})

    def drop(self, question: Question) -> None:
        """It was answered."""
        if self._file is not None and self._any:
            self._file.forget(_key(question))

    @property
    def _any(self) -> bool:
        """Whether there is a draft at all: where there is none, no key need be made, which takes OpenSSL."""
        return self._file is not None and bool(self._file.names())

    def save(self) -> None:
        """Writes what is still only in memory."""
        if self._file is not None:
            self._file.save()

    def _prune(self) -> None:
        if self._file is None:
            return
        file = self._file
        dated = sorted(((file.get(key, {}).get("at", 0), key) for key in file.names()), reverse=True)
        for number, (at, key) in enumerate(dated):
            if number >= _MOST or not isinstance(at, int | float) or time() - at > _DAYS_S:
                file.forget(key)


def _key(question: Question) -> str:
    params = {name: value for name, value in question.params.items() if name not in ("_meta", "elicitationId")}
    asked = json.dumps([question.session.target.key, question.tool, question.kind, params], sort_keys=True, default=str)
    import hashlib  # brings OpenSSL along

    return hashlib.sha256(asked.encode("utf-8", "surrogatepass")).hexdigest()[:32]
