"""Earlier answers by what was asked, so that a rule can give them again. Pure."""

from pydantic_core import to_json

from wireglass.protocol.messages import JsonObject

__all__ = ["RecordedAnswers"]


class RecordedAnswers:
    """What was answered before, so that the same question gets the same answer again. Newest first.

    May be filled on one thread and read on another: entries are only ever appended.
    """

    def __init__(self) -> None:
        self._answers: dict[bytes, list[JsonObject]] = {}

    def note(self, kind: str, tool: str, params: JsonObject, answer: JsonObject) -> None:
        """Keeps one answer. Pages to visit and answers that were errors are left out by the caller."""
        for name in dict.fromkeys((tool, "")):
            for key in self._keys(kind, name, params):
                self._answers.setdefault(key, []).append(answer)

    def find(self, kind: str, tool: str, params: JsonObject) -> JsonObject | None:
        """The latest answer to these words, else to the same form in other words; of this tool, else of any."""
        for name in dict.fromkeys((tool, "")):
            for key in self._keys(kind, name, params):
                if known := self._answers.get(key):
                    return known[-1]
        return None

    @staticmethod
    def _keys(kind: str, tool: str, params: JsonObject) -> tuple[bytes, bytes]:
        plain = {name: value for name, value in params.items() if name != "_meta"}
        shape = {name: value for name, value in plain.items() if name not in ("message", "messages")}
        same = [kind, tool, "same", plain]
        alike = [kind, tool, "alike", shape] if kind == "elicitation" else same
        return to_json(same, inf_nan_mode="constants"), to_json(alike, inf_nan_mode="constants")
