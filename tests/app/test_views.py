"""Resources, prompts, history and overview as a person finds them."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.desk import Desktop, texts
from app.test_keyboard import CONTROL, Key, focus, press, type_in


def test_a_resource_is_read_and_shown(desktop) -> None:
    async def scene(desk) -> None:
        session = await desk.desk()
        desk.window.go("resources")
        panel = desk.window.host.panel
        assert panel.list.current.name == "desk://note"
        panel.read.click()
        call = session.calls[-1]
        await desk.until(lambda: call.ended, "the contents")
        assert panel.dossier.title.text() == "Complete"
        assert panel.dossier.view is not None
        assert call.result["contents"][0]["text"] == "read desk://note"

    desktop(scene)


def test_a_template_expands_as_it_is_typed(desktop) -> None:
    """RFC 6570: what is read is what the line below the fields says."""

    async def scene(desk) -> None:
        session = await desk.desk()
        desk.window.go("resources")
        panel = desk.window.host.panel
        panel.list.select("desk://{kind}/{number}")
        panel.template.fields["kind"].line.setText("red pen")
        panel.template.fields["number"].line.setText("7")
        assert panel.expands.whole() == "desk://red%20pen/7"
        panel.run_primary()
        await desk.until(lambda: session.calls and session.calls[-1].ended, "the contents")
        assert session.calls[-1].params == {"uri": "desk://red%20pen/7"}

    desktop(scene)


@pytest.mark.parametrize("where", ["field", "row", "suggestions"])
def test_ctrl_enter_reads_the_template_from_its_field_and_from_its_row(desktop, where: str) -> None:
    """Design section 9: the primary action of the view, wherever in it the focus is."""

    async def scene(desk: Desktop) -> None:
        session = await desk.desk()
        desk.window.go("resources", name="desk://{kind}/{number}")
        panel = desk.window.host.panel
        kind, number = panel.template.fields["kind"], panel.template.fields["number"]
        await desk.until(kind.line.isVisible, "the fields in sight")
        kind.line.setFocus()
        await desk.until(lambda: focus() is kind.line, "the focus in the first field")
        type_in("pen")
        press(Key.Key_Tab)
        await desk.until(lambda: focus() is number.line, "the focus in the second field")
        type_in("7")
        if where == "row":
            panel.list.view.setFocus()
            await desk.until(lambda: focus() is panel.list.view, "the focus in the list")
        elif where == "suggestions":
            number.suggestions.offer("7", ["70", "71"])
            await desk.until(lambda: QApplication.activePopupWidget() is not None, "the suggestions")
        target = QApplication.activePopupWidget() or focus()
        QTest.keyClick(target, Qt.Key.Key_Return, CONTROL)
        await desk.until(lambda: session.calls and session.calls[-1].ended, "the contents")
        assert [call.params for call in session.calls] == [{"uri": "desk://pen/7"}]

    desktop(scene)


def test_a_prompt_shows_its_messages_by_role(desktop) -> None:
    async def scene(desk) -> None:
        session = await desk.desk()
        desk.window.go("prompts")
        panel = desk.window.host.panel
        panel.get.click()
        assert session.calls == []  # the required argument is missing
        panel.form.set_value({"who": "Ada"})
        panel.get.click()
        await desk.until(lambda: session.calls and session.calls[-1].ended, "the messages")
        assert session.calls[-1].params == {"name": "greet", "arguments": {"who": "Ada"}}
        assert "user" in texts(panel.dossier)
        assert panel.copy.isEnabled()

    desktop(scene)


def test_history_opens_the_dossier_of_a_call(desktop) -> None:
    async def scene(desk) -> None:
        await desk.desk()
        first = await desk.run("add", {"a": 1, "b": 1})
        await desk.run("big", {"rows": 3})
        desk.window.go("history")
        panel = desk.window.host.panel
        assert [panel.model.index(n, 2).data() for n in range(2)] == ["big", "add"]
        panel.table.selectRow(1)
        panel.run_primary()
        assert desk.window.host.place[0] == "tools"
        assert desk.tools.dossier.call is first
        assert desk.tools.form.value() == {"a": 1, "b": 1}

    desktop(scene)


def test_overview_tells_what_was_negotiated_and_why(desktop) -> None:
    async def scene(desk) -> None:
        session = await desk.desk()
        desk.window.go("overview")
        shown = texts(desk.window.host.panel)
        assert "2025-11-25 (handshake: one session)" in shown
        assert session.facts.why in shown
        assert "A desk for tests." in shown
        assert f"pid {session.pid}" in shown

    desktop(scene)


def test_two_servers_keep_their_own_state(desktop) -> None:
    async def scene(desk) -> None:
        one = await desk.desk()
        await desk.run("add", {"a": 1, "b": 1})
        two = await desk.desk()
        assert two.calls == []
        assert desk.tools.dossier.call is None
        desk.window.actions_table.trigger("next-server")
        assert desk.app.workbench.current is one
        assert desk.tools.list.current.name == "add"
        assert desk.tools.dossier.call is one.calls[0]
        assert desk.window.status.connections.text() == "2 connected"

    desktop(scene)


def test_back_and_forward_travel_between_views(desktop) -> None:
    async def scene(desk) -> None:
        await desk.desk()
        desk.window.go("prompts")
        desk.window.go("settings")
        desk.window.actions_table.trigger("back")
        assert desk.window.host.place[0] == "prompts"
        desk.window.actions_table.trigger("back")
        assert desk.window.host.place[0] == "tools"
        desk.window.actions_table.trigger("forward")
        assert desk.window.host.place[0] == "prompts"

    desktop(scene)
