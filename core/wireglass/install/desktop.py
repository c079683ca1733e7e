"""Claude Desktop as a running program: is it running, how it is asked to quit and started again, what it logs."""

import csv
import io
import os
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from wireglass.targets.facts import Machine
from wireglass.targets.inventory import ConfigFile

__all__ = ["LogTail", "ask_to_quit", "is_running", "log_files", "running", "start_command", "survived"]

Run = Callable[[Sequence[str]], str]


def _output(command: Sequence[str]) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout


def running(machine: Machine, *, run: Run = _output, processes: Path = Path("/proc")) -> list[int]:
    """The process ids of the app's main processes."""
    if machine.platform == "macos":
        return [int(line) for line in run(("pgrep", "-x", "Claude")).split() if line.isdigit()]
    if machine.platform == "windows":
        rows = csv.reader(io.StringIO(run(("tasklist", "/FI", "IMAGENAME eq claude.exe", "/FO", "CSV", "/NH"))))
        return [int(row[1]) for row in rows if len(row) > 1 and row[0].lower() == "claude.exe" and row[1].isdigit()]
    return sorted(_linux(processes))


def is_running(machine: Machine) -> bool:
    """Whether Claude Desktop runs; it rewrites its file on start, sign-in and when settings change."""
    return bool(running(machine))


def ask_to_quit(machine: Machine) -> tuple[str, ...] | None:
    """The command that asks the app to quit as its own menu does; None where only its menu can."""
    if machine.platform == "macos":
        return ("osascript", "-e", 'quit app "Claude"')
    if machine.platform == "windows":
        return ("taskkill", "/IM", "claude.exe")
    return None


def start_command(machine: Machine) -> tuple[str, ...] | None:
    """The command that starts the app, or None where it was not found."""
    if machine.platform == "macos":
        return ("open", "-a", "Claude")
    if machine.platform == "windows":
        local = machine.folder("localappdata") or ""
        packages = sorted(Path(local, "Packages").glob("Claude_*"))
        if packages:
            return ("explorer.exe", f"shell:AppsFolder\\{packages[0].name}!Claude")
        program = Path(local, "AnthropicClaude", "claude.exe")
        return (str(program),) if program.exists() else None
    from wireglass.targets.inventory import find_program

    program = find_program("claude-desktop", machine)
    return (program,) if program else None


def survived(config: ConfigFile, name: str, entry: dict[str, object]) -> Literal["as written", "changed", "gone"]:
    """Whether the entry is still in the file, to be asked after the app has started again. Raises ConfigError."""
    found = config.entries(config.document(config.content())).get(name)
    if found is None:
        return "gone"
    return "as written" if found == entry else "changed"


def log_files(config: ConfigFile, server: str) -> list[Path]:
    """The app's connection log and the stderr of one server, also inside the app's package on Windows."""
    template = config.target.facts.logs.get(config.machine.platform, "")
    folder = Path(config.machine.expand(template) or "")
    private = config.path.parent / "logs"
    folder = private if "LocalCache" in config.path.parts and private.is_dir() else folder
    return [folder / "mcp.log", folder / f"mcp-server-{server}.log"]


@dataclass
class LogTail:
    """The new lines of a log that grows, is cut or is replaced. The first call gives the last `backlog` lines."""

    path: Path
    backlog: int = 50
    _offset: int | None = field(default=None, repr=False)
    _file: tuple[int, int] = field(default=(0, 0), repr=False)
    _rest: bytes = field(default=b"", repr=False)

    def poll(self) -> list[str]:
        """Lines written since the last call; empty when there is no file."""
        try:
            with self.path.open("rb") as file:
                facts = os.fstat(file.fileno())
                first = self._offset is None
                if first or (facts.st_dev, facts.st_ino) != self._file or facts.st_size < (self._offset or 0):
                    self._offset, self._rest = max(0, facts.st_size - 64_000) if first else 0, b""
                self._file = (facts.st_dev, facts.st_ino)
                file.seek(self._offset or 0)
                new = file.read(1_000_000)
        except OSError:
            return []
        self._offset = (self._offset or 0) + len(new)
        *lines, self._rest = (self._rest + new).split(b"\n")
        texts = [line.rstrip(b"\r").decode("utf-8", "replace") for line in lines]
        return texts[-self.backlog :] if first else texts


def _linux(processes: Path) -> list[int]:
    found: list[int] = []
    for folder in processes.glob("[0-9]*"):
        try:
            line = (folder / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        program = os.path.basename(line[0].decode("utf-8", "replace")).lower()
        child = any(part.startswith(b"--type=") for part in line)
        app = len(line) > 1 and b"claude-desktop" in line[1].lower()
        if not child and (program == "claude-desktop" or (program in ("electron", "claude") and app)):
            found.append(int(folder.name))
    return found
