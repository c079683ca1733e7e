"""Versions, reserved names, header values."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wireglass.protocol import versions
from wireglass.protocol.versions import decode_header_value, encode_header_value


def test_each_version_belongs_to_one_era() -> None:
    assert [versions.is_stateless(v) for v in versions.ALL_VERSIONS] == [False, False, False, False, True]
    assert versions.is_stateless("2027-01-01")
    assert not versions.is_stateless(None)


@pytest.mark.parametrize(
    ("asked", "answer"),
    [("2024-11-05", "2024-11-05"), ("2026-07-28", "2025-11-25"), ("2020-01-01", "2025-11-25"), (7, "2025-11-25")],
)
def test_initialize_is_answered_with_the_version_asked_for_or_our_newest(asked: object, answer: str) -> None:
    assert versions.negotiate(asked) == answer


@pytest.mark.parametrize(
    ("key", "reserved"),
    [
        ("io.modelcontextprotocol/x", True),
        ("dev.mcp/x", True),
        ("com.example.mcp/x", False),
        ("mcp/x", False),
        ("progressToken", False),
        ("com.example/x", False),
    ],
)
def test_a_meta_key_is_reserved_by_the_second_label_of_its_prefix(key: str, reserved: bool) -> None:
    assert versions.is_reserved_meta_key(key) is reserved


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_survives_a_header(text: str) -> None:
    encoded = encode_header_value(text)
    assert all(" " <= character <= "~" for character in encoded)
    assert encoded == encoded.strip()
    assert decode_header_value(encoded) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(" a b ", "a b"), ("=?base64?w6k=?=", "é"), ("=?base64?w6k=", "=?base64?w6k="), ("", ""), ("=?base64??=", "")],
)
def test_header_values_are_decoded(value: str, text: str) -> None:
    assert decode_header_value(value) == text


@pytest.mark.parametrize("value", ["=?base64?w6k?=", "=?base64?w6k=!?=", "=?base64?/w==?=", "=?base64?é?="])
def test_bad_base64_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="Base64"):
        decode_header_value(value)
