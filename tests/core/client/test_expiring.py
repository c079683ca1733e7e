"""Values are kept for their time, and no more of them than there may be."""

from wireglass.client.expiring import Expiring


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_value_is_kept_for_its_own_time() -> None:
    clock = Clock()
    kept = Expiring[str, int](10, clock)
    kept.keep("short", 1, 5)
    kept.keep("long", 2, 50)
    assert (kept.get("short"), kept.get("long"), kept.get("none")) == (1, 2, None)
    clock.now += 5
    assert (kept.get("short"), kept.get("long")) == (None, 2)


def test_of_too_many_those_kept_longest_ago_go() -> None:
    kept = Expiring[str, int](2, Clock())
    kept.keep("a", 1, 5)
    kept.keep("b", 2, 5)
    kept.keep("a", 3, 5)
    kept.keep("c", 4, 5)
    assert (kept.get("a"), kept.get("b"), kept.get("c")) == (3, None, 4)


def test_values_whose_keys_fit_are_forgotten() -> None:
    kept = Expiring[str, int](10, Clock())
    for key in ("tools/list", "tools/call", "prompts/list"):
        kept.keep(key, 1, 5)
    kept.forget(lambda key: key.startswith("tools/"))
    assert (kept.get("tools/list"), kept.get("tools/call"), kept.get("prompts/list")) == (None, None, 1)
