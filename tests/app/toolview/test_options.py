"""The request options go out with the call as they are shown, and what cannot go out keeps the call back."""

import json

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.desk import DESK, python_target

LEVEL = "io.modelcontextprotocol/logLevel"


async def sent(desk, session) -> dict:
    before = len(session.calls)
    desk.tools.run.click()
    await desk.until(lambda: len(session.calls) > before, "a call")
    call = session.calls[-1]
    entries = await desk.until(lambda: session.entries_of(call), "its frame")
    session.cancel(call)
    await desk.until(lambda: call.ended, "its end")
    return json.loads(entries[0].raw)["params"]["_meta"]


def test_progress_and_log_level_are_asked_for_or_not(desktop) -> None:
    async def scene(desk) -> None:
        session = await desk.open(python_target("asking", str(DESK.with_name("asking.py"))))
        desk.tools.list.select("yes")
        options = desk.tools.options
        meta = await sent(desk, session)
        assert meta[LEVEL] == "debug"
        assert "progressToken" in meta
        options._level.setCurrentText("alert")
        assert (await sent(desk, session))[LEVEL] == "alert"
        options._level.setCurrentText("none asked for")
        options._progress.click()
        meta = await sent(desk, session)
        assert LEVEL not in meta
        assert "progressToken" not in meta
        assert options.fold.note.whole() == "timeout 60 s"

    desktop(scene)


def test_meta_that_is_no_object_keeps_the_call_back_and_says_so(desktop) -> None:
    """It was left out once, without a word but a tooltip."""

    async def scene(desk) -> None:
        session = await desk.open(python_target("asking", str(DESK.with_name("asking.py"))))
        desk.tools.list.select("yes")
        options = desk.tools.options
        options._meta.setText('{"a": ')
        desk.tools.run.click()
        assert session.calls == []
        assert options.fold.body.isVisible()
        assert options._fault.isVisible()
        QTest.keyClicks(options._meta, "1}")
        assert options._fault.isHidden()
        assert (await sent(desk, session))["a"] == 1
        QTest.keyClick(options._meta, Qt.Key.Key_Backspace)
        assert options.fault

    desktop(scene)
