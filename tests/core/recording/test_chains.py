"""The middleware of a server as it runs, gathered from the spans of its calls."""

from wireglass.protocol.messages import Span
from wireglass.recording.chains import chain_health


def told(*links: str, took: int = 1000, error: bool = False) -> tuple[Span, ...]:
    spans = [Span("tools/call quote", "server", 0, 100_000)]
    for at, name in enumerate(links):
        facts = {"hooks": ["on_call_tool"], **({"error": "ToolError"} if error else {})}
        spans.append(Span(name, "middleware", at * took, 100_000 - at * took, at, facts))
    return tuple(spans)


def test_the_newest_call_decides_the_order_and_all_give_their_times() -> None:
    calls = [told("Logging", "ResponseCaching"), told("Logging", "ResponseCaching", took=3000, error=True)]
    (chain,) = chain_health(calls)
    assert chain.owner == ""
    assert [one.link.name for one in chain.links] == ["Logging", "ResponseCaching"]
    assert chain.links[0].link.hooks == ("on_call_tool",)
    times = chain.links[0].times
    assert times is not None
    assert (times.count, times.p50, times.worst) == (2, 1.0, 3.0)
    assert chain.links[0].failed == 1
    assert chain.warnings == ()


def test_a_wrong_order_is_warned_about() -> None:
    (chain,) = chain_health([told("ResponseCachingMiddleware", "LoggingMiddleware")])
    assert [warning.title for warning in chain.warnings] == ["Logging runs inside ResponseCaching"]


def test_mounted_and_proxied_servers_have_chains_of_their_own() -> None:
    outer = told("Logging")
    spans = (
        *outer,
        Span("child", "server", 10, 90, 1, {"mounted": True}),
        Span("Timing", "middleware", 20, 70, 2),
        Span("tools/call behind", "server", 30, 50, 3),
        Span("Caching", "middleware", 31, 40, 4),
    )
    assert [(one.owner, [link.link.name for link in one.links]) for one in chain_health([spans])] == [
        ("", ["Logging"]),
        ("child", ["Timing"]),
        ("behind the proxy", ["Caching"]),
    ]


def test_nothing_told_is_no_chain() -> None:
    assert chain_health([(), ()]) == []
