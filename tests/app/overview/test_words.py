"""What an Overview says: pure words."""

from wireglass_app.calls import Roots
from wireglass_app.overview.words import (
    client_abilities,
    lacking,
    lifetime_words,
    server_abilities,
)


def test_extensions_stand_apart_and_tasks_are_one_since_2026_07_28() -> None:
    offers = {"tools": {"listChanged": True}, "logging": {}, "extensions": {"com.example/x": {}}, "odd": {"a": True}}
    new = server_abilities(offers, "2026-07-28")
    assert [one.text for one in new if one.extension] == ["com.example/x"]
    assert [one.text for one in new if one.deprecated] == ["Log messages"]
    assert "Tasks" not in [one.text for one in new]
    assert next(one.note for one in new if one.text == "odd") == "a"
    old = server_abilities(offers, "2025-11-25")
    assert not any(one.deprecated for one in old)
    assert [one.yes for one in old if one.text == "Tasks"] == [False]


def test_what_we_offer_is_what_was_sent() -> None:
    sent = {"elicitation": {"form": {}, "url": {}}, "roots": {}}
    rows = {one.text: one for one in client_abilities("2026-07-28", Roots(("file:///a",)), sent)}
    assert rows["Elicitation: pages to visit"].yes
    assert not rows["Sampling"].yes
    assert rows["Roots"].note == "1 folder"
    assert rows["Roots"].deprecated


def test_without_the_frames_of_the_beginning_the_version_decides() -> None:
    rows = {one.text: one for one in client_abilities("2025-03-26", Roots(), {})}
    assert not rows["Elicitation: forms"].yes
    assert rows["Elicitation: forms"].note == "unknown to 2025-03-26"
    assert rows["Sampling"].yes


def test_each_era_names_what_it_lacks() -> None:
    assert "ping" in lacking(True, "2026-07-28")
    assert "listen stream" in lacking(False, "2025-11-25")


def test_equal_lifetimes_share_a_part() -> None:
    told = (("tools", 30_000.0, "private"), ("resources", 0.0, ""), ("prompts", 30_000.0, "private"))
    assert lifetime_words(told) == "tools, prompts: 30 s, private · resources: not kept"
    assert lifetime_words(told, ("tools",)) == "30 s, private"
    assert lifetime_words(()) == ""
