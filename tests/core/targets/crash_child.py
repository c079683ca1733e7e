"""Hundreds of writes, each killed at another system call; run as a program, prints what it saw as JSON.

The process is a fork that ends itself right before the n-th call that changes something, whoever makes it: `os.write`
is also stopped half-way. Then the parent looks at the files as a restarted program would, and takes the act back.
"""

import json
import os
import sys
from pathlib import Path

from wireglass.targets import disk
from wireglass.targets.document import Add
from wireglass.targets.edit import FileEdit, apply, plan, undo
from wireglass.targets.facts import Machine
from wireglass.targets.hosts import target_of
from wireglass.targets.inventory import ConfigFile, config_files
from wireglass.targets.journal import Journal

CALLS = ("mkdir", "open", "write", "fsync", "close", "chmod", "chown", "link", "replace", "rename", "unlink")
BEFORE = b'{\n  "mcpServers": {\n    "a": {"command": "x"}\n  }\n}\n'


class Dying:
    """Counts the calls of this process and ends it before the one with the given number."""

    def __init__(self, at: int) -> None:
        self.left = at
        for name in CALLS:
            setattr(os, name, self._counted(name, getattr(os, name)))
        disk._exchange = self._counted("exchange", disk._exchange)

    def _counted(self, name: str, real):
        def call(*args, **options):
            if self.left == 0:
                os._exit(9)
            self.left -= 1
            if name == "write" and self.left == 0:  # half a write is worse than none
                real(args[0], args[1][: len(args[1]) // 2])
                os._exit(9)
            return real(*args, **options)

        return call


def prepared(folder: Path, hosts: list[str]) -> list[ConfigFile]:
    """The first host's file is plain, the second one's a link into another folder, the third one's is not there."""
    machine = Machine("linux", str(folder), {})
    configs = [config_files(target_of(host), machine)[0] for host in hosts]
    for number, config in enumerate(configs):
        config.path.parent.mkdir(parents=True, exist_ok=True)
        for left in config.path.parent.glob(".*"):
            left.unlink()
        config.path.unlink(missing_ok=True)
        if number == 0:
            config.path.write_bytes(BEFORE)
        if number == 1:
            (folder / "dotfiles").mkdir(exist_ok=True)
            (folder / "dotfiles" / "real.json").write_bytes(BEFORE)
            config.path.symlink_to(folder / "dotfiles" / "real.json")
    return configs


def content(config: ConfigFile) -> bytes | None:
    return config.path.read_bytes() if config.path.exists() else None


def main(folder: Path, rounds: int, hosts: list[str]) -> None:
    seen = dict.fromkeys(
        ("old", "new", "mixed", "other", "new without a copy", "not undone", "completed", "deepest"), 0
    )
    at = 0
    for number in range(rounds):
        configs = prepared(folder, hosts)
        olds = [content(config) for config in configs]
        state = folder / "state" / str(number)
        edits = [plan(config, [Add("wg", {"command": str(number)})]) for config in configs]
        completed = not killed(edits, state, at)
        look(configs, olds, edits, Journal(state), Machine("linux", str(folder), {}), seen)
        seen["completed"] += completed
        seen["deepest"] = max(seen["deepest"], at)
        at = 0 if completed else at + 1
    print(json.dumps(seen))


def killed(edits: list[FileEdit], state: Path, at: int) -> bool:
    """Whether the write was killed before it ended."""
    child = os.fork()
    if child == 0:
        Dying(at)
        apply(edits, Journal(state), label="t")
        os._exit(0)
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    assert code in (0, 9), code
    return code != 0


def look(
    configs: list[ConfigFile],
    olds: list[bytes | None],
    edits: list[FileEdit],
    journal: Journal,
    machine: Machine,
    seen: dict[str, int],
) -> None:
    now = [content(config) for config in configs]
    news: list[bytes | None] = [edit.after for edit in edits]
    if any(one not in (old, new) for one, old, new in zip(now, olds, news, strict=True)):
        seen["other"] += 1
    seen["old" if now == olds else "new" if now == news else "mixed"] += 1
    acts = journal.acts()
    for number, (one, old) in enumerate(zip(now, olds, strict=True), 1):
        copies = [path.read_bytes() for path in journal.folder.glob(f"*/{number}-*")]
        if one != old and not (acts and acts[-1].files and (old is None or old in copies)):
            seen["new without a copy"] += 1
    if now != olds and acts:
        undo(acts[-1], journal, machine)
        seen["not undone"] += [content(config) for config in configs] != olds


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3].split(","))
