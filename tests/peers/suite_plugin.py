"""A pytest plugin for runs of somebody else's suite: keeps the listed tests only and writes each outcome down.

Loaded with `-p suite_plugin`. Reads PEER_IDS (JSON: file -> test ids; empty: everything), writes PEER_OUTCOMES
(JSON lines: id, outcome, seconds, the error's last line).
"""

import json
import os
from pathlib import Path
from typing import Any


def _wanted() -> set[str] | None:
    listed = os.environ.get("PEER_IDS")
    if not listed:
        return None
    table: dict[str, list[str]] = json.loads(Path(listed).read_text())
    return {f"{file}::{name}" for file, names in table.items() for name in names}


def pytest_collection_modifyitems(config: Any, items: list[Any]) -> None:
    """Deselects what is not in the list."""
    wanted = _wanted()
    if wanted is None:
        return
    kept = [item for item in items if item.nodeid in wanted]
    config.hook.pytest_deselected(items=[item for item in items if item.nodeid not in wanted])
    items[:] = kept


class _Outcomes:
    """One line a test: the worst of its phases."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.seen: dict[str, dict[str, Any]] = {}

    def pytest_runtest_logreport(self, report: Any) -> None:
        entry = self.seen.setdefault(
            report.nodeid, {"id": report.nodeid, "outcome": "passed", "seconds": 0.0, "why": ""}
        )
        entry["seconds"] += report.duration
        if report.failed or (report.skipped and entry["outcome"] == "passed"):
            entry["outcome"] = "failed" if report.failed else "skipped"
            entry["why"] = _last_line(report)

    def pytest_collectreport(self, report: Any) -> None:
        if report.failed:
            why = _last_line(report)
            self.seen[report.nodeid] = {"id": report.nodeid, "outcome": "uncollected", "seconds": 0.0, "why": why}

    def pytest_sessionfinish(self) -> None:
        self.path.write_text("".join(json.dumps(entry) + "\n" for entry in self.seen.values()))


def pytest_configure(config: Any) -> None:
    """Only the controlling process writes; xdist's workers report to it."""
    target = os.environ.get("PEER_OUTCOMES")
    if target and not hasattr(config, "workerinput"):
        config.pluginmanager.register(_Outcomes(Path(target)), "peer-outcomes")


def _last_line(report: Any) -> str:
    text = str(getattr(report, "longrepr", "") or "")
    crash = getattr(getattr(report, "longrepr", None), "reprcrash", None)
    if crash is not None:
        return str(crash.message).splitlines()[0][:300] if str(crash.message) else ""
    lines = [line for line in text.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("E ")]
    return (errors or lines or [""])[-1][:300]
