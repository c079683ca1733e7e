"""`wireglass call --answers`: rules of a file answer what the server asks."""

import subprocess
import sys
from pathlib import Path

SERVER = """
from fastmcp import Context, FastMCP

mcp = FastMCP("asking")

@mcp.tool
async def book(ctx: Context) -> str:
    answer = await ctx.elicit("Book it?", response_type=bool)
    return f"{answer.action} {answer.data}"
"""


def call(folder: Path, *more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "wireglass.cli.main", "call", str(folder / "server.py"), "book", *more]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=60, cwd=folder, check=False, stdin=subprocess.DEVNULL
    )


def test_a_file_of_rules_answers(tmp_path: Path) -> None:
    (tmp_path / "server.py").write_text(SERVER)
    (tmp_path / "rules.yaml").write_text("- {name: yes, answer: accept, content: {value: true}}\n")
    done = call(tmp_path, "--answers", "rules.yaml", "--runtime", "embedded")
    assert "accept True" in done.stdout, done.stderr


def test_a_file_that_is_no_rules_is_named(tmp_path: Path) -> None:
    (tmp_path / "server.py").write_text(SERVER)
    (tmp_path / "rules.yaml").write_text("- {name: r, answer: perhaps}\n")
    done = call(tmp_path, "--answers", "rules.yaml", "--runtime", "embedded")
    assert done.returncode != 0
    assert "answer must be one of" in done.stderr
    assert "Traceback" not in done.stderr
