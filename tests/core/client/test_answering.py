"""Rules carried out: who answers first, what is never sent, and what is left to people."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest

from wireglass import Client, FastMCP, InputBroker, InputRequest
from wireglass.client.answering import RuleAnswers, answers_from
from wireglass.client.recorded import RecordedAnswers
from wireglass.client.rule_files import load_rules, recorded_answers, rules_from_yaml, rules_to_yaml
from wireglass.client.rules import Condition, Rule
from wireglass.errors import ConfigError, McpError, TransportError
from wireglass.server.context import Context

pytestmark = pytest.mark.anyio

SCHEMA = {"type": "object", "properties": {"sure": {"type": "boolean"}}, "required": ["sure"]}
FORM = {"message": "Sure?", "requestedSchema": SCHEMA}
SAMPLING = {"messages": [{"role": "user", "content": {"type": "text", "text": "hi"}}], "maxTokens": 5}


def question(broker: InputBroker, kind: Any = "elicitation", **params: Any) -> InputRequest:
    return InputRequest(broker.new_id(), kind, params or FORM, server="s", tool="t")


def broker_with(*rules: Any, on_request: Callable[[InputRequest], object] | None = None, **options: Any) -> InputBroker:
    broker = InputBroker(on_request)
    broker.rules = RuleAnswers(rules, **options)
    return broker


async def test_a_rule_answers_before_code_and_people() -> None:
    broker = broker_with({"name": "yes", "answer": "accept", "content": {"sure": True}}, on_request=pytest.fail)
    seen: list[str] = []
    broker.on_automatic(lambda request: seen.append(request.rule))
    request = question(broker)
    assert await broker.ask(request) == {"action": "accept", "content": {"sure": True}}
    assert request.by == "rule yes"
    assert seen == ["yes"]


async def test_a_rule_that_does_not_fit_the_form_sends_nothing_and_says_why() -> None:
    asked: list[InputRequest] = []

    def person(request: InputRequest) -> None:
        asked.append(request)
        request.refuse()

    broker = broker_with({"name": "old", "answer": "accept", "content": {"sure": "yes"}}, on_request=person)
    assert await broker.ask(question(broker)) == {"action": "decline"}
    assert asked[0].rule == ""
    assert "The rule “old” could not answer: its answer does not fit" in asked[0].rule_problem
    assert asked[0].by == "you"


@pytest.mark.parametrize(("answer", "action"), [("decline", "decline"), ("cancel", "cancel")])
async def test_a_rule_may_say_no(answer: str, action: str) -> None:
    broker = broker_with({"name": "no", "answer": answer})
    assert await broker.ask(question(broker)) == {"action": action}


async def test_a_declined_sampling_request_is_an_error() -> None:
    broker = broker_with({"name": "no", "answer": "decline"})
    with pytest.raises(McpError) as caught:
        await broker.ask(question(broker, "sampling", **SAMPLING))
    assert caught.value.code == -1


async def test_without_people_what_no_rule_fits_is_left_without_a_choice() -> None:
    broker = broker_with({"name": "other", "answer": "decline", "tool": "x"})
    assert await broker.ask(question(broker)) == {"action": "cancel"}
    with pytest.raises(McpError, match="No rule answers this"):
        await broker.ask(question(broker, "sampling", **SAMPLING))


async def test_a_page_is_never_answered_by_a_rule() -> None:
    broker = broker_with({"name": "all", "answer": "accept"})
    assert await broker.ask(question(broker, mode="url", message="Go", url="https://a.example")) == {"action": "cancel"}


async def test_a_delay_is_waited_for_and_a_person_may_be_faster() -> None:
    waiting = asyncio.Event()

    async def sleep(seconds: float) -> None:
        assert seconds == 30
        waiting.set()
        await asyncio.Event().wait()

    broker = broker_with({"name": "slow", "answer": "decline", "delay": 30}, sleep=sleep)
    request = question(broker)
    asking = asyncio.ensure_future(broker.ask(request))
    await waiting.wait()
    assert request.rule == "slow"
    assert request.answer({"action": "accept", "content": {"sure": True}})
    assert (await asking)["action"] == "accept"
    assert request.by == "you"


async def test_the_model_answers_only_sampling_and_its_failure_goes_to_people() -> None:
    reply = {"role": "assistant", "content": {"type": "text", "text": "hello"}, "model": "m"}

    async def model(params: Any) -> Any:
        if params["maxTokens"] == 6:
            raise TransportError("The model is gone.")
        return reply

    asked: list[InputRequest] = []

    def person(request: InputRequest) -> None:
        asked.append(request)
        request.refuse("no")

    broker = broker_with({"name": "m", "answer": "model"}, on_request=person, model=model)
    assert await broker.ask(question(broker, "sampling", **SAMPLING)) == reply
    with pytest.raises(McpError):
        await broker.ask(question(broker, "sampling", **{**SAMPLING, "maxTokens": 6}))
    assert "The model is gone." in asked[0].rule_problem


async def test_recorded_answers_are_given_to_the_same_words_first_then_to_the_same_form() -> None:
    book = RecordedAnswers()
    yes, no = ({"action": "accept", "content": {"sure": sure}} for sure in (True, False))
    book.note("elicitation", "t", FORM, yes)
    book.note("elicitation", "t", {**FORM, "message": "Really?"}, no)
    broker = broker_with({"name": "again", "answer": "recorded"}, recorded=book)
    assert await broker.ask(question(broker)) == yes
    assert await broker.ask(question(broker, **{**FORM, "message": "Well?"})) == no
    assert await broker.ask(question(broker, message="m", requestedSchema={"type": "object"})) == {"action": "cancel"}


async def test_fuzz_fits_the_schema() -> None:
    broker = broker_with({"name": "f", "answer": "fuzz"}, random=Random(1))
    for _ in range(20):
        answer = await broker.ask(question(broker))
        assert isinstance(answer["content"]["sure"], bool)


async def test_a_client_declares_what_its_rules_cover() -> None:
    broker = broker_with({"name": "f", "answer": "accept", "content": {"sure": True}, "kind": "form"})
    assert broker.handles("elicitation")
    assert not broker.handles("sampling")
    assert broker_with({"name": "n", "answer": "decline"}).handles("roots")


def test_the_argument_of_the_client_takes_several_forms(tmp_path: Path) -> None:
    rule = Rule("r", "decline")
    file = tmp_path / "rules.yaml"
    file.write_text("- name: r\n  answer: decline\n")
    for given in (rule, [rule], rule.to_json(), (rule.to_json(),), RuleAnswers([rule]), file, str(file)):
        assert answers_from(given).rules == (rule,)


def test_rules_are_yaml_and_back() -> None:
    rules = (
        Rule("ä: yes", "accept", kind="form", content={"sure": True}, fields=(Condition("cost", "< 10"),), delay=0.5),
        Rule("no", "decline", tool="x_*", enabled=False),
    )
    text = rules_to_yaml(rules)
    assert rules_from_yaml(text) == rules
    assert "ä: yes" in text
    assert "until" not in rules_to_yaml([Rule("s", "decline", until="disconnect")])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("rules: [", "line 1, column 9|line 2, column 1"),
        ("rules: 5", "no list of rules"),
        ("- name: r\n  answer: x", "'r': answer must be one of"),
        ("rules: []\nspeed: 3", "'speed' is not known"),
        ("- {name: m, answer: model}", "no model is described"),
        ("model: {url: 'http://h/v1', model: m, key: secret}\nrules: []", "env:NAME"),
        ("model: {url: 'http://h/v1', model: m, key: 'env:NOT_SET_ANYWHERE'}\nrules: []", "NOT_SET_ANYWHERE"),
        ("model: {url: 'ftp://h', model: m}\nrules: []", "starts with http"),
    ],
)
def test_a_file_that_cannot_be_read_names_the_place(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "rules.yaml"
    file.write_text(text)
    with pytest.raises(ConfigError, match=words) as caught:
        load_rules(file)
    assert str(file) in caught.value.message
    assert "secret" not in caught.value.message


@pytest.mark.parametrize("mode", ["handshake", "stateless"])
async def test_rules_answer_without_a_window_in_both_eras(mode: str) -> None:
    server = FastMCP("desk")

    @server.tool
    async def book(ctx: Context, seats: int) -> str:
        answer = await ctx.elicit("Book it?", response_type=bool)
        return f"{answer.action} {answer.data}"

    rules = [
        {
            "name": "few",
            "tool": "book",
            "fields": {"arguments.seats": "< 3"},
            "answer": "accept",
            "content": {"value": True},
        },
        {"name": "many", "server": "desk", "answer": "decline"},
    ]
    async with Client(server, answers=rules, mode=mode) as client:
        assert (await client.call_tool("book", {"seats": 2})).data == "accept True"
        assert (await client.call_tool("book", {"seats": 5})).data == "decline None"


@pytest.mark.parametrize("mode", ["handshake", "stateless"])
async def test_answers_are_taken_from_a_saved_session(tmp_path: Path, mode: str) -> None:
    from wireglass.recording.archive import save
    from wireglass.recording.ledger import Ledger
    from wireglass.recording.masking import Masker

    server = FastMCP("desk")

    @server.tool
    async def name(ctx: Context) -> str:
        answer = await ctx.elicit("Name?", response_type=str)
        return f"{answer.action} {getattr(answer, 'data', '')}"

    ledger = Ledger()
    person = InputBroker(lambda request: request.answer({"action": "accept", "content": {"value": "Ada"}}))
    async with Client(server, inputs=person, mode=mode, tap=lambda frame: ledger.append(frame, "c")) as client:
        await client.call_tool("name", {})
    file = tmp_path / "s.wglass"
    save(ledger, file, masker=Masker(), application="test")
    (tmp_path / "rules.yaml").write_text("recording: s.wglass\nrules:\n- {name: again, answer: recorded}\n")
    assert recorded_answers(file)._answers
    async with Client(server, answers=tmp_path / "rules.yaml", mode=mode) as client:
        assert (await client.call_tool("name", {})).data == "accept Ada"


VERSIONS = ("2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25", "2026-07-28")


@pytest.mark.parametrize("version", VERSIONS)
async def test_our_own_servers_are_answered_in_every_version(version: str) -> None:
    server = FastMCP("ours")

    @server.tool
    async def name(ctx: Context) -> str:
        return str((await ctx.elicit("Name?", response_type=str)).data)

    @server.tool
    async def say(ctx: Context) -> str:
        return (await ctx.sample("Say hi", max_tokens=5)).text or ""

    rules = [
        {"name": "form", "kind": "form", "answer": "accept", "content": {"value": "Ada"}},
        {"name": "reply", "kind": "sampling", "answer": "accept", "content": "hi"},
    ]
    async with Client(server, answers=rules, mode=version) as client:
        assert client.facts.version == version
        assert (await client.call_tool("say", {})).text == "hi"
        if version >= "2025-06-18":  # the first version with elicitation
            assert (await client.call_tool("name", {})).text == "Ada"
