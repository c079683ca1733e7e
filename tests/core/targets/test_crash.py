"""The process is killed at every system call of hundreds of writes."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

CHILD = Path(__file__).with_name("crash_child.py")

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")]


def crashed(folder: Path, rounds: int, hosts: str) -> dict[str, int]:
    core = Path(__file__).parents[3] / "core"
    env = {**os.environ, "PYTHONPATH": str(core)}
    command = [sys.executable, str(CHILD), str(folder), str(rounds), hosts]
    result = subprocess.run(command, capture_output=True, text=True, env=env, timeout=300)
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


def test_the_file_is_always_the_old_or_the_new_one_and_a_copy_exists(tmp_path: Path):
    """Demand: 500 writes, never neither; whenever it is the new one, a copy exists and the old one can be restored."""
    seen = crashed(tmp_path, 500, "cursor")
    assert (seen["other"], seen["mixed"], seen["new without a copy"], seen["not undone"]) == (0, 0, 0, 0)
    assert seen["old"] + seen["new"] == 500
    assert seen["deepest"] > 20
    assert seen["completed"] > 5
    assert min(seen["old"], seen["new"]) > 50


def test_an_act_of_three_files_can_be_taken_back_wherever_it_was_killed(tmp_path: Path):
    """A plain file, one behind a link and one that was not there: each is old or new, and undo restores all three."""
    seen = crashed(tmp_path, 250, "cursor,junie,kiro")
    assert (seen["other"], seen["new without a copy"], seen["not undone"]) == (0, 0, 0)
    assert seen["old"] + seen["new"] + seen["mixed"] == 250
    assert seen["mixed"] > 10, "it was killed between two files"
    assert seen["completed"] > 0
