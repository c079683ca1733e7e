"""Large JSON texts read in pieces: the same value as in one go, and no long call into the parser."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic_core import from_json

from wireglass.protocol import framing, piecewise

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**12), 10**12)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=40,
)
TEXTS = st.builds(
    lambda value, pretty, ascii_only: json.dumps([value], indent=pretty, ensure_ascii=ascii_only),
    VALUES,
    st.sampled_from([None, 1]),
    st.booleans(),
)


@pytest.fixture(autouse=True)
def small_window(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(piecewise, "_WINDOW", 32)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(TEXTS)
def test_the_same_value_as_in_one_go(text: str) -> None:
    assert piecewise.load(text) == from_json(text, allow_inf_nan=False)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(TEXTS, st.data())
def test_never_takes_what_the_parser_refuses(text: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(text)))
    broken = (
        text[:at] + data.draw(st.sampled_from(["", ",", "]", "}", '"', "\\", "x", "\\ud800", ":"])) + text[at + 1 :]
    )
    try:
        expected = from_json(broken, allow_inf_nan=False)
    except ValueError:
        with pytest.raises((ValueError, RecursionError)):
            piecewise.load(broken)
        return
    try:
        assert piecewise.load(broken) == expected
    except (ValueError, RecursionError):
        pass  # then the parser is asked, which answers


@pytest.mark.parametrize(
    "value",
    [
        {"rows": [{"id": at, "name": f"row {at}", "kids": [{"id": at}]} for at in range(200)]},
        {f"key {at}": {"a": at, "b": {"c": [at]}} for at in range(200)},
        ['say "hi" \\ \u2028 \U0001f600' * 50, "plain" * 50],
        [[[at, [at]] for at in range(50)] for _ in range(5)],
        [{}] * 100 + [[]] * 100 + [None, 1.5, True] * 50,
        {"name" * 50: {'say "hi"' * 50: [1, {"n" * 500: "v" * 500}]}, "b": 2},
    ],
)
@pytest.mark.parametrize("indent", [None, 2])
def test_no_call_is_long(value: Any, indent: int | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(piecewise, "_WINDOW", 64)
    monkeypatch.setattr(piecewise, "_PLAIN_WINDOW", 256)
    longest = 0

    def measured(text: str, **options: Any) -> Any:
        nonlocal longest
        longest = max(longest, len(text))
        return from_json(text, **options)

    def named(text: str, at: int) -> Any:
        nonlocal longest
        longest = max(longest, len(text))
        return key(text, at)

    key = piecewise._key
    monkeypatch.setattr(piecewise, "_key", named)
    monkeypatch.setattr(piecewise, "from_json", measured)
    text = json.dumps(value, indent=indent)
    assert piecewise.load(text) == value
    assert longest <= 300, "one window, or a plain string that needs no work"


@pytest.mark.parametrize(
    "text", ['{"a": [1, 2,]}' + " " * 40, "[" * 3000 + "]" * 3000, '["' + "x" * 50 + '\\ud800"]', '["' + "x" * 50, ""]
)
def test_what_is_wrong_is_left_to_the_parser(text: str) -> None:
    with pytest.raises((ValueError, RecursionError)):
        piecewise.load(text)


def test_a_large_message_is_parsed_in_pieces_with_the_parsers_own_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(framing, "LARGE", 20)
    good = b'{"jsonrpc": "2.0", "result": {"rows": [1, 2, 3, 4, 5, 6, 7, 8]}}'
    assert framing.parse(good).value == json.loads(good)
    wrong = framing.parse(good[:-5])
    assert wrong.value is None
    assert "EOF" in str(wrong.error)
