"""Each way a server can fail to start is told apart, with the last lines and what to do; nothing is left running."""

import http.server
import json
import os
import queue
import shutil
import textwrap
import threading

import psutil
import pytest

from app.desk import DESK, python_target, texts
from wireglass.resources import resource_path
from wireglass_app.calls import Target
from wireglass_app.controls import Button
from wireglass_app.server_session import ServerSession

pytestmark = pytest.mark.slow
"""Each scene starts servers as processes of their own, and some wait for a time-out."""


SOURCES = tuple(os.environ.items())
"""For children that load Wireglass from where the tests do."""


def children() -> set[int]:
    return {child.pid for child in psutil.Process().children(recursive=True)}


def script(text: str) -> str:
    return textwrap.dedent(text)


CASES = {
    "traceback": (
        python_target("desk", "-c", "raise ValueError('broken on purpose')"),
        ["desk ended before it answered", "exit status 1", "ValueError: broken on purpose", "Correct it and save"],
    ),
    "missing module": (
        python_target("desk", "-c", "import module_that_is_not_there"),
        ["A module it imports is not there", "Choose another interpreter"],
    ),
    "noise, then the end": (
        python_target("desk", "-c", "print('hello from print')"),
        ["stdout", "hello from print", "sys.stderr"],
    ),
    "no such command": (
        Target("desk", "stdio", command="wireglass-no-such-command"),
        ["wireglass-no-such-command was not found", "desk starts with"],
    ),
    "refused": (
        Target("desk", "http", url="http://127.0.0.1:9/mcp"),
        ["desk could not be reached", "127.0.0.1"],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_it_says_what_happened_and_what_to_do(desktop, case: str) -> None:
    target, words = CASES[case]

    async def scene(desk) -> None:
        before = children()
        session = await desk.open(target)
        assert session.state == "failed"
        shown = texts(desk.window.host.panel)
        for part in words:
            assert part in shown, shown
        assert session.failure.next_step
        assert desk.window.isEnabled()
        await desk.until(lambda: children() <= before, "the end of every child")

    desktop(scene)


def test_a_web_page_is_named_as_one(desktop) -> None:
    """A URL that answers HTML is a usual mistake: the page of a product instead of its endpoint."""

    class Page(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("content-length", 0)))
            body = b"<!doctype html><title>Welcome</title>"
            self.send_response(200)
            self.send_header("content-type", "text/html")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()

    async def scene(desk) -> None:
        target = Target("page", "http", url=f"http://127.0.0.1:{server.server_port}/", start_timeout=20)
        session = await desk.open(target)
        assert session.state == "failed"
        shown = texts(desk.window.host.panel)
        assert "web page" in shown, shown

    try:
        desktop(scene)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_noise_before_a_good_start_is_kept_and_explained(desktop) -> None:
    """A stray print must not end the session; it is shown with why real hosts break on it."""
    code = f"print('stray line', flush=True); import runpy; runpy.run_path({str(DESK)!r}, run_name='__main__')"

    async def scene(desk) -> None:
        session = await desk.open(python_target("desk", "-c", code))
        assert session.state == "ready"
        stray = [line for line in session.logs if line.source == "stdout"]
        assert [line.text for line in stray] == ["stray line"]
        desk.window.go("logs")
        panel = desk.window.host.panel
        assert panel.stray.isVisible()
        assert panel.list.model_.rowCount() == 1

    desktop(scene)


def test_closing_the_window_leaves_no_child_and_no_thread(desktop) -> None:
    seen: set[int] = set()
    threads = set(threading.enumerate())

    async def scene(desk) -> None:
        await desk.desk()
        seen.update(children())
        assert seen
        desk.window.close()

    desktop(scene)
    assert not [pid for pid in seen if not has_ended(pid)]
    assert not [thread for thread in set(threading.enumerate()) - threads if thread.name == "wireglass-runtime"]


def has_ended(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def test_a_server_that_stops_keeps_its_lists_and_starts_again(desktop) -> None:
    async def scene(desk) -> None:
        session = await desk.desk()
        await desk.run("fail", {"how": "exit"})
        await desk.until(lambda: session.state == "crashed", "the loss")
        assert len(session.catalogue.tools) == 8
        assert desk.tools.list.model.rowCount() == 8
        desk.window.host.banner.again.click()
        await desk.until(lambda: session.state == "ready", "a new start")
        assert not desk.window.host.banner.isVisible()
        assert (await desk.run("add", {"a": 1, "b": 1})).state == "done"

    desktop(scene)


async def silent(desk, code: str) -> ServerSession:
    """A process that says nothing for longer than it was given."""
    session = desk.app.opener.open_target(python_target("desk", "-c", code, start_timeout=0.5))
    await desk.until(lambda: session.silence, "the report")
    return session


def test_a_process_that_is_silent_is_reported_and_goes_on_running(desktop) -> None:
    """Design section 8, silent server: the process runs, its last line of stderr, and a button to keep waiting."""
    code = "import sys, time; print('loading a model', file=sys.stderr, flush=True); time.sleep(600)"

    async def scene(desk) -> None:
        before = children()
        session = await silent(desk, code)
        await desk.until(lambda: "loading a model" in texts(desk.window.host.panel), "the line of stderr")
        shown = texts(desk.window.host.panel)
        assert session.state == "connecting"
        assert "No answer from desk for 0.5 s" in shown
        assert "The process runs but has not answered" in shown
        panel = desk.window.host.panel
        assert panel.wait.isVisible()
        assert panel.stderr.isVisible()
        assert children() - before, "nobody ended it"
        panel.wait.click()
        assert not panel.wait.isVisible()
        assert "Starting desk" in texts(panel)
        await desk.until(lambda: session.silence, "the next report")
        assert "for 1 s" in session.silence.title
        panel.cancel.click()
        await desk.until(lambda: session.state == "closed", "the end")
        assert session.silence is None
        await desk.until(lambda: children() <= before, "the end of every child")

    desktop(scene)


def test_what_a_silent_process_writes_after_the_report_is_told_in_it(desktop, tmp_path) -> None:
    """A past bug: the report kept what was known when it came, and a busy machine starts a process later than that."""
    flags = [tmp_path / "first", tmp_path / "second"]
    code = f"""
        import pathlib, sys, time
        def wait(flag):
            while not pathlib.Path(flag).exists():
                time.sleep(0.01)
        wait({str(flags[0])!r})
        print('hello', flush=True)
        wait({str(flags[1])!r})
        print('loading a model', file=sys.stderr, flush=True)
        time.sleep(600)
    """

    async def scene(desk) -> None:
        session = await silent(desk, script(code))
        panel = desk.window.host.panel
        assert not panel.well.isVisible()
        told = []
        session.state_changed.connect(lambda: told.append(session.state))
        for flag, line in zip(flags, ("hello", "loading a model"), strict=True):
            flag.touch()
            await desk.until(lambda line=line: session.silence.lines == (line,), line)
            assert panel.well.isVisible()
            assert line in texts(panel)
        assert "text to stdout that is no message" in session.silence.text
        assert "for 0.5 s" in session.silence.title
        assert panel.stderr.isVisible()
        assert told == [], "it is one report"

    desktop(scene)


def test_a_server_that_needs_longer_than_its_time_is_connected_all_the_same(desktop, tmp_path) -> None:
    """Nothing is lost by the report: the server answers when it is ready, whether anybody pressed a button or not."""
    flag = tmp_path / "go"
    code = f"""
        import pathlib, runpy, time
        while not pathlib.Path({str(flag)!r}).exists():
            time.sleep(0.01)
        runpy.run_path({str(DESK)!r}, run_name='__main__')
    """

    async def scene(desk) -> None:
        session = await silent(desk, script(code))
        flag.touch()
        await desk.until(lambda: session.state == "ready", "the connection")
        assert session.silence is None
        assert (await desk.run("add", {"a": 1, "b": 1})).state == "done"

    desktop(scene)


def test_a_command_that_is_nowhere_can_be_chosen_or_left_out(desktop, tmp_path) -> None:
    """Design section 8, spawn failed: "Use Wireglass runtime" starts the file that the command names, after asking."""
    shutil.copy(resource_path("servers", "shop.py"), tmp_path / "server.py")
    target = Target("desk", "stdio", command="uv-not-here", args=("run", "server.py"), cwd=str(tmp_path))

    async def scene(desk) -> None:
        session = await desk.open(target)
        panel = desk.window.host.panel
        shown = texts(panel)
        assert "uv-not-here was not found" in shown
        assert "desk starts with uv-not-here run server.py, and there is no uv-not-here in PATH" in shown
        assert [one.text for one in session.failure.offers] == ["Choose uv-not-here…", "Use Wireglass runtime"]
        press(desk, "Use Wireglass runtime")
        dialog = await desk.until(lambda: desk.app.opener.dialog, "the trust prompt")
        assert session.state == "failed", "nothing runs before it is agreed to"
        dialog.once.click()
        await desk.until(lambda: session.state == "ready", "the start")
        assert desk.app.workbench.sessions == [session], "in place of the one that could not start"
        (tmp_path / "server.py").write_text((tmp_path / "server.py").read_text() + "\n# saved\n")
        await desk.until(lambda: session.starts > 2 and session.usable, "the reload: its file is watched now")

    desktop(scene)


def press(desk, text: str) -> None:
    """The button of the connection pane with this text."""
    buttons = desk.window.host.panel.findChildren(Button)
    next(one for one in buttons if one.isVisible() and one.accessibleName() == text).click()


OLD = """
    import json, sys
    for line in sys.stdin:
        message = json.loads(line)
        method = message.get("method")
        info = {"name": "old", "version": "1"}
        result = {"protocolVersion": "2023-01-01", "capabilities": {"tools": {}}, "serverInfo": info}
        answer = {"initialize": result, "tools/list": {"tools": []}}.get(method)
        body = {"result": answer} if answer else {"error": {"code": -32601, "message": "Method not found"}}
        if "id" in message:
            print(json.dumps({"jsonrpc": "2.0", "id": message["id"], **body}), flush=True)
"""


def test_versions_without_a_common_one_are_named_and_can_be_tried(desktop) -> None:
    """Design section 8, version."""

    async def scene(desk) -> None:
        session = await desk.open(python_target("old", "-c", script(OLD)))
        shown = texts(desk.window.host.panel)
        assert "No common protocol version" in shown
        assert "Server: 2023-01-01. Wireglass: 2024-11-05 to 2026-07-28." in shown
        press(desk, "Try 2023-01-01 anyway")
        await desk.until(lambda: session.state == "ready", "the connection")
        assert session.facts.version == "2024-11-05"

    desktop(scene)


class OlderServer(http.server.BaseHTTPRequestHandler):
    """HTTP+SSE of 2024-11-05: the stream first, then messages beside it."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.end_headers()
        self.wfile.write(b"event: endpoint\ndata: /messages\n\n")
        self.wfile.flush()
        answers = queue.Queue()
        self.server.streams.append(answers)
        while (message := answers.get()) is not None:
            self.wfile.write(f"data: {json.dumps(message)}\n\n".encode())
            self.wfile.flush()

    def do_POST(self) -> None:
        message = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.send_response(202 if self.path == "/messages" else 405)
        self.send_header("content-length", "0")
        self.end_headers()
        if self.path == "/messages" and message.get("method") == "initialize":
            info = {"name": "older", "version": "1"}
            result = {"protocolVersion": "2024-11-05", "capabilities": {}, "serverInfo": info}
            self.server.streams[-1].put({"jsonrpc": "2.0", "id": message["id"], "result": result})

    def log_message(self, *_: object) -> None:
        pass


def test_the_older_transport_is_spoken_once_it_was_agreed_to(desktop) -> None:
    """Design section 8, wrong transport."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), OlderServer)
    server.streams = []
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()

    async def scene(desk) -> None:
        url = f"http://127.0.0.1:{server.server_port}/older"
        session = await desk.open(Target("older", "http", url=url, proxy="direct", start_timeout=20))
        shown = texts(desk.window.host.panel)
        assert "This address speaks the older SSE transport" in shown
        assert "It still works, but is deprecated" in shown
        press(desk, "Connect with SSE")
        await desk.until(lambda: session.state == "ready", "the connection")
        assert session.target.kind == "sse"
        assert desk.app.settings.get("recent")[0]["kind"] == "sse", "nobody is asked again"

    try:
        desktop(scene)
    finally:
        for answers in server.streams:
            answers.put(None)
        server.shutdown()
        server.server_close()
        thread.join()


def test_a_file_with_a_syntax_error_names_its_line_alone(desktop, tmp_path) -> None:
    """Design 15, server stopped: the line that is wrong, none of ours, and a button that opens it."""
    file = tmp_path / "server.py"
    file.write_text('from fastmcp import FastMCP\nmcp = FastMCP("x")\nwrong = {"a" 1}\n')

    async def scene(desk) -> None:
        target = python_target("desk", "-m", "wireglass.compat", str(file), spec=str(file), env=SOURCES)
        session = await desk.open(target)
        failure = session.failure
        assert failure.culprit.startswith("SyntaxError")
        assert failure.lines[0].strip() == f'File "{file}", line 3', failure.lines
        assert (failure.file, failure.line) == (str(file), 3)
        assert [one.text for one in failure.offers] == ["Open line 3"]
        assert desk.window.host.panel.culprit.text() == failure.culprit

    desktop(scene)
