"""Where a request's time goes (our own extension)."""

import asyncio

import pytest

from wireglass.protocol.messages import Span
from wireglass.tracing import Trace, active, current_trace, graft, note, span

pytestmark = pytest.mark.anyio


def names(trace: Trace) -> list[tuple[str, int | None]]:
    return [(one.name, one.parent) for one in trace.spans()]


async def test_nothing_is_measured_unless_asked() -> None:
    with span("handler", "handler"):
        assert not active()
        assert current_trace() is None
        note(cache="hit")


async def test_stretches_nest_where_they_run() -> None:
    with Trace() as trace:
        with span("outer", "middleware"):
            with span("inner", "handler"):
                note(cache="hit")
            with span("after"):
                pass
        assert active()
    assert names(trace) == [("outer", None), ("inner", 0), ("after", 0)]
    assert trace.spans()[1].facts == {"cache": "hit"}
    assert not active()


async def test_tasks_and_threads_carry_the_stretch_on() -> None:
    def in_a_thread() -> None:
        with span("thread"):
            pass

    async def in_a_task() -> None:
        with span("task"):
            pass

    with Trace() as trace, span("handler", "handler"):
        await asyncio.gather(in_a_task(), asyncio.to_thread(in_a_thread))
    assert sorted(names(trace)) == [("handler", None), ("task", 0), ("thread", 0)]


async def test_an_error_is_noted_and_passes() -> None:
    with Trace() as trace, pytest.raises(KeyError), span("handler", "handler"):
        raise KeyError("x")
    assert trace.spans()[0].facts == {"error": "KeyError"}


async def test_times_lie_inside_of_each_other() -> None:
    with Trace() as trace, span("outer"), span("inner"):
        pass
    outer, inner = trace.spans()
    assert outer.start_us <= inner.start_us
    assert inner.start_us + inner.duration_us <= outer.start_us + outer.duration_us


async def test_a_call_that_waited_goes_on_in_the_next_request() -> None:
    first, asked, answered = Trace(), asyncio.Event(), asyncio.Event()

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
    assert names(first) == [("handler", None), ("before", 0)]
    with Trace() as second, span("round 2", "server"):
        second.adopt(first)
        answered.set()
        await task
    assert names(second) == [("round 2", None), ("handler", 0), ("after", 1)]


async def test_another_servers_spans_hang_below_the_call_to_it() -> None:
    theirs = (Span("handler", "handler", 0, 10), Span("query", "user", 2, 5, 0))
    with Trace() as trace, span("proxy", "server"):
        graft(theirs)
    assert names(trace) == [("proxy", None), ("handler", 0), ("query", 1)]


async def test_a_question_that_leaves_with_the_answer_took_nobodys_time_yet() -> None:
    with Trace() as trace, span("handler", "handler"), span("elicitation", "human"):
        assert [one.duration_us for one in trace.spans()][1] == 0
