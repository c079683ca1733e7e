"""A watched call runs again after a reload, if it is read-only, and is compared with the run before."""

from app.desk import Desktop


def test_a_read_only_call_runs_again_after_a_reload_and_is_compared(desktop) -> None:
    """Design flow 6: Ctrl+Shift+R marks a call as watched."""

    async def scene(desk: Desktop) -> None:
        session = await desk.desk()
        await desk.run("add", {"a": 1, "b": 2})
        desk.window.actions_table.trigger("watch")
        assert desk.tools.head.watched.isVisible()
        assert desk.tools.head.watched.window() is desk.window
        said: list[str] = []
        desk.app.watching._say = said.append
        await session.restart()
        await desk.until(lambda: said, "the comparison")
        assert said == ["add after the reload: the same result."]
        assert len(session.calls) == 2
        desk.window.actions_table.trigger("watch")
        assert not desk.tools.head.watched.isVisible()
        await session.restart()
        await desk.until(lambda: session.usable and session.starts == 3, "the third start")
        assert len(session.calls) == 2

    desktop(scene)


def test_what_may_change_something_is_not_run_by_itself(desktop) -> None:
    async def scene(desk: Desktop) -> None:
        session = await desk.desk()
        await desk.run("slow", {"steps": 1})
        desk.window.actions_table.trigger("watch")
        said: list[str] = []
        desk.app.watching._say = said.append
        await session.restart()
        await desk.until(lambda: said, "the reason")
        assert "not marked read-only" in said[0]
        assert len(session.calls) == 1

    desktop(scene)
