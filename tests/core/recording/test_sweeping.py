"""A long text is masked as a short one is, but piece by piece: one search through 50 MB stopped the window for seconds
(a past bug: every result that held the word "token")."""

import json
import random

import pytest

from wireglass.recording.masking import MASK, Masker
from wireglass.recording.records import to_parts
from wireglass.recording.sweeping import LONG, pieces, places, swept

_PIECE = 1 << 18
_PARTS = (
    *('"token": "', '"apiKey":"', "'password': '", '\\"client_secret\\": \\"', '"nextPageToken": "', '"my-Cookie" : "'),
    *("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIx.dozjgNryP4J3", "ghp_0123456789abcdefghij0123", "sk-0123456789abcdefghij"),
    *("sk_live_0123456789abcdef", "Bearer abcdefgh12345", "Basic YWJjZGVmZ2g=", "AKIA0123456789ABCDEF ", "İ", "\\"),
    *(
        "https://user:pass@host/",
        "?token=abc&key=def",
        "-----BEGIN RSA PRIVATE KEY-----\\nMII",
        "-----END",
        '"',
        '"',
        "\\n",
    ),
    *(": ", ", ", "x", " ", "\\\\", '\\"', '\\\\\\"', "secret", "SG.0123456789abcdef.0123456789abcdef"),
)


@pytest.mark.parametrize("seed", range(20))
def test_a_long_text_is_masked_as_a_short_one(seed: int) -> None:
    chance = random.Random(seed)
    short = "".join(chance.choice(_PARTS) for _ in range(chance.randrange(5, 60)))
    masker = Masker()
    masker.name(["X-Mine", "card"])
    short += ' "card": "4000", "x-mine":"abc"'
    for before in (LONG, _PIECE - chance.randrange(len(short))):  # the second: across the edge of a piece
        padding = " " * before
        assert masker.text(padding + short) == padding + masker.text(short)


def test_a_secret_of_any_length_goes() -> None:
    message = {"token": "s" * 300_000, "text": "see ghp_" + "a" * 300_000, "city": "Oslo"}
    assert json.loads(Masker().text(json.dumps(message))) == {"token": MASK, "text": f"see {MASK}", "city": "Oslo"}


def test_a_text_without_a_secret_stays_the_same_object() -> None:
    text = "token of my esteem & more? " * 10_000
    assert Masker().text(text) is text


def test_signs_are_found_in_order_also_across_the_edge_of_a_piece() -> None:
    text = "a" * (_PIECE - 2) + "TOken" + "a" * _PIECE + "key"
    assert list(places(text, ("key", "token"), fold=True)) == [_PIECE - 2, len(text) - 3]
    assert list(places(text, ("key", "token"))) == [len(text) - 3]


def test_a_letter_that_becomes_two_in_lower_case_moves_nothing() -> None:
    assert list(places("İİ token", ("token",), fold=True)) == [3]


def test_a_place_inside_of_a_find_is_passed_over() -> None:
    assert swept("0123456789", [2, 3, 7], lambda _text, place: (place + 3, "-")) == "01-56-"


def test_pieces_make_up_the_text() -> None:
    text = "ab" * _PIECE
    assert "".join(pieces(text)) == text


def test_a_long_frame_is_the_same_record_in_parts() -> None:
    record = {"frame": "1", "raw": 'é"\\\n\ud800' * LONG, "at": 7}
    *parts, _ = list(to_parts(record))
    assert len(parts) > 1
    read = json.loads(b"".join(to_parts(record)))
    assert read == {**record, "raw": record["raw"].replace("\ud800", "?")}  # type: ignore[attr-defined]
