"""A server that can ask only after a handshake fails in the newer era: the result pane offers to reconnect."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.desk import DESK, python_target
from wireglass_app.dossier.words import verdict
from wireglass_app.panels.inbox import InboxPanel

SERVER = DESK.with_name("back_channel.py")


def target(**options):
    return python_target("back-channel", str(SERVER), **options)


async def reconnected(desk, session, button) -> None:
    starts = session.starts
    assert button.isVisible()
    assert button.text().strip() == "Reconnect with handshake"
    button.setFocus()
    QTest.keyClick(button, Qt.Key.Key_Space)
    await desk.until(lambda: session.usable and session.starts > starts, "the server, after a handshake")
    await desk.until(lambda: button.text().strip() == "Run the call again", "the offer to run the call again")


@pytest.mark.parametrize("tool", ["ask", "refuse"])
def test_the_button_reconnects_and_then_the_call_is_run_again_and_asks(desktop, tool) -> None:
    async def scene(desk) -> None:
        session = await desk.open(target())
        assert session.stateless
        failed = await desk.run(tool)
        assert failed.state in ("tool-error", "refused")
        assert "Reconnect with a handshake" in verdict(failed).next_step
        button = desk.tools.dossier.problem.handshake
        await reconnected(desk, session, button)
        assert not session.stateless
        assert len(session.calls) == 1, "nothing runs by itself"
        QTest.keyClick(button, Qt.Key.Key_Space)
        await desk.until(lambda: len(session.calls) == 2, "the call, run again")
        call = session.calls[-1]
        await desk.until(lambda: call.state == "waiting", "the question")
        form = desk.tools.dossier.asking.form
        form.set_value({"name": "Ada"})
        desk.tools.dossier.asking.accept.setFocus()
        await desk.until(lambda: (desk.tools.dossier.asking.accept.click(), call.ended)[1], "the answer")
        assert "Ada" in call.result["content"][0]["text"]

    desktop(scene)


def test_a_prompt_that_asks_offers_it_too(desktop) -> None:
    async def scene(desk) -> None:
        session = await desk.open(target())
        desk.window.go("prompts", session=session, name="greet")
        panel = desk.window.host.panel
        panel.run_primary()
        await desk.until(lambda: panel.call is not None and panel.call.ended, "the end of the call")
        button = panel.dossier.problem.handshake
        await reconnected(desk, session, button)
        button.click()
        await desk.until(lambda: panel.call.state == "waiting", "the question")
        panel.dossier.asking.also.click()
        await desk.until(lambda: isinstance(desk.window.host.panel, InboxPanel), "the Inbox")
        assert desk.window.host.panel.question is panel.call.questions[0]

    desktop(scene)


def test_the_choice_lasts_until_the_server_is_closed_and_is_written_nowhere(desktop) -> None:
    async def scene(desk) -> None:
        session = await desk.open(target())
        await desk.run("ask")
        await reconnected(desk, session, desk.tools.dossier.problem.handshake)
        await session.restart()
        await desk.until(lambda: session.state not in ("closed", "connecting"), "the server, reloaded")
        assert not session.stateless
        await desk.app.workbench.close(session)
        again = await desk.open(target())
        assert again.stateless

    desktop(scene)


def test_where_the_handshake_fails_the_earlier_mode_is_back(desktop) -> None:
    """The asking server of 2026-07-28 alone knows no `initialize`."""

    async def scene(desk) -> None:
        session = await desk.open(python_target("asking", str(DESK.with_name("asking.py")), "asking", "stateless"))
        session.reconnect_as("handshake")
        await desk.until(lambda: session.state == "failed", "the failure")
        assert session.target.mode == "auto"
        session.connect_to()
        await desk.until(lambda: session.usable, "the server, as before")
        assert session.stateless

    desktop(scene)


def test_a_tool_that_fails_for_another_reason_offers_no_reconnection(desktop) -> None:
    async def scene(desk) -> None:
        await desk.desk()
        await desk.run("fail", {"how": "tool"})
        assert desk.tools.dossier.problem.handshake.isHidden()

    desktop(scene)
