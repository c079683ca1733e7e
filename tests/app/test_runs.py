"""Several runs of a tool: compared, many at once, repeated while one runs, saved."""

import json
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QFileDialog

from app.desk import Desktop, texts


def test_two_runs_are_compared_place_by_place(desktop) -> None:
    """Design section 5, Tools: two runs open side by side with Compare."""

    async def scene(desk: Desktop) -> None:
        await desk.desk()
        await desk.run("add", {"a": 1, "b": 2})
        await desk.run("add", {"a": 1, "b": 3})
        dossier = desk.tools.dossier
        assert (dossier.tabs.tabText(5), dossier.tabs.number(5)) == ("Compare", 2)
        dossier.show_tab("compare")
        page = dossier.compare
        await desk.until(lambda: page.view.places, "the differences")
        paths = [place.path for place in page.view.places]
        assert "/arguments/b" in paths
        assert "/result/structuredContent/sum" in paths
        first = page.view.path.whole()
        desk.window.actions_table.trigger("next-problem")
        assert page.view.path.whole() != first

    desktop(scene)


def test_two_runs_that_say_the_same_are_told_to_be_the_same(desktop) -> None:
    async def scene(desk: Desktop) -> None:
        await desk.desk()
        for _ in range(2):
            await desk.run("add", {"a": 1, "b": 2})
        desk.tools.dossier.show_tab("compare")
        page = desk.tools.dossier.compare
        await desk.until(lambda: page.view.words.text() == "0 differences", "the comparison")
        assert "No difference" in texts(page)

    desktop(scene)


def test_ten_runs_four_at_once_and_what_their_times_say(desktop) -> None:
    async def scene(desk: Desktop) -> None:
        session = await desk.desk()
        panel = desk.tools
        assert panel.list.select("slow")
        panel.options.set_runs(10, 4)
        panel.form.set_value({"steps": 1})
        most = 0

        def all_done() -> bool:
            nonlocal most
            most = max(most, sum(1 for call in session.calls if not call.ended))
            return len(session.calls) == 10 and all(call.ended for call in session.calls)

        panel.run.click()
        await desk.until(all_done, "ten runs")
        assert 1 < most <= 4
        await desk.until(lambda: panel.head.runs_label.text().startswith("10 of 10 runs · p50"), "the summary")
        assert panel.run.isVisible()

    desktop(scene)


def test_stop_ends_the_whole_series(desktop) -> None:
    async def scene(desk: Desktop) -> None:
        session = await desk.desk()
        panel = desk.tools
        assert panel.list.select("slow")
        panel.options.set_runs(100, 2)
        panel.form.set_value({"steps": 50})
        panel.run.click()
        await desk.until(lambda: len(session.calls) == 2, "two calls on the way")
        desk.window.actions_table.trigger("stop")
        await desk.until(lambda: all(call.ended for call in session.calls), "the end of both")
        assert len(session.calls) == 2
        assert {call.state for call in session.calls} == {"cancelled"}

    desktop(scene)


def test_a_call_can_be_repeated_while_it_runs(desktop) -> None:
    async def scene(desk: Desktop) -> None:
        session = await desk.desk()
        panel = desk.tools
        assert panel.list.select("slow")
        panel.form.set_value({"steps": 40})
        panel.run.click()
        await desk.until(lambda: session.calls, "the first")
        desk.window.actions_table.trigger("repeat")
        await desk.until(lambda: len(session.calls) == 2, "the second")
        assert session.calls[0].params == session.calls[1].params
        for call in session.calls:
            session.cancel(call)
        await desk.until(lambda: all(call.ended for call in session.calls), "the end")

    desktop(scene)


def test_the_result_is_saved_where_the_user_says(desktop, tmp_path: Path) -> None:
    async def scene(desk: Desktop) -> None:
        await desk.desk()
        await desk.run("add", {"a": 1, "b": 2})
        desk.window.actions_table.trigger("save")
        dialog = await desk.until(lambda: desk.window.findChild(QFileDialog), "the system's dialog")
        assert dialog.defaultSuffix() == "json", "of a name that is typed without one"
        target = tmp_path / "sum.json"
        dialog.fileSelected.emit(str(target))
        dialog.done(1)
        await desk.until(lambda: target.is_file() and target.read_bytes(), "the file")
        assert json.loads(target.read_text())["structuredContent"] == {"sum": 3}

    desktop(scene)


def test_the_other_run_is_chosen_with_the_keyboard(desktop) -> None:
    async def scene(desk: Desktop) -> None:
        session = await desk.desk()
        for b in (2, 3, 4):
            await desk.run("add", {"a": 1, "b": b})
        desk.tools.dossier.show_tab("compare")
        box = desk.tools.dossier.compare.findChild(QComboBox)
        assert desk.tools.dossier.compare.chosen is session.calls[1]
        box.setFocus()
        QTest.keyClick(box, Qt.Key.Key_Down)
        assert desk.tools.dossier.compare.chosen is session.calls[0]

    desktop(scene)


def test_a_run_from_the_servers_cache_is_teal_and_says_so(qtbot, look) -> None:
    """Design section 5: run bars are teal for a cache hit, spoken as a list."""
    from wireglass_app.calls import Call
    from wireglass_app.dossier.runbars import RunBars, _tone
    from wireglass_app.dossier.words import wire_facts

    runs = [Call(number, "tools/call", "add", {}, state="done", ended_ns=10**9, started_ns=0) for number in (1, 2)]
    runs[1].cache = "hit"
    assert [_tone(run) for run in runs] == ["bar.blue", "bar.teal"]
    bars = RunBars()
    qtbot.addWidget(bars)
    bars.set_runs(runs, runs[1])
    assert bars.accessibleName().endswith("from the cache")
    assert wire_facts(runs[1], None, None).endswith("cache hit")
