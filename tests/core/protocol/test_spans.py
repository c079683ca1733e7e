"""Spans on a response: our own extension, read from untrusted servers."""

from wireglass.protocol.messages import Span
from wireglass.protocol.spans import asks_for_spans, decode_spans, encode_spans, spans_of

SPANS = (Span("Timing", "middleware", 0, 50), Span("handler", "handler", 5, 40, 0, {"tool": "x"}))


def test_spans_survive_the_wire() -> None:
    assert decode_spans(encode_spans(SPANS)) == (SPANS, 0)


def test_a_response_carries_them_in_its_meta_or_its_error_data() -> None:
    meta = {"dev.wireglass/spans": encode_spans(SPANS)}
    assert spans_of({"id": 1, "result": {"_meta": meta}}) == SPANS
    assert spans_of({"id": 1, "error": {"code": -32603, "message": "x", "data": meta}}) == SPANS
    assert spans_of({"id": 1, "result": {}}) == ()
    assert spans_of([1, 2]) == ()


def test_entries_that_do_not_fit_are_left_out_and_counted() -> None:
    good = {"name": "a", "kind": "handler", "start": 0, "dur": 1}
    bad = [
        7,
        {"name": 1},
        {**good, "start": -1},
        {**good, "kind": "nonsense"},
        {**good, "kind": []},
        {**good, "dur": True},
        {**good, "dur": 2**70},
        {**good, "start": 2**60},
    ]
    spans, misfits = decode_spans([*bad, good, {**good, "parent": 8}, {**good, "parent": 99}])
    assert misfits == len(bad)
    assert [span.parent for span in spans] == [None, 0, None]


def test_columns_that_do_not_fit_are_left_out_and_counted() -> None:
    """A server is untrusted: what it sends is read as far as it makes sense."""
    labels = "server call\nhandler quote\nnonsense x\nuser early\nuser open\nhuman asked\nuser short"
    times = [-1, 1000, 900_000, 0, 2000, 3000, 0, 1, 2, 0, "x", 5, 1, 10_000, None, 1, 10_000, None, 0, 1000]
    spans, misfits = decode_spans({"labels": labels, "times": times, "facts": {"1": {"a": 1}, "0": 7}})
    assert [(one.name, one.start_us, one.duration_us, one.parent, one.facts) for one in spans] == [
        ("call", 0, 899, None, {}),
        ("quote", 1, 1, 0, {"a": 1}),
        ("open", 9, 890, 1, {}),
        ("asked", 9, 0, 1, {}),
        ("short", 0, 899, 0, {}),
    ]
    assert misfits == 2
    for broken in ({}, {"labels": [], "times": []}, {"labels": "server x", "times": {}}, 7, "text"):
        assert decode_spans(broken) == ((), 1)
    assert decode_spans({"labels": "server x", "times": []})[0] == ()


def test_a_log_is_read_as_far_as_it_makes_sense() -> None:
    log = ["server call", 1000, "middleware A", 2000, "handler quote", 3000, 4000, "nonsense x", 4100, 4200, 5000]
    told = {"log": [*log, "human asked", 6000, "user still open", 7000], "end": 900_000, "facts": {"2": {"a": 1}}}
    spans, misfits = decode_spans(told)
    assert [(one.name, one.start_us, one.duration_us, one.parent, one.facts) for one in spans] == [
        ("call", 0, 899, None, {}),
        ("A", 1, 3, 0, {}),
        ("quote", 2, 1, 1, {"a": 1}),
        ("asked", 5, 0, 0, {}),
        ("still open", 6, 893, 3, {}),
    ]
    assert misfits == 1
    for broken in ([], [7, 8], ["server x"], ["server x", "handler y"], ["server x", None, 5], [[], {}]):
        assert decode_spans({"log": broken, "end": "x"})[0] == ()
    assert decode_spans({"log": ["server x", 5, "handler y", 6, 2**70], "end": 10}) == ((Span("x", "server", 0, 0),), 1)
    assert decode_spans({"log": ["server x", 5, 6, 7, 8, {}], "end": -3})[0] == (Span("x", "server", 0, 0),)


def test_the_form_of_older_recordings_is_read() -> None:
    entries = [
        {"name": "Timing", "kind": "middleware", "start": 0, "dur": 50},
        {"name": "handler", "kind": "handler", "start": 5, "dur": 40, "parent": 0, "facts": {"tool": "x"}},
    ]
    assert decode_spans(entries) == (SPANS, 0)


def test_only_true_asks() -> None:
    assert asks_for_spans({"dev.wireglass/trace": True})
    assert not asks_for_spans({"dev.wireglass/trace": "yes"})
    assert not asks_for_spans(None)
