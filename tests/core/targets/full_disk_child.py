"""One write on a disk that has no room: run as a program, in a folder that is small or with a limit on file sizes."""

import sys
from pathlib import Path

from wireglass.targets.disk import FileProblem
from wireglass.targets.document import Add
from wireglass.targets.edit import apply, plan
from wireglass.targets.facts import Machine
from wireglass.targets.hosts import target_of
from wireglass.targets.inventory import config_files
from wireglass.targets.journal import Journal


def main(home: Path, state: Path, limit: int) -> None:
    config = config_files(target_of("cursor"), Machine("linux", str(home), {}))[0]
    edit = plan(config, [Add("wg", {"command": "x" * 100})])
    if limit:
        import resource
        import signal

        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    try:
        apply([edit], Journal(state), label="t")
    except FileProblem as problem:
        print(problem.message, problem.next_step)
    else:
        print("written")
    print(*sorted(path.name for path in config.path.parent.iterdir()))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
