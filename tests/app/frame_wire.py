"""Frames for tests of Protocol: put into a ledger one by one, told to the views, and judged."""

from typing import Any

from pydantic_core import to_json
from pytestqt.qtbot import QtBot

from inbox_desk import Bench
from wireglass.protocol.messages import Frame, HttpFacts, Sender, request, result
from wireglass.recording.ledger import Ledger
from wireglass_app.verdicts import Verdicts

__all__ = ["BAD", "META", "MS", "Wire", "arrive", "judge"]

MS = 1_000_000
META = {
    "_meta": {
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
        "io.modelcontextprotocol/clientInfo": {"name": "w", "version": "1"},
    }
}


class Wire:
    """Puts frames into a ledger, one every ten milliseconds."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.now = 0

    def put(
        self, message: Any, sender: Sender = "client", raw: str | None = None, http: HttpFacts | None = None
    ) -> None:
        self.now += 10 * MS
        text = to_json(message).decode() if raw is None else raw
        problem = None if raw is None else "not JSON: Expecting value"
        self.ledger.append(Frame(sender, "stdio", text, message, self.now, problem, http=http), "shop #1")

    def call(self, number: int, answer: dict[str, Any] | None = None) -> None:
        self.put(request(number, "tools/call", {"name": "buy", "arguments": {}, **META}))
        good = {"resultType": "complete", "content": [{"type": "text", "text": "x"}], "isError": False}
        self.put(result(number, good if answer is None else answer), "server")


BAD = {"resultType": "complete", "content": [{"type": "image", "data": "AAAA"}]}


def arrive(bench: Bench) -> None:
    bench.entries_added.emit(None, [])


def judge(qtbot: QtBot, bench: Bench) -> None:
    verdicts: Verdicts = bench.verdicts  # type: ignore[attr-defined]
    verdicts.recorded()
    qtbot.waitUntil(lambda: verdicts.done == len(bench.ledger.entries), timeout=20_000)
    qtbot.wait(30)
