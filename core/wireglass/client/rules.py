"""Rules that answer a server's questions without a human. Pure: what a rule matches, and how it is written down.

A rule looks at the server, the tool, the kind, the message and values; all that it names must fit. The first rule that
fits answers. No rule ever fits a URL elicitation: agreeing to visit a page is for people only (specification,
"Elicitation", URL mode). `answering.py` carries rules out, `rule_files.py` reads them from YAML.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from glob import escape
from typing import Any, Final, Literal, Protocol, cast, get_args

from wireglass.protocol.messages import JsonObject, as_object, is_object

__all__ = [
    "Asked",
    "Condition",
    "Rule",
    "RuleAnswer",
    "RuleKind",
    "Scope",
    "exactly",
    "first_fitting",
    "kind_of",
    "rule_from",
]

RuleKind = Literal["form", "sampling", "roots"]
RuleAnswer = Literal["accept", "decline", "cancel", "recorded", "model", "fuzz"]
"""`accept`: the fixed `content`. `recorded`: what was answered to the same question before. `model`: a reply of the
configured model, sampling only. `fuzz`: a random value that fits the schema. `cancel`: forms only."""
Scope = Literal["disconnect", "always"]

_KEYS: Final = ("name", "server", "tool", "kind", "message", "fields", "answer", "content", "delay", "until", "enabled")
_MESSAGE_LENGTH: Final = 20_000
"""Characters of a server's message that a pattern looks at."""
_LONGEST_DELAY: Final = 24 * 3600.0
_OPERATORS: Final = ("<=", ">=", "!=", "<", ">", "=")


class Asked(Protocol):
    """What a rule looks at; an `InputRequest` has it all."""

    kind: Literal["elicitation", "sampling", "roots"]
    params: JsonObject
    server: str
    tool: str
    arguments: JsonObject


@dataclass(frozen=True, slots=True)
class Condition:
    """One value that must be as said: `path` is the name of a form's field (its prefilled value counts),
    `arguments.NAME` of the call, or `params.NAME` of the request. `test` is `< 10`, `>= 2`, `!= x`, `= x`, or a
    pattern with `*`; `*` alone asks only that the value is there."""

    path: str
    test: str


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. Patterns compare without regard to case and may use `*` and `?`; an empty one fits anything."""

    name: str
    answer: RuleAnswer
    server: str = ""
    tool: str = ""
    kind: RuleKind | Literal[""] = ""
    message: str = ""
    """Fits when it occurs anywhere in the message; with `*` it must fit the whole."""
    fields: tuple[Condition, ...] = ()
    content: Any = None
    """With `accept`: the form's values, the reply of sampling (text or a whole result), or a list of folders."""
    delay: float = 0.0
    """Seconds to wait before answering, as a human would."""
    until: Scope = "always"
    enabled: bool = True

    def fits(self, asked: Asked) -> bool:
        """Whether this rule may answer. Never for a URL elicitation, nor when it is switched off."""
        kind = kind_of(asked)
        if not self.enabled or kind is None or self.kind not in ("", kind) or not self.can_answer(kind):
            return False
        if not _like(self.server, asked.server) or not _like(self.tool, asked.tool):
            return False
        if not _in_message(self.message, _message(asked)):
            return False
        return all(_holds(condition, asked) for condition in self.fields)

    def can_answer(self, kind: RuleKind) -> bool:
        """Whether its answer has a meaning for this kind of question."""
        match self.answer:
            case "model":
                return kind == "sampling"
            case "cancel":
                return kind == "form"
            case "fuzz":
                return kind != "roots"
            case "accept":
                return _suits(kind, self.content)
            case _:
                return True

    def to_json(self) -> JsonObject:
        """The rule as it is written down; members at their default are left out."""
        written: JsonObject = {"name": self.name}
        for key in ("server", "tool", "kind", "message"):
            if getattr(self, key):
                written[key] = getattr(self, key)
        if self.fields:
            written["fields"] = {condition.path: condition.test for condition in self.fields}
        written["answer"] = self.answer
        if self.content is not None:
            written["content"] = self.content
        if self.delay:
            written["delay"] = self.delay
        if self.until != "always":
            written["until"] = self.until
        if not self.enabled:
            written["enabled"] = False
        return written


def rule_from(written: Any) -> Rule:
    """Reads a rule as `Rule.to_json` writes it. Raises ValueError with a sentence that names the member."""
    if not is_object(written):
        raise ValueError("A rule is an object with a name and an answer.")
    unknown = sorted(set(written) - set(_KEYS))
    name = written.get("name")
    if not isinstance(name, str) or not name.strip():
        raise ValueError("Each rule needs a name.")
    if unknown:
        raise ValueError(f"Rule {name!r} has the unknown member {unknown[0]!r}; known are {', '.join(_KEYS)}.")
    rule = Rule(
        name=name.strip(),
        answer=_one_of(written, "answer", get_args(RuleAnswer), name),
        server=_text(written, "server", name),
        tool=_text(written, "tool", name),
        kind=_one_of(written, "kind", ("", *get_args(RuleKind)), name, ""),
        message=_text(written, "message", name),
        fields=_conditions(written.get("fields"), name),
        content=written.get("content"),
        delay=_delay(written.get("delay", 0), name),
        until=_one_of(written, "until", get_args(Scope), name, "always"),
        enabled=written.get("enabled", True) is not False,
    )
    if rule.kind and not rule.can_answer(rule.kind):
        what = "its content" if rule.answer == "accept" else f"the answer {rule.answer!r}"
        raise ValueError(f"Rule {name!r}: {what} is none for {rule.kind}.")
    if not any(rule.can_answer(kind) for kind in get_args(RuleKind)):
        raise ValueError(f"Rule {name!r}: its content is no answer to anything.")
    return rule


def first_fitting(rules: Iterable[Rule], asked: Asked) -> Rule | None:
    """The rule that answers, or None: then it is for a human."""
    return next((rule for rule in rules if rule.fits(asked)), None)


def kind_of(asked: Asked) -> RuleKind | None:
    """The kind in the words of rules; None for a page to visit, which no rule answers."""
    if asked.kind != "elicitation":
        return asked.kind
    mode = asked.params.get("mode", "form")
    return "form" if mode == "form" else None


def exactly(text: str) -> str:
    """The pattern that fits `text` and nothing else."""
    return escape(text)


# --- matching ---


def _like(pattern: str, text: str) -> bool:
    return not pattern or fnmatchcase(text.casefold(), pattern.casefold())


def _in_message(pattern: str, message: str) -> bool:
    if "*" in pattern:
        return fnmatchcase(message.casefold(), pattern.casefold())
    return pattern.casefold() in message.casefold()


def _message(asked: Asked) -> str:
    """What the server says: the form's message, or the last text of the conversation."""
    if asked.kind == "elicitation":
        return str(asked.params.get("message", ""))[:_MESSAGE_LENGTH]
    messages = asked.params.get("messages")
    for message in reversed(cast("list[Any]", messages) if isinstance(messages, list) else []):
        content = as_object(message).get("content")
        for block in reversed(cast("list[Any]", content) if isinstance(content, list) else [content]):
            text = as_object(block).get("text")
            if isinstance(text, str):
                return text[:_MESSAGE_LENGTH]
    return ""


def _holds(condition: Condition, asked: Asked) -> bool:
    found, value = _value_at(condition.path, asked)
    if condition.test.strip() == "*":
        return found or _has_field(condition.path, asked)
    return found and _compare(condition.test.strip(), value)


def _value_at(path: str, asked: Asked) -> tuple[bool, Any]:
    head, dot, rest = path.partition(".")
    if dot and head in ("arguments", "params"):
        holder = asked.arguments if head == "arguments" else asked.params
        return rest in holder, holder.get(rest)
    field_schema = as_object(_form_fields(asked).get(path))
    for key in ("const", "default"):
        if key in field_schema:
            return True, field_schema[key]
    return False, None


def _has_field(path: str, asked: Asked) -> bool:
    return path in _form_fields(asked)


def _form_fields(asked: Asked) -> JsonObject:
    return as_object(as_object(asked.params.get("requestedSchema")).get("properties"))


def _compare(test: str, value: Any) -> bool:
    operator = next((sign for sign in _OPERATORS if test.startswith(sign)), "")
    wanted = test[len(operator) :].strip()
    if operator in ("<", "<=", ">", ">="):
        one, other = _number(value), _number(wanted)
        return one is not None and other is not None and _ordered(operator, one, other)
    same = _same(value, wanted) if operator else fnmatchcase(_as_text(value).casefold(), wanted.casefold())
    return not same if operator == "!=" else same


def _ordered(operator: str, one: float, other: float) -> bool:
    return {"<": one < other, "<=": one <= other, ">": one > other, ">=": one >= other}[operator]


def _same(value: Any, wanted: str) -> bool:
    one, other = _number(value), _number(wanted)
    if one is not None and other is not None:
        return one == other
    return _as_text(value).casefold() == wanted.casefold()


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        return float(value)
    except (ValueError, OverflowError):
        return None


def _as_text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "null" if value is None else str(value)


# --- reading ---


def _suits(kind: RuleKind, content: Any) -> bool:
    """Whether `content` is shaped like an answer to this kind. A form without fields needs none."""
    match kind:
        case "form":
            return content is None or (is_object(content) and "role" not in content)
        case "sampling":
            return isinstance(content, str) or (is_object(content) and "content" in content)
        case _:
            return isinstance(content, list) and all(isinstance(item, str) for item in cast("list[Any]", content))


def _text(written: Mapping[str, Any], key: str, name: str) -> str:
    value = written.get(key, "")
    if not isinstance(value, str):
        raise ValueError(f"Rule {name!r}: {key} must be text.")
    return value


def _one_of(written: Mapping[str, Any], key: str, known: Sequence[str], name: str, default: str | None = None) -> Any:
    value = written.get(key, default)
    if not isinstance(value, str) or value not in known:
        raise ValueError(f"Rule {name!r}: {key} must be one of {', '.join(one for one in known if one)}.")
    return value


def _conditions(written: Any, name: str) -> tuple[Condition, ...]:
    if written is None:
        return ()
    if not is_object(written):
        raise ValueError(f"Rule {name!r}: fields must be an object of names and tests.")
    made: list[Condition] = []
    for path, test in written.items():
        if isinstance(test, list | dict):
            raise ValueError(f"Rule {name!r}: the test of {path!r} must be one text or number.")
        made.append(Condition(path, test if isinstance(test, str) else _as_text(test)))
    return tuple(made)


def _delay(written: Any, name: str) -> float:
    if isinstance(written, bool) or not isinstance(written, int | float) or not 0 <= written <= _LONGEST_DELAY:
        raise ValueError(f"Rule {name!r}: delay must be a number of seconds from 0 to {_LONGEST_DELAY:.0f}.")
    return float(written)
