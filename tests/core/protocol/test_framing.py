"""Framing survives any split of the input and anything in it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wireglass.protocol.framing import (
    LineDecoder,
    SseDecoder,
    SseEvent,
    answered_id,
    dump,
    encode_comment,
    encode_event,
    parse,
)


def split(data: bytes, cuts: list[int]) -> list[bytes]:
    places = sorted({cut % (len(data) + 1) for cut in cuts})
    return [data[a:b] for a, b in zip([0, *places], [*places, len(data)], strict=True)]


unicode = st.text(st.characters(exclude_categories=["Cs"]))
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | unicode
)
json_values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(unicode, inner, max_size=4),
    max_leaves=12,
)
cuts = st.lists(st.integers(0, 10_000), max_size=8)


@given(st.lists(json_values, max_size=5), cuts)
def test_lines_come_back_whatever_the_split(values: list[object], cuts: list[int]) -> None:
    decoder = LineDecoder()
    data = b"".join(dump(value) + b"\n" for value in values)
    lines = [line for part in split(data, cuts) for line in decoder.feed(part)]
    assert [parse(line).value for line in lines] == values
    assert decoder.close() == []


@given(st.binary(max_size=200), cuts)
def test_the_split_of_any_bytes_does_not_change_the_lines(data: bytes, cuts: list[int]) -> None:
    whole, parts = LineDecoder(), LineDecoder()
    expected = whole.feed(data) + whole.close()
    assert [line for part in split(data, cuts) for line in parts.feed(part)] + parts.close() == expected


def test_line_ends_blank_lines_and_byte_order_marks_do_not_matter() -> None:
    decoder = LineDecoder()
    assert decoder.feed(b"\xef\xbb\xbf{}\r\n\n  \r\n[1]\n3") == [b"{}", b"[1]"]
    assert decoder.close() == [b"3"]


def test_an_oversized_line_is_dropped_and_counted_and_the_next_one_is_read() -> None:
    decoder = LineDecoder(limit=10)
    assert decoder.feed(b"x" * 8) == []
    assert decoder.feed(b"x" * 8) == []
    assert decoder.feed(b"x" * 8 + b"\n{}\n") == [b"{}"]
    assert decoder.oversized == 1
    assert decoder.head


def test_what_is_not_json_comes_back_as_text_with_a_reason() -> None:
    assert parse(b"hello").raw == "hello"
    assert parse(b"hello").error is not None
    broken = parse(b'{"a": "\xff"}')
    assert broken.raw == '{"a": "\\xff"}'
    assert "UTF-8" in (broken.error or "")
    assert parse(b'{"a": NaN}').error is not None
    assert parse(b'{"a": 1} trailing').error is not None
    assert parse(b"null").error is None


def test_numbers_that_json_lacks_are_written_as_null() -> None:
    assert dump({"a": float("nan"), "b": float("inf")}) == b'{"a":null,"b":null}'


texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n\0"), max_size=20)


drawn_events = st.tuples(st.binary(max_size=40), texts, st.none() | texts, st.none() | st.integers(0, 10**6))


@given(st.lists(drawn_events, max_size=5), cuts)
def test_events_come_back_whatever_the_split(
    events: list[tuple[bytes, str, str | None, int | None]], cuts: list[int]
) -> None:
    wanted: list[SseEvent] = []
    data = encode_comment("keep alive")
    for body, name, id, retry in events:
        body = body.replace(b"\r", b"")
        data += encode_event(body, event=name, id=id, retry=retry) + encode_comment()
        wanted.append(SseEvent(body, name or "message", id, retry))
    decoder = SseDecoder()
    assert [event for part in split(data, cuts) for event in decoder.feed(part)] == wanted


@given(st.binary(max_size=300), cuts)
def test_the_split_of_any_bytes_does_not_change_the_events(data: bytes, cuts: list[int]) -> None:
    whole, parts = SseDecoder(), SseDecoder()
    expected = whole.feed(data + b"\n\n\n")
    assert [event for part in split(data + b"\n\n\n", cuts) for event in parts.feed(part)] == expected


def test_all_three_line_ends_and_a_mark_are_understood() -> None:
    decoder = SseDecoder()
    data = b"\xef\xbb\xbfevent: endpoint\r\ndata: a\rdata:b\n\r\nid: 7\n\nretry: 50\n\nretry: x\n\n"
    assert decoder.feed(data) == [
        SseEvent(b"a\nb", "endpoint"),
        SseEvent(b"", "message", "7"),
        SseEvent(b"", "message", None, 50),
    ]


def test_an_oversized_event_is_dropped_and_the_next_one_is_read() -> None:
    decoder = SseDecoder(limit=20)
    assert decoder.feed(b"data: " + b"x" * 15 + b"\ndata: " + b"x" * 10 + b"\n\ndata: ok\n\n") == [SseEvent(b"ok")]
    assert decoder.oversized == 1


@pytest.mark.parametrize(
    ("raw", "id"),
    [
        ('{"jsonrpc":"2.0","id":7,"result":{"content":[', 7),
        ('{"jsonrpc": "2.0", "id": "a\\"b", "error": oops', 'a"b'),
        ('{"id":-3,"result":' + "[" * 500, -3),
        ('{"jsonrpc":"2.0","id":7,"method":"ping"', None),
        ('{"jsonrpc":"2.0","id":"bad \\ud800","result":', None),
        ("Listening on port 7", None),
        ("", None),
    ],
)
def test_the_request_that_a_broken_answer_was_for(raw: str, id: object) -> None:
    assert answered_id(raw) == id


def test_a_line_keeps_what_indents_it_and_blank_ones_are_none() -> None:
    assert LineDecoder().feed(b'\xef\xbb\xbf{}\r\n  File "x"\t\n \t\r\n\n') == [b"{}", b'  File "x"\t']
