"""The server views look as they did when a person last looked: see `reference_pictures` for how to make them anew."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from PySide6.QtWidgets import QWidget

from app.desk import Desktop
from app.reference_pictures import Check, tries
from wireglass_app.theme import theme

pytestmark = pytest.mark.slow
LOOKS = [(choice, zoom) for zoom in (1.0, 1.5) for choice in ("light", "dark", "contrast")]

Shown = tuple[QWidget, list[QWidget]]
"""What is looked at, and what differs in it by nature: times, process numbers, paths."""


def times(panel: Any) -> list[QWidget]:
    """Of a result."""
    dossier = panel.dossier
    return [dossier.head, dossier.foot]


async def tool_form(desk: Desktop) -> Shown:
    desk.window.go("tools", name="add")
    desk.tools.form.set_value({"a": 40})
    return desk.tools, []


async def tool_result(desk: Desktop) -> Shown:
    await desk.run("big", {"rows": 12})
    tools = desk.tools
    return tools, [*times(tools), tools.head.bars, tools.head.runs_label, tools.list.view]


async def tool_error(desk: Desktop) -> Shown:
    await desk.run("fail", {"how": "tool"})
    desk.tools.dossier.show_tab("structured")
    return desk.tools.dossier, times(desk.tools)


async def tool_refused(desk: Desktop) -> Shown:
    await desk.run("fail", {"how": "protocol"})
    return desk.tools.dossier, times(desk.tools)


async def tool_confirm(desk: Desktop) -> Shown:
    desk.window.go("tools", name="wipe")
    desk.tools.form.set_value({"sure": True})
    desk.tools.run_primary()
    return desk.tools.right, []


async def tool_question(desk: Desktop) -> Shown:
    desk.tools.list.view.setFocus()  # outside the picture
    await desk.run("ask")
    panel = desk.tools.dossier
    await desk.until(lambda: panel.asking.form, "the question")
    return panel, [panel.head]


async def overview(desk: Desktop) -> Shown:
    desk.window.go("overview")
    panel: Any = desk.window.host.panel
    card = panel._scroll.widget().findChildren(QWidget)
    facts = [one for one in card if one.property("type") == "mono" and one.isVisible()]
    return panel, [*facts, panel.uptime]


async def resource(desk: Desktop) -> Shown:
    session: Any = desk.app.workbench.current
    desk.window.go("resources", name="desk://note", read=True)
    await desk.until(lambda: session.calls[-1].method == "resources/read" and session.calls[-1].ended, "a reading")
    panel: Any = desk.window.host.panel
    return panel, [*times(panel), panel.news]


async def template(desk: Desktop) -> Shown:
    desk.window.go("resources", name="desk://{kind}/{number}")
    panel: Any = desk.window.host.panel
    panel.template.fields["kind"].line.setText("pen")
    return panel, []


async def prompt(desk: Desktop) -> Shown:
    desk.window.go("prompts", name="greet")
    panel: Any = desk.window.host.panel
    panel.form.set_value({"who": "Ada"})
    panel.run_primary()
    await desk.until(lambda: panel.test.isEnabled(), "the messages")
    return panel, times(panel)


async def trial(desk: Desktop) -> Shown:
    panel: Any = desk.window.host.panel
    panel.try_sampling()
    panel.trial.reply.text.setPlainText("Hello Ada")
    return panel, []


SCENES: dict[str, Callable[[Desktop], Coroutine[Any, Any, Shown]]] = {
    "tool-form": tool_form,
    "tool-result": tool_result,
    "tool-error": tool_error,
    "tool-refused": tool_refused,
    "tool-confirm": tool_confirm,
    "tool-question": tool_question,
    "overview": overview,
    "resource": resource,
    "template": template,
    "prompt": prompt,
    "sampling-test": trial,
}
"""In this order, in one window."""


async def settled() -> None:
    """Some turns of the loop, in which layouts find their sizes."""
    for _ in range(10):
        await asyncio.sleep(0.02)


@pytest.mark.parametrize(("choice", "zoom"), LOOKS)
def test_the_pictures_of_the_server_views(desktop, reference_check: Check, choice: str, zoom: float) -> None:
    """Design section 13, point 1."""
    wrong: list[str] = []

    async def play(desk: Desktop) -> None:
        desk.app.settings.set("theme", choice)
        desk.app.settings.set("zoom", zoom)
        desk.window.resize(1440, 900)
        assert theme().scale == zoom
        await desk.desk()
        for name, scene in SCENES.items():
            shown, hidden = await scene(desk)
            await settled()
            try:
                for _ in tries(reference_check, shown, f"{name}-{choice}-{round(zoom * 100)}", hidden):
                    await asyncio.sleep(0.3)
            except AssertionError as problem:
                wrong.append(str(problem).splitlines()[0])

    desktop(play, 600.0)
    assert not wrong, "\n".join(wrong)
