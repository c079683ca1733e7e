"""The request options go out with the call as they are shown, and what cannot go out keeps the call back."""

import json

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.desk import DESK, python_target
from wireglass_app.dossier.options import ChosenOptions, RequestOptions

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


def test_each_tool_has_its_own_options_as_they_were_left(desktop) -> None:
    """A _meta for one tool, or "send anyway", went out with the calls of all the others."""

    async def scene(desk) -> None:
        await desk.open(python_target("asking", str(DESK.with_name("asking.py"))))
        panel, options = desk.tools, desk.tools.options
        panel.list.select("yes")
        options._timeout.setValue(5)
        options._level.setCurrentText("none asked for")
        options._meta.setText('{"a": 1')
        for box in (options._progress, options._trace, options._anyway):
            box.click()
        options.set_runs(3, 2)
        left, words = options.chosen, options.fold.note.whole()
        panel.list.select("form")
        assert options.chosen == ChosenOptions()
        assert options.fault == ""
        options._timeout.setValue(7)
        panel.list.select("yes")
        assert options.chosen == left
        assert options.fold.note.whole() == words
        assert options.fault, "half a word of JSON is kept, and still told"
        panel.list.select("form")
        assert options.timeout == 7

    desktop(scene)


def test_a_tool_that_must_run_as_a_task_leaves_the_others_as_they_were(qtbot, look) -> None:
    options = RequestOptions()
    qtbot.addWidget(options)
    options.offer_task("required")
    assert options.task
    fixed = options.chosen
    assert not fixed.task, "nobody chose it"
    options.choose(ChosenOptions(task=True))
    options.offer_task("optional")
    assert options.task
    options.choose(fixed)
    options.offer_task("optional")
    assert not options.task


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
