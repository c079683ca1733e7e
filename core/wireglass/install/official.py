"""A host's own command for the same act, run once; whether it worked is read from its file, not from what it says."""

import os
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from wireglass.errors import LaunchError
from wireglass.targets.base import Command, Target
from wireglass.targets.facts import Machine
from wireglass.targets.inventory import find_program, survey

__all__ = ["Ran", "listing_file", "run_own_command"]

_SECONDS = 60.0
_SHELL_SIGNS = frozenset('"&|<>^%!()')
"""What cmd.exe would read as its own when it runs a .cmd file."""

Run = Callable[[Sequence[str]], tuple[int, str]]


@dataclass(frozen=True)
class Ran:
    """What came of it. `file` is the host's file that lists the server now; None: it was asked, no more is known."""

    output: str
    file: Path | None


def run_own_command(command: Command, target: Target, name: str, machine: Machine, *, run: Run | None = None) -> Ran:
    """Runs the command without a shell, then looks into the host's files.

    Raises LaunchError when the program is missing, fails, or cannot be given these arguments safely.
    """
    program = find_program(command.argv[0], machine)
    if program is None:
        raise LaunchError(
            f"{command.argv[0]} was not found.", next_step="Copy the command and run it where the program is."
        )
    script = Path(program).suffix.lower() in (".cmd", ".bat")
    if script and any(_SHELL_SIGNS.intersection(part) for part in command.argv[1:]):
        raise LaunchError(
            f"{program} is a batch file, and cmd.exe would change these arguments.",
            next_step="Copy the command, or let Wireglass write the file.",
        )
    status, output = (run or _run)((program, *command.argv[1:]))
    if status != 0:
        raise LaunchError(
            f"{target.name}'s own command ended with {status}: {output.strip()[-500:] or 'it said nothing'}",
            next_step="Nothing was written by Wireglass. Let it write the file instead.",
        )
    return Ran(output, listing_file(target, name, machine))


def listing_file(target: Target, name: str, machine: Machine) -> Path | None:
    """The host's file that lists the server, read now, or None."""
    files = (listed for host in survey(machine, [target]) for listed in host.files)
    return next((listed.config.path for listed in files if name in listed.entries), None)


def _run(argv: Sequence[str]) -> tuple[int, str]:
    try:
        done = subprocess.run(
            argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            timeout=_SECONDS, check=False, cwd=os.getcwd(),
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise LaunchError(f"{argv[0]} did not end within {_SECONDS:g} s.") from error
    except OSError as error:
        raise LaunchError(f"{argv[0]} cannot be run: {error.strerror}.") from error
    return done.returncode, done.stdout.decode("utf-8", "replace")
