"""Questions to a client: which capability they need, and what of them a version knows."""

from copy import deepcopy
from typing import Any

import pytest

from wireglass.protocol.questions import declares, fit_answer, fit_question, required_capability, unbalanced_tools

ELICIT, SAMPLE = "elicitation/create", "sampling/createMessage"
FORM = {
    "mode": "form",
    "message": "m",
    "requestedSchema": {
        "type": "object",
        "required": ["name"],
        "properties": {
            "name": {"type": "string", "minLength": 1, "default": "Ada"},
            "flag": {"type": "boolean", "default": True},
            "size": {"type": "string", "oneOf": [{"const": "s", "title": "Small"}, {"const": "l", "title": "Large"}]},
            "plain": {"type": "string", "enum": ["a", "b"], "default": "a"},
            "tags": {"type": "array", "items": {"type": "string", "enum": ["x", "y"]}, "minItems": 1, "default": ["x"]},
            "titled": {"type": "array", "items": {"anyOf": [{"const": "k", "title": "K"}]}},
        },
    },
}


@pytest.mark.parametrize(
    ("method", "params", "needed"),
    [
        (ELICIT, {}, {"elicitation": {"form": {}}}),
        (ELICIT, {"mode": "form"}, {"elicitation": {"form": {}}}),
        (ELICIT, {"mode": "url"}, {"elicitation": {"url": {}}}),
        (SAMPLE, {}, {"sampling": {}}),
        (SAMPLE, {"tools": [{}]}, {"sampling": {"tools": {}}}),
        ("roots/list", {}, {"roots": {}}),
        ("ping", {}, {}),
    ],
)
def test_each_question_needs_a_capability(method: str, params: Any, needed: Any) -> None:
    assert required_capability(method, params) == needed
    assert declares(needed, method, params)
    assert not declares({}, method, params) or not needed


def test_an_empty_elicitation_capability_means_forms_only() -> None:
    """Elicitation, 2025-11-25: "an empty capabilities object is equivalent to declaring support for form mode only"."""
    assert declares({"elicitation": {}}, ELICIT, {})
    assert not declares({"elicitation": {}}, ELICIT, {"mode": "url"})
    assert not declares({"elicitation": {"url": {}}}, ELICIT, {})


def test_a_form_of_2025_06_18_has_what_that_version_knows() -> None:
    """Strings, numbers, booleans and enum with enumNames; defaults only for booleans; no modes, no lists."""
    before = deepcopy(FORM)
    fitted = fit_question(ELICIT, FORM, "2025-06-18")
    assert before == FORM, "the question is not changed under its author"
    assert fitted == {
        "message": "m",
        "requestedSchema": {
            "type": "object",
            "required": ["name"],
            "properties": {
                "name": {"type": "string", "minLength": 1},
                "flag": {"type": "boolean", "default": True},
                "size": {"type": "string", "enum": ["s", "l"], "enumNames": ["Small", "Large"]},
                "plain": {"type": "string", "enum": ["a", "b"]},
                "tags": {"type": "string", "enum": ["x", "y"]},
                "titled": {"type": "string", "enum": ["k"], "enumNames": ["K"]},
            },
        },
    }


def test_the_answer_to_an_older_form_is_what_was_asked_for() -> None:
    answer = {"action": "accept", "content": {"name": "x", "tags": "y", "titled": "k", "more": 1}}
    assert fit_answer(ELICIT, FORM, answer, "2025-06-18")["content"] == {
        "name": "x",
        "tags": ["y"],
        "titled": ["k"],
        "more": 1,
    }
    for declined in ({"action": "decline"}, {"action": "accept", "content": None}):
        assert fit_answer(ELICIT, FORM, declined, "2025-06-18") is declined
    assert fit_answer(ELICIT, FORM, answer, "2025-11-25") is answer


@pytest.mark.parametrize("method", [ELICIT, SAMPLE, "roots/list"])
def test_the_newest_handshake_version_gets_questions_as_they_are(method: str) -> None:
    params = {**FORM, "messages": [], "tools": [{}], "elicitationId": "e"}
    assert fit_question(method, params, "2025-11-25") is params


def test_the_stateless_era_has_no_elicitation_ids() -> None:
    assert fit_question(ELICIT, {"mode": "url", "elicitationId": "e"}, "2026-07-28") == {"mode": "url"}
    assert fit_question(ELICIT, FORM, "2026-07-28") is FORM


def test_sampling_before_2025_11_25_has_one_block_a_message_and_no_tools() -> None:
    text, audio = {"type": "text", "text": "a"}, {"type": "audio", "data": "AAAA", "mimeType": "audio/wav"}
    params = {
        "messages": [{"role": "user", "content": [text, audio]}, {"role": "assistant", "content": text}],
        "maxTokens": 5,
        "tools": [{"name": "t"}],
        "toolChoice": {"mode": "auto"},
    }
    assert fit_question(SAMPLE, params, "2025-06-18") == {
        "messages": [
            {"role": "user", "content": text},
            {"role": "user", "content": audio},
            {"role": "assistant", "content": text},
        ],
        "maxTokens": 5,
    }
    oldest = fit_question(SAMPLE, params, "2024-11-05")["messages"]
    assert oldest[1]["content"]["type"] == "text", "audio came with 2025-03-26"


def use(*ids: str) -> dict[str, Any]:
    return {"role": "assistant", "content": [{"type": "tool_use", "id": id, "name": "t", "input": {}} for id in ids]}


def results(*ids: str, more: Any = ()) -> dict[str, Any]:
    return {
        "role": "user",
        "content": [*({"type": "tool_result", "toolUseId": id, "content": []} for id in ids), *more],
    }


@pytest.mark.parametrize(
    ("messages", "good"),
    [
        ([], True),
        ("no list", True),
        ([{"role": "user", "content": {"type": "text", "text": "x"}}], True),
        ([use("a", "b"), results("b", "a")], True),
        ([use("a"), results("a"), use("b"), results("b")], True),
        ([use("a")], True),
        ([use("a", "b"), results("a")], False),
        ([use("a"), {"role": "user", "content": {"type": "text", "text": "x"}}], False),
        ([results("a")], False),
        ([use("a"), results("a", more=[{"type": "text", "text": "x"}])], False),
        ([use("a"), {"role": "user", "content": {"type": "tool_result", "toolUseId": "a", "content": []}}], True),
    ],
)
def test_tool_calls_and_results_belong_together(messages: Any, good: bool) -> None:
    """Sampling, 2025-11-25, "Tool use and result balance": else -32602."""
    assert (unbalanced_tools(messages) is None) == good
