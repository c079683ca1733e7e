"""A tool runs when somebody wants it: not before the question of a destructive one is answered, nor after it is put
away."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from wireglass_app.calls import Call
from wireglass_app.inbox.guard import Guard
from wireglass_app.layouts import Pages
from wireglass_app.settings import Settings
from wireglass_app.theme import Theme
from wireglass_app.toolview.sending import Sender
from wireglass_app.toolview.tool_forms import ToolForms

WIPE = {"name": "wipe", "annotations": {"destructiveHint": True}}
READ = {"name": "read", "annotations": {"readOnlyHint": True}}


class Server:
    """Takes calls and answers none."""

    usable = True
    starts = 1
    target = SimpleNamespace(key="shop")

    def __init__(self) -> None:
        self.calls: list[Call] = []

    def call_tool(self, name: str, arguments: dict[str, Any], **options: Any) -> Call:
        self.calls.append(Call(len(self.calls) + 1, "tools/call", name, {"arguments": arguments}))
        return self.calls[-1]


@pytest.fixture
def sender(qtbot: QtBot, look: Theme, tmp_path: Path) -> Sender:
    pages, result = Pages(), QWidget()
    forms = ToolForms(Settings(tmp_path / "workbench.json"))
    for widget in (pages, forms):
        qtbot.addWidget(widget)
    pages.addWidget(result)
    return Sender(forms, pages, result)


def asks(sender: Sender, server: Server) -> Any:
    sender.begin(server, WIPE, {"sure": True}, 60)
    sender.confirm.guard = Guard(lambda: 0.0)
    return sender.confirm


def test_a_harmless_tool_is_sent_at_once(sender: Sender) -> None:
    server, told = Server(), []
    sender.sent.connect(told.append)
    sender.begin(server, READ, {"at": 1}, 60)
    assert told == server.calls
    assert [call.name for call in server.calls] == ["read"]
    assert not sender.enter()


def test_a_destructive_one_is_sent_when_it_was_agreed_to(sender: Sender) -> None:
    server = Server()
    page = asks(sender, server)
    assert not server.calls
    assert sender.enter()
    assert [call.params for call in server.calls] == [{"arguments": {"sure": True}}]
    asks(sender, server).always.setChecked(True)
    page.go.click()
    assert len(server.calls) == 2
    sender.begin(server, WIPE, {}, 60)
    assert len(server.calls) == 3, "it does not ask again"
    server.starts += 1
    sender.begin(server, WIPE, {}, 60)
    assert len(server.calls) == 3, "but of another start it does"


@pytest.mark.parametrize("way", ["keep", "forget"])
def test_a_question_that_was_put_away_sends_nothing(sender: Sender, way: str) -> None:
    server = Server()
    page = asks(sender, server)
    page.keep.click() if way == "keep" else sender.forget()
    assert not sender.enter()
    page.go.click()
    assert not server.calls


def test_a_series_goes_on_until_it_is_stopped(sender: Sender) -> None:
    server, words = Server(), []
    sender.series_changed.connect(lambda series: words.append(series.words))
    sender.begin(server, READ, {}, None, 5, 2)
    assert len(server.calls) == 2
    first, second = server.calls
    first.state, first.ended_ns = "done", first.started_ns
    sender.call_changed(first)
    assert len(server.calls) == 3
    assert words[0].startswith("1 of 5 runs")
    assert sender.series_of(second) is not None
    assert sender.stop() == [second, server.calls[2]]
    second.state, second.ended_ns = "done", second.started_ns
    sender.call_changed(second)
    assert len(server.calls) == 3
