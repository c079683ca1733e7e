"""Arguments of a call, from the command line to JSON."""

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from wireglass.cli.call import _could_not_ask, add_arguments, read_arguments
from wireglass.errors import LaunchError

SCHEMA: dict[str, Any] = {
    "properties": {
        "name": {"type": "string"},
        "count": {"type": "integer"},
        "tags": {"type": "array", "items": {"type": "string"}},
        "note": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        "limit": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
        "size": {"enum": ["s", "m"]},
    }
}


@pytest.mark.parametrize(
    ("pair", "expected"),
    [
        ("name=12", {"name": "12"}),
        ("count=12", {"count": 12}),
        ("count=many", {"count": "many"}),
        ('tags=["a", "b"]', {"tags": ["a", "b"]}),
        ("note=null", {"note": None}),
        ("note=3", {"note": "3"}),
        ("limit=3", {"limit": 3}),
        ("size=s", {"size": "s"}),
        ("name:=12", {"name": 12}),
        ("name=a=b", {"name": "a=b"}),
        ("unknown=true", {"unknown": True}),
    ],
)
def test_the_schema_decides_what_is_text(pair: str, expected: dict[str, Any]) -> None:
    assert read_arguments([pair], None, SCHEMA) == expected


def test_an_object_may_stand_among_the_pairs_as_people_write_it_first() -> None:
    assert read_arguments(['{"name": "x", "count": 1}', "count=2"], None, SCHEMA) == {"name": "x", "count": 2}


def test_a_loose_word_is_told_what_an_argument_looks_like() -> None:
    with pytest.raises(LaunchError) as refused:
        read_arguments(["name", "x"], None, SCHEMA)
    assert refused.value.next_step == "Write each argument as name=value, for example name=..."


SERVER = """
from wireglass import Context, FastMCP

mcp = FastMCP("Little")

@mcp.tool
def add(a: int, b: int) -> int:
    return a + b

@mcp.tool
async def ask(ctx: Context) -> str:
    return (await ctx.elicit("Your name?", response_type=str)).data
"""


def called(folder: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    (folder / "little.py").write_text(SERVER)
    command = [sys.executable, "-m", "wireglass", "call", "little.py", *words]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=60, check=False, cwd=folder, stdin=subprocess.DEVNULL
    )


def test_the_tool_may_follow_options_of_the_server() -> None:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    options = parser.parse_args(["--stdio", "python x.py", "--env", "A", "add", "a=1", "b=2"])
    assert (options.server, options.tool, options.pairs) == ("python x.py", "add", ["a=1", "b=2"])
    assert parser.parse_args(["server.py"]).tool == ""


def test_a_call_without_a_tool_names_those_that_there_are(tmp_path: Path) -> None:
    done = called(tmp_path)
    assert done.returncode == 1
    assert "Name the tool to call. It has add, ask." in done.stderr
    assert "usage" not in done.stderr


def test_a_misspelled_tool_is_corrected(tmp_path: Path) -> None:
    done = called(tmp_path, "ad", "a=1", "b=2")
    assert done.returncode == 1
    assert "The server lists no tool ad. Did you mean add?" in done.stderr


def test_a_tool_that_could_not_ask_tells_who_would_answer(tmp_path: Path) -> None:
    done = called(tmp_path, "ask")
    assert done.returncode == 1
    assert "Run it in a terminal to be asked, or give the answers with --answers RULES.yaml" in done.stderr


def test_a_server_made_in_main_is_run_as_python_would(tmp_path: Path) -> None:
    made = 'from fastmcp import FastMCP\ndef main():\n    mcp = FastMCP("inside")\n    mcp.run()\n'
    (tmp_path / "inside.py").write_text(made + 'if __name__ == "__main__":\n    main()\n')

    def told(*words: str) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-m", "wireglass", *words]
        return subprocess.run(
            command, capture_output=True, text=True, timeout=60, check=False, cwd=tmp_path, stdin=subprocess.DEVNULL
        )

    listed = told("list", "inside.py")
    assert (listed.returncode, listed.stdout) == (0, "The server offers no tools, resources or prompts.\n")
    assert told("run", "inside.py").returncode == 0  # its stdin is closed
    served = told("run", "inside.py", "--transport", "http")
    assert served.returncode == 1
    assert "Make the server object at module level" in served.stderr


def test_a_tool_that_asks_only_after_a_handshake_names_the_option() -> None:
    assert "--mode handshake" in _could_not_ask("elicitation is unavailable on 2026-07-28 connections")
    assert not _could_not_ask("bad number 17")


def test_a_whole_object_and_pairs_go_together() -> None:
    assert read_arguments(["count=2"], '{"name": "x", "count": 1}', SCHEMA) == {"name": "x", "count": 2}


@pytest.mark.parametrize(("pairs", "whole"), [(["loose"], None), (["a:=oops"], None), ([], "[1]"), ([], "{")])
def test_what_cannot_be_read_is_refused_with_a_next_step(pairs: list[str], whole: str | None) -> None:
    with pytest.raises(LaunchError) as refused:
        read_arguments(pairs, whole, SCHEMA)
    assert refused.value.next_step


def test_options_may_stand_between_the_tool_and_its_arguments(tmp_path: Path) -> None:
    done = called(tmp_path, "add", "--json", "a=1", "b=2")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["structuredContent"] == {"result": 3}
