"""The process is killed at every system call of five hundred writes."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

CHILD = Path(__file__).with_name("crash_child.py")


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_the_file_is_always_the_old_or_the_new_one_and_a_copy_exists(tmp_path: Path):
    """Demand: never neither, and whenever it is the new one, the old one can be restored."""
    core = Path(__file__).parents[3] / "core"
    env = {**os.environ, "PYTHONPATH": str(core)}
    result = subprocess.run(
        [sys.executable, str(CHILD), str(tmp_path), "500"], capture_output=True, text=True, env=env, timeout=120
    )
    assert result.returncode == 0, result.stderr
    seen = json.loads(result.stdout)
    assert seen["other"] == 0
    assert seen["new without a copy"] == 0
    assert seen["old"] + seen["new"] == 500
    assert seen["deepest"] > 15
    assert seen["completed"] > 5
    assert min(seen["old"], seen["new"]) > 50
