"""Carries out rules: waits as long as one says, makes the answer, checks that it fits, and hands over when it does not.

What a rule matches is in `rules.py`. A rule that cannot answer leaves the question to the next one in line: code, or
people. Nothing that a rule makes is sent to a form that it does not fit.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from random import Random
from typing import Any, Literal, cast

from wireglass.client.fuzz import fuzzed_form, fuzzed_message
from wireglass.client.handlers import roots_responder
from wireglass.client.inputs import InputKind, InputRequest
from wireglass.client.recorded import RecordedAnswers
from wireglass.client.rules import Rule, RuleKind, first_fitting, kind_of, rule_from
from wireglass.errors import WireglassError
from wireglass.protocol.messages import JsonObject, as_object, is_object

__all__ = ["Draft", "RuleAnswers", "answers_from"]

Draft = Callable[[JsonObject], Awaitable[JsonObject]]
"""Asks a model: the params of `sampling/createMessage` to a `CreateMessageResult`. Raises WireglassError."""

_KINDS: dict[InputKind, tuple[RuleKind, ...]] = {
    "elicitation": ("form",),
    "sampling": ("sampling",),
    "roots": ("roots",),
}


class RuleAnswers:
    """The rules of one client, in order; the first that fits answers. `rules` may be replaced at any time."""

    def __init__(
        self,
        rules: Iterable[Rule | JsonObject] = (),
        *,
        recorded: RecordedAnswers | None = None,
        model: Draft | None = None,
        random: Random | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """`model` answers rules that say "model". Raises ValueError for a rule that cannot be read."""
        self.rules: tuple[Rule, ...] = tuple(rule if isinstance(rule, Rule) else rule_from(rule) for rule in rules)
        self.recorded = recorded or RecordedAnswers()
        self.model = model
        self._random = random or Random()
        self._sleep = sleep

    def covers(self, kind: InputKind) -> bool:
        """Whether some rule could answer this kind."""
        return any(
            rule.enabled and rule.kind in ("", word) and rule.can_answer(word)
            for rule in self.rules
            for word in _KINDS[kind]
        )

    def rule_for(self, request: InputRequest) -> Rule | None:
        """The rule that answers a question, or None."""
        return first_fitting(self.rules, request)

    async def answer(self, rule: Rule, request: InputRequest) -> bool:
        """Answers `request` as `rule` says. False when it cannot; then `request.rule_problem` says why."""
        if rule.delay:
            await self._sleep(rule.delay)
        try:
            made = await self._make(rule, request)
        except (WireglassError, ValueError) as error:
            request.rule_problem = f"The rule “{rule.name}” could not answer: {error}"
            return False
        by = f"rule {rule.name}"
        if made is None:
            request.refuse(f"Refused by the rule {rule.name}", action=_no(rule), by=by)
        else:
            request.answer(made, by=by)
        return True

    async def _make(self, rule: Rule, request: InputRequest) -> JsonObject | None:
        """The whole result, or None for a no. Raises ValueError when there is none that fits."""
        match rule.answer:
            case "decline" | "cancel":
                return None
            case "recorded":
                known = self.recorded.find(request.kind, request.tool, request.params)
                if known is None:
                    raise ValueError("nothing like it was answered before.")
                return _checked(request, known)
            case "model":
                if self.model is None:
                    raise ValueError("no model is configured.")
                return _checked(request, await self.model(request.params))
            case "fuzz":
                return _checked(request, self._fuzzed(request))
            case _:
                return _checked(request, await _fixed(request, rule.content))

    def _fuzzed(self, request: InputRequest) -> JsonObject:
        if request.kind == "sampling":
            return fuzzed_message(request.params, self._random)
        schema = as_object(request.params.get("requestedSchema"))
        return {"action": "accept", "content": fuzzed_form(schema, self._random)}


def answers_from(given: Any) -> RuleAnswers:
    """What `Client(answers=...)` takes: `RuleAnswers`, rules or their JSON, or the path of a YAML file with rules.

    Raises ConfigError for a file, ValueError for a rule, that cannot be read.
    """
    if isinstance(given, RuleAnswers):
        return given
    if isinstance(given, Rule) or is_object(given):
        given = [given]
    if isinstance(given, list | tuple):
        return RuleAnswers(cast("list[Any]", given))
    from wireglass.client.rule_files import load_rules

    return load_rules(given)


def _no(rule: Rule) -> Literal["decline", "cancel"]:
    return "cancel" if rule.answer == "cancel" else "decline"


async def _fixed(request: InputRequest, content: Any) -> JsonObject:
    match kind_of(request):
        case "form":
            return {"action": "accept", "content": content or {}}
        case "roots":
            return await roots_responder(content)(request) or {}
        case _ if isinstance(content, str):
            block = {"type": "text", "text": content}
            return {"role": "assistant", "content": block, "model": "rule", "stopReason": "endTurn"}
        case _:
            return {"role": "assistant", "model": "rule", "stopReason": "endTurn", **as_object(content)}


def _checked(request: InputRequest, result: JsonObject) -> JsonObject:
    """`result` again. Raises ValueError when an accepted form does not fit what was asked for."""
    if request.kind != "elicitation" or result.get("action") != "accept":
        return result
    from wireglass.schema_check import check

    found = check(request.params.get("requestedSchema", {}), result.get("content", {}))
    if found:
        raise ValueError(f"its answer does not fit this form: {found[0].message}")
    return result
