"""A server that means ill, through the whole window: nothing is rendered as markup, nothing is fetched, all goes on."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from PySide6.QtWidgets import QAbstractButton, QLabel, QTextBrowser

from app.desk import Desktop, python_target
from app.test_walk import faults
from wireglass_app.inbox.messages import MessagesView
from wireglass_app.payloads.cards import ContentCard, LinkView

HOSTILE = Path(__file__).parent / "servers" / "hostile.py"
HUGE_NAMES = HOSTILE.with_name("huge_names.py")
FORBIDDEN = ("\u202e", "\u202c", "\u200b", "\U000e0041")
"""Characters that change how the text around them is read. The window shows visible marks instead."""


@pytest.fixture
def visits() -> Iterator[tuple[str, list[str]]]:
    """An HTTP server that notes who comes: nobody may."""
    from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

    paths: list[str] = []

    class Notes(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            paths.append(self.path)
            self.send_error(404)

        def log_message(self, *_words: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Notes)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", paths
    server.shutdown()
    thread.join()
    server.server_close()


def shown(desk: Desktop) -> list[str]:
    """Every text in sight, and every document with markup of its own."""
    texts = [label.text() for label in desk.window.findChildren(QLabel) if label.isVisible()]
    texts += [button.text() for button in desk.window.findChildren(QAbstractButton) if button.isVisible()]
    texts += [page.toPlainText() for page in desk.window.findChildren(QTextBrowser) if page.isVisible()]
    return texts


def check(desk: Desktop, where: str) -> None:
    desk.window.grab()
    for text in shown(desk):
        assert not any(mark in text for mark in FORBIDDEN), f"{where}: {text[:80]!r}"
        assert len(text) < 20_000, f"{where}: {len(text)} characters in one label"
    assert faults(desk.window) == [], where


async def open_hostile(desk: Desktop, address: str, tools: int = 50):
    session = await desk.open(python_target("hostile", str(HOSTILE), str(tools), address))
    assert session.state == "ready", session.failure
    return session


def test_every_view_of_a_hostile_server_is_plain_and_fetches_nothing(desktop, visits) -> None:
    address, paths = visits

    async def scene(desk: Desktop) -> None:
        session = await open_hostile(desk, address)
        for view in ("tools", "resources", "prompts", "overview", "logs", "frames", "timeline", "history"):
            desk.window.go(view, session=session)
            await asyncio.sleep(0.05)
            check(desk, view)

    desktop(scene)
    assert paths == []


@pytest.mark.parametrize(
    "tool",
    [
        "recursive",
        "endless_ref",
        "remote_ref",
        "wrong_types",
        "no_object",
        "null_schema",
        "odd_pattern",
        "deep",
        "wide",
    ],
)
def test_a_hostile_schema_opens_and_can_be_called(desktop, visits, tool: str) -> None:
    address, paths = visits

    async def scene(desk: Desktop) -> None:
        session = await open_hostile(desk, address, 0)
        desk.window.go("tools", session=session)
        assert desk.tools.list.select(tool)
        check(desk, tool)
        call = session.call_tool(tool, {"kind": "text", "size": 3})
        desk.tools._show_run(call, restore=False)
        await desk.until(lambda: call.ended, "an end")
        assert call.state == "done"
        check(desk, f"result of {tool}")

    desktop(scene)
    assert paths == []


def test_a_prompt_a_resource_and_a_question_of_a_hundred_parts_are_shown_and_their_links_read(desktop, visits) -> None:
    address, paths = visits

    async def scene(desk: Desktop) -> None:
        session = await open_hostile(desk, address, 0)
        desk.window.go("prompts", session=session, name="many")
        panel: Any = desk.window.host.panel
        panel.run_primary()
        await desk.until(lambda: len(panel.findChildren(ContentCard)) == 100, "the messages of the prompt")
        check(desk, "prompt")
        panel.findChild(LinkView).read.click()
        await desk.until(lambda: desk.window.host.place[0] == "resources", "the link was followed")
        resources: Any = desk.window.host.panel
        await desk.until(lambda: resources.call is not None and resources.call.ended, "its resource")
        assert resources.call.name == f"{address}/link"
        check(desk, "resource of the link")
        desk.window.go("resources", session=session, name="x://many", read=True)
        await desk.until(lambda: len(resources.findChildren(ContentCard)) >= 20, "the contents")
        check(desk, "resource")
        call = session.call_tool("answer", {"kind": "ask"})
        await desk.until(lambda: call.questions, "the question")
        desk.window.go("inbox", question=call.questions[0])
        inbox: Any = desk.window.host.panel
        await desk.until(lambda: len(getattr(inbox.findChild(MessagesView), "turns", ())) == 40, "its messages")
        check(desk, "inbox")
        assert not any(view.read.isVisible() for view in inbox.findChildren(LinkView)), "nothing can be read there"
        call.questions[0].refuse()
        await desk.until(lambda: call.ended, "an end")

    desktop(scene)
    assert paths == []


@pytest.mark.parametrize(
    ("kind", "size"),
    [
        ("blocks", 0),
        ("rows", 300),
        ("text", 1_000_000),
        ("flood", 5000),
        pytest.param("text", 50_000_000, marks=pytest.mark.slow),
    ],
)
def test_a_hostile_result_is_shown_as_it_is(desktop, visits, kind: str, size: int) -> None:
    """For "flood": 5,000 log lines with stray output between, and a result that is no result."""
    address, paths = visits

    async def scene(desk: Desktop) -> None:
        session = await open_hostile(desk, address, 0)
        desk.window.go("tools", session=session)
        desk.tools.list.select("answer")
        call = session.call_tool("answer", {"kind": kind, "size": size})
        desk.tools._show_run(call, restore=False)
        await desk.until(lambda: call.ended, "an end", 45)
        for tab in ("content", "structured", "logs", "frames", "timing"):
            desk.tools.dossier.show_tab(tab)
            await asyncio.sleep(0.05)
            check(desk, tab)
        desk.window.go("logs", session=session)
        await asyncio.sleep(0.05)
        check(desk, "logs")

    desktop(scene)
    assert paths == []


@pytest.mark.slow
def test_ten_thousand_tools_are_listed_and_found(desktop, visits) -> None:
    address, paths = visits

    async def scene(desk: Desktop) -> None:
        session = await open_hostile(desk, address, 10_000)
        assert len(session.catalogue.tools) >= 10_000
        desk.window.go("tools", session=session)
        desk.tools.list.field.setText("tool_9876")
        await desk.until(lambda: 0 < desk.tools.list.model.rowCount() < 10, "a short list")
        assert desk.tools.list.select("tool_9876")
        check(desk, "tools")

    desktop(scene)
    assert paths == []


def test_names_of_a_megabyte_are_cut_in_every_view(desktop) -> None:
    """A past bug: Logs asked the disk for a file of that name and failed."""

    async def scene(desk: Desktop) -> None:
        session = await desk.open(python_target("huge", str(HUGE_NAMES)))
        assert session.state == "ready", session.failure
        call = session.call_tool("answer", {})
        await desk.until(lambda: call.ended, "an answer")
        desk.window.go("tools", session=session)
        for tool in session.catalogue.tools:
            assert desk.tools.list.select(str(tool["name"]))
            check(desk, "tools")
        for view in ("resources", "prompts", "overview", "logs", "frames", "timeline", "history"):
            desk.window.go(view, session=session)
            await asyncio.sleep(0.05)
            check(desk, view)

    desktop(scene)
