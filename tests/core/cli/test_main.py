"""The command table and the commands that need no server."""

import importlib
import json
import subprocess
import sys
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
