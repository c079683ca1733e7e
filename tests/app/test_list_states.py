"""Lists and forms of a server that is away, on its way, or that does not tell its lists. Design section 6."""

from pathlib import Path

from PySide6.QtTest import QTest

from app.desk import DESK, Desktop, python_target, texts
from wireglass_app import motion
from wireglass_app.calls import Target
from wireglass_app.moments import clock
from wireglass_app.theme import theme
from wireglass_app.waiting import Skeleton, ThinBar


def moody(folder: Path, mood: str) -> tuple[Target, Path]:
    file = folder / "mood"
    file.write_text(mood)
    target = python_target("moody", str(DESK.parent / "moody.py"), env=(("MOOD", str(file)),))
    return target, file


def test_the_lists_of_a_server_that_is_away_stay_and_say_of_when_they_are(desktop) -> None:
    async def scene(desk: Desktop) -> None:
        session = await desk.desk()
        lists = desk.tools.list
        assert lists.state.kind == "live"
        assert not lists.state.isVisible()
        rows = lists.model.rowCount()
        await session.disconnect_from()
        await desk.until(lambda: lists.state.kind == "stale", "greyed rows")
        assert lists.model.rowCount() == rows
        assert f"as of {clock(session.catalogue.read_at)[:5]}" in lists.state.words.text()
        picture = lists.view.grab().toImage()
        assert theme().color("text.muted") != theme().color("text.primary")
        desk.window.go("prompts")
        assert desk.window.host.panel.list.state.kind == "stale"
        desk.window.go("resources")
        assert desk.window.host.panel.list.state.kind == "stale"
        session.connect_to()
        await desk.until(lambda: session.usable, "the server again")
        desk.window.go("tools")
        assert lists.state.kind == "live"
        assert not lists.state.isVisible()
        assert lists.view.grab().toImage() != picture

    desktop(scene)


def test_rows_stand_back_under_a_thin_bar_while_the_server_comes_back(desktop, tmp_path: Path) -> None:
    """Nothing for 300 ms, then the old rows at 60 %."""
    target, mood = moody(tmp_path, "")

    async def scene(desk: Desktop) -> None:
        session = await desk.open(target)
        lists = desk.tools.list
        mood.write_text("slow")
        await session.disconnect_from()
        session.connect_to()
        await desk.until(lambda: lists.state.kind == "loading", "the thin bar")
        assert lists.state.bar.isVisible()
        assert lists.view.delegate._opacity == 0.6
        assert lists.model.rowCount() > 3
        mood.write_text("")
        await desk.until(lambda: lists.state.kind == "live", "the lists again")
        assert not lists.state.bar.isVisible()

    desktop(scene)


def test_a_server_that_starts_for_the_first_time_shows_a_skeleton(desktop, tmp_path: Path) -> None:
    target, mood = moody(tmp_path, "slow")

    async def scene(desk: Desktop) -> None:
        session = desk.app.opener.open_target(target)
        panel = desk.window.host.panel
        await desk.until(lambda: panel.body.isVisible(), "the steps")
        assert panel.findChild(Skeleton).isVisible()
        mood.write_text("")
        await desk.until(lambda: session.usable, "the server")
        await session.disconnect_from()
        desk.window.go("connection", session=session)
        assert not panel.skeleton.isVisible()

    desktop(scene)


def test_a_list_that_cannot_be_read_says_why_and_is_tried_again(desktop, tmp_path: Path) -> None:
    target, mood = moody(tmp_path, "refuse")

    async def scene(desk: Desktop) -> None:
        session = await desk.open(target)
        assert session.usable
        lists = desk.tools.list
        assert lists._stack.currentWidget() is lists.failed
        assert "the shelf fell over" in lists.failed.text.text()
        assert "The list could not be read." in texts(desk.tools.detail)
        mood.write_text("")
        again = next(button for button in lists.failed.findChildren(type(desk.tools.run)) if "again" in button.text())
        again.click()
        await desk.until(lambda: lists.model.rowCount() > 3, "the tools")
        assert lists._stack.currentWidget() is lists.view

    desktop(scene)


def test_rows_whose_new_list_could_not_be_read_stay_greyed_with_the_reason_and_another_try(
    desktop, tmp_path: Path
) -> None:
    """And the connection, which is as it was, is announced once, not at each attempt."""
    target, mood = moody(tmp_path, "")

    async def scene(desk: Desktop) -> None:
        said: list[str] = []
        desk.window.announcer.spoken.connect(lambda text, _assertive: said.append(text))
        session = await desk.open(target)
        lists = desk.tools.list
        await desk.until(lambda: lists.model.rowCount() > 3, "the tools")
        rows = lists.model.rowCount()
        mood.write_text("refuse")
        session.read_again()
        await desk.until(lists.retry.isVisible, "the other way on")
        assert "the shelf fell over" in lists.problem.text()
        assert lists.model.rowCount() == rows
        assert lists.state.kind == "stale"
        assert f"as of {clock(session.catalogue.read_at)[:5]}" in lists.state.words.text()
        mood.write_text("")
        lists.retry.click()
        await desk.until(lambda: not lists.retry.isVisible(), "the list as it is now")
        assert lists.state.kind == "live"
        assert sum("is connected" in text for text in said) <= 1

    desktop(scene)


def test_reconnect_and_run_starts_the_server_and_then_runs(desktop) -> None:
    async def scene(desk: Desktop) -> None:
        session = await desk.desk()
        tools = desk.tools
        tools.list.select("add")
        tools.form.set_value({"a": 1, "b": 2})
        await session.disconnect_from()
        await desk.until(lambda: tools.run.text().strip() == "Reconnect and run", "the other words")
        assert tools.form.isEnabled()
        tools.form.set_value({"a": 20, "b": 2})
        tools.run.click()
        await desk.until(lambda: session.calls and session.calls[-1].ended, "a result")
        assert session.calls[-1].result["structuredContent"] == {"sum": 22}
        assert tools.run.text().strip() == "Run"

    desktop(scene)


def test_what_was_chosen_meanwhile_does_not_run(desktop) -> None:
    """Nothing runs that the user has not just seen."""

    async def scene(desk: Desktop) -> None:
        session = await desk.desk()
        tools = desk.tools
        tools.list.select("add")
        tools.form.set_value({"a": 1, "b": 2})
        await session.disconnect_from()
        tools.run.click()
        tools.list.select("big")
        await desk.until(lambda: session.usable, "the server")
        await desk.until(lambda: tools.list.state.kind == "live", "the lists")
        assert not session.calls

    desktop(scene)


def test_a_filter_tells_how_many_fit(desktop) -> None:
    async def scene(desk: Desktop) -> None:
        await desk.desk()
        lists = desk.tools.list
        QTest.keyClicks(lists.field, "add")
        assert lists.state.words.text() == f"1 of {len(desk.tools.session.catalogue.tools)}"
        lists.field.clear()
        assert not lists.state.isVisible()

    desktop(scene)


def test_the_thin_bar_moves_only_after_a_second_and_never_with_reduced_motion(qtbot, look) -> None:
    """Design section 11: nothing loops except an indeterminate bar after 1 s."""
    motion.choose("reduced")
    bar = ThinBar()
    qtbot.addWidget(bar)
    bar.show()
    bar._begin.timeout.emit()
    assert not bar.moving
    motion.choose("full")
    bar._begin.timeout.emit()
    assert bar.moving
    bar.hide()
    assert not bar.moving
