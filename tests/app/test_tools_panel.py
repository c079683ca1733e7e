"""A person calls tools: what they see for a result, an error, a question, progress, a stop, a broken schema."""

import os

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QTreeView

from app.desk import DESK, python_target, texts
from wireglass_app.controls import Button
from wireglass_app.dossier.words import verdict
from wireglass_app.inbox.guard import Guard
from wireglass_app.payloads.json import JsonView


def test_the_list_is_there_and_a_harmless_tool_is_chosen(desktop) -> None:
    async def scene(desk) -> None:
        session = await desk.desk()
        panel = desk.tools
        names = [panel.list.model.index(n).data() for n in range(panel.list.model.rowCount())]
        assert len(session.catalogue.tools) == 8
        assert any(name.startswith("add, read-only") for name in names)
        assert panel.list.current.name == "add"
        assert desk.window.header.server.accessibleName() == "Current server: desk, connected"
        assert "2025-11-25 handshake" in desk.window.status.version.whole()
        await desk.until(lambda: panel.form.isAncestorOf(QApplication.focusWidget()), "the focus in the form")

    desktop(scene)


def test_a_result_comes_with_its_verdict_its_frames_and_its_time(desktop) -> None:
    async def scene(desk) -> None:
        await desk.desk()
        call = await desk.run("add", {"a": 40, "b": 2})
        dossier = desk.tools.dossier
        dossier.show_tab("frames")
        await desk.until(lambda: dossier.frames.model.rowCount() == 2, "both frames")
        assert call.result["structuredContent"] == {"sum": 42}
        assert dossier.title.text() == "Complete"
        assert dossier.chip.text() == "✓ Matches output schema"
        assert dossier.tabs.tabText(1).startswith("Content")
        assert "Where" in dossier.foot.title.text()
        assert call.size == len(dossier.frames.model.rows[1].raw)
        assert call.milliseconds < 5000

    desktop(scene)


def test_a_result_that_breaks_its_schema_says_where(desktop) -> None:
    async def scene(desk) -> None:
        await desk.desk()
        call = await desk.run("broken")
        assert {one.path for one in call.verdicts} == {"/rows", "/total"}
        assert desk.tools.dossier.chip.text() == "2 schema violations"
        assert "Result does not match its schema." in texts(desk.tools.dossier)
        assert '/rows is the text "none"; a list is needed.' in texts(desk.tools.dossier)

    desktop(scene)


def test_from_a_broken_schema_one_goes_to_the_value_and_copies_a_report(desktop) -> None:
    """Design, section 8, "output schema": [Go to the value] [Copy report]."""

    async def scene(desk) -> None:
        session = await desk.desk()
        desk.app.workbench.recording.masker.add(["many"])
        await desk.run("broken")
        result, view = desk.tools.dossier.result, desk.tools.dossier.view
        buttons = {one.accessibleName(): one for one in result.findChildren(Button)}
        buttons["Go to the value, /total"].click()
        tree = view.findChild(QTreeView)
        await desk.until(tree.hasFocus, "the focus in the tree")
        assert view.looks.current() == "tree"
        assert view.selected == "/total"
        assert tree.currentIndex().data() == "total"
        await desk.until(lambda: len(session.entries_of(session.calls[-1])) == 2, "both frames")
        buttons["Copy report"].click()
        copied = QApplication.clipboard().text()
        assert "/rows (type): " in copied
        assert "Output schema:" in copied
        assert "MCP 2025-11-25" in copied
        assert copied.count('"structuredContent"') == 1
        assert "many" not in copied, "a secret"

    desktop(scene)


def test_the_four_ways_to_fail_read_differently(desktop) -> None:
    """Design section 6: tool error, refused, timeout and transport lost are four different texts."""

    async def scene(desk) -> None:
        session = await desk.desk()
        panel = desk.tools
        assert verdict(await desk.run("fail", {"how": "tool"})).title == "The tool reported an error"
        assert "No such thing" in texts(panel.dossier)
        refused = await desk.run("fail", {"how": "protocol"})
        assert (verdict(refused).title, verdict(refused).fact) == (
            "The server refused the call",
            "-32602 invalid params",
        )
        late = session.call_tool("slow", {"steps": 100})
        session.cancel(late)
        await desk.until(lambda: late.ended, "the end of a stopped call")
        assert verdict(late).title == "Stopped"
        lost = await desk.run("fail", {"how": "exit"})
        assert verdict(lost).title == "The connection was lost"
        await desk.until(lambda: session.state == "crashed", "the loss of the server")
        assert session.failure.title == "desk stopped"
        assert session.failure.fact.startswith("exit status 3, ")
        assert session.failure.fact.endswith(" after the start")
        assert session.failure.culprit == "RuntimeError: the desk collapsed"
        assert desk.window.host.banner.isVisible()
        assert "desk stopped" in desk.window.host.banner.text.whole()

    desktop(scene)


def test_no_answer_in_time_says_so_and_offers_longer(desktop) -> None:
    async def scene(desk) -> None:
        session = await desk.desk()
        panel = desk.tools
        panel.list.select("ask")
        call = session.call_tool("ask", {}, timeout=3.0)
        panel._show_run(call, restore=False)
        await desk.until(lambda: call.state == "timeout", "the time-out")
        assert panel.dossier.title.text() == "No result after 3 s"
        assert panel.dossier.problem.longer.isVisible()
        await desk.until(
            lambda: [question.state for question in call.questions] == ["withdrawn"], "the end of the question"
        )
        assert desk.app.workbench.waiting == []

    desktop(scene)


def test_a_call_without_logs_says_so(desktop) -> None:
    """Section 3: no path ends in an empty pane."""

    async def scene(desk) -> None:
        await desk.desk()
        await desk.run("add", {"a": 2, "b": 3})
        desk.tools.dossier.show_tab("logs")
        logs = desk.tools.dossier.logs
        await desk.until(logs.isVisible, "the tab")
        said = logs.accessibleDescription()
        assert said == "The server logged nothing during this call."
        words = logs.viewport().grab().toImage()
        logs.say_when_empty("")
        assert logs.viewport().grab().toImage() != words, "the sentence is painted"

    desktop(scene)


def test_progress_and_logs_show_while_it_runs_and_stop_stops(desktop) -> None:
    async def scene(desk) -> None:
        await desk.desk()
        panel = desk.tools
        panel.list.select("slow")
        panel.form.set_value({"steps": 200})
        panel.run.setFocus()
        panel.run.click()
        await desk.until(lambda: QApplication.focusWidget() is panel.head.stop, "the focus on panel.head.stop")
        running = panel.dossier.running
        await desk.until(lambda: "of 200" in running.text.whole(), "progress in words")
        assert panel.head.stop.isVisible()
        assert not panel.run.isVisible()
        await desk.until(lambda: running.logs.model_.rowCount() >= 2, "log lines")
        panel.head.stop.click()
        call = panel.session.calls[-1]
        await desk.until(lambda: call.ended, "an end")
        assert call.state == "cancelled"
        await desk.until(lambda: QApplication.focusWidget() is panel.run, "the focus on panel.run")
        entries = desk.app.workbench.ledger.entries
        await desk.until(
            lambda: [e for e in entries if e.method == "notifications/cancelled"], "the cancel on the wire"
        )
        assert panel.run.isVisible()

    desktop(scene)


def test_a_question_is_answered_in_the_result_pane_without_stealing_the_focus(desktop) -> None:
    """Design section 4, flow 2."""

    async def scene(desk) -> None:
        await desk.desk()
        panel = desk.tools
        panel.list.field.setFocus()
        panel.list.select("ask")
        panel.list.field.setFocus()
        panel.run.click()
        panel.list.field.setFocus()
        await desk.until(lambda: panel.dossier.asking.form, "the question")
        await desk.until(lambda: QApplication.focusWidget() is panel.list.field, "the focus on panel.list.field")
        assert desk.window.header.inbox.accessibleName() == "Inbox, 1 waiting"
        assert panel.dossier.title.text() == "Waiting for you"
        asking = panel.dossier.asking
        asking.accept.click()  # an empty required field, and within the deaf half second: nothing is sent
        assert asking.question.waiting
        asking.form.set_value({"name": "Ada"})
        call = panel.session.calls[-1]
        # The pane ignores answers for half a second, so that a stray key answers nothing.
        await desk.until(lambda: asking.accept.click() or call.ended, "the result")
        assert call.result["content"][0]["text"] == "Hello Ada"
        assert call.waited_ns > 0
        await desk.until(lambda: "asks you" in panel.list.current.spoken, "what the list learned")
        assert desk.window.header.inbox.accessibleName() == "Inbox, nothing waits"

    desktop(scene)


TWICE = """
from wireglass import Context, FastMCP

mcp = FastMCP("twice")

@mcp.tool
async def twice(ctx: Context) -> str:
    return " ".join([(await ctx.elicit(word, response_type=str)).data for word in ("First?", "Second?")])
"""


def test_whoever_answers_a_question_types_on_in_the_next_one(desktop, tmp_path) -> None:
    """The focus fell on a button when the first form went, and what was typed for the second question was lost."""
    file = tmp_path / "twice.py"
    file.write_text(TWICE)

    async def scene(desk) -> None:
        env = (("PYTHONPATH", os.environ.get("PYTHONPATH", "")),)
        await desk.open(python_target("twice", "-m", "wireglass.compat", str(file), env=env))
        call = await desk.run("twice")
        asking = desk.tools.dossier.asking
        await desk.until(lambda: asking.form, "the first question")
        assert asking.form.focus_first_empty()
        for question, answer in (("First?", "one"), ("Second?", "two")):
            await desk.until(lambda q=question: asking.message.text.text() == q and asking.form, "the question")
            await desk.until(lambda: asking.form.isAncestorOf(QApplication.focusWidget()), "the focus in its field")
            QTest.keyClicks(QApplication.focusWidget(), answer)
            assert asking.form.value() == {"value": answer}
            # The pane ignores answers for half a second, so that a stray key answers nothing.
            shown = asking.question
            await desk.until(lambda q=shown: asking.accept.click() or not q.waiting, "an answer that is taken")
        await desk.until(lambda: call.ended, "the result")
        assert call.result["structuredContent"] == {"result": "one two"}

    desktop(scene)


def test_a_double_click_on_decline_answers_one_question(desktop, tmp_path) -> None:
    """The next question has its buttons where those of the one before were."""
    now = [100.0]
    file = tmp_path / "twice.py"
    file.write_text(TWICE.replace(").data for", ").action for"))

    async def scene(desk) -> None:
        env = (("PYTHONPATH", os.environ.get("PYTHONPATH", "")),)
        await desk.open(python_target("twice", "-m", "wireglass.compat", str(file), env=env))
        asking = desk.tools.dossier.asking
        asking.guard = Guard(lambda: now[0])
        call = await desk.run("twice")
        for words, button in (("First?", asking.decline), ("Second?", asking.dismiss)):
            await desk.until(lambda w=words: asking.message.text.text() == w and asking.form, "the question")
            shown = asking.question
            QTest.mouseClick(button, Qt.MouseButton.LeftButton)
            assert shown.waiting, "deaf at first"
            now[0] += 0.5
            QTest.mouseClick(button, Qt.MouseButton.LeftButton)
            assert not shown.waiting
        await desk.until(lambda: call.ended, "the result")
        assert call.result["structuredContent"] == {"result": "decline cancel"}

    desktop(scene)


FAILING = """
from wireglass import Context, FastMCP

mcp = FastMCP("failing")

@mcp.tool
async def fail(ctx: Context) -> str:
    await ctx.info("about to fail", extra={"table": "orders"})
    await ctx.info("plainly")
    raise ValueError("bad number 17")
"""


def test_a_tool_that_fails_shows_its_traceback_with_the_authors_lines_alone(desktop, tmp_path) -> None:
    """What a person wants to know of a failed tool is the line; and a log message is its words, not their JSON."""
    file = tmp_path / "failing.py"
    file.write_text(FAILING)

    async def scene(desk) -> None:
        env = (("PYTHONPATH", os.environ.get("PYTHONPATH", "")),)
        await desk.open(python_target("failing", "-m", "wireglass.compat", str(file), env=env))
        call = await desk.run("fail")
        assert call.state == "tool-error"
        page = desk.tools.dossier.problem
        # stderr is a pipe of its own: it may be read after the answer.
        await desk.until(lambda: page.trace.text.text().endswith("ValueError: bad number 17"), "the traceback")
        assert page.trace.isVisible()
        assert f'File "{file}", line 10, in fail' in page.trace.text.text()
        assert page.trace.text.text().count("File ") == 1, "no line of ours"

        def told() -> list[str]:
            return [line.text for line in call.logs if line.source == "log"]

        # They come with the frames, which reach the window in batches: a busy one has the answer first.
        await desk.until(lambda: len(told()) == 2, "the log messages")
        assert told() == ['about to fail {"table": "orders"}', "plainly"]

    desktop(scene)


def test_a_file_that_no_longer_parses_is_told_under_its_servers_name_with_the_line(desktop, tmp_path) -> None:
    """A folder's name and no line: people do not know whom it is about, nor where to look. And the calls of the new
    process owe nothing to those of the old one."""
    file = tmp_path / "failing.py"
    file.write_text(FAILING)

    async def scene(desk) -> None:
        env = (("PYTHONPATH", os.environ.get("PYTHONPATH", "")),)
        session = await desk.open(python_target("folder", "-m", "wireglass.compat", str(file), env=env))
        assert session.name == "failing"
        file.write_text(FAILING + "\nx = (\n")
        desk.window.actions_table.trigger("reload")
        await desk.until(lambda: session.state == "failed", "the end of a server that cannot start", 30)
        banner = desk.window.host.banner.text
        assert banner.whole().startswith("failing ended before it answered")
        assert "SyntaxError: " in banner.whole()
        assert "(failing.py, line 12)" in banner.whole()
        file.write_text(FAILING)
        desk.window.actions_table.trigger("reload")
        await desk.until(lambda: session.state == "ready", "the server", 30)
        await desk.run("fail")
        assert not desk.app.workbench.ledger.notes

    desktop(scene)


def test_declining_reaches_the_tool(desktop) -> None:
    async def scene(desk) -> None:
        await desk.desk()
        call = await desk.run("ask")
        await desk.until(lambda: desk.tools.dossier.asking.form, "the question")
        decline = desk.tools.dossier.asking.decline
        await desk.until(lambda: decline.click() or call.ended, "the result")  # deaf for half a second
        assert call.result["content"][0]["text"] == "You chose decline"
        assert call.questions[0].state == "declined"

    desktop(scene)


def test_a_destructive_tool_asks_in_place_and_keeps_by_default(desktop) -> None:
    now = [100.0]

    async def scene(desk) -> None:
        session = await desk.desk()
        panel = desk.tools
        panel.list.select("wipe")
        panel.form.set_value({"sure": True})
        panel.confirm.guard = Guard(lambda: now[0])
        panel.run.click()
        assert panel.right.currentWidget() is panel.confirm
        assert panel.confirm.title.text() == "wipe may destroy data"
        assert '"sure": true' in panel.confirm.json.text()
        await desk.until(lambda: QApplication.focusWidget() is panel.confirm.keep, "the focus on panel.confirm.keep")
        panel.confirm.go.click()
        assert session.calls == []  # deaf at first
        QTest.keyClick(panel.confirm, Qt.Key.Key_Escape)
        assert panel.right.currentWidget() is panel.dossier
        assert session.calls == []
        panel.run.click()
        now[0] += 0.5
        panel.confirm.go.click()
        await desk.until(lambda: session.calls and session.calls[-1].ended, "the call")
        assert session.calls[-1].state == "done"

    desktop(scene)


def test_wrong_arguments_are_not_sent(desktop) -> None:
    async def scene(desk) -> None:
        session = await desk.desk()
        panel = desk.tools
        panel.list.select("add")
        panel.form.set_value({"b": 1})
        panel.run.click()
        assert session.calls == []
        assert "Not sent" in desk.window.status.said.whole()

    desktop(scene)


def test_drafts_and_runs_outlive_the_window(desktop, tmp_path) -> None:
    async def scene(desk) -> None:
        session = await desk.desk()
        await desk.run("add", {"a": 5, "b": 6})
        desk.tools.list.select("ask")
        key = session.target.key
        settings = desk.app.settings
        assert settings.get(f"drafts.{key}.add") == {"a": 5, "b": 6}
        assert settings.get(f"runs.{key}.add") == [{"a": 5, "b": 6}]

    desktop(scene)


def test_names_with_hidden_characters_and_markup_are_shown_as_they_are(desktop) -> None:
    async def scene(desk) -> None:
        await desk.desk()
        panel = desk.tools
        panel.list.select("odd\u202ename")
        assert panel.head.title.whole() == "odd[U+202E]name"
        assert panel.head.description.whole().startswith("<b>bold</b> <img")
        await desk.until(lambda: "1 hidden character" in texts(panel.head), "the warning")

    desktop(scene)


def test_filter_and_pills_narrow_the_list(desktop) -> None:
    async def scene(desk) -> None:
        await desk.desk()
        panel = desk.tools
        panel.list.field.setText("ad")
        shown = [row.name for row in panel.list.model.rows]
        assert shown == ["add"]
        QTest.keyClick(panel.list.field, Qt.Key.Key_Escape)
        assert panel.list.model.rowCount() == 8
        panel.list.pills.button("destructive").click()
        assert [row.name for row in panel.list.model.rows] == ["wipe"]

    desktop(scene)


def test_a_large_result_comes_in_steps_and_belongs_to_its_call(desktop) -> None:
    """Looking at another call before the views are built leaves nothing of the first one behind."""

    async def scene(desk) -> None:
        await desk.desk()
        dossier = desk.tools.dossier
        large = await desk.run("big", {"rows": 5000, "text": True})
        await desk.until(lambda: large.size > 400_000, "its frame")
        await desk.until(lambda: isinstance(dossier.view, JsonView) and dossier.view.isVisible(), "the result")
        assert dossier.view.value["total"] == 5000
        await desk.until(lambda: dossier.content.cards, "the content")
        small = await desk.run("big", {"rows": 2})
        assert dossier.view.value["total"] == 2
        desk.tools._show_run(large)
        desk.tools._show_run(small)
        assert dossier.view.value["total"] == 2
        desk.tools._show_run(large)
        await desk.until(
            lambda: dossier.view.value["total"] == 5000 and dossier.view.isVisible(), "the large one again"
        )
        assert not dossier.no_structure.isVisible()
        await desk.until(lambda: dossier.content.cards, "its content")

    desktop(scene)


def test_hidden_characters_are_named_when_asked(desktop) -> None:
    """Design section 5, Tools: the chip reveals them."""

    async def scene(desk) -> None:
        await desk.desk()
        panel = desk.tools
        panel.list.select("odd\u202ename")
        assert panel.head.hidden_chip.isVisible()
        assert not panel.head.hidden.isVisible()
        panel.head.hidden_chip.click()
        assert panel.head.hidden.isVisible()
        assert "U+202E right-to-left override" in panel.head.hidden.text.text()
        panel.list.select("add")
        assert not panel.head.hidden.isVisible()
        assert not panel.head.hidden_chip.isVisible()

    desktop(scene)


def test_what_a_reload_changed_is_marked_until_it_was_looked_at(desktop, tmp_path) -> None:
    """Design section 5, Tools: new, changed and gone."""
    source = DESK.read_text(encoding="utf-8")
    file = tmp_path / "desk.py"
    file.write_text(source, encoding="utf-8")

    async def scene(desk) -> None:
        session = await desk.open(python_target("desk", str(file)))
        panel = desk.tools
        panel.list.select("add")
        file.write_text(
            source.replace('tool("wipe", "Removes everything"', 'tool("erase", "Removes everything"').replace(
                '"Returns many rows"', '"Returns very many rows"'
            ),
            encoding="utf-8",
        )
        await session.restart()
        await desk.until(lambda: session.usable and session.changes, "the changes")
        marks = {one.name: one.change for one in panel.list._rows if one.change}
        assert marks == {"erase": "new", "big": "changed", "wipe": "gone"}
        offered = len(session.catalogue.tools)
        assert panel.list.pills.button("").text() == f"All {offered}", "what is gone is not counted"
        assert panel.list.current.name == "add"
        panel.list.select("wipe")
        assert not panel.run.isEnabled()
        await desk.until(lambda: "gone" in texts(panel.head), "the chip that says so")
        panel.list.select("erase")
        await desk.until(lambda: "wipe" not in [one.name for one in panel.list._rows], "it to leave")
        assert panel.run.isEnabled()
        panel.list.select("big")
        await desk.until(
            lambda: next(one.change for one in panel.list._rows if one.name == "erase") == "", "the mark to go"
        )

    desktop(scene)
