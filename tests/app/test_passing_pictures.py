"""What is seen only for a while looks as it did when a person last looked: questions that wait, a call at work, one
that got no answer, a server that starts, a sign-in. See `reference_pictures` for how to make the pictures anew.

Each situation is built once for a zoom, and every look of it is taken from that one.
"""

import asyncio
import re
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import replace
from pathlib import Path
from time import sleep
from typing import Any

import httpx
import pytest
from PySide6.QtWidgets import QLabel, QWidget

from app.desk import Desktop, python_target
from app.reference_pictures import Check, tries
from app.test_sign_in import OTHERS, Browser
from oauth_double import served
from wireglass_app.calls import Call, Target
from wireglass_app.dossier.violations import Violations
from wireglass_app.labels import Elided
from wireglass_app.panels.connection import ConnectionPanel
from wireglass_app.payloads.code import CodeView
from wireglass_app.payloads.json import JsonView
from wireglass_app.payloads.preparing import Preparing
from wireglass_app.questions import Question
from wireglass_app.theme import theme

pytestmark = pytest.mark.slow

Shown = tuple[QWidget, Callable[[], None], list[QWidget]]
"""What is looked at; what writes over the words in it that are others each time (times, ports, paths); and what must be
left out."""
Scenes = dict[str, Callable[[Desktop], Coroutine[Any, Any, Shown]]]

SERVERS = Path(__file__).parent / "servers"
LOOKS = ("light", "dark", "contrast")


async def settled() -> None:
    """Some turns of the loop, in which layouts find their sizes."""
    for _ in range(10):
        await asyncio.sleep(0.02)


async def take(desk: Desktop, check: Check, scenes: Scenes, zoom: float) -> list[str]:
    """Plays the scenes in one window; what is wrong with any look of any of them."""
    wrong: list[str] = []
    for name, scene in scenes.items():
        shown, write_over, hidden = await scene(desk)
        for look in LOOKS:
            desk.app.settings.set("theme", look)
            await settled()
            write_over()
            await settled()
            try:
                for _ in tries(check, shown, f"{name}-{look}-{round(zoom * 100)}", hidden):
                    await asyncio.sleep(0.3)
                    write_over()
            except AssertionError as problem:
                wrong.append(str(problem).splitlines()[0])
    return wrong


def play(
    desktop: Any, whole: Callable[[Desktop, list[str]], Coroutine[Any, Any, None]], zoom: float, *, larger: bool = False
) -> None:
    """On a workbench of this zoom, its window of one size, or as much `larger`. `whole` tells what is wrong."""
    wrong: list[str] = []

    async def zoomed(desk: Desktop) -> None:
        desk.app.settings.set("theme", LOOKS[0])
        desk.app.settings.set("zoom", zoom)
        grown = zoom if larger else 1.0
        desk.window.resize(round(1440 * grown), round(900 * grown))
        assert theme().scale == zoom
        await whole(desk, wrong)

    desktop(zoomed, 600.0)
    assert not wrong, "\n".join(wrong)


def play_on(desktop: Any, check: Check, scenes: Scenes, zoom: float, target: Target, *, larger: bool = False) -> None:
    """The same, with a server that is ready."""

    async def whole(desk: Desktop, wrong: list[str]) -> None:
        session = await desk.open(target)
        assert session.state == "ready", session.failure
        wrong.extend(await take(desk, check, scenes, zoom))

    play(desktop, whole, zoom, larger=larger)


# -- questions ---------------------------------------------------------------------------------------------------------


async def ask(desk: Desktop, tool: str) -> Question:
    """A tool asks, and waits in the Inbox with the focus in its form."""
    desk.window.go("tools", name=tool)
    await desk.until(lambda: desk.tools.list.select(tool), "the tool")
    await desk.run(tool)
    question = await desk.until(lambda: desk.app.workbench.waiting, "a question")
    desk.window.go("inbox", question=question[-1])
    return question[-1]


def inbox(desk: Desktop) -> Shown:
    """The command of the server is another on each machine."""
    panel: Any = desk.window.host.panel

    def write_over() -> None:
        for label in panel.card.findChildren(Elided):
            if label.whole().startswith("stdio"):
                label.setText("stdio · python")

    return panel, write_over, []


ANSWER = {
    "reason": "wrong_address",
    "refund_to": "original",
    "refund_amount": 24.9,
    "notify": ["Recipient", "Warehouse"],
    "email": "desk@parcel",
    "effective_on": "2026-11-21",
    "note": "Flat number was missing, new label follows.",
    "restock": True,
}
"""All of it is fine but the address, which is not complete."""


async def form(desk: Desktop) -> Shown:
    await ask(desk, "form")
    panel: Any = desk.window.host.panel
    panel.card.view.form.set_value(ANSWER)
    panel.list.setFocus()
    return inbox(desk)


async def sampling(desk: Desktop) -> Shown:
    await ask(desk, "loop")
    panel: Any = desk.window.host.panel
    panel.card.view.reply.text.setPlainText("Two parcels are waiting at Hub North.")
    panel.list.setFocus()
    return inbox(desk)


async def page(desk: Desktop) -> Shown:
    await ask(desk, "page")
    panel: Any = desk.window.host.panel
    panel.list.setFocus()
    return inbox(desk)


QUESTIONS: Scenes = {"inbox-form": form, "inbox-sampling": sampling, "inbox-url": page}


@pytest.mark.parametrize("zoom", [1.0, 1.5])
def test_the_pictures_of_questions_that_wait(
    desktop, reference_check: Check, monkeypatch: pytest.MonkeyPatch, zoom: float
) -> None:
    """Design section 13, point 1; mockups 02, 03 and 04."""
    monkeypatch.setattr(Question, "seconds", property(lambda _self: 102.0))
    server = python_target("parcel-desk", str(SERVERS / "asking.py"), "parcel-desk", "stateless")
    play_on(desktop, reference_check, QUESTIONS, zoom, server)


# -- calls -------------------------------------------------------------------------------------------------------------


def timed(call: Call) -> None:
    """Its log lines as if they had come at these times."""
    for at, line in enumerate(call.logs):
        call.logs[at] = replace(line, at_ns=call.started_ns + (at * 3_700 + 200) * 1_000_000)


def at(dossier: Any, time: str) -> Callable[[], None]:
    """As if the call had taken this long."""

    def write_over() -> None:
        dossier._clock.stop()
        dossier.time.setText(time)

    return write_over


async def start(desk: Desktop, tool: str, timeout: float = 60.0) -> Call:
    panel = desk.tools
    await desk.until(lambda: panel.list.select(tool), "the tool")
    panel.options._timeout.setValue(timeout)
    panel.run.click()
    session: Any = panel.session
    return await desk.until(lambda: next((one for one in session.calls if one.name == tool), None), "the call")


async def working(desk: Desktop) -> Shown:
    desk.window.go("tools")
    call = await start(desk, "load")
    dossier = desk.tools.dossier
    await desk.until(lambda: len(call.logs) == 3 and call.progress is not None, "logs and progress")
    timed(call)
    dossier.running.logs.set_lines(list(call.logs))
    return dossier, at(dossier, "7.6 s"), []


async def late(desk: Desktop) -> Shown:
    desk.tools.stop()
    call = await start(desk, "hang", 0.5)
    await desk.until(lambda: call.state == "timeout", "the time-out")
    await desk.until(lambda: call.late is not None, "whether the server heeded it")
    dossier = desk.tools.dossier
    return dossier, at(dossier, "502 ms"), [dossier.foot]


async def lost(desk: Desktop) -> Shown:
    call = await start(desk, "die")
    dossier = desk.tools.dossier
    await desk.until(lambda: call.state == "lost" and "KeyError" in dossier.problem.trace.text.text(), "its last words")
    await desk.until(lambda: desk.window.host.banner.isVisible(), "what is said of the server")
    return dossier, at(dossier, "502 ms"), [dossier.foot]


CALLS: Scenes = {"call-running": working, "call-late": late, "call-lost": lost}


@pytest.mark.parametrize("zoom", [1.0, 1.5])
def test_the_pictures_of_calls_without_an_answer(desktop, reference_check: Check, zoom: float) -> None:
    """Design section 13, point 1; mockup 15."""
    server = python_target("stalling", str(SERVERS / "stalling.py"))
    play_on(desktop, reference_check, CALLS, zoom, server, larger=True)


# -- results -----------------------------------------------------------------------------------------------------------


async def violations(desk: Desktop) -> Shown:
    desk.window.go("tools")
    call = await desk.run("broken")
    await desk.until(lambda: call.verdicts and desk.tools.dossier.findChild(Violations), "what its schema says")
    dossier = desk.tools.dossier
    return dossier, at(dossier, "2.8 ms"), [dossier.facts, dossier.foot]


def endless(rows: list[str]) -> Iterator[list[str]]:
    """Rows that come, and then a reading that brings no more and does not end until it is stopped."""
    yield rows
    while True:
        sleep(0.02)  # in a thread at work
        yield []


async def reading(desk: Desktop) -> Shown:
    await desk.run("big", {"rows": 12})
    dossier = desk.tools.dossier

    def value() -> Any:  # not the first of that kind: the view of the call before lives for one turn more
        return getattr(dossier.result.view, "value", {}).get("total")

    await desk.until(lambda: value() == 12, "the value")
    shown: Any = dossier.result.view
    assert isinstance(shown, JsonView)
    shown.looks.button("raw").click()
    code: Any = shown.findChild(CodeView)
    await desk.until(lambda: len(code.rows) > 12 and not code.loading, "its text")
    code.set_rows(endless(list(code.rows)), "json")
    await desk.until(lambda: code.findChild(Preparing).isVisible(), "the line below")
    return dossier, at(dossier, "2.8 ms"), [dossier.facts, dossier.foot]


RESULTS: Scenes = {"result-violations": violations, "result-reading": reading}


@pytest.mark.parametrize("zoom", [1.0, 1.5])
def test_the_pictures_of_results_with_something_beside(desktop, reference_check: Check, zoom: float) -> None:
    """Design sections 6 and 8: a result that breaks its schema, a content that is still being read."""

    async def whole(desk: Desktop, wrong: list[str]) -> None:
        await desk.desk()
        try:
            wrong.extend(await take(desk, reference_check, RESULTS, zoom))
        finally:
            for code in desk.window.findChildren(CodeView):
                code.stop_loading()

    play(desktop, whole, zoom, larger=True)


# -- connections -------------------------------------------------------------------------------------------------------


async def starting(desk: Desktop) -> Shown:
    """The command is another on each machine."""
    session = desk.app.opener.open_target(python_target("silent", "-c", "import sys; sys.stdin.read()"))
    await desk.until(lambda: isinstance(desk.window.host.panel, ConnectionPanel), "the pane")
    panel: Any = desk.window.host.panel
    await desk.until(lambda: panel.body.isVisible() and len(session.steps) == 3, "the steps")

    def write_over() -> None:
        panel._clock.stop()  # it says more after five seconds
        panel.fact.setText("1.2 s")

    return panel, write_over, [panel.steps.itemAt(0).widget()]


async def url_tab(desk: Desktop) -> Shown:
    desk.window.actions_table.trigger("disconnect")
    desk.window.connect_wanted.emit(None)
    dialog = await desk.until(lambda: desk.app.opener.dialog, "the dialog")
    dialog.show_tab("url")
    dialog.form.url.setText("https://mcp.northline.example/mcp")
    return dialog, lambda: None, []


def sign_in(url: str) -> Callable[[Desktop], Coroutine[Any, Any, Shown]]:
    """The dialog waits for a permission; its words name ports and tell times."""

    async def scene(desk: Desktop) -> Shown:
        dialog: Any = desk.app.opener.dialog
        dialog.form.url.setText(url)
        dialog.go.click()
        session: Any = desk.app.workbench.current
        await desk.until(lambda: session.sign_in.asking, "the page")
        card = dialog.form.sign_in.card
        await desk.until(card.isVisible, "the card")
        await desk.until(lambda: dialog.check.list.done == (5, 8), "the steps")

        def write_over() -> None:
            dialog.form.url.setText("http://127.0.0.1:8080/desk/mcp")
            card._clock.stop()
            card.left.setText("4:39")
            for label in dialog.findChildren(QLabel):
                label.setText(re.sub(r"(?<=127\.0\.0\.1):\d+", ":43117", label.text()))
            for number, line in enumerate(dialog.check.list._lines):
                line.took.setText("12 ms" if number < 5 else "")

        return dialog, write_over, []

    return scene


@pytest.mark.parametrize("zoom", [1.0, 1.5])
def test_the_pictures_of_connections_on_their_way(desktop, reference_check: Check, zoom: float) -> None:
    """Design section 13, point 1; mockups 10 and 15."""

    async def whole(desk: Desktop, wrong: list[str]) -> None:
        async with served() as (_, url):
            scenes = {"connecting": starting, "connect-url": url_tab, "connect-sign-in": sign_in(url)}
            wrong.extend(await take(desk, reference_check, scenes, zoom))
            desk.app.opener.dialog.reject()

    play(desktop, whole, zoom)


def refused(double: Any, url: str) -> Callable[[Desktop], Coroutine[Any, Any, Shown]]:
    """A token of another server came; the words name ports and times."""

    async def scene(desk: Desktop) -> Shown:
        double.on_token = lambda form: httpx.Response(200, json={"access_token": OTHERS, "token_type": "Bearer"})
        session = desk.app.opener.open_target(Target("shop", "http", url=url))
        await desk.until(lambda: session.sign_in.asking, "the page")
        panel: Any = desk.window.host.panel
        panel.page.opener = Browser().open
        panel.page.go.click()
        await desk.until(lambda: session.state == "failed" and panel.offers.first(), "the refusal")

        def write_over() -> None:
            for label in panel.findChildren(QLabel):
                text = label.whole() if isinstance(label, Elided) else label.text()
                text = re.sub(r"(?<=127\.0\.0\.1):\d+", ":43117", text)
                label.setText(re.sub(r"( · )?\b[\d.]+\sm?s\b", "", text))  # there or not: short ones are left out

        return panel, write_over, []

    return scene


@pytest.mark.parametrize("zoom", [1.0, 1.5])
def test_the_picture_of_a_refused_token(desktop, reference_check: Check, zoom: float) -> None:
    """Design section 8, "token refused"."""

    async def whole(desk: Desktop, wrong: list[str]) -> None:
        async with served() as (double, url):
            wrong.extend(await take(desk, reference_check, {"sign-in-refused": refused(double, url)}, zoom))

    play(desktop, whole, zoom)
