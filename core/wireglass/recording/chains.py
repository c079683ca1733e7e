"""The middleware of a server as it really runs, told by the spans of its calls: order, hooks, costs. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from wireglass.protocol.messages import Span
from wireglass.recording.insights import Chain, Finding, Link, chains_of, order_warnings
from wireglass.recording.timing import Percentiles, percentiles, self_times

__all__ = ["ChainHealth", "LinkHealth", "chain_health"]


@dataclass(frozen=True, slots=True)
class LinkHealth:
    """One middleware: what it overrides and what it cost by itself, in milliseconds."""

    link: Link
    times: Percentiles | None
    failed: int
    """Calls that left it with an exception."""


@dataclass(frozen=True, slots=True)
class ChainHealth:
    """The chain of one server, outermost first; `owner` is empty for the connected server itself."""

    owner: str
    links: tuple[LinkHealth, ...]
    warnings: tuple[Finding, ...]


def chain_health(calls: Iterable[Sequence[Span]]) -> list[ChainHealth]:
    """What the spans of some calls, newest first, tell. The newest call decides the order; all give their times."""
    chains: dict[str, Chain] = {}
    hooks: dict[tuple[str, str], Link] = {}
    """Links that told their hooks: only some requests ask for them."""
    times: dict[tuple[str, str], list[float]] = defaultdict(list)
    failed: dict[tuple[str, str], int] = defaultdict(int)
    for spans in calls:
        owners = _owners(spans)
        for chain in chains_of(spans):
            owner = owners.get(chain.owner, chain.owner)
            chains.setdefault(owner, chain)
            hooks.update({(owner, link.name): link for link in chain.links if link.hooks})
        _add(spans, owners, times, failed)
    return [_health(owner, chain, hooks, times, failed) for owner, chain in chains.items()]


def _owners(spans: Sequence[Span]) -> dict[str, str]:
    """How the owners of chains are called: the first is the connected server, mounted ones have names."""
    names = [span.name for span in spans if span.kind == "server"]
    mounted = {span.name for span in spans if span.kind == "server" and span.facts.get("mounted") is True}
    return {name: "" if at == 0 else name if name in mounted else "behind the proxy" for at, name in enumerate(names)}


def _add(
    spans: Sequence[Span],
    owners: dict[str, str],
    times: dict[tuple[str, str], list[float]],
    failed: dict[tuple[str, str], int],
) -> None:
    above: list[str] = []
    for span, own in zip(spans, self_times(spans), strict=True):
        owner = "" if span.parent is None else above[span.parent]
        above.append(owners.get(span.name, owner) if span.kind == "server" else owner)
        if span.kind == "middleware":
            times[owner, span.name].append(own / 1000)
            failed[owner, span.name] += "error" in span.facts


def _health(
    owner: str,
    chain: Chain,
    hooks: dict[tuple[str, str], Link],
    times: dict[tuple[str, str], list[float]],
    failed: dict[tuple[str, str], int],
) -> ChainHealth:
    links: list[LinkHealth] = []
    for link in chain.links:
        key = owner, link.name
        links.append(LinkHealth(hooks.get(key, link), percentiles(times[key]), failed[key]))
    return ChainHealth(owner, tuple(links), tuple(order_warnings([link.name for link in chain.links])))
