"""Runs the test suites of FastMCP and of the SDK's old `mcp.server.fastmcp` on our runtime, and reports by area.

    python tests/peers/fastmcp_suite.py                    the ids of tests/data/peer_open.json, FastMCP 4.1.2
    python tests/peers/fastmcp_suite.py --all              everything in the archive's tests/
    python tests/peers/fastmcp_suite.py --suite fastmcp-2.14.7
    python tests/peers/fastmcp_suite.py --suite mcp-1.30.0  the SDK's tests of its servers
    python tests/peers/fastmcp_suite.py --report FILE      also writes the report as Markdown

The archive comes from the package index by version and hash. Its tests run in an environment of their own that has
our package, what the tests need, and neither fastmcp nor mcp: their imports are answered by `wireglass.compat`.
"""

import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Suite:
    """A source archive on the package index and how its tests are run."""

    package: str
    release: str
    sha256: str
    dialect: str
    title: str
    files: tuple[str, ...] = ("tests",)

    @property
    def name(self) -> str:
        """As its archive is called."""
        return f"{self.package}-{self.release}"


SUITES = {
    suite.name: suite
    for suite in (
        Suite(
            "fastmcp", "4.1.2", "1b70a8467ac4dd6416c7c101cd54562f089b55e6636a196b4a20bdac3ccb0284", "4", "FastMCP 4.1.2"
        ),
        Suite(
            "fastmcp",
            "2.14.7",
            "0d2e83b9d1c5fe0af32036979de3bb99a38f05dc1476d60f1b3259168e139cd0",
            "2",
            "FastMCP 2.14.7",
        ),
        Suite(
            "mcp",
            "1.30.0",
            "445414625fce5c295faa505bb11bacece661ab6f4028d57c935db57820b7a3e4",
            "1",
            "`mcp.server.fastmcp` of the SDK 1.30.0",
            ("tests/server/fastmcp",),
        ),
    )
}
OPEN_LIST = "fastmcp-4.1.2"
"""The suite that tests/data/peer_open.json has ids of."""

# What the suites import beside fastmcp and mcp, and the plugins their settings name.
NEEDS = (
    "pytest>=8.3",
    "pytest-asyncio>=1.2",
    "pytest-env>=1.1",
    "pytest-timeout>=2.4",
    "pytest-xdist>=3.6",
    "pytest-httpx>=0.35",
    "inline-snapshot[dirty-equals]>=0.27",
    "dirty-equals>=0.9",
    "fastapi>=0.115",
    "opentelemetry-sdk>=1.20",
    "psutil>=7",
    "httpx2",
    "sse-starlette>=2",
    "joserfc",
    "pyjwt",
    "jsonschema",
    "jsonschema-path",
    "email-validator",
    "rich",
    "uncalled-for",
    "exceptiongroup",
    "py-key-value-aio[memory,disk,filetree]",
)

OUT_OF_SCOPE = {
    "authorization": ("auth", "oauth", "cimd"),
    "openapi": ("openapi",),
    "apps": ("apps", "prefab", "file_upload"),
    "code mode": ("code_mode",),
    "vendor deploy": ("deploy",),
}

_PLACE = re.compile(r"/\S*?/(?=tests/|test_|popen-)")
"""Folders of the machine that ran it: they say nothing about us."""

SETTINGS = """[pytest]
asyncio_mode = auto
asyncio_default_fixture_loop_scope = function
timeout = 20
env =
    FASTMCP_TEST_MODE=1
    D:FASTMCP_LOG_LEVEL=DEBUG
    D:FASTMCP_ENABLE_RICH_TRACEBACKS=0
markers =
    integration: from the archive
    client_process: from the archive
    subprocess_heavy: from the archive
    conformance: from the archive
filterwarnings =
    ignore:Using in-memory token storage:UserWarning
"""


def main() -> int:
    """Prepares, runs, reports. Returns 0 when the run itself worked, whatever the tests said."""
    options = _options()
    cache = Path(options.cache).expanduser()
    suite = SUITES[options.suite]
    sources = fetch_archive(suite, cache)
    python = make_environment(cache / "environment")
    listed = suite.name == OPEN_LIST and not options.all
    ids = json.loads((ROOT / "tests" / "data" / "peer_open.json").read_text()) if listed else None
    outcomes = run_suite(python, sources, suite, ids, options)
    report = make_report(suite.title, outcomes, ids)
    print(report)
    if options.report:
        Path(options.report).write_text(report)
    return 0


def fetch_archive(suite: Suite, cache: Path) -> Path:
    """The folder with the archive's `tests` and `examples`; downloaded once, checked by hash."""
    kept = cache / "archives"
    folder = kept / suite.name
    if folder.is_dir():
        return folder
    kept.mkdir(parents=True, exist_ok=True)
    archive = kept / f"{suite.name}.tar.gz"
    if not archive.is_file():
        wanted = f"{suite.package}=={suite.release}"
        command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--no-binary", ":all:", wanted]
        subprocess.run([*command, "-d", str(kept)], check=True)
    found = hashlib.sha256(archive.read_bytes()).hexdigest()
    if found != suite.sha256:
        archive.unlink()
        raise SystemExit(f"{archive.name} has the hash {found}, expected {suite.sha256}; it was deleted.")
    with tarfile.open(archive) as tar:
        wanted_parts = ("tests/", "examples/", "docs/", "README.md", "src/fastmcp/utilities/mcp_server_config")
        members = [m for m in tar.getmembers() if m.name.partition("/")[2].startswith(wanted_parts)]
        tar.extractall(kept, members=members, filter="data")
    return folder


def make_environment(folder: Path) -> Path:
    """A virtual environment with our package (editable) and `NEEDS`; made anew when `NEEDS` changed."""
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    mark = folder / "needs.txt"
    wanted = "\n".join([*NEEDS, str(ROOT)])
    if mark.is_file() and mark.read_text() == wanted:
        return python
    shutil.rmtree(folder, ignore_errors=True)
    uv = shutil.which("uv")
    if uv:
        subprocess.run([uv, "venv", "-q", "--python", sys.executable, str(folder)], check=True)
        install = [uv, "pip", "install", "-q", "--python", str(python)]
    else:
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        install = [str(python), "-m", "pip", "install", "-q"]
    subprocess.run([*install, "-e", str(ROOT), *NEEDS], check=True)
    mark.write_text(wanted)
    return python


def run_suite(
    python: Path, sources: Path, suite: Suite, ids: dict[str, list[str]] | None, options: argparse.Namespace
) -> dict[str, dict[str, Any]]:
    """Runs pytest with the aliases forced on. Returns test id -> outcome."""
    (sources / "pytest.ini").write_text(SETTINGS)
    results = sources / "outcomes.jsonl"
    results.unlink(missing_ok=True)
    environment = dict(os.environ)
    environment.pop("FASTMCP_LOG_LEVEL", None)
    environment["PYTHONPATH"] = os.pathsep.join([str(ROOT / "core"), str(HERE)])
    environment["PATH"] = os.pathsep.join([str(python.parent), os.environ.get("PATH", "")])  # tests start "python"
    environment["PEER_OUTCOMES"] = str(results)
    environment["PYTHONHASHSEED"] = "0"  # xdist wants each worker to make the same test ids
    if ids is not None:
        (sources / "ids.json").write_text(json.dumps(ids))
        environment["PEER_IDS"] = str(sources / "ids.json")
        files = [file for file in ids if (sources / file).is_file()]
    else:
        files = _test_files(sources, suite, scope_only=not options.all)
    files = [file for file in files if not options.area or options.area in file]
    command = [str(python), "-m", "wireglass.compat", "--runtime", "embedded", "--dialect", suite.dialect]
    command += ["-m", "pytest", "-c", "pytest.ini", "--rootdir", ".", "-p", "suite_plugin", "-q", "--no-header"]
    command += ["--continue-on-collection-errors", "-p", "no:cacheprovider", "--tb", options.tb]
    command += ["--inline-snapshot=disable"] if suite.package == "fastmcp" else []
    command += ["-n", str(options.jobs)] if options.jobs > 1 else []
    command += ["-k", options.k] if options.k else []
    quiet = subprocess.DEVNULL if options.tb == "no" else None
    subprocess.run([*command, *files], cwd=sources, env=environment, check=False, stdout=quiet)
    if not results.is_file():
        raise SystemExit("pytest ended without results; run again with --tb short to see why.")
    entries = [json.loads(line) for line in results.read_text().splitlines()]
    return {entry["id"]: entry for entry in entries}


def make_report(title: str, outcomes: dict[str, dict[str, Any]], ids: dict[str, list[str]] | None) -> str:
    """A table by area, in scope first, and the most frequent reasons of failures."""
    listed = [f"{f}::{n}" for f, names in ids.items() for n in names] if ids is not None else list(outcomes)
    areas: dict[str, Counter[str]] = defaultdict(Counter)
    reasons: Counter[str] = Counter()
    scope: Counter[str] = Counter()
    for test in listed:
        entry = outcomes.get(test) or outcomes.get(test.partition("::")[0])
        outcome = entry["outcome"] if entry else "uncollected"
        area, excluded = area_of(test)
        areas[area][outcome] += 1
        if not excluded:
            scope[outcome] += 1
        if outcome in {"failed", "uncollected"} and entry and not excluded:
            reasons[_PLACE.sub("", entry["why"])[:140]] += 1
    lines = [f"# {title}: its own suite on the Wireglass runtime", ""]
    lines += ["Written by `tests/peers/fastmcp_suite.py --report`; every figure is measured by that run.", ""]
    lines += ["| area | passed | failed | skipped | not collected | rate |", "|---|---:|---:|---:|---:|---:|"]
    for area in sorted(areas, key=lambda name: (name.endswith("(out of scope)"), name)):
        lines.append(_row(area, areas[area]))
    lines += [_row("**all in scope**", scope), ""]
    lines += ["Most frequent reasons:", ""] + [f"- {count} x `{why}`" for why, count in reasons.most_common(25)]
    return "\n".join(lines) + "\n"


def area_of(test: str) -> tuple[str, bool]:
    """("server/middleware", False), or ("authorization (out of scope)", True)."""
    path = test.partition("::")[0]
    for name, words in OUT_OF_SCOPE.items():
        parts = path.removesuffix(".py").replace("test_", "").split("/")
        if any(part == word or part.startswith(f"{word}_") for part in parts for word in words):
            return f"{name} (out of scope)", True
    folder = path.removeprefix("tests/").rpartition("/")[0]
    return folder or "(top)", False


def _row(name: str, counts: Counter[str]) -> str:
    ran = counts["passed"] + counts["failed"] + counts["uncollected"]
    rate = f"{100 * counts['passed'] / ran:.0f} %" if ran else "-"
    return (
        f"| {name} | {counts['passed']} | {counts['failed']} | {counts['skipped']} | {counts['uncollected']} | {rate} |"
    )


def _test_files(sources: Path, suite: Suite, *, scope_only: bool) -> list[str]:
    found = [path for name in suite.files for path in sorted((sources / name).rglob("*test*.py"))]
    names = [path.relative_to(sources).as_posix() for path in found if path.name != "conftest.py"]
    return [name for name in names if not scope_only or not area_of(name)[1]]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--suite", choices=sorted(SUITES), default=OPEN_LIST)
    parser.add_argument("--all", action="store_true", help="everything, not only the listed ids and what is in scope")
    parser.add_argument("--area", help="only files whose path has this text")
    parser.add_argument("-k", help="passed on to pytest")
    parser.add_argument("--tb", default="no", help="pytest's traceback style; anything but `no` shows its output")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--cache", default=os.environ.get("WIREGLASS_PEER_CACHE", "~/.cache/wireglass-peers"))
    parser.add_argument("--report", metavar="FILE")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
