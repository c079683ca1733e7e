"""What screen readers hear, and the status bar shows: results, reloads, each once (design section 10)."""

from app.desk import Desktop


def test_a_result_is_announced_once_with_its_time_and_its_schema(desktop) -> None:
    """It was told twice, the second time with the times of the wire; of resources nothing was told."""

    async def scene(desk: Desktop) -> None:
        said: list[str] = []
        announcer = desk.window.announcer
        tell = announcer.say

        def hear(text: str, **how: bool) -> None:
            if "connected" not in text:
                said.append(text)
            tell(text, **how)

        announcer.say = hear
        session = await desk.desk()
        await desk.run("add", {"a": 1, "b": 2})
        await desk.until(lambda: said, "a word on the result")
        assert said[-1].startswith("Complete, ")
        assert said[-1].endswith(" ms, matches output schema")
        await desk.run("broken")
        await desk.until(lambda: len(said) > 1, "a word on the other result")
        assert said[-1].endswith("schema violations")
        await desk.run("fail", {"how": "tool"})
        await desk.until(lambda: len(said) > 2, "a word on the error")
        assert said[-1].startswith("The tool reported an error, ")
        desk.window.go("resources", session=session)
        desk.window.host.panel.run_primary()
        await desk.until(lambda: len(said) > 3, "a word on the resource")
        assert said[-1].startswith("Complete, ")
        assert len(said) == 4, said

    desktop(scene)


def test_a_reload_is_announced_with_what_it_changed(desktop) -> None:
    async def scene(desk: Desktop) -> None:
        session = await desk.desk()
        await session.restart()
        await desk.until(lambda: "desk was reloaded: no changes" in desk.window.status.said.whole(), "the news")

    desktop(scene)
