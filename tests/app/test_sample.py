"""A server on our runtime in the window: completion, subscriptions in both eras, lists that change, tasks."""

import json
import os
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.desk import Desktop, python_target, texts
from wireglass_app.forms.fields import LineEditor
from wireglass_app.panels.prompts import PromptsPanel
from wireglass_app.panels.resources import ResourcesPanel
from wireglass_app.panels.tasks import TasksPanel

SAMPLE = Path(__file__).parent / "servers" / "sample.py"
ERAS = pytest.mark.parametrize("mode", ["stateless", "2025-11-25"])


def sample(mode: str = "auto", file: Path = SAMPLE):
    path = os.pathsep.join(one for one in sys.path if one)  # the child gets no PYTHONPATH of its own accord
    return python_target("sample", str(file), mode=mode, added=(("PYTHONPATH", path),))


@ERAS
def test_updates_of_a_resource_are_told_and_counted(desktop, mode: str) -> None:
    async def scene(desk: Desktop) -> None:
        session = await desk.open(sample(mode))
        assert session.state == "ready", session.failure
        desk.window.go("resources", name="sample://level")
        panel = desk.window.host.panel
        assert isinstance(panel, ResourcesPanel)
        panel.run_primary()
        await desk.until(lambda: session.calls and session.calls[-1].ended, "the first reading")
        panel.subscribe.click()
        await desk.until(lambda: panel.subscribe.text().strip() == "Unsubscribe", "the subscription")
        panel.follow.setChecked(True)
        before = len(session.calls)
        session.call_tool("raise_level", {})
        await desk.until(lambda: panel.updates.text().startswith("subscribed, 1 update"), "the update")
        await desk.until(lambda: len(session.calls) == before + 2 and session.calls[-1].ended, "a reading after it")
        assert session.calls[-1].result["contents"][0]["text"].find("2") > 0
        assert panel.subscriptions.isVisible()
        assert panel.subscriptions.model.index(0, 2).data() == "1 update"
        assert ("one listen stream" in panel.subscriptions.facts.whole()) is session.stateless
        panel.subscribe.click()
        await desk.until(lambda: panel.subscribe.text().strip() == "Subscribe", "the end of the subscription")
        await desk.until(lambda: not panel.subscriptions.isVisible(), "an empty list of subscriptions")

    desktop(scene)


def test_a_list_that_changes_is_read_again(desktop) -> None:
    """A stateless server tells of it only on a listen stream, which the window opens."""

    async def scene(desk: Desktop) -> None:
        session = await desk.open(sample("stateless"))
        tools = len(session.catalogue.tools)
        await desk.until(
            lambda: any(entry.method.endswith("acknowledged") for entry in session.ledger.entries), "the listen stream"
        )
        session.call_tool("grow", {})
        await desk.until(lambda: len(session.catalogue.tools) == tools + 1, "the new tool")

    desktop(scene)


def test_arguments_of_prompts_and_templates_are_completed_by_the_server(desktop) -> None:
    async def scene(desk: Desktop) -> None:
        await desk.open(sample())
        desk.window.go("prompts", name="visit")
        prompts = desk.window.host.panel
        assert isinstance(prompts, PromptsPanel)
        line = prompts.form.root.rows["city"].findChild(LineEditor).line
        line.setFocus()
        QTest.keyClicks(line, "pa")
        await desk.until(lambda: line.completer().model().rowCount() == 2, "suggestions for the prompt")
        desk.window.go("resources", name="sample://city/{name}")
        resources = desk.window.host.panel
        field = resources.template.fields["name"]
        field.line.setFocus()
        QTest.keyClicks(field.line, "po")
        await desk.until(lambda: field.suggestions.offered == ["Porto"], "suggestions for the template")
        assert resources.completed.text().startswith("1 from the server, ")
        field.line.setText("Porto")
        assert resources.expands.whole() == "sample://city/Porto"

    desktop(scene)


@ERAS
def test_a_task_is_listed_with_its_call_and_can_be_cancelled(desktop, mode: str) -> None:
    async def scene(desk: Desktop) -> None:
        session = await desk.open(sample(mode))
        desk.window.go("tasks")
        panel = desk.window.host.panel
        assert isinstance(panel, TasksPanel)
        handshake = mode != "stateless"
        call = session.call_tool("long_work", {"steps": 600}, task=handshake)
        await desk.until(lambda: panel.current is not None and panel.current.polls, "the task")
        assert panel.current.name == "long_work"
        assert panel.current.status == "working"
        panel.cancel.setFocus()
        QTest.keyClick(panel.cancel, Qt.Key.Key_Space)
        await desk.until(lambda: call.ended, "the end of the call")
        await desk.until(lambda: panel.current.status == "cancelled", "the end of the task")
        await desk.until(lambda: call.late, "what the server did")
        assert call.late.what == "confirmed", "that it had begun a task is not the answer of the call"
        assert "It confirmed that" in texts(panel.dossier)
        await desk.until(lambda: not panel.cancel.isEnabled(), "nothing to cancel any more")
        assert panel.table.hasFocus()
        panel.open_call.click()
        assert desk.window.host.place[0] == "tools"

    desktop(scene)


@ERAS
def test_a_finished_task_opens_as_the_calls_dossier(desktop, mode: str) -> None:
    async def scene(desk: Desktop) -> None:
        session = await desk.open(sample(mode))
        call = session.call_tool("long_work", {"steps": 12}, task=mode != "stateless")
        await desk.until(lambda: call.ended, "the end of the call", 30)
        assert call.state == "done", call.problem
        desk.window.go("tasks")
        panel = desk.window.host.panel
        assert isinstance(panel, TasksPanel)
        await desk.until(lambda: [task.status for task in panel.model.rows] == ["completed"], "the end of the task")
        panel.run_primary()
        assert desk.tools.dossier.call is call

    desktop(scene)


@ERAS
def test_what_a_task_asks_is_asked_in_the_call_that_became_it(desktop, mode: str) -> None:
    """Design section 5, Tasks: input requests linked to the Inbox; 4.2: the waiting call shows a short form."""

    async def scene(desk: Desktop) -> None:
        session = await desk.open(sample(mode))
        desk.window.go("tools", session=session)
        assert desk.tools.list.select("asking_work")
        call = session.call_tool("asking_work", {}, task=mode != "stateless")
        question = await desk.until(lambda: session.waiting and session.waiting[0], "the question")
        assert question.call is call
        assert call.state == "waiting"
        question.answer({"action": "accept", "content": {"value": "Porto"}})
        await desk.until(lambda: call.ended, "the end of the call")
        assert call.state == "done", call.problem
        assert call.waited_ns > 0, "the time of a person is not the server's"
        assert call.result["content"][0]["text"] == "accept: Porto"

    desktop(scene)


TALKING = """
import asyncio
from wireglass import Context, FastMCP
from wireglass.server.components import TaskConfig

mcp = FastMCP("talking", request_state_security=b"k" * 32)


@mcp.tool(task=TaskConfig(mode="required"))
async def read_maps(ctx: Context) -> str:
    await ctx.report_progress(1, None, "Reading maps")
    answer = await ctx.elicit("Which one?", None)
    return answer.action


mcp.run()
"""


@ERAS
def test_what_a_task_says_of_itself_is_shown_while_it_runs(desktop, tmp_path: Path, mode: str) -> None:
    """Tasks report by their `statusMessage`, not by progress."""
    file = tmp_path / "talking.py"
    file.write_text(TALKING)

    async def scene(desk: Desktop) -> None:
        session = await desk.open(sample(mode, file))
        call = session.call_tool("read_maps", {}, task=mode != "stateless", progress=False)
        await desk.until(lambda: call.progress, "the words of the task")
        assert call.progress.message == "Reading maps"
        question = await desk.until(lambda: session.waiting and session.waiting[0], "the question")
        desk.window.go("inbox", question=question)
        await desk.until(lambda: "Why you are asked" in texts(desk.window.host.panel), "the reasons")
        said = texts(desk.window.host.panel)
        assert ("asked by a task, no rounds" in said) == (mode == "stateless")
        assert ("no rounds in this era" in said) == (mode != "stateless")
        question.answer({"action": "decline"})
        await desk.until(lambda: call.ended, "the end of the call")

    desktop(scene)


def test_earlier_tasks_are_listed_and_their_results_fetched(desktop) -> None:
    """`tasks/list` and `tasks/result` of 2025-11-25: tasks that no call of this window began."""

    async def scene(desk: Desktop) -> None:
        session = await desk.open(sample("2025-11-25"))
        params = {"name": "long_work", "arguments": {"steps": 1}, "task": {}}
        await session.send_raw(json.dumps({"jsonrpc": "2.0", "id": "raw", "method": "tools/call", "params": params}))
        ledger = desk.app.workbench.ledger
        begun = await desk.until(
            lambda: next((one for one in ledger.entries if one.id == "raw" and one.kind == "result"), None), "the task"
        )
        id = begun.message["result"]["task"]["taskId"]
        desk.window.go("tasks")
        panel = desk.window.host.panel
        assert isinstance(panel, TasksPanel)
        await desk.until(lambda: any(one.method == "tasks/list" for one in ledger.entries), "the list is asked for")
        await desk.until(lambda: [task.id for task in panel.model.rows] == [id], "the listed task")
        assert panel.list_button.isVisible()

        def over() -> bool:
            panel.refresh_button.click()
            return panel.current.ended

        await desk.until(over, "the end of the task")
        assert panel.get.isVisible()
        panel.get.click()
        await desk.until(lambda: session.calls and session.calls[-1].ended, "the result")
        assert panel.below.currentWidget() is panel.dossier
        assert session.calls[-1].result["content"][0]["text"] == "done"

    desktop(scene)


def test_a_server_without_a_task_list_is_not_asked_for_one(desktop) -> None:
    async def scene(desk: Desktop) -> None:
        session = await desk.open(sample("stateless"))
        desk.window.go("tasks")
        panel = desk.window.host.panel
        call = session.call_tool("long_work", {"steps": 1})
        await desk.until(lambda: call.ended, "the call")
        assert panel.list_button.isHidden()
        assert not any(one.method == "tasks/list" for one in desk.app.workbench.ledger.entries)

    desktop(scene)
