"""Runs all tests: ours beside each other, then those against software that we did not write.

A test of real processes, sockets, windows or time that fails gets one more try when the others have ended, in a
process of its own: among thousands the schedule of a busy machine upsets one now and then, and that is no verdict on
the product. It stays visible: its first failure is in the output, the last lines name it, and somebody should look
for the cause. Twice failed is failed; so is a test of pure code, and so are more than a few at once.
"""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

__all__ = ["run_suite"]

ROOT = Path(__file__).resolve().parents[1]
PARTS = {
    "tests": ("-n", "auto", "tests/core", "tests/app", "tests/interaction"),
    "tests against software that we did not write": ("tests/peers",),
}
PURE = ("tests/core/protocol/", "tests/core/recording/")
"""Nothing in these depends on anything but the code: no second try."""
MOST = 5
"""More failures than these in one part are no accident of the schedule."""
TESTS_FAILED = 1  # pytest's exit status; any other but 0 says that the run itself went wrong


def run_suite(root: Path, parts: Mapping[str, Sequence[str]]) -> int:
    """Runs each part until one has failed; the exit status. Says at the end which tests passed the second time only."""
    unsteady: list[str] = []
    status = 0
    for number, (title, arguments) in enumerate(parts.items()):
        print(f"── {title}", flush=True)
        status = run_part(root, arguments, root / ".pytest_cache" / f"part-{number}", unsteady)
        if status:
            break
    if unsteady:
        print("── PASSED ONLY THE SECOND TIME; the first failure of each stands above, and its cause is wanted:")
        print("\n".join(f"RERUN {test}" for test in unsteady), flush=True)
    return status


def run_part(root: Path, arguments: Sequence[str], cache: Path, unsteady: list[str]) -> int:
    """One run of pytest, and what a second try makes of its status; adds to `unsteady` what passed in that one."""
    pytest = [sys.executable, "-m", "pytest", "-o", f"cache_dir={cache}"]
    status = subprocess.run([*pytest, "--cache-clear", *arguments], cwd=root, check=False).returncode
    failed = failures(cache)
    if status != TESTS_FAILED or not deserve_another(failed):
        return status
    print(f"── once more, alone: what failed ({len(failed)})", flush=True)
    again = [*pytest, "--last-failed", "--last-failed-no-failures=none", "-v"]
    paths = [argument for argument in arguments if (root / argument).exists()]
    status = subprocess.run([*again, *paths], cwd=root, check=False).returncode
    if status == 0:
        unsteady += failed
    return status


def failures(cache: Path) -> list[str]:
    """The tests that pytest noted as failed, by node id."""
    noted = cache / "v" / "cache" / "lastfailed"
    return sorted(json.loads(noted.read_text(encoding="utf-8"))) if noted.is_file() else []


def deserve_another(failed: list[str]) -> bool:
    return 0 < len(failed) <= MOST and not any(test.startswith(PURE) for test in failed)


if __name__ == "__main__":
    raise SystemExit(run_suite(ROOT, PARTS))
