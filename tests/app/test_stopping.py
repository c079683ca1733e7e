"""Design 4.1: Stop sends the cancellation, and then says whether the server heeded it."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.desk import DESK, python_target, texts

WAYS = {
    "answers": ("answered", "It did not stop: its answer came"),
    "confirms": ("confirmed", "It confirmed that"),  # "after 3 ms", where the clocks see a time between
    "quiet": ("silent", "It has sent nothing for this call since."),
}


@pytest.mark.parametrize("tool", WAYS)
def test_what_the_server_did_after_the_stop_is_said(desktop, tool) -> None:
    async def scene(desk) -> None:
        session = await desk.open(python_target("stubborn", str(DESK.with_name("stubborn.py"))))
        panel = desk.tools
        panel.list.select(tool)
        panel.run.click()
        await desk.until(lambda: session.calls and session.calls[0].request_ids, "a call under way")
        panel.head.stop.setFocus()
        QTest.keyClick(panel.head.stop, Qt.Key.Key_Space)
        call = session.calls[0]
        await desk.until(lambda: call.late, "what the server did")
        what, words = WAYS[tool]
        assert (call.state, call.late.what) == ("cancelled", what)
        assert words in texts(panel.dossier)
        assert panel.dossier.foot.isHidden(), "the wire knows no time of a call without an answer"

    desktop(scene)
