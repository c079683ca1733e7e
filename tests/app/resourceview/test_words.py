"""How fresh a reading is, in words."""

from wireglass_app.moments import clock
from wireglass_app.resourceview.words import age_words, freshness, lifetime_chip, update_words


def test_ages_are_short() -> None:
    assert [age_words(one) for one in (0, 38, 312, 9_000)] == ["just now", "38 s ago", "5 min ago", "2 h ago"]


def test_a_ttl_makes_a_reading_fresh_and_then_stale() -> None:
    """`ttlMs` of 2026-07-28."""
    result = {"ttlMs": 30_000, "cacheScope": "private"}
    assert freshness(100.0, result, 110.0) == f"read {clock(100)}, 10 s ago, fresh until {clock(130)}"
    assert freshness(100.0, result, 138.0) == f"read {clock(100)}, 38 s ago, stale"
    assert freshness(100.0, {"ttlMs": 0}, 138.0).endswith("the server says to read it each time")
    assert freshness(100.0, {}, 138.0) == f"read {clock(100)}, 38 s ago"
    assert lifetime_chip(result) == "ttl 30 s · private"
    assert lifetime_chip({"ttlMs": True}) == ""
    assert lifetime_chip(None) == ""


def test_an_update_since_makes_it_stale_whatever_the_ttl_says() -> None:
    assert "stale: the server told of an update" in freshness(100.0, {"ttlMs": 90_000}, 101.0, [100.5])
    assert "fresh" in freshness(100.0, {"ttlMs": 90_000}, 101.0, [99.0])


def test_updates_are_counted() -> None:
    assert update_words([]) == "no update so far"
    assert update_words([1.0]) == "1 update"
    assert update_words([1.0, 2.0]) == "2 updates"
