"""The official conformance suites, both release lines, against our server and our client, in every revision."""

import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from peers.conformance import driver
from peers.conformance.exceptions import CLIENT_FAILS, NOT_APPLICABLE, SERVER_FAILS
from ports import free_port

pytestmark = [pytest.mark.peer, pytest.mark.slow]

SERVER_RUNS = [
    # release, arguments, scenarios that the run must contain at least
    ("0.1", ("--suite", "active"), 30),
    ("0.1", ("--suite", "all"), 32),
    ("0.1", ("--suite", "all", "--spec-version", "2025-06-18"), 26),
    ("0.2", ("--suite", "active"), 30),
    ("0.2", ("--suite", "all"), 65),
    ("0.2", ("--suite", "draft"), 1),
    ("0.2", ("--suite", "pending"), 1),
    ("0.2", ("--suite", "all", "--spec-version", "2025-03-26"), 1),
    ("0.2", ("--suite", "all", "--spec-version", "2025-06-18"), 26),
    ("0.2", ("--suite", "all", "--spec-version", "2025-11-25"), 30),
    ("0.2", ("--suite", "all", "--spec-version", "2026-07-28"), 37),
    ("0.2", ("--requirements", "2025-11-25"), 30),
    ("0.2", ("--requirements", "2026-07-28"), 37),
]
CLIENT_RUNS = [
    ("0.1", None, 26),
    ("0.1", "2025-06-18", 5),
    ("0.2", "2025-03-26", 2),
    ("0.2", "2025-06-18", 5),
    ("0.2", "2025-11-25", 19),
    ("0.2", "2026-07-28", 33),
    ("0.2", None, 48),
]
"""Release, `--spec-version`, scenarios at least. Those of extensions belong to no version: the last run has them."""


@pytest.fixture(scope="module", autouse=True)
def _installed() -> None:
    driver.install()


@pytest.fixture(scope="module")
def server_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Our server fixture, in a process of its own."""
    port = free_port()
    log = tmp_path_factory.mktemp("server") / "log"
    command = [sys.executable, str(driver.HERE / "server_fixture.py"), str(port)]
    with log.open("wb") as sink:
        process = subprocess.Popen(command, env=driver._environment(), stdout=sink, stderr=sink)
        try:
            assert asyncio.run(_answering(port, process)), log.read_text()
            yield f"http://127.0.0.1:{port}/mcp"
        finally:
            process.terminate()
            process.wait(30)


async def _answering(port: int, process: "subprocess.Popen[bytes]") -> bool:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.1)
        else:
            writer.close()
            return True
    return False


def _judged(found: dict[str, driver.Scenario], known: dict[str, str]) -> list[str]:
    """What is wrong, in lines; empty when everything is as it should be."""
    wrong: list[str] = []
    for name, scenario in found.items():
        if name in known:
            if not scenario.problems:
                wrong.append(f"{name} passes now: take it out of the exceptions")
        elif scenario.problems:
            wrong += [f"{name}: {problem}" for problem in scenario.problems]
        elif not scenario.passed and name not in NOT_APPLICABLE:
            wrong.append(f"{name}: no check passed")
    return wrong


@pytest.mark.parametrize(("release", "arguments", "count"), SERVER_RUNS, ids=lambda value: str(value))
def test_our_server(server_url: str, tmp_path: Path, release: str, arguments: tuple[str, ...], count: int) -> None:
    found = driver.run_servers(release, server_url, tmp_path, *arguments)
    print(f"{len(found)} scenarios, {sum(one.passed for one in found.values())} checks passed")
    assert _judged(found, SERVER_FAILS) == []
    assert len(found) >= count, sorted(found)


@pytest.mark.parametrize(("release", "version", "count"), CLIENT_RUNS)
def test_our_client(tmp_path: Path, release: str, version: str | None, count: int) -> None:
    """Two at a time: more clients at once starve each other, and `sse-retry` measures time."""
    names = driver.scenarios(release, "client", version)
    with ThreadPoolExecutor(2) as pool:
        runs = pool.map(
            lambda name: driver.run_client(release, name, tmp_path / name.replace("/", "_"), version), names
        )
        found = {scenario.name: scenario for scenario in runs}
    print(f"{len(found)} scenarios, {sum(one.passed for one in found.values())} checks passed")
    known = {name: reason for (of, name), reason in CLIENT_FAILS.items() if of == release}
    assert _judged(found, known) == []
    assert len(found) >= count
