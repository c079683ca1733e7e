"""Rules as YAML, for runs without a window: `Client(..., answers="rules.yaml")` and `wireglass call --answers`.

    model:                       # only for rules that answer "model"
      api: openai                # or anthropic
      url: http://127.0.0.1:8080/v1
      model: small-8b
      key: env:MODEL_KEY         # the name of a variable, never the key itself
    recording: session.wglass    # only for rules that answer "recorded"
    seed: 7                      # makes "fuzz" repeatable
    rules:
      - name: label cost under 10
        server: parcel-desk
        tool: create_label
        kind: form               # form, sampling, roots; never a page to visit
        message: label cost
        fields: {cost: "< 10"}
        answer: accept           # accept, decline, cancel, recorded, model, fuzz
        content: {confirm: true}
        delay: 0.5

A file may also be just the list of rules.
"""

import os
from collections.abc import Iterable
from io import StringIO
from pathlib import Path
from random import Random
from typing import Any

from wireglass.client.answering import RuleAnswers
from wireglass.client.inputs import KINDS
from wireglass.client.recorded import RecordedAnswers
from wireglass.client.responders import ModelEndpoint, drafting
from wireglass.client.rules import Rule, rule_from
from wireglass.errors import ConfigError
from wireglass.protocol.messages import JsonObject, as_object, is_object

__all__ = ["load_rules", "recorded_answers", "rules_from_yaml", "rules_to_yaml"]

_MEMBERS = ("model", "recording", "rules", "seed")
_ENV = "env:"


def load_rules(path: str | os.PathLike[str]) -> RuleAnswers:
    """Reads a file of rules. Raises ConfigError that names the file, and the line or the rule."""
    file = Path(path)
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file} cannot be read: {error}.", next_step="Check the path.") from error
    whole = _parse(text, str(file))
    try:
        return _answers(whole, file.parent)
    except ValueError as error:
        raise ConfigError(f"{file}: {error}", next_step="Correct the rule, then try again.") from error


def rules_from_yaml(text: str) -> tuple[Rule, ...]:
    """The rules in a text, without model and recording. Raises ConfigError."""
    whole = _parse(text, "The text")
    try:
        return tuple(map(rule_from, _listed(whole)))
    except ValueError as error:
        raise ConfigError(str(error), next_step="Correct the rule, then try again.") from error


def rules_to_yaml(rules: Iterable[Rule]) -> str:
    """Rules as a YAML text that `load_rules` reads; a scope "disconnect" has no meaning there and is left out."""
    from ruamel.yaml import YAML

    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = False
    yaml.allow_unicode = True
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]  # ruamel declares it as None
    written = [{key: value for key, value in rule.to_json().items() if key != "until"} for rule in rules]
    out = StringIO()
    yaml.dump({"rules": written}, out)
    return out.getvalue()


def recorded_answers(path: Path) -> RecordedAnswers:
    """The answers in a saved session, of both eras. Raises ArchiveError when it cannot be read."""
    from wireglass.recording.saved import open_session

    book = RecordedAnswers()
    asked: dict[tuple[str, Any], tuple[str, JsonObject]] = {}
    calls: dict[tuple[str, Any], JsonObject] = {}
    with open_session(path) as session:
        while session.read_more():
            pass
        for entry in session.ledger.entries:
            message = as_object(entry.message)
            _note(book, entry.connection, message, asked, calls)
    return book


def _note(
    book: RecordedAnswers,
    connection: str,
    message: JsonObject,
    asked: dict[tuple[str, Any], tuple[str, JsonObject]],
    calls: dict[tuple[str, Any], JsonObject],
) -> None:
    """Takes one frame: a question is kept until its answer comes, whichever way it came."""
    params, result, id = as_object(message.get("params")), as_object(message.get("result")), message.get("id")
    method = message.get("method")
    if method in KINDS and id is not None:
        asked[connection, id] = (str(method), params)
    elif method is not None and id is not None:
        calls[connection, id] = params
        tool = str(params.get("name", params.get("uri", "")))
        for key, answer in as_object(params.get("inputResponses")).items():
            question = asked.pop((connection, f"round {tool} {key}"), None)
            if question is not None and is_object(answer):
                _keep(book, question, tool, answer)
    elif result.get("resultType") == "input_required":
        tool = str(calls.get((connection, id), {}).get("name", ""))
        for key, value in as_object(result.get("inputRequests")).items():
            asked[connection, f"round {tool} {key}"] = (
                str(as_object(value).get("method")),
                as_object(as_object(value).get("params")),
            )
    elif result and (connection, id) in asked:
        _keep(book, asked.pop((connection, id)), "", result)


def _keep(book: RecordedAnswers, question: tuple[str, JsonObject], tool: str, answer: JsonObject) -> None:
    method, params = question
    if method in KINDS and params.get("mode") != "url":
        book.note(KINDS[method], tool, params, answer)


def _parse(text: str, what: str) -> Any:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    try:
        return YAML(typ="safe", pure=True).load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark
        where = f", line {mark.line + 1}, column {mark.column + 1}" if mark is not None else ""
        reason = error.problem or "this is not YAML"
        raise ConfigError(f"{what}{where}: {reason}.", next_step="Correct the line, then try again.") from error
    except (YAMLError, ValueError) as error:
        raise ConfigError(f"{what} is not YAML: {error}.", next_step="Correct it, then try again.") from error


def _listed(whole: Any) -> list[Any]:
    listed = whole.get("rules") if is_object(whole) else whole
    if not isinstance(listed, list):
        raise ValueError("There is no list of rules in it.")
    return listed  # pyright: ignore[reportUnknownVariableType]  # each item is checked by `rule_from`


def _answers(whole: Any, folder: Path) -> RuleAnswers:
    rules = tuple(map(rule_from, _listed(whole)))
    more = as_object(whole)
    unknown = sorted(set(more) - set(_MEMBERS))
    if unknown:
        raise ValueError(f"{unknown[0]!r} is not known; known are {', '.join(_MEMBERS)}.")
    recording, seed = more.get("recording"), more.get("seed")
    book = recorded_answers(folder / str(recording)) if recording else None
    endpoint = _endpoint(as_object(more["model"])) if "model" in more else None
    if endpoint is None and any(rule.answer == "model" for rule in rules):
        raise ValueError("A rule answers from a model, and no model is described.")
    return RuleAnswers(
        rules,
        recorded=book,
        model=drafting(endpoint) if endpoint is not None else None,
        random=Random(seed) if isinstance(seed, int) else None,
    )


def _endpoint(written: JsonObject) -> ModelEndpoint:
    key = written.get("key", "")
    if not isinstance(key, str) or (key and not key.startswith(_ENV)):
        raise ValueError("The model's key is written as env:NAME, the name of a variable; no key belongs in a file.")
    if key and key[len(_ENV) :] not in os.environ:
        raise ValueError(f"The variable {key[len(_ENV) :]} of the model's key is not set.")
    return ModelEndpoint.from_json(written, key=os.environ.get(key[len(_ENV) :], "") if key else "")
