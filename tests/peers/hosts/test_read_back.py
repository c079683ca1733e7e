"""The recorded results, and the real programs when they are installed (WIREGLASS_PEER_PROGRAMS names their folder)."""

import json
import os
from pathlib import Path

import pytest

from peers.hosts.read_back import PROGRAMS, check

HERE = Path(__file__).parent


def test_every_program_was_run_in_its_pinned_version_and_read_everything_back():
    recorded = json.loads((HERE / "results.json").read_bytes())["results"]
    pinned = json.loads((HERE / "package.json").read_bytes())["dependencies"]
    assert {row["package"]: row["version"] for row in recorded} == pinned
    assert [(row["host"], row.get("form", "")) for row in recorded] == [(one.host, one.form) for one in PROGRAMS]
    assert [row["host"] for row in recorded if not row["ok"]] == []


@pytest.mark.peer
@pytest.mark.slow
@pytest.mark.skipif("WIREGLASS_PEER_PROGRAMS" not in os.environ, reason="needs some 2 GB of programs from npm")
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda one: f"{one.host} {one.form}".strip())
def test_a_program_reads_back_what_we_write(program):
    result = check(program, Path(os.environ["WIREGLASS_PEER_PROGRAMS"]))
    assert result["ok"], result["detail"]
