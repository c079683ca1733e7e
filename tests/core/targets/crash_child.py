"""Five hundred writes, each killed at another system call; run as a program, prints what it saw as JSON."""

import json
import os
import sys
from pathlib import Path

from wireglass.targets.disk import Disk
from wireglass.targets.document import Add
from wireglass.targets.edit import apply, plan
from wireglass.targets.facts import Machine
from wireglass.targets.hosts import target_of
from wireglass.targets.inventory import config_files
from wireglass.targets.journal import Journal

CALLS = (
    "make_folder",
    "create",
    "write",
    "sync",
    "close",
    "own",
    "exchange",
    "link",
    "replace",
    "unlink",
    "sync_folder",
)


class Killed(Disk):
    """Ends the process before the call with the given number; every call but the last one is done."""

    def __init__(self, at: int) -> None:
        self.left = at


def _dying(name: str):
    def call(self: Killed, *args: object):
        if self.left == 0:
            os._exit(9)
        self.left -= 1
        if name == "write" and self.left == 0:  # half a write is worse than none
            os.write(args[0], args[1][: len(args[1]) // 2])  # type: ignore[index]
            os._exit(9)
        return getattr(Disk, name)(self, *args)

    return call


for each in CALLS:
    setattr(Killed, each, _dying(each))


def main(folder: Path, rounds: int) -> None:
    machine = Machine("linux", str(folder), {})
    config = config_files(target_of("cursor"), machine)[0]
    config.path.parent.mkdir(parents=True, exist_ok=True)
    before = b'{\n  "mcpServers": {\n    "a": {"command": "x"}\n  }\n}\n'
    seen = {"old": 0, "new": 0, "other": 0, "new without a copy": 0, "deepest": 0, "completed": 0}
    at = 0
    for number in range(rounds):
        config.path.write_bytes(before)
        state = folder / "state" / str(number)
        after = plan(config, [Add("wg", {"command": str(number)})]).after
        child = os.fork()
        if child == 0:
            disk = Killed(at)
            apply(
                [plan(config, [Add("wg", {"command": str(number)})])], Journal(state, disk=disk), label="t", disk=disk
            )
            os._exit(0)
        _, status = os.waitpid(child, 0)
        completed = os.waitstatus_to_exitcode(status) == 0
        content = config.path.read_bytes() if config.path.exists() else None
        seen["old" if content == before else "new" if content == after else "other"] += 1
        copies = [path for path in state.glob("*/1-mcp.json") if path.read_bytes() == before]
        recorded = any(act.files for act in Journal(state).acts())
        if content == after and not (copies and recorded):
            seen["new without a copy"] += 1
        seen["deepest"] = max(seen["deepest"], at)
        seen["completed"] += completed
        at = 0 if completed else at + 1
        for path in config.path.parent.glob(".*"):
            path.unlink()
    print(json.dumps(seen))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
