"""What is copied of a call runs as it is: each text is executed against a real server."""

import json
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from app.desk import DESK
from wireglass.resources import resource_path
from wireglass_app.calls import Target
from wireglass_app.dossier.copying import as_cli, as_json, as_pytest, as_python, server_words

SHOP = str(resource_path("servers", "shop.py"))
FILE = Target("shop", "stdio", command=sys.executable, args=("-m", "wireglass.compat", SHOP), spec=SHOP)
COMMAND = Target("desk", "stdio", command=sys.executable, args=(str(DESK),), added=(("DESK_NAME", "secret"),))
MAIN = "import sys; from wireglass.cli.main import main; sys.exit(main())"
CALLS = [
    pytest.param(FILE, "stock", {"kind": "green", "in_stock": True}, "Sencha", id="file"),
    pytest.param(COMMAND, "add", {"a": 2, "b": 40}, "42", id="command"),
]


def run(words: list[str], folder: Path) -> str:
    env = {**os.environ, "DESK_NAME": "from here", "PYTHONUTF8": "1"}
    done = subprocess.run(words, cwd=folder, env=env, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.slow
@pytest.mark.parametrize(("target", "tool", "arguments", "answer"), CALLS)
def test_the_command_line_runs(target: Target, tool: str, arguments: dict, answer: str, tmp_path: Path) -> None:
    words = shlex.split(as_cli(target, tool, arguments))
    assert words[:2] == ["wireglass", "call"]
    assert answer in run([sys.executable, "-c", MAIN, *words[1:]], tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize(("target", "tool", "arguments", "answer"), CALLS)
def test_the_python_code_runs(target: Target, tool: str, arguments: dict, answer: str, tmp_path: Path) -> None:
    file = tmp_path / "program.py"
    file.write_text(as_python(target, tool, arguments), encoding="utf-8")
    assert answer in run([sys.executable, str(file)], tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize(("target", "tool", "arguments", "answer"), CALLS)
def test_the_pytest_test_passes_and_can_fail(
    target: Target, tool: str, arguments: dict, answer: str, tmp_path: Path
) -> None:
    file = tmp_path / "test_copied.py"
    good = as_pytest(target, tool, arguments)
    file.write_text(good, encoding="utf-8")
    assert "1 passed" in run([sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(file)], tmp_path)
    file.write_text(good.replace(f"call_tool({tool!r}", "call_tool('fail'"), encoding="utf-8")
    with pytest.raises(AssertionError, match="1 failed"):
        run([sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(file)], tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("copy", [as_python, as_pytest])
def test_copied_code_finds_the_server_beside_it_on_another_machine(copy, tmp_path: Path) -> None:
    """A past bug: what was copied held the paths of the machine it was copied on."""
    here, there = tmp_path / "here", tmp_path / "there"
    (here / "servers").mkdir(parents=True)
    shutil.copy(DESK, here / "servers" / "desk.py")
    spec = str(here / "servers" / "desk.py")
    run_by = (sys.executable, (spec, "--log", str(here / "desk.log")))
    target = Target("desk", "stdio", command=run_by[0], args=run_by[1], cwd=str(here), spec=spec)
    code = copy(target, "add", {"a": 2, "b": 40})
    assert code.count(str(here)) == 1, "the place that is tried last"
    assert sys.executable not in code
    here.rename(there)
    (there / "tests").mkdir()
    file = there / "tests" / "test_copied.py"
    file.write_text(code, encoding="utf-8")
    words = ["-m", "pytest", "-q", "-p", "no:cacheprovider"] if copy is as_pytest else []
    assert ("1 passed" if words else "42") in run([sys.executable, *words, str(file)], tmp_path)


def test_a_place_in_the_home_folder_is_written_without_the_name_of_the_user() -> None:
    target = Target("s", "stdio", command="python", args=(str(Path.home() / "work" / "server.py"),))
    assert str(Path.home()) not in as_python(target, "t", {})
    assert "'~/work'" in as_python(target, "t", {})


def test_a_command_without_a_file_of_its_own_is_copied_as_it_is() -> None:
    target = Target("s", "stdio", command="npx", args=("-y", "@scope/server", "/data"))
    code = as_python(target, "t", {"a": 1})
    assert "StdioTransport('npx', ['-y', '@scope/server', '/data'])" in code
    assert "FOLDER" not in code
    compile(code, "copied", "exec")


def test_secrets_are_named_and_never_copied() -> None:
    """Our choice: what is pasted into a chat or an issue must not carry a token."""
    remote = Target("r", "http", url="https://a.example/mcp", headers=(("X-Api-Key", "s3cret"),), mode="2025-11-25")
    for target in (remote, COMMAND):
        for text in (as_cli(target, "t", {}), as_python(target, "t", {}), as_pytest(target, "t", {})):
            assert "s3cret" not in text
            assert "secret" not in text
    assert server_words(remote) == 'https://a.example/mcp --header "X-Api-Key: $X_API_KEY" --mode 2025-11-25'
    assert "headers={'X-Api-Key': os.environ['X_API_KEY']}" in as_python(remote, "t", {})
    assert "mode='2025-11-25'" in as_pytest(remote, "t", {})


@pytest.mark.parametrize("copy", [as_python, as_pytest])
def test_every_kind_of_server_gives_valid_python(copy) -> None:
    for kind in ("http", "sse"):
        for headers in ((), (("Authorization", "x"),)):
            target = Target("r", kind, url="https://a.example/mcp", headers=headers)
            compile(copy(target, 'it\'s a "tool"', {"a\n": None, "b": True}), "copied", "exec")


def test_json_is_the_request() -> None:
    made = json.loads(as_json("tools/call", {"name": "add", "arguments": {"a": 10**30}}))
    assert made["method"] == "tools/call"
    assert made["params"]["arguments"]["a"] == 10**30


def test_what_signed_in_here_signs_in_there_too() -> None:
    """A server that asked for a sign-in asks the copied line as well; the token itself is never copied."""
    target = Target("s", "http", url="https://mcp.example/mcp", sign_in="oauth")
    assert "--auth oauth" in as_cli(target, "t", {})
    for code in (as_python(target, "t", {}), as_pytest(target, "t", {})):
        assert "auth='oauth'" in code.replace('"', "'")
        compile(code, "copied", "exec")
    assert "auth" not in as_cli(Target("s", "http", url="https://mcp.example/mcp"), "t", {})
