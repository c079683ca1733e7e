"""Each way a server can fail to start is told apart, with the last lines and what to do; nothing is left running."""

import textwrap
import threading

import psutil
import pytest

from app.desk import python_target, texts
from wireglass_app.calls import Target

pytestmark = pytest.mark.slow
"""Each scene starts servers as processes of their own, and some wait for a time-out."""


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
    "hangs": (
        python_target("desk", "-c", "import time; time.sleep(600)", start_timeout=0.6),
        ["No answer from desk", "has not answered", "mcp.run()"],
    ),
    "no such command": (
        Target("desk", "stdio", command="wireglass-no-such-command"),
        ["desk could not be started", "wireglass-no-such-command"],
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
    import http.server

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
    from app.desk import DESK

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
