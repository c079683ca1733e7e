"""Findings say in words what the bars mean (design, section 5, Timeline)."""

from wireglass.protocol.messages import Span
from wireglass.recording.insights import CallTime, Link, cache_hits, chains_of, findings, order_warnings, statistics

MS = 1_000_000


def call(key: int, begin_ms: int, length_ms: int, *spans: Span, name: str = "quote", human_ms: int = 0) -> CallTime:
    begin = begin_ms * MS
    return CallTime(key, "desk", "tools/call", name, begin, begin + length_ms * MS, False, human_ms * MS, spans)


def test_statistics_rank_layers_by_the_time_they_took_themselves() -> None:
    spans = (Span("Timing", "middleware", 0, 10_000), Span("handler", "handler", 1_000, 8_000, 0))
    rows = statistics([call(n, n * 100, 10, *spans) for n in range(4)], "layer")
    assert [(row.label, row.times.p50, row.times.count) for row in rows] == [("handler", 8.0, 4), ("Timing", 2.0, 4)]


def test_time_of_a_human_is_no_latency() -> None:
    (row,) = statistics([call(1, 0, 9_000, human_ms=8_600)], "name")
    assert row.times.p50 == 400


def test_a_middleware_that_holds_a_call_is_named_with_its_reason() -> None:
    held = Span("RateLimiting", "middleware", 0, 311_000, None, {"reason": "The bucket was empty."})
    calls = [call(1, 0, 400, held), call(2, 500, 10)]
    (finding,) = findings(calls[0], calls)
    assert finding.title == "RateLimiting held this call for 311 ms"
    assert finding.text == "The bucket was empty. 1 of 2 calls in range waited there for more than 50 ms."
    assert finding.calls == (1,)


def test_a_cache_that_never_hits_is_reported_only_when_it_was_asked_often() -> None:
    miss = Span("ResponseCaching", "middleware", 0, 10, None, {"cache": "miss"})
    calls = [call(n, n * 100, 1, miss) for n in range(10)]
    assert [finding.rule for finding in findings(None, calls)] == ["cache"]
    assert findings(None, calls[:9]) == []
    hit = Span("ResponseCaching", "middleware", 0, 10, None, {"cache": "hit"})
    assert cache_hits([*calls, call(11, 5000, 1, hit)]) == (1, 11)


def test_calls_one_right_after_the_other_could_overlap() -> None:
    calls = [call(n, n * 101, 100) for n in range(4)]
    (finding,) = findings(None, calls)
    assert finding.calls == (0, 1, 2, 3)
    assert findings(None, [call(n, n * 200, 100) for n in range(4)]) == []


def test_a_call_slower_than_usual_is_told() -> None:
    calls = [*(call(n, n * 1000, 20) for n in range(9)), call(9, 9000, 100)]
    (finding,) = findings(calls[-1], calls)
    assert finding.title == "quote took 5.0 times as long as usual"


def test_known_wrong_orders_are_warned_about() -> None:
    assert order_warnings(["ErrorHandlingMiddleware", "LoggingMiddleware", "ResponseCachingMiddleware"]) == []
    warnings = order_warnings(["ResponseCachingMiddleware", "LoggingMiddleware", "ErrorHandlingMiddleware"])
    assert [warning.title for warning in warnings] == [
        "ErrorHandling runs inside ResponseCaching",
        "Logging runs inside ResponseCaching",
    ]


def test_a_handler_that_is_the_slow_part_is_named() -> None:
    slow = (
        Span("tools/call quote", "server", 0, 400_000),
        Span("RateLimiting", "middleware", 0, 400_000, 0),
        Span("quote", "handler", 10_000, 380_000, 1),
        Span("carrier API", "user", 20_000, 90_000, 2),
    )
    selected = call(1, 0, 400, *slow)
    (finding,) = findings(selected, [selected])
    assert finding.title == "The handler quote is the slow part"
    assert finding.text.startswith("It worked by itself for 290 of 400 ms.")


def test_waits_of_a_handler_that_could_overlap_are_told() -> None:
    handler = Span("quote", "handler", 0, 240_000)
    waits = [Span(f"fetch {n}", "user", n * 80_000, 79_000, 0) for n in range(3)]
    selected = call(1, 0, 250, handler, *waits)
    (finding,) = findings(selected, [selected])
    assert finding.title == "quote waits 3 times in a row"
    assert "took 237 ms" in finding.text
    beside = [Span(f"fetch {n}", "user", 0, 79_000, 0) for n in range(3)]
    assert findings(call(1, 0, 90, Span("quote", "handler", 0, 85_000), *beside), []) == []


def test_a_refusal_says_its_reason_and_how_many_more() -> None:
    facts = {"refused": True, "reason": "The limit of 5 calls in 1 s was used up."}
    limit = Span("RateLimitingMiddleware", "middleware", 0, 10, None, facts)
    calls = [call(n, n * 100, 1, limit) for n in range(3)]
    (finding,) = findings(calls[0], calls)
    assert finding.title == "RateLimiting refused this call"
    assert finding.text == "The limit of 5 calls in 1 s was used up. 3 of 3 calls in range were refused there."


def test_each_server_has_a_chain_of_its_own() -> None:
    spans = (
        Span("tools/call a", "server", 0, 100),
        Span("CachingMiddleware", "middleware", 0, 100, 0, {"hooks": ["on_call_tool"]}),
        Span("a", "handler", 1, 90, 1),
        Span("child", "server", 2, 80, 2),
        Span("LoggingMiddleware", "middleware", 3, 70, 3),
    )
    outer, inner = chains_of(spans)
    assert (outer.owner, outer.links) == ("tools/call a", (Link("CachingMiddleware", ("on_call_tool",)),))
    assert (inner.owner, [link.name for link in inner.links]) == ("child", ["LoggingMiddleware"])
    selected = call(1, 0, 1, *spans)
    assert findings(selected, [selected]) == [], "logging of a mounted server is not inside its parent's cache"
