"""Rules: what they fit, how they are written down, and that no page is ever agreed to by one."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from wireglass.client.rules import Condition, Rule, first_fitting, rule_from


@dataclass
class Asked:
    """A question as rules see it."""

    kind: Any = "elicitation"
    params: dict[str, Any] = field(default_factory=dict)
    server: str = "Parcel Desk"
    tool: str = "create_label"
    arguments: dict[str, Any] = field(default_factory=dict)


COST: dict[str, Any] = {
    "message": "Confirm the label cost of 9.10 EUR?",
    "requestedSchema": {
        "type": "object",
        "properties": {"cost": {"type": "number", "default": 9.1}, "confirm": {"type": "boolean"}},
    },
}


@pytest.mark.parametrize(
    ("patterns", "fits"),
    [
        ({}, True),
        ({"server": "parcel desk"}, True),
        ({"server": "parcel*"}, True),
        ({"server": "parcel"}, False),
        ({"tool": "create_*", "kind": "form"}, True),
        ({"tool": "cancel_*"}, False),
        ({"kind": "sampling"}, False),
        ({"message": "LABEL COST"}, True),
        ({"message": "confirm*eur?"}, True),
        ({"message": "label*"}, False),
        ({"enabled": False}, False),
    ],
)
def test_a_rule_fits_when_all_that_it_names_does(patterns: dict[str, Any], fits: bool) -> None:
    rule = Rule("r", "accept", content={"confirm": True}, **patterns)
    assert rule.fits(Asked(params=COST)) is fits


@pytest.mark.parametrize(
    ("path", "test", "holds"),
    [
        ("cost", "< 10", True),
        ("cost", "<9.1", False),
        ("cost", "<= 9.1", True),
        ("cost", "= 9.10", True),
        ("cost", "!= 9.1", False),
        ("cost", "9*", True),
        ("cost", "*", True),
        ("confirm", "*", True),
        ("confirm", "= true", False),
        ("nothing", "*", False),
        ("arguments.parcel", "PD-*", True),
        ("arguments.parcel", "< 3", False),
        ("arguments.express", "true", True),
        ("params.mode", "form", True),
    ],
)
def test_values_of_the_form_of_the_call_and_of_the_request_can_be_asked_for(path: str, test: str, holds: bool) -> None:
    asked = Asked(params={**COST, "mode": "form"}, arguments={"parcel": "pd-1", "express": True})
    assert Rule("r", "decline", fields=(Condition(path, test),)).fits(asked) is holds


@pytest.mark.parametrize("answer", ["accept", "decline", "cancel", "recorded", "fuzz", "model"])
def test_no_rule_ever_answers_a_page_to_visit(answer: Any) -> None:
    """Specification, "Elicitation", URL mode: consent is the user's alone."""
    for mode in ("url", "URL", "something new", None):
        page = Asked(params={"mode": mode, "message": "Go", "url": "https://a.example/"})
        assert not Rule("r", answer).fits(page)


def test_an_answer_without_meaning_for_a_kind_does_not_fit_it() -> None:
    sampling = Asked("sampling", {"messages": [{"role": "user", "content": {"type": "text", "text": "hello"}}]})
    assert Rule("m", "model").fits(sampling)
    assert Rule("m", "model", message="HELL").fits(sampling)
    assert not Rule("m", "model").fits(Asked(params=COST))
    assert not Rule("f", "fuzz").fits(Asked("roots"))
    assert not Rule("c", "cancel").fits(sampling)
    assert Rule("text", "accept", content="Fine.").fits(sampling)
    assert not Rule("text", "accept", content="Fine.").fits(Asked(params=COST))
    assert Rule("folders", "accept", content=["/tmp"]).fits(Asked("roots"))
    assert not Rule("folders", "accept", content=["/tmp"]).fits(sampling)


def test_the_first_rule_that_fits_answers() -> None:
    rules = [Rule("other", "decline", tool="x"), Rule("one", "decline"), Rule("two", "accept")]
    assert first_fitting(rules, Asked(params=COST)) == rules[1]
    assert first_fitting(rules[:1], Asked(params=COST)) is None


def test_a_rule_is_read_as_it_was_written() -> None:
    rule = Rule(
        "label cost under 10",
        "accept",
        server="parcel-desk",
        tool="create_label",
        kind="form",
        message="label cost",
        fields=(Condition("cost", "< 10"),),
        content={"confirm": True},
        delay=0.5,
        until="disconnect",
        enabled=False,
    )
    assert rule_from(rule.to_json()) == rule
    assert Rule("no", "decline").to_json() == {"name": "no", "answer": "decline"}


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ([], "A rule is an object"),
        ({"answer": "decline"}, "needs a name"),
        ({"name": "r"}, "answer must be one of"),
        ({"name": "r", "answer": "open"}, "answer must be one of"),
        ({"name": "r", "answer": "accept", "kind": "url"}, "kind must be one of form, sampling, roots"),
        ({"name": "r", "answer": "model", "kind": "form"}, "'model' is none for form"),
        ({"name": "r", "answer": "accept", "kind": "sampling"}, "its content is none for sampling"),
        ({"name": "r", "answer": "accept", "content": 5}, "its content is no answer to anything"),
        ({"name": "r", "answer": "decline", "delay": -1}, "delay must be a number of seconds"),
        ({"name": "r", "answer": "decline", "delay": True}, "delay must be a number of seconds"),
        ({"name": "r", "answer": "decline", "wait": 1}, "unknown member 'wait'"),
        ({"name": "r", "answer": "decline", "fields": ["a"]}, "fields must be an object"),
        ({"name": "r", "answer": "decline", "fields": {"a": {}}}, "the test of 'a'"),
        ({"name": "r", "answer": "decline", "server": 3}, "server must be text"),
    ],
)
def test_what_is_no_rule_is_refused_in_words(written: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        rule_from(written)
