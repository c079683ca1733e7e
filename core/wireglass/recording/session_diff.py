"""Two sessions call by call: what fails now, what is gone or new, what came to another result, verdict or time.

Calls are the same when server, method, name and arguments are; the n-th of one session is compared with the n-th of the
other. Knows no thread: `compare_sessions` is a generator of small steps, so that whoever walks it decides where.
"""

import json
from collections.abc import Generator, Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import zip_longest
from typing import Any, Final, Literal

from wireglass.protocol.messages import JsonObject, as_object
from wireglass.recording.entries import Entry, Exchange
from wireglass.recording.ledger import Ledger
from wireglass.recording.surface import What
from wireglass.recording.timing import median

__all__ = ["CallChange", "SessionDifference", "compare_sessions", "first_rounds", "outcome_of", "request_of"]

_CALLED: Final = frozenset({"tools/call", "resources/read", "prompts/get", "completion/complete"})
_STEP: Final = 40
"""Calls that are read in one step: some milliseconds."""
_OWN: Final = frozenset({"_meta", "requestState", "inputResponses"})
"""Params that differ in every session."""
_SLOWER: Final = 1.5
_FELT_MS: Final = 50.0
"""A median that grew or shrank by half and by so much is told."""
_GOOD: Final = frozenset({"ok", "input required", "task"})

Verdict = Literal["ok", "warn", "fail"]
_RANK: Final[dict[Verdict, int]] = {"ok": 0, "warn": 1, "fail": 2}


@dataclass(frozen=True, slots=True)
class CallChange:
    """All calls of one kind (server, method, name, arguments) that differ between two sessions."""

    what: What
    server: str
    method: str
    name: str
    detail: str
    before: int | None
    """The exchange in the first ledger that is shown: the first one that differs. Its first round."""
    after: int | None
    before_ms: float | None = None
    """Median of the times to the answer; None where none was answered."""
    after_ms: float | None = None
    calls: tuple[int, int] = (0, 0)
    """How many there are in each session."""


@dataclass(slots=True)
class SessionDifference:
    """What `compare_sessions` found; breaking first."""

    changes: list[CallChange] = field(default_factory=list[CallChange])
    equal: int = 0
    """Calls of the second session that came to the same as in the first."""
    calls: tuple[int, int] = (0, 0)


@dataclass(slots=True)
class _Calls:
    """The calls of one kind in one session, in order."""

    numbers: list[int] = field(default_factory=list[int])
    outcomes: list[bytes] = field(default_factory=list[bytes])
    statuses: list[str] = field(default_factory=list[str])
    verdicts: list[Verdict] = field(default_factory=list[Verdict])
    times: list[float] = field(default_factory=list[float])


_Key = tuple[str, str, str, bytes]


def compare_sessions(
    before: Ledger, after: Ledger, before_servers: Mapping[str, str], after_servers: Mapping[str, str]
) -> Generator[float, None, SessionDifference]:
    """Compares the calls of two ledgers that nothing is added to or forgotten from meanwhile (`Ledger.frozen`).

    The mappings give the name of a server by that of its connection; servers of one name are the same. Yields how much
    is done, 0 to 1, every few milliseconds; the generator's value is what was found.
    """
    old = yield from _read(before, before_servers, 0.0, 0.45)
    new = yield from _read(after, after_servers, 0.45, 0.45)
    found = SessionDifference(calls=(sum(len(one.numbers) for one in old.values()),
                                     sum(len(one.numbers) for one in new.values())))  # fmt: skip
    keys = [*old, *(key for key in new if key not in old)]
    for at, key in enumerate(keys):
        change, equal = _compare(key, old.get(key), new.get(key))
        found.equal += equal
        if change is not None:
            found.changes.append(change)
        if at % 2_000 == 0:
            yield 0.9 + 0.1 * at / max(1, len(keys))
    order: dict[str, int] = {"breaking": 0, "gone": 1, "changed": 2, "new": 3}
    found.changes.sort(key=lambda change: order[change.what])
    return found


def request_of(exchange: Exchange) -> JsonObject:
    """The params of a call without what differs in every session. Raises LookupError when its text is gone."""
    return {name: value for name, value in exchange.params.items() if name not in _OWN}


def outcome_of(exchange: Exchange) -> Any:
    """What a call came to in its last round, as one JSON value without `_meta`. Raises LookupError likewise."""
    last = exchange.rounds[-1]
    answer = last.answer
    if answer is None:
        return {"status": last.status}
    message = as_object(answer.message)
    if "error" in message:
        return {"error": message["error"]}
    return {name: value for name, value in as_object(message.get("result")).items() if name != "_meta"}


def _read(
    ledger: Ledger, servers: Mapping[str, str], done: float, share: float
) -> Generator[float, None, dict[_Key, _Calls]]:
    found: dict[_Key, _Calls] = {}
    for at, exchange in enumerate(first_rounds(ledger)):
        if at % _STEP == 0:
            yield done + share * (exchange.number - ledger.exchange_columns.first) / len(ledger.exchanges)
        connection = exchange.connection
        server = servers.get(connection) or connection.partition(" #")[0]
        try:
            key = (server, exchange.method, exchange.name, _digest(request_of(exchange)))
            outcome = _digest(outcome_of(exchange))
        except LookupError:  # its text was lost, for example on a full disk
            continue
        _add(found.setdefault(key, _Calls()), exchange, outcome)
    return found


def first_rounds(ledger: Ledger) -> Iterable[Exchange]:
    """The first rounds of the client's calls (tools, resources, prompts, completion), oldest first."""
    columns = ledger.exchange_columns
    wanted = {number for number, text in enumerate(ledger.words.texts()) if text in _CALLED}
    for row, method in enumerate(columns.method):
        if method in wanted and columns.previous[row] < 0 and columns.request[row] >= ledger.columns.first:
            yield Exchange(ledger, columns.first + row)


def _add(calls: _Calls, exchange: Exchange, outcome: bytes) -> None:
    rounds = exchange.rounds
    last = rounds[-1]
    calls.numbers.append(exchange.number)
    calls.outcomes.append(outcome)
    calls.statuses.append(last.status)
    calls.verdicts.append(_verdict(last.answer))
    taken = [one.answered_after_ns for one in rounds]
    if last.answer is not None:
        calls.times.append(sum(one for one in taken if one is not None) / 1e6)


def _verdict(answer: Entry | None) -> Verdict:
    found = answer.violations if answer is not None else ()
    if not found:
        return "ok"
    return "fail" if any(one.severity == "error" for one in found) else "warn"


def _digest(value: Any) -> bytes:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


# --- one kind of call ---


def _compare(key: _Key, old: _Calls | None, new: _Calls | None) -> tuple[CallChange | None, int]:
    """What changed of one kind of call, and how many of its calls came to the same."""
    server, method, name, _ = key
    if old is None or new is None:
        calls = old or new
        assert calls is not None
        number, times = len(calls.numbers), median(calls.times)
        detail = method if number == 1 else f"{method}, {number} times"
        first = calls.numbers[0]
        if old is not None:
            return CallChange("gone", server, method, name, detail, first, None, times, None, (number, 0)), 0
        return CallChange("new", server, method, name, detail, None, first, None, times, (0, number)), 0
    pairs = list(zip_longest(range(len(old.numbers)), range(len(new.numbers))))
    both = [(a, b) for a, b in pairs if a is not None and b is not None]
    worse = [(a, b) for a, b in both if _worse(old, a, new, b)]
    other = [(a, b) for a, b in both if old.outcomes[a] != new.outcomes[b] or old.verdicts[a] != new.verdicts[b]]
    reasons = _reasons(old, new, both, worse, other)
    before, after = median(old.times), median(new.times)
    pace = _pace(before, after)
    what: What = "breaking" if worse else "changed"
    equal = len(both) - len(other)
    if not reasons and not pace:
        return None, equal
    a, b = (worse or other or both)[0]
    detail = "; ".join([*reasons, *pace] if reasons else [f"result equal, {pace[0]}"])
    counts = (len(old.numbers), len(new.numbers))
    return CallChange(what, server, method, name, detail, old.numbers[a], new.numbers[b], before, after, counts), equal


_Pairs = list[tuple[int, int]]


def _reasons(old: _Calls, new: _Calls, both: _Pairs, worse: _Pairs, other: _Pairs) -> list[str]:
    found: list[str] = []
    among = f" in {{}} of {len(both)}" if len(both) > 1 else ""
    if worse:
        a, b = worse[0]
        fails = new.statuses[b] not in _GOOD
        words = f"now {new.statuses[b]}, was {old.statuses[a]}" if fails else f"its verdict is now {new.verdicts[b]}"
        found.append(words + among.format(len(worse)))
    mended = [(a, b) for a, b in other if old.statuses[a] not in _GOOD and new.statuses[b] in _GOOD]
    if mended:
        found.append("works now" + among.format(len(mended)))
    elif other and not worse:
        found.append("another result" + among.format(len(other)))
    if len(old.numbers) != len(new.numbers):
        found.append(f"called {len(new.numbers)} times, was {len(old.numbers)}")
    return found


def _worse(old: _Calls, a: int, new: _Calls, b: int) -> bool:
    failed = old.statuses[a] in _GOOD and new.statuses[b] in ("error", "tool error")
    return failed or _RANK[new.verdicts[b]] > _RANK[old.verdicts[a]]


def _pace(before: float | None, after: float | None) -> list[str]:
    if before is None or after is None or abs(after - before) < _FELT_MS:
        return []
    if after > before * _SLOWER:
        return ["but slower"]
    return ["and faster"] if before > after * _SLOWER else []
