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
    bad = [7, {"name": 1}, {**good, "start": -1}, {**good, "kind": "nonsense"}, {**good, "dur": True}]
    spans, misfits = decode_spans([*bad, good, {**good, "parent": 5}, {**good, "parent": 99}])
    assert misfits == len(bad)
    assert [span.parent for span in spans] == [None, 0, None]


def test_only_true_asks() -> None:
    assert asks_for_spans({"dev.wireglass/trace": True})
    assert not asks_for_spans({"dev.wireglass/trace": "yes"})
    assert not asks_for_spans(None)
