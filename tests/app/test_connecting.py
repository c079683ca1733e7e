"""What a person sees of a connection that does not come about: each step, the one that failed, what to do."""

import socket
import sys

from app.desk import DESK, Desktop, python_target, texts
from wireglass_app.calls import Target
from wireglass_app.controls import Button
from wireglass_app.dialogs.connect import ConnectDialog


def test_an_http_server_that_is_not_there_fails_at_the_tcp_step_with_a_remedy(desktop) -> None:
    """Issue: clear failures from an ordered checklist with the failing step and the remedy."""

    async def scene(desk: Desktop) -> None:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            url = f"http://127.0.0.1:{taken.getsockname()[1]}/mcp"
            session = await desk.open(Target("away", "http", url=url, proxy="direct"))
            await desk.until(lambda: sum(step.check for step in session.steps) == 8, "every step")
        checks = {step.text: step for step in session.steps if step.check}
        assert list(checks) == [
            *("Address", "Host name", "TCP connection", "TLS", "HTTP status", "Content type", "Protocol era", "Sign-in")
        ]
        assert checks["TCP connection"].state == "failed"
        assert checks["HTTP status"].state == "skipped"
        await desk.until(lambda: "Start the server" in texts(desk.window.host.panel), "the remedy")
        buttons = {one.accessibleName() for one in desk.window.host.panel.findChildren(Button) if one.isVisible()}
        assert {"Connect again", "Change the connection…"} <= buttons, "an address is not started"

    desktop(scene)


def test_a_command_that_is_nowhere_fails_at_its_first_step(desktop) -> None:
    async def scene(desk: Desktop) -> None:
        session = await desk.open(Target("gone", "stdio", command="no-such-command-at-all"))
        assert session.steps[0].state == "failed"
        assert session.steps[0].detail == "not in PATH"
        await desk.until(lambda: "Install it" in texts(desk.window.host.panel), "the remedy")
        buttons = {one.accessibleName() for one in desk.window.host.panel.findChildren(Button) if one.isVisible()}
        assert {"Start again", "Change how it starts…"} <= buttons

    desktop(scene)


def test_a_local_server_goes_through_command_process_and_first_line(desktop) -> None:
    async def scene(desk: Desktop) -> None:
        session = await desk.desk()
        assert [step.text for step in session.steps[:3]] == [
            f"Command {sys.executable}",
            "Process started",
            "First line is a message",
        ]
        assert all(step.state in ("ok", "skipped") for step in session.steps)

    desktop(scene)


def test_stray_text_on_the_first_line_is_named(desktop) -> None:
    async def scene(desk: Desktop) -> None:
        code = "print('hello', flush=True); import time; time.sleep(60)"
        session = desk.app.opener.open_target(python_target("noisy", "-c", code, start_timeout=0.5))
        await desk.until(lambda: session.silence and session.silence.lines, "the report")
        assert "text to stdout that is no message" in session.silence.text
        assert session.silence.lines == ("hello",)
        first = next(step for step in session.steps if step.text.startswith("First line"))
        assert (first.text, first.state, first.detail) == ("First line is no message", "failed", "hello")

    desktop(scene)


def test_the_connect_dialog_keeps_what_it_was_told_about_tls_and_proxy(desktop) -> None:
    async def scene(desk: Desktop) -> None:
        target = Target(
            "secure",
            "http",
            url="https://h.example/mcp",
            trust="file",
            ca_file=str(DESK),
            client_cert="/tmp/me.pem",
            proxy="http://proxy.example:3128",
        )
        desk.app.opener.ask_target(target)
        dialog = await desk.until(lambda: desk.app.opener.dialog, "the dialog")
        assert isinstance(dialog, ConnectDialog)
        assert dialog.form.target() == target
        dialog.form.proxy.setText("proxy.example")
        dialog.go.click()
        assert "http://host:port" in dialog.problem.text()
        dialog.reject()

    desktop(scene)
