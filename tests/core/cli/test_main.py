"""The command table and the commands that need no server."""

import importlib
import json
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from wireglass.cli.main import COMMANDS, main


def test_every_command_of_the_table_has_its_two_functions() -> None:
    for command in COMMANDS:
        module = importlib.import_module(command.module)
        assert callable(module.add_arguments)
        assert callable(module.run)


def test_help_lists_the_commands(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    shown = capsys.readouterr().out
    assert all(command.name in shown for command in COMMANDS)


def test_version_is_machine_readable(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["version", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["python"].startswith("3.")


def test_a_mistyped_command_is_named_and_corrected(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["vershun"]) == 2
    assert "Did you mean version?" in capsys.readouterr().err


def test_a_missing_file_is_told_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "no/such/file.py"]) == 1
    assert "There is no file" in capsys.readouterr().err


def test_starting_loads_no_heavy_package() -> None:
    """The command line must answer at once."""
    code = (
        "import sys; from wireglass.cli.main import main; main(['--help']);"
        "heavy = {'pydantic', 'httpx', 'starlette', 'uvicorn', 'anyio', 'PySide6', 'cryptography'};"
        "sys.exit(', '.join(sorted(heavy & set(sys.modules))) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr


def test_the_word_dev_opens_the_workbench_and_no_display_is_a_sentence(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Qt ends the process with a signal and names a plugin."""
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    assert main(["dev", "server.py"]) == 1
    assert "There is no display" in capsys.readouterr().err


@pytest.mark.parametrize("address", ["localhost:9/mcp", "127.0.0.1:8000", "mcp.example.com:8000/mcp"])
def test_an_address_without_its_scheme_is_no_file(address: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list", address]) == 1
    assert f"Write http://{address}" in capsys.readouterr().err


def test_a_syntax_error_is_told_with_its_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "torn.py").write_text("from fastmcp import FastMCP\nmcp = FastMCP('x'\n")
    assert main(["list", str(tmp_path / "torn.py")]) == 1
    assert "Line 2 is not valid Python: '(' was never closed." in capsys.readouterr().err


def test_a_server_that_never_answers_is_given_up_after_the_timeout(capsys: pytest.CaptureFixture[str]) -> None:
    sleeper = f'"{Path(sys.executable).as_posix()}" -c "import time; time.sleep(600)"'
    assert main(["list", "--mode", "handshake", "--timeout", "0.5", "--stdio", sleeper]) == 1
    assert "0.5 s" in capsys.readouterr().err


def test_a_host_that_nobody_knows_is_not_asked_about_its_port(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list", "http://nobody.invalid:9/mcp"]) == 1
    shown = capsys.readouterr().err
    assert "Check the spelling of nobody.invalid" in shown
    assert "that port" not in shown


class _Answers(BaseHTTPRequestHandler):
    """Says the status that the path names, with a web page."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(int(self.path[1:]))
        for name, value in {
            "content-type": "text/html",
            "content-length": "4",
            "location": "https://b.example/",
        }.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(b"page")

    def log_message(self, *_args: object) -> None:
        """Not on stderr: that is what the tests read."""


@pytest.mark.parametrize(
    ("status", "step"),
    [
        (200, "A web page is served there. Check the path of the URL"),
        (302, "The server redirects to another address: https://b.example/"),
        (401, "Sign in with --auth oauth, or give a token: --header"),
    ],
)
def test_what_a_url_answers_instead_of_mcp_has_a_next_step(
    status: int, step: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Answers) as server:
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        try:
            assert main(["list", f"http://127.0.0.1:{server.server_port}/{status}"]) == 1
        finally:
            server.shutdown()
            serving.join(10)
    shown = capsys.readouterr().err
    assert step in shown
    assert "add the token that it expects" not in shown, "one next step is enough"


def test_the_package_runs_as_a_module_too() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "wireglass", "version", "--json"], capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout)["python"].startswith("3.")


def test_a_server_that_ends_is_told_with_the_end_of_its_stderr(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server = tmp_path / "server.py"
    server.write_text("from wireglass import FastMCP\nmcp = FastMCP('Desk')\nraise SystemExit('no key in the desk')\n")
    assert main(["list", str(server)]) == 1
    assert "no key in the desk" in capsys.readouterr().err
