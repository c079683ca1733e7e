"""A host's own command: run without a shell, believed only when its file says so."""

from pathlib import Path

import pytest

from core.targets.machines import machine_in
from wireglass.errors import LaunchError
from wireglass.install.official import run_own_command
from wireglass.targets.base import Command
from wireglass.targets.facts import Machine
from wireglass.targets.hosts import target_of
from wireglass.targets.servers import StdioServer

CODEX = target_of("codex")


def program(folder: Path, body: str, name: str = "codex") -> Machine:
    machine = machine_in(folder, PATH=f"{folder}/bin:/usr/bin:/bin")
    (folder / "bin").mkdir(exist_ok=True)
    path = folder / "bin" / name
    path.write_text("#!/bin/sh\n" + body)
    path.chmod(0o755)
    return machine


def command() -> Command:
    made = (
        CODEX.commands(StdioServer("wg", "/bin/x", ("a b", "$(touch /tmp/no)", ";")), "user")
        if CODEX.commands
        else None
    )
    assert made is not None
    return made


def test_it_is_installed_when_the_file_lists_it(tmp_path: Path):
    target = tmp_path / "home" / ".codex" / "config.toml"
    body = f'mkdir -p {target.parent}\nprintf "%s\\n" "$@" > {tmp_path}/args\n'
    body += f"printf '[mcp_servers.wg]\\ncommand = \"/bin/x\"\\n' > {target}\n"
    ran = run_own_command(command(), CODEX, "wg", program(tmp_path, body))
    assert ran.file == target
    words = (tmp_path / "args").read_text().splitlines()
    assert words == ["mcp", "add", "wg", "--", "/bin/x", "a b", "$(touch /tmp/no)", ";"]


def test_it_was_only_asked_when_the_file_does_not(tmp_path: Path):
    assert run_own_command(command(), CODEX, "wg", program(tmp_path, "echo ok\n")).file is None


def test_a_failure_is_quoted(tmp_path: Path):
    with pytest.raises(LaunchError, match=r"ended with 3: no such scope"):
        run_own_command(command(), CODEX, "wg", program(tmp_path, "echo no such scope >&2; exit 3\n"))


def test_a_missing_program_is_named(tmp_path: Path):
    with pytest.raises(LaunchError, match="surely-not-there was not found"):
        run_own_command(Command(("surely-not-there",)), CODEX, "wg", machine_in(tmp_path))


def test_a_batch_file_never_sees_signs_that_cmd_would_read(tmp_path: Path):
    machine = program(tmp_path, "exit 0\n", "code.cmd")
    with pytest.raises(LaunchError, match="batch file"):
        run_own_command(Command(("code.cmd", "--add-mcp", '{"name": "x"}')), CODEX, "wg", machine)
    assert run_own_command(Command(("code.cmd", "plain")), CODEX, "wg", machine).file is None
