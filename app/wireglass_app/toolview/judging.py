"""Whether structured results fit the output schema of their tool; off the Qt thread when they are large."""

from typing import Any

from PySide6.QtCore import QObject, Signal

from wireglass.schema_check import check
from wireglass_app.bridge import Bridge
from wireglass_app.calls import Call, is_large
from wireglass_app.server_session import ServerSession

__all__ = ["OutputJudge"]


class OutputJudge(QObject):
    """Fills `call.verdicts`; `judged(call)` when that took a while."""

    judged = Signal(object)

    def __init__(self, bridge: Bridge, parent: QObject) -> None:
        super().__init__(parent)
        self._bridge = bridge

    def judge(self, session: ServerSession | None, call: Call) -> None:
        """Compares a result with the schema, if there are both and it was not done before."""
        if call.state != "done" or call.result is None or call.verdicts is not None or session is None:
            return
        tool = session.catalogue.tool(call.name)
        schema = tool.get("outputSchema") if tool else None
        value = call.result.get("structuredContent")
        if not isinstance(schema, dict) or value is None:
            return
        if is_large(value):
            self._bridge.spawn(self._judge_later(call, schema, value), self)
        else:
            call.verdicts = check(schema, value)

    async def _judge_later(self, call: Call, schema: dict[str, Any], value: Any) -> None:
        call.verdicts = await self._bridge.compute(check, schema, value)
        self.judged.emit(call)
