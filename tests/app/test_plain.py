"""Strangers' text is shown with its hidden characters visible, and numbers are written in one way."""

import pytest

from wireglass_app.plain import duration, hidden_count, short_duration, size, span_words, tip, visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("pay\u202eexe.png", "pay[U+202E]exe.png"),
        ("zero\u200bwidth", "zero[U+200B]width"),
        ("tag\U000e0041", "tag[U+E0041]"),
        ("bell\x07", "bell[U+0007]"),
        ("two\nlines", "two lines"),
        ("plain <b>text</b>", "plain <b>text</b>"),
        ("family \U0001f468\u200d\U0001f469", "family \U0001f468\u200d\U0001f469"),
        ("line\u2028separator", "line[U+2028]separator"),
    ],
)
def test_hidden_characters_become_marks(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_hidden_characters_are_counted_without_emoji_parts() -> None:
    assert hidden_count("a\u200bb\u202ec") == 2
    assert hidden_count("\U0001f468\u200d\U0001f469 ok\r\n") == 0


def test_length_is_capped_before_anything_is_laid_out() -> None:
    shown = visible("x" * 1_000_000)
    assert len(shown) == 201
    assert shown.endswith("…")


def test_lines_are_kept_where_asked() -> None:
    assert visible("a\n\tb", lines=True) == "a\n    b"


def test_tooltips_never_become_markup() -> None:
    assert tip("<img src=x>") == "<span>&lt;img src=x&gt;</span>"
    assert tip("") == ""


def test_numbers() -> None:
    """Design section 7: thin space for thousands, one decimal under 100 ms, ms up to 9 999, then s."""
    assert [duration(ms) for ms in (6.24, 412, 9900, 12_400, 200_000)] == [
        "6.2 ms",
        "412 ms",
        "9\u2009900 ms",
        "12.4 s",
        "200 s",
    ]
    assert [short_duration(ms) for ms in (6, 388, 1500)] == ["6 ms", "388 ms", "1.5 s"]
    assert [size(n) for n in (1, 236, 3100, 41_200_000)] == ["1 byte", "236 bytes", "3.1 KB", "41.2 MB"]


def test_spans_of_time() -> None:
    assert [span_words(one) for one in (0, 1.9, 38, 312, 7_440, 266_400)] == [
        "0 s",
        "1 s",
        "38 s",
        "5 min 12 s",
        "2 h 4 min",
        "3 d 2 h",
    ]
