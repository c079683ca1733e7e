"""Where a request's time goes (our own extension)."""

import asyncio

import pytest

from wireglass.protocol.messages import Span
from wireglass.protocol.spans import MOST_SPANS
from wireglass.tracing import Trace, active, current_trace, graft, in_steps, note, span, within

pytestmark = pytest.mark.anyio


def names(trace: Trace) -> list[tuple[str, int | None]]:
    return [(one.name, one.parent) for one in trace.spans()]


async def test_nothing_is_measured_unless_asked() -> None:
    with span("handler", "handler"):
        assert not active()
        assert current_trace() is None
        note(cache="hit")


async def test_stretches_nest_where_they_run() -> None:
    with Trace("call") as trace:
        with span("outer", "middleware"):
            with span("inner", "handler"):
                note(cache="hit")
            with span("after"):
                pass
        assert active()
    assert names(trace) == [("call", None), ("outer", 0), ("inner", 1), ("after", 1)]
    assert trace.spans()[2].facts == {"cache": "hit"}
    assert not active()


async def test_tasks_and_threads_carry_the_stretch_on() -> None:
    def in_a_thread() -> None:
        with span("thread"):
            pass

    async def in_a_task() -> None:
        with span("task"):
            pass

    with Trace("call") as trace, span("handler", "handler"):
        await asyncio.gather(in_a_task(), asyncio.to_thread(in_a_thread))
    assert sorted(names(trace)) == [("call", None), ("handler", 0), ("task", 1), ("thread", 1)]


async def test_an_error_is_noted_and_passes() -> None:
    with Trace("call") as trace, pytest.raises(KeyError), span("handler", "handler"):
        raise KeyError("x")
    assert trace.spans()[1].facts == {"error": "KeyError"}


async def test_times_lie_inside_of_each_other() -> None:
    with Trace("call") as trace, span("outer"), span("inner"):
        pass
    _, outer, inner = trace.spans()
    assert outer.start_us <= inner.start_us
    assert inner.start_us + inner.duration_us <= outer.start_us + outer.duration_us


async def test_a_call_that_waited_goes_on_in_the_next_request() -> None:
    first, asked, answered = Trace("call"), asyncio.Event(), asyncio.Event()

    async def work() -> None:
        with span("handler", "handler"):
            with span("before"):
                pass
            asked.set()
            await answered.wait()
            with span("after"):
                pass

    with first:
        task = asyncio.create_task(work())
    await asked.wait()
    assert names(first) == [("call", None), ("handler", 0), ("before", 1)]
    with Trace("round 2") as second:
        second.adopt(first)
        answered.set()
        await task
    assert names(second) == [("round 2", None), ("handler", 0), ("after", 1)]


async def test_another_servers_spans_hang_below_the_call_to_it() -> None:
    theirs = (Span("handler", "handler", 0, 10), Span("query", "user", 2, 5, 0))
    with Trace("call") as trace, span("proxy", "server"):
        graft(theirs)
    assert names(trace) == [("call", None), ("proxy", 0), ("handler", 1), ("query", 2)]


async def test_a_question_that_leaves_with_the_answer_took_nobodys_time_yet() -> None:
    with Trace("call") as trace, span("handler", "handler"), span("elicitation", "human"):
        assert [one.duration_us for one in trace.spans()][2] == 0


async def test_a_third_round_goes_on_with_what_the_first_began() -> None:
    first, rounds = Trace("round 1"), [asyncio.Event(), asyncio.Event()]

    async def work() -> None:
        with span("handler", "handler", tool="label"):
            for at, answered in enumerate(rounds, 1):
                await answered.wait()
                with span(f"after {at}"):
                    pass

    with first:
        task = asyncio.create_task(work())
    await asyncio.sleep(0)
    with Trace("round 2") as second:
        second.adopt(first)
        rounds[0].set()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    assert names(second) == [("round 2", None), ("handler", 0), ("after 1", 1)]
    with Trace("round 3") as third:
        third.adopt(first)
        rounds[1].set()
        await task
    assert names(third) == [("round 3", None), ("handler", 0), ("after 2", 1)]
    assert third.spans()[1].facts == {"tool": "label"}


async def test_a_link_is_measured_only_when_asked_and_tells_its_error() -> None:
    async def fail(word: str) -> str:
        if word == "bad":
            raise KeyError(word)
        return word

    assert await within("middleware Outer", None, fail, "good") == "good"
    with Trace("call") as trace:
        assert await within("middleware Outer", {"hooks": ["on_message"]}, fail, "good") == "good"
        with pytest.raises(KeyError):
            await within("middleware Outer", None, fail, "bad")
    assert names(trace) == [("call", None), ("Outer", 0), ("Outer", 0)]
    assert [one.facts for one in trace.spans()] == [{}, {"hooks": ["on_message"]}, {"error": "KeyError"}]


def look_up(word: str, about: str) -> str:
    with span("look up"), span("deeper"):
        return word + about


async def work_on(word: str, about: str) -> str:
    with span("work"):
        await asyncio.sleep(0)
    return word


@pytest.mark.parametrize("own_task", [True, False])
async def test_what_the_steps_of_a_tool_measure_hangs_below_them(own_task: bool) -> None:
    async def whole() -> int:
        return await in_steps("handler quote", look_up, work_on, len, "a", "b")

    with Trace("call") as trace:
        assert await (whole() if own_task else asyncio.create_task(whole())) == 2
        with span("after"):
            pass
    assert names(trace) == [
        ("call", None),
        ("quote", 0),
        ("validate arguments", 1),
        ("look up", 2),
        ("deeper", 3),
        ("work", 1),
        ("serialise result", 1),
        ("after", 0),
    ]
    assert all(one.facts == {} for one in trace.spans())


@pytest.mark.parametrize(
    ("at", "failed"), [(0, ["quote", "validate arguments"]), (1, ["quote"]), (2, ["quote", "serialise result"])]
)
async def test_the_step_that_fails_says_so_and_ends_with_the_tool(at: int, failed: list[str]) -> None:
    def step(number: int) -> None:
        if number == at:
            raise KeyError(number)

    async def work(_: None, about: str) -> None:
        step(1)

    with Trace("call") as trace:
        with pytest.raises(KeyError):
            await in_steps("handler quote", lambda given, about: step(0), work, lambda raw: step(2), "a", "b")
        with span("after"):
            pass
    spans = trace.spans()
    assert [one.name for one in spans if one.facts == {"error": "KeyError"}] == failed
    assert (spans[-1].name, spans[-1].parent) == ("after", 0)
    whole = spans[1]
    assert all(one.start_us + one.duration_us <= whole.start_us + whole.duration_us for one in spans[2:-1])


async def test_links_that_run_side_by_side_hang_below_what_started_them() -> None:
    """A middleware that sends one call to two workers, or a tool that makes several calls at once."""
    both = asyncio.Barrier(2)

    async def inner(word: str) -> str:
        await both.wait()
        with span(f"look up {word}"):
            return await within(f"middleware Inner{word}", None, outermost, word)

    async def outermost(word: str) -> str:
        await both.wait()
        return word

    async def hedge(word: str) -> list[str]:
        return await asyncio.gather(*(within(f"middleware Outer{at}", None, inner, at) for at in "ab"))

    with Trace("call") as trace:
        assert await within("middleware Hedge", None, hedge, "x") == ["a", "b"]
        assert await within("middleware After", None, asyncio.sleep, 0) is None
    spans = trace.spans()
    above = {one.name: None if one.parent is None else spans[one.parent].name for one in spans}
    assert above == {
        "call": None,
        "Hedge": "call",
        "Outera": "Hedge",
        "Outerb": "Hedge",
        "look up a": "Outera",
        "look up b": "Outerb",
        "Innera": "look up a",
        "Innerb": "look up b",
        "After": "call",
    }


async def test_a_call_in_links_goes_on_in_the_next_request() -> None:
    """What is open in the log of its own task begins anew, what had ended is left out."""
    first, asked, answered = Trace("call"), asyncio.Event(), asyncio.Event()

    async def handler(word: str) -> str:
        note(tool=word)
        with span("elicitation", "human"):
            asked.set()
            await answered.wait()
        return word

    async def link(word: str) -> str:
        await within("middleware Before", None, asyncio.sleep, 0)
        return await within("handler quote", None, handler, word)

    async def work() -> None:
        first.follow()
        await within("middleware Outer", None, link, "x")
        await within("middleware Late", None, asyncio.sleep, 0)

    with first:
        task = asyncio.create_task(work())
        await asked.wait()
    open_now = [("call", None), ("Outer", 0), ("Before", 1), ("quote", 1), ("elicitation", 3)]
    assert names(first) == open_now
    assert first.spans()[4].duration_us == 0
    with Trace("round 2") as second:
        second.adopt(first)
        answered.set()
        await task
    assert names(second) == [("round 2", None), ("Outer", 0), ("quote", 1), ("elicitation", 2), ("Late", 0)]
    assert second.spans()[2].facts == {"tool": "x"}


async def test_threads_that_begin_spans_at_the_same_time_keep_theirs_apart() -> None:
    """Each stretch is found again by its row, which another thread may have taken meanwhile."""

    def measure(who: int) -> None:
        for at in range(200):
            with span(f"outer {who} {at}"), span(f"inner {who} {at}"):
                pass

    with Trace("call") as trace:
        await asyncio.gather(*(asyncio.to_thread(measure, who) for who in range(4)))
    found = trace.spans()
    assert len(found) == 1 + 4 * 200 * 2
    for one in found[1:]:
        place = one.name.partition(" ")
        above = found[one.parent or 0].name
        assert above == ("call" if place[0] == "outer" else f"outer {place[2]}")


async def test_more_spans_than_fit_are_left_out() -> None:
    with Trace("call") as trace:
        for _ in range(MOST_SPANS + 5):
            with span("loop"):
                pass
        assert await within("middleware Late", None, asyncio.sleep, 0) is None
    assert len(trace.spans()) == MOST_SPANS


async def test_more_links_than_fit_are_left_out() -> None:
    async def one(word: str) -> int:
        return await in_steps("handler late", lambda given, about: given, work_on, len, word, word)

    with Trace("call") as trace:
        for _ in range(MOST_SPANS + 5):
            await within("middleware Often", None, asyncio.sleep, 0)
        assert await one("abc") == 3
    assert len(trace.spans()) == MOST_SPANS


async def test_a_name_with_line_ends_stays_one_label() -> None:
    with Trace("read a\nb"), span("x\ny") as _:
        trace = current_trace()
    assert trace is not None
    assert names(trace) == [("read a b", None), ("x y", 0)]
