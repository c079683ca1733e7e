"""Long texts in pieces: the same bytes as in one go, and no surprise half way."""

from typing import Any

import pytest

from wireglass.protocol.framing import dump
from wireglass.protocol.long_text import LONG_TEXT, dump_pieces, has_long_text

LONG = 'a"\\\n\x01\x7f' * (LONG_TEXT // 6 + 1)


def answer(*texts: Any, **more: Any) -> dict[str, Any]:
    content = [{"type": "text", "text": text} for text in texts]
    return {"jsonrpc": "2.0", "id": 1, "result": {"content": content, **more}}


@pytest.mark.parametrize(
    "message",
    [
        answer(LONG),
        answer(LONG, structuredContent={"result": LONG}),
        answer("short", LONG, "long text", LONG, structuredContent={"deep": [{"x": LONG}, 1, None], "long text": 2}),
        answer(LONG, "Ä" * LONG_TEXT, structuredContent={"nan": float("nan")}),
        answer("short"),
        {"id": 1, "result": {}},
        [],
    ],
)
def test_the_pieces_are_the_message(message: Any) -> None:
    assert b"".join(dump_pieces(message)) == dump(message)


def test_pieces_are_small_and_made_late() -> None:
    made = 0
    for piece in dump_pieces(answer(LONG)):
        made += 1
        assert len(piece) < LONG_TEXT
    assert made > 8


def test_what_json_cannot_hold_is_refused_before_the_first_piece() -> None:
    with pytest.raises(ValueError, match=r"surrogates|utf-8"):
        dump_pieces(answer(LONG, "\ud800" * LONG_TEXT))
    with pytest.raises(ValueError, match="object"):
        dump_pieces(answer(LONG, object()))


def test_only_long_tool_results_are_worth_it() -> None:
    assert has_long_text(answer("x", LONG))
    for message in (answer("x"), answer(7, None), {"id": 1, "result": {"content": "x"}}, {"method": "m"}, [LONG], LONG):
        assert not has_long_text(message)
