"""The session of the design's picture of the timeline: two servers, a call in two rounds, waits, a sign-in."""

from wireglass.protocol.messages import Span
from wireglass_app.models.timeline import ORANGE, RED, SLATE, TEAL, VIOLET, TimelineModel

__all__ = ["scene", "waterfall_of"]

MS = 1_000_000
START = 1_790_000_000 * 1_000_000_000 // (60 * 10**9) * 60 * 10**9
"""Wall time of zero; a whole minute."""


def waterfall_of() -> tuple[Span, ...]:
    """The spans of the second round of create_label."""
    return (
        Span("tools/call create_label", "server", 0, 1_842_000),
        Span("ErrorHandlingMiddleware", "middleware", 1_500, 1_838_000, 0),
        Span("TimingMiddleware", "middleware", 1_900, 1_837_000, 1),
        Span("LoggingMiddleware", "middleware", 2_200, 1_836_000, 2),
        Span("RateLimitingMiddleware", "middleware", 5_000, 1_831_000, 3, {"queued_ms": 311, "reason": _BUCKET}),
        Span("ResponseCachingMiddleware", "middleware", 316_000, 1_519_000, 4, {"cache": "miss"}),
        Span("create_label", "handler", 318_000, 1_515_000, 5),
        Span("read rates://current", "storage", 350_000, 41_000, 6, {"cache": "hit"}),
        Span("POST carrier API", "user", 536_000, 1_072_000, 6),
    )


_BUCKET = "The bucket of 5 calls per second was empty."


def scene() -> TimelineModel:
    """A filled model; everything in it is fixed."""
    model = TimelineModel(START)
    model.is_over = True
    model.state_of = lambda _server: "ok.text"
    desk, ledger = "parcel-desk", "ledgerline"
    happened: list[tuple[int, int, str, str, str, bool, bool]] = [
        (500, 900, desk, "server/discover", "server/discover", False, False),
        (3_100, 500, desk, "tools/list", "list tools", False, False),
        (6_400, 400, desk, "tools/call", "fuel_surcharge", False, True),
        (8_400, 600, desk, "tools/call", "quote_shipment", False, False),
        (9_300, 1_100, desk, "tools/call", "quote_shipment", False, False),
        (16_700, 1_500, desk, "tools/call", "create_label", False, False),
        (19_400, 7_600, desk, "tools/call", "import_manifest", False, False),
        (27_600, 1_842, desk, "tools/call", "create_label", False, False),
        (32_300, 1_600, desk, "tools/call", "track_parcel", True, False),
        (35_200, 700, desk, "tools/call", "quote_shipment", False, False),
        (36_800, 2_900, desk, "tools/call", "summarise_delays", False, False),
        (42_600, 500, desk, "tools/call", "validate_address", False, False),
        (48_100, 3_000, desk, "tools/call", "summarise_delays", False, False),
        (2_000, 1_300, ledger, "server/discover", "server/discover", False, False),
        (22_800, 1_900, ledger, "tools/call", "list_invoices", False, False),
        (34_000, 700, ledger, "tools/call", "refund_invoice", True, False),
        (44_800, 2_100, ledger, "tools/call", "refund_invoice", False, False),
    ]
    first = 0
    for key, (begin, took, server, method, name, failed, cached) in enumerate(sorted(happened)):
        again = name == "create_label" and bool(first)
        label = "round 2" if again else "import_manifest · 62 %" if name == "import_manifest" else ""
        model.begin_call(key, server, method, name, begin * MS, previous=first if again else -1, label=label)
        spans = waterfall_of() if again else _short(name, took, cached)
        ended = "create_label round 1" if name == "create_label" and not again else ""
        model.end_call(key, (begin + took) * MS, failed=failed, cached=cached, spans=spans, label=ended)
        first = key if name == "create_label" else first
    for key, (begin, until, words) in enumerate(
        [(18_200, 27_500, "Confirm label cost · you, 9.3 s"), (39_700, 48_000, "Delay summary · you, 8.3 s")]
    ):
        model.begin_wait(key, desk, words, begin * MS)
        model.end_wait(key, until * MS)
    _ticks(model, desk)
    for begin, until, label, tone in (
        (1_900, 3_300, "POST 200", TEAL),
        (22_700, 24_700, "POST 200", TEAL),
        (33_900, 34_700, "403 insufficient_scope", ORANGE),
        (44_700, 46_900, "POST 200", TEAL),
    ):
        model.add(ledger, "HTTP", label, begin * MS, until * MS, tone)
    for begin, until, label, tone in (
        (34_900, 35_400, "", ORANGE),
        (35_500, 43_800, "Grant invoices:refund · browser", VIOLET),
        (43_900, 44_500, "", TEAL),
    ):
        model.add(ledger, "Sign-in", label, begin * MS, until * MS, tone)
    return model


def _ticks(model: TimelineModel, desk: str) -> None:
    model.tick(desk, "Notifications", 5_200 * MS, VIOLET, "tools changed")
    for at in range(9):
        model.tick_again(desk, "Notifications", (20_000 + at * 820) * MS, VIOLET, "progress", "import")
    model.tick(desk, "Notifications", 44_000 * MS, VIOLET, "resource updated")
    for at in range(44):
        tone = RED if at == 27 else ORANGE if at in (25, 40) else SLATE
        model.tick(desk, "Logs", (700 + at * 1_160 + at * at * 7 % 400) * MS, tone)


def _short(name: str, took: int, cached: bool) -> tuple[Span, ...]:
    whole = took * 1000
    return (
        Span(f"tools/call {name}", "server", 0, whole),
        Span("RateLimitingMiddleware", "middleware", 300, whole - 600, 0),
        Span("ResponseCachingMiddleware", "middleware", 600, whole - 1_200, 1, {"cache": "hit" if cached else "miss"}),
        Span(name, "handler", 900, whole - 1_800, 2),
    )
