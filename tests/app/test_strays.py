"""No part of a view is ever a window of its own, not even for the moment before it has a parent.

Opening the settings did so a dozen times: each took the focus, and until the next click no key did anything.
"""

import pytest

from app.desk import DESK, python_target
from app.strays import no_strays


@pytest.mark.slow
def test_no_view_shows_a_part_of_it_as_a_window(desktop) -> None:
    async def scene(desk) -> None:
        window = desk.window
        with no_strays():
            session = await desk.desk()
            for tool in ("add", "broken", "fail"):
                await desk.run(tool, {"a": 1, "b": 2} if tool == "add" else {"how": "tool"} if tool == "fail" else None)
            for tab in ("content", "timing", "logs", "frames", "compare"):
                desk.tools.dossier.show_tab(tab)
            asking = await desk.open(python_target("asking", str(DESK.with_name("asking.py"))))
            for tool in ("form", "several", "sample", "page"):
                await desk.run(tool)
            for question in asking.questions:
                window.go("inbox", question=question)
            for key, spec in window.host.specs.items():
                window.go(key, session=session if spec.group == "server" else None)
            desk.app.opener.ask_target(None)
            await desk.until(lambda: window.isVisible(), "a turn of the loop")

    desktop(scene)
