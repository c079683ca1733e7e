"""Running files with the aliases on, in a process of their own."""

import os
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

from wireglass.compat.loader import import_file

CORE = Path(__file__).parents[3] / "core"


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(CORE)}
    command = [sys.executable, "-P", "-m", "wireglass.compat", *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60, check=False)


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(dedent(text))
    return path


def test_a_file_runs_as_main_with_its_arguments_and_its_neighbours(tmp_path: Path) -> None:
    write(tmp_path / "neighbour.py", "WORD = 'beside'")
    path = write(
        tmp_path / "server.py",
        """
        import sys
        import neighbour
        from fastmcp.exceptions import ToolError
        if __name__ == "__main__":
            print(ToolError.__module__, neighbour.WORD, sys.argv[1:], sys.argv[0] == __file__)
        """,
    )
    done = run(tmp_path, str(path), "--port", "1")
    assert done.stdout == "wireglass.errors beside ['--port', '1'] True\n", done.stderr


def test_relative_imports_work_inside_a_package(tmp_path: Path) -> None:
    write(tmp_path / "shop" / "__init__.py", "")
    write(tmp_path / "shop" / "parts.py", "WORD = 'part'")
    path = write(
        tmp_path / "shop" / "server.py", "from .parts import WORD\nif __name__ == '__main__':\n    print(WORD)\n"
    )
    assert run(tmp_path, str(path)).stdout == "part\n"


def test_children_with_the_same_interpreter_have_the_aliases_too(tmp_path: Path) -> None:
    path = write(
        tmp_path / "server.py",
        """
        import subprocess, sys
        code = "from mcp.types import TextContent as T; import fastmcp; print(T.__module__, fastmcp.__version__)"
        if __name__ == "__main__":
            subprocess.run([sys.executable, "-c", code], check=True)
        """,
    )
    done = run(tmp_path, "--dialect", "2", str(path))
    assert done.stdout.startswith("wireglass.protocol.content 2."), done.stderr


def test_an_object_inside_a_function_is_refused_with_the_line_to_write(tmp_path: Path) -> None:
    path = write(
        tmp_path / "server.py",
        """
        class FastMCP: ...
        def build():
            mcp = FastMCP()
            return mcp
        """,
    )
    done = run(tmp_path, str(path))
    assert done.returncode == 2
    assert "mcp = build()" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_tool_that_cannot_be_is_told_with_the_authors_line_and_no_other(tmp_path: Path) -> None:
    file = tmp_path / "wide.py"
    file.write_text("from fastmcp import FastMCP\nmcp = FastMCP('x')\n@mcp.tool\ndef a(*names): return 1\n")
    for command in (["-m", "wireglass.compat", str(file)], ["-m", "wireglass", "run", str(file)]):
        done = subprocess.run(
            [sys.executable, *command], capture_output=True, text=True, timeout=60, check=False, input=""
        )
        assert done.returncode == 1
        assert [line for line in done.stderr.splitlines() if "File " in line] == [
            f'  File "{file}", line 3, in <module>'
        ]
        assert "Functions with *args are not supported as tools (a, " in done.stderr


def test_a_failing_file_shows_its_own_traceback_only(tmp_path: Path) -> None:
    path = write(tmp_path / "server.py", "import not_installed_anywhere\nif __name__ == '__main__':\n    pass\n")
    done = run(tmp_path, str(path))
    assert done.returncode == 1
    assert "server.py" in done.stderr
    assert "loader.py" not in done.stderr
    assert "not_installed_anywhere is not installed in the Wireglass runtime" in done.stderr


def test_the_runtime_is_left_out_of_the_cleaning_up_at_exit_and_the_authors_objects_are_not(tmp_path: Path) -> None:
    """Our choice: looking through all of the runtime took a third of the time between a save and the next start. What
    the author opened is closed as Python does it."""
    path = write(
        tmp_path / "server.py",
        """
        import gc
        from fastmcp import FastMCP

        mcp = FastMCP("s")

        class Last:
            def __del__(self):
                print("last", flush=True)

        if __name__ == "__main__":
            last = Last()
            kept = open("kept.txt", "w")
            kept.write("whole")
            print(gc.get_freeze_count() > 1000)
        """,
    )
    assert run(tmp_path, str(path)).stdout == "True\nlast\n"
    assert (tmp_path / "kept.txt").read_text() == "whole"


def test_a_file_saved_twice_in_a_second_is_read_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A past bug: compiled code was kept by the second of the change and the size, so a quick save went unseen."""
    monkeypatch.setattr(sys, "path", sys.path[:])
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    file = tmp_path / "saved_twice.py"
    for number in (1, 2):
        file.write_text(f"ANSWER = {number}\n", encoding="utf-8")
        os.utime(file, (1_700_000_000, 1_700_000_000))
        try:
            assert number == import_file(file).ANSWER
        finally:
            sys.modules.pop("saved_twice", None)
